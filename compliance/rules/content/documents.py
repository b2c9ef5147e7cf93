"""The pages of docs/compliance/ about content, written from the tables, so that they cannot say something else."""

from collections.abc import Iterable

from compliance.rules.content import packaged
from compliance.rules.content.rows import (
    CarrierCode,
    ContentClass,
    DailyCap,
    Duty,
    Number,
    RecordingState,
    Retention,
    Row,
    Throughput,
    Words,
)

_CONFIDENCE = {"H": "High", "M": "Medium", "L": "Low"}
_RECORDINGS = (
    "FED-017",
    "FED-018",
    "FED-021",
    "FED-028",
    "FED-029",
    "TSR-006",
    "REGF-004",
    "UK-002",
    "CA-004",
)
_TEXTS = ("A2P-", "FED-012", "CID-004")
_CONSENT_FORMS = ("FED-008", "FED-009")
_SCRIPTS = (
    "FED-024",
    "FED-026",
    "FED-031",
    "FED-034",
    "TSR-001",
    "TSR-003",
    "TSR-004",
    "TSR-005",
    "TSR-007",
    "ST-007",
)
_CLASSES = {
    "all_party": "all parties",
    "mixed": "mixed, treated as all parties",
    "one_party": "one party",
    "unknown": "not known: no recording",
}
_ACTIONS = {
    "invalid_number": "mark the number invalid, no other try",
    "suppress": "write a revocation now, stop everything",
    "slow_down": "slow down",
    "retry": "try again, a few times",
    "check_reassigned": "mark the number dead, ask the reassigned numbers database",
    "retype_line": "look the line type up again",
    "watch_filtering": "count it, never send it another way",
    "back_off": "wait longer each time, watch the rate",
    "queue": "queue",
    "queue_until_reset": "queue until the daily reset",
    "block_sender": "block the sender",
    "block_campaign": "block the campaign, no other try",
    "reputation": "an event of the caller ID's reputation",
    "review": "a person decides",
}


