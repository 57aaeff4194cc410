"""Test Connection of a saved connection: its imports' tables, its location, its reason."""

import pytest
from django.utils import timezone

from connections import probe
from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Dataset, Reason
from connections.models import Connection
from connections.services import tests as test_services
from connections.status import badge_of
from tests.factories import ConnectionFactory, ImportFactory

pytestmark = pytest.mark.django_db


class Google:
    """Every check passes; tables in ``closed`` cannot be read."""

    def __init__(self):
        self.closed, self.read, self.location = {}, [], "EU"

    def __getattr__(self, name):
        if name.startswith("check_") or name in {"authenticate", "close"}:
            return lambda *_, **__: None
        raise AttributeError(name)

    def dataset(self, dataset_id, *, seconds):
        return Dataset(id=dataset_id, location=self.location)

    def check_table(self, dataset_id, table_id, *, location, seconds):
        assert location == "EU"
        self.read.append(table_id)
        if table_id in self.closed:
            raise self.closed[table_id]


@pytest.fixture
def google(monkeypatch):
    gateway = Google()
    monkeypatch.setattr(probe, "open_key", lambda stored: stored)
    monkeypatch.setattr(probe, "BigQuery", lambda key, **_: gateway)
    return gateway


@pytest.fixture
def connection(db, bells):
    return ConnectionFactory(location="")


def check(connection):
    test = test_services.request_test_of(
        connection=connection, by=connection.created_by, now=timezone.now()
    )
    probe.probe_connection(test_id=test.pk)
    test.refresh_from_db()
    return test


def fresh(connection):
    return Connection.objects.with_people().get(pk=connection.pk)


def test_reads_each_table_of_its_imports_once(google, connection):
    for table in ("orders", "customers", "customers"):
        ImportFactory(connection=connection, table_id=table)
    test = check(connection)
    assert google.read == ["customers", "orders"]
    assert test.steps.get(code="sources").sentence == (
        "2 tables that its imports read can be read."
    )


def test_leaves_out_stopped_and_other_imports(google, connection):
    ImportFactory(connection=connection, table_id="gone", stopped=True)
    ImportFactory(table_id="elsewhere")
    ImportFactory(connection=connection, table_id="mine")
    check(connection)
    assert google.read == ["mine"]


def test_a_connection_without_imports_has_no_such_check(google, connection):
    assert not check(connection).steps.filter(code="sources").exists()


def test_a_table_that_cannot_be_read_fails_the_test_with_its_cure(google, connection):
    ImportFactory(connection=connection, table_id="orders")
    google.closed["orders"] = BigQueryRefused(
        Reason.PERMISSION_DENIED,
        "The account may not read this table (table shop-4711.shop.orders).",
        permission="bigquery.tables.getData",
    )
    test = check(connection)
    step = test.steps.get(code="sources")
    assert (test.verdict, test.reason) == ("failed", "permission_denied")
    assert "orders" in step.sentence
    assert step.cure["role"] == "BigQuery Data Editor"


def test_a_table_that_does_not_answer_is_no_verdict(google, connection):
    ImportFactory(connection=connection, table_id="orders")
    google.closed["orders"] = BigQueryUnavailable(Reason.TIMEOUT, "No answer in time.")
    test = check(connection)
    assert (test.verdict, test.reason) == ("inconclusive", "timeout")


def test_the_location_that_was_found_is_kept_with_the_connection(google, connection):
    check(connection)
    assert fresh(connection).location == "EU"


def test_a_test_that_no_longer_speaks_for_the_connection_leaves_its_location(google, connection):
    test = test_services.request_test_of(
        connection=connection, by=connection.created_by, now=timezone.now()
    )
    Connection.objects.update(latest_test=None, dataset_id="other", version=2)
    probe.probe_connection(test_id=test.pk)
    assert fresh(connection).location == ""
    assert badge_of(fresh(connection)).word == "Not verified"


def test_a_connection_edited_while_its_test_is_asked_for_stays_not_verified(google, connection):
    Connection.objects.filter(pk=connection.pk).update(dataset_id="other", version=2)
    check(connection)
    assert badge_of(fresh(connection)).word == "Not verified"


def test_a_key_in_a_form_of_another_program_is_unreadable_and_no_crash(connection):
    assert check(connection).reason == "key_unreadable"  # the factory's key is "{}"


def test_a_key_that_cannot_be_opened_shows_on_the_connection(connection):
    test = test_services.request_test_of(
        connection=connection, by=connection.created_by, now=timezone.now()
    )
    other = ConnectionFactory().key.sealed_key
    type(connection.key).objects.filter(pk=connection.key_id).update(sealed_key=other)
    probe.probe_connection(test_id=test.pk)
    test.refresh_from_db()
    assert (test.verdict, test.reason) == ("failed", "key_unreadable")
    assert badge_of(fresh(connection)).word == "Key unreadable"
