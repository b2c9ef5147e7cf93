"""The rule pages of docs/compliance/, written from the tables the rules use, so that they cannot say something else. Pure."""

from collections.abc import Mapping

from compliance import pages
from compliance.rules.consent_needed import RECORDED_NEEDS, TEXT_NEEDS, Need
from compliance.rules.content.documents import documents as content_documents
from compliance.rules.content.documents import table as _table
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import LAW_KINDS, UNKNOWN_STATE, ClosedDays, LegalNumber, StateLaw
from compliance.rules.packfile import shipped
from compliance.rules.places import SPLIT_AREA_CODES
from compliance.rules.state_consent import KINDS
from compliance.rules.vocabulary import Channel, Purpose

HEADER = "<!-- Written by `python manage.py write_rule_docs` from compliance/rules/. Do not edit by hand. -->"
NOT_ADVICE = "This page says what the software enforces. It is not legal advice; rows of medium or low confidence need counsel."


def documents() -> dict[str, str]:
    """Return the pages by file name."""
    return {
        "calling-window.md": _calling_window(),
        "consent.md": _consent(),
        "do-not-call.md": _do_not_call(),
        "frequency.md": _frequency(),
        **{name: _page(title, *parts) for name, (title, parts) in content_documents().items()},
    }


def _page(title: str, *parts: str) -> str:
    return (
        "\n\n".join([f"# {title}", HEADER, f"Rules version {shipped().version}. {NOT_ADVICE}", *parts]) + "\n"
    )


def _numbers(*rule_ids: str) -> str:
    def shown(row: LegalNumber) -> list[str]:
        line = pages.number_line(row)
        return [line.rule_id, line.value, line.unit, line.citation, line.confidence]

    rows = [shown(row) for row in shipped().numbers if row.rule_id in rule_ids]
    return _table(["Rule", "Value", "Meaning", "Source", "Confidence"], rows)


def _calling_window() -> str:
    return _page(
        "Calling window",
        "A sales contact (purpose `telemarketing`) is allowed only while it is inside the federal hours, the hours and days of every "
        "state the person may be in, and the campaign's own schedule, on the clock of every zone the person may be in. One that fails "
        "is enough. Other purposes keep the campaign's schedule alone, debts their own hours beside it; an emergency that sells "
        "nothing is bound by no hour. Business relationships do not lift the hours, and consent lifts them only where a state's law "
        "says so (Utah).",
        "## Federal hours",
        _numbers("FED-001"),
        "A contact must be able to ring out: ring time and margin must fit before closing. The margin is also kept before the "
        "closing hour of states and campaigns.",
        "## Debt hours",
        _numbers("REGF-003"),
        "Hours and weekdays the person called inconvenient are closed as well; a number they ruled out, or a workplace whose "
        "employer forbids the calls, is never open.",
        "## Where the person may be",
        "Candidate zones and states are the union of the number's area code, the ZIP, the state and a zone the record states; "
        "evidence only adds. With no zone, or a number tied to no place (toll-free, 5XX, 700, 900), the contact is refused. With no "
        "state, or with nothing but the area code of a line that may be a mobile, the strictest row applies as well.",
        "Area codes that span zones, beyond what the reference data says:",
        _table(
            ["Area codes", "Zones"],
            _split_area_codes(),
        ),
        "## State hours and days",
        _table(
            [
                "State",
                "Mon–Fri",
                "Sat",
                "Sun",
                "Holidays",
                "Channels",
                "In force",
                "Source",
                "Confidence",
                "Note",
            ],
            [_state_cells(line) for line in (pages.row_line(row) for row in shipped().state_rows)],
        ),
        "## Holidays",
        "Both the actual and the observed day count; whether the state is closed then or has other hours stands above. Sources: rule "
        "book 4.2 and 4.3, and the states' public holidays as published in the pinned `holidays` package.",
        _table(["Day", "States", "Confidence", "Note"], _holiday_rows()),
        "For an unknown state every closed day of these is closed.",
    )


def _split_area_codes() -> list[list[str]]:
    return [
        [
            ", ".join(code for code, zones in SPLIT_AREA_CODES.items() if zones == group),
            ", ".join(sorted(group)),
        ]
        for group in dict.fromkeys(SPLIT_AREA_CODES.values())
    ]


