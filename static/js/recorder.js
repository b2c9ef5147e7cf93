/* Records a message in the browser and puts it into the form's file field, so that it is sent like any other file. */
import { closeMicrophone, GONE, listen, openMicrophone } from "./microphone.js";
import { wavFile } from "./wav.js";

const MOST_SECONDS = 60;
const READY_SECONDS = 3;
const QUIET = 0.01;
const LOUD = 0.99;
const HINT_SECONDS = 2;
const FILE_NAME = "recorded-here.wav"; // the server tells by it how the message was made
const SAID = "Press Record and speak. You can listen before anything is stored.";

function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

class Recorder {
  constructor(root, field) {
    this.root = root;
    this.field = field;
    this.button = root.querySelector("[data-record]");
    this.word = root.querySelector("[data-record-word]");
    this.level = root.querySelector("meter");
    this.left = root.querySelector("output");
    this.status = root.querySelector("[data-recorder-status]");
    this.player = root.querySelector("[data-recorder-player]");
    this.state = "idle"; // asking, counting, recording
    this.button.addEventListener("click", () => this.press());
    field.addEventListener("change", () => this.show());
    document.addEventListener("htmx:afterSettle", () => this.redraw());
    window.addEventListener("pagehide", () => this.release());
  }

  press() {
    if (this.state === "idle") this.begin();
    else if (this.state === "recording") this.finish();
    else if (this.state === "counting") this.cancel(SAID);
  }

  async begin() {
    this.state = "asking";
    this.player.pause();
    this.say("Allow the microphone when the browser asks.");
    try {
      this.microphone = await openMicrophone(this.root.dataset.worklet);
    } catch (error) {
      this.cancel(error.message);
      return;
    }
    for (const track of this.microphone.stream.getTracks()) {
      track.addEventListener("ended", () => (this.state === "recording" ? this.finish() : this.cancel(GONE)));
    }
    this.word.textContent = "Cancel";
    this.state = "counting";
    this.count(READY_SECONDS);
  }

  count(seconds) {
    if (seconds === 0) {
      this.start();
      return;
    }
    this.say(`Get ready: ${seconds}`);
    this.timer = setTimeout(() => this.count(seconds - 1), 1000);
  }

  start() {
    this.state = "recording";
    this.pieces = [];
    this.heard = 0;
    this.seconds = 0;
    this.loudUntil = 0;
    this.root.classList.add("is-recording");
    this.word.textContent = "Stop";
    this.say("Recording. Speak now.");
    listen(this.microphone, (piece) => this.take(piece));
  }

  take(piece) {
    if (this.state !== "recording") return;
    this.pieces.push(piece);
    this.seconds += piece.length / this.microphone.rate;
    const loudest = piece.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    this.heard = Math.max(this.heard, loudest);
    this.level.value = Math.max(loudest, this.level.value * 0.7); // falls slowly, so that the eye can follow
    this.left.textContent = clock(MOST_SECONDS - this.seconds);
    if (loudest >= LOUD) this.loudUntil = this.seconds + HINT_SECONDS;
    if (this.seconds < this.loudUntil) this.say("Recording. Too loud: move away from the microphone.");
    else if (this.heard < QUIET && this.seconds > HINT_SECONDS) this.say("Recording. Nothing is heard yet. Is the microphone muted?");
    else this.say("Recording. Speak now.");
    if (this.seconds >= MOST_SECONDS - 0.1) this.finish();
  }

  finish() {
    const file = wavFile(this.pieces, this.microphone.rate, FILE_NAME);
    const length = clock(Math.floor(this.seconds));
    this.release();
    const chosen = new DataTransfer();
    chosen.items.add(file);
    this.field.files = chosen.files;
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.say(`Recorded ${length}. Listen to it; record again if you like. It is stored when you save the message.`);
    this.player.focus();
  }

  cancel(reason) {
    this.release();
    this.say(reason);
  }

  release() {
    clearTimeout(this.timer);
    this.state = "idle";
    this.root.classList.remove("is-recording");
    this.word.textContent = this.field.files.length || this.pieces?.length ? "Record again" : "Record";
    this.level.value = 0;
    this.left.textContent = clock(MOST_SECONDS);
    if (this.microphone) closeMicrophone(this.microphone);
    this.microphone = null;
  }

  /* The file that will be sent can be listened to, wherever it came from. */
  show() {
    const [file] = this.field.files;
    if (this.player.src) URL.revokeObjectURL(this.player.src);
    this.player.hidden = !file;
    if (file) this.player.src = URL.createObjectURL(file);
    else this.player.removeAttribute("src");
  }

  /* An answer with errors may move the player by Element.moveBefore, after which Chromium (156) draws its controls blank. */
  redraw() {
    this.player.controls = false;
    this.player.controls = true;
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

/** Show the recorder of the page, if it has one. */
export function startRecorder() {
  const root = document.getElementById("recorder");
  const field = root?.closest("form").elements.namedItem("file");
  if (!root || !field) return;
  root.hidden = false;
  new Recorder(root, field);
}
