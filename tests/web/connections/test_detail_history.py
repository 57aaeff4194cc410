"""The page of one connection: what it cost, who changed it, and how much it asks the database."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import trail
from connections.models import ConnectionTest, ConnectionTestStep
from connections.services.dossier import dossier_of
from imports.models import Run
from tests.factories import ConnectionFactory, ImportFactory
from tests.web.connections.connection_page import a_run, a_test, page, section


class TestBilling:
    NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def billed(self, connection):
        return dossier_of(connection=connection, with_changes=False, now=self.NOW).billing

    def test_sums_this_month_of_this_connection_only(self, connection):
        a_run(connection, bytes_billed=1000, queued_at=self.NOW - timedelta(days=2))
        a_run(connection, bytes_billed=None, queued_at=self.NOW - timedelta(days=1))
        a_run(connection, bytes_billed=7, queued_at=datetime(2026, 10, 31, 23, tzinfo=UTC))
        a_run(ConnectionFactory(), bytes_billed=5, queued_at=self.NOW)
        found = self.billed(connection)
        assert (found.total_bytes, found.run_count) == (1000, 2)

    @pytest.mark.parametrize(
        ("zone", "total"), [("UTC", 0), ("Asia/Kolkata", 1000), ("America/New_York", 0)]
    )
    def test_begins_the_month_where_the_viewer_is(self, zone, total, connection):
        a_run(connection, bytes_billed=1000, queued_at=datetime(2026, 10, 31, 20, tzinfo=UTC))
        with timezone.override(zone):
            assert self.billed(connection).total_bytes == total

    def test_begins_the_month_right_where_the_clocks_were_changed_since(self, connection):
        a_run(connection, bytes_billed=1000, queued_at=datetime(2026, 3, 1, 4, 30, tzinfo=UTC))
        now = datetime(2026, 3, 24, 12, tzinfo=UTC)  # summer time by now in New York
        with timezone.override("America/New_York"):
            found = dossier_of(connection=connection, with_changes=False, now=now).billing
        assert found.since == datetime(2026, 3, 1, 5, tzinfo=UTC)
        assert found.total_bytes == 0

    def test_of_nothing_is_nothing_and_not_an_error(self, as_member, connection):
        assert ">0 bytes</p>" in page(as_member, connection)

    def test_is_exact_on_hover(self, as_member, connection):
        a_run(connection, bytes_billed=1_288_490_189)
        assert 'title="1,288,490,189 bytes">1.2 GiB</p>' in page(as_member, connection)


class TestChanges:
    def change(self, connection, **values):
        trail.record(
            by=connection.created_by,
            action=values.pop("action", "connection edited"),
            kind=values.pop("kind", "connection"),
            object_id=values.pop("object_id", connection.pk),
            name=connection.name,
            ip_address="203.0.113.99",
            **values,
        )

    def test_are_told_in_words(self, as_admin, connection):
        self.change(
            connection,
            before={"access": "read_only", "dataset_id": "crm", "project_id": "shop-4711"},
            after={"access": "read_write", "dataset_id": "shop", "project_id": "shop-4711"},
        )
        text = section(page(as_admin, connection), "changes")
        assert "Access from “Read only” to “Read and write”" in text
        assert "Dataset ID from “crm” to “shop”" in text
        assert "Project ID" not in text

    def test_leave_out_tests_and_other_objects(self, as_admin, connection):
        self.change(connection, action="connection tested")
        self.change(connection, object_id=uuid.uuid4(), after={"name": "Another"})
        self.change(connection, kind="import", after={"name": "An import"})
        assert "Nothing was changed" in section(page(as_admin, connection), "changes")

    def test_are_for_admins_only_with_every_address_in_them(
        self, as_admin, as_creator, as_member, connection
    ):
        self.change(connection, after={"client_email": "former@shop.example"})
        assert "former@shop.example" in page(as_admin, connection)
        for client in (as_creator, as_member):
            text = page(client, connection)
            assert "former@shop.example" not in text
            assert "Who changed what" not in text

    def test_show_the_newest_ten(self, as_admin, connection):
        for number in range(12):
            self.change(connection, after={"name": f"Name {number}"})
        changes = as_admin.get(connection.get_absolute_url()).context["dossier"].changes
        assert [change.values[0].after for change in changes][:1] == ["Name 11"]
        assert len(changes) == 10


class TestQueries:
    def test_are_as_many_for_a_thousand_tests_and_runs(
        self, as_admin, connection, django_assert_num_queries
    ):
        self.fill(connection, 1)
        with django_assert_num_queries(22):
            as_admin.get(connection.get_absolute_url())
        self.fill(connection, 1000)
        with django_assert_num_queries(22):
            as_admin.get(connection.get_absolute_url())

    def test_of_the_history_are_as_many_for_each_page(
        self, as_member, connection, django_assert_num_queries
    ):
        address = reverse("connections:test_history", args=[connection.pk])
        self.fill(connection, 1)
        with django_assert_num_queries(11):
            as_member.get(address)
        self.fill(connection, 100)
        with django_assert_num_queries(11):
            as_member.get(address, {"page": 2})

    def fill(self, connection, count):
        parent = ImportFactory(connection=connection)
        begin = timezone.now() - timedelta(days=30)
        moments = [begin + timedelta(minutes=number) for number in range(count)]
        like = a_test(connection)
        names = ("key", "connection", "project_id", "dataset_id", "access", "fingerprint")
        same = {name: getattr(like, name) for name in names}
        tests = ConnectionTest.objects.bulk_create(
            ConnectionTest(
                **same,
                requested_by=connection.created_by,
                requested_at=at,
                finished_at=at,
                verdict="failed",
            )
            for at in moments
        )
        ConnectionTestStep.objects.bulk_create(
            ConnectionTestStep(test=test, position=0, code="x", title="A check", result="failed")
            for test in tests
        )
        Run.objects.bulk_create(
            Run(
                parent=parent,
                connection=parent.connection,
                state="succeeded",
                queued_at=at,
                finished_at=at,
                bytes_billed=10,
            )
            for at in moments
        )
