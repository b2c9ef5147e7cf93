/* Keys of a page. `<button data-key="d" data-key-label="Dial">` is pressed (a field: focused) by its key; `bindKey` adds
   one without an element. `?` lists them. Off while typing, in a dialog, and when the person switches them off; a person
   can give any of them another key. Modified keys ("mod+k") stay on everywhere. */

import { openKeysDialog } from "./keys_dialog.js";

const STORE = "parley.keys";
const bound = [];

function settings() {
  try {
    return { off: false, changed: {}, ...JSON.parse(localStorage.getItem(STORE) ?? "{}") };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return { off: false, changed: {} };
    throw error;
  }
}

function keep(next) {
  localStorage.setItem(STORE, JSON.stringify(next));
  showHints();
}

/** Bind a key ("d", "?", "mod+k") that has no element of its own; returns a function that unbinds it. */
export function bindKey(key, label, run) {
  const entry = { key, label, run };
  bound.push(entry);
  return () => bound.splice(bound.indexOf(entry), 1);
}

/** List what can be pressed here: {key, label, original, run}, the page's own keys first. */
export function listKeys() {
  const { changed } = settings();
  const entries = [...document.querySelectorAll("[data-key]")].filter(isUsable).map((element) => ({
    key: element.dataset.key,
    label: element.dataset.keyLabel ?? element.textContent.trim(),
    run: () => press(element),
  }));
  return [...entries, ...bound].map((entry) => ({ ...entry, original: entry.key, key: changed[entry.label] ?? entry.key }));
}

/* Where two elements have the same key the first on the page has it: an answer of the script before a result, while the call
   lasts. data-key-while names what must be on the page for the key to count. */
function isUsable(element) {
  const wants = element.dataset.keyWhile;
  if (wants && !document.querySelector(wants)) return false;
  return !element.disabled && !element.closest("[inert]") && element.getAttribute("aria-disabled") !== "true" && element.checkVisibility();
}

function press(element) {
  if (element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])")) {
    element.focus();
    element.select?.();
  } else {
    if (element.matches("input")) element.focus();
    element.click();
  }
}

function isTyping(target) {
  return target.isContentEditable || target.matches?.("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");
}

function nameOf(event) {
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${name}` : name;
}

function onKey(event) {
  if (event.defaultPrevented || event.altKey || event.isComposing || event.repeat) return;
  const name = nameOf(event);
  const plain = !name.startsWith("mod+");
  if (plain && (isTyping(event.target) || settings().off || document.querySelector("dialog[open]"))) return;
  const entry = listKeys().find((candidate) => candidate.key === name);
  if (!entry) return;
  event.preventDefault();
  entry.run();
}

/** Write the present key into every `<kbd data-key-of>`-less hint: the `<kbd>` inside an element with a key. */
function showHints() {
  const { changed, off } = settings();
  const held = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = changed[element.dataset.keyLabel] ?? element.dataset.key;
    if (!held.has(key) && isUsable(element)) held.set(key, element);
  }
  for (const element of document.querySelectorAll("[data-key]")) {
    const hint = element.querySelector("kbd") ?? element.closest("label")?.querySelector("kbd");
    if (!hint) continue;
    hint.textContent = changed[element.dataset.keyLabel] ?? element.dataset.key;
    const holder = off ? undefined : held.get(hint.textContent);
    hint.classList.toggle("is-taken", holder !== undefined && holder !== element);
    hint.hidden = off;
  }
}

/** Listen for keys, `?` included, and for the button `[data-open-keys]`. */
export function startKeys() {
  const open = () => openKeysDialog({ listKeys, settings, keep });
  bindKey("?", "Show the keys of this page", open);
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:load", showHints);
  document.addEventListener("htmx:afterSettle", showHints);
  document.addEventListener("click", (event) => event.target.closest("[data-open-keys]") && open());
  showHints();
}
