/* When the desk draws itself anew: for what it does not show already, and once for what changes within a blink.

   An event that carries {session, version} is about a state of the desk: a page whose #desk-after says the same data-session and that
   data-version, or a later one, shows it. Any other event is passed on at once. */

const GATHER_MS = 50; // of changes within a blink one redraw shows the last

function isShown({ session, version }) {
  const shown = document.getElementById("desk-after")?.dataset;
  return Boolean(shown?.session) && shown.session === String(session) && Number(shown.version) >= version;
}

/** Return what passes an event of the stream on to the desk's parts, where the page does not show yet what it is about.

    A redraw says which version the page shows, and brings nothing where that is still the newest; not after events were missed. */
export function startRedraws(desk) {
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.triggeringEvent?.type === "desk:resync") delete event.detail.parameters.shown_version;
  });
  const tell = (name, data) => desk.dispatchEvent(new CustomEvent(`desk:${name}`, { detail: data }));
  let [newest, waits] = [null, 0];
  function decide() {
    // What is being drawn, after a button mostly, may show it.
    waits = document.querySelector("#desk-live.htmx-request") ? setTimeout(decide, GATHER_MS) : 0;
    if (!waits && !isShown(newest)) tell("changed", newest);
  }
  return (name, data) => {
    if (data?.version === undefined) return tell(name, data);
    // Two processes may tell of theirs in the other order.
    newest = newest?.session === data.session && newest.version > data.version ? newest : data;
    waits ||= setTimeout(decide, GATHER_MS);
  };
}
