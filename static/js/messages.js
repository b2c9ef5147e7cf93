/* The form of a recorded message. */
import { announce } from "./announce.js";
import { startRecorder } from "./recorder.js";

/* Buttons that note where the player stands: nobody reads hundredths of a second off a clock. */
function startTakingTimes() {
  const row = document.querySelector("[data-take-times]");
  if (!row) return;
  row.hidden = false;
  row.addEventListener("click", (event) => {
    const field = document.getElementById(event.target.closest("[data-take]")?.dataset.take ?? "");
    const player = [...document.querySelectorAll("#message-form audio")].find((one) => one.checkVisibility() && one.src);
    if (field && player) field.value = player.currentTime.toFixed(2);
    else if (field) announce("Record the message or choose a file first; then play it and press at the right moment.", "warn");
  });
}

startRecorder();
startTakingTimes();
