"""CleverTap accounts, imports in every status, runs in every state, tables and refused rows."""

from datetime import timedelta

from connections.models import Lookup
from connections.services.lookups import NO_WORKER
from imports.contents import Content
from imports.mapping.refusals import REFUSALS
from imports.models import CleverTapAccount, Import, Move, Run
from tests.browser.scenes import rows_of_dry_runs, rows_of_queries, rows_of_write_backs
from tests.browser.scenes.rows_of_connections import LONGEST_NAME
from tests.browser.scenes.rows_of_logs import with_a_trouble
from tests.browser.scenes.rows_of_people import DAY, HOUR, MINUTE, NOW, SOON
from tests.browser.scenes.scene import ADMIN, CREATOR, STRANGER, row
from tests.factories import MAPPING, CleverTapAccountFactory, ImportFactory, RunFactory
from tests.refused import hold, refuse

LONGEST_TABLE = "customers_" + "t" * 246
LONGEST_COLUMN = "column_" + "c" * 293
JOB = "cbq_4711a0b0c0d0e0f0a1b1c1d1e1f1a2b2_1"
SENTENCE = "CleverTap refused the passcode. Enter the present one on the page of the account."
STATUSES = ("ready", "scheduled", "paused", "stopped")
TYPES = ["STRING", "INTEGER", "FLOAT", "BOOLEAN", "TIMESTAMP", "DATE", "RECORD", "GEOGRAPHY"]


def all_of_them(people, places):
    accounts = _accounts(people)
    common = {"account": accounts["verified"], "created_by": people[CREATOR]}
    _statuses(places, common)
    _too_long(places, accounts, people)
    _runs(places["verified"], common)
    _leaving(places, common)
    _many(places["many"], common)
    _tables(places, people)
    rows_of_queries.all_of_them(places["verified"], people[ADMIN], common)


def _accounts(people):
    words = {
        "verified": "CleverTap accepts this account.",
        "failed": SENTENCE,
        "inconclusive": "CleverTap did not answer in time. Test again in a moment.",
    }
    made = {
        verdict: CleverTapAccountFactory(
            id=row(f"account {verdict}"),
            name=f"Shop, {verdict}",
            verdict=verdict,
            verdict_sentence=words.get(verdict, ""),
            test_requested_at=SOON,
            tested_at=NOW - HOUR if verdict in words else None,
            created_by=people[ADMIN],
        )
        for verdict in CleverTapAccount.Verdict.values
    }
    CleverTapAccountFactory(id=row("account sandbox"), name="Sandbox", region="sandbox")
    CleverTapAccountFactory(id=row("account arabic"), name="متجر العملاء الرئيسي 上海 🛒")
    made["long"] = CleverTapAccountFactory(
        id=row("account long"),
        name=LONGEST_NAME,
        account_id="A" * 64,
        time_zone="America/Argentina/ComodRivadavia",
        created_by=people[STRANGER],
    )
    return made


def _statuses(places, common):
    for status in STATUSES:
        _import(status, places["verified"], status=status, **common)
    for kind in ("draft", "draft loading", "draft failed", "draft wide", "draft events"):
        _import(kind, places["verified"], table_id=kind, draft=True, **common)
    Import.objects.filter(pk=row("import draft events")).update(kind="event")
    rows_of_dry_runs.all_of_them(common["created_by"])
    _import(
        "deleted",
        places["verified"],
        status=Import.Status.STOPPED,
        deleted_at=NOW - DAY,
        deleted_by=common["created_by"],
        **common,
    )


def _import(kind, place, **more):
    return ImportFactory(
        **{
            "id": row(f"import {kind}"),
            "nickname": f"Customers, {kind}",
            "connection": place,
            "created_at": NOW - HOUR,
        }
        | more
    )


def _too_long(places, accounts, people):
    columns = [
        {"name": LONGEST_COLUMN[:-number], "type": "STRING", "mode": "NULLABLE", "fields": []}
        for number in range(1, 5)
    ]
    rules = [
        {"column": column["name"], "name": "P" * 120, "type": "string", "nulls": "omit"}
        for column in columns
    ]
    mapping = MAPPING | {
        "identity": {"column": columns[0]["name"], "as": "identity"},
        "properties": rules,
        "skipped": [LONGEST_COLUMN],
    }
    subject = _import(
        "long",
        places["long"],
        nickname=LONGEST_NAME,
        table_id=LONGEST_TABLE,
        account=accounts["long"],
        created_by=people[STRANGER],
        columns=columns,
        mapping=mapping,
    )
    run = _run(
        subject,
        "long",
        state="failed",
        failure_code="x",
        failure_sentence=("w" * 500),
        **_sums(9_000_000_000, refused=1),
    )
    content = Content("i" * 1024, {column["name"]: "v" * 900 for column in columns})
    refuse(run, (3, content), code="x", column=LONGEST_COLUMN, sentence="s" * 500)
    _import(
        "chinese",
        places["chinese"],
        nickname="上海旗舰店每日客户数据导入",
        account=accounts["long"],
    )
    _import("arabic", places["arabic"], nickname="استيراد العملاء اليومي", account=accounts["long"])


