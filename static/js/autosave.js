/* A form with `data-autosave` (an address) is sent there while somebody types in it; `data-autosave-state` in it says how it stands. */
import { csrfToken } from "./hypermedia.js";

const AFTER_MS = 1200;
const AGAIN_MS = 5000;

function keep(form) {
  const state = form.querySelector("[data-autosave-state]");
  let savedAt = 0;
  let timer = 0;
  let isSending = false;
  let isDirty = false;

  const say = (words, isBad = false) => {
    state.textContent = words;
    state.classList.toggle("is-late", isBad);
  };

  async function send() {
    if (isSending) return;
    isSending = true;
    isDirty = false;
    say("Saving …");
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch" },
        redirect: "error",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      savedAt = Date.now();
      say("Saved just now");
    } catch {
      isDirty = true;
      say("Not saved: the server did not answer. What you typed stays on this page; it is tried again.", true);
      schedule(AGAIN_MS);
    } finally {
      isSending = false;
      if (isDirty && timer === 0) schedule(AFTER_MS);
    }
  }

  function schedule(wait) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      send();
    }, wait);
  }

  // What was typed later is never overwritten by a save that began earlier and came later.
  const stamp = () => {
    if (form.elements.typed_at) form.elements.typed_at.value = Date.now();
  };
  form.addEventListener("input", () => {
    isDirty = true;
    stamp();
    schedule(AFTER_MS);
  });
  form.addEventListener("submit", () => {
    stamp();
    clearTimeout(timer);
  });
  setInterval(() => {
    if (!savedAt || isSending || isDirty) return;
    const seconds = Math.round((Date.now() - savedAt) / 1000);
    say(seconds < 60 ? `Saved ${seconds} s ago` : `Saved ${Math.floor(seconds / 60)} min ago`);
  }, 1000);
}

/** Wire every such form of the page. */
export function startAutosave() {
  for (const form of document.querySelectorAll("form[data-autosave]")) keep(form);
}
