"""Places to draw from, typed in by hand: area codes with their states and zones (TZ-005, TZ-006), ZIPs, stated zones."""

from dataclasses import dataclass

from compliance.rules.facts import Evidence, EvidenceKind

E, C, M, P = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
DETROIT, BOISE, PHOENIX = "America/Detroit", "America/Boise", "America/Phoenix"
ANCHORAGE, ADAK = "America/Anchorage", "America/Adak"

# Area code, state, its zones, and the zone of the ZIP of the place.
LINES = f"""
205 AL {C}
251 AL {C}
334 AL {E},{C} {C}
907 AK {ANCHORAGE},{ADAK} {ANCHORAGE}
602 AZ {PHOENIX}
520 AZ {PHOENIX}
928 AZ {PHOENIX},{M} {PHOENIX}
501 AR {C}
310 CA {P}
415 CA {P}
303 CO {M}
203 CT {E}
302 DE {E}
202 DC {E}
305 FL {E}
407 FL {E}
850 FL {E},{C} {C}
404 GA {E}
808 HI Pacific/Honolulu
208 ID {BOISE},{P} {BOISE}
312 IL {C}
317 IN America/Indiana/Indianapolis
219 IN {E},{C} {C}
515 IA {C}
316 KS {C}
785 KS {C},{M} {C}
502 KY America/Kentucky/Louisville
270 KY {E},{C} {C}
504 LA {C}
318 LA {C}
207 ME {E}
410 MD {E}
617 MA {E}
313 MI {DETROIT}
906 MI {DETROIT},{C} {DETROIT}
612 MN {C}
601 MS {C}
314 MO {C}
406 MT {M}
402 NE {C}
308 NE {C},{M} {M}
702 NV {P}
775 NV {P},{M} {P}
603 NH {E}
201 NJ {E}
505 NM {M}
212 NY {E}
716 NY {E}
704 NC {E}
701 ND {C},{M} {C}
216 OH {E}
405 OK {C}
580 OK {C},{M} {C}
503 OR {P}
541 OR {P},{M} {P}
215 PA {E}
412 PA {E}
401 RI {E}
803 SC {E}
605 SD {C},{M} {C}
615 TN {C}
423 TN {E},{C} {E}
512 TX {C}
214 TX {C}
915 TX {C},{M} {M}
801 UT {M}
435 UT {M}
802 VT {E}
804 VA {E}
703 VA {E}
206 WA {P}
304 WV {E}
414 WI {C}
307 WY {M}
787 PR America/Puerto_Rico
340 VI America/St_Thomas
671 GU Pacific/Guam
684 AS Pacific/Pago_Pago
670 MP Pacific/Saipan
"""
LIST_STATES = ["CO", "FL", "IN", "LA", "MA", "MO", "OK", "PA", "TN", "TX", "WY"]
ALL_STATES = sorted({line.split()[1] for line in LINES.split("\n") if line})
NUMBERS = [line.split()[0] for line in LINES.split("\n") if line]


@dataclass(frozen=True, slots=True)
class Place:
    """One place, as each kind of evidence tells of it."""

    area_code: Evidence
    zip: Evidence
    state: Evidence


def read_places() -> tuple[Place, ...]:
    """Return the places of the table; a state's evidence has the zones of all its places."""
    rows = [line.split() for line in LINES.split("\n") if line]
    by_state: dict[str, set[str]] = {}
    for row in rows:
        by_state.setdefault(row[1], set()).update(row[2].split(","))
    found = []
    for row in rows:
        states, zones = frozenset({row[1]}), frozenset(row[2].split(","))
        here = frozenset({row[3]}) if len(row) > 3 else zones
        found.append(
            Place(
                area_code=Evidence(
                    kind=EvidenceKind.AREA_CODE, source=f"area code {row[0]}", states=states, zones=zones
                ),
                zip=Evidence(kind=EvidenceKind.ZIP, source=f"ZIP in {row[1]}", states=states, zones=here),
                state=Evidence(
                    kind=EvidenceKind.STATE, source=row[1], states=states, zones=frozenset(by_state[row[1]])
                ),
            )
        )
    return tuple(found)


PLACES = read_places()
STATED = tuple(
    Evidence(kind=EvidenceKind.STATED, source="stated", zones=frozenset({zone}))
    for zone in (E, C, M, P, PHOENIX, "Pacific/Honolulu", "America/Anchorage")
)
