"""Form fields for words that people type and the product keeps."""

from typing import Any

from django import forms

from compliance.rules import card_data


class ReasonField(forms.CharField):
    """A reason or note of a person of the house: card data is taken out before anybody stores it (PCI-001)."""

    def to_python(self, value: Any) -> str:
        """Return the text without card data."""
        return card_data.redact(super().to_python(value) or "").text
