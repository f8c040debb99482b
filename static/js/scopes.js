// A scope that is ticked includes those below it: they are ticked and locked with it, and get their own tick back after.
function settle(tree) {
  const boxes = [...tree.querySelectorAll('input[type="checkbox"]')];
  const included = new Set(boxes
    .filter((box) => box.checked && !box.disabled && box.dataset.includes)
    .flatMap((box) => box.dataset.includes.split(" ")));
  for (const box of boxes) {
    const isLocked = included.has(box.value);
    if (isLocked && !box.disabled) box.dataset.own = box.checked ? "yes" : "";
    if (!isLocked && box.disabled) box.checked = box.dataset.own === "yes";
    if (isLocked) box.checked = true;
    box.disabled = isLocked;
  }
}

function settleAll() {
  document.querySelectorAll("[data-scopes]").forEach(settle);
}

document.addEventListener("change", (event) => {
  const tree = event.target.closest("[data-scopes]");
  if (tree) settle(tree);
});
window.addEventListener("pageshow", settleAll);
settleAll();
