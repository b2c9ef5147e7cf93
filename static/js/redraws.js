/* When the desk draws itself anew: for what it does not show already, and once for what changes within a blink.

   An event that carries {session, version} is about a state of the desk: a page whose #desk-after says the same data-session and that
   data-version, or a later one, shows it. Any other event is passed on at once. */

const GATHER_MS = 50; // of changes within a blink one redraw shows the last
const PRESS_MS = 2000; // a button's answer is waited for no longer

function isShown({ session, version }) {
  const shown = document.getElementById("desk-after")?.dataset;
  return Boolean(shown?.session) && shown.session === String(session) && Number(shown.version) >= version;
}

const isPress = ({ requestConfig, verb = requestConfig?.verb, path = requestConfig?.path }) =>
  verb === "post" && String(path).includes("/desk/act/");

const isBeingDrawn = () => document.querySelector("#desk-live.htmx-request") !== null;

/* A button's answer brings the new state with it, where the request says what the page shows. `answer` is "session.version". */
function mayDraw(answer) {
  const [session, version] = answer.split(".");
  return !isBeingDrawn() && !isShown({ session, version: Number(version) + 1 });
}

/** Return what passes an event of the stream on to the desk's parts, where the page does not show yet what it is about.

    A redraw says which version the page shows, and brings nothing where that is still the newest; not after events were missed. */
export function startRedraws(desk) {
  const tell = (name, data) => desk.dispatchEvent(new CustomEvent(`desk:${name}`, { detail: data }));
  let [newest, waits, pressedAt] = [null, 0, 0];
  function decide() {
    // What is being drawn, or brought by a button, may show it.
    waits = isBeingDrawn() || Date.now() - pressedAt < PRESS_MS ? setTimeout(decide, GATHER_MS) : 0;
    if (!waits && newest && !isShown(newest)) tell("changed", newest);
  }
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.triggeringEvent?.type === "desk:resync") delete detail.parameters.shown_version;
    if (!isPress(detail)) return;
    for (const part of ["version", "work", "result"]) detail.parameters[`shown_${part}`] = document.getElementById(`shown-${part}`)?.value ?? "";
  });
  for (const [name, at] of [["htmx:beforeSend", Date.now], ["htmx:afterRequest", () => 0]]) {
    document.addEventListener(name, ({ detail }) => isPress(detail) && (pressedAt = at()));
  }
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const answer = detail.xhr.getResponseHeader("X-Desk-State");
    if (answer === null || mayDraw(answer)) return;
    // Drawn meanwhile, or being drawn: whichever is the older, what comes next is not.
    detail.shouldSwap = false;
    tell("changed", null);
  });
  return (name, data) => {
    if (data?.version === undefined) return tell(name, data);
    // Two processes may tell of theirs in the other order.
    newest = newest?.session === data.session && newest.version > data.version ? newest : data;
    waits ||= setTimeout(decide, GATHER_MS);
  };
}
