// Fetches a form again without leaving the page, when owners are ticked, a repository is searched for or a preset is
// pressed: sends the whole form with its step and puts the fresh regions in the place of the old. What is open stays
// open, what is typed stays typed; where it fails, the buttons do the same by loading the page.
const DELAY_MS = 250;
const openGroups = (region) => [...region.querySelectorAll("details")].map((group) => group.open);
let running;

function place(region, fresh) {
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const typed = focused?.matches("input[type=search]") ? focused.value : null;
  const caret = typed === null ? null : focused.selectionStart;
  const ids = new Map([...region.querySelectorAll("section")].map((one) => [one.getAttribute("aria-labelledby"), openGroups(one)]));
  region.replaceChildren(...fresh.childNodes);
  for (const section of region.querySelectorAll("section")) {
    const open = ids.get(section.getAttribute("aria-labelledby"));
    section.querySelectorAll("details").forEach((group, at) => { group.open ||= Boolean(open?.[at]); });
  }
  const again = focused?.id ? document.getElementById(focused.id) : null;
  if (!again) return;
  if (typed !== null) again.value = typed;
  again.focus();
  if (typed !== null) again.setSelectionRange(caret, caret);
}

async function refresh(form, step) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const body = new URLSearchParams(new FormData(form));
  body.set("step", step);
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body, signal });
  if (answer.redirected || ![200, 422].includes(answer.status)) throw new Error("no form came back");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (signal.aborted) return;
  for (const region of form.querySelectorAll("[data-region]")) {
    const other = fresh.getElementById(region.id);
    if (other) place(region, other);
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