def _state_cells(line: pages.RowLine) -> list[str]:
    since = f"from {line.since}" if line.since else ""
    until = f"until {line.until}" if line.until else ""
    in_force = " ".join(filter(None, (since, until))) or "–"
    return [
        line.name,
        line.weekday,
        line.saturday,
        line.sunday,
        line.holidays,
        line.channels,
        in_force,
        line.citation,
        line.confidence,
        line.note or "–",
    ]


def _holiday_rows() -> list[list[str]]:
    states: dict[tuple[str, str, str], list[str]] = {}
    for pack in shipped().packs:
        for row in pack.closed_days:
            key = (_closed_day(row), row.confidence, row.note)
            states.setdefault(key, []).append(STATE_NAMES[row.state])
    return [
        [name, ", ".join(sorted(found)), pages.CONFIDENCE_WORDS[confidence], note or "–"]
        for (name, confidence, note), found in states.items()
    ]


def _closed_day(row: ClosedDays) -> str:
    words = {
        "public": "Public holidays of the state, with observed days",
        "election_day": "Election Day, even years",
        "after_thanksgiving": "Day after Thanksgiving",
    }
    return words.get(row.kind) or (f"{row.name} ({row.month}/{row.day})" if row.month else row.name)


def _do_not_call() -> str:
    return _page(
        "Do not call",
        "## Internal list (FED-006, FED-012, TSR-003)",
        "A person who asked not to be contacted is refused from that second on, for every purpose, on every channel and in every "
        "campaign of the seller; with the scope “everyone”, for all sellers. The request voids every clearance that is open for the "
        "number in the same transaction. It is kept with the person's words, is never removed, never expires, and no import lifts it; "
        "only the person does, by a later consent given to this seller unasked, whose words are kept. An emergency of an approved "
        "event passes a revoked consent, but not a request not to be called. "
        "A do-not-call flag in the CRM denies in the same way. The law allows ten business days; we use none of them.",
        "Source: 47 CFR 64.1200(d)(1)–(6), (a)(10); 16 CFR 310.4(b)(1)(ii)–(iii). Confidence high.",
        "## National registry and state lists (FED-002)",
        _numbers("FED-002"),
        "Binds sales contacts, and charity unless a nonprofit calls for itself. A number that is listed is refused; so is every "
        "number when the seller has no copy obtained under its own subscription (SAN), when the newest copy does not cover the "
        "number's area code, or when it is too old. Age is counted in calendar days, in the zone where the day is furthest on. Another "
        "seller's copy is of no use. A copy whose file is missing or altered refuses the numbers it covers.",
        "A copy of which more than 0.1 % of the lines cannot be read is not put in force until a compliance officer, by name, says "
        "so. A newer copy replaces older ones of the "
        "same list and seller whose area codes it covers. A state with a list of its own is called only with a copy of it, no older "
        "than the national one may be: "
        + ", ".join(STATE_NAMES[state] for state in _states_with("own_list"))
        + ".",
        "## What lifts the national registry (FED-003, FED-004, FED-027, FED-033, FED-035)",
        _numbers("FED-003", "FED-011", "A2P-009"),
        "Nothing here lifts a state's own list, the internal list, consent or hours. A written agreement with this seller by name, "
        "confirmed by the reassigned numbers' answer (FED-030); "
        "for live calls a purchase or inquiry with this seller, while both clocks run, the last day included, unless the person ever "
        "asked the seller not to call; for calls a person dials, the caller's own acquaintance; an answer to the person's own text; a "
        "tax-exempt nonprofit that calls for itself; the landline of a business, outside states without that exemption. Months are "
        "calendar months and end on the month's last day where it has no such day. A consent that names another seller is refused as "
        "such; one that names nobody is for a supervisor.",
        "Shorter clocks of states: "
        + ", ".join(
            f"{STATE_NAMES[row.state]} {row.value} months" if row.value else f"{STATE_NAMES[row.state]} never"
            for row in _laws("relationship_months")
        )
        + ". No exemption for businesses: "
        + ", ".join(STATE_NAMES[state] for state in _states_with("no_business_exemption"))
        + ".",
    )


def _laws(kind: str) -> list[StateLaw]:
    return [row for pack in shipped().packs for row in pack.laws if row.kind == kind]


def _states_with(kind: str) -> list[str]:
    return sorted({row.state for row in _laws(kind)})


