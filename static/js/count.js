// Keeps counts in step: permissions chosen in a group, rows chosen in a list.
function countGroup(group) {
  const chosen = group.querySelectorAll('input[type="radio"]:checked:not([value="none"])').length;
  group.querySelector("[data-count-chosen]").textContent = chosen;
}

function countRows(bar) {
  const boxes = [...bar.closest("form").querySelectorAll(`input[name="${bar.dataset.bulk}"]`)];
  const chosen = boxes.filter((box) => box.checked).length;
  bar.querySelector("[data-bulk-count]").textContent = chosen;
  for (const button of bar.querySelectorAll("button")) button.disabled = chosen === 0;
  const all = document.querySelector(`[data-select-all="${bar.dataset.bulk}"]`);
  if (!all) return;
  all.checked = chosen > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

function countAll() {
  document.querySelectorAll("details[data-count]").forEach(countGroup);
  document.querySelectorAll("[data-bulk]").forEach(countRows);
}

document.addEventListener("change", (event) => {
  const name = event.target.dataset.selectAll;
  if (name) {
    const boxes = event.target.closest("form").querySelectorAll(`input[name="${name}"]`);
    for (const box of boxes) box.checked = event.target.checked;
  }
  countAll();
});
// A page that comes back from history brings its choices with it.
window.addEventListener("pageshow", countAll);
countAll();
