"""The pages of recorded messages: who sees what, every refusal of the form, and what approving and retiring say."""

from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign, MessageVersion, RecordedMessage
from campaigns.selectors import message_pages as read
from campaigns.selectors.message_pages import Viewer
from compliance.rules.content.sounds import MessageKind
from tests.factories.sounds import as_file, silence, spoken, voice
from tests.integration.campaigns.test_messages import ABANDONED, approve, make
from tests.unit.campaigns.test_message_judging import SALES_VOICEMAIL

pytestmark = pytest.mark.django_db

RECORDING = spoken(6)
GOOD = {
    "name": "My voicemail",
    "kind": "voicemail",
    "purpose": "telemarketing",
    "sound": "file",
    "trim": "on",
    "transcript": SALES_VOICEMAIL.transcript,
    "business_name": SALES_VOICEMAIL.business_name,
    "goods": "heat pumps",
    "callback_number": "(407) 555-0123",
    "callback_takes_requests": "on",
    "callback_is_kept": "on",
    "tollfree_number": "800 555 0199",
    "tollfree_opts_out": "on",
    "opt_out_key": "9",
    "identity_ends_at": "2.4",
    "opt_out_at": "2.8",
    "based_on": "0",
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def nil(db: None) -> User:
    """Nil, the compliance officer."""
    return User.objects.create_user("nil", password="correct horse", role="compliance")


@pytest.fixture
def bob(db: None) -> User:
    """Bob, another agent."""
    return User.objects.create_user("bob", password="correct horse", role="agent")


def send(
    client: Client, *, data: bytes | None = RECORDING, name: str = "hello.wav", **changes: str
) -> HttpResponse:
    """Send the form of a new message; a field changed to "" is left out."""
    fields: dict[str, object] = {key: value for key, value in {**GOOD, **changes}.items() if value}
    if data is not None:
        fields["file"] = SimpleUploadedFile(name, data)
    return client.post(reverse("message-new"), fields)  # type: ignore[return-value]  # the test client's own class


def test_a_rep_stores_an_own_voicemail_message_that_nobody_hears_yet(ana: User) -> None:
    response = send(signed_in(ana), name="hello.mp3", data=as_file(voice(6), kind="MP3"))

    message = RecordedMessage.objects.get()
    version = MessageVersion.objects.get()
    assert (response.status_code, response.headers["Location"]) == (
        302,
        reverse("message", args=[message.id]),
    )
    assert (message.owner_id, message.kind) == (ana.id, "voicemail")
    assert (version.state, version.source, version.file_name) == ("draft", "upload", "hello.mp3")
    assert version.declared["callback_number"] == "+14075550123"
    assert version.problems == []


def test_what_a_rep_makes_is_for_voicemail_whatever_the_form_says(ana: User) -> None:
    send(signed_in(ana), kind="abandoned")

    assert RecordedMessage.objects.get().kind == "voicemail"


def test_a_manager_stores_a_shared_message_of_any_kind(mia: User) -> None:
    send(signed_in(mia), kind="abandoned", transcript=ABANDONED.transcript, callback_number="+14075550100")

    message = RecordedMessage.objects.get()
    assert (message.owner_id, message.kind) == (None, "abandoned")


def test_what_was_recorded_here_is_told_from_a_file(ana: User) -> None:
    send(signed_in(ana), name="recorded-here.wav")

    assert MessageVersion.objects.get().source == "browser"


def test_times_noted_in_the_whole_file_follow_the_cut_of_its_silence(ana: User) -> None:
    client = signed_in(ana)

    send(
        client,
        data=as_file(np.concatenate([silence(3), voice(5)])),
        identity_ends_at="5.3",
        opt_out_at="5.6",
    )

    declared = MessageVersion.objects.get().declared
    assert declared["identity_ends_at"] == pytest.approx(2.4, abs=0.03)
    assert declared["opt_out_at"] == pytest.approx(2.7, abs=0.03)


def test_a_text_needs_no_recording_and_a_debt_needs_no_key(mia: User) -> None:
    send(
        signed_in(mia),
        data=None,
        sound="text",
        kind="limited_content",
        transcript="Hi Jane, this is Sam from ABC Services, please call 800-555-0199.",
        business_name="ABC Services",
        contact_name="Sam",
        callback_number="800-555-0199",
    )

    version = MessageVersion.objects.get()
    assert (version.source, version.audio_id, version.problems) == ("text", None, [])
    assert (version.declared["purpose"], version.declared["opt_out_key"]) == ("debt", "")


@pytest.mark.parametrize(
    ("name", "data", "changes", "words"),
    [
        ("no recording", None, {}, "Record the message or choose a file"),
        ("an empty file", b"", {}, "0 bytes"),
        ("not audio", b"hello" * 100, {}, "no recording this page can read"),
        ("a video", b"\0\0\0\x20ftypisom" + bytes(900), {}, "video (MP4)"),
        ("too long", spoken(61), {}, "too long"),
        ("silent", as_file(silence(5)), {}, "silent"),
        ("clipped", as_file(voice(4, loudness=6).clip(-1, 1)), {}, "overdriven"),
        ("a WAV that lies", RECORDING[:5_000], {}, "cut off"),
        ("larger than 10 MB", b"RIFF" + bytes(11 * 1024 * 1024), {}, "10 MB"),
        ("a bad number", RECORDING, {"callback_number": "12"}, "too few or too many digits"),
        ("a bad toll-free number", RECORDING, {"tollfree_number": "12"}, "too few or too many digits"),
        ("no words", RECORDING, {"transcript": ""}, "This field is required"),
        ("no such key", RECORDING, {"opt_out_key": "A"}, "not one of the available choices"),
        ("no such purpose", RECORDING, {"purpose": "unknown"}, "not one of the available choices"),
        ("a time behind the end", RECORDING, {"opt_out_at": "61"}, "less than or equal to 60"),
        ("the recording of no version before", RECORDING, {"sound": "keep"}, "not one of the available choices"),
    ],
)  # fmt: skip
def test_every_refusal_of_the_form_is_said_and_stores_nothing(
    ana: User, name: str, data: bytes | None, changes: dict[str, str], words: str
) -> None:
    response = send(signed_in(ana), data=data, **changes)

    page = response.content.decode()
    assert response.status_code == 422, name
    assert words in page.replace("&#x27;", "'"), name
    assert GOOD["business_name"] in page
    assert not RecordedMessage.objects.exists()


def test_a_form_sent_in_the_background_is_told_where_to_go(ana: User) -> None:
    client = signed_in(ana)
    fields = {**GOOD, "file": SimpleUploadedFile("a.wav", RECORDING)}

    response = client.post(reverse("message-new"), fields, headers={"HX-Request": "true"})

    where = reverse("message", args=[RecordedMessage.objects.get().id])
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, where)


