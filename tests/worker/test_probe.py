"""Test Connection's worker half: each check recorded as it ends, one verdict, one deadline."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections import probe
from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Dataset, Reason
from connections.models import Access, ConnectionTest
from connections.services import tests as test_services
from connections.source import SourceUnavailable
from tests.factories import StoredKeyFactory, UserFactory

pytestmark = pytest.mark.django_db


class ProbedBigQuery:
    """Every check passes, but those in ``failures``; closed when the probe is over."""

    def __init__(self):
        self.failures, self.asked, self.is_closed = {}, [], False

    def _ask(self, name):
        self.asked.append(name)
        if name in self.failures:
            raise self.failures[name]

    def close(self):
        self.is_closed = True

    def authenticate(self, *, seconds):
        self._ask("token")

    def check_project(self, *, seconds):
        self._ask("project")

    def dataset(self, dataset_id, *, seconds):
        self._ask("dataset")
        return Dataset(id=dataset_id, location="EU")

    def check_jobs(self, *, dataset_id, location, seconds):
        assert location == "EU", "a job must run where the dataset is"
        self._ask("jobs")

    def check_read(self, *, dataset_id, location, seconds):
        self._ask("read")

    def check_write(self, *, dataset_id, seconds):
        self._ask("write")

    def may_create_datasets(self, *, location, seconds):
        return False

    def may_create_tables(self, dataset_id, *, location, seconds):
        return False

    def check_fast_reads(self, *, location, seconds):
        assert location == "EU", "a job must run where the dataset is"
        self._ask("fast")


@pytest.fixture
def google(monkeypatch):
    gateway = ProbedBigQuery()
    monkeypatch.setattr(probe, "open_key", lambda stored: stored)
    monkeypatch.setattr(probe, "BigQuery", lambda key, **_: gateway)
    return gateway


@pytest.fixture
def asked(bells):
    """``asked()`` records a test as the page does, without a worker."""

    def ask(access=Access.READ_WRITE, ago=timedelta()):
        subject = test_services.Subject(StoredKeyFactory(), "shop-4711", "shop", access)
        by = UserFactory(admin=True)
        return test_services.request_test(subject=subject, by=by, now=timezone.now() - ago)

    return ask


def results(test):
    probe.probe_connection(test_id=test.pk)
    test.refresh_from_db()
    return {step.code: step.result for step in test.steps.all()}


def test_verifies_when_every_check_passes(google, asked):
    test = asked()
    assert set(results(test).values()) == {"passed"}
    assert (test.verdict, test.location) == ("verified", "EU")
    assert google.is_closed


def test_a_read_only_connection_needs_no_write(google, asked):
    test = asked(access=Access.READ_ONLY)
    assert results(test)["write"] == "not_needed"
    assert "write" not in google.asked
    assert test.verdict == "verified"


def test_names_permission_resource_and_role_with_commands(google, asked):
    google.failures["jobs"] = BigQueryRefused(
        Reason.PERMISSION_DENIED, "The account may not run jobs.", permission="bigquery.jobs.create"
    )
    test = asked()
    assert results(test)["jobs"] == "failed"
    cure = test.steps.get(code="jobs").cure
    assert cure["role"] == "BigQuery Job User"
    assert "roles/bigquery.jobUser" in cure["commands"][0]["code"]
    assert test.key.client_email in cure["commands"][0]["code"]
    assert test.verdict == "failed"


def test_a_missing_data_editor_is_granted_on_the_dataset_by_sql(google, asked):
    google.failures["write"] = BigQueryRefused(
        Reason.PERMISSION_DENIED, "No.", permission="bigquery.tables.create"
    )
    test = asked()
    results(test)
    codes = [command["code"] for command in test.steps.get(code="write").cure["commands"]]
    assert any("ON SCHEMA `shop-4711`.`shop`" in code for code in codes)


@pytest.mark.parametrize(
    ("step", "permission", "role"),
    [
        ("read", "bigquery.jobs.create", "BigQuery Job User"),
        ("project", "serviceusage.services.use", "Service Usage Consumer"),
        ("dataset", "bigquery.datasets.get", "BigQuery Data Editor"),
        ("read", "bigquery.readsessions.create", "BigQuery Read Session User"),
    ],
)
def test_the_role_follows_from_the_permission_not_from_the_check(
    step, permission, role, google, asked
):
    google.failures[step] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.", permission=permission)
    test = asked()
    results(test)
    assert test.steps.get(code=step).cure["role"] == role


@pytest.mark.parametrize("permission", [None, "bigquery.connections.use"])
def test_no_command_is_offered_that_would_cure_nothing(permission, google, asked):
    google.failures["read"] = BigQueryRefused(
        Reason.PERMISSION_DENIED, "The table lies in Google Drive.", permission=permission
    )
    test = asked()
    results(test)
    assert "commands" not in test.steps.get(code="read").cure


def test_a_read_only_connection_is_told_the_smaller_role(google, asked):
    google.failures["read"] = BigQueryRefused(
        Reason.PERMISSION_DENIED, "No.", permission="bigquery.tables.getData"
    )
    test = asked(access=Access.READ_ONLY)
    results(test)
    assert test.steps.get(code="read").cure["role"] == "BigQuery Data Viewer"


def test_what_stands_on_a_failed_check_is_not_judged(google, asked):
    google.failures["token"] = BigQueryRefused(Reason.TOKEN_REJECTED, "Google refuses the key.")
    test = asked()
    found = results(test)
    assert found["token"] == "failed"
    assert {found[code] for code in ("project", "dataset", "jobs", "write")} == {"unknown"}
    assert google.asked == ["token"]


def test_a_google_that_does_not_answer_is_no_verdict_on_the_key(google, asked):
    google.failures["dataset"] = BigQueryUnavailable(Reason.TIMEOUT, "Google did not answer.")
    test = asked()
    assert results(test)["dataset"] == "unknown"
    assert test.verdict == "inconclusive"


def test_a_key_that_cannot_be_opened_fails_the_first_check(google, asked, monkeypatch):
    def refuse(stored):
        raise SourceUnavailable("The stored key cannot be opened.")

    monkeypatch.setattr(probe, "open_key", refuse)
    test = asked()
    assert results(test)["key"] == "failed"
    assert google.asked == []


def test_checks_nothing_when_the_time_is_over(google, asked):
    test = asked(ago=timedelta(seconds=21))
    assert set(results(test).values()) == {"unknown"}
    assert google.asked == []
    assert test.verdict == "inconclusive"


def test_a_message_that_comes_twice_is_carried_out_once(google, asked):
    test = asked()
    results(test)
    google.asked.clear()
    results(test)
    assert google.asked == []


def test_a_test_that_is_gone_is_no_error(google):
    probe.probe_connection(test_id=StoredKeyFactory().pk)
    assert google.asked == []


def test_a_test_without_a_worker_ends_inconclusive_with_the_reason(asked):
    test = asked(ago=timedelta(seconds=21))
    assert test_services.settle_overdue(test=test, now=timezone.now())
    test.refresh_from_db()
    assert test.verdict == "inconclusive"
    assert "No worker answered" in test.steps.first().sentence


def test_a_test_within_its_time_is_left_alone(asked):
    test = asked(ago=timedelta(seconds=5))
    assert not test_services.settle_overdue(test=test, now=timezone.now())


def test_a_worker_that_comes_too_late_changes_nothing(google, asked):
    test = asked(ago=timedelta(seconds=21))
    test_services.settle_overdue(test=test, now=timezone.now())
    results(test)
    assert ConnectionTest.objects.get(pk=test.pk).verdict == "inconclusive"


class TestFastReads:
    """Optional: it says what could be had, and never spoils the verdict."""

    DENIED = BigQueryRefused(
        Reason.PERMISSION_DENIED, "No.", permission="bigquery.readsessions.create"
    )

    def test_a_missing_role_is_not_needed_and_can_be_granted(self, google, asked):
        google.failures["fast"] = self.DENIED
        test = asked()
        assert results(test)["fast"] == "not_needed"
        step = test.steps.get(code="fast")
        assert step.cure["role"] == "BigQuery Read Session User"
        assert "roles/bigquery.readSessionUser" in step.cure["commands"][0]["code"]
        assert step.sentence == "No. Imports work without it, the slower way."

    def test_its_reason_is_kept_for_the_import_to_choose_by(self, google, asked):
        google.failures["fast"] = self.DENIED
        test = asked()
        results(test)
        assert test.steps.get(code="fast").reason == "permission_denied"
        assert (test.verdict, test.reason) == ("verified", "")

    def test_an_api_that_is_off_is_switched_on_by_its_own_name(self, google, asked):
        google.failures["fast"] = BigQueryRefused(Reason.API_DISABLED, "It is off.")
        test = asked()
        results(test)
        code = test.steps.get(code="fast").cure["commands"][0]["code"]
        assert "enable bigquerystorage.googleapis.com --project=shop-4711" in code

    def test_a_network_in_between_leaves_the_verdict_alone(self, google, asked):
        google.failures["fast"] = BigQueryUnavailable(Reason.TIMEOUT, "No answer.")
        test = asked()
        assert results(test)["fast"] == "unknown"
        assert (test.verdict, test.reason) == ("verified", "")

    def test_what_fails_elsewhere_still_fails(self, google, asked):
        google.failures["fast"] = self.DENIED
        google.failures["write"] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.")
        test = asked()
        results(test)
        assert (test.verdict, test.reason) == ("failed", "permission_denied")

    def test_is_not_tried_without_jobs(self, google, asked):
        google.failures["jobs"] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.")
        test = asked()
        assert results(test)["fast"] == "unknown"
        assert "fast" not in google.asked

    def test_passing_says_so(self, google, asked):
        test = asked()
        results(test)
        assert "the fast way" in test.steps.get(code="fast").sentence


class TestAgain:
    """One check again: it and what stands on it are carried out, the rest is taken over."""

    @pytest.fixture
    def again(self, bells):
        def ask(test, code):
            by = UserFactory(admin=True)
            return test_services.request_again(test=test, code=code, by=by, now=timezone.now())

        return ask

    def test_asks_google_for_this_check_only(self, google, asked, again):
        google.failures["write"] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.")
        test = asked()
        results(test)
        google.failures.clear()
        google.asked.clear()
        repeated = again(test, "write")
        assert set(results(repeated).values()) == {"passed"}
        assert google.asked == ["write"]
        assert (repeated.verdict, repeated.location) == ("verified", "EU")

    def test_carries_out_what_stood_on_a_failed_check(self, google, asked, again):
        google.failures["dataset"] = BigQueryRefused(Reason.DATASET_NOT_FOUND, "No.")
        test = asked()
        results(test)
        google.failures.clear()
        google.asked.clear()
        results(again(test, "dataset"))
        assert google.asked == ["dataset", "jobs", "read", "write", "fast"]

    def test_keeps_what_failed_elsewhere(self, google, asked, again):
        for code, permission in (
            ("jobs", "bigquery.jobs.create"),
            ("write", "bigquery.tables.create"),
        ):
            google.failures[code] = BigQueryRefused(
                Reason.PERMISSION_DENIED, "No.", permission=permission
            )
        test = asked()
        results(test)
        del google.failures["jobs"]
        repeated = again(test, "jobs")
        assert results(repeated)["write"] == "failed"
        assert repeated.verdict == "failed"
        assert repeated.steps.get(code="write").cure

    def test_leaves_the_test_of_before_as_it_was(self, google, asked, again):
        google.failures["write"] = BigQueryRefused(Reason.PERMISSION_DENIED, "No.")
        test = asked()
        results(test)
        google.failures.clear()
        results(again(test, "write"))
        test.refresh_from_db()
        assert test.verdict == "failed"

    def test_a_test_that_is_still_at_work_is_not_doubled(self, asked, again):
        test = asked()
        assert again(test, "write") == test
