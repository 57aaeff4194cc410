"""The outcomes that a list can be narrowed to are the words that the badges say."""

import itertools

import pytest
from django.utils import timezone

from imports.models import Run
from imports.outcomes import ENDINGS
from imports.progress import COULD_NOT_CONNECT, outcome_of
from tests.factories import ImportFactory, RunFactory

pytestmark = pytest.mark.django_db

COUNTS = [(0, 0, 0, 0), (5, 0, 0, 0), (4, 1, 0, 0), (4, 0, 0, 1), (4, 0, 1, 0), (0, 5, 0, 0)]
CODES = ["", "query_invalid", "schema_changed", *sorted(COULD_NOT_CONNECT)[:2]]


@pytest.fixture
def runs():
    """Every kind of run: each state, with each kind of counts and of failure."""
    parent = ImportFactory()
    kinds = [*itertools.product(Run.State.final(), COUNTS, CODES), ("running", COUNTS[2], "")]
    made = [_unsaved(parent, *kind) for kind in kinds]
    return Run.objects.bulk_create(made)


def _unsaved(parent, state, counts, code):
    accepted, refused, skipped, unknown = counts
    return RunFactory.build(
        parent=parent,
        connection=parent.connection,
        requested_by=None,
        state=state,
        finished_at=None if state == "running" else timezone.now(),
        failure_code=code if state == "failed" else "",
        read_count=sum(counts),
        accepted_count=accepted,
        refused_count=refused,
        skipped_count=skipped,
        unknown_count=unknown,
    )


def test_every_run_is_exactly_one_of_them(runs):
    found = [Run.objects.filter(ending.condition).count() for ending in ENDINGS]
    assert sum(found) == len(runs)
    assert all(found)


@pytest.mark.parametrize("ending", ENDINGS[:-1], ids=lambda ending: ending.value)
def test_each_finds_what_its_badge_says_and_nothing_else(ending, runs):
    found = set(Run.objects.filter(ending.condition))
    assert found == {run for run in runs if run.is_final and outcome_of(run).word == ending.word}


def test_what_is_at_work_is_found_whatever_its_badge_says(runs):
    assert {run.state for run in Run.objects.filter(ENDINGS[-1].condition)} == {"running"}
