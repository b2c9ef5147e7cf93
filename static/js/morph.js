/* hx-swap="morph": new content is merged into what stands. An element that stays keeps its focus, its scroll, and a press
   that is under way: a part redrawn twice a second would otherwise lose clicks.

   Left alone while they are about the same thing: running timers, times already written in the person's zone, and
   anything with `data-keep` (what a person types in). */
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

function isSame(old, fresh) {
  if (!(old instanceof Element) || !(fresh instanceof Element)) return false;
  if (old.hasAttribute("data-keep")) return old.id === fresh.id;
  if (old.matches(".timer")) return old.dataset.since === fresh.dataset.since && old.dataset.until === fresh.dataset.until;
  return old.matches("time[datetime]") && old.getAttribute("datetime") === fresh.getAttribute("datetime");
}

/* What tables.js gave a table that scrolls is not in the server's page; taken away, the table would lose the focus. */
const GIVEN_TO_TABLES = ["tabindex", "role", "aria-label"];

function mayChange(name, element) {
  return !(element.matches(".table-wrap") && GIVEN_TO_TABLES.includes(name));
}

/** Teach htmx the swap style. */
export function startMorphing() {
  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap(style, target, fragment) {
      if (style !== "morph") return false;
      return Idiomorph.morph(target, fragment.children, {
        morphStyle: "outerHTML",
        ignoreActiveValue: true,
        callbacks: { beforeNodeMorphed: (old, fresh) => !isSame(old, fresh), beforeAttributeUpdated: mayChange },
      });
    },
  });
}
