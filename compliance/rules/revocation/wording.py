"""A message as the words its writer wrote: quotes and signatures cut off, spelling made even, sentences marked.

What is cut, and why: an answer to a message usually carries that message, and ours says “Reply STOP” or “unsubscribe” at its
foot. Quoted lines (“> …”), everything unquoted below “On … wrote:”, “-----Original Message-----” or a From/Sent/To block,
reactions (“Liked “…””), signatures and footers are not the writer's words. Quoted lines are cut one by one, so an answer
written below or between them is kept.

What is made even: case, width, accents, look-alike letters, zero-width characters, stretched letters (“stoooop”), short forms
(“plz”, “u”, “do not”). The words come out in one line, “|” between sentences and “,” between clauses, with words cut at 40
characters, so that every pattern read over it takes time in proportion to its length.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass

_LONGEST_WORD = 40

_WROTE = re.compile(r"(?:On|El|Le|Am)\b(?=[^\n]{0,200}\d)[^\n]{0,300}(?:wrote|escribió|a écrit)\s?:\s*$")
_ORIGINAL = re.compile(
    r"\s*-{3,}\s*(?:original message|forwarded message|mensaje original|mensaje reenviado)", re.IGNORECASE
)
_HEADER = re.compile(r"\*?(?:From|Sent|To|Date|Subject|De|Enviado|Para|Asunto|Fecha)\s?:", re.IGNORECASE)
_SENT_FROM = re.compile(
    r"\s*(?:sent (?:from|via|using) |get outlook for |enviado (?:desde|con) |envoyé de )", re.IGNORECASE
)
_REACTION = re.compile(
    r"\s*(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted \S{1,12} to|"
    r"(?:le |me )?(?:gustó|encantó)|se rió de) [\"“«]",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:unsubscribe|opt[- ]?out|darse de baja)[^\n]{0,80}\||\|[^\n]{0,80}unsubscribe", re.IGNORECASE
)

_UNSEEN = re.compile(
    "[’‘ʼ´′\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_URL = re.compile(r"(?:https?://|www\.)\S+")
_PIECES = re.compile(r"[a-z0-9#*]+|[.!?;]+(?=[\s\"”')\]]|$)|[\n|]+|,|[–—]| - ")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_STOP_SIGNS = re.compile("[\U0001f6d1\u26d4\U0001f6ab\\s!.]+")
_LOOK_ALIKES = str.maketrans("аеорсхуткмнвіѕјοτρςκα", "aeopcxytkmhbisjotpcka")

_SPELLINGS = {
    word: right
    for right, words in {
        "stop": "stpo sotp stp stopp stpp sto0p st0p stahp stop1 stopit",
        "unsubscribe": "unsub unsubscribeme unscribe",
        "please": "plz pls pleas plese pleaze porfa porfavor",
        "text": "txt",
        "texts": "txts",
        "texting": "txting textin",
        "calling": "callin",
        "message": "msg",
        "messages": "msgs mssgs",
        "messaging": "msging",
        "you": "u",
        "your": "ur",
        "number": "nmber nubmer numer num nbr #",
        "remove": "remvoe remov",
        "gonna": "gunna",
    }.items()
    for word in words.split()
}
_HUMS = frozenset({"um", "uh", "uhm", "umm", "er", "erm", "hmm", "ah", "eh"})
_JOINED = {
    "do not": "dont",
    "did not": "didnt",
    "does not": "doesnt",
    "is not": "isnt",
    "are not": "arent",
    "was not": "wasnt",
    "will not": "wont",
    "can not": "cant",
    "could not": "couldnt",
    "would not": "wouldnt",
    "i am": "im",
    "i will": "ill",
    "i have": "ive",
    "un subscribe": "unsubscribe",
    "any more": "anymore",
    "e mail": "email",
    "e mails": "emails",
    "e mailing": "emailing",
    "optout": "opt out",
    "optin": "opt in",
    "no one": "noone",
    "por favor": "please",
}
_JOINS = re.compile(" (?:" + "|".join(sorted(_JOINED, key=len, reverse=True)) + ")(?= |$)")
_DNC = re.compile(" (?:dont call|dnc) (?:list|registry|register)(?= |$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The writer's own words, made even, in one line, with the set of them for quick questions; and the text they wrote."""

    line: str  # “no thanks | please stop”
    words: frozenset[str]
    own: str  # unchanged but for what was cut: capitals tell names