def test_a_name_taken_is_said_beside_the_form(ana: User) -> None:
    client = signed_in(ana)
    send(client)

    assert "There is a message “My voicemail” already" in send(client).content.decode()


def test_reps_see_their_own_messages_alone(ana: User, bob: User, mia: User) -> None:
    own = make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL, owner=ana, name="Ana says hello", by="ana")
    shared = make(name="Nobody free")
    anas, bobs, mias = signed_in(ana), signed_in(bob), signed_in(mia)

    assert "Ana says hello" in anas.get(reverse("messages")).content.decode()
    assert "Nobody free" not in anas.get(reverse("messages")).content.decode()
    assert "No message of your own yet" in bobs.get(reverse("messages")).content.decode()
    assert "Ana says hello" in mias.get(reverse("messages")).content.decode()
    for name in ("message", "message-version"):
        assert anas.get(reverse(name, args=[own.message_id])).status_code == 200
        assert anas.get(reverse(name, args=[shared.message_id])).status_code == 404
        assert bobs.get(reverse(name, args=[own.message_id])).status_code == 404
    assert anas.get(reverse("message-audio", args=[own.id])).content[:4] == b"RIFF"
    assert bobs.get(reverse("message-audio", args=[own.id])).status_code == 404
    assert mias.get(reverse("message-audio", args=[own.id])).status_code == 200
    assert mias.get(reverse("message-version", args=[own.message_id])).status_code == 403


