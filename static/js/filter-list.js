// Filters a long list in place, by its words and by the endpoints it names. What is hidden stays chosen.
const plain = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();

// The endpoints of a permission stand once on a page, with the first owner at which it can be held.
function endpoints(item) {
  const slug = item.querySelector("[name^='permission-']")?.name.split("-").slice(2).join("-");
  if (!slug) return [];
  const known = document.querySelector(`[data-endpoints]:has([name$='-${slug}'])`);
  return (known?.dataset.endpoints ?? "").split("\n");
}

function matches(item, words) {
  const holds = (text) => words.every((word) => plain(text).includes(word));
  const { textContent } = item.querySelector(".permission-text") ?? item;
  return holds(textContent) || endpoints(item).some(holds);
}

function apply(box, input) {
  const words = plain(input.value).split(" ").filter(Boolean);
  const items = [...box.querySelectorAll("[data-filter-item]")];
  let shown = 0;
  for (const item of items) {
    item.hidden = !matches(item, words);
    if (!item.hidden) shown += 1;
  }
  for (const group of box.querySelectorAll("details[data-count]")) {
    const any = group.querySelector("[data-filter-item]:not([hidden])");
    group.hidden = words.length > 0 && !any;
    group.dataset.wasOpen ??= String(group.open);
    group.open = words.length > 0 ? Boolean(any) : group.dataset.wasOpen === "true";
    if (words.length === 0) delete group.dataset.wasOpen;
  }
  const count = box.querySelector("[data-filter-count]");
  if (count) count.textContent = words.length > 0 ? `${shown} of ${items.length}` : "";
  const none = box.querySelector("[data-filter-none]");
  if (none) none.hidden = shown > 0;
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-filter-input]")) return;
  apply(event.target.closest("[data-filter]"), event.target);
});

// Enter in a filter would send the form around it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-filter-input], [data-find]")) event.preventDefault();
});
