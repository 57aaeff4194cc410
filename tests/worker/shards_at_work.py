"""A run in three shards, with fakes at both gateways; its tests choose whose turn it is."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from imports.models import Run, Shard
from imports.runner import execute, execute_run, ranges
from imports.runner.share import Share
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

ROWS, RANGE = 60, 5
SQL = "SELECT customer_id, email FROM shop.customers ORDER BY email"
AGO = timedelta(seconds=1)


class Killed(BaseException):
    """The process is gone: nothing is caught, nothing is written."""


@pytest.fixture
def bigquery():
    return FakeBigQuery([[f"c{number}", f"c{number}@shop.example"] for number in range(ROWS)])


@pytest.fixture
def clevertap():
    return FakeCleverTap()


@pytest.fixture(autouse=True)
def gateways(monkeypatch, settings, bigquery, clevertap):
    """Three shards of twenty rows, each of four requests."""
    settings.RUN_CUT_ROWS, settings.RUN_SHARDS = 20, 3
    monkeypatch.setattr(ranges, "RANGE_ROWS", RANGE)
    monkeypatch.setattr(ranges, "AT_A_GO", RANGE)
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
    # One thread plays all owners, so nobody could give slots back (test_share.py is about them).
    monkeypatch.setattr(Share, "_entitled", lambda share: (5, 5))


@pytest.fixture
def finished(monkeypatch):
    """The final states that were written."""
    ends, finish = [], Run.finish

    def noted(self, state, **values):
        done = finish(self, state, **values)
        ends.extend([state] if done else [])
        return done

    monkeypatch.setattr(Run, "finish", noted)
    return ends


def started(**about):
    """A run that its first owner has cut."""
    run = RunFactory(**about)
    assert execute_run(run_id=run.pk) == 0
    run.refresh_from_db()
    return run


def shard_of(run, number):
    return run.shards.get(number=number)


def work_on(run, number):
    return execute_run(run_id=shard_of(run, number).pk)


def to_the_end(run):
    """One worker, shard after shard."""
    for shard in run.shards.order_by("number"):
        execute_run(run_id=shard.pk)
    run.refresh_from_db()
    return run


def counted():
    """Rows in the sums of the run, and those that shards have not moved there yet."""
    held = Shard.objects.aggregate(rows=Sum("read_count"))["rows"]
    return Run.objects.get().read_count, held


def in_mid_request(clevertap, act, *, at=2):
    """``act`` happens while the request of this number is under way, which is the first one's."""
    seen = []

    def on_upload():
        seen.append(1)
        if len(seen) == at:
            act()

    clevertap.on_upload = on_upload
