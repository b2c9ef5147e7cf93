"""What stands in a CRM against what was sent."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_sync import comparing

TOLD = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("is_same", "changed_at", "behind", "verdict"),
    [
        (True, "2026-03-04T16:00:00Z", timedelta(0), "same"),
        (False, "2026-03-04T14:59:59Z", timedelta(0), "lost"),
        (False, "2026-03-04T15:00:01Z", timedelta(0), "changed there"),
        (False, "2026-03-04T15:30:00.000+0000", -HOUR, "lost"),  # its clock is an hour ahead: half past two
        (False, "2026-03-04T14:30:00Z", HOUR, "changed there"),
        (False, "", timedelta(0), "changed there"),
        (False, "soon", timedelta(0), "changed there"),
        (False, "2026-03-04T14:00:00", timedelta(0), "changed there"),  # of no zone
    ],
)
def test_what_differs_is_somebody_s_own_unless_the_record_is_as_old_as_our_writing(
    is_same: bool, changed_at: str, behind: timedelta, verdict: str
) -> None:
    found = comparing.judge(is_same=is_same, changed_at=changed_at, told_at=TOLD, behind=behind)

    assert found == verdict


@pytest.mark.parametrize(
    ("stands", "note", "has"),
    [
        ("<p>Call me <strong>later</strong></p>", "Call me later", True),
        ("Call me &lt;b&gt;later&lt;/b&gt;<br>Campaign: X", "Call me <b>later</b>", True),
        ("two&nbsp;&amp; more<br />\nlines", "two & more\n\nlines", True),
        ("older", "newer", False),
        ("", "newer", False),
        ("x" * 32_000, "x" * 40_000, True),
    ],
)
def test_a_note_is_found_however_the_crm_marks_it_up(stands: str, note: str, has: bool) -> None:
    assert comparing.has_words(stands, note) is has
