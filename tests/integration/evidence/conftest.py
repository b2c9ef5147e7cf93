"""A small world with a story: imported, consented, called, asked to stop while another call rang, the CRM told."""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from campaigns.models import CampaignLead, ContactPhone, ImportRow, ListImport
from compliance import services as gate
from compliance.rules.facts import Channel, ConsentKind, Purpose
from config.wiring import HANDLERS
from core import clock, db, outbox
from core.types import PhoneNumber
from crm_sync.models import SyncQueueItem
from dialer.models import Call
from dialer.services import results
from evidence import services
from tests.factories.world import CALLER_ID, SELLER, World
from tests.integration.crm_sync.conftest import make_connection
from tests.integration.dialer.conftest import at_work, carrier, lead, sign_on, world
from tests.integration.dialer.test_calls import answered, ended, form
from tests.integration.dialer.test_dialing import dial, place

__all__ = ["at_work", "carrier", "lead", "world"]

NUMBER = PhoneNumber("+14075550123")
OTHER = "+14075550188"  # Maria's second number
TEXT = "I agree that Northwind Home Energy may call me at the number above with an automatic system. Not a condition of purchase."
STOP = "Please take me off your list"


@dataclass
class Story:
    """What the tests need to name."""

    world: World
    call: Call
    honoured_at: datetime


@pytest.fixture(autouse=True)
def evidence_folder(tmp_path: Path) -> Iterator[Path]:
    """Keep the packs of each test in a folder of its own."""
    with override_settings(EVIDENCE_DIR=str(tmp_path / "evidence")):
        yield tmp_path / "evidence"


@pytest.fixture
def story(
    world: World, lead: CampaignLead, carrier: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Story:
    """Maria was imported from a file with a second number, gave consent, was called, and asked not to be called again."""
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=5))
    connection = make_connection()
    lead.contact.external_ref = f"salesforce:{connection.pk}:00Q0123"
    lead.contact.save(update_fields=["external_ref"])
    _import(world, lead, now)
    _consent(now)
    sign_on(world, now=now)
    call = dial(world, now)
    place(call, now)
    call.refresh_from_db()
    answered(call, now)
    ended(call, now)
    honoured_at = now + timedelta(minutes=3)
    results.save_result(
        user_id=world.ana.pk, call_id=call.pk, form=form("do_not_call", note=STOP), now=honoured_at
    )
    outbox.relay(HANDLERS, now=honoured_at + timedelta(seconds=1))
    item = SyncQueueItem.objects.filter(payload__disposition_category="do_not_call")
    acknowledged = honoured_at + timedelta(seconds=9)
    item.update(
        state="done", crm_id="00T1", acknowledged_at=acknowledged, sent_version=item.get().payload_version
    )
    return Story(world=world, call=call, honoured_at=honoured_at)


@pytest.fixture
def ask_again(story: Story, ask_for: Callable[..., Any]) -> int:
    """Have the gate asked once more after the opt-out; return the id of its refusal."""
    with db.use_case():
        (answer,) = gate.clear_to_contact([ask_for()], now=story.honoured_at + timedelta(hours=1))
    return answer.decision_id


@pytest.fixture
def ask_for(world: World) -> Callable[..., gate.ContactRequest]:
    """Return a maker of requests of the campaign."""

    def make(number: str = NUMBER, **changes: Any) -> gate.ContactRequest:
        values: dict[str, Any] = {
            "number": PhoneNumber(number),
            "channel": Channel.LIVE_PREVIEW,
            "purpose": Purpose.TELEMARKETING,
            "seller": SELLER,
            "campaign_ref": f"campaign:{world.campaign.pk}",
            "person_ref": "contact:1",
            "attempt_ref": "attempt:1",
            "caller_id": PhoneNumber(CALLER_ID),
            "ring_seconds": 25,
            "postal_code": "32801",
            "state": "FL",
            "city": "Orlando",
        }
        return gate.ContactRequest(**{**values, **changes})

    return make


@pytest.fixture
def officer(world: World, client: Client) -> Client:
    """Return a browser signed in as Nil, the compliance officer."""
    client.force_login(world.nil)
    return client


def make(now: datetime, **changes: Any) -> services.Made:
    """Make a pack about Maria's number."""
    values: dict[str, Any] = {"number": NUMBER, "reason": "A complaint", "complaint": "FTC 77"}
    return services.make_pack(services.Order(**{**values, **changes}), actor="nil", now=now)


def data_of(path: Path) -> dict[str, Any]:
    """Return a pack's evidence.json."""
    with zipfile.ZipFile(path) as packed:
        found: dict[str, Any] = json.loads(packed.read("evidence.json"))
    return found


def _import(world: World, lead: CampaignLead, now: datetime) -> None:
    run = ListImport.objects.create(
        lead_list=world.lead_list,
        source="csv",
        source_label="fair.csv",
        state="done",
        header=["Name", "Phone", "Mobile"],
        rows_in=1,
        created=1,
        started_at=now - timedelta(days=9),
        progressed_at=now - timedelta(days=9),
        finished_at=now - timedelta(days=9),
        started_by=world.mia,
    )
    ImportRow.objects.create(
        list_import=run,
        number=7,
        outcome="created",
        contact=lead.contact,
        raw={
            "person": {
                "first_name": "Maria",
                "phones": [["main", "407.555.0123"], ["mobile", "(407) 555-0188"]],
            },
            "cells": ["Maria", "407.555.0123", "(407) 555-0188"],
        },
    )
    ContactPhone.objects.create(
        contact=lead.contact, number=OTHER, raw="(407) 555-0188", kind="mobile", position=1
    )


def _consent(now: datetime) -> None:
    with db.use_case():
        gate.grant_consent(
            gate.NewConsent(
                number=NUMBER,
                kind=ConsentKind.PEWC,
                obtained_by=SELLER,
                given_at=now - timedelta(days=30),
                source=gate.Source.FORM,
                sellers=frozenset({SELLER}),
                text_shown=TEXT,
                page_url="https://northwind.example/quote",
                signature="Maria Alvarez",
                name_given="María Álvarez",
                authorises_automation=True,
                not_a_condition=True,
                agrees_to_be_called=True,
                ip="203.0.113.9",
            ),
            recorded_by="form",
            now=now - timedelta(days=30),
        )
