/* Running clocks on the server's time, which may differ from this machine's (and is shifted in the demo).

   <span class="timer" data-since="ISO" data-server-now="ISO">  counts up
   <span class="timer" data-until="ISO" data-server-now="ISO">  counts down, gets .is-over and a minus sign past zero
   <span class="timer" data-since="ISO" data-format="ago">      "3 s ago", "5 min ago"
   data-at-zero="id": the button with that id is pressed once when the timer that counts down gets there
   data-over="90": a timer counting up gets .is-over after so many seconds.
   All are hidden from readers, which would read every second; put the state in words beside them. */

const seen = new WeakSet();
let pressedFor = ""; // the instant whose button was pressed last: a redraw brings the same one again
let offsetMs = 0;

/** Return the server's present time in milliseconds since 1970, as far as this page knows it. */
export function serverNow() {
  return Date.now() + offsetMs;
}

/** Take over the server's clock from an ISO instant that it has just sent. */
export function syncClock(iso) {
  const instant = Date.parse(iso);
  if (!Number.isNaN(instant)) offsetMs = instant - Date.now();
}

/** Return seconds as a clock reads: "0:07", "1:05", "2:03:09", with a minus sign below zero. */
export function formatSeconds(total) {
  const whole = Math.floor(Math.abs(total));
  const pair = (value) => String(value).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const text = hours ? `${hours}:${pair(minutes)}:${pair(seconds)}` : `${minutes}:${pair(seconds)}`;
  return total <= -1 ? `−${text}` : text;
}

function ago(seconds) {
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`;
}

function show(element) {
  const { since, until, format, over } = element.dataset;
  const from = Date.parse(until ?? since);
  if (Number.isNaN(from)) return;
  const seconds = until ? Math.ceil((from - serverNow()) / 1000) : Math.max(0, (serverNow() - from) / 1000);
  const text = format === "ago" ? ago(seconds) : formatSeconds(seconds);
  if (element.textContent !== text) element.textContent = text;
  if (until && seconds <= 0 && element.dataset.atZero && pressedFor !== until) {
    pressedFor = until;
    document.getElementById(element.dataset.atZero)?.click();
  }
  element.classList.toggle("is-over", until ? seconds < 0 : Boolean(over) && seconds > Number(over));
}

function meet(element) {
  seen.add(element);
  if (element.dataset.serverNow) syncClock(element.dataset.serverNow);
  element.setAttribute("aria-hidden", "true");
}

/** Show the right time in every timer of the page now. */
export function tick() {
  const timers = document.querySelectorAll(".timer");
  for (const timer of timers) if (!seen.has(timer)) meet(timer);
  for (const timer of timers) show(timer);
}

/** Tick once a second, and at once for what htmx brings in. */
export function startTimers() {
  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:load", tick);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
