"""Answers in any order, failures and deaths at any moment: the sums agree, and each row
arrives once unless its outcome was unknown. Each seed is another world.
"""

import json
import os
import random
from collections import Counter
from concurrent.futures import Executor
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.clevertap import (
    Answer,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
    RecordVerdict,
)
from imports.models import Batch, Run, Shard
from imports.runner import (
    delivery,
    execute,
    execute_run,
    pace,
    ranges,
    readers,
    sending,
    share,
    window,
)
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery

pytestmark = pytest.mark.django_db

ROWS, PEOPLE, RANGE = 90, 41, 5
# More for a night: each seed is another order.
SEEDS = int(os.environ.get("ANY_ORDER_SEEDS") or 5)
CULPRIT = "malformed@shop.example"
REFUSED = "refused@shop.example"


class Killed(BaseException):
    """The process is gone: nothing is caught, nothing is written."""


class AnyOrder(Executor):
    """Keeps what it is given; does some of it, in any order, when the owner looks."""

    def __init__(self, dice):
        self.dice, self.waiting = dice, []

    def submit(self, work, /, *arguments):
        self.waiting.append((work, arguments))

    def perform(self, *, at_least):
        for _ in range(max(at_least, self.dice.choice((0, 0, 1, 3)))):
            if self.waiting:
                work, arguments = self.waiting.pop(self.dice.randrange(len(self.waiting)))
                work(*arguments)

    def shutdown(self, wait=True, **_):
        self.waiting.clear()  # after a death nobody performs them


class Sink:
    """A CleverTap that stores, refuses, forgets to answer, and kills its sender."""

    def __init__(self, dice, deadly):
        self.dice, self.deadly = dice, deadly
        self.stored, self.unanswered = [], Counter()
        self.meanwhile = lambda: None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def upload(self, body, *, count, run, batch):
        self.meanwhile()
        records = json.loads(body := b"".join(body))["d"]
        chance = self.dice.random()
        if chance < 0.05:
            raise CleverTapUnavailable(self.dice.choice((Reason.TOO_MANY_REQUESTS, Reason.BUSY)))
        if chance < 0.07:
            raise CleverTapOutcomeUnknown(Reason.TIMED_OUT)  # and it was not stored
        if any(one["profileData"].get("Email") == CULPRIT for one in records):
            raise CleverTapRefused(Reason.MALFORMED)
        bad = [at for at, one in enumerate(records) if one["profileData"].get("Email") == REFUSED]
        self.stored.append([one for at, one in enumerate(records) if at not in bad])
        if chance < 0.12:
            self.unanswered[body] += 1
            raise CleverTapOutcomeUnknown(Reason.CONNECTION_LOST)
        if chance < 0.12 + self.deadly:
            self.unanswered[body] += 1
            raise Killed
        verdicts = tuple(RecordVerdict(at, 515, "The e-mail is invalid.") for at in bad)
        return Answer(len(records) - len(bad), verdicts, 3)


@pytest.fixture
def world(monkeypatch):
    def build(seed, *, deadly=0.02):
        dice = random.Random(seed)
        rows = [[f"p{dice.randrange(PEOPLE)}", f"{number}@shop.example"] for number in range(ROWS)]
        for row in dice.sample(rows, 12):
            row[dice.randrange(2)] = None
        for row, email in zip(dice.sample(rows, 6), (CULPRIT, REFUSED) * 3, strict=True):
            row[0], row[1] = row[0] or "p0", email
        sink = Sink(dice, deadly)
        monkeypatch.setattr(ranges, "RANGE_ROWS", RANGE)
        monkeypatch.setattr(readers, "PAGE_ROWS", dice.choice((3, 7, 1_000)))
        monkeypatch.setattr(sending, "TOGETHER", dice.choice((1, 3, 15)))
        monkeypatch.setattr(pace, "SHORTEST_SECONDS", 0.0)
        monkeypatch.setattr(pace, "FIRST_SECONDS", 0.0)
        monkeypatch.setattr(execute, "SLICE_SECONDS", dice.choice((0.0, 0.05, 9.0)))
        monkeypatch.setattr(execute, "Threads", lambda size: AnyOrder(dice))
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: FakeBigQuery(rows))
        monkeypatch.setattr(execute, "open_clevertap", lambda account: sink)
        performing(monkeypatch)
        dying(monkeypatch, dice, deadly)
        return rows, sink

    return build


def performing(monkeypatch):
    inner = window.Window.landed

    def landed(self, *, seconds=0.0):
        self._pool.perform(at_least=int(seconds > 0))
        return inner(self)

    monkeypatch.setattr(window.Window, "landed", landed)


