/* What the chosen result asks of the agent: its own questions, a time to call back, a note.

   A radio [name=result] may carry data-needs-note and data-wants-time; fieldset[data-for-result=code] holds its questions. What
   another result asks is hidden and switched off. Saving without an answer moves the focus to it and says in words what is missing. */

import { announce } from "./announce.js";

const FORM = "result-form";

function show(fieldset, isShown) {
  fieldset.hidden = !isShown;
  fieldset.disabled = !isShown;
}

function follow() {
  const form = document.getElementById(FORM);
  if (!form) return;
  const chosen = form.querySelector("input[name=result]:checked");
  for (const asks of form.querySelectorAll("fieldset[data-for-result]")) show(asks, asks.dataset.forResult === chosen?.value);
  const picker = form.querySelector(".callback-picker");
  const wantsTime = chosen?.hasAttribute("data-wants-time") ?? false;
  if (picker) {
    show(picker, wantsTime);
    for (const input of picker.querySelectorAll("input[type=date], input[type=time]")) input.required = wantsTime;
  }
  const note = form.querySelector("textarea[name=note]");
  note.required = chosen?.hasAttribute("data-needs-note") ?? false;
  form.querySelector(".note-needed").hidden = !note.required;
}

function missingWords(form, field) {
  const result = form.querySelector("input[name=result]:checked")?.dataset.keyLabel;
  const label = field.closest("fieldset.row")?.querySelector("legend") ?? field.labels?.[0];
  const name = field.name === "note" ? "a note" : `“${label?.firstChild.textContent.trim()}”`;
  return `“${result}” needs ${name}. Fill it in, then save again.`;
}

/** Keep the fields of the result part right, also in parts htmx brings in. */
export function startResults() {
  document.addEventListener("change", (event) => event.target.matches(`#${FORM} input[name=result]`) && follow());
  document.addEventListener("htmx:load", follow);
  // The script came to an end that speaks for a result: chosen, unless the agent has chosen.
  document.addEventListener("desk:suggest", (event) => {
    const form = document.getElementById(FORM);
    if (!form || form.querySelector("input[name=result]:checked")) return;
    const suggested = [...form.querySelectorAll("input[name=result]")].find((one) => one.value === event.detail.code);
    if (suggested) suggested.checked = true;
    follow();
  });
  // The browser would show a bubble that no key dismisses; it tells of each field, the first one is enough.
  const onInvalid = (event) => {
    const form = event.target.closest?.(`#${FORM}`);
    if (!form) return;
    event.preventDefault();
    if (event.target !== form.querySelector("textarea:invalid, input:invalid, select:invalid")) return;
    event.target.focus();
    announce(missingWords(form, event.target), "warn");
  };
  document.addEventListener("invalid", onInvalid, true);
  follow();
}
