/* Light, dark or as the system has it. Kept in a cookie, so that the server writes it into <html> and nothing flashes. */

const YEAR_SECONDS = 31536000;

/** Return "light", "dark" or "" for the system's choice. */
export function storedTheme() {
  return document.cookie.match(/(?:^|;\s*)theme=(light|dark)/)?.[1] ?? "";
}

/** Show and keep a theme: "light", "dark" or "" for the system's choice. */
export function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  document.cookie = `theme=${theme}; path=/; SameSite=Lax; max-age=${theme ? YEAR_SECONDS : 0}`;
  for (const button of document.querySelectorAll("[data-theme-switch] button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

/** Wire the buttons of `[data-theme-switch]`. */
export function startTheme() {
  setTheme(storedTheme());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch] button");
    if (button) setTheme(button.value);
  });
}
