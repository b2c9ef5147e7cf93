/* The agent's audio leg behind one small interface, so that the desk does not know which carrier it talks through.

   const phone = createSoftphone("silent" | "twilio", {tokenUrl, tab, onState});
   await phone.start(session)   session: {identity, legUp}
   phone.mute(true); phone.sendDigits("1"); phone.hangUp(); phone.legChanged(isUp)
   phone.stop()   this window is rung no more; a leg that is up stays, until the server lets it go
   onState({name, reason}): "starting", "waiting" (ready for the leg), "connected", "ended", "failed" */

import { csrfToken } from "./hypermedia.js";

// The SDK would fetch its ring and key tones from another origin, which our policy forbids; a leg that stays up needs no ring.
const SOUNDS = ["incoming", "outgoing", "disconnect", "dtmfs", "dtmfh", ...Array.from("0123456789", (digit) => `dtmf${digit}`)];
const SILENCE = Object.fromEntries(SOUNDS.map((name) => [name, new URL("../audio/silence.wav", import.meta.url).href]));

/** Make the softphone of a kind. Raises Error for a kind that does not exist. */
export function createSoftphone(kind, { tokenUrl = "", tab = "", onState = () => {} } = {}) {
  if (kind === "silent") return silent(onState);
  if (kind === "twilio") return twilio(tokenUrl, tab, onState);
  throw new Error(`softphone: no kind “${kind}”`);
}

/* The sandbox carries no audio: the agent's leg is connected when the server says so. */
function silent(onState) {
  let up = false;
  const legChanged = (isUp) => {
    if (isUp === up) return;
    up = isUp;
    onState({ name: up ? "connected" : "ended" });
  };
  return {
    async start(session) {
      onState({ name: "waiting" });
      legChanged(Boolean(session.legUp));
    },
    stop: () => {},
    mute: () => {},
    sendDigits: () => {},
    hangUp: () => legChanged(false),
    legChanged,
  };
}

function twilio(tokenUrl, tab, onState) {
  let device = null;
  let call = null;

  async function token() {
    const response = await fetch(tokenUrl, { method: "POST", headers: { "X-CSRFToken": csrfToken(), "X-Desk-Tab": tab, Accept: "application/json" } });
    if (!response.ok) throw new Error(`The server gave no key for the phone (error ${response.status}).`);
    return (await response.json()).token;
  }

  async function refresh() {
    try {
      device.updateToken(await token());
    } catch (error) {
      onState({ name: "failed", reason: `${error.message} Audio ends when the present key runs out; reload the page.` });
    }
  }

  function accept(incoming) {
    // Only our own conference can ring this identity: taking the leg at once is what keeps it up between calls.
    call = incoming;
    call.on("accept", () => onState({ name: "connected" }));
    call.on("disconnect", () => onState({ name: "ended" }));
    call.on("cancel", () => onState({ name: "ended" }));
    call.on("error", (error) => onState({ name: "failed", reason: error.message }));
    call.accept();
  }

  return {
    async start() {
      onState({ name: "starting" });
      try {
        if (device) {
          await device.register();
          return;
        }
        const { Device } = await import("@twilio/voice-sdk");
        device = new Device(await token(), { closeProtection: false, logLevel: "warn", tokenRefreshMs: 30000, sounds: SILENCE });
        device.on("registered", () => onState({ name: "waiting" }));
        device.on("incoming", accept);
        device.on("tokenWillExpire", refresh);
        device.on("error", (error) => onState({ name: "failed", reason: error.message }));
        await device.register();
      } catch (error) {
        onState({ name: "failed", reason: error.message });
      }
    },
    stop: () => device?.unregister().catch(() => {}),
    mute: (on) => call?.mute(on),
    sendDigits: (digits) => call?.sendDigits(digits),
    hangUp: () => call?.disconnect(),
    // The SDK knows its own leg better than the server does.
    legChanged: () => {},
  };
}
