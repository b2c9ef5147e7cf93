"""What the stand-in can be told from outside; the only reader of its environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# One fictitious number (555-01XX) for each of six area codes, so that local presence has something to choose.
DEFAULT_NUMBERS = (
    "+12125550100",
    "+13125550111",
    "+14155550122",
    "+13055550133",
    "+15125550144",
    "+12065550155",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Units: `speed` is simulated seconds per real second; `cps` is calls per simulated second;
    `timeout_seconds` (how long the time-out faults hold a connection) is real seconds. `signature` is sha1 or sha256;
    with sha256 webhooks are signed with `shared_key`, or with the auth token when there is none."""

    host: str = "127.0.0.1"
    port: int = 8101
    account_sid: str = "AC5a4db0c5a4db0c5a4db0c5a4db0c5a4d"
    auth_token: str = "sandboxsandboxsandboxsandbox0000"  # noqa: S105 - opens nothing but this stand-in
    clock_offset_seconds: float = 0.0
    speed: float = 1.0
    seed: int = 1
    cps: float = 10.0
    timeout_seconds: float = 30.0
    numbers: tuple[str, ...] = DEFAULT_NUMBERS
    signature: str = "sha1"
    shared_key: str = ""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the SANDBOX_* variables.

    Raises: ValueError naming the variable when a value is no number, not above 0 where it must be, no
    telephone number where it must be, or none of the words it must be.
    """
    default = Settings()
    listed = environment.get("SANDBOX_CARRIER_NUMBERS", "").split(",")
    numbers = tuple(each.strip() for each in listed if each.strip())
    for number in numbers:
        if not re.fullmatch(r"\+[1-9]\d{7,14}", number):
            raise ValueError(f"SANDBOX_CARRIER_NUMBERS must be numbers such as +12125550100, not {number!r}")
    signature = environment.get("SANDBOX_CARRIER_SIGNATURE", default.signature)
    if signature not in ("sha1", "sha256"):
        raise ValueError(f"SANDBOX_CARRIER_SIGNATURE must be sha1 or sha256, not {signature!r}")
    return Settings(
        host=environment.get("SANDBOX_HOST", default.host),
        port=int(_number(environment, "SANDBOX_CARRIER_PORT", default.port, positive=True)),
        account_sid=environment.get("SANDBOX_CARRIER_ACCOUNT_SID", default.account_sid),
        auth_token=environment.get("SANDBOX_CARRIER_AUTH_TOKEN", default.auth_token),
        clock_offset_seconds=_number(environment, "SANDBOX_CLOCK_OFFSET_SECONDS", 0),
        speed=_number(environment, "SANDBOX_SPEED", default.speed, positive=True),
        seed=int(_number(environment, "SANDBOX_SEED", default.seed)),
        cps=_number(environment, "SANDBOX_CPS", default.cps, positive=True),
        timeout_seconds=_number(environment, "SANDBOX_TIMEOUT_SECONDS", default.timeout_seconds),
        numbers=numbers or default.numbers,
        signature=signature,
        shared_key=environment.get("SANDBOX_CARRIER_SHARED_KEY", default.shared_key),
    )


def _number(environment: Mapping[str, str], name: str, default: float, *, positive: bool = False) -> float:
    text = environment.get(name, "")
    try:
        value = float(text) if text else float(default)
    except ValueError as error:
        raise ValueError(f"{name} must be a number, not {text!r}") from error
    if positive and value <= 0:
        raise ValueError(f"{name} must be above 0, not {text}")
    return value