def _consent() -> str:
    return _page(
        "Consent",
        "What a contact needs by federal law (FED-007), by purpose and line. Unknown line types, internet numbers and toll-free "
        "numbers count as wireless; a line type is believed for a while only (FED-031). Live calls need no federal consent; a "
        "campaign that makes up numbers is refused outright (FED-010). Emergencies of an approved event need none.",
        "## Recorded, artificial and cloned voices, voicemail drops, ringless voicemail",
        _needs(RECORDED_NEEDS),
        "A recorded sales call also needs a signed agreement that the seller itself got (TSR-006), but for business-to-business "
        "campaigns on a line known to be a business's.",
        "## Texts",
        _needs(TEXT_NEEDS),
        "A text that answers the person's own text and sells nothing needs no further consent while the conversation lasts.",
        "## Numbers and switches",
        _numbers("FED-009", "FED-011", "FED-015", "FED-022", "FED-023", "FED-030", "FED-031", "A2P-009"),
        "## States that ask for consent to sales contacts (ST-006, ST-008) or for the check (FED-030)",
        "Consent lifts them as the table says. What is not consent lifts a law of high confidence alone; of the others a supervisor "
        "judges. Where the state is not known, each of them may apply.",
        _table(
            ["State", "Law", "Channels", "Lifted by", "Source", "Confidence", "Note"],
            [_law_cells(law) for pack in shipped().packs for law in pack.laws if law.kind in KINDS],
        ),
        "## Reassigned numbers (FED-030)",
        "A contact that stands on consent needs the answer “no” of the Reassigned Numbers Database, asked about the day of the "
        "consent or an earlier one. “No data” is for a supervisor. A consent that is not confirmed so lifts nothing either: no "
        "state's hours, days or registration, no registry, no count of exempt recordings.",
    )


def _needs(needs: Mapping[Purpose, tuple[Need, Need, Need]]) -> str:
    words = {Purpose.EMERGENCY: "emergency, event not approved", Purpose.UNKNOWN: "not said"}
    rows = [
        [words.get(purpose, purpose.value.replace("_", " ")), *(need.value for need in row)]
        for purpose, row in needs.items()
    ]
    return _table(["Purpose", "Wireless", "Residential landline", "Business landline"], rows)


def _law_cells(law: StateLaw) -> list[str]:
    return [
        STATE_NAMES[law.state],
        LAW_KINDS[law.kind],
        "all" if len(law.channels) == len(Channel) else ", ".join(sorted(law.channels)),
        ", ".join(sorted(law.lifted_by)) or "–",
        law.citation,
        pages.CONFIDENCE_WORDS[law.confidence],
        law.note or "–",
    ]


def _frequency() -> str:
    capped = [row for row in shipped().state_rows if row.cap and row.state != UNKNOWN_STATE]
    return _page(
        "Attempts in 24 hours",
        _numbers("ST-003"),
        "Counted per person over all their numbers, and per number over all persons; over every channel, campaign, caller ID and "
        "seller; answered or not. The period is rolling: an attempt stops counting exactly 24 hours after it was cleared. Two workers "
        "cannot both take the last attempt, because both lock the person and the number first. An attempt whose clearance was "
        "voided, or ran out unused over a minute ago, never rang and does not count.",
        "States whose law sets a cap; everywhere else it is our policy:",
        _table(
            ["State", "Attempts", "Source", "Confidence"],
            [
                [
                    STATE_NAMES[row.state],
                    f"{row.cap} in {row.cap_hours} hours",
                    row.citation,
                    pages.CONFIDENCE_WORDS[row.confidence],
                ]
                for row in capped
            ],
        ),
        "## Debts",
        _numbers("REGF-001", "REGF-002"),
        "Counted per debt, the campaign's subject, over all the person's numbers. A call counts for 168 hours and for 7 calendar days "
        "where the person is, whichever is longer; busy signals and numbers out of service do not count. Local caps on contacts "
        "about a debt hold beside them:",
        _table(["Place", "Contacts", "From", "Source", "Confidence"], _debt_caps()),
    )


def _debt_caps() -> list[list[str]]:
    laws = [law for pack in shipped().packs for law in pack.laws if law.kind == "debt_cap"]
    return [
        [
            law.city or STATE_NAMES[law.state],
            f"{law.value} in {law.days} days",
            str(law.effective_from or "–"),
            law.citation,
            pages.CONFIDENCE_WORDS[law.confidence],
        ]
        for law in laws
    ]
