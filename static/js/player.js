/* The player of a recorded call: its pictures are a slider over the time of one <audio>. Space plays, arrows move by five
   seconds, Page Up and Page Down by thirty, Home and End go to the ends; the keys of the page work from anywhere. */

const STEPS = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function startPlayer(player) {
  const audio = player.querySelector("audio");
  const tracks = player.querySelector(".tracks");
  const place = player.querySelector(".track-place");
  const length = () => (Number.isFinite(audio.duration) ? audio.duration : Number(player.dataset.seconds));
  const go = (seconds) => {
    audio.currentTime = Math.min(Math.max(seconds, 0), length());
    show();
  };
  const toggle = async () => {
    if (!audio.paused) return audio.pause();
    try {
      await audio.play();
    } catch (error) {
      if (error.name !== "AbortError") throw error; // paused again before the first sound had come
    }
  };
  function show() {
    place.style.left = `${(100 * audio.currentTime) / (length() || 1)}%`;
    tracks.setAttribute("aria-valuenow", String(Math.round(audio.currentTime)));
    tracks.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(length())}`);
  }
  tracks.addEventListener("click", (event) => {
    const box = tracks.getBoundingClientRect();
    go((length() * (event.clientX - box.left)) / box.width);
  });
  tracks.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) go(audio.currentTime + STEPS[event.key]);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(length());
    else if (event.key === " " || event.key === "Enter") toggle();
    else return;
    event.preventDefault();
  });
  player.addEventListener("click", (event) => {
    const button = event.target.closest("[data-player]");
    if (!button) return;
    if (button.dataset.player === "toggle") toggle();
    else go(audio.currentTime + Number(button.dataset.player));
  });
  audio.addEventListener("timeupdate", show);
  show();
}

for (const player of document.querySelectorAll("[data-seconds].player")) startPlayer(player);
