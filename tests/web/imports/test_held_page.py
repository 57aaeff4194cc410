"""Unknown outcomes of a run: seen by all, decided by Creators and Admins."""

import pytest

from imports.models import Run
from tests.factories import RunFactory
from tests.refused import hold

SUMS = {"read_count": 4, "accepted_count": 0, "unknown_count": 4}


@pytest.fixture
def run(db):
    run = RunFactory(succeeded=True, **SUMS)
    hold(run, 0, b'{"identity":"canary-1"}', b'{"identity":"canary-2"}')
    hold(run, 2, b'{"identity":"canary-3"}', b'{"identity":"canary-4"}')
    return run


def url(run, rest=""):
    return f"{run.get_absolute_url()}held/{rest}"


def text(client, address):
    return " ".join(client.get(address).content.decode().split())


def first(run):
    return run.batches.order_by("first_row").first()


def decide(client, run, decision, *batches):
    data = {"decision": decision, "batch": [str(batch) for batch in batches]}
    return client.post(url(run, "decide/"), data, follow=True)


def test_the_run_says_that_rows_are_in_doubt_and_leads_there(as_member, run):
    page = text(as_member, run.get_absolute_url())
    assert "Rows are in doubt" in page
    assert url(run) in page


def test_shows_batches_and_no_contents_whoever_looks(as_member, as_creator, run):
    for client in (as_member, as_creator):
        page = text(client, url(run))
        assert "<strong>4</strong> rows of this run count as unknown." in page
        assert "canary" not in page
    assert "Send again" in page


def test_a_member_may_not_decide(as_member, run):
    assert "Count as accepted" not in text(as_member, url(run))
    assert decide(as_member, run, "accepted", first(run).pk).status_code == 403


def test_counts_a_batch_and_says_who_said_so(as_creator, run):
    page = " ".join(decide(as_creator, run, "accepted", first(run).pk).content.decode().split())
    run.refresh_from_db()
    assert (run.accepted_count, run.unknown_count) == (2, 2)
    assert "The chosen batches are counted as accepted." in page
    assert "by creator@shop.example" in page


def test_sends_again_in_a_run_of_its_own_and_shows_it(as_creator, run, bells):
    answer = decide(as_creator, run, "resent", *run.batches.values_list("pk", flat=True))
    resent = Run.objects.get(replay_of=run)
    assert answer.redirect_chain[-1][0] == resent.get_absolute_url()
    assert resent.rows_total == 4
    assert "Sent again" in text(as_creator, url(run))


@pytest.mark.parametrize(
    ("decision", "batches", "says"),
    [
        ("", ["x"], "Choose what is to become of the batches."),
        ("moon", ["x"], "Choose what is to become of the batches."),
        ("accepted", [], "Choose at least one batch"),
        ("accepted", ["x", "7"], "Choose at least one batch"),
    ],
)
def test_says_what_is_missing(decision, batches, says, as_creator, run):
    assert says in decide(as_creator, run, decision, *batches).content.decode()
    run.refresh_from_db()
    assert run.unknown_count == 4


def test_waits_for_the_end_of_the_run(as_creator, db):
    run = RunFactory(**SUMS)
    hold(run, 0, *[b"{}"] * 4)
    assert "Decide once it has ended." in text(as_creator, url(run))
    assert "still at work" in decide(as_creator, run, "accepted", first(run).pk).content.decode()


def test_of_a_run_without_doubt_says_so(as_member, db):
    assert "No outcome is unknown" in text(as_member, url(RunFactory(succeeded=True)))
