"""What an agent says. Versions are immutable: a call keeps the text it was made with."""

from django.db import models
from django.db.models import Q

from campaigns.scripting import flow
from core.models import AppendOnlyModel


class Script(models.Model):
    """A named script; what is said is in its versions, and in the draft of the next one."""

    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class ScriptVersion(AppendOnlyModel):
    """What is said at one time. Merge fields are written {first_name}; see campaigns/scripting/render.py."""

    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.TextField()  # all that is said, as one text
    nodes = models.JSONField(
        null=True
    )  # campaigns.scripting.flow.Node as dicts; null: the body is all there is, one step
    purpose = models.CharField(
        max_length=20, blank=True, default="", db_default=""
    )  # compliance.rules.facts.Purpose it was judged for; empty: before scripts were judged
    states = models.JSONField(default=list, db_default=[])  # where it is used; none: anywhere
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["script", "number"], name="script_version_once")]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def flow(self) -> flow.Flow:
        """Return its steps."""
        return flow.of_text(self.body) if self.nodes is None else flow.flow_of(self.nodes)


class ScriptDraft(models.Model):
    """The next version while it is written; one for each script."""

    script = models.OneToOneField(Script, on_delete=models.CASCADE, related_name="draft")
    nodes = models.JSONField()
    purpose = models.CharField(max_length=20, blank=True)  # empty: not said yet, which keeps it a draft
    states = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)  # moved by every change
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(revision__gte=1), name="script_draft_revision")]

    def __str__(self) -> str:
        return f"draft {self.revision} of {self.script_id}"

    @property
    def flow(self) -> flow.Flow:
        """Return its steps."""
        return flow.flow_of(self.nodes)
