"""The custom user model."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, roles and teams."""

    name = "accounts"