def documents() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return title and parts of each page by file name; the caller adds the header that all pages share."""
    return {
        "recordings.md": ("Recorded messages", _recordings()),
        "texting.md": ("Texts", _texting()),
        "consent-forms.md": ("Forms of consent", _consent_forms()),
        "scripts.md": ("Scripts, surveys and claims", _scripts()),
        "recording-consent.md": ("Recording calls", _recording_consent()),
        "retention.md": ("Keeping and deleting", _retention()),
    }


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a markdown table; a bar inside a cell becomes a slash."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _rows(kind: type[Row], *prefixes: str) -> list[Row]:
    rows = [row for row in packaged.tables().rows if isinstance(row, kind)]
    return [row for row in rows if not prefixes or row.rule.startswith(prefixes)]


def _source(row: Row) -> list[str]:
    since = f"from {row.effective_from}" if row.effective_from else ""
    until = f"until {row.effective_to}" if row.effective_to else ""
    in_force = " ".join(filter(None, (since, until))) or "–"
    return [row.citation, _CONFIDENCE[row.confidence], in_force, row.note or "–"]


_SOURCE_HEAD = ["Source", "Confidence", "In force", "Note"]


def _numbers(*prefixes: str) -> str:
    rows = [row for row in _rows(Number, *prefixes) if isinstance(row, Number)]
    cells = [[row.rule, f"{row.value:g}", row.unit + _state_of(row.name), *_source(row)] for row in rows]
    return table(["Rule", "Value", "Meaning", *_SOURCE_HEAD], cells)


def _state_of(name: str) -> str:
    _, dot, state = name.partition(".")
    return f" ({state})" if dot else ""


def _duties(*prefixes: str) -> str:
    rows = [row for row in _rows(Duty, *prefixes) if isinstance(row, Duty)]
    return table(["Rule", "Duty", *_SOURCE_HEAD], [[row.rule, row.value, *_source(row)] for row in rows])


def _words(*prefixes: str) -> str:
    rows = [row for row in _rows(Words, *prefixes) if isinstance(row, Words)]
    cells = [[row.rule, row.name.replace("_", " "), ", ".join(row.value), *_source(row)] for row in rows]
    return "\n\n".join(
        [
            "Found as whole words, whatever their case; `*` stands for any ending.",
            table(["Rule", "List", "Words", *_SOURCE_HEAD], cells),
        ]
    )


def _recordings() -> tuple[str, ...]:
    return (
        "Every recording is judged before it is published; each problem says what to change. One marked for review may be accepted by "
        "a person, the others may not.",
        "The message for abandoned calls says four things and nothing else: “telemarketing purposes”, the registered name of the "
        "business, a callback number that takes do-not-call requests in business hours, and a key that opts out. Pressing it first "
        "puts the number on the seller's list and then ends the call. A predictive campaign does not start without it.",
        "Other recordings begin with the registered name and give a callback number. A sales message, and one sent to homes without "
        "consent, offers the opt-out right behind the name; left on voicemail it also gives a toll-free number that reaches the same "
        "opt-out. A message left without ringing is a call like any other and needs the same consent.",
        "A debt collector's limited-content message has a name that does not reveal debt collection, a person to ask for, a request to "
        "reply and a number; it goes to voicemail alone.",
        "## Numbers",
        _numbers(*_RECORDINGS),
        "## Word lists",
        _words(*_RECORDINGS),
    )


def _texting() -> tuple[str, ...]:
    speeds = [row for row in _rows(Throughput) if isinstance(row, Throughput)]
    caps = [row for row in _rows(DailyCap) if isinstance(row, DailyCap)]
    codes = [row for row in _rows(CarrierCode) if isinstance(row, CarrierCode)]
    classes = [row for row in _rows(ContentClass) if isinstance(row, ContentClass)]
    actions = {"refuse": "refused", "age_gate": "only behind an age gate", "review": "a person decides"}
    return (
        "Templates, registration forms and opt-ins are judged before they are published or submitted. Parts, not texts, are counted "
        "against limits.",
        "## Numbers",
        _numbers(*_TEXTS),
        "## Duties with dates",
        _duties(*_TEXTS),
        "## AT&T: parts per minute",
        "A standard campaign without a score gets the lowest rate of the low-volume class.",
        table(
            ["Class", "Kind", "Scores", "SMS", "MMS", "For each", *_SOURCE_HEAD],
            [
                [
                    row.name,
                    row.kind.replace("_", " "),
                    _scores(row),
                    str(row.sms),
                    str(row.mms),
                    row.per,
                    *_source(row),
                ]
                for row in speeds
            ],
        ),
        "## T-Mobile: parts per day",
        "Counted for the brand, over all campaigns and providers; reset at midnight Pacific. What is over the cap waits for the reset.",
        table(
            ["Brand", "Scores", "Parts", *_SOURCE_HEAD],
            [[row.name, _scores(row), f"{row.value:,}", *_source(row)] for row in caps],
        ),
        "## Carriers' answers",
        "A code that is not in the table is for a person, without another try.",
        table(
            ["Provider", "Code", "Meaning", "What we do", *_SOURCE_HEAD],
            [[row.provider, row.code, row.meaning, _ACTIONS[row.action], *_source(row)] for row in codes],
        ),
        "## Content that carriers bar",
        table(
            ["Class", "Words", "What we do", *_SOURCE_HEAD],
            [[row.name, ", ".join(row.value), actions[row.action], *_source(row)] for row in classes],
        ),
        "## Word lists",
        _words(*_TEXTS),
    )


def _scores(row: Throughput | DailyCap) -> str:
    return f"{row.score_from}–{row.score_to}" if row.score_to else "–"


def _consent_forms() -> tuple[str, ...]:
    return (
        "The words of a form for written consent name the seller and the number, allow an autodialer or a recorded voice, and say that "
        "nobody must agree in order to buy. The person ticks or signs; the form can be sent without it, and it stands apart from terms "
        "and other consents. Words that let in partners without naming them are for a person to accept. A form that asks for texts too "
        "meets the carriers' demands on an opt-in box beside these ([Texts](texting.md)).",
        "## Word lists",
        _words(*_CONSENT_FORMS),
    )


def _scripts() -> tuple[str, ...]:
    return (
        "A sales script says who calls, on whose behalf, how to reach them, that the call is to sell and what, before any pitch; the "
        "cost before any order; “no purchase necessary” before any prize. It says no survey or courtesy call before that. It is judged "
        "on every way through it.",
        "From a request not to be called on, nothing comes before its recording: no argument, no transfer, no offer. Payments other "
        "than those listed are refused; a free trial is recorded whole, with the card digits masked; no script shows a full account "
        "number.",
        "A questionnaire with an offer, a field for sales or an export to sales is telemarketing. An emergency names a danger to "
        "health or safety, sells nothing and repeats on no schedule.",
        "Scripts that are one running text are judged by their merge fields and words on the script's own page, as warnings.",
        "## Numbers",
        _numbers(*_SCRIPTS),
        "## Duties with dates",
        _duties(*_SCRIPTS),
        "## Word lists",
        _words(*_SCRIPTS),
        "## Caller IDs",
        _numbers("CID-001", "CID-003"),
    )


def _recording_consent() -> tuple[str, ...]:
    rows = [row for row in _rows(RecordingState) if isinstance(row, RecordingState)]
    return (
        "Every call in every state: the notice of recording and transcription is heard after the answer and stands on the recording; "
        "consent is shown by staying on. Recording begins with the notice. The strictest state on the call counts; a state that is not "
        "known counts as all parties.",
        "A notice heard before the answer is none, nor is a beep. After an objection recording and transcription stop at once; a sale "
        "that must be recorded ends. Nothing is recorded while card digits are taken, nor when only the message for abandoned calls is "
        "played.",
        "## States",
        "Section numbers of state statutes are from general knowledge and were not read again.",
        table(
            ["State", "Whose consent", *_SOURCE_HEAD],
            [
                [row.state, _CLASSES[row.value], *_source(row)]
                for row in sorted(rows, key=lambda row: row.state)
            ],
        ),
    )


def _retention() -> tuple[str, ...]:
    rows = [row for row in _rows(Retention) if isinstance(row, Retention)]
    return (
        "A record on a legal hold stays. A person's request deletes what the table calls erasable before its time, and never what shows "
        "consent, calls or objections: to honour an objection its number must be kept. A kind without a row is kept.",
        table(
            [
                "Record",
                "Rule",
                "Law, months",
                "We keep, months",
                "From",
                "Erasable",
                "In an access answer",
                *_SOURCE_HEAD,
            ],
            [
                [
                    row.name.replace("_", " "),
                    row.rule,
                    str(row.minimum_months or "–"),
                    str(row.keep_months or "for ever"),
                    row.counts_from.replace("_", " "),
                    "yes" if row.erasable else "no",
                    "yes" if row.in_access_answer else "no",
                    *_source(row),
                ]
                for row in rows
            ],
        ),
        "## Clocks of requests",
        _numbers("PRIV-001"),
    )
