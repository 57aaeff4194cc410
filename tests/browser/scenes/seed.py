"""Fills one world: ``python -m tests.browser.scenes.seed full``, with a product's environment.

Prints the session of each person as JSON. The rows are written as they are, by the
factories: no service and no worker has a say, so a screen can be seen in states that last
milliseconds. What a page would settle when it is opened (a test nobody answered, a lookup)
is dated some minutes ahead, so that it stays while somebody looks.
"""

import json
import sys

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from accounts.models import Visit  # noqa: E402
from accounts.session_store import SessionStore, kept_as  # noqa: E402
from tests.browser.scenes import (  # noqa: E402
    rows_of_connections,
    rows_of_cursors,
    rows_of_imports,
    rows_of_people,
    rows_of_schedules,
)
from tests.browser.scenes.rows_of_people import HOUR, NOW  # noqa: E402
from tests.browser.scenes.scene import ADMIN, BROKEN, EMPTY, FULL  # noqa: E402


def empty():
    """The first minute of an installation."""
    return rows_of_people.viewers()


def full():
    people = rows_of_people.viewers()
    rows_of_people.many()
    rows_of_people.links(people)
    rows_of_people.second_steps(people)
    rows_of_people.alive(NOW + 24 * HOUR)
    places = rows_of_connections.all_of_them(people)
    rows_of_imports.all_of_them(people, places)
    rows_of_schedules.all_of_them(people, places)
    rows_of_cursors.all_of_them(people, places)
    rows_of_people.trail(people, places)
    return people


def broken():
    """Workers have been silent for an hour, and a table is gone: one address fails for real."""
    people = rows_of_people.viewers()
    rows_of_people.alive(NOW - HOUR)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE accounts_signinlink")
    return people


def sessions(people):
    _session(people[ADMIN])  # elsewhere
    return {name: _session(person) for name, person in people.items()}


def _session(person):
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(24 * 3600)
    session.save()
    Visit.objects.create(
        user=person,
        session_key=kept_as(session.session_key),
        began_at=NOW - HOUR,
        ip_address="198.51.100.24",
        browser="Firefox on Linux",
    )
    return session.session_key


WORLDS = {EMPTY: empty, FULL: full, BROKEN: broken}

if __name__ == "__main__":
    with transaction.atomic():
        made = sessions(WORLDS[sys.argv[1]]())
    sys.stdout.write(json.dumps(made))
