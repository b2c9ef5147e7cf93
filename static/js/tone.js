/* A short tone when the dialer puts a person on the desk: whoever waits looks elsewhere meanwhile.

   #desk-after says which call is there and whether somebody is on the line: data-call, data-talks="true|false". A call the agent
   dialed was on the desk before anybody answered, so it makes no sound; nor does one that was there when the page opened.
   Each tone is told by the event desk:tone on #desk. */

const HERTZ = 880;
const SECONDS = 0.18;
const LOUDNESS = 0.15; // of the most; it must not drown the person's first word

let audio = null;

function play() {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const now = audio.currentTime;
    tone.frequency.value = HERTZ;
    volume.gain.setValueAtTime(LOUDNESS, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + SECONDS); // an abrupt end clicks
    tone.connect(volume).connect(audio.destination);
    tone.start(now);
    tone.stop(now + SECONDS);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // no device to play on: the card is there all the same
  }
}

export function startTone(desk) {
  const call = () => document.getElementById("desk-after")?.dataset ?? {};
  let known = call().call;
  document.addEventListener("htmx:load", () => {
    const { call: id, talks } = call();
    if (id === known) return;
    known = id;
    if (!id || talks !== "true") return;
    play();
    desk.dispatchEvent(new CustomEvent("desk:tone"));
  });
}
