"""The repository keeps its own rules: sizes, settings, tasks, guards, pins."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = [
    "accounts", "campaigns", "carriers", "compliance", "config", "core", "crm_sync", "desk", "dialer", "evidence",
]  # fmt: skip
ALLOWED = tomllib.loads((ROOT / "tests/repo/sizes.toml").read_text(encoding="utf-8"))


def sources(*folders: str) -> list[Path]:
    """Return the Python files of the folders, migrations left out."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_no_module_is_too_long() -> None:
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(*PRODUCT, "sandbox")
    }

    assert {name: n for name, n in lengths.items() if n > 400 and name not in ALLOWED["modules"]} == {}
    assert {name: n for name, n in lengths.items() if n > 600} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{name_of(path)}:{name}": n
        for path in sources(*PRODUCT, "sandbox")
        for name, n in functions(path)
        if n > 50
    }

    assert {name: n for name, n in long.items() if name not in ALLOWED["functions"]} == {}


def test_the_environment_is_read_in_one_place_and_listed_in_the_sample() -> None:
    readers = [
        name_of(path)
        for path in sources(*PRODUCT)
        if "os.environ" in path.read_text(encoding="utf-8")
        and name_of(path)
        not in {"config/env.py", "config/run.py", "config/embedded.py", "config/frontend.py"}
        and "environ.setdefault" not in path.read_text(encoding="utf-8")
    ]
    used = {
        name
        for path in sources("config/settings")
        for name in re.findall(r'env\.env_\w+\(\s*"([A-Z_0-9]+)"', path.read_text(encoding="utf-8"))
    }
    sample = set(
        re.findall(r"^([A-Z_0-9]+)=", (ROOT / ".env.sample").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert readers == []
    assert used == sample


def test_every_job_name_has_a_task() -> None:
    from celery import current_app

    current_app.loader.import_default_modules()
    names = {
        value
        for app in PRODUCT
        if (ROOT / app / "jobs.py").exists()
        for value in vars(__import__(f"{app}.jobs", fromlist=["jobs"])).values()
        if isinstance(value, str)
        and "." in value
        and value.startswith(f"{app}.")
        and not value.endswith(".jobs")
    }
    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}

    assert names <= set(current_app.tasks)
    assert scheduled <= set(current_app.tasks)


def test_nothing_waits_in_the_broker() -> None:
    offenders = [
        name_of(path)
        for path in sources(*PRODUCT)
        if re.search(r"\b(countdown|eta)\s*=", path.read_text(encoding="utf-8"))
        or ".apply_async(" in path.read_text(encoding="utf-8")
    ]

    assert offenders == []


def test_every_save_names_its_fields() -> None:
    offenders = [
        f"{name_of(path)}:{number}"
        for path in sources(*PRODUCT)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"\.save\(\s*\)", line) and "super()" not in line
    ]

    assert offenders == []


def test_every_page_is_guarded_or_open_on_purpose() -> None:
    open_on_purpose = {
        "sign-in",
        "sign-out",
        "home",
        "hook-call-answer",
        "hook-call-status",
        "hook-agent-answer",
    }
    open_on_purpose |= {
        "hook-agent-status",
        "hook-conference",
        "hook-call-waited",
        "hook-call-left",
        "hook-transfer-answer",
        "hook-transfer-status",
        "hook-transfer-events",
        "hook-transfer-left",
        "hook-call-detected",
        "hook-call-keys",
        "hook-call-message",
        "hook-recording-status",
        "hook-recording-notice",
        "hook-fault",
        "hook-inbound",
        "hook-inbound-keys",
        "hook-inbound-status",
        "desk-events",
        "hook-media",
        "hook-text",
        "hook-text-status",
        "crm-hook-hubspot",
        "crm-phone",  # says nothing of anybody
        "crm-phone-state",
        "crm-phone-dial",
        "crm-phone-save",
        "crm-phone-hang-up",
    }  # these check for themselves

    unguarded = {
        str(pattern.name)
        for pattern in _patterns(get_resolver())
        if not hasattr(pattern.callback, "required_permission") and pattern.name not in open_on_purpose
    }

    assert unguarded == set()


def test_every_requirement_is_pinned_and_says_why() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.match(r"^[\w.\[\],-]+==[\w.]+\s+# \S", line), line


@pytest.mark.parametrize(
    "path", ["Makefile", "Procfile", "README.md", ".ci/run", ".env.sample", "CONTRIBUTING.md", "CHANGELOG.md"]
)
def test_what_a_newcomer_looks_for_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_adr_numbers_are_unique_and_in_order() -> None:
    numbers = sorted(path.name.split("-", 1)[0] for path in (ROOT / "docs/adr").glob("*.md"))

    assert numbers == [f"{index:04d}" for index in range(1, len(numbers) + 1)]


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from _patterns(entry)
        else:
            yield entry
