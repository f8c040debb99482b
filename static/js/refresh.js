// Fetches a form again without leaving the page, when owners are ticked, a repository is searched for or a preset is
// pressed: sends the whole form with its step and puts the fresh regions in the place of the old. What is open stays
// open, what is typed stays typed; where it fails, the buttons do the same by loading the page.
const DELAY_MS = 250;
const openGroups = (region) => [...region.querySelectorAll("details")].map((group) => group.open);
const isTicked = (input) => ["radio", "checkbox"].includes(input.type);
const key = (input) => `${input.name} ${isTicked(input) ? input.value : ""}`;
const answer = (input) => (isTicked(input) ? input.checked : input.value);
const answers = (root) => new Map([...root.querySelectorAll("[name]")].map((input) => [key(input), answer(input)]));
let running;

// What was answered since the form was sent counts more than what comes back.
function keep(region, sent, now) {
  for (const input of region.querySelectorAll("[name]")) {
    const given = now.get(key(input));
    if (given === undefined || !sent.has(key(input)) || given === sent.get(key(input))) continue;
    if (isTicked(input)) input.checked = given;
    else input.value = given;
  }
}

function place(region, fresh, sent) {
  const now = answers(region);
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const caret = focused?.matches("input[type=search]") ? focused.selectionStart : null;
  const open = new Map([...region.querySelectorAll("section")].map((one) => [one.getAttribute("aria-labelledby"), openGroups(one)]));
  region.replaceChildren(...fresh.childNodes);
  keep(region, sent, now);
  for (const section of region.querySelectorAll("section")) {
    const was = open.get(section.getAttribute("aria-labelledby"));
    section.querySelectorAll("details").forEach((group, at) => { group.open ||= Boolean(was?.[at]); });
  }
  const again = focused?.id ? document.getElementById(focused.id) : null;
  again?.focus();
  if (caret !== null) again?.setSelectionRange(caret, caret);
}

async function refresh(form, step) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const sent = answers(form);
  const body = new URLSearchParams(new FormData(form));
  body.set("step", step);
  const reply = await fetch(form.getAttribute("action"), { method: "POST", body, signal });
  if (reply.redirected || ![200, 422].includes(reply.status)) throw new Error("no form came back");
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (signal.aborted) return;
  for (const region of form.querySelectorAll("[data-region]")) {
    const other = fresh.getElementById(region.id);
    if (other) place(region, other, sent);
  }
  if (step !== "find") form.dispatchEvent(new Event("input", { bubbles: true }));
}

async function quietly(form, step, otherwise) {
  try {
    await refresh(form, step);
  } catch (error) {
    if (error.name !== "AbortError") otherwise?.();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-refresh]");
  if (!button?.form || button.dataset.plain) return;
  event.preventDefault();
  quietly(button.form, button.value, () => {
    button.dataset.plain = "yes";
    button.click();
  });
});
document.addEventListener("change", (event) => {
  const { form, name } = event.target;
  if (name === "owner" && form?.querySelector("[data-region]")) quietly(form, "owners");
});
let timer;
document.addEventListener("input", (event) => {
  const { form, dataset } = event.target;
  if (!form || !dataset || !("find" in dataset)) return;
  clearTimeout(timer);
  timer = setTimeout(quietly, DELAY_MS, form, "find");
});
