"""Recorded messages: stored, approved by a second person, retired, chosen by campaigns, kept for good."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from campaigns.models import Campaign, MessageAudio, MessageVersion, RecordedMessage
from campaigns.recordings.declared import Declared
from campaigns.recordings.sound import read_sound
from campaigns.selectors import messages as read
from campaigns.services import campaigns, messages, moves
from campaigns.services.messages import MessageRefused, NewVersion
from campaigns.services.standard_messages import ensure_standard
from compliance.models import CallerAuthority
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import Purpose
from core import db
from core.errors import NotFound, Stale
from core.models import AppendOnlyError, AuditEvent
from tests.factories.sounds import spoken
from tests.integration.campaigns.conftest import NOW
from tests.unit.campaigns.test_message_judging import SALES_VOICEMAIL

pytestmark = pytest.mark.django_db

SELLER = "Northwind Home Energy"
NUMBER = "+14075550100"
STATE = MessageVersion.State
ABANDONED = Declared(
    purpose=Purpose.TELEMARKETING,
    transcript=f"This is {SELLER}. We called for telemarketing purposes. Our number is 407-555-0100. To be placed on our do not call "
    "list, press 9.",
    business_name=SELLER,
    callback_number=NUMBER,
    callback_takes_requests=True,
    callback_is_kept=True,
    opt_out_key="9",
)


def recorded(declared: Declared, seconds: float = 8.0) -> NewVersion:
    return NewVersion(
        declared=declared, sound=read_sound(spoken(seconds)), source="upload", file_name="message.wav"
    )


def make(
    declared: Declared = ABANDONED,
    *,
    kind: MessageKind = MessageKind.ABANDONED,
    name: str = "Nobody free",
    owner: User | None = None,
    by: str = "mia",
) -> MessageVersion:
    """Store a message with one version, by Mia."""
    message_id = messages.create_message(
        name=name,
        kind=kind,
        owner_id=owner.id if owner else None,
        version=recorded(declared),
        by_name=by,
        now=NOW,
    )
    return MessageVersion.objects.get(message_id=message_id)


def approve(version: MessageVersion, *, by: str = "nil", may_accept: bool = False, note: str = "") -> None:
    messages.approve(version_id=version.id, by_name=by, may_accept=may_accept, note=note, now=NOW)


def confirm_line(number: str = NUMBER) -> None:
    CallerAuthority.objects.create(
        number=number,
        seller="",
        authority="contract 1",
        takes_requests=True,
        tested_on=date(2026, 3, 1),
        recorded_by="nil",
        recorded_at=NOW,
    )


def use(campaign_id: int, **changes: object) -> None:
    """Give a campaign other settings."""
    now_setup = campaigns.setup_of(Campaign.objects.get(id=campaign_id))
    campaigns.change_campaign(
        campaign_id=campaign_id,
        setup=replace(now_setup, **changes),  # type: ignore[arg-type]  # fields of Setup by name
        by_name="mia",
        now=NOW,
    )


def test_a_new_message_is_a_draft_with_what_was_measured_and_judged() -> None:
    version = make(replace(ABANDONED, callback_takes_requests=False))

    assert (version.state, version.number, version.source, version.file_name) == (
        "draft",
        1,
        "upload",
        "message.wav",
    )
    assert version.audio is not None
    assert (version.audio.seconds, version.audio.first_sound_at) == (8.0, 0.0)
    assert bytes(version.audio.wav[:4]) == b"RIFF"
    assert [problem["code"] for problem in version.problems] == ["CALLBACK_NUMBER"]
    assert version.judged_under
    trail = AuditEvent.objects.get(verb="campaigns.message.saved")
    assert (trail.actor, trail.target) == ("mia", f"message_version:{version.id}")
    assert trail.after["sha256"] == version.audio_id  # type: ignore[index]  # it has an after


def test_a_second_person_approves_and_it_is_played() -> None:
    version = make()

    approve(version)

    version.refresh_from_db()
    assert (version.state, version.decided_by, version.decided_at) == ("approved", "nil", NOW)
    assert read.message_facts(version.id).problems == ()
    assert AuditEvent.objects.filter(verb="campaigns.message.approved", actor="nil").exists()


def test_who_made_a_version_cannot_approve_it() -> None:
    version = make()

    with pytest.raises(MessageRefused, match="somebody else"):
        approve(version, by="mia", may_accept=True, note="mine")


def test_a_blocking_problem_cannot_be_approved_by_anybody() -> None:
    version = make(replace(ABANDONED, callback_takes_requests=False))

    with pytest.raises(MessageRefused, match="do-not-call requests in business hours"):
        approve(version, may_accept=True, note="It will do.")


def test_what_is_marked_for_review_is_accepted_by_an_officer_with_a_reason() -> None:
    version = make(replace(SALES_VOICEMAIL, artificial_voice=True), kind=MessageKind.VOICEMAIL)

    with pytest.raises(MessageRefused, match="compliance officer"):
        approve(version)
    with pytest.raises(MessageRefused, match="Say why"):
        approve(version, may_accept=True)
    approve(version, may_accept=True, note="Heard only in Ohio.")

    version.refresh_from_db()
    assert (version.state, version.decision_note) == ("approved", "Heard only in Ohio.")
    assert read.message_facts(version.id).problems == ()
    trail = AuditEvent.objects.get(verb="campaigns.message.approved")
    assert trail.after["accepted"] == ["AI_DISCLOSURE"]  # type: ignore[index]  # it has an after


def test_a_version_is_decided_once_and_retired_for_good() -> None:
    version = make()
    approve(version)

    with pytest.raises(Stale):
        approve(version, by="sol")
    messages.retire(version_id=version.id, by_name="nil", note="Old number", now=NOW)
    with pytest.raises(Stale):
        messages.retire(version_id=version.id, by_name="nil", note="", now=NOW)
    with pytest.raises(Stale):
        approve(version)

    assert "was retired" in read.message_facts(version.id).problems[0]


def test_tsr_005_t3_a_stored_version_cannot_be_edited_or_deleted() -> None:
    version = make()
    edits = [
        ("UPDATE campaigns_messageversion SET declared = '{}'", "cannot be changed"),
        ("UPDATE campaigns_messageversion SET audio_id = NULL, source = 'text'", "cannot be changed"),
        ("UPDATE campaigns_messageversion SET created_by = 'x', state = 'retired', decided_at = now()", "cannot be changed"),
        ("UPDATE campaigns_messageversion SET state = 'draft'", "from draft to draft"),
        ("DELETE FROM campaigns_messageversion", "cannot be deleted"),
        ("UPDATE campaigns_messageaudio SET wav = ''", "history"),
        ("DELETE FROM campaigns_messageaudio", "history"),
    ]  # fmt: skip

    for statement, words in edits:
        with pytest.raises(IntegrityError, match=words), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(AppendOnlyError):
        MessageAudio.objects.get().delete()

    assert MessageVersion.objects.get().declared == version.declared


def test_correcting_the_words_keeps_the_recording() -> None:
    version = make()

    messages.add_version(
        message_id=version.message_id,
        based_on=1,
        version=NewVersion(
            declared=replace(ABANDONED, transcript=ABANDONED.transcript + " Bye."), keeps_audio=True
        ),
        by_name="sol",
        now=NOW,
    )

    second = MessageVersion.objects.get(number=2)
    assert (second.audio_id, second.source, second.file_name) == (version.audio_id, "upload", "message.wav")
    assert (second.created_by, second.state) == ("sol", "draft")
    assert MessageAudio.objects.count() == 1


def test_a_version_based_on_an_older_one_is_refused() -> None:
    version = make()
    again = {"message_id": version.message_id, "version": recorded(ABANDONED), "by_name": "sol", "now": NOW}

    messages.add_version(based_on=1, **again)  # type: ignore[arg-type]  # by name
    with pytest.raises(Stale):
        messages.add_version(based_on=1, **again)  # type: ignore[arg-type]  # by name
    with pytest.raises(NotFound):
        messages.add_version(based_on=1, **{**again, "message_id": 9_999})  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("", {}, "name of at most 120"),
        ("x" * 121, {}, "name of at most 120"),
        ("ok", {"transcript": " "}, "every word"),
        ("ok", {"transcript": "x" * 2_001}, "2,000"),
    ],
)
def test_a_message_without_name_or_words_is_refused(name: str, changes: dict[str, str], words: str) -> None:
    with pytest.raises(MessageRefused, match=words):
        make(replace(ABANDONED, **changes), name=name)  # type: ignore[arg-type]  # text


def test_names_are_taken_once_among_shared_ones_and_once_for_each_rep(ana: User, mia: User) -> None:
    make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL, name="Hello")
    make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL, name="Hello", owner=ana, by="ana")

    with pytest.raises(MessageRefused, match="already"):
        make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL, name="Hello")
    with pytest.raises(MessageRefused, match="already"):
        make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL, name="Hello", owner=ana, by="ana")


def test_a_new_campaign_can_play_the_standard_text_at_once(draft: int) -> None:
    confirm_line()
    use(draft, max_attempts=4)

    found = read.playable(draft, MessageKind.ABANDONED)

    assert found is not None
    assert (found.url, found.opt_out_key) == ("", "9")
    assert found.text == (
        f"This is {SELLER}. We called for telemarketing purposes. Our number is (407) 555-0100. To be placed on our do not call list, "
        "press 9."
    )
    assert read.facts_of_campaign(draft, MessageKind.ABANDONED).problems == ()
    assert found.ref == read.facts_of_campaign(draft, MessageKind.ABANDONED).ref


def test_fed_017_t4_the_standard_text_waits_for_a_test_call_to_the_number(draft: int) -> None:
    facts = read.facts_of_campaign(draft, MessageKind.ABANDONED)

    assert read.playable(draft, MessageKind.ABANDONED) is None
    assert "nobody has confirmed that it takes do-not-call requests" in facts.problems[0]

    confirm_line()
    moves.start(campaign_id=draft, by_name="mia", now=NOW)

    assert read.playable(draft, MessageKind.ABANDONED) is not None


def test_the_standard_text_is_one_for_all_campaigns_of_a_caller_id_and_stays_retired(draft: int) -> None:
    confirm_line()
    for _ in range(3):
        with db.use_case():
            ensure_standard(seller=SELLER, caller_id=NUMBER, purpose=Purpose.TELEMARKETING, now=NOW)

    versions = MessageVersion.objects.filter(message__standard_for__isnull=False).order_by("number")
    assert [version.state for version in versions] == ["draft", "approved"]
    messages.retire(version_id=versions[1].id, by_name="nil", note="Wrong tone", now=NOW)
    with db.use_case():
        ensure_standard(seller=SELLER, caller_id=NUMBER, purpose=Purpose.TELEMARKETING, now=NOW)

    assert read.playable(draft, MessageKind.ABANDONED) is None
    with pytest.raises(MessageRefused, match="standard text"):
        messages.add_version(
            message_id=versions[0].message_id, based_on=2, version=recorded(ABANDONED), by_name="mia", now=NOW
        )


@pytest.mark.parametrize(
    ("purpose", "says"), [("survey", "This is an automated message."), ("charity", "telemarketing purposes")]
)
def test_the_standard_text_says_what_the_call_was(draft: int, purpose: str, says: str) -> None:
    confirm_line()

    use(draft, purpose=purpose, answers_never_sell=True)

    found = read.playable(draft, MessageKind.ABANDONED)
    assert found is not None
    assert says in found.text


def test_regf_004_whoever_answers_for_a_debtor_hears_no_standard_text(draft: int) -> None:
    confirm_line()

    use(draft, purpose="debt")

    assert read.playable(draft, MessageKind.ABANDONED) is None
    assert read.facts_of_campaign(draft, MessageKind.ABANDONED).ref == ""


def test_a_campaign_plays_the_message_it_chose(draft: int) -> None:
    version = make()
    approve(version)

    use(draft, abandoned_message_id=version.id)

    found = read.playable(draft, MessageKind.ABANDONED)
    assert found is not None
    assert (found.version_id, found.seconds) == (version.id, 8.0)
    assert found.url == f"http://127.0.0.1:8000/hooks/media/{version.id}.wav"
    trail = AuditEvent.objects.filter(verb="campaigns.campaign.changed").latest("id")
    assert trail.after["abandoned_message_id"] == str(version.id)  # type: ignore[index]  # it has an after


def test_a_message_retired_under_a_running_campaign_is_not_played_and_the_gate_hears_why(draft: int) -> None:
    version = make()
    approve(version)
    use(draft, abandoned_message_id=version.id)
    moves.start(campaign_id=draft, by_name="mia", now=NOW)

    messages.retire(version_id=version.id, by_name="nil", note="Old number", now=NOW)

    assert read.playable(draft, MessageKind.ABANDONED) is None
    assert "was retired" in read.facts_of_campaign(draft, MessageKind.ABANDONED).problems[0]


def pick(kind: MessageKind, declared: Declared, *, owner: User | None = None, approved: bool = True) -> UUID:
    version = make(declared, kind=kind, owner=owner, name=f"{kind} {uuid4()}")
    if approved:
        approve(version)
    return version.id


@pytest.mark.parametrize(
    ("name", "column", "kind", "declared", "approved", "words"),
    [
        ("a draft", "abandoned_message_id", MessageKind.ABANDONED, ABANDONED, False, "is not approved"),
        ("voicemail for who answers", "abandoned_message_id", MessageKind.VOICEMAIL, SALES_VOICEMAIL, True, "none of those offered"),
        ("for who answers on voicemail", "voicemail_message_id", MessageKind.ABANDONED, ABANDONED, True, "none of those offered"),
        ("judged for another purpose", "voicemail_message_id", MessageKind.VOICEMAIL,
         replace(SALES_VOICEMAIL, purpose=Purpose.SURVEY, transcript="This is Northwind Home Energy. Our number is (407) 555-0123."),
         True, "another purpose"),
    ],
)  # fmt: skip
def test_a_campaign_cannot_choose_what_does_not_fit(
    draft: int, name: str, column: str, kind: MessageKind, declared: Declared, approved: bool, words: str
) -> None:
    version_id = pick(kind, declared, approved=approved)

    with pytest.raises(moves.CampaignRefused, match=words):
        use(draft, **{column: version_id})


def test_a_campaign_cannot_choose_a_reps_own_message_or_none(draft: int, ana: User) -> None:
    own = pick(MessageKind.VOICEMAIL, SALES_VOICEMAIL, owner=ana)

    for version_id in (own, uuid4()):
        with pytest.raises(moves.CampaignRefused, match="none of those offered"):
            use(draft, voicemail_message_id=version_id)


def test_a_reps_own_voicemail_goes_first_where_the_campaign_allows_it(
    draft: int, ana: User, mia: User
) -> None:
    shared = pick(MessageKind.VOICEMAIL, SALES_VOICEMAIL)
    own = pick(MessageKind.VOICEMAIL, SALES_VOICEMAIL, owner=ana)
    use(draft, voicemail_message_id=shared)

    def left_by(user: User | None) -> UUID | None:
        found = read.playable(draft, MessageKind.VOICEMAIL, user.id if user else None)
        return found.version_id if found else None

    assert left_by(ana) == shared
    use(draft, personal_voicemail=True)
    assert (left_by(ana), left_by(mia), left_by(None)) == (own, shared, shared)
    messages.retire(version_id=own, by_name="nil", note="", now=NOW)
    assert left_by(ana) == shared


def test_a_reps_own_voicemail_for_another_purpose_or_not_approved_is_passed_over(
    draft: int, ana: User
) -> None:
    shared = pick(MessageKind.VOICEMAIL, SALES_VOICEMAIL)
    pick(MessageKind.VOICEMAIL, SALES_VOICEMAIL, owner=ana, approved=False)
    survey = replace(
        SALES_VOICEMAIL,
        purpose=Purpose.SURVEY,
        transcript="This is Northwind Home Energy. Our number is (407) 555-0123.",
    )
    pick(MessageKind.VOICEMAIL, survey, owner=ana)
    use(draft, voicemail_message_id=shared, personal_voicemail=True)

    found = read.playable(draft, MessageKind.VOICEMAIL, ana.id)

    assert found is not None
    assert found.version_id == shared


def test_the_gate_hears_what_a_message_offers() -> None:
    sales = make(SALES_VOICEMAIL, kind=MessageKind.VOICEMAIL)
    limited = make(
        Declared(
            purpose=Purpose.DEBT,
            transcript="Hi Jane, this is Sam from ABC Services, please call 800-555-0199.",
            business_name="ABC Services",
            contact_name="Sam",
            callback_number="+18005550199",
        ),
        kind=MessageKind.LIMITED_CONTENT,
        name="About a debt",
    )

    before = read.message_facts(limited.id)
    approve(limited)
    after = read.message_facts(limited.id)

    assert (before.limited_content, after.limited_content) == (False, True)
    assert "is not approved yet" in before.problems[0]
    assert (after.marketing, after.has_toll_free_opt_out) == (False, False)
    facts = read.message_facts(sales.id)
    assert (facts.marketing, facts.has_toll_free_opt_out, facts.limited_content) == (True, True, False)
    assert read.message_facts(None).ref == read.message_facts(uuid4()).ref == ""


def test_queries_are_few(draft: int, ana: User, django_assert_max_num_queries: object) -> None:
    confirm_line()
    shared = pick(MessageKind.VOICEMAIL, SALES_VOICEMAIL)
    use(draft, voicemail_message_id=shared, personal_voicemail=True)

    with django_assert_max_num_queries(3):  # type: ignore[operator]  # pytest-django's fixture
        read.playable(draft, MessageKind.VOICEMAIL, ana.id)
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        read.playable(draft, MessageKind.ABANDONED)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        read.facts_of_campaign(draft, MessageKind.VOICEMAIL, ana.id)
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        read.list_choices()


def test_choices_are_approved_shared_versions_newest_first(ana: User) -> None:
    first = make(name="A")
    approve(first)
    messages.add_version(
        message_id=first.message_id,
        based_on=1,
        version=recorded(ABANDONED, 9),
        by_name="mia",
        now=NOW + timedelta(hours=1),
    )
    approve(MessageVersion.objects.get(number=2))
    make(name="B")
    pick(MessageKind.VOICEMAIL, SALES_VOICEMAIL, owner=ana)

    assert [choice.label for choice in read.list_choices()] == ["A, version 2", "A, version 1"]
    assert RecordedMessage.objects.count() == 3
