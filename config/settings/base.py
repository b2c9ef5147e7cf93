"""Django itself. Reads the environment through config.env only; the parts by subject are imported below."""

from pathlib import Path

from config import env
from config.settings.carrier import *  # noqa: F403 - settings are one namespace, kept in files by subject
from config.settings.carrier import BROWSER_PHONE_HOSTS
from config.settings.celery import *  # noqa: F403
from config.settings.crm import *  # noqa: F403
from config.settings.demo import *  # noqa: F403
from config.settings.desk import *  # noqa: F403
from config.settings.logging import *  # noqa: F403
from config.settings.mail import *  # noqa: F403
from config.settings.verdicts import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent
NEEDS_URL = "`make run` and `make test` start embedded servers and set it; elsewhere point it at yours."

DEBUG = False
SECRET_KEY = env.env_secret(
    "PARLEY_SECRET_KEY", hint="Any long random text; keep it the same on all processes."
)
ALLOWED_HOSTS = env.env_list("PARLEY_ALLOWED_HOSTS", "127.0.0.1,localhost")
PUBLIC_URL = env.env_str("PARLEY_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
# The public address may have a path (https://example.com/parley); an origin has none.
CSRF_TRUSTED_ORIGINS = ["/".join(PUBLIC_URL.split("/")[:3])]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "phonenumber_field",
    "core",
    "accounts",
    "compliance",
    "carriers",
    "campaigns",
    "api",
    "dialer",
    "crm_sync",
    "desk",
    "evidence",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.ContentSecurityPolicyMiddleware",
    "core.middleware.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.context.shell",
            ],
        },
    }
]

DATABASES = {"default": env.parse_database_url(env.env_str("DATABASE_URL", hint=NEEDS_URL))}
DATABASES["default"]["OPTIONS"] = {
    # For prepared statements (core.db): left to itself PostgreSQL plans each of them anew every time.
    # The zone is given here, since Django asks for it in a round trip of its own where the connection begins in another.
    "options": "-c plan_cache_mode=force_generic_plan -c TimeZone=UTC",
    "pool": {"min_size": 1, "max_size": env.env_int("PARLEY_DB_POOL", 20), "timeout": 10},
}
REDIS_URL = env.env_str("REDIS_URL", hint=NEEDS_URL)
# What may be lost and made again: counts that take seconds.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "parley",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sessions.People"]
SESSION_ENGINE = "accounts.sessions"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    # PCI DSS 8.3.6: at least 12 characters (rule PCI-008).
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The API has keys of its own; a request without one is nobody's.
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "UNAUTHENTICATED_TOKEN": None}

PHONENUMBER_DEFAULT_REGION = "US"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
# A file with more rows is refused before a row is stored.
IMPORT_MAX_ROWS = env.env_int("PARLEY_IMPORT_MAX_ROWS", 1_000_000)

CONTENT_SECURITY_POLICY: dict[str, dict[str, list[str]]] = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        # The carrier's browser library keeps its own socket open when a real carrier is configured.
        "connect-src": ["'self'", *BROWSER_PHONE_HOSTS],
        "media-src": ["'self'", "blob:"],  # blob: a recording just made, listened to before it is sent
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# CRM secrets at rest: the first key encrypts, all decrypt, so a key can be rotated (cryptography's MultiFernet).
ENCRYPTION_KEYS = env.env_list("PARLEY_ENCRYPTION_KEYS", "") or None

# The gate stands below the app that keeps people; a request by e-mail finds them through this function.
FIND_PEOPLE_BY_EMAIL = "campaigns.selectors.people.find_by_email"

# Do-not-call registries are files: one folder that all processes of all machines see (docs/how-to/registry.md).
REGISTRY_DIR = env.env_str("PARLEY_REGISTRY_DIR", str(BASE_DIR / "var" / "registry"))

# Evidence packs hold everything about a number: a folder only the product may read, seen by all web and
# worker processes: workers write packs, pages give them out.
EVIDENCE_DIR = env.env_str("PARLEY_EVIDENCE_DIR", str(BASE_DIR / "var" / "evidence"))

# Recorded calls: as private, and as shared, as the folder of packs. No address of the web server leads into it.
RECORDINGS_DIR = env.env_str("PARLEY_RECORDINGS_DIR", str(BASE_DIR / "var" / "recordings"))
RECORDING_PAUSE_WARN_SECONDS = env.env_int("PARLEY_RECORDING_PAUSE_WARN_SECONDS", 300)

# Demo mode: product and stand-ins share one shifted clock. core/checks.py refuses it in production settings.
DEMO_MODE = env.env_bool("PARLEY_DEMO", False)
CLOCK_OFFSET_SECONDS = env.env_float("PARLEY_CLOCK_OFFSET_SECONDS", 0.0) if DEMO_MODE else 0.0

# Who is calling: the seller on whose behalf all calls are made (do-not-call lists are kept per seller).
# The office's zone: whose day a call belongs to in the CRM, and when an agent's day begins.
OFFICE_ZONE = env.env_str("PARLEY_OFFICE_ZONE", "America/New_York")
# Whether each version of a campaign counts only once a second person has approved it; a campaign may ask for it by itself.
CAMPAIGNS_NEED_APPROVAL = env.env_bool("PARLEY_CAMPAIGNS_NEED_APPROVAL", False)
SELLER_NAME = env.env_str("PARLEY_SELLER_NAME", "Northwind Home Energy")
