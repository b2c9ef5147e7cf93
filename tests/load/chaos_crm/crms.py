"""The two stand-ins as processes of their own: people made, faults set, and what they say stands in them."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests

from tests.e2e.stack import free_port

KINDS: Final = ("salesforce", "hubspot")
SECRETS: Final[Mapping[str, Mapping[str, str]]] = {
    "salesforce": {"client_id": "parley-sandbox", "client_secret": "sandbox-secret"},
    "hubspot": {"token": "pat-na1-sandbox"},
}
SETTINGS: Final = {"salesforce": {"domain": "sandbox.my"}, "hubspot": {"do_not_call_property": ""}}
# What may go wrong with each write, and how often. Reads and sign-ins are left alone: they are tried in the contract suite.
FAULTS: Final = {
    "http_429": 0.03,
    "http_500": 0.04,
    "http_500_after_effect": 0.06,
    "timeout": 0.02,
    "timeout_after_effect": 0.04,
    "lock_row": 0.15,
}
WRITES: Final = {"salesforce": "/composite/sobjects", "hubspot": "/batch/"}
_TIMEOUT: Final = 120.0


@contextlib.contextmanager
def running() -> Iterator[dict[str, str]]:
    """Start both and yield their addresses; their limits are out of the way."""
    made, urls = [], {}
    for kind in KINDS:
        port = free_port()
        env = {
            **os.environ,
            f"SANDBOX_{kind.upper()}_PORT": str(port),
            "SANDBOX_SALESFORCE_DAILY_LIMIT": "10000000",
            "SANDBOX_HUBSPOT_TEN_SECOND_LIMIT": "100000",
        }
        env.pop("SANDBOX_DATA_DIR", None)
        # What it says of clients that were killed in mid-request is not news here.
        made.append(
            subprocess.Popen([sys.executable, "-m", f"sandbox.{kind}"], env=env, stderr=subprocess.DEVNULL)
        )
        urls[kind] = f"http://127.0.0.1:{port}"
    try:
        for url in urls.values():
            _await(url)
        yield urls
    finally:
        for process in made:
            process.kill()
            process.wait()


def set_faults(url: str, match: str, faults: Mapping[str, float]) -> None:
    """Put these faults in place of all others."""
    requests.delete(f"{url}/_sandbox/faults", timeout=_TIMEOUT)
    for kind, rate in faults.items():
        body = {"kind": kind, "rate": rate, "match": match}
        assert requests.post(f"{url}/_sandbox/faults", json=body, timeout=_TIMEOUT).status_code == 201


def activities(url: str) -> list[dict[str, Any]]:
    """Return what stands in the CRM, in the order it was made."""
    found: list[dict[str, Any]] = requests.get(f"{url}/_sandbox/activities", timeout=_TIMEOUT).json()[
        "activities"
    ]
    return found


def requests_used(kind: str, url: str) -> int:
    """Return how many requests the CRM has counted, this one among them."""
    if kind == "salesforce":
        answer = requests.get(
            f"{url}/services/data/v66.0/limits", headers=_headers(kind, url), timeout=_TIMEOUT
        )
        used, _ = answer.headers["Sforce-Limit-Info"].split("=")[1].split("/")
        return int(used)
    answer = requests.get(f"{url}/account-info/v3/details", headers=_headers(kind, url), timeout=_TIMEOUT)
    daily = int(answer.headers["X-HubSpot-RateLimit-Daily"])
    return daily - int(answer.headers["X-HubSpot-RateLimit-Daily-Remaining"])


def make_people(kind: str, url: str, count: int) -> list[str]:
    """Make so many contacts and return their ids."""
    headers, found = _headers(kind, url), []
    for start in range(0, count, 100):
        numbers = range(start, min(start + 100, count))
        if kind == "salesforce":
            records = [
                {"attributes": {"type": "Contact"}, "LastName": f"Chaos {number}"} for number in numbers
            ]
            answer = requests.post(
                f"{url}/services/data/v66.0/composite/sobjects",
                json={"records": records},
                headers=headers,
                timeout=_TIMEOUT,
            )
            found += [str(row["id"]) for row in answer.json()]
        else:
            inputs = [{"properties": {"lastname": f"Chaos {number}"}} for number in numbers]
            answer = requests.post(
                f"{url}/crm/v3/objects/contacts/batch/create",
                json={"inputs": inputs},
                headers=headers,
                timeout=_TIMEOUT,
            )
            found += [str(row["id"]) for row in answer.json()["results"]]
    return found


def _headers(kind: str, url: str) -> dict[str, str]:
    if kind == "hubspot":
        return {"Authorization": f"Bearer {SECRETS[kind]['token']}"}
    form = {"grant_type": "client_credentials", **SECRETS[kind]}
    token = requests.post(f"{url}/services/oauth2/token", data=form, timeout=_TIMEOUT).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def _await(url: str) -> None:
    for _ in range(900):  # a busy machine is no failure
        with contextlib.suppress(requests.ConnectionError):
            requests.get(f"{url}/_sandbox/faults", timeout=5)
            return
        time.sleep(0.2)
    raise RuntimeError(f"the stand-in at {url} does not answer")
