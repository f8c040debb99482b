// Warns before a changed form marked data-unsaved is left; sending it is not leaving it. One that comes back filled, and
// saved nowhere, is marked data-unsaved="yes".
let changed = Boolean(document.querySelector("form[data-unsaved='yes']"));
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-unsaved]") && !("skip" in event.target.dataset)) changed = true;
});
document.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
// A page that shows mistakes starts at their summary.
document.querySelector(".error-summary")?.focus();
