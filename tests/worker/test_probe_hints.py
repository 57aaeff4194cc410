"""What a test says beside its verdict: likely causes on each step, and rights beyond the task."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from connections import probe
from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason
from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.diagnosis import Asked, judge
from connections.bigquery.symptoms import Source, Symptom
from connections.models import Access, ConnectionTest
from connections.services import tests as test_services
from tests.factories import StoredKeyFactory, UserFactory
from tests.worker.test_probe import ProbedBigQuery

pytestmark = pytest.mark.django_db


class Powerful(ProbedBigQuery):
    """May do all that is asked for; ``answer`` is called first, to be slow or to fail."""

    def __init__(self):
        super().__init__()
        self.questions, self.answer = [], lambda: True

    def may_create_datasets(self, *, location, seconds):
        self.questions.append(("datasets", location))
        return self.answer()

    def may_create_tables(self, dataset_id, *, location, seconds):
        self.questions.append(("tables", location))
        return self.answer()


@pytest.fixture
def google(monkeypatch):
    gateway = Powerful()
    monkeypatch.setattr(probe, "open_key", lambda stored: stored)
    monkeypatch.setattr(probe, "BigQuery", lambda key, **_: gateway)
    return gateway


@pytest.fixture
def tested(bells, google):
    """``tested()`` asks for a test and carries it out."""

    def test(access=Access.READ_WRITE, ago=timedelta()):
        subject = test_services.Subject(StoredKeyFactory(), "shop-4711", "shop", access)
        by = UserFactory(admin=True)
        asked = test_services.request_test(subject=subject, by=by, now=timezone.now() - ago)
        probe.probe_connection(test_id=asked.pk)
        return ConnectionTest.objects.get(pk=asked.pk)

    return test


def fails(**answer):
    symptom = Symptom(Source.API, frozenset({answer["code"]}), answer["status"], answer["text"])
    return judge(symptom, Asked("shop-4711", "dataset shop-4711.shop"))


class TestCauses:
    def test_a_failed_check_keeps_the_causes_in_their_order(self, google, tested):
        entry = next(one for one in CATALOGUE if one.reason == Reason.DATASET_NOT_FOUND)
        google.failures["dataset"] = fails(
            code="notFound", status=404, text="Not found: Dataset shop-4711:shop"
        )
        causes = tested().steps.get(code="dataset").cure["causes"]
        assert [cause["title"] for cause in causes] == [one.title for one in entry.causes]
        assert causes[0]["commands"][0]["code"] == "bq ls --datasets --project_id=shop-4711"

    def test_a_check_that_could_not_tell_keeps_them_too(self, google, tested):
        google.failures["project"] = judge(
            Symptom(Source.WIRE, frozenset({"dns"})), Asked("shop-4711", "project shop-4711")
        )
        step = tested().steps.get(code="project")
        assert step.result == "unknown"
        assert "getent hosts" in step.cure["causes"][0]["commands"][0]["code"]

    def test_a_missing_role_comes_with_the_grant_and_with_what_else_it_may_be(self, google, tested):
        text = "User does not have bigquery.jobs.create permission in project shop-4711."
        google.failures["jobs"] = fails(code="accessDenied", status=403, text=text)
        cure = tested().steps.get(code="jobs").cure
        assert [one["label"] for one in cure["commands"]] == ["Command line", "SQL"]
        assert len(cure["causes"]) == 5

    def test_a_check_that_passed_keeps_none(self, tested):
        assert not any(step.cure for step in tested().steps.all())


class TestExcess:
    def test_a_key_with_a_role_on_the_whole_project_is_pointed_out_and_verified(self, tested):
        test = tested()
        assert (test.excess, test.verdict) == (["whole_project"], "verified")

    def test_a_read_only_connection_whose_key_may_write_is_pointed_out(self, google, tested):
        assert tested(access=Access.READ_ONLY).excess == ["whole_project", "may_write"]
        assert google.questions == [("datasets", "EU"), ("tables", "EU")]

    def test_a_key_that_may_do_no_more_than_its_task_is_not(self, google, tested):
        google.answer = lambda: False
        assert tested(access=Access.READ_ONLY).excess == []

    @pytest.mark.parametrize("step", ["token", "dataset", "jobs"])
    def test_is_not_asked_where_no_dry_run_can_answer(self, step, google, tested):
        google.failures[step] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.")
        assert tested().excess == []
        assert google.questions == []

    def test_is_asked_also_when_another_check_failed(self, google, tested):
        google.failures["read"] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.")
        test = tested()
        assert (test.excess, test.verdict) == (["whole_project"], "failed")

    @pytest.mark.parametrize(
        "trouble",
        [
            BigQueryUnavailable(Reason.TIMEOUT, "No answer."),
            BigQueryRefused(Reason.INVALID_QUERY, "No."),
            RuntimeError("a fault of ours"),
        ],
    )
    def test_says_nothing_and_keeps_the_verdict_when_the_question_fails(
        self, trouble, google, tested
    ):
        def fail():
            raise trouble

        google.answer = fail
        test = tested()
        assert (test.excess, test.verdict) == ([], "verified")

    def test_is_not_asked_when_time_is_short(self, google, tested):
        test = tested(ago=timedelta(seconds=17))
        assert (test.excess, test.verdict) == ([], "verified")
        assert google.questions == []

    def test_the_verdict_does_not_wait_for_an_answer_that_does_not_come(self, google, tested):
        silence = threading.Event()
        google.answer = lambda: silence.wait(10)
        begun = time.monotonic()
        test = tested()
        silence.set()
        assert time.monotonic() - begun < 3
        assert (test.excess, test.verdict) == ([], "verified")

    def test_is_asked_again_with_a_check_that_is_made_again(self, google, tested, bells):
        google.failures["write"] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.")
        test = tested()
        by = UserFactory(admin=True)
        again = test_services.request_again(test=test, code="write", by=by, now=timezone.now())
        probe.probe_connection(test_id=again.pk)
        again.refresh_from_db()
        assert again.excess == ["whole_project"]
