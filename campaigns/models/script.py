"""What an agent says. Versions are immutable: a call keeps the text it was made with."""

from django.db import models

from core.models import AppendOnlyModel


class Script(models.Model):
    """A named script; its text is in its versions."""

    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class ScriptVersion(AppendOnlyModel):
    """The text at one time. Merge fields are written {first_name}; see campaigns/scripting/render.py."""

    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["script", "number"], name="script_version_once")]

    def __str__(self) -> str:
        return f"version {self.number}"