def test_a_rep_cannot_approve_even_anothers_message(ana: User, bob: User) -> None:
    version = make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL, owner=ana, by="ana")

    for user in (ana, bob):
        assert signed_in(user).post(reverse("message-approve", args=[version.id])).status_code == 403
    assert signed_in(bob).post(reverse("message-retire", args=[version.id])).status_code == 404

    version.refresh_from_db()
    assert version.state == "draft"


@pytest.mark.parametrize("role", ["supervisor", "researcher"])
def test_supervisors_and_researchers_cannot_approve(role: str) -> None:
    version = make()
    someone = User.objects.create_user("sue", password="correct horse", role=role)

    assert signed_in(someone).post(reverse("message-approve", args=[version.id])).status_code == 403


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    version = make()

    for path in (
        reverse("messages"),
        reverse("message-new"),
        reverse("message", args=[version.message_id]),
        reverse("message-version", args=[version.message_id]),
        reverse("message-audio", args=[version.id]),
    ):
        assert client.get(path).status_code == 302
    for name in ("message-approve", "message-retire"):
        assert client.post(reverse(name, args=[version.id])).status_code == 302
        assert client.get(reverse(name, args=[version.id])).status_code == 405


def test_what_does_not_exist_is_404(mia: User) -> None:
    client = signed_in(mia)

    assert client.get(reverse("message", args=[99])).status_code == 404
    assert client.get(reverse("message-version", args=[99])).status_code == 404
    assert client.get(reverse("message-audio", args=[uuid4()])).status_code == 404
    assert client.post(reverse("message-approve", args=[uuid4()])).status_code == 404
    assert client.post(reverse("message-retire", args=[uuid4()])).status_code == 404


def test_an_officer_listens_approves_and_records_nothing(nil: User) -> None:
    version = make()
    client = signed_in(nil)

    page = client.get(reverse("message", args=[version.message_id])).content.decode()
    assert "The rules find nothing to change" in page
    assert "Approve version 1" in page
    assert "New version" not in page
    assert client.get(reverse("message-new")).status_code == 403
    done = client.post(reverse("message-approve", args=[version.id]), follow=True).content.decode()

    assert "Approved: it may be played from now on." in done
    assert MessageVersion.objects.get().decided_by == "nil"


def test_what_the_rules_find_is_shown_with_its_rule_and_blocks_the_button(mia: User, nil: User) -> None:
    version = make(replace(ABANDONED, callback_takes_requests=False))
    client = signed_in(nil)

    page = client.get(reverse("message", args=[version.message_id])).content.decode()
    refused = client.post(reverse("message-approve", args=[version.id]), follow=True).content.decode()

    assert "cannot be approved: 1 thing to change" in page
    assert "FED-017" in page
    assert "Approve version 1" not in page
    assert "It cannot be approved" in refused


def test_what_is_left_for_review_needs_an_officer_and_a_reason(nil: User) -> None:
    max_ = User.objects.create_user("max", password="correct horse", role="manager")
    disclosed = replace(SALES_VOICEMAIL, artificial_voice=True)
    version = make(disclosed, kind=MessageKind.VOICEMAIL)
    page = reverse("message", args=[version.message_id])
    act = reverse("message-approve", args=[version.id])

    assert "The compliance officer may accept what is left" in signed_in(max_).get(page).content.decode()
    assert "Only the compliance officer" in signed_in(max_).post(act, follow=True).content.decode()
    officer = signed_in(nil)
    assert "Why you accept what the rules find" in officer.get(page).content.decode()
    assert "Say why you accept" in officer.post(act, follow=True).content.decode()
    done = officer.post(act, {"note": "Ohio alone"}, follow=True).content.decode()

    assert "nil accepted this: “Ohio alone”" in done


