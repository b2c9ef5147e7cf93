"""What a person has not read yet."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from campaigns.models import Notice, NoticeWish

MOST = 8


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A notice as the bell's panel shows it."""

    id: int
    tone: str
    text: str
    path: str
    created_at: datetime
    mail_said: str


@dataclass(frozen=True, slots=True)
class Notices:
    """What the bell shows."""

    newest: list[NoticeFacts]
    count: int  # unread, of which the panel shows the newest
    by_mail: bool
    has_mail: bool  # the house has a mail server

    @property
    def up_to(self) -> int:
        """Return the id of the newest."""
        return self.newest[0].id if self.newest else 0


def unread(user_id: int) -> Notices:
    """Return the person's unread notices, newest first. Hidden SQL: three queries."""
    rows = Notice.objects.filter(user_id=user_id, read_at=None).order_by("-id")
    newest = [
        NoticeFacts(*row)
        for row in rows.values_list("id", "tone", "text", "path", "created_at", "mail_said")[:MOST]
    ]
    return Notices(
        newest=newest,
        count=len(newest) if len(newest) < MOST else rows.count(),
        by_mail=NoticeWish.objects.filter(user_id=user_id).exists(),
        has_mail=bool(settings.EMAIL_HOST),
    )
