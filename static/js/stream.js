/* Client of our server-sent events (architecture, flow E): resumes by id, says when the server asks for a new snapshot,
   and knows within seconds that the line is dead. EventSource alone would retry silently and never tell. */

const FIRST_WAIT_MS = 200;
const STEADY_MS = 5000; // a line that stood so long may be retried quickly again
const GRACE_MS = 1200; // a server that restarts a stream is back before anybody need know
const LONGEST_WAIT_MS = 10000;

/** Follow an event stream; returns {close, lastId}.

    url: address of the stream; `?after=<id>` is added.
    after: id of the last event the page's snapshot contains.
    events: names of the events the server sends beside unnamed ones, "resync" and "ping".
    onEvent({name, data, id}): each event, data parsed from JSON.
    onResync(): events were missed; fetch the snapshot again and call `resumeFrom(id)` of the returned object with its id.
    onState({name: "connecting"|"live"|"lost", since: Date}): every change.
    silenceSeconds: without event or ping for so long, the line counts as dead. */
export function connectStream({ url, after = "", events = [], onEvent, onResync = () => {}, onState = () => {}, silenceSeconds = 30 }) {
  let lastId = after;
  let source = null;
  let waitMs = FIRST_WAIT_MS;
  let openedAt = 0;
  let retry = 0;
  let watchdog = 0;
  let grace = 0;
  let state = "";
  let closed = false;
  const listening = new AbortController();

  function become(name) {
    if (state === name) return;
    state = name;
    onState({ name, since: new Date() });
  }

  function heard() {
    become("live");
    if (Date.now() - openedAt > STEADY_MS) waitMs = FIRST_WAIT_MS;
    clearTimeout(watchdog);
    clearTimeout(grace);
    grace = 0;
    watchdog = setTimeout(giveUp, silenceSeconds * 1000);
  }

  function giveUp() {
    become("lost");
    lose();
  }

  function lose() {
    clearTimeout(watchdog);
    clearTimeout(retry);
    source?.close();
    if (closed) return;
    grace ||= setTimeout(() => become("lost"), GRACE_MS);
    // Spread, so that a hundred desks do not come back in the same instant.
    retry = setTimeout(open, waitMs * (0.75 + Math.random() / 2));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }

  function open() {
    clearTimeout(retry);
    const address = new URL(url, location.href);
    if (lastId) address.searchParams.set("after", lastId);
    openedAt = Date.now();
    source = new EventSource(address);
    source.addEventListener("open", heard);
    source.addEventListener("error", lose);
    source.addEventListener("ping", heard);
    source.addEventListener("resync", () => {
      heard();
      onResync();
    });
    source.addEventListener("message", (event) => take("message", event));
    for (const name of events) source.addEventListener(name, (event) => take(name, event));
  }

  function take(name, event) {
    heard();
    if (event.lastEventId) lastId = event.lastEventId;
    onEvent({ name, id: event.lastEventId, data: event.data ? JSON.parse(event.data) : null });
  }

  function soon() {
    waitMs = FIRST_WAIT_MS;
    if (state !== "live") reopen();
  }

  function reopen() {
    if (closed) return;
    source?.close();
    open();
  }

  function close() {
    closed = true;
    listening.abort();
    clearTimeout(retry);
    clearTimeout(watchdog);
    clearTimeout(grace);
    source?.close();
  }

  const { signal } = listening;
  addEventListener("online", soon, { signal });
  addEventListener("offline", giveUp, { signal });
  // Away, in the browser's memory of pages, no stream is kept; on return it goes on where it stopped.
  addEventListener("pagehide", () => source?.close(), { signal });
  addEventListener("pageshow", (event) => event.persisted && reopen(), { signal });
  become("connecting");
  open();
  return {
    close,
    get lastId() {
      return lastId;
    },
    resumeFrom(id) {
      lastId = id;
    },
  };
}
