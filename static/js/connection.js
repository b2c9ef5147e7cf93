/* Shows the connection: a badge with a reserved place in the top bar, and a bar when the line is lost. */

import { tellReaders } from "./announce.js";
import { formatInstant } from "./times.js";

const WORDS = { connecting: ["Connecting", "is-info"], live: ["Live", "is-good"], lost: ["Offline", "is-bad"] };

/** Show a state of stream.js; `stillWorks` says what the person can go on doing while the line is lost. */
export function showConnection({ name, since }, stillWorks) {
  const [word, tone] = WORDS[name];
  const badge = document.createElement("span");
  badge.className = `badge ${tone}`;
  badge.textContent = word;
  document.getElementById("connection")?.replaceChildren(badge);
  const former = document.getElementById("connection-bar");
  if (name === "lost" && !former) (document.querySelector(".topbar") ?? document.body).append(bar(since, stillWorks));
  if (name === "live" && former) {
    former.remove();
    tellReaders("Connection is back. The screen is up to date.");
  }
}

function bar(since, stillWorks) {
  const element = document.createElement("div");
  element.id = "connection-bar";
  element.className = "connection-bar";
  element.setAttribute("role", "alert");
  const badge = document.createElement("span");
  badge.className = "badge is-bad";
  badge.textContent = WORDS.lost[0];
  const words = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = `No connection to the server since ${formatInstant(since, "time")}. `;
  words.append(strong, `What you see is as of then. ${stillWorks} Trying again by itself.`);
  element.append(badge, words);
  return element;
}
