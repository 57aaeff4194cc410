"""Which rows of a run are remembered for the next one, and which of before are skipped."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.bigquery import Column
from imports.clevertap import Answer, CleverTapOutcomeUnknown, Reason, RecordVerdict
from imports.models import Batch, EdgePart, Run
from imports.runner import execute, execute_run, parcels
from imports.runner.bounds import EDGE_COLUMN, Bounds
from imports.runner.edge import Edge
from imports.services import runs
from tests.factories import COLUMNS, MAPPING, ImportFactory, RunFactory
from tests.fakes import COLUMNS as READ
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db

AT = "2026-01-01 10:00:00.000000+00:00"
KEEP, KNOWN, BOTH = "1", "2", "3"
EVENT = MAPPING | {"kind": "event", "event_name": {"column": None, "fixed": "Bought"}}


class Killed(BaseException):
    """The worker process is gone: nothing is caught, nothing is written."""


def rows(*edges):
    """One row for each: its place at the edge, and its name there."""
    return [[f"c{number}", f"c{number}@shop.example", edge] for number, edge in enumerate(edges, 1)]


@pytest.fixture
def world(monkeypatch):
    def build(found):
        bigquery = FakeBigQuery(found, columns=(*READ, Column(EDGE_COLUMN, "STRING")))
        clevertap = FakeCleverTap()
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
        monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
        return clevertap

    return build


def run_of(parent, *, before=None, mapping=MAPPING, policy="resend"):
    bounds = Bounds(
        *("updated_at", "TIMESTAMP", "", mapping["kind"], "customer_id", "never"),
        newest_only=False,
        version=1,
        low="",
        high=AT,
        known=AT,
        resend_from="",
        window=AT,
        edge_of=str(before.pk) if before else "",
    )
    snapshot = {"table_id": "t", "columns": COLUMNS, "mapping": mapping, "unknown_policy": policy}
    return RunFactory(
        parent=parent,
        snapshot=snapshot | {"incremental": {}},
        bounds=bounds.to_json(bytes_billed=0),
    )


def after(run):
    """What the next run would know of it; parts of a run whose cursor moved nowhere are gone."""
    return sum(EdgePart.objects.filter(run=run).values_list("row_count", flat=True))


@pytest.fixture
def kept(monkeypatch):
    """Leaves the edge as it is at the end of a run: there is no cursor here that moves."""
    monkeypatch.setattr(execute, "close_edge", lambda run, now: None)


def finish(run):
    for _ in range(9):
        Run.objects.filter(pk=run.pk).update(not_before=None)
        if execute_run(run_id=run.pk) is None:
            break
    run.refresh_from_db()
    return run


def test_accepted_rows_are_remembered_and_skipped_by_the_next_run(world, kept):
    world(rows("1a", "1b", None, "0c"))
    first = finish(run_of(ImportFactory()))
    assert (first.accepted_count, after(first)) == (4, 2)
    clevertap = world(rows("2a", "3b", "3new", "1a"))
    second = finish(run_of(first.parent, before=first))
    assert (second.read_count, second.accepted_count, second.skipped_count) == (4, 2, 2)
    assert b"c3" in clevertap.bodies[0], "it is new"
    assert b"c4" in clevertap.bodies[0], "its name is known, but not as one of before"
    assert after(second) == 3, "what was skipped is remembered as well, as long as it is near"


def test_rows_that_our_rules_or_clevertap_refuse_are_tried_again(world, kept):
    found = rows("1a", "1b", "1c")
    found[0][0] = "null"
    clevertap = world(found)
    clevertap.answers = [Answer(1, (RecordVerdict(0, 513, "No."),), 3)]
    run = finish(run_of(ImportFactory()))
    assert (run.accepted_count, run.refused_count) == (1, 2)
    assert after(run) == 1


@pytest.mark.parametrize(("policy", "remembered"), [("hold", 2), ("resend", 0)])
def test_what_is_held_for_review_is_not_sent_by_the_next_run(
    policy, remembered, world, kept, monkeypatch
):
    clevertap = world(rows("1a", "1b"))
    lost = CleverTapOutcomeUnknown(Reason.TIMED_OUT)
    clevertap.answers = [lost] * 9
    monkeypatch.setattr("imports.runner.sending.back_off", lambda *_, **__: 0.0)
    monkeypatch.setattr("imports.runner.pace.back_off", lambda *_, **__: 0.0)
    run = finish(run_of(ImportFactory(), mapping=EVENT, policy=policy))
    assert run.unknown_count == 2
    assert after(run) == remembered


def test_a_range_of_nothing_but_known_rows_is_accounted_for_without_a_request(world, kept):
    world(rows("1a", "1b"))
    first = finish(run_of(ImportFactory()))
    clevertap = world(rows("3a", "3b"))
    second = finish(run_of(first.parent, before=first))
    assert (second.state, second.skipped_count, second.request_count) == ("succeeded", 2, 0)
    assert clevertap.bodies == []


def test_skipped_rows_of_a_batch_without_an_answer_are_not_counted_as_unknown(world, kept):
    world(rows("1a"))
    first = finish(run_of(ImportFactory()))
    clevertap = world(rows("2a", "1b", "1c"))
    clevertap.answers = [Killed()]
    run = run_of(first.parent, before=first)
    with pytest.raises(Killed):
        execute_run(run_id=run.pk)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(hours=1))
    runs.stop_run(run=run, by=run.requested_by, reason="No", now=timezone.now())
    run = finish(run)
    assert (run.state, run.read_count, run.skipped_count) == (Run.State.STOPPED, 3, 1)
    assert (run.unknown_count, run.refused_count) == (2, 0)
    assert Batch.objects.get(run=run).skipped_count == 1


def test_a_run_whose_cursor_is_gone_remembers_nothing(world):
    world(rows("1a"))
    run = finish(run_of(ImportFactory()))
    assert run.state == Run.State.SUCCEEDED
    assert not EdgePart.objects.exists()


def test_what_is_remembered_counts_over_all_owners_of_a_run(world):
    run = run_of(ImportFactory())
    EdgePart.objects.create(run=run, first_row=0, row_count=7, keys=b"x" * 7 * 16)
    assert Edge.of(run)._kept == 7


def test_a_parcel_that_is_cut_keeps_each_skipped_row_in_one_part():
    whole = parcels.Parcel(10, 20, (b"a", b"b"), (12, 17), (), skipped=(10, 11, 13, 19))
    first, second = whole.halves()
    assert (first.skipped, second.skipped) == ((10, 11, 13), (19,))