def test_a_rep_retires_an_own_message_and_a_manager_any(ana: User, mia: User) -> None:
    own = make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL, owner=ana, by="ana", name="Own")
    approve(own)
    shared = make(name="Shared")

    assert signed_in(ana).post(reverse("message-retire", args=[shared.id])).status_code == 404
    assert (
        "Retired"
        in signed_in(ana).post(reverse("message-retire", args=[own.id]), follow=True).content.decode()
    )
    signed_in(mia).post(reverse("message-retire", args=[shared.id]), {"note": "x" * 500})

    assert set(MessageVersion.objects.values_list("state", flat=True)) == {"retired"}


def test_a_new_version_keeps_the_recording_or_brings_another(mia: User) -> None:
    version = make()
    client, path = signed_in(mia), reverse("message-version", args=[version.message_id])
    fields = {**GOOD, "transcript": ABANDONED.transcript + " Bye.", "sound": "keep", "based_on": "1"}

    page = client.get(path).content.decode()
    assert ABANDONED.transcript in page
    assert client.post(path, fields).status_code == 302
    stale = client.post(path, fields)
    other = {**fields, "sound": "file", "based_on": "2", "file": SimpleUploadedFile("b.wav", spoken(9))}
    assert client.post(path, other).status_code == 302

    assert (stale.status_code, "A newer version was saved meanwhile" in stale.content.decode()) == (422, True)
    first, second, third = MessageVersion.objects.order_by("number")
    assert first.audio_id == second.audio_id != third.audio_id
    assert (second.message.name, second.message.kind) == ("Nobody free", "abandoned")


def test_the_standard_text_is_listed_and_cannot_be_edited(mia: User, draft: int) -> None:
    standard = RecordedMessage.objects.get(standard_for__isnull=False)
    client = signed_in(mia)

    assert standard.name in client.get(reverse("messages")).content.decode()
    assert (
        "The carrier’s voice reads the words"
        in client.get(reverse("message", args=[standard.id])).content.decode()
    )
    assert client.get(reverse("message-version", args=[standard.id])).status_code == 403
    assert standard.name not in client.get(reverse("messages"), {"show": "waiting"}).content.decode()


def test_the_campaigns_form_offers_approved_messages_and_shows_what_was_chosen(mia: User, draft: int) -> None:
    version = make()
    approve(version)
    client = signed_in(mia)
    page = client.get(reverse("campaign-edit", args=[draft])).content.decode()
    assert f'<option value="{version.id}">Nobody free, version 1</option>' in page
    campaign = Campaign.objects.get(id=draft)

    response = client.post(
        reverse("campaign-edit", args=[draft]),
        {
            "name": campaign.name,
            "purpose": "telemarketing",
            "audience": "people",
            "made_by": "company",
            "mode": "preview",
            "machine_detection": "off",
            "machine_sample_percent": "5",
            "greeting_seconds": "30",
            "lists": [row.id for row in campaign.lists.all()],
            "caller_id": campaign.caller_id,
            "window_opens": "09:00",
            "window_closes": "20:00",
            "window_days": ["0", "1"],
            "max_attempts": "6",
            "ring_seconds": "25",
            "wrap_up_seconds": "60",
            "abandoned_message": str(version.id),
            "personal_voicemail": "on",
        },
        follow=True,
    )

    campaign.refresh_from_db()
    assert (campaign.abandoned_message_id, campaign.personal_voicemail) == (version.id, True)
    shown = response.content.decode()
    assert "Nobody free, version 1" in shown
    assert "own messages go first" in shown
    assert campaign.name in client.get(reverse("message", args=[version.message_id])).content.decode()


def test_lists_and_messages_cost_few_queries_whatever_their_number(
    ana: User, django_assert_num_queries: object
) -> None:
    for number in range(4):
        make(name=f"Message {number}")
    viewer = Viewer(user_id=ana.id, username="ana", sees_all=True)

    with django_assert_num_queries(3):  # type: ignore[operator]  # pytest-django's fixture
        found = read.list_messages(viewer)
    with django_assert_num_queries(3):  # type: ignore[operator]
        read.get_message(found[0].id, viewer)

    assert [each.name for each in found] == [f"Message {number}" for number in range(4)]
