/* Callbacks that are due soon, told once and politely: a notice, never the focus.

   <li data-callback="17" data-due="ISO" data-name="Maria Alvarez" data-mine> in the desk's live part. */

import { announce } from "./announce.js";
import { serverNow } from "./timers.js";

const SOON_MS = 5 * 60 * 1000;
const EVERY_MS = 10_000;
const told = new Set();

/** Return what to say of a callback that is `left` milliseconds away; "" where it is not time to say anything. */
export function wordsFor(name, left) {
  if (left > SOON_MS) return "";
  if (left <= 0) return `The callback to ${name} is due now.`;
  const minutes = Math.max(1, Math.round(left / 60_000));
  return `Callback to ${name} in ${minutes} minute${minutes === 1 ? "" : "s"}.`;
}

function look() {
  for (const row of document.querySelectorAll("[data-callback][data-due][data-mine]")) {
    const left = Date.parse(row.dataset.due) - serverNow();
    const key = `${row.dataset.callback} ${row.dataset.due} ${left <= 0 ? "due" : "soon"}`;
    const words = wordsFor(row.dataset.name, left);
    if (!words || told.has(key)) continue;
    told.add(key);
    // One that was overdue when the desk opened stands in the list in red; it is no news.
    if (left > -EVERY_MS * 2) announce(words, "info");
  }
}

/** Look at the list of the desk now and again. */
export function startReminders() {
  look();
  setInterval(look, EVERY_MS);
}
