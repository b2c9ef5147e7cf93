/* <time data-when="datetime|date|time"> in the person's own zone. The title keeps the zone in full. */

const OPTIONS = {
  datetime: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" },
  date: { month: "short", day: "numeric", year: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
};
const formats = new Map();

function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, options));
  return formats.get(key);
}

/** Return the instant as words; `style` is datetime, date or time, `zone` an IANA name (default: the browser's). */
export function formatInstant(instant, style = "datetime", zone = undefined) {
  return format({ ...OPTIONS[style], timeZone: zone }).format(instant);
}

/** Localise every `<time data-when>` in `root`; done again for each part htmx brings in. */
export function localise(root = document) {
  for (const element of root.querySelectorAll("time[data-when]:not([data-localised])")) {
    const instant = new Date(element.dateTime);
    if (Number.isNaN(instant.getTime())) continue;
    element.textContent = formatInstant(instant, element.dataset.when || "datetime");
    element.title = format({ dateStyle: "full", timeStyle: "long" }).format(instant);
    element.dataset.localised = "";
  }
}

/** Localise the page now and whatever htmx brings in later; name the zone in `[data-zone-name]`. */
export function startTimes() {
  localise();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const element of document.querySelectorAll("[data-zone-name]")) element.textContent = zone.replaceAll("_", " ");
  document.addEventListener("htmx:load", (event) => localise(event.detail.elt.parentElement ?? document));
}
