"""Connected On in every zone: a day holds each instant that the viewer calls by its name."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from connections.filters import FilterForm, Filters
from connections.models import Connection
from tests.factories import ConnectionFactory

# Zones whose clocks jump at midnight, skip a whole day, or are far from UTC.
ZONES = [
    *("UTC", "Asia/Kolkata", "America/Sao_Paulo", "America/Havana", "Asia/Beirut"),
    *("Africa/Cairo", "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns"),
]


def bounds(day):
    """The first instant that Connected On finds for the day, and the first it does not."""
    (condition,) = Filters.of(_form(day)).active
    values = dict(condition.condition.children)
    ends = values["created_at__gte"], values["created_at__lt"]
    return [end.astimezone(UTC) for end in ends]


def _form(day):
    return FilterForm({"connected_from": day.isoformat(), "connected_to": day.isoformat()})


@pytest.fixture(autouse=True)
def nobody_connected(monkeypatch):
    monkeypatch.setattr("connections.filters.people_who_connected", list)


@given(
    zone=st.sampled_from(ZONES),
    seconds=st.integers(0, 40 * 365 * 86_400),
)
def test_a_day_holds_every_instant_that_the_viewer_calls_by_its_name(zone, seconds):
    instant = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    day = instant.astimezone(ZoneInfo(zone)).date()
    with timezone.override(zone):
        begin, end = bounds(day)
    assert begin <= instant < end


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # there is no midnight
        ("America/Havana", date(2024, 11, 3), 25),  # midnight comes twice
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_day_is_as_long_as_it_is_there(zone, day, hours):
    with timezone.override(zone):
        begin, end = bounds(day)
    assert end - begin == timedelta(hours=hours)


def test_a_day_that_a_zone_left_out_holds_nothing():
    with timezone.override("Pacific/Apia"):
        begin, end = bounds(date(2011, 12, 30))
    assert begin == end


def test_the_last_microsecond_of_a_day_belongs_to_it(db):
    last = datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    found = ConnectionFactory(created_at=last)
    day_of, day_after = Filters.of(_form(date(2026, 3, 1))), Filters.of(_form(date(2026, 3, 2)))
    assert list(day_of.found(Connection.objects.listed())) == [found]
    assert list(day_after.found(Connection.objects.listed())) == []
