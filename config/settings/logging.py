"""Logs: JSON lines in production, readable on a terminal in development (core/logging.py configures structlog)."""

from config import env

LOG_FORMAT = env.env_str("PARLEY_LOG_FORMAT", "json")
LOG_LEVEL = env.env_str("PARLEY_LOG_LEVEL", "INFO")
LOGGING_CONFIG = "core.logging.configure"
LOGGING = {"format": LOG_FORMAT, "level": LOG_LEVEL}
