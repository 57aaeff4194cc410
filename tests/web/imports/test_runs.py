"""Run pages: start, watch, stop, and what each role may see."""

import pytest
from django.utils import timezone

from imports.models import Run
from tests.factories import ImportFactory, RunFactory

CENTER = "/settings/partners/import-center/"


@pytest.fixture
def run(db):
    return RunFactory()


def page(run):
    return f"{CENTER}runs/{run.pk}/"


def test_starts_a_run_and_shows_it(as_creator, bells):
    parent = ImportFactory()
    answer = as_creator.post(f"{CENTER}{parent.pk}/run/")
    assert answer.url == Run.objects.get().get_absolute_url()


def test_says_why_a_run_cannot_start(as_creator, run, bells):
    answer = as_creator.post(f"{CENTER}{run.parent.pk}/run/", follow=True)
    assert "is already at work" in answer.content.decode()


def test_stops_a_queued_run(as_creator, run, bells):
    as_creator.post(f"{page(run)}stop/")
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED


def test_says_that_a_run_had_ended_already(as_creator, bells):
    ended = RunFactory(succeeded=True)
    answer = as_creator.post(f"{page(ended)}stop/", follow=True)
    assert "There is nothing to stop." in answer.content.decode()


@pytest.mark.parametrize("action", ["stop/"])
def test_a_member_may_look_but_not_stop(action, as_member, run):
    assert as_member.get(page(run)).status_code == 200
    assert as_member.post(f"{page(run)}{action}").status_code == 403
    run.refresh_from_db()
    assert run.state == Run.State.QUEUED


def test_polls_while_it_is_at_work_and_not_when_it_has_ended(as_member, run):
    assert "data-poll" in as_member.get(f"{page(run)}progress/").content.decode()
    Run.objects.update(state="stopped", finished_at=timezone.now())
    assert "data-poll" not in as_member.get(f"{page(run)}progress/").content.decode()


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        ({"state": "succeeded", "read_count": 2, "accepted_count": 2}, "Succeeded"),
        (
            {"state": "succeeded", "read_count": 2, "accepted_count": 1, "refused_count": 1},
            "Partly",
        ),
        ({"state": "succeeded"}, "Nothing new"),
        ({"state": "failed", "failure_code": "credentials"}, "Could not connect"),
        ({"state": "failed", "failure_code": "sums"}, "Failed"),
    ],
)
def test_nothing_new_and_could_not_connect_are_never_the_same_blank(counts, word, as_member):
    run = RunFactory(finished_at=timezone.now(), **counts)
    assert word in as_member.get(page(run)).content.decode()


def test_lists_every_import_with_its_last_outcome(as_member, run):
    text = as_member.get(CENTER).content.decode()
    assert run.parent.nickname in text
    assert "Queued" in text


def test_an_unknown_run_is_not_found(as_member, db):
    missing = Run._meta.get_field("id").default()
    assert as_member.get(f"{CENTER}runs/{missing}/").status_code == 404


def test_nobody_is_sent_to_sign_in(anonymous, run):
    assert "/sign-in/" in anonymous.get(page(run)).url
