"""What pages may rely on: each class named for them exists, each pair of colours is readable."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
TEMPLATES = STATIC.parent / "templates"
CSS = "\n".join(file.read_text(encoding="utf-8") for file in sorted((STATIC / "css").glob("*.css")))
CLASSES = set(re.findall(r"\.([a-z][a-z0-9-]*)", re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)))
TOKENS = dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", CSS))

CONTRACT = [
    "page",
    "stack",
    "row",
    "split",
    "grid-2",
    "grid-3",
    "card",
    "card-head",
    "card-body",
    "table-wrap",
    "table",
    "num",
    "row-link",
    "btn",
    "btn-primary",
    "btn-danger",
    "btn-quiet",
    "btn-small",
    "badge",
    "is-good",
    "is-warn",
    "is-bad",
    "is-info",
    "is-auto",
    "notice",
    "kv",
    "stat",
    "stat-value",
    "stat-label",
    "stats",
    "muted",
    "mono",
    "nowrap",
    "visually-hidden",
    "tabs",
    "progress",
    "field",
    "form",
    "form-actions",
    "field-row",
    "filters",
    "empty",
    "pager",
    "check",
    "segmented",
    "desk",
    "desk-strip",
    "desk-call",
    "desk-work",
    "desk-result",
    "desk-panel",
    "agent-state",
    "agent-today",
    "timer",
    "call-state",
    "call-person",
    "call-number",
    "call-badges",
    "call-keys",
    "keypad",
    "script",
    "merge",
    "is-missing",
    "history",
    "dispositions",
    "disposition",
    "callback-picker",
    "callback-other",
    "notes",
    "notes-saved",
    "result-actions",
]

TEXT_PAIRS = [
    *[
        (text, ground)
        for text in ("text", "text-muted")
        for ground in ("canvas", "surface", "raised", "sunken", "hover")
    ],
    *[("accent", ground) for ground in ("canvas", "surface", "raised", "sunken", "accent-soft")],
    *[
        (tone, ground)
        for tone in ("good", "warn", "bad", "info", "auto")
        for ground in ("canvas", "surface", f"{tone}-soft")
    ],
    *[("text", f"{tone}-soft") for tone in ("good", "warn", "bad", "info", "auto", "accent")],
    ("text-muted", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-bad", "bad-fill"),
]
CONTROL_PAIRS = [("line-strong", ground) for ground in ("canvas", "surface", "raised", "sunken", "hover")] + [
    ("accent", "surface")
]


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str, theme: int) -> float:
    lighter, darker = sorted(
        (_luminance(TOKENS[name].split(", ")[theme]) for name in (one, other)), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_class_promised_to_pages_is_styled(name: str) -> None:
    assert name in CLASSES


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read_on_its_ground(text: str, ground: str, theme: int) -> None:
    assert _contrast(text, ground, theme) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), CONTROL_PAIRS)
def test_the_edge_of_a_control_can_be_seen(line: str, ground: str, theme: int) -> None:
    assert _contrast(line, ground, theme) >= 3  # WCAG 2.2, 1.4.11


def test_every_token_used_is_defined() -> None:
    used = set(re.findall(r"var\(--([a-z0-9-]+)", CSS))
    defined = set(re.findall(r"^\s*--([a-z0-9-]+):", CSS, flags=re.MULTILINE))

    assert used <= defined


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    sprite = set(
        re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "img" / "icons.svg").read_text(encoding="utf-8"))
    )
    pages = "\n".join(file.read_text(encoding="utf-8") for file in TEMPLATES.rglob("*.html"))

    assert set(re.findall(r'_icon\.html" with name="([a-z-]+)"', pages)) <= sprite


def test_no_template_carries_script_or_style_of_its_own() -> None:
    offenders = [
        file.name
        for file in TEMPLATES.rglob("*.html")
        if re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", file.read_text(encoding="utf-8"))
    ]

    assert offenders == []  # the Content-Security-Policy would block it


def test_modules_stay_small() -> None:
    sizes = {
        file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in (STATIC / "js").glob("*.js")
    }

    assert {name: lines for name, lines in sizes.items() if lines > 150} == {}
