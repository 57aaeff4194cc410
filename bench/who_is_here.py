"""Does the time of an answer tell who is here? Many tries of each kind: make bench ARGS=who_is_here.

In one process, through the product's whole stack, on SQLite. The kinds are shuffled, so that
whatever else the machine does falls on all alike. For each: the least time, the quartiles, of
processor and of wall. Beside them Mann-Whitney's test: the share of pairs in which somebody's
try took longer than nobody's (0.5: neither), and how likely a share so far off is by chance.
TRIES=400 for more of the passwords, of which each costs a hash; PASSWORDS=0 leaves them out.
"""

import json
import math
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.test import Client, override_settings

from tests.harness import environment

TRIES, PASSWORDS = int(os.environ.get("TRIES", "200")), os.environ.get("PASSWORDS", "1") == "1"
PEOPLE, NO_LIMIT = 20, 10**9
KINDS = ("nobody", "here", "invited", "switched off")
UNLIMITED = dict.fromkeys(
    (
        *("SIGN_IN_AT_ONCE", "SIGN_IN_PER_ACCOUNT", "SIGN_IN_PER_ADDRESS", "AXES_FAILURE_LIMIT"),
        *("RESETS_PER_ACCOUNT", "RESETS_PER_ADDRESS"),
    ),
    NO_LIMIT,
)
FORM = "application/x-www-form-urlencoded"
CLOCKS = {"processor": time.thread_time, "wall": time.perf_counter}
chance = random.Random(7)
Try = Callable[[str], Any]


def longer_share(first: list[float], second: list[float]) -> tuple[float, float]:
    """In how many of all pairs the second is longer, and how likely so far from half is."""
    ordered = sorted([(one, 0) for one in first] + [(one, 1) for one in second])
    ranks = sum(rank for rank, (_, which) in enumerate(ordered, start=1) if which == 1)
    pairs = len(first) * len(second)
    above = ranks - len(second) * (len(second) + 1) / 2
    spread = math.sqrt(pairs * (len(ordered) + 1) / 12)
    return above / pairs, math.erfc(abs(above - pairs / 2) / spread / math.sqrt(2))


def compare(title: str, attempt: Try, kinds: tuple[str, ...], times: int) -> None:
    """So many tries of each kind, in any order; prints what they took."""
    from axes.models import AccessAttempt  # noqa: PLC0415 - Django is set up by now

    attempt(kinds[0])
    took: dict[str, dict[str, list[float]]] = {
        kind: {clock: [] for clock in CLOCKS} for kind in kinds
    }
    order = [kind for kind in kinds for _ in range(times)]
    chance.shuffle(order)
    for kind in order:
        began = {name: clock() for name, clock in CLOCKS.items()}
        attempt(kind)
        for name, clock in CLOCKS.items():
            took[kind][name].append(clock() - began[name])
        if title == PASSWORD_TRIES:  # a row of axes' grows with each
            AccessAttempt.objects.all().delete()
    print(f"\n{title}, {times} of each kind")
    for clock in CLOCKS:
        for kind in kinds:
            print(_line(kind, clock, took[kind][clock], took[kinds[0]][clock]))


def _line(kind: str, clock: str, mine: list[float], first: list[float]) -> str:
    cuts = [min(mine), *statistics.quantiles(mine, n=4)]
    told = "  ".join(f"{1_000 * cut:8.2f}" for cut in cuts)
    share, likely = longer_share(first, mine)
    return (
        f"  {kind:13} {clock:9} least and quartiles {told} ms; longer {share:.3f}, p {likely:.2f}"
    )


PASSWORD_TRIES = "sign-in with a wrong password"


def _names() -> dict[str, list[str]]:
    from accounts.models import User  # noqa: PLC0415

    found = {kind: [f"{kind[:4]}{n}@example.com" for n in range(PEOPLE)] for kind in KINDS}
    for kind in KINDS[1:]:
        password = None if kind == "invited" else "seven quiet herons"
        for email in found[kind]:
            User.objects.create_user(email=email, role="member", password=password)
    User.objects.filter(email__in=found["switched off"]).update(is_active=False)
    return found


def _measure() -> None:
    from accounts.models import Tally  # noqa: PLC0415
    from accounts.services import door, post  # noqa: PLC0415

    # What a message to the broker holds is written down, and goes nowhere.
    post.mail_reset.apply_async = lambda kwargs, retry: json.dumps(kwargs)  # type: ignore[method-assign]
    names, browser = _names(), Client(SERVER_NAME="localhost")

    def sign_in(kind: str, *, address: str = "", name: str = "") -> Any:
        address = address or f"192.0.2.{chance.randrange(1, 255)}"
        body = f"email={name or chance.choice(names[kind])}&password=wrong"
        return browser.post("/sign-in/", body, FORM, REMOTE_ADDR=address)

    with override_settings(**UNLIMITED, SENDS_MAIL=True):
        if PASSWORDS:
            compare(PASSWORD_TRIES, sign_in, KINDS, TRIES)
        asks = "/sign-in/forgot-password/"
        compare(
            "a reset asked for",
            lambda kind: browser.post(asks, {"email": chance.choice(names[kind])}),
            KINDS[:2],
            2 * TRIES,
        )
    refusals: dict[str, dict[str, int]] = {
        "refused at the door": {"SIGN_IN_PER_ACCOUNT": 1},
        "refused by a look": {"SIGN_IN_PER_ACCOUNT": 1, "SIGN_IN_REMEMBERED_SECONDS": 0},
        "locked: name and address": {"AXES_FAILURE_LIMIT": 1},
    }
    for title, changed in refusals.items():
        here = "192.0.2.1" if "AXES_FAILURE_LIMIT" in changed else ""
        of_one_name = partial(_of_one_name, sign_in, names, here)
        with override_settings(**{**UNLIMITED, **changed}):
            Tally.objects.all().delete()
            door._shut.clear()  # what the part before left
            for kind in KINDS[:2] * 3:
                of_one_name(kind)
            compare(title, of_one_name, KINDS[:2], 5 * TRIES)


def _of_one_name(sign_in: Any, names: dict[str, list[str]], address: str, kind: str) -> Any:
    return sign_in(kind, name=names[kind][0], address=address)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= environment.for_checks(Path(folder))
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["LOG_LEVEL"] = "CRITICAL"
        os.environ["DJANGO_SETTINGS_MODULE"] = "clevertap_bq.settings"
        django.setup()
        call_command("migrate", verbosity=0, skip_checks=True)
        call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
        _measure()
