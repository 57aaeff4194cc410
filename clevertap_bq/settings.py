"""Every setting, read once from the environment through ``env``.

Read it top to bottom. ``.env.example`` and docs/operations.md list the variables;
a test keeps the three in step.
"""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from clevertap_bq import env, logs

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What this installation is -------------------------------------------------------

DEBUG = False  # never: debug pages show variables, and some of ours are secrets
SECRET_KEY = env.text("SECRET_KEY")
CREDENTIAL_RING = env.text("CREDENTIAL_RING")
CREDENTIAL_RING_PATH = env.origin("CREDENTIAL_RING")
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
LOCAL_MODE = env.flag("LOCAL_MODE", default=False)
# The stand-in for Google and CleverTap; honoured in local mode only (see connections.checks).
SANDBOX_URL = env.text("SANDBOX_URL", "").rstrip("/") if LOCAL_MODE else ""
# Its Storage Read API is gRPC and has a port of its own: the one after, unless said.
SANDBOX_STORAGE_URL = (
    env.text("SANDBOX_STORAGE_URL", env.next_port(SANDBOX_URL)).rstrip("/") if SANDBOX_URL else ""
)
EGRESS_ADDRESSES = env.words("EGRESS_ADDRESSES")
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", urlsplit(PUBLIC_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "clevertap_bq.urls"
WSGI_APPLICATION = "clevertap_bq.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "bootstrap",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "axes",
    "accounts",
    "connections",
    "imports",
]

MIDDLEWARE = [
    "accounts.middleware.client_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages and polls are a quarter as long; Django varies the length, against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "clevertap_bq.headers.strict_headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.front_door",
    "accounts.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequired",
    "accounts.middleware.session_limits",
    "accounts.middleware.BigQueryGate",
    "accounts.middleware.viewer_time_zone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

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
                "accounts.context.shell",
                "imports.context.delays",
                "connections.context.first_steps",
            ],
            "libraries": {"bundles": "clevertap_bq.bundles"},
        },
    },
]

# --- Database and broker ---------------------------------------------------------------

