"""`python -m tests.chaos.tick`: the scheduler's own command, with its journal and patience."""

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clevertap_bq.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - after Django's set-up

    from tests.chaos import hooks  # noqa: PLC0415

    hooks.install()
    call_command("tick")


if __name__ == "__main__":
    sys.exit(main())
