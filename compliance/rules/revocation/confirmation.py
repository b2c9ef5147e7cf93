"""The one text that may follow a revocation: it confirms, in time, sells nothing, and is the last (FED-014).

47 CFR 64.1200(a)(12), in force 4 Apr 2024: sent within five minutes it is presumed to be within the consent given; it may ask
which of several kinds of message the person meant, and no answer means all of them.
"""

import re
from datetime import datetime, timedelta

_MARKETING = re.compile(
    r"\d ?%|[$€£] ?\d|\b(?:off if|percent off|discount|coupon|promo|voucher|sale|save (?:up|big|now|on)|deals?|"
    r"special offer|offers?\b(?! to| from)|free (?:gift|shipping|trial|month)|buy|shop|order now|upgrade|win|limited time|"
    r"reconsider|before you go|if you stay|stay with us|come back|miss you|change your mind|"
    r"descuentos?|oferta|ofertas|rebaja|gratis|compre|ahorre|regalo|si se queda)\b",
    re.IGNORECASE,
)
_CONFIRMS = re.compile(
    r"\b(?:unsubscribed|opted out|removed|stopped|cancell?ed|no (?:more|further|longer)|(?:not|won['’]?t) (?:text|contact|"
    r"message|receive|get|send)|off our list|dado de baja|no recibirá|cancelad[oa]|no más)\b",
    re.IGNORECASE,
)


def confirmation_problems(
    text: str,
    *,
    revoked_at: datetime,
    sending_at: datetime,
    within: timedelta,
    already_confirmed_at: datetime | None = None,
    carrier_wants_reply: bool = False,
) -> list[str]:
    """Return why this confirmation may not be sent, each reason a sentence; an empty list if it may.

    `within` is the time the rule pack gives (FED-014). A second revocation is met with silence, unless the carrier's or short
    code's rules want an answer to each (`carrier_wants_reply`). Both times are aware. Source: 47 CFR 64.1200(a)(12).
    """
    problems = []
    if already_confirmed_at is not None and not carrier_wants_reply:
        problems.append("A confirmation was sent already; a further revocation is answered with silence.")
    if sending_at < revoked_at:
        problems.append("The confirmation would be sent before the revocation came; check the two times.")
    if sending_at - revoked_at > within:
        minutes = within.total_seconds() / 60
        problems.append(
            f"More than {minutes:g} minutes have passed since the revocation; a confirmation is too late."
        )
    if not _CONFIRMS.search(text):
        problems.append("The text does not say that messages end; a confirmation must confirm.")
    found = _MARKETING.search(text)
    if found:
        problems.append(f"The text has marketing in it (“{found[0].strip()}”); a confirmation only confirms.")
    return problems
