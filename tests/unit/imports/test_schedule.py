"""When a schedule starts: intervals, days of the week and month, zones, and moved clocks."""

from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.schedule import (
    LAST_DAY,
    DayTime,
    Interval,
    Monthly,
    Once,
    Schedule,
    ScheduleFaulty,
    Unit,
    Weekly,
)

SUNDAY = 6
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
# zone, the day before clocks go forward, the time they leave out, the day before they go back,
# the time that comes twice
MOVES = [
    ("Europe/Berlin", "2026-03-28", "02:30", "2026-10-24", "02:30"),
    ("America/New_York", "2026-03-07", "02:30", "2026-10-31", "01:30"),
    ("Australia/Lord_Howe", "2026-10-03", "02:15", "2026-04-04", "01:45"),
]


def on_the_wall(schedule, since, count):
    moments = islice(schedule.moments(since), count)
    return [f"{one.astimezone(ZoneInfo(schedule.zone)):%Y-%m-%d %H:%M}" for one in moments]


def every(count, unit, start=NEW_YEAR, zone="UTC", end=None):
    return Schedule(Interval(count, Unit(unit), start), zone, end)


def every_day_at(text, zone):
    at = time.fromisoformat(text)
    return Schedule(Weekly(tuple(DayTime(day, at) for day in range(7))), zone)


class TestIntervals:
    def test_start_at_once_and_then_at_each_step(self):
        assert on_the_wall(every(15, "minutes"), NEW_YEAR, 3) == [
            "2026-01-01 00:00",
            "2026-01-01 00:15",
            "2026-01-01 00:30",
        ]

    def test_keep_their_step_however_late_they_are_asked(self):
        since = datetime(2026, 7, 1, 12, 7, tzinfo=UTC)
        assert on_the_wall(every(45, "minutes"), since, 1) == ["2026-07-01 12:45"]

    def test_a_start_that_is_asked_for_belongs_to_the_answer(self):
        since = NEW_YEAR + timedelta(minutes=30)
        assert every(15, "minutes").first(since) == since

    def test_of_days_keep_the_time_of_day_where_clocks_move(self):
        start = datetime(2026, 3, 27, 8, tzinfo=UTC)  # 9 in Berlin
        assert on_the_wall(every(1, "days", start, "Europe/Berlin"), start, 4) == [
            "2026-03-27 09:00",
            "2026-03-28 09:00",
            "2026-03-29 09:00",
            "2026-03-30 09:00",
        ]

    def test_of_hours_keep_the_hours_that_pass(self):
        start = datetime(2026, 3, 28, 12, tzinfo=UTC)
        moments = list(islice(every(12, "hours", start, "Europe/Berlin").moments(start), 4))
        assert {later - one for one, later in pairwise(moments)} == {timedelta(hours=12)}

    def test_of_weeks_that_began_at_a_time_that_comes_twice_begin_there_once(self):
        second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 in Berlin, for the second time
        assert on_the_wall(every(1, "weeks", second, "Europe/Berlin"), second, 2) == [
            "2026-10-25 02:30",
            "2026-11-01 02:30",
        ]

    @pytest.mark.parametrize(
        ("count", "unit"), [(14, "minutes"), (0, "minutes"), (0, "weeks"), (-1, "days")]
    )
    def test_of_less_than_fifteen_minutes_are_refused(self, count, unit):
        with pytest.raises(ScheduleFaulty, match="15 minutes or more") as refused:
            every(count, unit)
        assert refused.value.field == "count"

    @pytest.mark.parametrize(("count", "unit"), [(367, "days"), (53, "weeks"), (10**6, "hours")])
    def test_of_more_than_a_year_are_refused(self, count, unit):
        with pytest.raises(ScheduleFaulty, match="a year or less"):
            every(count, unit)


