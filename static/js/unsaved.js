// Warns before a changed form marked data-unsaved is left; sending it is not leaving it.
let changed = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-unsaved]") && !("skip" in event.target.dataset)) changed = true;
});
document.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
// A page that shows mistakes starts at their summary.
document.querySelector(".error-summary")?.focus();
