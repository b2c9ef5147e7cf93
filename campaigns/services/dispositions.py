"""The results agents choose from."""

from collections.abc import Collection
from datetime import datetime

from campaigns.models import Disposition, DispositionSet
from core import audit, db

CATEGORY = Disposition.Category
DEFAULT_SET = "Standard sales"
# (code, label, category, key on the desk, minutes until the next try; None: the lead is finished or the time is agreed)
_DEFAULT = (
    ("interested", "Interested", CATEGORY.CONVERSION, "1", None),
    ("not_interested", "Not interested", CATEGORY.CONTACT, "2", None),
    ("callback", "Callback", CATEGORY.CALLBACK, "3", None),
    ("left_message", "Left a message", CATEGORY.NO_CONTACT, "4", 1440),
    ("no_answer", "No answer", CATEGORY.NO_CONTACT, "5", 240),
    ("busy", "Busy", CATEGORY.NO_CONTACT, "6", 30),
    ("wrong_number", "Wrong number", CATEGORY.WRONG_NUMBER, "7", None),
    ("failed", "Failed", CATEGORY.NO_CONTACT, "8", 1440),
    ("do_not_call", "Do not call", CATEGORY.DO_NOT_CALL, "9", None),
)
# What the dialer enters for a call no agent spoke on: (code, label, minutes until the next try).
_AUTOMATIC = (
    ("machine", "Answering machine", 240),
    ("hung_up", "Hung up before an agent", 1440),
    ("abandoned", "Abandoned: no agent in time", 1440),
)
_AFTER_ALL = 100  # their place, behind every result of a manager
# What the dialer looks for in a set, by these codes (dialer/services/settling.py).
DIALER_CODES = (*(code for code, _, _ in _AUTOMATIC), "left_message", "no_answer", "busy", "failed")


def ensure_default_set(now: datetime) -> int:
    """Return the id of the standard set of results, made with all of them if it is not there; what stands is left as it is."""
    with db.use_case():
        found, is_new = DispositionSet.objects.get_or_create(name=DEFAULT_SET)
        if is_new:
            audit.record(
                actor="setup",
                verb="campaigns.dispositions.created",
                target=f"disposition_set:{found.id}",
                now=now,
            )
        add_standard(found.id, [code for code, *_ in _DEFAULT])
        add_automatic(found.id)
    return found.id


def add_standard(set_id: int, codes: Collection[str]) -> None:
    """Give a set those of the standard results; what stands is left as it is. In the open transaction."""
    db.require_atomic()
    Disposition.objects.bulk_create(
        [
            Disposition(
                disposition_set_id=set_id,
                code=code,
                label=label,
                category=category,
                hotkey=key,
                position=position,
                retry_minutes=minutes,
            )
            for position, (code, label, category, key, minutes) in enumerate(_DEFAULT)
            if code in codes
        ],
        ignore_conflicts=True,
    )


def add_automatic(set_id: int) -> None:
    """Give a set the results that the dialer enters; what stands is left as it is. In the open transaction."""
    db.require_atomic()
    Disposition.objects.bulk_create(
        [
            Disposition(
                disposition_set_id=set_id,
                code=code,
                label=label,
                category=CATEGORY.NO_CONTACT,
                automatic=True,
                position=_AFTER_ALL + position,
                retry_minutes=minutes,
            )
            for position, (code, label, minutes) in enumerate(_AUTOMATIC)
        ],
        ignore_conflicts=True,
    )
