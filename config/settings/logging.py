"""Logs: JSON lines in production, readable on a terminal in development (core/logging.py configures structlog).

No card number reaches a log (PCI-014): what knows one is a rule of compliance, which core may not import, so it is given here.
"""

from typing import Any

from compliance.rules import card_data
from config import env

LOG_FORMAT = env.env_str("PARLEY_LOG_FORMAT", "json")
LOG_LEVEL = env.env_str("PARLEY_LOG_LEVEL", "INFO")
LOGGING_CONFIG = "core.logging.configure"
LOGGING: dict[str, Any] = {
    "format": LOG_FORMAT,
    "level": LOG_LEVEL,
    "clean": lambda text: card_data.redact(text).text,
}
