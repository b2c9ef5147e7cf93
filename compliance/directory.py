"""Who is known under an e-mail address: asked of whoever keeps people, above this app; the setting names the function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A person with this address, and all their numbers in E.164."""

    person_ref: str  # as requests to the gate name them
    name: str
    numbers: tuple[str, ...]


FindByEmail = Callable[[str], Sequence[Addressee]]
"""Takes an address in lower case; returns everybody who has it, in a stable order."""


def find_by_email(address: str) -> Sequence[Addressee]:
    """Return everybody who is known under the address; nobody for an empty one."""
    if not address:
        return ()
    return cast(FindByEmail, import_string(settings.FIND_PEOPLE_BY_EMAIL))(address)
