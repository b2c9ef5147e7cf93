"""What the gate's tests share: a working day's instant and requests that pass every rule."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from compliance.rules.facts import Channel, Purpose
from compliance.services import ContactRequest, import_dnc, set_house_limit
from core.types import PhoneNumber
from tests.factories.world import give_papers, load_state_list

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # Monday, 11:00 in Orlando
SELLER = "Northwind Home Energy"


# These pages are tested alone: the frame's navigation needs every other app's pages.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [settings.BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


@pytest.fixture(autouse=True)
def _own_urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.integration.compliance.gate_urls", TEMPLATES=TEMPLATES):
        yield


@pytest.fixture
def now() -> datetime:
    """Return a Monday morning."""
    return NOW


@pytest.fixture
def ask() -> Callable[..., ContactRequest]:
    """Return a maker of requests: a person in Orlando, called about a sale by a rep who saw the lead."""

    def make(number: str = "+14075550123", **changes: Any) -> ContactRequest:
        values: dict[str, Any] = {
            "number": PhoneNumber(number),
            "channel": Channel.LIVE_PREVIEW,
            "purpose": Purpose.TELEMARKETING,
            "seller": SELLER,
            "campaign_ref": "campaign:1",
            "person_ref": f"lead:{number[-4:]}",
            "attempt_ref": f"attempt:{number[-4:]}",
            "caller_id": PhoneNumber("+14075550100"),
            "ring_seconds": 25,
            "postal_code": "32801",
            "state": "FL",
            "city": "Orlando",
        }
        return ContactRequest(**{**values, **changes})

    return make


@pytest.fixture
def registry(db_ready: None) -> None:
    """Give the seller all it needs to call Florida; one number is on the national registry."""
    ready_to_call()


@pytest.fixture
def db_ready(db: None) -> None:
    """Allow the database."""


def ready_to_call(seller: str = SELLER) -> None:
    """Load fresh registries for the seller, national and Florida's, and give it its papers."""
    load_registry(["4075550199"], seller=seller)
    load_state_list(NOW, seller=seller)
    give_papers(NOW, seller=seller)


def papers_without_state_lists() -> None:
    """Give the seller its papers, and switch off the duty to hold a copy of a state's own list: not the test's subject."""
    give_papers(NOW)
    with transaction.atomic():
        set_house_limit(
            name="state_lists_required",
            value=False,
            since=date(2026, 1, 1),
            reason="the national copy is tested alone",
            set_by="nil",
            approved_by="cora",
            is_override=True,
            now=NOW,
        )


def load_registry(numbers: list[str], *, as_of: date = date(2026, 11, 12), **changes: Any) -> Any:
    """Import a registry copy for the seller."""
    values: dict[str, Any] = {
        "name": "national",
        "seller": SELLER,
        "san": "10000001-1",
        "file_sha256": "a" * 64,
        "actor": "nil",
        "now": NOW,
    }
    with transaction.atomic():
        return import_dnc(lines=numbers, as_of=as_of, **{**values, **changes})