def wording_of(text: str) -> Wording:
    """Return the words of a message that its writer wrote, made even."""
    own = own_words(text)
    line = _even(own)
    return Wording(line=line, words=frozenset(line.split()), own=own)


def own_words(text: str) -> str:
    """Return the text without what its writer only quotes, and without signatures and footers."""
    if _REACTION.match(text):
        return ""
    kept: list[str] = []
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if line.lstrip().startswith(">"):
            continue
        if _begins_quote(lines, index):
            if not _is_marked(lines, index):
                break
            continue
        if line.rstrip() == "--" and any(part.strip() for part in kept):
            break
        if _SENT_FROM.match(line) or _FOOTER.search(line[:400]):
            continue
        kept.append(line)
    return "\n".join(kept)


def _begins_quote(lines: list[str], index: int) -> bool:
    """Say whether a quoted message begins here. Its “On … wrote:” may be wrapped over two lines."""
    line = lines[index].strip()
    if _ORIGINAL.match(line) or _WROTE.match(line):
        return True
    following = lines[index + 1].strip() if index + 1 < len(lines) else ""
    if (
        len(line) + len(following) < 400
        and line[:2] in ("On", "El", "Le")
        and _WROTE.match(f"{line} {following}")
    ):
        return True
    return bool(_HEADER.match(line) and _HEADER.match(following))


def _is_marked(lines: list[str], index: int) -> bool:
    """Say whether the quote that begins here has its lines marked with “>”: then what is not marked is the writer's."""
    return any(line.lstrip().startswith(">") for line in lines[index + 1 : index + 4])


def _even(own: str) -> str:
    if (
        own.strip()
        and not _STOP_SIGNS.sub("", own)
        and any(sign in own for sign in "\U0001f6d1\u26d4\U0001f6ab")
    ):
        return "stop"
    text = own.replace("'", "").replace("`", "")
    if not text.isascii():
        text = _plain_letters(_UNSEEN.sub("", text))
    text = text.lower()
    if "://" in text or "www." in text:
        text = _URL.sub(" ", text)
    pieces = [_piece(piece) for piece in _PIECES.findall(text)]
    words = [piece for piece in pieces if piece and piece not in _HUMS]
    line = _tidy(_spelled_out(words))
    line = _JOINS.sub(lambda match: f" {_JOINED[match[0][1:]]}", f" {line}")
    return _DNC.sub(" dnc", line).strip()


def _plain_letters(text: str) -> str:
    """Return the text in plain letters. Marks go first: long runs of them take the library quadratic time to sort."""
    bare = "".join(letter for letter in text if not unicodedata.combining(letter))
    apart = unicodedata.normalize("NFKD", bare).casefold()
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_LOOK_ALIKES)


def _piece(piece: str) -> str:
    if piece[0] in ".!?;\n|":
        return "|"
    if piece[0] in ",–— ":
        return ","
    word = piece[:_LONGEST_WORD]
    if len(word) > 3 and _STRETCHED.search(word):
        word = _STRETCHED.sub(r"\1", word)
    word = _SPELLINGS.get(word, word)
    if word.startswith("uns") and 9 <= len(word) <= 13 and not word.endswith(("ed", "ing", "es")):
        close = difflib.SequenceMatcher(a="unsubscribe", b=word).ratio()
        return "unsubscribe" if close > 0.85 else word
    return word


def _spelled_out(words: list[str]) -> list[str]:
    """Return “s t o p” as one word, and “Take. Me. Off.” as one sentence."""
    spoken = [word for word in words if word not in "|,"]
    if 3 < len(spoken) < 14 and all(len(word) == 1 for word in spoken):
        return ["".join(spoken)]
    if len(spoken) > 3 and words.count("|") >= len(spoken) - 1:
        return spoken
    return words


def _tidy(words: list[str]) -> str:
    """Join the words with one mark between clauses, none at the ends."""
    kept: list[str] = []
    for word in words:
        if word in "|,":
            if not kept or kept[-1] == "|":
                continue
            if kept[-1] == ",":
                kept.pop()
        kept.append(word)
    while kept and kept[-1] in "|,":
        kept.pop()
    return " ".join(kept)
