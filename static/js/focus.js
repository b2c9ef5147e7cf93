/* What a part that was drawn anew begins with, `data-focus`, gets the focus: a condition just added is filled in next. */

/** Listen for parts that htmx brings in. */
export function startFocus() {
  document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("[data-focus]")?.focus());
}
