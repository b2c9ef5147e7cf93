"""The command that loads registry files of any size."""

from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from compliance.models import DncListImport
from tests.integration.compliance.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def _run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command(
        "import_dnc", str(path), "--san", "10000001-1", *(options or ("--as-of", "2026-11-12")), stdout=out
    )
    return out.getvalue()


def test_a_file_is_loaded_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "dnc.txt"
    path.write_text(
        "\n".join(f"407555{number:04d}" for number in range(1000)) + "\n4075550001\n", encoding="ascii"
    )

    said = _run(path)

    assert "1000 numbers in the copy. 1001 rows = 1000 accepted + 1 duplicates + 0 lines refused" in said
    assert "in force" in said
    assert DncListImport.objects.get().numbers == 1000


def test_loading_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "dnc.txt"
    path.write_text("4075550123", encoding="ascii")

    _run(path)
    _run(path)

    assert DncListImport.objects.count() == 1


def test_refused_lines_fail_the_command_and_name_the_first(tmp_path: Path) -> None:
    path = tmp_path / "dnc.txt"
    path.write_bytes(b"4075550123\n\xff\xfe nonsense\n" + b"9" * 10_000)

    with pytest.raises(CommandError, match="line 2") as raised:
        _run(path)

    assert raised.value.returncode == 2
    assert DncListImport.objects.get().needs_person


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("missing.txt", (), "cannot be read"),
        ("dnc.txt", ("--as-of", "last week"), "must be a date"),
        ("dnc.txt", ("--as-of", "2026-11-12", "--name", "narnia"), "no list we know"),
        ("dnc.txt", ("--as-of", "2027-11-12"), "future"),
        ("dnc.txt", ("--as-of", "2026-11-12", "--kind", "some"), "full or change"),
        ("dnc.txt", ("--as-of", "2026-11-12", "--kind", "change"), "Load the full list first"),
        ("dnc.txt", ("--as-of", "2026-11-12", "--base", "7"), "full list changes no older copy"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, name: str, options: tuple[str, ...], message: str) -> None:
    (tmp_path / "dnc.txt").write_text("4075550123", encoding="ascii")

    with pytest.raises(CommandError, match=message):
        _run(tmp_path / name, *options)

    assert not DncListImport.objects.exists()
