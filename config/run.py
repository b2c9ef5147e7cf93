"""`make run`: servers, tables, demo data, then every process of the Procfile until Ctrl-C; `make reset`: start over."""

import argparse
import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from honcho.compat import ProcessManager
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from config import demo_clock, embedded
from config.settings.demo import DEMO_CALLER_IDS, DEMO_LOGINS

BASE_DIR = embedded.BASE_DIR
WEB_PORT, CARRIER_PORT, SALESFORCE_PORT, HUBSPOT_PORT, PLAINCRM_PORT = 8000, 8101, 8102, 8103, 8104
STAND_INS = ("CARRIER", "SALESFORCE", "HUBSPOT", "PLAINCRM")
READY_WITHIN_SECONDS = 60
MOST_WEB_PROCESSES = 4  # that `make run` starts by itself; each has a pool of connections of its own


class _MainFirst(ProcessManager):  # type: ignore[misc]  # the package has no types
    """Asks each process to stop, not its children too: a worker lets its own children finish what they do."""

    def terminate(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class CannotStart(Exception):
    """A reason for people."""


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of this checkout's run; raises CannotStart if another run has it. The lock ends with the process."""
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                "Parley is running already from this folder. Use that one, or stop it with Ctrl-C first."
            ) from None
        yield


def environment(folder: Path, urls: Mapping[str, str], *, clock_offset: float) -> dict[str, str]:
    """Return what all processes get: servers, ports, one clock, one place for the sandbox's records."""
    port = int(os.environ.get("PORT", WEB_PORT))
    defaults = {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PORT": str(port),
        "WEB_PROCESSES": str(min(MOST_WEB_PROCESSES, os.cpu_count() or 1)),
        "WORKERS": "4",
        "BEAT_SCHEDULE": str(folder / "beat-schedule"),
        "PARLEY_DEMO": "True",
        "PARLEY_LOG_LEVEL": "WARNING",
        "PARLEY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PARLEY_SECRET_KEY": _kept_secret(folder),
        "SANDBOX_CARRIER_NUMBERS": ",".join(number for number, _ in DEMO_CALLER_IDS),
        "SANDBOX_DATA_DIR": str(folder / "sandbox"),
        "SANDBOX_CARRIER_PORT": str(CARRIER_PORT),
        "SANDBOX_SALESFORCE_PORT": str(SALESFORCE_PORT),
        "SANDBOX_HUBSPOT_PORT": str(HUBSPOT_PORT),
        "SANDBOX_PLAINCRM_PORT": str(PLAINCRM_PORT),
        "SANDBOX_CLOCK_OFFSET_SECONDS": repr(clock_offset),
        "PARLEY_CLOCK_OFFSET_SECONDS": repr(clock_offset),
        "PYTHONUNBUFFERED": "1",
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**defaults, **os.environ, **urls, "PATH": path}


def require_free_ports(env: Mapping[str, str]) -> None:
    """Raise CannotStart, naming the port, if a port that is needed is taken."""
    for name in ("PORT", *(f"SANDBOX_{each}_PORT" for each in STAND_INS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", int(env[name])))
            except OSError:
                raise CannotStart(
                    f"Port {env[name]} is taken by another program. Stop that, or set {name} to a free port."
                ) from None


def run() -> int:
    """Start everything and stay until Ctrl-C; returns an exit code."""
    started = time.monotonic()
    folder = embedded.data_folder("run")
    with only_one(folder):
        clock_offset = demo_clock.offset_seconds(folder / "demo-clock.json")
        with embedded.servers(folder) as urls:
            env = environment(folder, urls, clock_offset=clock_offset)
            require_free_ports(env)
            (folder / "sandbox").mkdir(exist_ok=True)
            _prepare(env)
            manager = Manager(printer=Printer(sys.stdout, colour=sys.stdout.isatty()))
            manager._procmgr = _MainFirst()
            processes = parse_procfile((BASE_DIR / "Procfile").read_text(encoding="utf-8")).processes
            for name, command in processes.items():
                manager.add_process(name, f"exec {command}", env=env, cwd=str(BASE_DIR))
            threading.Thread(target=_announce, args=(env, started, folder), daemon=True).start()
            manager.loop()
            return 0 if manager.returncode in (0, 130, 143) else 1


def reset() -> int:
    """Remove the demo's data; returns an exit code."""
    folder = embedded.data_folder("run")
    with only_one(folder):
        for entry in folder.iterdir():
            if entry.name != "run.lock":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    print("The demo's data was removed. `make run` starts over.")
    return 0


def _prepare(env: Mapping[str, str]) -> None:
    line = [sys.executable, "manage.py", "prepare_run"]
    done = subprocess.run(line, env=dict(env), cwd=BASE_DIR, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise CannotStart(
            "Tables, static files or demo data could not be prepared; the message stands above."
        )


def _announce(env: Mapping[str, str], started: float, folder: Path) -> None:
    """Print address and logins once the pages answer."""
    address = f"http://127.0.0.1:{env['PORT']}/"
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address + "sign-in/", timeout=2):  # noqa: S310 - our own address
                break
        except (urllib.error.URLError, OSError):
            threading.Event().wait(0.2)
    lines = [f"    {login['username']:<7} {login['password']}   {login['role']}" for login in DEMO_LOGINS]
    print(
        f"\n  Parley is ready after {time.monotonic() - started:.0f} s: {address}\n\n"
        "  Demo logins (user, password, role):\n" + "\n".join(lines) + "\n\n"
        f"  Sandbox Salesforce http://127.0.0.1:{env['SANDBOX_SALESFORCE_PORT']}/   Sandbox HubSpot http://127.0.0.1:{env['SANDBOX_HUBSPOT_PORT']}/"
        f"   Plain CRM http://127.0.0.1:{env['SANDBOX_PLAINCRM_PORT']}/   Sandbox carrier http://127.0.0.1:{env['SANDBOX_CARRIER_PORT']}/\n"
        f"  Data in {folder}. Ctrl-C stops everything; the data stays. `make reset` starts over.\n",
        flush=True,
    )


def _kept_secret(folder: Path) -> str:
    """Return this installation's own secret key, made once, so that sessions outlive a restart."""
    path = folder / "secret-key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip()


def main() -> int:
    """Run the verb given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m config.run")
    parser.add_argument("verb", choices=["run", "reset"])
    verb = parser.parse_args().verb
    try:
        return run() if verb == "run" else reset()
    except CannotStart as reason:
        print(f"Parley did not start: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
