"""The gate's figures in one line of JSON: `make bench-gate`. Runs each measurement in a process of its own, one after the other.

--quick makes everything smaller by a factor of fifty, to see that it runs.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

WITH_SERVERS = [sys.executable, "-m", "config.embedded", "exec"]


def measurements(quick: bool, leads: int) -> dict[str, list[str]]:
    """Return the command of each measurement by the name its figures get."""
    size = 50 if quick else 1
    python = [sys.executable, "-m"]
    return {
        "clearance": [*WITH_SERVERS, *python, "tests.load.bench_clearance", *_batches(quick)],
        "decide": [*python, "tests.load.bench_decide", str(5000 // size)],
        "registry": [*python, "tests.load.bench_registry", "--numbers", str(250_000_000 // size)],
        "replay": [*WITH_SERVERS, *python, "tests.load.bench_replay", "--verdicts", str(1_000_000 // size)],
        "waterfall": [
            *WITH_SERVERS,
            *python,
            "tests.load.bench_waterfall",
            "--leads",
            str(leads // size),
        ],
        "revocation": [*python, "tests.load.bench_revocation"],
    }


def main() -> None:
    """Run them all and print the line; exits with 1 if one of them fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="*", help="names of single measurements")
    parser.add_argument("--leads", type=int, default=1_000_000, help="people of the waterfall's campaign")
    options = parser.parse_args()
    found: dict[str, Any] = {"cores": os.cpu_count()}
    failed = []
    for name, command in measurements(options.quick, options.leads).items():
        if options.only and name not in options.only:
            continue
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or not lines:
            failed.append(name)
        else:
            found[name] = json.loads(lines[-1])
    print(json.dumps({**found, **({"failed": failed} if failed else {})}))
    sys.exit(bool(failed))


def _batches(quick: bool) -> list[str]:
    return ["--batches", "4", "--singles", "50"] if quick else []


if __name__ == "__main__":
    main()
