/* A table wider than its place scrolls sideways: then it can be reached and scrolled by keyboard, and has a name. */

function name(wrap) {
  const words = wrap.querySelector("caption")?.textContent ?? wrap.closest("section, .card")?.querySelector("h2, h3")?.textContent;
  return (words ?? "Table").trim();
}

function check() {
  for (const wrap of document.querySelectorAll(".table-wrap")) {
    if (wrap.scrollWidth > wrap.clientWidth) {
      wrap.tabIndex = 0;
      wrap.setAttribute("role", "group");
      wrap.setAttribute("aria-label", name(wrap));
    } else if (wrap.getAttribute("role") === "group") {
      wrap.removeAttribute("tabindex");
      wrap.removeAttribute("role");
      wrap.removeAttribute("aria-label");
    }
  }
}

/** Keep it so when the window changes and when htmx brings in a table. */
export function startTables() {
  check();
  addEventListener("resize", check);
  document.addEventListener("htmx:afterSwap", check);
  document.addEventListener("htmx:load", check);
}