DATABASES = {"default": dj_database_url.parse(env.text("DATABASE_URL"), conn_max_age=60)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue up instead of failing half-way through a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
# How long a worker may be silent before its run is given to another.
RUN_LEASE_SECONDS = env.integer("RUN_LEASE_SECONDS", 30)
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A worker that stands still in a transaction holds the row of its run: nobody could take it
    # over, and a stop would wait. The server ends such a session when the lease is over.
    DATABASES["default"]["OPTIONS"] = {
        "options": f"-c idle_in_transaction_session_timeout={RUN_LEASE_SECONDS * 1_000}",
        **DATABASES["default"].get("OPTIONS", {}),
    }

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, or it is started twice; the tick re-rings anyway.
    "visibility_timeout": 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "unacked_restore_interval": 5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "probe"
CELERY_TASK_ROUTES = {
    "accounts.*": {"queue": "probe"},
    "connections.*": {"queue": "probe"},
    "imports.check_account": {"queue": "probe"},
    "imports.answer_cursor_question": {"queue": "probe"},
    "imports.perform_dry_run": {"queue": "probe"},
    "imports.*": {"queue": "import"},
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
# Tasks import their worker half when they run, so that a web process holds neither Google's
# client nor Arrow; a worker loads it at its start, before it forks.
CELERY_IMPORTS = (
    "connections.probe",
    "connections.lookups",
    "connections.deletion",
    "imports.runner",
    "imports.account_check",
    "imports.cursor_questions",
    "imports.dry_run",
    "imports.write_back",
)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False

# --- Outside systems -------------------------------------------------------------------

# Which Google a key belongs to follows from its token_uri, through this table only.
# Nothing in a key is ever an address that we follow (ADR 5).
GOOGLE_ENDPOINTS = {
    "google": {
        "token_uri": "https://oauth2.googleapis.com/token",
        "api_endpoint": "https://bigquery.googleapis.com",
        "storage_endpoint": "https://bigquerystorage.googleapis.com",
    },
}
# https://developer.clevertap.com/docs/common-api-components
CLEVERTAP_REGIONS = {
    "eu1": {"label": "Europe (EU1)", "url": "https://api.clevertap.com"},
    "in1": {"label": "India (IN1)", "url": "https://in1.api.clevertap.com"},
    "sg1": {"label": "Singapore (SG1)", "url": "https://sg1.api.clevertap.com"},
    "us1": {"label": "United States (US1)", "url": "https://us1.api.clevertap.com"},
    "aps3": {"label": "Indonesia (APS3)", "url": "https://aps3.api.clevertap.com"},
    "mec1": {"label": "Middle East, UAE (MEC1)", "url": "https://mec1.api.clevertap.com"},
}
if SANDBOX_URL:
    GOOGLE_ENDPOINTS["sandbox"] = {
        "token_uri": f"{SANDBOX_URL}/token",
        "api_endpoint": SANDBOX_URL,
        "storage_endpoint": SANDBOX_STORAGE_URL,
    }
    CLEVERTAP_REGIONS["sandbox"] = {
        "label": "Sandbox (this machine)",
        "url": f"{SANDBOX_URL}/clevertap",
    }

TEST_DEADLINE_SECONDS = 20  # product §3: Test Connection answers within 20 s, always
KEY_DRAFT_MINUTES = 30
FORMER_KEY_DAYS = 7  # product §4: a replaced key can be brought back so long
TICK_SECONDS = env.integer("TICK_SECONDS", 4)
CLEVERTAP_TIMEOUT_SECONDS = env.integer("CLEVERTAP_TIMEOUT_SECONDS", 12)
# Of one run; all are counted.
REFUSED_ROWS_KEPT = min(30_000, max(0, env.integer("REFUSED_ROWS_KEPT", 10_000)))
HELD_BATCHES_KEPT = 100  # of one run, which ends when so many answers were lost (ADR 26)
# Batches, refused rows and held records of a run are kept so long after its end; sums stay.
RUN_DETAILS_DAYS = env.integer("RUN_DETAILS_DAYS", 30)
# A larger result that is read by REST is cut into so many shards at most (ADR 35). More than there
# are workers, so that none of them is idle for long while the last shards are sent.
RUN_CUT_ROWS = max(0, env.integer("RUN_CUT_ROWS", 200_000))
RUN_SHARDS = min(15, max(1, env.integer("RUN_SHARDS", 8)))
# Of one account, over all workers and runs; CleverTap itself takes 15.
CLEVERTAP_PARALLEL_REQUESTS = min(15, max(1, env.integer("CLEVERTAP_PARALLEL_REQUESTS", 15)))
# What one TiB that a query scans costs on demand, and the sign before an amount. For
# estimates only. https://cloud.google.com/bigquery/pricing#on_demand_pricing
BIGQUERY_PRICE_PER_TIB = env.decimal("BIGQUERY_PRICE_PER_TIB", "6.25")
BIGQUERY_CURRENCY = env.text("BIGQUERY_CURRENCY", "$")
# What a preview may be billed for at most.
PREVIEW_CAP_GIB = env.integer("PREVIEW_CAP_GIB", 10)

# --- People and sessions ---------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
SIGN_IN_LINK_MINUTES = 60
INVITATION_DAYS = 7
RESET_LINK_MINUTES = 30
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = 30 * 60  # idle time-out, as CleverTap's default
SESSION_SAVE_EVERY_REQUEST = True
SESSION_HOURS = 12  # then one signs in again, busy or not
CONFIRMED_MINUTES = 10  # so long after the password, ways to sign in can be changed (ADR 39)
# Within SIGN_IN_PAUSE_MINUTES. One name from one address: axes, below. One name from everywhere,
# except browsers that have signed in with it before; one address with whatever names (ADR 28).
SIGN_IN_PAUSE_MINUTES = 15
SIGN_IN_PER_ACCOUNT = 40
SIGN_IN_PER_ADDRESS = 100
# Of all browsers that have not signed in before, together: each try costs a password hash.
SIGN_IN_AT_ONCE, SIGN_IN_AT_ONCE_SECONDS = 10, 10
SIGN_IN_REMEMBERED_SECONDS = 1  # what a process refuses by itself before it looks again (ADR 39)
REFUSED_LINKS_RECORDED = 20
SECOND_STEP_TRIES = 5
RESETS_PER_ACCOUNT = 3
RESETS_PER_ADDRESS = 20
KNOWN_BROWSER_DAYS = 90
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False  # its start-up line would stand in every command's output
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_ALLOWED_CORS_ORIGINS = PUBLIC_URL
AXES_CLIENT_IP_CALLABLE = "accounts.address.client_address"  # the trail's address, not a second one
AXES_DISABLE_ACCESS_LOG = True  # it keeps paths, and a sign-in link is one; the trail has sign-ins
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "email", "csrfmiddlewaretoken"]

# Single sign-on with OpenID Connect, where an issuer is named (ADR 29).
OIDC_ISSUER = env.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET", "")
OIDC_LABEL = env.text("OIDC_LABEL", "single sign-on")
OIDC_ADDS_PEOPLE = env.flag("OIDC_ADDS_PEOPLE", default=False)
OIDC_ROLE_CLAIM = env.text("OIDC_ROLE_CLAIM", "")
OIDC_ROLES = {
    "admin": env.words("OIDC_ADMINS"),
    "creator": env.words("OIDC_CREATORS"),
    "member": env.words("OIDC_MEMBERS"),
}

# --- Mail --------------------------------------------------------------------------------

# Without a mail server nothing is sent, and the screens say so: admins hand links over.
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text(
    "EMAIL_FROM", f"clevertap-bq@{urlsplit(PUBLIC_URL).hostname or 'localhost'}"
)
# On one machine mails are files in a folder, to be looked at.
EMAIL_FILE_PATH = env.text("EMAIL_FOLDER", "") if LOCAL_MODE else ""
SENDS_MAIL = bool(EMAIL_HOST or EMAIL_FILE_PATH)
EMAIL_BACKEND = "django.core.mail.backends." + (
    "smtp.EmailBackend"
    if EMAIL_HOST
    else "filebased.EmailBackend"
    if EMAIL_FILE_PATH
    else "dummy.EmailBackend"
)

# --- Transport and headers -------------------------------------------------------------

HTTPS_ONLY = env.flag("HTTPS_ONLY", default=True)
# How many of our own proxies append to X-Forwarded-For; 0: it is not believed.
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
# Believed from our own proxy only; without one the server itself must speak TLS.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY and TRUSTED_PROXY_COUNT else None
)
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_NAME = "__Host-session" if HTTPS_ONLY else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS_ONLY else "csrf"
KNOWN_COOKIE_NAME = "__Host-known" if HTTPS_ONLY else "known"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
# One key file is 2.4 KB; nothing larger than this is ever read (ADR 5).
FILE_UPLOAD_HANDLERS = ["connections.uploads.SmallMemoryUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

# --- Look, language, static files ------------------------------------------------------

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "clevertap_bq.bundles.BundlingStorage"},
}
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
USE_THOUSAND_SEPARATOR = True

# --- Logs ------------------------------------------------------------------------------

LOGGING_CONFIG = None
logs.configure(
    level=env.text("LOG_LEVEL", "INFO"),
    as_json=env.flag("LOG_JSON", default=not LOCAL_MODE),
)
