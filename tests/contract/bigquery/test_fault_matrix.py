"""Reader x kind x fault: whatever goes wrong, every row is counted once and the sink agrees.

One sandbox for all cases, real gateways and wires; the engine in this process. Each case
states how its run ends. The judge is the sandbox's ledger (``bad_days.Judge``).
"""

import pytest
from django.db import connection

from imports.clevertap.errors import SENTENCES
from imports.models import Run
from sandbox.faults import EFFECTS
from tests.contract.bigquery.bad_days import (
    EVENTS,
    HELD,
    NOBODY,
    PROFILES,
    ROWS,
    SOURCE,
    Day,
    Judge,
    import_of,
    run_to_its_end,
    table_of,
    world_of,
)

__all__ = ["world_of"]

pytestmark = pytest.mark.django_db

FAST, SLOW = "storage", "rest"
BOTH = (FAST, SLOW)
ALL_KINDS = (PROFILES, EVENTS, HELD)


def sink(effect, **rule):
    return {"effect": effect, "service": "clevertap", "path": "*/upload", **rule}


def page(effect, **rule):
    """Of REST. The first one tells how many rows there are; where rows are read fast, the
    second and each before a stream tell the columns."""
    return {"effect": effect, "service": "bigquery", "path": "*/queries/*", **rule}


def stream(effect, **rule):
    return {"effect": effect, "service": "storage", "path": "*/ReadRows", **rule}


def clevertaps(name, code, **rule):
    """A status for ever, after some batches: the run fails with its reason."""
    return Day(name, (sink("status", after=2, **rule),), code, SENTENCES[code], some=True)


def in_doubt(name, *faults, held=2, **more):
    return Day(name, faults, kinds=ALL_KINDS, held=held, **more)


SINK = (
    Day("nothing", kinds=ALL_KINDS),
    Day("answers are slow", (sink("latency", seconds=0.02, times=3),)),
    in_doubt("hangs", sink("hang", times=2), hasty=True, some=True, held=-1),
    in_doubt("resets the connection before it has stored", sink("drop_before", times=2)),
    in_doubt("stores, and its answer is lost", sink("lost_answer", times=2)),
    in_doubt("answers a page of HTML", sink("html", times=2)),
    in_doubt("answers half", sink("half_answer", times=2)),
    in_doubt("lies in processed", sink("miscount", times=2)),
    in_doubt("500", sink("status", status=500, times=2)),
    in_doubt("502, a page of HTML", sink("status", status=502, times=2), some=True),
    in_doubt("504", sink("status", status=504, times=2), some=True),
    Day("503", (sink("status", status=503, times=3),)),
    Day("429", (sink("status", status=429, times=3),)),
    Day("429 with Retry-After", (sink("status", status=429, seconds=40, times=1),), waits=40),
    Day("refuses some records", (sink("refuse_rows", share=0.05, code=515, times=1),), refused=-1),
    Day("refuses some for a trouble of its own", (sink("refuse_rows", share=0.05, times=1),), refused=-1, some=True),
    Day("refuses a whole batch record by record", (sink("refuse_rows", code=515, times=1),), refused=-1, some=True),
    Day("400 because of one record", (sink("malformed", holds="culprit"),), refused=1),
    Day("413", (sink("status", status=413, times=1),)),
    Day("400 for ever", (sink("status", status=400, after=2),), "too_many_malformed", "each alone", refused=-1,
        some=True),
    clevertaps("401 in mid-run", "credentials", status=401),
    clevertaps("403 in mid-run", "credentials", status=403),
    clevertaps("404 in mid-run", "unexpected", status=404),
    clevertaps("429 for ever", "too_many_requests", status=429),
    clevertaps("503 for ever", "busy", status=503),
    clevertaps("500 for ever", "server_error", status=500),
    Day("HTML for ever", (sink("html", after=2),), "unreadable", SENTENCES["unreadable"], some=True),
    Day("HTML until too much is held", (sink("html"),), "too_many_held", "were lost",
        kinds=(HELD,), held=-1, settings=(("HELD_BATCHES_KEPT", 3),)),
)  # fmt: skip
PAGES = (
    Day("a page breaks in the middle", (page("half_answer", after=2, times=1),)),
    Day("a page is reset", (page("drop_before", after=2, times=2),)),
    Day("a page of HTML", (page("html", after=2, times=1),)),
    Day("a page is refused for now", (page("status", status=503, after=2, times=2),)),
    Day("a page hangs", (page("hang", after=2, times=1),), kinds=(PROFILES,), hasty=True),
    Day("pages fail for ever", (page("status", status=503, after=2),), "server_error"),
    Day("the result expired before anything was sent", (page("expired", after=1, times=1),), jobs=2),
    Day("the result expired in mid-run", (page("expired", after=2),), "result_expired", "Run the import again"),
    Day("the permission is taken away in mid-run",
        (page("status", status=403, reason="accessDenied", after=2),), "permission_denied"),
)  # fmt: skip
QUERY = (
    Day("the query may not be run", ({"effect": "deny", "permission": "bigquery.jobs.create"},), "permission_denied", some=True),
    Day("the query is slow", ({"effect": "slow_job", "seconds": 0.05},), some=True),
    Day("the query's answer is lost",
        ({"effect": "lost_answer", "method": "POST", "path": "*/jobs", "times": 1},), some=True),
)  # fmt: skip
TAKEN_AWAY = {"effect": "deny", "permission": "bigquery.readsessions.getData", "after": 1}
STREAMS = (
    Day("a stream breaks in the middle", (stream("half_answer", times=1),)),
    Day("a stream is reset", (stream("drop_before", times=2),)),
    Day("a stream is refused for now", (stream("status", status=503, times=2),)),
    Day("a stream hangs", (stream("hang", times=1),), kinds=(EVENTS,), hasty=True),
    Day("fast reads fail for ever", (stream("half_answer", times=1), stream("drop_before", after=1)), reader=SLOW),
    Day("fast reads are taken away in mid-run", (stream("half_answer", times=1), TAKEN_AWAY), reader=SLOW),
    Day("the read session is over", (stream("half_answer", times=1), stream("expired", after=1)), reader=SLOW),
    Day("no read session may be made", ({"effect": "deny", "permission": "bigquery.readsessions.create"},), reader=SLOW),
    Day("the proof of the order breaks, and goes on",
        (stream("half_answer", times=1), TAKEN_AWAY, page("half_answer", after=4, times=1)), reader=SLOW),
    Day("stream and result are gone",
        (stream("half_answer", times=1), TAKEN_AWAY, page("expired", after=4)),
        "result_expired", reader="proving"),
)  # fmt: skip


