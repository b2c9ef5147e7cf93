"""The command that checks a mapping file."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm_sync.selectors import examples

PLAIN = examples.get_example("plain-crm") or ""


def run(path: Path) -> str:
    out = StringIO()
    call_command("check_mapping", str(path), stdout=out)
    return out.getvalue()


def test_a_good_file_is_said_to_be_with_what_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    path.write_text("\ufeff" + PLAIN.replace("\n", "\r\n"), encoding="utf-8")

    said = run(path)

    assert "is good: Plain CRM" in said
    assert "texts, tasks, fields, membership, search" in said


def test_every_mistake_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    text = PLAIN.replace("type: bearer", "type: magic").replace('"{status}"', '"{state}"')
    path.write_text(text, encoding="utf-8")
    out = StringIO()

    with pytest.raises(CommandError, match="to mend in"):
        call_command("check_mapping", str(path), stdout=out)

    lines = out.getvalue().splitlines()
    at = text.splitlines().index("  type: magic") + 1
    assert lines[0].startswith(f"{path}:{at}: auth.type: “magic” is not known")
    assert any("{state}" in line for line in lines)


@pytest.mark.parametrize(
    ("data", "words"),
    [(None, "cannot be read"), (b"\xff\xfe\x00", "no text in UTF-8"), (b"", "1 to mend")],
)
def test_what_is_no_file_is_said(data: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(CommandError, match=words):
        run(path)


@pytest.mark.parametrize("name", sorted(path.stem for path in examples.FOLDER.glob("*.yaml")))
def test_each_example_is_good(name: str) -> None:
    assert "is good" in run(examples.FOLDER / f"{name}.yaml")