def dying(monkeypatch, dice, deadly):
    """Before and after each record of the owner, committed or not."""
    for name in (
        *("intend_all", "record_and_intend", "record_answers", "withdraw"),
        *("_counts", "_write_answers", "_write_intents", "_are_recorded", "_are_open"),
    ):
        inner = getattr(delivery.Delivery, name)

        def risky(self, *arguments, _inner=inner, **named):
            if dice.random() < deadly / 4:
                raise Killed
            answer = _inner(self, *arguments, **named)
            if dice.random() < deadly / 4:
                raise Killed
            return answer

        monkeypatch.setattr(delivery.Delivery, name, risky)


def finish(run, check):
    """Ring, and let others take over, until the run is final."""
    deaths = 0
    for _ in range(2_000):
        Run.objects.update(not_before=None, lease_until=None)
        try:
            if execute_run(run_id=run.pk) is None:
                break
        except Killed:
            deaths += 1
        check(run)
    run.refresh_from_db()
    return deaths


def sums_agree(run):
    """The run's counts are those of its recorded batches, and nothing before its position is open."""
    run.refresh_from_db()
    recorded = list(run.batches.recorded())
    assert run.read_count == sum(one.end_row - one.first_row for one in recorded)
    assert run.accepted_count == sum(one.accepted_count for one in recorded)
    assert not run.batches.open().filter(first_row__lt=run.next_row).exists()
    covered = sum(max(0, one.end_row - one.first_row) for one in recorded
                  if one.end_row <= run.next_row)  # fmt: skip
    assert covered == run.next_row, "there is a gap before the position"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_row_is_accounted_for_once(world, seed):
    rows, _ = world(seed)
    run = RunFactory()

    finish(run, sums_agree)

    assert run.state == Run.State.SUCCEEDED, (run.failure_code, run.failure_sentence)
    assert run.read_count == run.next_row == ROWS
    assert run.read_count == run.accepted_count + run.refused_count + run.unknown_count
    kept = set(run.refused_rows.values_list("row_number", flat=True))
    bad = {at for at, row in enumerate(rows) if None in row[:1] or row[1] in (CULPRIT, REFUSED)}
    assert kept == bad
    ends = sorted(run.batches.values_list("first_row", "end_row"))
    assert [first for first, _ in ends] == [0, *(end for _, end in ends[:-1])], "gapless"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_row_arrives_twice_only_if_its_answer_was_lost(world, seed):
    _, sink = world(seed + 1_000)
    run = RunFactory()
    deaths = finish(run, lambda run: None)

    copies = Counter(json.dumps(batch) for batch in sink.stored if batch)
    again = sum(count - 1 for count in copies.values())
    # Those that died between the answer and its record, at most a share of them each time.
    assert again <= sink.unanswered.total() + deaths * 15
    if not deaths:
        assert again <= sink.unanswered.total()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_without_deaths_only_lost_answers_are_sent_again(world, seed):
    _, sink = world(seed + 2_000, deadly=0.0)
    run = RunFactory()
    assert finish(run, sums_agree) == 0
    copies = Counter(json.dumps(batch) for batch in sink.stored if batch)
    assert sum(count - 1 for count in copies.values()) <= sink.unanswered.total()
    assert not Batch.objects.open().exists()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_person_ends_as_in_the_last_row_of_theirs(world, seed):
    rows, sink = world(seed + 3_000)
    finish(RunFactory(), lambda run: None)

    expected, found = {}, {}
    for identity, email in rows:
        if identity is not None and email not in (CULPRIT, REFUSED, None):
            expected[identity] = email
    for batch in sink.stored:
        for record in batch:
            email = record["profileData"].get("Email")
            found |= {record["identity"]: email} if email else {}
    assert found == expected


class Workers:
    """Several owners of one run: while one waits for an answer, others take what they find."""

    def __init__(self, dice, run):
        self.dice, self.run, self.deaths, self.depth = dice, run, 0, 0

    def work(self):
        """One slice of somebody, of what the dice say."""
        works = [self.run.pk, *Shard.objects.order_by("number").values_list("pk", flat=True)]
        self.depth += 1
        try:
            execute_run(run_id=self.dice.choice(works))
        except Killed:
            self.deaths += 1
        finally:
            self.depth -= 1

    def meanwhile(self):
        if self.depth < 3 and self.dice.random() < 0.3:
            self.work()

    def finish(self):
        for _ in range(2_000):
            Run.objects.update(not_before=None, lease_until=None)
            Shard.objects.update(not_before=None, lease_until=None)
            self.work()
            sums_of_shards_agree(self.run)
            if self.run.is_final:
                return
        raise AssertionError("the run did not end")


def sums_of_shards_agree(run):
    """Run and shards count what the batches have recorded; each shard's position is its own."""
    run.refresh_from_db()
    recorded, shards = list(run.batches.recorded()), list(run.shards.all())
    counting = [run] if run.is_final else [run, *shards]  # in the end the run has it all
    assert sum(one.read_count for one in counting) == sum(
        one.end_row - one.first_row for one in recorded
    )
    assert sum(one.accepted_count for one in counting) == sum(
        one.accepted_count for one in recorded
    )
    for shard in shards:
        done = [one for one in shard.batches.recorded() if one.end_row <= shard.next_row]
        covered = sum(one.end_row - one.first_row for one in done)
        assert covered == shard.next_row - shard.first_row, "there is a gap before the position"


