/* The result of a call in the phone inside a CRM's page: chosen and written while the call lasts, saved when it is over. What is typed is
   kept on the server as at the desk. resultForm(send) returns { shown, show }; send(given) answers {ok, said}, or null without a line. */

const KEEP_AFTER = 800;
const part = (name) => document.getElementById(`phone-${name}`);

export function resultForm(send) {
  const [form, code, note] = [part("result"), part("code"), part("note")];
  let call = null;
  let timer = 0;
  let saving = false;

  code.addEventListener("change", needs);
  note.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => call && send({ keep: true, call, note: note.value }), KEEP_AFTER);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const given = { call, result: code.value, note: note.value, then: event.submitter?.value ?? "ready" };
    if (saving) return;
    saving = true;
    busy(true);
    await send(given);
    saving = false;
    busy(false);
  });

  function needs() {
    part("note-needed").hidden = code.selectedOptions[0]?.dataset.needsNote !== "true";
  }

  function busy(is) {
    [part("save").disabled, part("save-pause").disabled] = [is, is];
  }

  function fill({ note: written, choices }, suggested) {
    const options = choices.map((one) => {
      const option = new Option(one.at_desk ? `${one.label} (at the desk)` : one.label, one.code);
      option.disabled = one.at_desk;
      option.dataset.needsNote = String(one.needs_note);
      return option;
    });
    code.replaceChildren(new Option("Choose…", ""), ...options);
    note.value = written;
    code.value = suggested;
    if (code.value !== suggested) code.value = "";
  }

  function show(now) {
    form.hidden = !now.call;
    if (now.results) fill(now.results, now.suggested);
    else if (now.call && now.may_save && part("save").disabled && !code.value) code.value = now.suggested;
    busy(saving || !now.may_save);
    part("later").hidden = Boolean(now.may_save);
    call = now.call;
    needs();
  }

  return { shown: () => call ?? "", show };
}
