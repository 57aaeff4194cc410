"""`python -m tests.chaos.worker …`: Celery's own worker command, with the named points hooked."""

import os
import sys

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clevertap_bq.settings")
    django.setup()
    from celery.__main__ import main as celery  # noqa: PLC0415 - after Django's set-up

    from clevertap_bq.celery import app  # noqa: PLC0415
    from tests.chaos import hooks  # noqa: PLC0415

    hooks.install()
    if seconds := os.environ.get("CHAOS_VISIBILITY"):
        app.conf.broker_transport_options["visibility_timeout"] = int(seconds)
    sys.argv[0] = "celery"
    return celery() or 0


if __name__ == "__main__":
    sys.exit(main())