def _runs(place, common):
    """Each in an import of its own: only one run of an import can be at work."""
    half = _sums(1_204_500, refused=412, unknown=37)
    job = {"job_id": JOB, "job_state": "done", "bytes_billed": 48_318_382_080}
    for kind, facts in (_runs_at_work(half, job) | _runs_over(half, job)).items():
        _run(_import(f"run {kind}", place, **common), kind, **facts)
    _refusals(Run.objects.get(pk=row("run partly")))
    with_a_trouble(Run.objects.get(pk=row("run partly")))
    rows_of_write_backs.all_of_them()


def _runs_at_work(half, job):
    """What each says of itself while nobody may end it."""
    lease, big = NOW + 12 * HOUR, {"rows_total": 1_930_220, "started_at": NOW - 9 * MINUTE}
    return {
        "queued": {"state": "queued"},
        "querying": {
            "state": "running",
            "lease_until": lease,
            "job_id": JOB,
            "job_state": "running",
        },
        "sending": {"state": "running", "lease_until": lease, **big, **half, **job},
        "silent": {"state": "running", "lease_until": NOW - HOUR, **big, **half, **job},
        "waiting": {
            "state": "running",
            "not_before": SOON,
            "troubles": 3,
            "trouble_sentence": "CleverTap asks for fewer requests.",
            **big,
            **half,
            **job,
        },
        "stopping": {
            "state": "running",
            "lease_until": lease,
            "stop_requested_at": NOW,
            "stop_reason": "Stopped by hand",
            **big,
            **half,
            **job,
        },
    }


def _runs_over(half, job):
    """One for each way to end."""
    return {
        "succeeded": {"state": "succeeded", "rows_total": 1_930_220, **_sums(1_930_220), **job},
        "partly": {
            "state": "succeeded",
            "rows_total": 1_930_220,
            **_sums(1_930_220, refused=4_120, unknown=900),
            **job,
        },
        # The query gave more rows than were read.
        "not agreeing": {"state": "succeeded", "rows_total": 1_930_230, **_sums(1_930_220), **job},
        "nothing new": {"state": "succeeded", "rows_total": 0, **job},
        "failed": {
            "state": "failed",
            "failure_code": "credentials",
            "failure_sentence": SENTENCE,
            **half,
        },
        "schema changed": {
            "state": "failed",
            "failure_code": "schema_changed",
            "failure_sentence": "The table changed since it was mapped: email is gone.",
            "drift": {
                "changed": [
                    {"column": "email", "was": "STRING", "now": ""},
                    {"column": LONGEST_COLUMN, "was": "INTEGER", "now": "ARRAY<STRING>"},
                ],
                "added": [f"column_{number:02}" for number in range(20)],
            },
        },
        "forgotten": {"state": "succeeded", "forgotten_at": NOW, **half, **job},
        "stopped": {"state": "stopped", "stop_reason": "Stopped by hand", **half, **job},
    }


def _sums(read, *, refused=0, unknown=0):
    skipped = 120 if refused else 0
    return {
        "read_count": read,
        "accepted_count": read - refused - unknown - skipped,
        "refused_count": refused,
        "skipped_count": skipped,
        "unknown_count": unknown,
        "request_count": read // 1000,
        "retry_count": 12,
    }


def _run(subject, kind, **facts):
    is_final = facts["state"] in Run.State.final()
    ended = {"finished_at": NOW - 2 * MINUTE, "started_at": NOW - 20 * MINUTE} if is_final else {}
    return RunFactory(
        id=row(f"run {kind}"), parent=subject, queued_at=NOW - 21 * MINUTE, **(ended | facts)
    )


def _refusals(run):
    """Every rule of ours, CleverTap's own codes, and requests whose answer was lost."""
    for place, (code, sentence) in enumerate(REFUSALS.items()):
        rows = [(number, _customer(number)) for number in range(place, 160, len(REFUSALS))]
        refuse(run, *rows, code=code.value, column="email", sentence=sentence[:500])
    rows = [(100_000 + number, Content(f"customer-{number:07}")) for number in range(20)]
    refuse(
        run,
        *rows,
        refused_by="clevertap",
        code="513",
        sentence="The event’s name belongs to CleverTap itself. Rename the event.",
    )
    for number in range(9):
        made = hold(run, 1_000 * number, *[b"{}"] * 100)
        if number < 2:
            made.decide("accepted", by=run.requested_by, now=NOW)
    again = _run(
        run.parent,
        "again",
        state="succeeded",
        source="refused",
        replay_of=run,
        rows_total=30,
        **_sums(30),
    )
    run.refused_rows.filter(row_number__lt=30).update(replayed_in=again)


