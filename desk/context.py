"""What every page's frame shows: navigation by role, the signed-in person, the demo banner."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts import roles
from core import clock


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the rail."""

    name: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A page outside the rail that the command palette opens from everywhere."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame."""

    nav: list[NavItem]
    person: Any
    demo: str
    search_url: str
    commands: list[Command]
    bell_url: str  # where notices come from; empty for those who start nothing that ends later


# (word, URL name, icon, permission): only what the role may open is shown.
NAVIGATION = [
    ("Desk", "desk", "desk", roles.WORK_DESK),
    ("Floor", "floor", "floor", roles.WATCH_FLOOR),
    ("Lists", "lists", "lists", roles.MANAGE_LISTS),
    ("Campaigns", "campaigns", "campaigns", roles.MANAGE_CAMPAIGNS),
    ("Messages", "messages", "voicemail", roles.RECORD_MESSAGES),
    ("Recordings", "recordings", "play", roles.LISTEN_RECORDINGS),
    ("Compliance", "compliance", "compliance", roles.VIEW_COMPLIANCE),
    ("CRM", "crm", "crm", roles.VIEW_CRM),
    ("People", "people", "people", roles.MANAGE_PEOPLE),
]

COMMANDS = [
    ("Why is a lead not dialing?", "why", roles.VIEW_COMPLIANCE),
    ("Your callbacks", "my-callbacks", roles.WORK_DESK),
    ("All callbacks", "callbacks", roles.WATCH_FLOOR),
    ("Pools of caller IDs", "caller-pools", roles.MANAGE_CAMPAIGNS),
    ("Results of calls", "result-sets", roles.MANAGE_CAMPAIGNS),
    ("Scripts", "scripts", roles.MANAGE_CAMPAIGNS),
]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` for base.html; an empty rail for people who are not signed in."""
    person: Any = getattr(request, "user", None)
    signed_in = bool(person is not None and person.is_authenticated)
    nav = [
        _item(request, word, name, icon)
        for word, name, icon, permission in NAVIGATION
        if signed_in and person.may(permission)
    ]
    commands = [
        Command(name=word, url=reverse(name))
        for word, name, permission in COMMANDS
        if signed_in and person.may(permission)
    ]
    shown = Shell(
        nav=nav,
        person=person if signed_in else None,
        demo=_demo_banner(),
        search_url=reverse("all-people") if signed_in and person.may(roles.MANAGE_LISTS) else "",
        commands=commands,
        bell_url=reverse("notices") if signed_in and person.may(roles.MANAGE_LISTS) else "",
    )
    return {"shell": shown}


def _item(request: HttpRequest, word: str, name: str, icon: str) -> NavItem:
    url = reverse(name)
    return NavItem(name=word, url=url, icon=icon, current=request.path.startswith(url))


def _demo_banner() -> str:
    if not settings.DEMO_MODE:
        return ""
    there = clock.now().astimezone(ZoneInfo(settings.OFFICE_ZONE))
    return (
        f"Demo: sandbox carrier and CRMs, invented people, and a clock set to {there:%A} {there:%H:%M} in New York. "
        "No real call is made."
    )
