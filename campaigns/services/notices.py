"""Telling a person that the work they started has ended: on their pages, and by e-mail if they wish.

The notice is written in the transaction that ends the work. An e-mail is sent outside of any transaction, later again where the
mail server does not take it, and what came of it stands with the notice.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.urls import reverse

from accounts.models import User
from campaigns import jobs
from campaigns.models import ListImport, Notice, NoticeWish
from core import audit, db
from core.errors import AppError
from core.jobs import enqueue_on_commit

log = structlog.get_logger(__name__)

MAIL = Notice.Mail
TRIES = 5
AGAIN_AFTER = timedelta(minutes=2)  # doubled at each try
AT_ONCE = 50
_TONES = {"done": "good", "failed": "bad", "stopped": "warn"}


class WishRefused(AppError):
    """Notices cannot go to this person by e-mail; the text says what to do."""


def tell(*, user_id: int | None, key: str, tone: str, text: str, path: str, now: datetime) -> None:
    """Note a sentence for the person, once for each key; nobody is told of work that nobody of us started."""
    db.require_atomic()
    if user_id is None:
        return
    wish = NoticeWish.objects.filter(user_id=user_id, user__is_active=True).exclude(user__email="")
    by_mail = bool(settings.EMAIL_HOST) and wish.exists()
    _, is_new = Notice.objects.get_or_create(
        user_id=user_id,
        key=key,
        defaults={
            "tone": tone,
            "text": text[:500],
            "path": path,
            "created_at": now,
            "mail": MAIL.DUE if by_mail else MAIL.NONE,
            "mail_due_at": now if by_mail else None,
        },
    )
    if is_new and by_mail:
        enqueue_on_commit(jobs.MAIL_NOTICES)


def tell_of_import(list_import: ListImport, *, now: datetime) -> None:
    """Tell who started the import how it ended. `list_import` has its last state, sums and failure."""
    if list_import.started_by_id is None:
        return
    name, label = list_import.lead_list.name, list_import.source_label
    if list_import.state == ListImport.State.FAILED:
        text = (
            f"The import of “{label[:100]}” into “{name}” failed; nothing was imported. {list_import.failure}"
        )
    else:
        ended = "is done" if list_import.state == ListImport.State.DONE else "was stopped"
        refused = f", {list_import.refused:,} refused" if list_import.refused else ""
        text = (
            f"The import of “{label[:100]}” into “{name}” {ended}: {list_import.created:,} created, {list_import.updated:,} updated, "
            f"{list_import.duplicate:,} duplicate{refused}."
        )
    tone = _TONES[list_import.state]
    tell(
        user_id=list_import.started_by_id,
        key=f"import:{list_import.pk}/{list_import.state}",
        tone="warn" if tone == "good" and list_import.refused else tone,
        text=text,
        path=reverse("import", args=[list_import.pk]),
        now=now,
    )


def show(*, user_id: int, now: datetime) -> list[tuple[str, str]]:
    """Return tone and text of what no page has shown the person by itself yet, and note that it is shown now."""
    fresh = Notice.objects.filter(user_id=user_id, shown_at=None, read_at=None)
    shown = []
    for pk, tone, text in fresh.order_by("id").values_list("id", "tone", "text")[:3]:
        if Notice.objects.filter(pk=pk, shown_at=None).update(shown_at=now):  # of two open pages, one says it
            shown.append((tone, text))
    return shown


def mark_read(*, user_id: int, up_to: int, now: datetime) -> None:
    """Note that the person has read what was on the page: their notices up to that id."""
    with db.use_case():
        Notice.objects.filter(user_id=user_id, id__lte=up_to, read_at=None).update(read_at=now)


def wish_mail(*, user_id: int, wanted: bool, by_name: str, now: datetime) -> None:
    """Have the person's notices sent by e-mail too, or not any more. Raises WishRefused."""
    with db.use_case():
        if wanted:
            _require_address(User.objects.get(pk=user_id).email)
            _, changed = NoticeWish.objects.get_or_create(user_id=user_id, defaults={"since": now})
        else:
            changed = bool(NoticeWish.objects.filter(user_id=user_id).delete()[0])
        if changed:
            audit.record(
                actor=by_name,
                verb="campaigns.notices.by_email",
                target=f"user:{user_id}",
                now=now,
                after={"by_email": wanted},
            )


def _require_address(address: str) -> None:
    if not settings.EMAIL_HOST:
        raise WishRefused("Parley has no mail server. Ask your administrator to set PARLEY_EMAIL_HOST.")
    try:
        validate_email(address)
    except ValidationError:
        raise WishRefused(
            "Your account has no e-mail address that can be written to. Ask your administrator to enter it."
        ) from None


def send_due(*, clock: Callable[[], datetime]) -> int:
    """Send the e-mails that are due, outside any transaction; return how many went."""
    db.refuse_in_atomic("Sending e-mail")
    now = clock()
    due = Notice.objects.filter(mail=MAIL.DUE, mail_due_at__lte=now).order_by("mail_due_at", "id")
    sent = 0
    for notice in due.select_related("user")[:AT_ONCE]:
        # Moved on first: of two workers one sends, and a lost one costs a wait.
        later = clock() + AGAIN_AFTER * 2**notice.mail_tries
        mine = Notice.objects.filter(pk=notice.pk, mail=MAIL.DUE, mail_due_at=notice.mail_due_at)
        if not mine.update(mail_due_at=later, mail_tries=notice.mail_tries + 1):
            continue
        sent += _send(notice)
    return sent


def _send(notice: Notice) -> bool:
    if not notice.user.is_active or not notice.user.email:
        _note(notice, MAIL.FAILED, "The account is closed, or has no e-mail address any more.")
        return False
    message = EmailMessage(
        subject=f"Parley: {' '.join(notice.text.split())[:90]}",
        body=f"{notice.text}\n\n{settings.PUBLIC_URL}{notice.path}\n\nYou get this because you asked for it under Notices in Parley.\n",
        to=[notice.user.email],
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.warning("campaigns.notice.mail_failed", notice_id=notice.pk, reason=type(error).__name__)
        last = notice.mail_tries + 1 >= TRIES
        _note(
            notice,
            MAIL.FAILED if last else MAIL.DUE,
            f"The mail server did not take the e-mail ({type(error).__name__}).",
        )
        return False
    _note(notice, MAIL.SENT, "")
    return True


def _note(notice: Notice, mail: str, said: str) -> None:
    Notice.objects.filter(pk=notice.pk).update(mail=mail, mail_said=said)
