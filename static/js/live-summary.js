// Keeps the summary beside a form in step: posts the form with step=summary to the address in data-live-summary and
// puts the answer, one element with an id, in the place of the element with that id. A failure changes nothing.
const DELAY_MS = 250;
const running = new WeakMap();

async function refresh(form) {
  running.get(form)?.abort();
  const abort = new AbortController();
  running.set(form, abort);
  const body = new URLSearchParams(new FormData(form));
  body.set("step", "summary");
  try {
    const answer = await fetch(form.dataset.liveSummary, { method: "POST", body, signal: abort.signal });
    if (answer.ok && !answer.redirected) replace(await answer.text());
  } catch {
    // Gone or overtaken: the page stays as it is, and the server shows the same summary at the next step.
  }
}

function replace(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[id]");
  const stale = fresh && document.getElementById(fresh.id);
  if (!stale || stale.contains(document.activeElement)) return;
  if (stale.textContent !== fresh.textContent) stale.replaceWith(fresh);
}

for (const form of document.querySelectorAll("form[data-live-summary]")) {
  let timer;
  const later = (event) => {
    if ("skip" in event.target.dataset) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, DELAY_MS, form);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}
