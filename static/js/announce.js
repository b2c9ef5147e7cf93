/* Says something to the person: a notice in the messages region, which readers announce politely. */

const TONES = new Set(["good", "warn", "bad", "info", "auto"]);

/** Show `text` with a tone (good, warn, bad, info, auto). A notice already standing with the same words is not repeated. */
export function announce(text, tone = "info") {
  if (!TONES.has(tone)) throw new Error(`announce: no tone “${tone}”`);
  const region = document.getElementById("messages");
  if (!region || [...region.children].some((shown) => shown.dataset.text === text)) return;
  const notice = document.createElement("div");
  notice.className = `notice is-${tone}`;
  notice.dataset.text = text;
  const words = document.createElement("span");
  words.className = "notice-text";
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet btn-small";
  button.dataset.dismiss = "";
  button.textContent = "Dismiss";
  notice.append(words, button);
  region.append(notice);
}

/** Tell readers only; `urgent` interrupts what is being read (a ring), otherwise it waits its turn. */
export function tellReaders(text, { urgent = false } = {}) {
  const id = urgent ? "readers-urgent" : "readers-polite";
  let region = document.getElementById(id);
  if (!region) {
    region = document.createElement("div");
    region.id = id;
    region.className = "visually-hidden";
    region.setAttribute("role", urgent ? "alert" : "status");
    (document.querySelector("main") ?? document.body).append(region);
  }
  region.textContent = text;
}

/** Let the server say something with any answer: HX-Trigger {"parley:say": {text, tone}}. It stands until the next act. */
export function startAnnouncing() {
  document.addEventListener("parley:say", (event) => announce(event.detail.text, event.detail.tone));
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "get") return;
    document.querySelectorAll("#messages > [data-text]").forEach((notice) => notice.remove());
  });
}
