"""What is told to one person: that work they started has ended."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """A sentence for one person, on their pages until they have read it, and by e-mail if they wish."""

    class Mail(models.TextChoices):
        NONE = "", "Not wished"
        DUE = "due", "To be sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(max_length=80)  # "import:7/done": the same end is told once
    tone = models.CharField(max_length=4)  # good, warn, bad
    text = models.CharField(max_length=500)
    path = models.CharField(max_length=200)  # of the page that has the rest
    created_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)  # on a page, by itself
    read_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=6, choices=Mail.choices, blank=True, default="")
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_said = models.CharField(max_length=300, blank=True, default="")  # why it failed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once"),
            models.CheckConstraint(condition=Q(tone__in=["good", "warn", "bad"]), name="notice_tone_known"),
            models.CheckConstraint(
                condition=Q(mail="due", mail_due_at__isnull=False) | ~Q(mail="due"),
                name="notice_mail_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["mail_due_at", "id"], condition=Q(mail="due"), name="notice_mail_due"),
        ]

    def __str__(self) -> str:
        return self.text


class NoticeWish(models.Model):
    """A person who wants notices by e-mail too."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"notices of {self.user_id} by e-mail"
