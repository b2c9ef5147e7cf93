/* The agent's desk. The server renders every part; this connects them to the event stream and to the phone.

   <div class="desk" id="desk" data-stream-url data-after data-events="call agent lead" data-phone="silent|twilio"
        data-tab data-take-over-url data-ready-url data-token-url data-leg-up="true|false">
   Each event from the stream becomes a DOM event on #desk, so a part refreshes itself by
   hx-trigger="desk:call from:#desk, desk:resync from:#desk". An event may carry {say, urgent} for readers,
   {server_now} for the clock, {leg_up} for the phone, {after} for the stream's place, and {session, version} for what it is
   about (redraws.js). */

import { announce, tellReaders } from "./announce.js";
import { startCallbackPickers } from "./callback.js";
import { showConnection } from "./connection.js";
import { csrfToken } from "./hypermedia.js";
import { startRedraws } from "./redraws.js";
import { startReminders } from "./reminders.js";
import { startResults } from "./results.js";
import { createSoftphone } from "./softphone.js";
import { connectStream } from "./stream.js";
import { startTabs } from "./tabs.js";
import { syncClock } from "./timers.js";
import { startTone } from "./tone.js";

const STILL_WORKS = "A call you are on goes on, and your notes stay on this page; buttons work again when it is back.";
const PHONE_WORDS = {
  starting: ["Audio starting", "is-info"],
  waiting: ["Audio ready", "is-info"],
  connected: ["Audio on", "is-good"],
  ended: ["Audio off", "is-warn"],
  failed: ["No audio", "is-bad"],
};

function startPhone(desk) {
  const onState = ({ name, reason }) => {
    desk.dataset.phoneState = name;
    const badge = document.getElementById("phone-state");
    if (badge) [badge.textContent, badge.className] = [PHONE_WORDS[name][0], `badge ${PHONE_WORDS[name][1]}`];
    if (name === "waiting") tell(desk, desk.dataset.readyUrl);
    if (name === "failed") announce(`The phone in this browser does not work: ${reason}`, "bad");
    desk.dispatchEvent(new CustomEvent("desk:phone", { detail: { name, reason } }));
  };
  const { phone: kind = "silent", tokenUrl, tab } = desk.dataset;
  const phone = createSoftphone(kind || "silent", { tokenUrl, tab, onState });
  phone.start({ legUp: desk.dataset.legUp === "true" });
  return phone;
}

/* One window works the desk: every request says which window it is from, the newest takes over as it opens, and one that was
   taken over shows #desk-elsewhere, is rung no more, and lets nothing be typed that could not be saved. */
function startWindow(desk) {
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-Desk-Tab"] = desk.dataset.tab;
  });
  // A key pressed while the page still takes the desk over would be refused as another window's.
  let isTaken = false;
  const taken = tell(desk, desk.dataset.takeOverUrl).then(() => (isTaken = true));
  document.addEventListener("htmx:confirm", (event) => {
    if (isTaken || event.detail.question) return;
    event.preventDefault();
    taken.then(() => event.detail.issueRequest(true));
  });
  return taken;
}

function followWindow(desk, phone) {
  let elsewhere = false;
  document.addEventListener("htmx:load", () => {
    const now = document.getElementById("desk-elsewhere") !== null;
    for (const part of document.querySelectorAll("#desk-work, #desk-result")) part.inert = now;
    if (now === elsewhere) return;
    elsewhere = now;
    if (now) phone.stop();
    else phone.start({ legUp: desk.dataset.phoneState === "connected" });
  });
}

/* What the window tells the server by itself. A failure shows where it matters: the buttons are refused in words. */
async function tell(desk, url) {
  if (!url) return;
  try {
    await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrfToken(), "X-Desk-Tab": desk.dataset.tab } });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no connection: the bar says so
  }
}

function startStream(desk, phone) {
  const redraw = startRedraws(desk);
  const follow = (name, data) => {
    if (data?.server_now) syncClock(data.server_now);
    if (typeof data?.leg_up === "boolean") phone.legChanged(data.leg_up);
    if (data?.say) tellReaders(data.say, { urgent: Boolean(data.urgent) });
    redraw(name, data);
  };
  const { streamUrl, tab } = desk.dataset;
  const stream = connectStream({
    url: tab ? `${streamUrl}?tab=${tab}` : streamUrl,
    after: desk.dataset.after ?? "",
    events: (desk.dataset.events ?? "").split(/\s+/).filter(Boolean),
    onEvent: ({ name, data }) => follow(name, data),
    onResync: () => follow("resync", null),
    onState: (state) => {
      desk.dataset.connection = state.name;
      showConnection(state, STILL_WORKS);
    },
  });
  // A new snapshot says where it ends: any element with data-after that htmx brings in below #desk.
  document.addEventListener("htmx:load", (event) => {
    const part = event.detail.elt;
    const marked = part.matches("[data-after]") ? part : part.querySelector("[data-after]");
    if (marked && marked !== desk) stream.resumeFrom(marked.dataset.after);
  });
}

/* Buttons that act on the audio itself: <button data-phone-action="mute" aria-pressed="false">, "digits" with data-digit. */
function startPhoneButtons(phone) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phone-action]");
    if (!button) return;
    const action = button.dataset.phoneAction;
    if (action === "digits") phone.sendDigits(button.dataset.digit);
    else if (action === "mute") {
      const on = button.getAttribute("aria-pressed") !== "true";
      phone.mute(on);
      button.setAttribute("aria-pressed", String(on));
    }
  });
}

const desk = document.getElementById("desk");
startTabs();
startCallbackPickers();
startResults();
startReminders();
if (desk) {
  if (desk.dataset.takeOverUrl) await startWindow(desk);
  const phone = startPhone(desk);
  followWindow(desk, phone);
  startPhoneButtons(phone);
  startTone(desk);
  if (desk.dataset.streamUrl) startStream(desk, phone);
}
