// Asks in a dialog before a form that names one in data-confirm is sent; without scripts the form is sent as it is,
// and the server asks where the act cannot be undone.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = document.getElementById(form.dataset.confirm ?? "");
  const asked = event.submitter?.dataset.confirm === "no";
  if (!dialog || asked || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  dialog.showModal();
  dialog.onclick = (click) => {
    if (click.target.closest("[data-confirm-no]")) dialog.close();
    if (!click.target.closest("[data-confirm-yes]")) return;
    form.dataset.confirmed = "yes";
    dialog.close();
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  };
}, true);
