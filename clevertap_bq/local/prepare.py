"""Brings database and static files up to date, in one start of Django.

The last line on standard output is for the launcher: the first admin's link, or, with
exit code 3, the sentence that says what is wrong.
"""

import io
import sys

import django
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from clevertap_bq.local.refusal import REFUSED
from clevertap_bq.local.static_files import collect_when_changed
from connections.checks import verify_ring_at_boot


def main() -> int:
    """Migrates, collects, and prints the first admin's link until somebody has signed in."""
    try:
        django.setup()
        if not _database_answers():
            print("The database does not answer. Check DATABASE_URL, and that its server runs.")
            return REFUSED
        call_command("migrate", interactive=False, stdout=sys.stderr)
        verify_ring_at_boot()
        collect_when_changed()
        link = io.StringIO()
        if not get_user_model().objects.filter(last_login__isnull=False).exists():
            call_command("sign_in_link", first_admin=True, stdout=link)
    except (ImproperlyConfigured, CommandError, SystemExit) as refusal:
        print(str(refusal).replace("\n", " "))
        return REFUSED
    print(link.getvalue().strip())
    return 0


def _database_answers() -> bool:
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
