"""Imports by a cursor in each of its states, and the questions that their pages ask."""

from imports.models import Cursor, CursorQuestion, EdgePart
from imports.models.cursor import source_of
from imports.services.cursors import NO_WORKER
from tests.browser.scenes.rows_of_connections import LONGEST_NAME
from tests.browser.scenes.rows_of_imports import LONGEST_COLUMN
from tests.browser.scenes.rows_of_people import DAY, HOUR, MINUTE, NOW, SOON
from tests.browser.scenes.scene import CREATOR, row
from tests.factories import MAPPING, CleverTapAccountFactory, ImportFactory, RunFactory

AT = "2026-01-31 09:30:00.123456+00:00"
SCALE = {"column": "updated_at", "type": "TIMESTAMP", "unit": "", "time_zone": "UTC"}
NUMBERS = {
    "rows": 1_930_220,
    "nulls": 1_204,
    "ahead": 31,
    "ties": 77_208,
    "first": "2023-01-01 00:00:00.000000+00:00",
    "top": AT,
    "last": "2099-12-31 23:59:59.000000+00:00",
    "partition": "",
    "kind": "TABLE",
    "bytes": 15_441_760,
}


def all_of_them(people, places):
    common = {
        "connection": places["verified"],
        "account": CleverTapAccountFactory(name="Shop, by cursor"),
        "created_by": people[CREATOR],
    }
    first = _import("first", common)
    Cursor.objects.create(parent=first, **_reading("updated_at"))
    stands = _import("stands", common)
    _cursor(stands, newest_only=True)
    back = _import("moved back", common)
    _cursor(back, resend_from="2026-01-30 00:00:00.000000+00:00", changed_at=NOW - HOUR,
            changed_by=people[CREATOR])  # fmt: skip
    full = _import("full", common, kind="event")
    _cursor(full, rows=100_000, kind="event", look_back_seconds=0)
    longest = _import(
        "long", common, nickname=f"Cursor {LONGEST_NAME}"[:100], column=LONGEST_COLUMN
    )
    _cursor(longest, column=LONGEST_COLUMN, column_type="INT64", unit="epoch_milliseconds",
            value=str(2**62), edge_low=str(2**62))  # fmt: skip
    _cursor(_import("elsewhere", common), source="of the query before")
    _questions(stands, full, people[CREATOR])


def _import(state, common, *, column="updated_at", **more):
    names = {"customer_id": "STRING", "email": "STRING", column: "TIMESTAMP", "serial": "INTEGER"}
    columns = [
        {"name": name, "type": type_, "mode": "NULLABLE", "fields": []}
        for name, type_ in names.items()
    ]
    mapping = MAPPING | {"updated_on": {"column": column, "format": None, "time_zone": None}}
    return ImportFactory(
        **{
            "id": row(f"import cursor {state}"),
            "nickname": f"Customers, cursor {state}",
            "columns": columns,
            "mapping": mapping,
            "created_at": NOW - 3 * DAY,
        }
        | common
        | more
    )


def _reading(column):
    return {"column": column, "column_type": "TIMESTAMP", "kind": "profile"}


def _cursor(parent, *, rows=4_117, **more):
    run = RunFactory(
        parent=parent,
        state="succeeded",
        queued_at=NOW - DAY,
        started_at=NOW - DAY,
        finished_at=NOW - DAY + MINUTE,
        rows_total=rows,
        read_count=rows,
        skipped_count=rows,
        bounds={"type": "TIMESTAMP", "unit": "", "low": "", "high": AT, "ahead": 31},
    )
    EdgePart.objects.create(run=run, first_row=0, row_count=rows, keys=b"")
    stands = {
        "source": source_of(parent.read),
        "value": AT,
        "edge_low": AT,
        "moved_at": run.finished_at,
        "moved_by_run": run,
    }
    Cursor.objects.create(parent=parent, **(_reading("updated_at") | stands | more))


def _questions(stands, full, by):
    resend = {"from": "2026-01-30 00:00:00.000000+00:00", "until": AT, "version": 1}
    kinds = {
        "asking": ("cost", {}, None, ""),
        "cost": ("cost", {}, {"bytes": 15_441_760}, ""),
        "advice": ("advice", {}, NUMBERS, ""),
        "count": ("resend", resend, {"rows": 1_204_500, "bytes": 15_441_760}, ""),
        "failed": ("advice", {}, None, NO_WORKER),
    }
    for name, (kind, more, answer, failure) in kinds.items():
        CursorQuestion.objects.create(
            id=row(f"question {name}"),
            kind=kind,
            parent=full if name == "count" else stands,
            asked=SCALE | more,
            requested_by=by,
            requested_at=SOON,
            finished_at=NOW if answer or failure else None,
            answer=answer,
            failure_sentence=failure,
        )
