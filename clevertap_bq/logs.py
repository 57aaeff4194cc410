"""Logs as key and value, with secrets masked in one place.

Masking is the last net, not the plan: secrets are wrapped and never logged at all.
"""

import logging
import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

_MASKS = (
    (re.compile(r"-----BEGIN[^-]*PRIVATE KEY-----.*?(-----END[^-]*-----|\Z)", re.DOTALL), "[key]"),
    (re.compile(r"ya29\.[\w.-]+"), "[token]"),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"), "[assertion]"),
    (re.compile(r"(?i)(x-clevertap-passcode['\"]?\s*[:=]\s*)\S+"), r"\1[passcode]"),
    (re.compile(r"(?i)(rediss?|postgres(?:ql)?)://[^@\s/]*@"), r"\1://[login]@"),
    (re.compile(r"/sign-in/link/[\w-]+"), "/sign-in/link/[link]"),
)

_TOO_MANY = 429


def masked(text: str) -> str:
    """The text without key blocks, tokens, passcodes, broker logins and sign-in links."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor that masks every text value of the event."""
    return {key: _masked_value(value) for key, value in event.items()}


def _masked_value(value: Any) -> Any:
    return masked(value) if isinstance(value, str) else value


class MaskedFormatter(structlog.stdlib.ProcessorFormatter):
    """Masks the finished line too: tracebacks are rendered late."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def is_no_flood(record: logging.LogRecord) -> bool:
    """Not a line for each try that is refused: the trail has the lock and the number."""
    return getattr(record, "status_code", None) != _TOO_MANY


def configure(*, level: str, as_json: bool) -> None:
    """Send every logger, ours and the libraries', through one masked handler."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {"()": MaskedFormatter, "processor": renderer, "foreign_pre_chain": shared}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"masked": formatter},
            "filters": {"no flood": {"()": lambda: is_no_flood}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "masked"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Google's own debug logging prints addresses and bodies.
                "google": {"level": "WARNING"},
                "urllib3": {"level": "WARNING"},
                # Celery's info lines hold task arguments (ids only, but noise).
                "celery.app.trace": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "django.server": {"level": "WARNING"},
                "django.request": {"filters": ["no flood"]},
                # At debug it prints whole contexts for each variable that is missing, with
                # everything a page was given, broken into lines that no mask can read.
                "django.template": {"level": "INFO"},
            },
        }
    )
