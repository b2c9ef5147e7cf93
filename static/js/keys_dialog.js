/* The list behind `?`: every key of the page, a switch for all single keys, and a way to change each (WCAG 2.1.4). */

import { openDialog } from "./dialogs.js";

/** Open the list; `listKeys`, `settings` and `keep` come from keys.js. */
export function openKeysDialog({ listKeys, settings, keep }) {
  const body = document.createElement("div");
  body.className = "stack";
  const list = document.createElement("div");
  list.className = "keys-list";
  body.append(offSwitch({ settings, keep }), list);
  const draw = () => list.replaceChildren(...listKeys().flatMap((entry) => row(entry, { settings, keep, draw })));
  draw();
  openDialog({ title: "Keys of this page", body });
}

function offSwitch({ settings, keep }) {
  const label = document.createElement("label");
  label.className = "check";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = !settings().off;
  box.addEventListener("change", () => keep({ ...settings(), off: !box.checked }));
  const words = document.createElement("span");
  words.textContent = "Single keys work (never while you type)";
  label.append(box, words);
  return label;
}

function row(entry, { settings, keep, draw }) {
  const key = document.createElement("kbd");
  key.textContent = entry.key.replace("mod+", navigator.platform.startsWith("Mac") ? "⌘ " : "Ctrl ");
  const label = document.createElement("span");
  label.textContent = entry.label;
  const change = document.createElement("button");
  change.type = "button";
  change.className = "btn btn-small btn-quiet";
  change.textContent = "Change";
  change.setAttribute("aria-label", `Change the key of “${entry.label}”`);
  change.addEventListener("click", () => {
    change.textContent = "Press a key…";
    change.addEventListener("keydown", (event) => take(event, entry, { settings, keep, draw }), { once: true });
  });
  return [key, label, change];
}

function take(event, entry, { settings, keep, draw }) {
  if (event.key !== "Tab") {
    event.preventDefault();
    event.stopPropagation();
    const { [entry.label]: _former, ...changed } = settings().changed;
    const key = event.key.toLowerCase();
    const free = event.key.length === 1 && key !== " " && key !== entry.original;
    keep({ ...settings(), changed: free ? { ...changed, [entry.label]: key } : changed });
  }
  draw();
}