@pytest.fixture
def in_shards(world, monkeypatch, settings):
    def build(seed, **about):
        settings.RUN_CUT_ROWS, settings.RUN_SHARDS = 10, 4
        # Owners in one thread: nobody could give slots back while another waits for them.
        monkeypatch.setattr(share.Share, "_entitled", lambda _: (3, 3))
        rows, sink = world(seed, **about)
        monkeypatch.setattr(execute, "SHARD_SLICE_SECONDS", sink.dice.choice((0.0, 0.05, 9.0)))
        workers = Workers(sink.dice, RunFactory())
        sink.meanwhile = workers.meanwhile
        return rows, sink, workers

    return build


@pytest.mark.parametrize("seed", range(SEEDS))
def test_several_workers_account_for_every_row_once(in_shards, seed):
    rows, sink, workers = in_shards(seed + 4_000)
    workers.finish()
    run = workers.run
    assert run.state == Run.State.SUCCEEDED, (run.failure_code, run.failure_sentence)
    assert (run.read_count, run.next_row, run.shard_count) == (ROWS, ROWS, 4)
    bad = {at for at, row in enumerate(rows) if None in row[:1] or row[1] in (CULPRIT, REFUSED)}
    assert set(run.refused_rows.values_list("row_number", flat=True)) == bad
    ends = sorted(run.batches.values_list("first_row", "end_row"))
    assert [first for first, _ in ends] == [0, *(end for _, end in ends[:-1])], "gapless"
    copies = Counter(json.dumps(batch) for batch in sink.stored if batch)
    again = sum(count - 1 for count in copies.values())
    assert again <= sink.unanswered.total() + workers.deaths * 15


@pytest.mark.parametrize("seed", range(SEEDS))
def test_several_workers_stop_together(in_shards, monkeypatch, seed):
    _, sink, workers = in_shards(seed + 5_000)
    ends, finish = [], Run.finish

    def last(self, state, **values):
        ends.append(len(sink.stored))
        return finish(self, state, **values)

    monkeypatch.setattr(Run, "finish", last)
    sink.meanwhile = lambda: None  # so that the run is not over before the stop
    for _ in range(3):
        workers.work()
    Run.objects.update(stop_requested_at=timezone.now())
    begun = len(sink.stored)
    workers.finish()
    run = workers.run
    assert run.state == Run.State.STOPPED
    assert len(sink.stored) == begun == ends[-1], "something was sent after the stop"
    assert not run.batches.open().exists()
    sums_of_shards_agree(run)


@pytest.fixture
def intents(monkeypatch):
    """Grows with each commit of intents; what was committed together leaves together."""
    committed, are_open = [], delivery.Delivery._are_open

    def noted(self, batches):
        committed.append(len(batches))
        are_open(self, batches)

    monkeypatch.setattr(delivery.Delivery, "_are_open", noted)
    return committed


def test_a_stop_records_what_is_under_way_and_begins_nothing(world, monkeypatch, intents):
    _, sink = world(5, deadly=0.0)
    run = RunFactory()
    seen = []
    start = window.Window.start

    def stop_at_the_fifth(self, flight):
        start(self, flight)
        seen.append(flight.parcel.first_row)
        if len(seen) == 5:
            Run.objects.update(stop_requested_at=timezone.now())
            seen.append(len(intents))

    monkeypatch.setattr(window.Window, "start", stop_at_the_fifth)
    finish(run, lambda run: None)
    assert (run.state, seen[5]) == (Run.State.STOPPED, len(intents))
    assert run.unknown_count <= sum(map(len, sink.stored))
    assert not run.batches.open().exists()


def test_an_owner_that_lost_the_run_writes_nothing_of_what_is_under_way(
    world, monkeypatch, intents
):
    world(8, deadly=0.0)
    run = RunFactory()
    start, seen = window.Window.start, []

    def taken_over_at_the_fifth(self, flight):
        start(self, flight)
        seen.append(flight)
        if len(seen) == 5:
            Run.objects.update(fence=99, lease_until=timezone.now() + timedelta(hours=1))
            seen.append(Run.objects.values("read_count", "next_row", "accepted_count").get())
            seen.append(len(intents))

    monkeypatch.setattr(window.Window, "start", taken_over_at_the_fifth)
    execute_run(run_id=run.pk)
    assert seen[6] == len(intents), "something was begun after it"
    assert Run.objects.values("read_count", "next_row", "accepted_count").get() == seen[5]
    assert Batch.objects.open().exists(), "what was under way stays open for the next owner"
