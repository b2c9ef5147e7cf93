"""When a page of the desk asks for its state, and when not: the page itself and the robots are held to it."""

from dataclasses import dataclass

BURST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Redraw:
    """What happens to a page that shows version 7 of session 1, and how often it asks then."""

    name: str
    told: tuple[tuple[int, int], ...] = ()  # (session, version) of the hints, as they come
    resync: bool = False  # events were missed
    pressed: bool = False  # a button, whose answer brings the new state
    asks: int
    names_version: bool = True  # so that it gets nothing where that is the newest


REDRAWS = [
    Redraw(name="nothing", asks=0),
    Redraw(name="a hint of what it shows", told=((1, 7),), asks=0),
    Redraw(name="an older hint", told=((1, 5), (1, 6)), asks=0),
    Redraw(name="a newer hint", told=((1, 8),), asks=1),
    Redraw(name="a burst of newer hints", told=tuple((1, 8 + each) for each in range(BURST)), asks=1),
    Redraw(name="a newer hint overtaken by an older one", told=((1, 8), (1, 7)), asks=1),
    Redraw(name="a hint about another session", told=((2, 1),), asks=1),
    Redraw(name="missed events", resync=True, asks=1, names_version=False),
    Redraw(name="a button", pressed=True, asks=0),
]