class TestDays:
    def test_of_the_week_may_have_several_times_each(self):
        times = (DayTime(0, time(9)), DayTime(0, time(18, 30)), DayTime(4, time(9)))
        assert on_the_wall(Schedule(Weekly(times), "Asia/Kolkata"), NEW_YEAR, 4) == [
            "2026-01-02 09:00",
            "2026-01-05 09:00",
            "2026-01-05 18:30",
            "2026-01-09 09:00",
        ]

    def test_the_last_of_the_month_is_what_the_month_has(self):
        monthly = Schedule(Monthly((DayTime(LAST_DAY, time(9)),)), "UTC")
        assert on_the_wall(monthly, datetime(2028, 1, 1, tzinfo=UTC), 3) == [
            "2028-01-31 09:00",
            "2028-02-29 09:00",
            "2028-03-31 09:00",
        ]

    def test_of_the_month_leave_out_the_months_without_them(self):
        monthly = Schedule(Monthly((DayTime(31, time(9)),)), "UTC")
        assert on_the_wall(monthly, NEW_YEAR, 3) == [
            "2026-01-31 09:00",
            "2026-03-31 09:00",
            "2026-05-31 09:00",
        ]

    def test_the_31st_that_is_also_the_last_is_one_start(self):
        both = Monthly((DayTime(31, time(9)), DayTime(LAST_DAY, time(9))))
        assert on_the_wall(Schedule(both, "UTC"), NEW_YEAR, 2) == [
            "2026-01-31 09:00",
            "2026-02-28 09:00",
        ]

    @pytest.mark.parametrize("times", [(), (DayTime(7, time(9)),), (DayTime(-1, time(9)),)])
    def test_that_the_week_does_not_have_are_refused(self, times):
        with pytest.raises(ScheduleFaulty, match="day of the week") as refused:
            Schedule(Weekly(times), "UTC")
        assert refused.value.field == "times"

    @pytest.mark.parametrize("day", [0, 32, -2])
    def test_that_no_month_has_are_refused(self, day):
        with pytest.raises(ScheduleFaulty, match="day of the month"):
            Schedule(Monthly((DayTime(day, time(9)),)), "UTC")

    def test_more_than_fifty_times_are_refused(self):
        times = tuple(DayTime(day, time(hour)) for day in range(7) for hour in range(8))
        with pytest.raises(ScheduleFaulty, match="at most 50"):
            Schedule(Weekly(times), "UTC")


class TestMovedClocks:
    @pytest.mark.parametrize(("zone", "forward", "gone", "_back", "_twice"), MOVES)
    def test_a_time_that_is_left_out_starts_once_behind_the_gap(
        self, zone, forward, gone, _back, _twice
    ):
        daily = every_day_at(gone, zone)
        since = datetime.fromisoformat(forward).replace(tzinfo=ZoneInfo(zone))
        days = on_the_wall(daily, since, 3)
        assert [day[-5:] == gone for day in days] == [True, False, True]
        assert len({day[:10] for day in days}) == 3

    @pytest.mark.parametrize(("zone", "_forward", "_gone", "back", "twice"), MOVES)
    def test_a_time_that_comes_twice_starts_once_the_first_time(
        self, zone, _forward, _gone, back, twice
    ):
        daily = every_day_at(twice, zone)
        since = datetime.fromisoformat(back).replace(tzinfo=ZoneInfo(zone))
        moments = list(islice(daily.moments(since), 3))
        assert [day[-5:] for day in on_the_wall(daily, since, 3)] == [twice] * 3
        assert [one.astimezone(ZoneInfo(zone)).fold for one in moments] == [0, 0, 0]

    def test_two_times_that_fall_together_behind_the_gap_are_one_start(self):
        times = (DayTime(SUNDAY, time(2, 30)), DayTime(SUNDAY, time(3, 30)))
        weekly = Schedule(Weekly(times), "Europe/Berlin")
        since = datetime(2026, 3, 29, tzinfo=UTC)
        assert on_the_wall(weekly, since, 2) == ["2026-03-29 03:30", "2026-04-05 02:30"]

    def test_times_that_change_places_at_the_gap_stay_in_order(self):
        times = (DayTime(SUNDAY, time(2, 30)), DayTime(SUNDAY, time(3)))
        weekly = Schedule(Weekly(times), "Europe/Berlin")
        since = datetime(2026, 3, 29, tzinfo=UTC)
        assert on_the_wall(weekly, since, 2) == ["2026-03-29 03:00", "2026-03-29 03:30"]

    def test_a_day_that_a_country_left_out_harms_nothing(self):
        daily = every_day_at("12:00", "Pacific/Apia")
        days = on_the_wall(daily, datetime(2011, 12, 29, tzinfo=UTC), 4)
        assert days == sorted(set(days))