def twin_of(reader, kind):
    """Whether another case shows the same, where it costs too much to show it twice."""
    return (reader, kind) in {(FAST, PROFILES), (SLOW, EVENTS)}


DAYS = [(day, BOTH) for day in (*SINK, *QUERY)]
DAYS += [(day, (SLOW,)) for day in PAGES] + [(day, (FAST,)) for day in STREAMS]
CASES = [
    (day, reader, kind)
    for day, by in DAYS
    for reader in by
    for kind in day.kinds
    if (reader == FAST or kind != HELD) and not (day.some and twin_of(reader, kind))
]


# What the database adds to it shows in a few.
HERE = CASES[::6] if connection.vendor == "postgresql" else CASES


def named(case):
    day, reader, kind = case
    return f"{reader}, {kind}: {day.name}"


@pytest.fixture(scope="module")
def table(one_good):
    """A table of some people twice and some rows of nobody."""
    return table_of(one_good, "bad_days", SOURCE)


@pytest.mark.parametrize("case", HERE, ids=named)
def test_whatever_goes_wrong_every_row_is_counted_once(case, table, world_of, settings):
    day, reader, kind = case
    for name, value in day.settings:
        setattr(settings, name, value)
    sandbox = world_of(day)
    parent = import_of(
        table,
        "profile" if kind == PROFILES else "event",
        policy="hold" if kind == HELD else "resend",
        reads_fast=reader == FAST,
    )
    run, waits = run_to_its_end(parent)

    assert_it_ended_as_stated(day, run, reader, kind)
    Judge(sandbox, run, day).judge()
    assert max(waits, default=0) >= day.waits
    jobs = sandbox.ask("GET", "/control/jobs")["jobs"]
    ours = [one for one in jobs if one["labels"].get("clevertap-bq-run") == str(run.pk)]
    assert len(ours) == (day.jobs if run.rows_total else 0)
    assert all(one["state"] == "DONE" for one in ours)
    assert all(rule["applied"] for rule in sandbox.ask("GET", "/control/faults")["faults"])


def assert_it_ended_as_stated(day, run, reader, kind):
    state = Run.State.FAILED if day.code else Run.State.SUCCEEDED
    assert (run.state, run.failure_code) == (state, day.code), run.failure_sentence
    assert day.says in run.failure_sentence
    assert bool(run.failure_sentence) == bool(day.code)
    assert run.reader == (day.reader or reader) or not run.rows_total
    by_clevertap = run.refused_rows.filter(refused_by="clevertap").count()
    assert by_clevertap == day.refused or (day.refused < 0 < by_clevertap <= 150)
    held = run.batches.unknown().count()
    assert (held == day.held or (day.held < 0 < held)) if kind == HELD else (day.code or not held)
    assert run.refused_count == by_clevertap + ROWS // NOBODY or day.code


def test_every_fault_of_the_sandbox_is_in_the_matrix():
    assert {rule["effect"] for day, _, _ in CASES for rule in day.faults} == EFFECTS