def _customer(number):
    identity = f"customer-{number:07}"
    cells = {"customer_id": identity, "email": f"ana.ortega-lindqvist.{number}@"}
    record = {"identity": identity, "profileData": {"Email": cells["email"]}, "type": "profile"}
    return Content(identity, cells, record)


def _leaving(places, common):
    """Runs that a deletion waits for, and those that it has ended."""
    for kind, state in (("stopping", True), ("finishing", False)):
        for number in range(3):
            asked = {"stop_requested_at": NOW - MINUTE} if state else {}
            _run(
                _import(f"{kind} {number}", places[kind], status="stopped", **common),
                f"leaving {kind} {number}",
                state="running",
                lease_until=NOW + 12 * HOUR,
                job_id=JOB,
                job_state="running",
                **_sums(20_000, refused=5),
                **asked,
            )
    ends = [("stopped", "cancelled"), ("stopped", "unknown"), ("succeeded", "done")]
    for number, (state, job) in enumerate(ends):
        _run(
            _import(f"deleted {number}", places["deleted"], status="stopped", **common),
            f"leaving deleted {number}",
            state=state,
            job_id=JOB,
            job_state=job,
            stop_requested_at=NOW - HOUR + MINUTE,
            **_sums(20_000, refused=5),
        )
    for number in range(3):
        moved = _import(f"moved {number}", places["long"], **common)
        Move.objects.create(
            parent=moved,
            from_connection=places["moved"],
            to_connection=places["long"],
            moved_by=common["created_by"],
        )


def _many(place, common):
    """Sixty imports of one connection, and one import with more runs than are shown."""
    for number in range(60):
        subject = ImportFactory(
            nickname=f"Table {number:02}",
            connection=place,
            status=STATUSES[number % 4],
            created_at=NOW - number * DAY,
            **common,
        )
        RunFactory(
            parent=subject,
            state="running" if number % 10 == 0 else "succeeded",
            rows_total=1_000 * number,
            lease_until=NOW + 12 * HOUR if number % 10 == 0 else None,
            finished_at=None if number % 10 == 0 else NOW - number * HOUR,
            **_sums(1_000 * number),
        )
    often = _import("often", place, **common)
    for number in range(45):
        RunFactory(
            parent=often,
            state=Run.State.final()[number % 3],
            queued_at=NOW - number * DAY,
            started_at=NOW - number * DAY,
            finished_at=NOW - number * DAY + timedelta(minutes=7),
            **_sums(90_000 + number, refused=number * 13, unknown=number % 5),
        )


def _tables(places, people):
    """The lists and tables that Create Import and Map ask for."""
    facts = {"rows": 1_930_220, "bytes": 48_318_382_080, "modified": NOW.isoformat()}
    tables = [
        {"id": f"customers_{number:02}", "kind": "TABLE", **facts, "partition": "updated_at"}
        for number in range(80)
    ]
    tables.insert(0, {"id": LONGEST_TABLE, "kind": "VIEW"})
    failed = {"finished_at": SOON, "failure_sentence": NO_WORKER}
    _lookup("verified", places, people, answer=tables, finished_at=SOON)
    _lookup("long", places, people, answer=tables, finished_at=SOON)
    _lookup("sandbox", places, people, answer=[], finished_at=SOON)
    _lookup("testing", places, people)
    _lookup("failed", places, people, **failed)
    _table("draft", places, people, answer=_columns(8), finished_at=SOON)
    _table("draft events", places, people, answer=_columns(8), finished_at=SOON)
    _table("draft wide", places, people, answer=_columns(90), finished_at=SOON)
    _table("draft loading", places, people)
    _table("draft failed", places, people, **failed)


def _lookup(of, places, people, **facts):
    place = places[of]
    Lookup.objects.create(
        **{
            "kind": Lookup.Kind.TABLES,
            "connection": place,
            "key": place.key,
            "project_id": place.project_id,
            "dataset_id": place.dataset_id,
            "requested_by": people[ADMIN],
            "requested_at": SOON,
        }
        | facts
    )


def _table(table_id, places, people, **facts):
    _lookup("verified", places, people, kind=Lookup.Kind.TABLE, table_id=table_id, **facts)


def _columns(count):
    """A table of this many columns; the last ones are long, nested or of no use to CleverTap."""
    columns = [
        {
            "name": f"column_{number:02}" if number < count - 1 else LONGEST_COLUMN,
            "type": TYPES[number % len(TYPES)],
            "mode": "NULLABLE",
            "fields": [],
        }
        for number in range(count)
    ]
    values = ["Ana Ortega-Lindqvist", "4711", "0.25", "true", "1741944413000000", "2026-03-14"]
    values += ['{"a": 1}', None]
    cells = [values[number % 8] for number in range(count)]
    rows = [[*cells[:-1], "长" * 80] for _ in range(10)]
    return {"id": "draft", "kind": "TABLE", "rows": 1_930_220, "columns": columns, "preview": rows}
