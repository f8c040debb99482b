// Copies an id, a secret or a command, and says so to the eye and to the ear.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.querySelector("[data-copy-text]");
  const what = button.dataset.copyWhat;
  let said = `Copied the ${what}.`;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    text.textContent = "Copied";
  } catch {
    text.textContent = "Failed";
    said = `The browser did not copy the ${what}. Select it and copy it by hand.`;
  }
  document.getElementById("announce").textContent = said;
  setTimeout(() => { text.textContent = "Copy"; }, 2000);
});
