/* htmx with what our Content-Security-Policy and our error answers need. */
import htmx from "htmx.org";
import { announce } from "./announce.js";
import { confirmAction } from "./dialogs.js";

const UNSAFE = /^(post|put|patch|delete)$/i;

/** Return the token Django expects: the cookie first, because signing in elsewhere changes it under an open page. */
export function csrfToken() {
  const cookie = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  return cookie ? cookie[1] : (document.querySelector('meta[name="csrf-token"]')?.content ?? "");
}

/** Configure htmx and say in words what a failed request means for the page. */
export function startHtmx() {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    // A page may show people's numbers: no copy of it is left in the browser's storage.
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    timeout: 20000,
    // What was drawn anew works at once: a key pressed within the usual 20 ms would do nothing, or what the button did before.
    defaultSettleDelay: 0,
    // 409 (somebody was faster) and 422 (errors in the form) carry the new state of the part they answer for.
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "409|422", swap: true, error: false },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  window.htmx = htmx;
  document.addEventListener("htmx:configRequest", (event) => {
    if (UNSAFE.test(event.detail.verb)) event.detail.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const word = event.detail.elt.textContent.trim() || "Continue";
    const { confirmTitle: title = `${word}?`, confirmButton: button = word } = event.detail.elt.dataset;
    if (await confirmAction({ title, button, consequence: event.detail.question })) event.detail.issueRequest(true);
  });
  document.addEventListener("htmx:sendError", () => {
    announce("The server did not answer. Nothing was changed; try again when the connection is back.", "bad");
  });
  document.addEventListener("htmx:timeout", () => {
    announce("The server took too long. It may still have done what you asked: reload the page before you try again.", "warn");
  });
  document.addEventListener("htmx:responseError", (event) => announce(reasonFor(event.detail.xhr), "bad"));
}

function reasonFor(xhr) {
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  if (type.startsWith("text/plain") && xhr.responseText.length < 400) return xhr.responseText;
  if (xhr.status === 403) return "You may not do this, or you were signed out. Nothing was changed; reload the page to sign in again.";
  if (xhr.status === 404) return "This no longer exists. Reload the page to see what is there now.";
  if (xhr.status === 429) return "Too many requests in a short time. Nothing was changed; wait a few seconds and try again.";
  return `The server could not do this (error ${xhr.status}). Reload the page to see the present state, then try once more.`;
}
