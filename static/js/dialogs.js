/* Native dialogs, notices that can be dismissed, menus that close.

   <form data-confirm="12 calls will be cut off." data-confirm-title="Stop campaign?" data-confirm-button="Stop campaign">
   asks once before it is sent, names the consequence, and starts on Cancel. */

let count = 0;

/** Open a modal dialog and return it. `actions` are {text, className, value}; without any there is a Close button. */
export function openDialog({ title, body, actions = [{ text: "Close", className: "btn", value: "" }] }) {
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "dialog-body";
  const heading = document.createElement("h2");
  heading.id = `dialog-${++count}`;
  heading.textContent = title;
  dialog.setAttribute("aria-labelledby", heading.id);
  const row = document.createElement("div");
  row.className = "dialog-actions";
  for (const { text, className, value } of actions) {
    const button = document.createElement("button");
    Object.assign(button, { textContent: text, className, value, autofocus: row.childElementCount === 0 });
    row.append(button);
  }
  form.append(heading, body, row);
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Ask once; resolves to true only if the person pressed the named button. */
export function confirmAction({ title, consequence, button }) {
  const body = document.createElement("p");
  body.textContent = consequence;
  const dialog = openDialog({
    title,
    body,
    actions: [
      { text: "Cancel", className: "btn", value: "" },
      { text: button, className: "btn btn-primary btn-danger", value: "yes" },
    ],
  });
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function askThenSend(event) {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  const word = submitter?.textContent.trim() || "Continue";
  const agreed = await confirmAction({
    title: form.dataset.confirmTitle ?? `${word}?`,
    consequence: form.dataset.confirm,
    button: form.dataset.confirmButton ?? word,
  });
  if (!agreed) return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
}

/** Wire `data-confirm` forms, `[data-dismiss]`, and closing of `details.menu` by Escape or a press elsewhere. */
export function startDialogs() {
  // Captured, so that it stands before htmx, which listens on the form itself.
  document.addEventListener("submit", askThenSend, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest(".notice")?.remove();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
