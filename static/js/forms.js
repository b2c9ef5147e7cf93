/* Small helps for forms: errors get the focus, a press cannot be sent twice, demo logins fill the form. */

const BUSY_MS = 8000;

function focusErrors() {
  document.getElementById("form-errors")?.focus();
}

function fillSignIn(button) {
  const form = document.getElementById("sign-in");
  form.elements.username.value = button.dataset.username;
  form.elements.password.value = button.dataset.password;
  form.requestSubmit();
}

/** Wire all of it. */
export function startForms() {
  focusErrors();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sign-in]");
    if (button) fillSignIn(button);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    else {
      form.setAttribute("aria-busy", "true");
      // An answer that is a download leaves this page standing.
      setTimeout(() => form.removeAttribute("aria-busy"), BUSY_MS);
    }
  });
  // Back to a page kept in memory: its forms can be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  });
}
