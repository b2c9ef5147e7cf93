/* The phone inside a CRM's page. It lives in a frame of another site, so it has no cookie: the token handed over by the sign-in
   window stays in this module's memory and goes with every request. What the CRM asks for comes from its own page alone
   (crm_phone_hosts.js). */

import { connectHost } from "./crm_phone_hosts.js";
import { resultForm } from "./crm_phone_result.js";

const EVERY = 2000;
const root = document.getElementById("crm-phone");
const part = (name) => document.getElementById(`phone-${name}`);
const { kind, origins, signInUrl, stateUrl, dialUrl, saveUrl, hangUpUrl } = root.dataset;
const connection = stateUrl.split("/")[2];

let token = "";
const NOBODY = { call: null, record: "", may_hang_up: false };
let seen = NOBODY;
let timer = 0;
let asking = false;

const host = connectHost(kind, { origins: origins.split(" "), onDial: dial });
const result = resultForm(async (given) => {
  if (!given.keep) say("");
  const answer = await send(saveUrl, given);
  if (!given.keep) follow();
  return answer;
});

part("sign-in").addEventListener("click", () => {
  const opened = window.open(signInUrl, "_blank", "popup,width=480,height=700");
  if (!opened) return say("The browser blocked the sign-in window. Allow windows of this page, then press Sign in again.");
  const hear = (event) => {
    if (event.origin !== window.location.origin || event.source !== opened) return;
    if (event.data?.parleyPhone !== connection || typeof event.data.token !== "string") return;
    window.removeEventListener("message", hear);
    token = event.data.token;
    say("");
    follow();
  };
  window.addEventListener("message", hear);
});
part("hang-up").addEventListener("click", () => send(hangUpUrl, {}));
part("open").addEventListener("click", () => host.pop(seen.record));
host.signedIn(false);

async function dial({ number = "", record = "" }) {
  if (!token) return say("Sign in first, then press the number again.");
  say("");
  host.dialing(number);
  const answer = await send(dialUrl, { number, record });
  if (answer && !answer.ok) host.refused(answer.said);
  follow();
}

async function send(url, body) {
  const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
  try {
    const headers = { Authorization: `Phone ${token}`, "Content-Type": "application/json" };
    const response = await fetch(url, { ...options, headers, credentials: "omit" });
    const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
    if (response.status === 401) signOut();
    if (answer.said) say(answer.said);
    else if (response.status >= 500) say("Parley had a fault. Nothing more was done; try again, or use the desk.");
    return answer;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    say("No connection to Parley. A call you are on goes on.");
    return null;
  }
}

async function follow() {
  if (asking) return;
  clearTimeout(timer);
  asking = true;
  const now = await send(`${stateUrl}?shown=${result.shown()}`, null);
  asking = false;
  if (now?.word) show(now);
  if (token) timer = setTimeout(follow, EVERY);
}

function show(now) {
  if (part("in").hidden) host.signedIn(true);
  [part("out").hidden, part("in").hidden] = [true, false];
  [part("state").textContent, part("state").className] = [now.word, `badge is-${now.tone}`];
  part("campaign").textContent = now.campaign;
  part("person").textContent = now.person || "Nobody on the line";
  part("number").textContent = now.number;
  part("hang-up").hidden = !now.may_hang_up;
  part("open").hidden = !now.record;
  result.show(now);
  tell(now);
  seen = now;
}

/* Tell the CRM's page of the call: begun, answered, over, and done with once its result is saved. */
function tell(now) {
  if (seen.call && now.call !== seen.call) {
    if (seen.may_hang_up) host.ended();
    host.done();
  }
  if (now.call && now.call !== seen.call) {
    if (now.record) host.pop(now.record);
    host.began(now);
    if (!now.may_hang_up) host.ended();
  } else if (now.call && seen.may_hang_up && !now.may_hang_up) host.ended();
  else if (now.call && now.call_state !== seen.call_state && ["answered", "connected"].includes(now.call_state)) host.answered(now);
}

function signOut() {
  token = "";
  seen = NOBODY;
  result.show(NOBODY);
  [part("out").hidden, part("in").hidden] = [false, true];
  host.signedIn(false);
}

function say(text) {
  part("said").hidden = !text;
  part("said").firstElementChild.textContent = text;
}
