"""Loading copies of the do-not-call registries."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from compliance import selectors, services
from compliance.models import DncListImport
from compliance.registry.snapshot import Snapshot
from compliance.registry_facts import folder
from compliance.services import ContactRequest, DncFileRefused
from core.models import AuditEvent
from core.types import PhoneNumber
from tests.integration.compliance.conftest import NOW, SELLER, load_registry, papers_without_state_lists

pytestmark = pytest.mark.django_db


def test_formats_headings_and_duplicates() -> None:
    lines = [
        "phone",
        "4075550123",
        "407,5550124",
        "+14075550125",
        "1-407-555-0126",
        '"(407) 555-0127"',
        "",
        "4075550123",
    ]

    row = load_registry(lines)

    assert (row.accepted, row.duplicates, row.refused, row.active) == (5, 1, 0, True)
    snapshot = Snapshot(folder() / row.file, content_sha256=row.content_sha256)
    assert [snapshot.is_listed(PhoneNumber(f"+1407555012{last}")) for last in range(10)] == [
        last in range(3, 8) for last in range(10)
    ]
    assert AuditEvent.objects.get().verb == "compliance.registry.imported"


def test_refused_lines_are_counted_kept_and_keep_the_copy_out_of_force() -> None:
    row = load_registry(["4075550123", "hello", "12345", "x" * 5000, "4075550124\x00"])

    assert (row.accepted, row.refused, row.active, row.needs_person) == (1, 4, False, True)
    assert [line[0] for line in row.refused_lines] == [2, 3, 4, 5]
    side_file = (folder() / row.refused_file).read_text(encoding="utf-8").splitlines()
    assert len(side_file) == 5
    assert side_file[1] == "2\thello\tnot a ten-digit US or Canadian number"


def test_one_refused_line_in_a_thousand_is_tolerated() -> None:
    good = [f"407{number:07d}" for number in range(5550000, 5551000)]

    assert load_registry([*good[:999], "junk"]).active
    assert not load_registry([*good[:998], "junk"], file_sha256="b" * 64).active


@pytest.mark.parametrize(
    ("lines", "changes", "message"),
    [
        ([], {}, "empty"),
        (["no number"], {}, "empty"),
        (["heading", "junk"], {}, "Line 2"),
        (["4075550123"], {"name": "narnia"}, "no list we know"),
        (["4075550123"], {"seller": " "}, "which seller"),
        (["4075550123"], {"san": ""}, "SAN"),
        (["4075550123"], {"as_of": date(2026, 12, 1)}, "future"),
        (["4075550123"], {"file_sha256": "nope"}, "SHA-256"),
        (["4075550123"], {"area_codes": frozenset({"40"})}, "area code"),
    ],
)
def test_a_file_or_description_that_cannot_be_used_stores_nothing(
    lines: list[str], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DncFileRefused, match=message):
        load_registry(lines, **changes)

    assert not DncListImport.objects.exists()


def test_the_same_file_is_stored_once_and_a_newer_one_replaces_it() -> None:
    first = load_registry(["4075550123"])

    again = load_registry(["4075550123"])
    newer = load_registry(["4075550124"], as_of=date(2026, 11, 20), file_sha256="c" * 64)

    assert again.id == first.id
    assert list(DncListImport.objects.filter(active=True).values_list("id", flat=True)) == [newer.id]


def test_a_copy_of_some_area_codes_covers_those_alone(ask: Callable[..., ContactRequest]) -> None:
    papers_without_state_lists()
    load_registry(["4075550199"], area_codes=frozenset({"407", "321"}))

    covered, other, listed = services.explain(
        [ask("+14075550123"), ask("+13055550123", postal_code="33101"), ask("+14075550199")], now=NOW
    )

    assert covered.code == ""
    assert other.code == "SCRUB_STALE"
    assert other.sentence == "Not called: the do-not-call registry loaded does not cover area code 305."
    assert listed.code == "DNC_NATIONAL"


def test_a_partial_copy_leaves_a_wider_one_in_force() -> None:
    wide = load_registry(["4075550123"])
    narrow = load_registry(["4075550123"], area_codes=frozenset({"407"}), file_sha256="b" * 64)

    active = DncListImport.objects.filter(active=True)
    assert set(active.values_list("id", flat=True)) == {wide.id, narrow.id}


def test_the_list_of_copies_tells_their_age(now: datetime) -> None:
    load_registry(["4075550123"], as_of=date(2026, 10, 20))

    (row,) = selectors.list_registry_imports(now=now)

    assert (row.age_days, row.is_too_old, row.seller) == (34, True, SELLER)
