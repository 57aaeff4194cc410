"""The last runs of each import in Import center: in words too, and in one query for the page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.services.strips import strips_of
from tests.factories import ImportFactory
from tests.web.imports.stats_page import CENTER, a_run

pytestmark = pytest.mark.django_db


def ago(**time):
    return timezone.now() - timedelta(**time)


def test_each_import_has_its_own_ten_newest(django_assert_num_queries):
    busy, quiet, never = ImportFactory(), ImportFactory(), ImportFactory()
    for hour in range(12):
        a_run(busy, ago(hours=hour), accepted=hour + 1, refused=1)
    a_run(quiet, ago(days=40), accepted=3)
    with django_assert_num_queries(1):
        strips = strips_of([busy.pk, quiet.pk, never.pk])
    assert [placed.mark.words for placed in strips[busy.pk].marks][::9] == ["90.91 %", "50.00 %"]
    assert len(strips[busy.pk].marks) == 10
    assert strips[quiet.pk].words == "One run: 100 %"
    assert strips[never.pk].words == "No runs yet"


@pytest.mark.parametrize(
    ("run", "state", "words"),
    [
        ({"accepted": 5}, "green", "100 %"),
        ({"accepted": 5, "refused": 1}, "yellow", "83.33 %"),
        ({"accepted": 1, "refused": 5}, "red", "16.67 %"),
        ({}, "none", "Nothing new"),
        ({"state": "failed", "failure_code": "token_rejected"}, "failed", "Could not connect"),
        ({"state": "failed", "accepted": 5}, "failed", "Failed"),
        ({"state": "stopped", "accepted": 5}, "stopped", "Stopped"),
        ({"state": "queued"}, "running", "Queued"),
    ],
)
def test_no_two_fates_look_the_same(run, state, words):
    subject = ImportFactory()
    a_run(subject, ago(hours=1), **run)
    (placed,) = strips_of([subject.pk])[subject.pk].marks
    assert (placed.mark.state, placed.mark.words) == (state, words)


def test_an_import_that_never_ran_has_none_on_the_page(as_member):
    ImportFactory()
    assert "health-strip" not in as_member.get(CENTER).content.decode()


def test_says_it_in_words_on_the_page(as_member):
    subject = ImportFactory()
    a_run(subject, ago(hours=2), accepted=5)
    a_run(subject, ago(hours=1))
    text = as_member.get(CENTER).content.decode()
    assert 'aria-label="Last 2 runs: Nothing new, 100 %. The newest: Nothing new"' in text


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_of_a_single_run_there_is_no_lone_dot(state, as_member):
    subject = ImportFactory()
    a_run(subject, ago(hours=1), state=state)
    assert "health-strip" not in as_member.get(CENTER).content.decode()
    a_run(subject, ago(hours=2), accepted=5)
    assert "health-strip" in as_member.get(CENTER).content.decode()