class TestEnds:
    def test_nothing_starts_after_the_end(self):
        end = NEW_YEAR + timedelta(minutes=30)
        ending = every(15, "minutes", end=end)
        assert len(list(ending.moments(NEW_YEAR))) == 3
        assert ending.first(end + timedelta(seconds=1)) is None

    def test_once_is_once(self):
        once = Schedule(Once(NEW_YEAR), "UTC")
        assert list(once.moments(NEW_YEAR)) == [NEW_YEAR]
        assert once.first(NEW_YEAR + timedelta(microseconds=1)) is None

    def test_a_zone_that_does_not_exist_is_refused(self):
        with pytest.raises(ScheduleFaulty, match="from the list") as refused:
            every(1, "days", zone="Mars/Olympus")
        assert refused.value.field == "zone"


MINUTES = st.integers(0, 365 * 24 * 60)
MOMENTS = MINUTES.map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def some_times(days):
    found = st.sets(st.builds(DayTime, days, TIMES), min_size=1, max_size=8)
    return found.map(lambda times: tuple(sorted(times)))


RULES = st.one_of(
    st.builds(Interval, st.integers(15, 500), st.sampled_from([Unit.MINUTES, Unit.HOURS]), MOMENTS),
    st.builds(Interval, st.integers(1, 30), st.sampled_from([Unit.DAYS, Unit.WEEKS]), MOMENTS),
    st.builds(Weekly, some_times(st.integers(0, 6))),
    st.builds(Monthly, some_times(st.sampled_from([LAST_DAY, 1, 15, 29, 30, 31]))),
)
ZONES = st.sampled_from([zone for zone, *_ in MOVES] + ["UTC", "Asia/Kolkata", "Pacific/Apia"])


class TestProperties:
    @given(rule=RULES, zone=ZONES, since=MOMENTS)
    def test_starts_rise_and_none_is_lost_by_asking_one_at_a_time(self, rule, zone, since):
        schedule = Schedule(rule, zone)
        at_once = list(islice(schedule.moments(since), 12))
        one_by_one, ask = [], since
        for _ in at_once:
            one_by_one.append(schedule.first(ask))
            ask = one_by_one[-1] + timedelta(microseconds=1)
        assert at_once == one_by_one == sorted(set(at_once))
        assert at_once[0] >= since

    @given(rule=RULES, zone=ZONES)
    def test_what_is_stored_is_what_is_read(self, rule, zone):
        schedule = Schedule(rule, zone, end=NEW_YEAR)
        assert Schedule.from_json(schedule.to_json()) == schedule

    @pytest.mark.parametrize(
        "stored",
        [
            {},
            {"zone": "UTC", "end": None},
            {"zone": "UTC", "end": None, "type": "hourly"},
            {"zone": "UTC", "end": None, "type": "daily", "times": []},
            {"zone": "UTC", "end": "soon", "type": "once", "at": "2026-01-01T00:00:00+00:00"},
            {"zone": "UTC", "end": None, "type": "once", "at": None},
        ],
    )
    def test_what_cannot_be_read_is_said(self, stored):
        with pytest.raises(ScheduleFaulty, match="cannot be read"):
            Schedule.from_json(stored)
