"""One settings file, driven by the environment. `docs/operations.md` lists every variable."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

from config import second_factor
from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env("SECRET_KEY")
# Makes the study ids of exports; with none of its own they change when SECRET_KEY does.
STUDY_KEY = env("STUDY_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env("PUBLIC_URL", default="http://localhost:8000")
# Passkeys are made for this address alone: scheme, host and port, as the browser shows them.
PASSKEY_ORIGIN = env("PASSKEY_ORIGIN", default=PUBLIC_URL).rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "apps.workspace.apps.WorkspaceConfig",
    "apps.workspace.apps.WorkspaceAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    *second_factor.SECOND_FACTOR_APPS,
    "apps.audit",
    "apps.accounts",
    "apps.patients",
    "apps.trials",
    "apps.diary",
    "apps.outcomes",
    "apps.cohorts",
    "apps.patient_app",
]

MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "config.middleware.ApiVersionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.pages.ContentPolicy",
    "config.pages.PageFiles",
    "config.middleware.DatabaseDownMiddleware",
    "config.pages.PageSessions",
    "config.pages.StaffLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.pages.PageUsers",
    "config.idle.IdleSessions",
    "config.middleware.ClinicScopeMiddleware",
    "config.pages.PageMessages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.workspace.context.workspace",
            ]
        },
    }
]

# --- PostgreSQL: the only truth --------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    "ENGINE": "config.postgres",
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
}
# A phone that waits for a lock gives up before its own time-out; the answer is then a 503 and a retry.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = env(
    "DATABASE_OPTIONS",
    default="-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

# --- Redis: only a doorbell -----------------------------------------------------------------
REDIS_URL = env("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2.0,
    "socket_connect_timeout": 0.5,
    # One try: a phone does not wait for a doorbell. Workers reconnect by a rule of their own.
    "max_retries": 0,
}
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat:SelfReliantScheduler"
# Answers that come within so long are judged by one message.
GATHER_SECONDS = env.float("GATHER_SECONDS", default=0.2)
RECONCILE_SECONDS = env.int("RECONCILE_SECONDS", default=15)
REMIND_SECONDS = env.int("REMIND_SECONDS", default=60)
WATCH_SECONDS = env.int("WATCH_SECONDS", default=600)
REVIEW_SECONDS = env.int("REVIEW_SECONDS", default=3600)
RESUME_SECONDS = env.int("RESUME_SECONDS", default=15)
SCHEDULE_SECONDS = env.int("SCHEDULE_SECONDS", default=60)
# How many workers may be busy with blocks of a recompute; the others stay free for patients and staff.
RECOMPUTE_AT_ONCE = env.int("RECOMPUTE_AT_ONCE", default=4)
CELERY_BEAT_SCHEDULE = {
    "reconcile": {"task": "outcomes.reconcile", "schedule": RECONCILE_SECONDS},
    "remind": {"task": "diary.remind", "schedule": REMIND_SECONDS},
    "alert_staff": {"task": "diary.alert_staff", "schedule": REMIND_SECONDS},
    "watch_diaries": {"task": "diary.watch_diaries", "schedule": WATCH_SECONDS},
    "review_trail": {"task": "workspace.review_trail", "schedule": REVIEW_SECONDS},
    "run_schedules": {"task": "cohorts.run_schedules", "schedule": SCHEDULE_SECONDS},
    "resume_exports": {"task": "cohorts.resume_exports", "schedule": RESUME_SECONDS},
    "resume_recompute": {"task": "outcomes.resume_recompute", "schedule": RESUME_SECONDS},
}
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

# --- People and sessions ----------------------------------------------------------------------
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},  # NIST SP 800-63B-4: 15 characters where a password stands alone
    }
]
SESSION_COOKIE_HTTPONLY = True
# NIST SP 800-63B (2017) 4.2.3: anew after 12 hours, and after 30 minutes without use.
SESSION_COOKIE_AGE = 12 * 60 * 60
IDLE_MINUTES = env.int("IDLE_MINUTES", default=30)
LOGIN_URL = "admin:login"
MFA_ADAPTER = second_factor.MFA_ADAPTER
MFA_SUPPORTED_TYPES = second_factor.MFA_SUPPORTED_TYPES
MFA_RECOVERY_CODE_DIGITS = second_factor.MFA_RECOVERY_CODE_DIGITS

# --- Browser rules --------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = env.bool("HTTPS", default=not (DEBUG or DEMO))
SECURE_SSL_REDIRECT = HTTPS
# An API call in clear text is refused, never redirected: a redirect would teach phones to send in clear.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^api/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- How much a phone, a key, and an address that guesses pairing codes, may ask: number/seconds --
RATE_LIMITS = {
    "device": env("RATE_DEVICE", default="120/60"),
    "pairing": env("RATE_PAIRING", default="30/600"),
    "key": env("RATE_KEY", default="120/60"),
}
# What the review lists of the trail show: docs/operations.md has the reasons.
REVIEW_NIGHT_FROM = env.int("REVIEW_NIGHT_FROM", default=22)
REVIEW_NIGHT_UNTIL = env.int("REVIEW_NIGHT_UNTIL", default=6)
REVIEW_READS = env.int("REVIEW_READS", default=50)
REVIEW_READS_MINUTES = env.int("REVIEW_READS_MINUTES", default=10)
REVIEW_BACKDATED_DAYS = env.int("REVIEW_BACKDATED_DAYS", default=1)
# Wrong tries to sign within an hour, by one person, of which the site admins are told before the lock.
ALARM_AFTER_WRONG_TRIES = env.int("ALARM_AFTER_WRONG_TRIES", default=3)
# The address of a client stands in X-Forwarded-For only where a proxy of ours has put it there.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

# --- Reminders: a channel without its setting is off ------------------------------------------------
NOTIFY_EMAIL_URL = env("NOTIFY_EMAIL_URL", default="")
NOTIFY_SMS_URL = env("NOTIFY_SMS_URL", default="")
NOTIFY_CONSOLE = env("NOTIFY_CONSOLE", default="")
# `manage.py vapid_keys` makes a pair for web push.
VAPID_PUBLIC_KEY = env("VAPID_PUBLIC_KEY", default="")
VAPID_PRIVATE_KEY = env("VAPID_PRIVATE_KEY", default="")
VAPID_SUBJECT = env("VAPID_SUBJECT", default="")
# Where a browser's push messages may be sent; a leading dot stands for any host of that domain.
PUSH_HOSTS = env.list(
    "PUSH_HOSTS",
    default=["fcm.googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"],
)

# --- Files made in the background: for how many days, and in parts of how many rows -------------------
EXPORT_DAYS = env.int("EXPORT_DAYS", default=7)
REPORT_DAYS = env.int("REPORT_DAYS", default=90)
EXPORT_PART_ROWS = env.int("EXPORT_PART_ROWS", default=100_000)

# --- API -------------------------------------------------------------------------------------------
# bin/check api-changes says when it must rise; docs/api-changelog.md says why it did.
API_VERSION = "1.1.0"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.diary.authentication.DeviceTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["apps.diary.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.problem_response",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "sctrial API",
    "DESCRIPTION": "Pain scores from the patient's phone; cohorts for analysts. "
    "Not a medical device, not CE marked.",
    "VERSION": API_VERSION,
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": "/"}],
    "POSTPROCESSING_HOOKS": [
        "config.deprecations.mark_deprecated",
        "config.described_headers.describe_headers",
        "config.described_examples.show_examples",
    ],
}

# --- Language, time, files ----------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("es", "Español")]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
# The demo serves static files from their sources; production collects them.
STATIC_ROOT = None if DEBUG or DEMO else BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = DEBUG or DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
LOGGING = logging_config(env("LOG_LEVEL", default="INFO"))
SILENCED_SYSTEM_CHECKS: list[str] = []
