"""Answers that are there and the intents that follow them: one transaction, and what it keeps."""

from dataclasses import replace

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.clevertap import Answer, RecordVerdict
from imports.mapping import Made, Refusal
from imports.models import Batch, Run, Shard
from imports.runner import leaving
from imports.runner.delivery import Answered, Delivery, ReplayDiffers
from imports.runner.edge import Edge
from imports.runner.grip import Grip, Lost, StopAsked
from imports.runner.parcels import whole_of
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db


def parcel(first_row, rows=3):
    records = [b'{"identity":"c%d"}' % row for row in range(first_row, first_row + rows)]
    made = Made(records, list(range(first_row, first_row + rows)), [])
    return whole_of(made, first_row=first_row, end_row=first_row + rows)


@pytest.fixture(params=["run", "shard"])
def work(request):
    """Claimed: rows 0 up to 30."""
    run = RunFactory(rows_total=30, job_state=Run.JobState.DONE)
    assert run.claim(owner="w1")
    if request.param == "run":
        return Grip(run)
    assert run.cut([(0, 30)])
    shard = Shard.objects.get()
    assert shard.claim(owner="w1")
    shard.run = run
    return Grip(run, shard)


@pytest.fixture
def sent(work):
    """A delivery whose first three rows are under way, and their answer, which is there."""
    delivery, first = Delivery.of(work, Edge(work.run)), parcel(0)
    (batch,) = delivery.intend_all([first])
    yield delivery, [Answered(first, batch, Answer(3, (), 7))]
    leaving.forget()


def counted(work, *names):
    """What the run says, and what its shard has not told it yet."""
    work.run.refresh_from_db()
    work.work.refresh_from_db()
    of_shard = work.shard is not None
    return [
        getattr(work.run, name) + (getattr(work.shard, name) if of_shard else 0) for name in names
    ]


def states():
    return dict(Batch.objects.values_list("first_row", "state"))


def test_both_are_written_with_one_update_of_the_run(work, sent):
    delivery, answered = sent
    with CaptureQueriesContext(connection) as seen:
        delivery.record_and_intend(answered, [parcel(3), parcel(6)])
    table = work.work._meta.db_table
    assert sum(one["sql"].count(f"UPDATE {table} SET") for one in seen) == 1
    assert states() == {0: "answered", 3: "sending", 6: "sending"}
    assert counted(work, "read_count", "accepted_count", "request_count") == [3, 3, 3]
    assert work.work.next_row == delivery.position.next_row == 3
    work.work.refresh_from_db()
    assert work.work.next_row == 3


@pytest.mark.skipif(connection.vendor == "sqlite", reason="It writes them one by one.")
def test_they_are_one_statement(work, sent):
    delivery, answered = sent
    with CaptureQueriesContext(connection) as seen:
        delivery.record_and_intend(answered, [parcel(3), parcel(6)])
        delivery.record_answers([Answered(parcel(3), delivery._open[3], Answer(3, (), 7))])
    assert len(seen) == 2


def test_refused_rows_are_kept_with_both(work, sent):
    delivery, answered = sent
    verdict = RecordVerdict(1, 515, "The e-mail is invalid.")
    answered = [replace(answered[0], answer=Answer(2, (verdict,), 7))]
    refusal = Refusal(5, "c5", "identity_missing", "customer_id", "There is no identity.", {})
    delivery.record_and_intend(answered, [replace(parcel(3), refusals=(refusal,))])
    assert states() == {0: "answered", 3: "sending"}
    assert list(work.run.refused_rows.values_list("row_number", flat=True)) == [1, 5]


def test_text_is_written_as_it_is(work):
    text = 'a"b\\c,{d} NULL'
    batch = Batch.intent(
        run_id=work.run.pk, first_row=0, end_row=3, record_count=3, skipped_count=0, sha256=text
    )
    Batch.objects.intend_all([batch])
    assert Batch.objects.get().sha256 == text


def test_without_answers_it_is_the_intents_alone(work, sent):
    delivery, _ = sent
    delivery.record_and_intend([], [parcel(3)])
    assert states() == {0: "sending", 3: "sending"}


@pytest.mark.parametrize("why", ["stop", "leave"])
def test_an_answer_is_recorded_though_no_intent_may_be(work, sent, why):
    delivery, answered = sent
    if why == "stop":
        Run.objects.update(stop_requested_at=timezone.now())
    else:
        leaving.ask()
    with pytest.raises(StopAsked if why == "stop" else leaving.Leave):
        delivery.record_and_intend(answered, [parcel(3)])
    assert states() == {0: "answered"}
    assert counted(work, "accepted_count", "request_count") == [3, 1], "the second is not sent"


