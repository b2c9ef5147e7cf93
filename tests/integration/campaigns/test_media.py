"""The address the carrier fetches a recording from: approved versions alone, whole or in parts, without a session."""

from uuid import uuid4

import pytest
from django.test import Client

from campaigns.models import MessageVersion
from campaigns.selectors import messages as read
from campaigns.services import messages
from compliance.rules.content.sounds import MessageKind
from tests.integration.campaigns.conftest import NOW
from tests.integration.campaigns.test_messages import ABANDONED, approve, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(db: None) -> MessageVersion:
    """An approved recording."""
    stored = make()
    approve(stored)
    return stored


def path(version: MessageVersion) -> str:
    return f"/hooks/media/{version.id}.wav"


def wav(version: MessageVersion) -> bytes:
    return read.get_media(version.id, only_approved=False).wav


def test_the_carrier_gets_the_recording_without_a_session(version: MessageVersion, client: Client) -> None:
    response = client.get(path(version))

    assert (response.status_code, response.headers["Content-Type"]) == (200, "audio/wav")
    assert response.content == wav(version)
    assert response.headers["Content-Length"] == str(len(response.content))
    assert response.headers["ETag"] == f'"{version.audio_id}"'
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_head_says_how_long_it_is_and_posting_is_refused(version: MessageVersion, client: Client) -> None:
    response = client.head(path(version))

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Length"] == str(len(wav(version)))
    assert client.post(path(version)).status_code == 405


def test_drafts_retired_ones_texts_and_unknown_ids_are_404(version: MessageVersion, client: Client) -> None:
    draft = make(name="Another")
    messages.create_message(
        name="A text",
        kind=MessageKind.ABANDONED,
        owner_id=None,
        version=messages.NewVersion(declared=ABANDONED),
        by_name="mia",
        now=NOW,
    )
    text = MessageVersion.objects.get(source="text")
    approve(text)
    messages.retire(version_id=version.id, by_name="nil", note="", now=NOW)

    for gone in (path(draft), path(version), path(text), f"/hooks/media/{uuid4()}.wav", "/hooks/media/1.wav"):
        assert client.get(gone).status_code == 404, gone


def test_what_the_carrier_has_already_is_not_sent_again(version: MessageVersion, client: Client) -> None:
    response = client.get(path(version), headers={"If-None-Match": f'"{version.audio_id}"'})

    assert (response.status_code, response.content) == (304, b"")
    assert client.get(path(version), headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-99", 206, 0, 99),
        ("bytes=0-0", 206, 0, 0),
        ("bytes=1000-", 206, 1000, -1),
        ("bytes=-10", 206, -10, -1),
        ("bytes=-99999999", 206, 0, -1),
        ("bytes=10-99999999", 206, 10, -1),
        ("bytes=5-4", 200, 0, -1),
        ("bytes=-", 200, 0, -1),
        ("bytes=0-1,5-6", 200, 0, -1),
        ("bytes=" + "9" * 5_000 + "-", 200, 0, -1),
        ("seconds=0-1", 200, 0, -1),
    ],
)
def test_parts_can_be_asked_for(
    version: MessageVersion, client: Client, asked: str, status: int, first: int, last: int
) -> None:
    whole = wav(version)
    start, end = first % len(whole), last % len(whole)

    response = client.get(path(version), headers={"Range": asked})

    assert response.status_code == status
    assert response.content == whole[start : end + 1]
    if status == 206:
        assert response.headers["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_part_behind_the_end_is_refused_with_the_length(
    version: MessageVersion, client: Client, asked: str
) -> None:
    response = client.get(path(version), headers={"Range": asked})

    assert (response.status_code, response.content) == (416, b"")
    assert response.headers["Content-Range"] == f"bytes */{len(wav(version))}"


def test_a_part_of_another_recording_is_answered_with_the_whole(
    version: MessageVersion, client: Client
) -> None:
    headers = {"Range": "bytes=0-99", "If-Range": '"other"'}

    assert client.get(path(version), headers=headers).status_code == 200
    headers["If-Range"] = f'"{version.audio_id}"'
    assert client.get(path(version), headers=headers).status_code == 206
