"""Who looks, who else is here, their links, and what they did."""

import hashlib
from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import AuditEntry, SecondStep, SignInLink
from accounts.services import seed_box
from imports.models import Heartbeat
from tests.browser.scenes.scene import ADMIN, CREATOR, MEMBER, STRANGER, row
from tests.factories import UserFactory

NOW = timezone.now()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Late enough that nobody settles it while the scenes are looked at.
SOON = NOW + 30 * MINUTE
# The longest address that the column takes, without a place to break it.
LONGEST_EMAIL = "n" * 64 + "@" + "d" * 185 + ".com"
LOCKED = "locked@shop.example"
TWO_STEPS, PASSWORD = "two.steps@shop.example", "a few odd words"
LINKS = {"good": NOW + HOUR, "reset": NOW + HOUR, "used": NOW + HOUR, "expired": NOW - HOUR}


def viewers():
    """One of each role, and one whose name is too long for the frame around every page."""
    password = make_password(PASSWORD)
    people = {
        ADMIN: UserFactory(admin=True, email="maria.lindqvist@shop.example", password=password),
        CREATOR: UserFactory(creator=True, email="creator@shop.example"),
        MEMBER: UserFactory(email="member@shop.example"),
        STRANGER: UserFactory(admin=True, email=LONGEST_EMAIL, time_zone="Asia/Kathmandu"),
    }
    for person in people.values():
        person.last_login = NOW - HOUR
        person.save()
    return people


def many():
    UserFactory(email="switched.off@shop.example", is_active=False)
    UserFactory(id=row("person"), email="ana.ortega@shop.example", creator=True)
    for number in range(60):
        UserFactory(email=f"analyst{number:02}@shop.example")
    AccessAttempt.objects.create(
        username=LOCKED, ip_address="127.0.0.1", user_agent="any", failures_since_start=8
    )


def second_steps(people):
    """One that is on, one that is being set up, and one that is asked for at sign-in."""
    asked = UserFactory(email=TWO_STEPS, password=make_password(PASSWORD))
    for person, confirmed in ((people[STRANGER], NOW), (people[CREATOR], None), (asked, NOW)):
        seed = seed_box.seal("A" * 32, user_id=person.pk)
        SecondStep.objects.create(user=person, boxed_seed=seed, confirmed_at=confirmed)


def links(people):
    for name, end in LINKS.items():
        SignInLink.objects.create(
            user=people[MEMBER],
            purpose="reset" if name == "reset" else "sign_in",
            token_hash=hashlib.sha256(name.encode()).hexdigest(),
            expires_at=end,
            used_at=NOW if name == "used" else None,
        )


def alive(seen_at):
    """Every part of the installation was last seen then."""
    for part in Heartbeat.Part:
        Heartbeat.objects.create(part=part, seen_at=seen_at)


def trail(people, places):
    """Enough for two pages, with every kind of thing, somebody unknown, and the too long."""
    long, verified = places["long"], places["verified"]
    kinds = [
        ("signed in", "user", people[ADMIN].pk, people[ADMIN].email),
        ("connection tested", "connection", verified.pk, verified.name),
        ("connection changed", "connection", verified.pk, verified.name),
        ("run started", "run", row("run succeeded"), "Customers, daily"),
        ("import deleted", "import", row("import deleted"), long.name),
        ("connection created", "connection", long.pk, long.name),
    ]
    entries = [_entry(number, *kinds[number % len(kinds)], people) for number in range(72)]
    entries += [
        _nobody(NOW - 3 * HOUR, "sign-in refused", "203.0.113.7"),
        _nobody(NOW - 2 * HOUR, "sign-in locked", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"),
        _nobody(NOW - HOUR, "deletion finished", None),
    ]
    changed = next(entry for entry in entries if entry.before)
    changed.id = row("entry")
    AuditEntry.objects.bulk_create(entries)


def _entry(number, action, kind, object_id, name, people):
    person = people[STRANGER if number % 7 == 0 else ADMIN]
    return AuditEntry(
        at=NOW - number * HOUR,
        email=person.email,
        action=action,
        object_kind=kind,
        object_id=str(object_id),
        object_name=name,
        before={"dataset_id": "shop_before", "access": "read_only"} if "changed" in action else {},
        after={"dataset_id": "shop", "access": "read_write", "key_id": "0f1e2d3c"},
        ip_address="198.51.100.24",
    )


def _nobody(at, action, address):
    return AuditEntry(
        at=at,
        email="",
        action=action,
        object_kind="user",
        object_id="",
        object_name=LONGEST_EMAIL,
        ip_address=address,
    )
