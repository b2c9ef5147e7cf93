"""Tests: as development, with nothing shared and nothing slow."""

import os

os.environ.setdefault("PARLEY_LOG_LEVEL", "CRITICAL")

from config.settings.dev import *  # noqa: F403 - the default above must stand first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
DATABASES["default"]["OPTIONS"].pop("pool")  # type: ignore[attr-defined]  # noqa: F405 - one connection a test; a pool would outlive the test database
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
CARRIER_CPS = 10_000.0  # tests of the limit set their own; the others must not wait for each other
