"""The state overlay (rule book, table 4.2): hours and days of sales calls, in the called party's local time.

Where sources conflict the stricter reading stands until counsel confirms (rule book, 13.7); the note says so.
"""

from dataclasses import dataclass
from datetime import date, time

from compliance.rules.facts import Channel


@dataclass(frozen=True, slots=True)
class Hours:
    """Local hours [opens, closes)."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One row of the table, in force on [effective_from, effective_to). Hours of None mean closed."""

    state: str
    name: str
    weekday: Hours | None
    saturday: Hours | None
    sunday: Hours | None
    closed_on_holidays: bool = False
    attempts_per_24h: int | None = None
    channels: frozenset[Channel] = frozenset(Channel)
    also_in_zone: str = ""  # the hours must hold on this clock too
    effective_from: date | None = None
    effective_to: date | None = None
    citation: str
    confidence: str
    sources: str = ""
    note: str = ""

    def is_in_force(self, on: date) -> bool:
        """Return whether the row counts on that day."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_to is None or on < self.effective_to
        )

    def hours(self, weekday: int) -> Hours | None:
        """Return the hours of that day of the week (Monday = 0), None when no calls are allowed."""
        return self.sunday if weekday == 6 else self.saturday if weekday == 5 else self.weekday


UNKNOWN_STATE = "??"
STATE_NAMES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut",
    "DE": "Delaware", "DC": "the District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine",
    "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
    "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
    "WY": "Wyoming", "PR": "Puerto Rico", "VI": "the U.S. Virgin Islands", "GU": "Guam", "AS": "American Samoa",
    "MP": "the Northern Mariana Islands",
}  # fmt: skip

ADAD = frozenset({Channel.PREREC})  # automatic dialing-announcing devices
AUTOMATED = frozenset({Channel.PREREC, Channel.LIVE_PREDICTIVE})


def _span(opens: int | time, closes: int) -> Hours:
    return Hours(opens if isinstance(opens, time) else time(opens), time(closes))


FED = _span(8, 21)
H8_20, H9_20, H9_21, H10_21 = _span(8, 20), _span(9, 20), _span(9, 21), _span(10, 21)


def _row(
    state: str,
    citation: str,
    confidence: str,
    sources: str,
    weekday: Hours | None = FED,
    *,
    saturday: Hours | str | None = "same",
    sunday: Hours | str | None = "same",
    holidays: bool = False,
    cap: int | None = None,
    channels: frozenset[Channel] = frozenset(Channel),
    also_in_zone: str = "",
    since: date | None = None,
    until: date | None = None,
    note: str = "",
) -> StateRow:
    return StateRow(
        state=state,
        name=STATE_NAMES[state],
        weekday=weekday,
        saturday=weekday if isinstance(saturday, str) else saturday,
        sunday=weekday if isinstance(sunday, str) else sunday,
        closed_on_holidays=holidays,
        attempts_per_24h=cap,
        channels=channels,
        also_in_zone=also_in_zone,
        effective_from=since,
        effective_to=until,
        citation=citation,
        confidence=confidence,
        sources=sources,
        note=note,
    )


PA_ACT_47 = date(2026, 10, 18)
OR_HB_3865 = date(2026, 1, 1)

ROWS: tuple[StateRow, ...] = (
    _row(
        "AL",
        "Ala. Admin. Code r. 770-X-5-.17(2)",
        "M",
        "S15 S16 S19",
        H8_20,
        sunday=None,
        holidays=True,
        note="Reach over non-utilities disputed.",
    ),
    _row("AK", "no state hours; AS 45.63.010 registration", "M", "S15"),
    _row("AZ", "A.R.S. 44-1278(B)(6)", "M", "S15", note="Imports the federal hours."),
    _row("AR", "imports 16 CFR 310.4", "M", "S15"),
    _row("CA", "no hours for live calls", "H", "S2 S15"),
    _row("CA", "Cal. Pub. Util. Code 2872", "M", "S2 S15", H9_21, channels=ADAD),
    _row("CO", "no hours term", "M", "S15"),
    _row(
        "CT",
        "Conn. Gen. Stat. 42-288a(c), PA 23-98",
        "H",
        "S15 S16 S20",
        H9_20,
        note="One vendor shows 9–21 (old).",
    ),
    _row("DE", "no hours", "M", "S15 S5"),
    _row("DC", "D.C. Code 22-3226.08", "M", "S15"),
    _row("FL", "Fla. Stat. 501.616(6), 501.059", "H", "S2 S15", H8_20, cap=3),
    _row("GA", "no hours for live calls; 46-5-23", "M", "S15"),
    _row("HI", "Haw. Rev. Stat. 481P-3(8)", "M", "S15"),
    _row("ID", "no hours", "M", "S15"),
    _row("IL", "815 ILCS 413/15", "H", "S12 S15"),
    _row("IL", "815 ILCS 305/15", "M", "S12 S15", H9_21, channels=AUTOMATED),
    _row("IN", "no hours for live calls; IC 24-4.7", "M", "S15 S16"),
    _row("IN", "IC 24-5-14-8", "M", "S15 S16", H9_20, channels=ADAD),
    _row("IA", "no statute found", "L", "S15", note="Two vendors claim a 9:00 start."),
    _row("KS", "K.S.A. 50-670, no hours", "M", "S15"),
    _row("KY", "KRS 367.46955(16)", "H", "S12 S15 S16", H10_21),
    _row(
        "LA", "LPSC Gen. Order R-29617 V(A); R.S. 45:811", "H", "S15 S18", H8_20, sunday=None, holidays=True
    ),
    _row("ME", "no hours for live calls", "M", "S12 S15"),
    _row(
        "ME",
        "10 M.R.S. 1498(3)",
        "M",
        "S12 S15",
        _span(9, 17),
        saturday=None,
        sunday=None,
        channels=AUTOMATED,
    ),
    _row("MD", "Md. Com. Law 14-4502(c)", "H", "S2 S15", H8_20, cap=3),
    _row("MA", "M.G.L. c.159C §3; 201 CMR 12.02(2)", "H", "S15 S16", H8_20),
    _row(
        "MI",
        "MCL 750.540e(1)(f)",
        "M",
        "S15 S16",
        H9_21,
        note="One table says federal hours; the stricter stands.",
    ),
    _row(
        "MN",
        "Minn. Stat. 325E.30",
        "M",
        "S15 S16",
        H9_21,
        note="One table says federal hours; the stricter stands.",
    ),
    _row(
        "MS",
        "Miss. Code 77-3-723(1)",
        "M",
        "S15 S17",
        H8_20,
        sunday=None,
        also_in_zone="Etc/GMT+6",
        note="The statute says Central Standard Time: the hours must hold on that fixed clock and on the local one.",
    ),
    _row("MO", "Mo. Rev. Stat. 407.1076(5)", "M", "S15"),
    _row("MT", "Mont. Code 30-14-1412(1)(d)", "M", "S15"),
    _row("NE", "no hours for live calls", "M", "S15 S19"),
    _row("NE", "Neb. Rev. Stat. 86-248; 291 NAC 11 §3", "M", "S15 S19", sunday=_span(13, 21), channels=ADAD),
    _row(
        "NV",
        "NRS 598.0918(3)",
        "M",
        "S12 S16 S20",
        H9_20,
        note="Older lists say federal hours; the stricter stands.",
    ),
    _row("NH", "no hours law", "M", "S15 S16"),
    _row(
        "NJ",
        "N.J.S.A. 56:8-128(c)",
        "M",
        "S15",
        H8_20,
        note="The statute as read says 8–21, one vendor 8–20; the stricter stands (13.7).",
    ),
    _row("NM", "N.M. Stat. 57-12-22(B)(5)", "H", "S15 S16", H9_21),
    _row("NY", "N.Y. GBL 399-z(2)", "H", "S15 S16"),
    _row("NC", "N.C.G.S. 75-102(f)", "M", "S15", note="No zone named: both clocks apply."),
    _row("ND", "N.D.C.C. 51-28-05", "M", "S15"),
    _row("OH", "no hours", "M", "S15"),
    _row(
        "OK",
        "15 O.S. 775C.4",
        "H",
        "S2 S15",
        H8_20,
        holidays=True,
        cap=3,
        note="Holidays: one source restricts them, the statute copies seen do not; the stricter stands.",
    ),
    _row("OR", "no state row before HB 3865", "L", "S15", until=OR_HB_3865),
    _row(
        "OR",
        "HB 3865; ORS 646.561–.569",
        "M",
        "S3 S15 S26",
        H8_20,
        cap=3,
        since=OR_HB_3865,
        note="Counts calls and texts together.",
    ),
    _row(
        "PA",
        "73 P.S. 2245(a)(1), (a)(10)",
        "M",
        "S12 S15 S44",
        sunday=_span(time(13, 30), 21),
        holidays=True,
        until=PA_ACT_47,
        note="Sunday hours differ between sources; the stricter stands.",
    ),
    _row(
        "PA",
        "Act 47 of 2026 (SB 992)",
        "H",
        "S15 S25 S44",
        _span(9, 19),
        sunday=None,
        holidays=True,
        since=PA_ACT_47,
        note="Holiday wording of the act not read: closed is assumed.",
    ),
    _row(
        "RI",
        "R.I. Gen. Laws 5-61-2(2), 5-61-3.6",
        "H",
        "S15 S16",
        _span(9, 18),
        saturday=_span(10, 17),
        sunday=None,
        holidays=True,
    ),
    _row("SC", "S.C. Code 37-21-30", "H", "S15 S16"),
    _row("SD", "S.D.C.L. 37-30A-3(2)", "M", "S15 S16", H9_21, sunday=None),
    _row("TN", "Tenn. Code 65-4-402", "M", "S12 S15"),
    _row("TX", "Tex. Bus. & Com. Code 301.051", "H", "S2 S15", H9_21, sunday=_span(12, 21)),
    _row("UT", "Utah Code 13-25a-103(3)", "H", "S15 S18", sunday=None, holidays=True),
    _row("VT", "no hours found", "L", "S15"),
    _row("VA", "Va. Code 59.1-511", "H", "S15 S22 S23"),
    _row("WA", "RCW 19.158.110(4)", "H", "S15 S16 S24", H8_20),
    _row("WV", "W. Va. Code 46A-6F-601(a)(4)", "M", "S15"),
    _row("WI", "ATCP 127.16(3)", "M", "S15 S16"),
    _row("WY", "Wyo. Stat. 40-12-302(d)", "H", "S15 S16", H8_20),
    _row("PR", "Act 210-2003, 10 L.P.R.A. 4031–4038", "M", "S12", H9_21),
    _row("VI", "no hours provision found", "L", "S12"),
    _row("GU", "no hours provision found", "L", "S12"),
    _row("AS", "no hours provision found", "L", "S12"),
    _row("MP", "no hours provision found", "L", "S12"),
)

STRICTEST = StateRow(
    state=UNKNOWN_STATE,
    name="the strictest state",
    weekday=_span(10, 18),
    saturday=_span(10, 17),
    sunday=None,
    closed_on_holidays=True,
    attempts_per_24h=3,
    citation="rule book ST-001: used when the state is not known, and for a mobile of which only the area code is (TZ-004)",
    confidence="H",
)


def rows_for(state: str, channel: Channel, on: date) -> tuple[StateRow, ...]:
    """Return the rows that bind this channel in the state on that day; the strictest row where there is none."""
    found = tuple(
        row for row in ROWS if row.state == state and channel in row.channels and row.is_in_force(on)
    )
    return found or (STRICTEST,)
