/* The callback picker: date and time are in the person's zone; ours stands beside.

   <fieldset class="callback-picker" data-zone="America/Chicago"> with an input[type=date], an input[type=time] and an
   element .callback-other. The server turns the two fields into an instant; this only shows what it will be. */

import { formatInstant } from "./times.js";

const MINUTE_MS = 60000;

function wallClock(instant, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).formatToParts(instant);
  const part = (type) => parts.find((found) => found.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** Return the instant at which the clocks of `zone` show `wall` ("2026-11-21T09:30"), or null if they skip that time. */
export function instantOf(wall, zone) {
  const asUtc = Date.parse(`${wall}Z`);
  // Two steps: the zone's offset is first read near the answer, then at it.
  let guess = asUtc;
  for (let step = 0; step < 2; step += 1) guess += asUtc - Date.parse(`${wallClock(new Date(guess), zone)}Z`);
  return wallClock(new Date(guess), zone) === wall ? new Date(guess - (guess % MINUTE_MS)) : null;
}

function describe(picker) {
  const other = picker.querySelector(".callback-other");
  const date = picker.querySelector("input[type=date]")?.value;
  const time = picker.querySelector("input[type=time]")?.value;
  if (!other || !date || !time) return;
  const instant = instantOf(`${date}T${time.slice(0, 5)}`, picker.dataset.zone);
  other.textContent = instant
    ? `${formatInstant(instant)} on your clock`
    : "The clocks go forward over this time: choose another.";
}

/* The time asked for is not allowed: the next one that is can be taken with one press. */
function offer({ date, time, words }) {
  const picker = document.querySelector(".callback-picker[data-zone]");
  const button = picker?.querySelector(".callback-take");
  if (!button) return;
  button.textContent = `Take ${words}, their time`;
  Object.assign(button.dataset, { date, time });
  button.hidden = false;
}

function take(button) {
  const picker = button.closest(".callback-picker");
  picker.querySelector("input[type=date]").value = button.dataset.date;
  picker.querySelector("input[type=time]").value = button.dataset.time;
  button.hidden = true;
  describe(picker);
  document.getElementById("act-save")?.focus();
}

/** Keep every picker's line of our own time right, also in parts htmx brings in. */
export function startCallbackPickers() {
  const all = () => document.querySelectorAll(".callback-picker[data-zone]").forEach(describe);
  document.addEventListener("input", (event) => {
    const picker = event.target.closest(".callback-picker[data-zone]");
    if (picker) describe(picker);
  });
  document.addEventListener("desk:callback-offer", (event) => offer(event.detail));
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".callback-take");
    if (button) take(button);
  });
  document.addEventListener("htmx:load", all);
  all();
}
