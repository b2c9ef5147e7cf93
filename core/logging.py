"""structlog set-up: key-value lines, one format for our loggers and everybody else's, redaction in one place."""

import logging
import logging.config
import re
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

_PHONE = re.compile(r"\+[1-9]\d{6,10}(\d{4})\b")
_DIGIT = re.compile(r"\d")
_FEWEST_CARD_DIGITS = 13  # ISO/IEC 7812; the cheap question before the thorough one
_SECRET_NAMES = re.compile(r"token|secret|password|authorization|signature", re.IGNORECASE)


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep only the last four digits of phone numbers, and nothing of secrets."""
    for key, value in event.items():
        if _SECRET_NAMES.search(key):
            event[key] = "[hidden]"
        elif isinstance(value, str):
            event[key] = _PHONE.sub(r"…\1", value)
    return event


class CardDataCleaner:
    """A processor that cleans the texts of an event, at any depth, that have digits enough for a card number."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        self.clean = clean

    def __call__(self, _logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            event[key] = self._cleaned(value)
        return event

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, str):
            long = len(value) >= _FEWEST_CARD_DIGITS
            return self.clean(value) if long and len(_DIGIT.findall(value)) >= _FEWEST_CARD_DIGITS else value
        if isinstance(value, dict):
            return {key: self._cleaned(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._cleaned(item) for item in value]
        return value


def configure(options: dict[str, Any]) -> None:
    """Apply the settings' LOGGING: {"format": "json" or "console", "level": ..., "clean": takes card data out of a text}."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if options["format"] == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            CardDataCleaner(options["clean"]),  # after the traceback became text
            last,
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stream"], "level": options["level"]},
            "loggers": {
                "uvicorn.access": {"level": "WARNING"},
                "twilio": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "celery.beat": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
            },
        }
    )
