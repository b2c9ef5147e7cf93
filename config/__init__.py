"""Composition root: settings, URLs, Celery, and the one table that wires events to handlers."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
