"""Recorded messages that may be played."""

from datetime import datetime

from accounts.models import User
from campaigns.models import MessageVersion
from campaigns.recordings.sound import read_sound
from campaigns.services import messages
from campaigns.services.messages import NewVersion
from compliance.rules.content.sounds import MessageKind
from tests.factories.sounds import spoken
from tests.unit.campaigns.test_message_judging import SALES_VOICEMAIL


def sales_voicemail(
    now: datetime,
    *,
    name: str = "Heat pumps",
    seconds: float = 8.0,
    owner: User | None = None,
) -> MessageVersion:
    """Store a sales message for voicemail, by Mia, and let Nil approve it."""
    sound = read_sound(spoken(seconds))
    message_id = messages.create_message(
        name=name,
        kind=MessageKind.VOICEMAIL,
        owner_id=owner.id if owner else None,
        version=NewVersion(declared=SALES_VOICEMAIL, sound=sound, source="upload", file_name="message.wav"),
        by_name="mia",
        now=now,
    )
    version = MessageVersion.objects.get(message_id=message_id)
    messages.approve(version_id=version.id, by_name="nil", may_accept=False, note="", now=now)
    version.refresh_from_db()
    return version
