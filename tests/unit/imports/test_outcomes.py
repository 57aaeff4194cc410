"""The outcomes that a list can be narrowed to are the words that the badges say."""

import itertools

import pytest
from django.utils import timezone

from imports.endings import ending_of
from imports.models import Run
from imports.outcomes import ENDINGS
from imports.progress import COULD_NOT_CONNECT, health_of, outcome_of, span_of
from tests.factories import ImportFactory, RunFactory

pytestmark = pytest.mark.django_db

COUNTS = [
    (0, 0, 0, 0),
    (5, 0, 0, 0),
    (4, 1, 0, 0),
    (4, 0, 0, 1),
    (4, 0, 1, 0),
    (0, 5, 0, 0),
    (0, 0, 5, 0),
]
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


class TestSkipped:
    def made(self, *counts, **more):
        run = _unsaved(ImportFactory(), "succeeded", counts, "")
        for name, value in more.items():
            setattr(run, name, value)
        return run

    def test_rows_that_were_sent_before_are_nothing_new_and_no_fault(self):
        run = self.made(0, 0, 5, 0)
        assert outcome_of(run).word == "Nothing new"
        assert health_of(run).state == "none"
        assert ending_of(run).text.startswith(
            "No row was added or changed. 5 rows were sent before, so were skipped."
        )

    def test_they_do_not_lower_the_health_of_the_others(self):
        run = self.made(5, 0, 95, 0)
        assert (outcome_of(run).word, health_of(run).word) == ("Succeeded", "100 %")
        assert "95 rows were sent before" in ending_of(run).text

    @pytest.mark.parametrize(
        ("ahead", "said"),
        [(1, "1 row in the future waits"), (1_200, "1,200 rows in the future wait")],
    )
    def test_rows_in_the_future_are_told(self, ahead, said):
        assert said in ending_of(self.made(0, 0, 0, 0, bounds={"ahead": ahead})).text

    @pytest.mark.parametrize(
        ("low", "words"),
        [
            ("", "all up to 2026-01-02"),
            ("2026-01-01", "2026-01-01 to 2026-01-02"),
        ],
    )
    def test_a_run_says_between_which_values_it_read(self, low, words):
        bounds = {"type": "DATE", "unit": "", "low": low, "high": "2026-01-02"}
        assert span_of(self.made(1, 0, 0, 0, bounds=bounds)) == words
        assert span_of(self.made(1, 0, 0, 0)) == ""
