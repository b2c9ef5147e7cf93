"""The public API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Keys, and what they open."""

    name = "api"