def test_an_answer_is_recorded_though_the_next_rows_have_changed(work, sent):
    delivery, answered = sent
    delivery.intend_all([parcel(3)])
    changed = parcel(3, rows=2)
    with pytest.raises(ReplayDiffers):
        delivery.record_and_intend(answered, [changed])
    assert states() == {0: "answered", 3: "sending"}
    assert Batch.objects.get(first_row=3).attempts == 1


def test_who_lost_the_work_writes_neither(work, sent):
    delivery, answered = sent
    type(work.work).objects.update(fence=work.work.fence + 1)
    with pytest.raises(Lost):
        delivery.record_and_intend(answered, [parcel(3)])
    assert states() == {0: "sending"}
    assert counted(work, "read_count") == [delivery.position.next_row] == [0]


def test_who_lost_the_work_withdraws_nothing(work, sent):
    """The next owner has taken the intent over, and may be sending it."""
    delivery, answered = sent
    type(work.work).objects.update(fence=work.work.fence + 1)
    with pytest.raises(Lost):
        delivery.withdraw(answered[0].parcel)
    assert states() == {0: "sending"}


def test_a_lease_is_extended_with_both(work, sent):
    delivery, answered = sent
    type(work.work).objects.update(lease_until=timezone.now())
    delivery.record_and_intend(answered, [parcel(3)])
    work.work.refresh_from_db()
    assert work.work.lease_until > timezone.now()


class TestTheUpdateOfTheOwner:
    """Put together by us or by Django, it says the same."""

    @pytest.mark.parametrize("retry_count", [F("retry_count") + 2, Coalesce("retry_count", 0) + 2])
    def test_values_and_sums_are_written(self, retry_count):
        run = RunFactory()
        run.claim(owner="w1")
        assert run.extend_lease(retry_count=retry_count, next_row=7, trouble_code="x")
        assert run.record(retry_count=retry_count, drift={"added": ["a"]})
        found = Run.objects.get()
        assert (found.retry_count, found.next_row, found.trouble_code) == (4, 7, "x")
        assert (found.drift, run.drift, run.next_row) == ({"added": ["a"]}, {"added": ["a"]}, 7)
        assert found.lease_until > timezone.now()

    @pytest.mark.parametrize("change", ["stop", "fence", "state"])
    def test_nothing_is_written_where_it_is_not_to_be(self, change):
        run = RunFactory()
        run.claim(owner="w1")
        values = {
            "stop": {"stop_requested_at": timezone.now()},
            "fence": {"fence": 9},
            "state": {"state": Run.State.STOPPED, "finished_at": timezone.now()},
        }
        Run.objects.update(**values[change])
        assert not run.extend_lease(next_row=7)
        assert run.record(next_row=8) == (change == "stop"), "a stop lets answers be written"
        assert Run.objects.get().next_row == (8 if change == "stop" else 0)
        assert run.next_row == (8 if change == "stop" else 0)


def test_what_is_written_in_statements_of_ours_is_what_the_model_holds(work):
    """Each column has its own value, and the rest are the model's defaults."""
    delivery = Delivery.of(work, Edge(work.run))
    first = parcel(0)
    second = replace(parcel(3), skipped=(5,), records=[b"a", b"b"], row_numbers=[3, 4])
    batches = delivery.intend_all([first, second])
    assert values_of(Batch.objects.order_by("first_row")) == values_of(batches)
    by_name = Batch(run=work.run, first_row=0, end_row=3, record_count=3, sha256=first.sha256)
    by_name.id, by_name.sent_at = batches[0].id, batches[0].sent_at
    assert values_of([by_name]) == values_of(batches[:1])
    answers = [
        Answered(first, batches[0], Answer(3, (), 7)),
        Answered(second, batches[1], Answer(2, (), 9)),
    ]
    delivery.record_answers(answers)
    assert values_of(Batch.objects.order_by("first_row")) == values_of(batches)
    assert [(one.milliseconds, one.skipped_count) for one in batches] == [(7, 0), (9, 1)]


def values_of(batches):
    names = [field.attname for field in Batch._meta.concrete_fields]
    return [[getattr(batch, name) for name in names] for batch in batches]
