"""Imports with a schedule of each kind, and mappings of each kind."""

from datetime import UTC, datetime, time

from imports.models import Import
from imports.schedule import DayTime, Interval, Monthly, Once, Schedule, Unit, Weekly
from tests.browser.scenes.rows_of_connections import LONGEST_NAME
from tests.browser.scenes.rows_of_people import HOUR, MINUTE, NOW
from tests.browser.scenes.scene import CREATOR, row
from tests.factories import CleverTapAccountFactory, ImportFactory, RunFactory

FAR = datetime(2100, 1, 4, 8, 0, tzinfo=UTC)
LATER = datetime(2101, 1, 4, 8, 0, tzinfo=UTC)
NINE, EVENING = time(9), time(18, 30)
OFTEN = tuple(DayTime(day, time(hour, 5)) for day in range(7) for hour in range(3, 24, 3))
WEEKLY = Weekly((DayTime(0, NINE), DayTime(0, EVENING), DayTime(3, NINE)))
SCHEDULES = {
    "interval": Schedule(Interval(6, Unit.HOURS, FAR), "UTC"),
    "monthly": Schedule(Monthly((DayTime(-1, NINE), DayTime(1, NINE))), "Asia/Kathmandu"),
    "once": Schedule(Once(FAR), "America/New_York"),
    "too often": Schedule(Weekly(OFTEN), "America/Argentina/ComodRivadavia", end=LATER),
}
COLUMNS = {
    "customer_id": "STRING",
    "bought": "STRING",
    "bought_at": "TIMESTAMP",
    "price_in_the_currency_of_the_shop": "NUMERIC",
    "items": "INTEGER",
    "first_order_on": "DATE",
    "basket": "RECORD",
    "shop_place": "GEOGRAPHY",
    "note": "STRING",
}
EVENT = {
    "kind": "event",
    "identity": {"column": "customer_id", "as": "objectId"},
    "created_on": {"column": "bought_at", "format": "iso8601", "time_zone": "Asia/Kathmandu"},
    "event_name": {"column": "bought"},
    "properties": [
        {"column": "items", "name": "Items", "type": "integer", "nulls": "omit"},
        {
            "column": "price_in_the_currency_of_the_shop",
            "name": "Price",
            "type": "float",
            "nulls": "delete",
        },
        {"column": "first_order_on", "name": "First order", "type": "date", "nulls": "omit"},
    ],
    "skipped": ["basket", "shop_place", "note"],
}


def all_of_them(people, places):
    account = CleverTapAccountFactory(id=row("account schedules"), name="Shop, by the clock")
    common = {
        "connection": places["verified"],
        "account": account,
        "created_by": people[CREATOR],
        "created_at": NOW - 2 * HOUR,
    }
    _schedules(common)
    _mappings(common)


def _schedules(common):
    for kind in ("scheduled", "paused"):
        _keep(kind, Schedule(WEEKLY, "Europe/Berlin"))
    for kind, schedule in SCHEDULES.items():
        nickname = LONGEST_NAME[::-1] if kind == "too often" else f"By the clock, {kind}"
        _made(kind, common, nickname=nickname, status="scheduled", next_slot_at=FAR)
        _keep(kind, schedule)
    _made("due", common, status="scheduled", next_slot_at=NOW - 2 * MINUTE)
    _keep("due", Schedule(Interval(15, Unit.MINUTES, NOW - 2 * MINUTE - HOUR), "UTC"))
    RunFactory(
        parent=Import.objects.get(pk=row("import due")),
        state="running",
        queued_at=NOW - 17 * MINUTE,
        started_at=NOW - 17 * MINUTE,
        lease_until=NOW + 12 * HOUR,
        requested_by=None,
    )


def _keep(kind, schedule):
    """As the services write it: what is paused has a schedule, and no next start."""
    subject = Import.objects.get(pk=row(f"import {kind}"))
    subject.schedule = schedule.to_json()
    if subject.status == Import.Status.SCHEDULED and kind != "due":
        subject.next_slot_at = schedule.first(NOW)
    subject.save(update_fields=["schedule", "next_slot_at"])


def _mappings(common):
    columns = [
        {"name": name, "type": kind, "mode": "NULLABLE", "fields": []}
        for name, kind in COLUMNS.items()
    ]
    _made("event", common, kind="event", columns=columns, mapping=EVENT)
    _made("unreadable", common, columns=columns, mapping={"kind": ["profile"]})


def _made(name, common, **facts):
    named = {"nickname": f"By the clock, {name}"}
    return ImportFactory(id=row(f"import {name}"), **(named | common | facts))
