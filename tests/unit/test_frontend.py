"""When the browser's part is built again, and what is said when it cannot be."""

from pathlib import Path

import pytest

from config import frontend


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one source of each kind and a finished build."""
    for name in (
        "package.json",
        "package-lock.json",
        "static/js/app.js",
        "static/css/app.css",
        *[f"static/dist/{n}" for n in frontend.OUTPUTS],
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    monkeypatch.setattr(frontend, "BASE_DIR", tmp_path)
    monkeypatch.setattr(frontend, "DIST", tmp_path / "static" / "dist")
    monkeypatch.setattr(frontend, "STAMP", tmp_path / "static" / "dist" / ".stamp")
    frontend.STAMP.write_text(frontend.fingerprint() + "\n", encoding="utf-8")
    return tmp_path


def test_an_unchanged_checkout_is_current(checkout: Path) -> None:
    assert frontend.is_current()


@pytest.mark.parametrize("name", ["package-lock.json", "static/js/app.js", "static/css/app.css"])
def test_a_changed_source_needs_a_build(checkout: Path, name: str) -> None:
    (checkout / name).write_text("changed", encoding="utf-8")

    assert not frontend.is_current()


def test_a_new_source_needs_a_build(checkout: Path) -> None:
    (checkout / "static/js/desk.js").write_text("", encoding="utf-8")

    assert not frontend.is_current()


def test_a_missing_output_needs_a_build(checkout: Path) -> None:
    (checkout / "static/dist/app.css").unlink()

    assert not frontend.is_current()


def test_an_unreachable_registry_is_said_in_words(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = checkout / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\nexit 1\n", encoding="utf-8")
    npm.chmod(0o755)
    node = checkout / "bin" / "node"
    node.write_text("#!/bin/sh\necho v22.1.0\n", encoding="utf-8")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    (checkout / "package-lock.json").write_text("changed", encoding="utf-8")

    code = frontend.main()

    assert code == 1
    assert "registry cannot be reached" in capsys.readouterr().err
