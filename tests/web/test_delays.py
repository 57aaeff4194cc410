"""Every page says what is delayed while a part of the installation is away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import Heartbeat

LIST = "/settings/partners/import-connections/"


def seen(part, ago):
    Heartbeat.objects.create(part=part, seen_at=timezone.now() - ago)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("import", "runs and stops wait"),
        ("probe", "tests and lists of tables wait"),
        ("tick", "daily tests and retries wait"),
    ],
)
def test_a_part_that_fell_silent_is_named_with_what_waits(part, words, as_member):
    seen(part, timedelta(minutes=10))
    assert words in as_member.get(LIST).content.decode()


def test_parts_at_work_are_not_mentioned(as_member):
    for part in Heartbeat.Part.values:
        seen(part, timedelta(seconds=5))
    assert "not seen lately" not in as_member.get(LIST).content.decode()


def test_a_part_that_never_was_is_for_readyz_to_say(as_member):
    assert "not seen lately" not in as_member.get(LIST).content.decode()


def test_nothing_is_said_to_whom_is_not_signed_in(anonymous, db):
    seen("import", timedelta(minutes=10))
    assert "not seen lately" not in anonymous.get("/sign-in/").content.decode()
