"""What people of the house noted about a person, beside what stands with calls."""

from django.db import models
from django.db.models import Q

from campaigns.models.leads import Contact


class ContactNote(models.Model):
    """One note about a person; it is not changed, another follows it."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notes", db_index=False)
    text = models.CharField(max_length=2000)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-at", "-id"], name="contact_note_newest")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="contact_note_says_something")]

    def __str__(self) -> str:
        return f"note {self.pk} about {self.contact_id}"
