"""A limit of refused rows: which runs it ends, when, and what is counted of them."""

import json

import pytest
from django.db.models import Sum
from django.utils import timezone

from imports.clevertap import Answer, RecordVerdict
from imports.models import Import, Run, Shard
from imports.runner import execute, execute_run, ranges, sending, threshold
from imports.runner.grip import Grip
from imports.runner.share import Share
from imports.runner.threshold import Threshold, TooManyRefused, judge_whole
from imports.services import runs
from tests.factories import ImportFactory, RunFactory, UserFactory
from tests.fakes import FakeBigQuery, FakeCleverTap
from tests.worker.test_replays import again, finish

EACH, FROM = 5, 20


@pytest.fixture
def world(monkeypatch, settings):
    """Five rows a request, judged from 20 rows on; ``b`` is a row that our rules refuse."""
    settings.RUN_CUT_ROWS, settings.RUN_SHARDS = 1_000, 3
    monkeypatch.setattr(ranges, "RANGE_ROWS", EACH)
    monkeypatch.setattr(ranges, "AT_A_GO", EACH)
    monkeypatch.setattr(threshold, "JUDGED_FROM", FROM)

    def build(rows):
        cells = [
            [f"c{at}", "nobody" if row == "b" else f"c{at}@a.example"]
            for at, row in enumerate(rows)
        ]
        clevertap = FakeCleverTap()
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: FakeBigQuery(cells))
        monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
        return clevertap

    return build


def a_run(limit, **facts):
    return RunFactory(snapshot={**RunFactory.build().snapshot, "refused_limit": limit}, **facts)


def plain(limit, read, refused, **facts):
    """A run that no database knows."""
    return Run(snapshot={"refused_limit": limit}, read_count=read, refused_count=refused, **facts)


def sent(clevertap):
    return sum(len(json.loads(body)["d"]) for body in clevertap.bodies)


def end_of(run):
    return (run.state, run.failure_code)


FAILED, WELL = ("failed", "too_many_refused"), ("succeeded", "")


class TestOneRun:
    pytestmark = pytest.mark.django_db

    @pytest.mark.parametrize("together", [1, 15])
    def test_above_the_limit_it_ends_and_all_that_left_is_counted(
        self, together, world, monkeypatch
    ):
        monkeypatch.setattr(sending, "TOGETHER", together)
        clevertap = world("gbgbg" * 60)
        run = finish(a_run(20))
        assert end_of(run) == FAILED
        assert " of them, 40.00 %, were refused, more than the 20 % that" in run.failure_sentence
        assert FROM <= run.read_count <= FROM + 2 * together * EACH, "those under way are awaited"
        assert run.request_count == len(clevertap.bodies), "nothing is intended that never left"
        assert run.accepted_count == sent(clevertap) == run.read_count - run.refused_count
        assert (run.unknown_count, run.batches.open().count()) == (0, 0)

    @pytest.mark.parametrize(("limit", "end"), [(20, WELL), (19, FAILED), (None, WELL)])
    def test_exactly_the_limit_is_allowed(self, limit, end, world):
        world("bgggg" * 5)
        assert end_of(finish(a_run(limit))) == end

    @pytest.mark.parametrize(
        ("rows", "end", "read"),
        [("b" * 19, WELL, 19), ("b" * 20, FAILED, 20), ("g" * 20 + "b" * 3, FAILED, 23)],
    )
    def test_the_last_rows_count_and_few_rows_do_not(self, rows, end, read, world):
        world(rows)
        run = finish(a_run(10))
        assert (end_of(run), run.read_count) == (end, read)

    def test_what_clevertap_refuses_counts_as_well(self, world):
        clevertap = world("g" * 60)
        bad = tuple(RecordVerdict(at, 515, "No.") for at in range(EACH))
        clevertap.answers = [Answer(0, bad, 3)] * 5
        run = finish(a_run(90))
        assert end_of(run) == FAILED
        assert run.read_count < 60

    def test_a_replay_is_not_judged(self, world):
        world("b" * 25)
        run = finish(a_run(None))
        Import.objects.update(refused_limit=1)
        replay = again(run)
        assert replay.snapshot["refused_limit"] == 1
        assert (end_of(finish(replay)), replay.rows_total) == (WELL, 25)

    def test_goes_by_what_the_import_said_at_its_start(self):
        parent = ImportFactory(refused_limit=7)
        by = UserFactory(creator=True)
        run = runs.start_run(parent=parent, by=by, now=timezone.now())
        Import.objects.update(refused_limit=None)
        assert Run.objects.get(pk=run.pk).snapshot["refused_limit"] == 7


class TestShards:
    pytestmark = pytest.mark.django_db

    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch):
        """Each owner is told at once what all have counted."""
        monkeypatch.setattr("imports.models.shard.MOVE_SECONDS", 0.0)
        monkeypatch.setattr(threshold, "LOOK_SECONDS", 0.0)
        monkeypatch.setattr(Share, "_entitled", lambda share: (5, 5))

    def ended(self, run, settings):
        settings.RUN_CUT_ROWS = 20
        assert execute_run(run_id=run.pk) == 0
        for shard in run.shards.order_by("number"):
            execute_run(run_id=shard.pk)
        run.refresh_from_db()
        return run

    @pytest.mark.parametrize(
        ("rows", "read"), [("b" * 20 + "g" * 40, 20), ("g" * 20 + "b" * 40, 35)]
    )
    def test_the_sum_of_all_is_judged(self, rows, read, world, settings):
        clevertap = world(rows)
        run = self.ended(a_run(30), settings)
        assert (end_of(run), run.shard_count) == (FAILED, 3)
        assert read <= run.read_count <= read + EACH
        assert run.accepted_count == sent(clevertap)
        assert Shard.objects.aggregate(held=Sum("read_count"))["held"] == 0

    def test_the_last_rows_count_and_the_limit_is_allowed(self, world, settings):
        for rows, end in (("g" * 54 + "b" * 6, WELL), ("g" * 53 + "b" * 7, FAILED)):
            world(rows)
            run = self.ended(a_run(10), settings)
            assert (end_of(run), run.read_count) == (end, 60)


class TestJudging:
    @pytest.mark.parametrize(
        "run",
        [
            plain(1, 999, 999),
            plain(20, 1_000, 200),
            plain(None, 5_000, 5_000),
            plain(1, 5_000, 5_000, source=Run.Source.HELD),
            Run(snapshot={}, read_count=5_000, refused_count=5_000),
        ],
    )
    def test_lets_it_go_on(self, run):
        judge_whole(run)
        Threshold.of(Grip(run)).judge()

    def test_begins_with_what_owners_before_have_recorded(self):
        found = Threshold.of(Grip(plain(20, 999, 200)))
        found.judge()
        found.count(read=1, refused=1)
        with pytest.raises(TooManyRefused, match=r"1,000 rows: 201 of them, 20\.10 %,"):
            found.judge()

    def test_says_a_share_that_is_above_the_limit(self):
        with pytest.raises(TooManyRefused, match=r"200,001 of them, 20\.01 %, .* the 20 % "):
            judge_whole(plain(20, 1_000_000, 200_001))

    @pytest.mark.django_db
    def test_costs_a_shard_one_look_in_half_a_second(self, django_assert_num_queries):
        found = Threshold.of(Grip(a_run(20), Shard()))
        with django_assert_num_queries(1):
            found.judge()
            found.judge()
