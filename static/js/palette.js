/* Ctrl/Cmd-K: go anywhere, do anything that has a button. Lists the rail's links and every `[data-command]` of the page
   (the attribute's value is its name; empty: its own words). Built as an ARIA combobox with a list box. */

import { bindKey } from "./keys.js";

function commands() {
  const links = [...document.querySelectorAll("#rail .rail-link")].map((link) => ({ name: link.textContent.trim(), kind: "Go to", run: () => link.click() }));
  const rest = [...document.querySelectorAll("[data-command]")]
    .filter((element) => !element.disabled)
    .map((element) => ({ name: element.dataset.command || element.textContent.trim(), kind: "Do", run: () => element.click() }));
  return [...rest, ...links];
}

function build() {
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", "Commands");
  const input = document.createElement("input");
  input.placeholder = "Type a page or a command";
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-label": "Page or command", autocomplete: "off" })) {
    input.setAttribute(name, value);
  }
  const list = document.createElement("ul");
  list.id = "palette-list";
  list.className = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Pages and commands");
  dialog.append(input, list);
  return { dialog, input, list };
}

function option(command, index) {
  const item = document.createElement("li");
  item.id = `palette-${index}`;
  item.setAttribute("role", "option");
  const name = document.createElement("span");
  name.textContent = command.name;
  const kind = document.createElement("span");
  kind.className = "muted";
  kind.textContent = command.kind;
  item.append(name, kind);
  return item;
}

/** Open the palette; Enter runs the marked command, Escape closes. */
export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  const { dialog, input, list } = build();
  const all = commands();
  let shown = all;
  let marked = 0;
  const mark = (index) => {
    marked = Math.max(0, Math.min(index, shown.length - 1));
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === marked)));
    input.setAttribute("aria-activedescendant", shown.length ? `palette-${marked}` : "");
    list.children[marked]?.scrollIntoView({ block: "nearest" });
  };
  const draw = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = all.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
    list.replaceChildren(...shown.map(option));
    mark(0);
  };
  const run = (index) => {
    const command = shown[index];
    if (!command) return;
    dialog.close();
    command.run();
  };
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(marked + step);
    else if (event.key === "Enter") run(marked);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => run([...list.children].indexOf(event.target.closest("li"))));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  draw();
  input.focus();
}

/** Bind Ctrl/Cmd-K. */
export function startPalette() {
  bindKey("mod+k", "Commands", openPalette);
}
