"""What a message says about being contacted: any reasonable way of saying no is a no (FED-012, FED-013, A2P-006, FED-030).

One reading for every channel: texts, e-mails, chat, transcripts of voicemail and calls, notes of agents. Two tiers:

1. The whole message is one of the conclusive words (47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel,
   unsubscribe), or another word that providers and neighbours use for the same. Case, width, accents, punctuation, emoji,
   quotes and signatures do not matter. A bare CANCEL from somebody with an appointment is a revocation too.
2. A phrase that a reasonable person would take as a wish not to be contacted. Suppress at once; a person reads it later
   (`needs_review`), because a phrase can deceive, and silence towards somebody who wanted to hear from us can be mended.

Rules and not a model: no model shipped in a package knows these phrases, every rule has a name that stands in the audit
trail, and the same text is read the same way for ever. What they find and miss is measured on a labelled set
(`python -m tests.load.bench_revocation`).

START and its kin are read as a wish to hear from us again: a new consent event, which lifts nothing by itself (A2P-006).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from compliance.rules.revocation import english, innocent, spanish, stranger
from compliance.rules.revocation.confirmation import confirmation_problems
from compliance.rules.revocation.phrase import Phrase
from compliance.rules.revocation.wording import Wording, wording_of

__all__ = ["Meaning", "Reading", "confirmation_problems", "read_message"]


class Meaning(StrEnum):
    """What the writer wants."""

    REVOKED = "revoked"  # no contact any more
    WRONG_NUMBER = "wrong_number"  # this number is not that person's: suppress the pair (FED-030 T4)
    HELP = "help"  # who are you, how do I stop it
    RESUBSCRIBE = "resubscribe"  # writes an event, never lifts by itself
    NONE = "none"  # nothing about being contacted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message, read. `matched_by` is the keyword or the name of the phrase, for the audit trail."""

    meaning: Meaning
    tier: int  # 1 exact keyword, 2 phrase, 0 nothing
    matched_by: str
    language: str  # en, es, fr, or empty
    needs_review: bool  # suppress first, a person reads later


NOTHING = Reading(meaning=Meaning.NONE, tier=0, matched_by="", language="", needs_review=False)

