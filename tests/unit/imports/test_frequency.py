"""A schedule in words: what Frequency says of each rule, and of one that cannot be read."""

from datetime import UTC, datetime, time

import pytest

from imports.frequency import frequency, frequency_of
from imports.schedule import DayTime, Interval, Monthly, Once, Schedule, Unit, Weekly

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NINE, EVENING = time(9), time(18, 30)
SAID = [
    (Schedule(Interval(1, Unit.DAYS, NOON), "UTC"), "Every day"),
    (Schedule(Interval(15, Unit.MINUTES, NOON), "UTC"), "Every 15 minutes"),
    (
        Schedule(Once(NOON), "America/New_York"),
        "Once, Tuesday, 24 Nov 2026, 07:00 (America/New York)",
    ),
    (
        Schedule(Weekly((DayTime(0, NINE), DayTime(0, EVENING), DayTime(4, NINE))), "UTC"),
        "Monday at 09:00, 18:30; Friday at 09:00",
    ),
    (
        Schedule(Weekly(tuple(DayTime(day, NINE) for day in range(7))), "UTC"),
        "Every day at 09:00",
    ),
    (
        Schedule(Monthly((DayTime(-1, NINE), DayTime(1, NINE))), "UTC"),
        "Last day of the month and day 1 at 09:00",
    ),
]


@pytest.mark.parametrize(("schedule", "words"), SAID)
def test_says_the_rule_and_its_zone(schedule, words):
    assert frequency(schedule) == words
    assert frequency_of(schedule.to_json()) == words


def test_without_a_schedule_it_is_triggered_by_hand():
    assert frequency(None) == frequency_of({}) == "Manually Trigger"


def test_one_that_cannot_be_read_says_so():
    assert frequency_of({"type": "lunar"}) == "Cannot be read"