# 47 CFR 64.1200(a)(10) names the first line; the second is providers' defaults and CTIA's tolerance; then es and fr (Canada).
_STOP_WORDS = {
    **dict.fromkeys(("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"), "en"),
    **dict.fromkeys(
        ("stopall", "stop all", "remove", "end all", "cancel all", "unsubscribe all", "dnc", "spam"), "en"
    ),
    **dict.fromkeys(("dont call", "dont contact", "dont text", "remove me", "tcpa"), "en"),
    **dict.fromkeys(
        ("alto", "para", "parar", "pare", "paren", "baja", "cancelar", "cancele", "cancela", "basta"), "es"
    ),
    **dict.fromkeys(
        ("detener", "detenga", "detenganse", "terminar", "fin", "salir", "anular", "desuscribir"), "es"
    ),
    **dict.fromkeys(
        ("desuscribirme", "darme de baja", "dar de baja", "borrar", "quitar", "eliminar", "revocar"), "es"
    ),
    **dict.fromkeys(("arret", "arreter", "arretez", "desabonner", "desabonnement"), "fr"),
}
_OTHER_WORDS = {
    **dict.fromkeys(("help", "info", "help me"), (Meaning.HELP, "en")),
    **dict.fromkeys(("ayuda", "informacion"), (Meaning.HELP, "es")),
    "aide": (Meaning.HELP, "fr"),
    **dict.fromkeys(
        ("start", "unstop", "resubscribe", "subscribe", "opt in", "opt back in"), (Meaning.RESUBSCRIBE, "en")
    ),
    **dict.fromkeys(("comenzar", "iniciar", "empezar", "alta", "suscribir"), (Meaning.RESUBSCRIBE, "es")),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# With nothing but these around it, a stop word is still the whole of what is said: “ok please just stop now, thanks”.
_FILLERS = _words(
    "please just ok okay omg ugh now already it all no thx thanks thank you man dude guys yo hey hi hello right immediately "
    "asap wtf the fuck fucking damn kindly sir maam reply not interested this that them everything nah nope lol haha "
    "gracias ya por favor hola no me se bye ever forever i said really seriously enough"
)
_STRONG = _words("stop stopall unsubscribe remove optout revoke dnc alto paren pare arret")
_PLAYFUL = _words("lol haha hahaha lmao lmfao rofl hilarious jaja jajaja funny laughing kidding sweet kind")


def read_message(text: str) -> Reading:
    """Return what the writer wants, judged by their own words; quoted text, signatures and footers do not count.

    Deterministic, and in time proportional to the text. Revocation beats every other meaning.
    """
    wording = wording_of(text)
    if not wording.line:
        return NOTHING
    return _exact(wording.line) or _phrase(wording) or NOTHING


def _exact(line: str) -> Reading | None:
    said = line.replace(" |", "").replace(" ,", "")
    words = said.split(" ", 12)
    if len(words) > 1 and len(set(words)) == 1:
        said = words[0]
    if said in _STOP_WORDS:
        return Reading(
            meaning=Meaning.REVOKED, tier=1, matched_by=said, language=_STOP_WORDS[said], needs_review=False
        )
    if said in _OTHER_WORDS:
        meaning, language = _OTHER_WORDS[said]
        return Reading(meaning=meaning, tier=1, matched_by=said, language=language, needs_review=False)
    return None


def _phrase(wording: Wording) -> Reading | None:
    line = f" {wording.line}"  # every pattern begins with the space before its first word
    complaint = _first(english.COMPLAINTS, wording, line)
    if complaint:
        return _by_phrase(Meaning.REVOKED, complaint)
    for phrase in innocent.INNOCENT:
        if not phrase.words.isdisjoint(wording.words):
            line = phrase.pattern.sub(" …", line)
    revoking = _first(english.REVOKING, wording, line) or _first(spanish.REVOKING, wording, line)
    if revoking:
        return _by_phrase(Meaning.REVOKED, revoking)
    alone = _stop_word_alone(wording, line)
    if alone:
        return Reading(
            meaning=Meaning.REVOKED,
            tier=2,
            matched_by=f"alone:{alone}",
            language=_STOP_WORDS[alone],
            needs_review=True,
        )
    wrong = _first(stranger.WRONG, wording, line) or _first(spanish.WRONG, wording, line)
    if wrong:
        return _by_phrase(Meaning.WRONG_NUMBER, wrong)
    if stranger.BY_NAME.search(wording.own):
        return Reading(
            meaning=Meaning.WRONG_NUMBER, tier=2, matched_by="not_that_person", language="", needs_review=True
        )
    again = _first(english.RESUBSCRIBING, wording, line)
    return _by_phrase(Meaning.RESUBSCRIBE, again) if again else None


def _first(table: Iterable[Phrase], wording: Wording, line: str) -> Phrase | None:
    for phrase in table:
        if not phrase.words.isdisjoint(wording.words) and phrase.pattern.search(line):
            return phrase
    return None


def _by_phrase(meaning: Meaning, phrase: Phrase) -> Reading:
    return Reading(
        meaning=meaning, tier=2, matched_by=phrase.name, language=phrase.language, needs_review=True
    )


def _stop_word_alone(wording: Wording, line: str) -> str:
    """Return the stop word that stands alone, but for fillers, in the whole text or in a sentence of its own; else empty."""
    line = line.strip()
    whole = _but_fillers(line.replace(" |", "").replace(" ,", ""))
    if whole in _STOP_WORDS:
        return whole
    if not wording.words.isdisjoint(_PLAYFUL):
        return ""
    sentences = line.split(" | ")
    clauses = sentences + [
        part for sentence in sentences for part in sentence.split(" , ")[:: max(1, sentence.count(" , "))]
    ]
    for clause in clauses:
        said = _but_fillers(clause)
        if said in _STRONG or said in ("opt out", "stop all"):
            return said if said in _STOP_WORDS else "stop"
    return ""


def _but_fillers(clause: str) -> str:
    words = [word for word in clause.split() if word not in _FILLERS]
    if len(set(words)) == 1:
        return words[0]
    return " ".join(words[:4]) if len(words) <= 4 else ""
