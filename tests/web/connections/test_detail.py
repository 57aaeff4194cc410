"""The page of one connection: whose key, does it work, what reads from it, who changed it."""

import uuid
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import trail
from connections.models import Connection, ConnectionTest, ConnectionTestStep, StoredKey
from connections.services.dossier import dossier_of
from connections.status import fingerprint_of
from imports.models import Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, StoredKeyFactory

FINGERPRINT = "3f2a9c1b04de7781" + "0" * 48


@pytest.fixture
def connection(admin):
    key = StoredKeyFactory(
        uploaded_by=admin, private_key_id="8f3b1c22" + "9" * 32, public_fingerprint=FINGERPRINT
    )
    return ConnectionFactory(name="Warehouse", key=key, created_by=admin)


def page(client, connection):
    answer = client.get(connection.get_absolute_url())
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def section(text, name):
    """The words of one part of the page, by the id of its section."""
    return text.partition(f'id="{name}"')[2].partition("</section>")[0]


def a_test(connection, *, verdict="verified", at=None, trigger="manual", by=None):
    at = at or timezone.now()
    test = ConnectionTest.objects.create(
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
        fingerprint=fingerprint_of(connection),
        trigger=trigger,
        requested_by=by or (connection.created_by if trigger == "manual" else None),
        requested_at=at,
        started_at=at,
    )
    changes = {"verdict": verdict, "finished_at": at + timedelta(seconds=2.5)}
    ConnectionTest.objects.filter(pk=test.pk).update(**(changes if verdict else {}))
    return test


def a_step(test, result, sentence="", position=0):
    titles = ("Google accepts the key", "BigQuery Job User", "BigQuery Data Editor")
    return ConnectionTestStep.objects.create(
        test=test,
        position=position,
        code="x",
        title=titles[position],
        result=result,
        sentence=sentence,
    )


def a_run(connection, **changes):
    parent = ImportFactory(connection=connection)
    return RunFactory(parent=parent, succeeded=True, **changes)


class TestKey:
    def test_is_shown_by_its_name_and_never_itself(self, as_admin, connection):
        text = page(as_admin, connection)
        for part in (connection.key.client_email, ">8f3b1c22<", ">3f2a9c1b04de7781<"):
            assert part in text
        assert connection.key.private_key_id not in text
        assert connection.key.sealed_key not in text

    @pytest.mark.parametrize(("days", "said"), [(0, "0 days"), (1, "1 day"), (89, "89 days")])
    def test_says_its_age_and_advises_nothing_yet(self, days, said, as_admin, connection):
        self.age(connection, days)
        text = page(as_admin, connection)
        assert f"{said} since it was uploaded" in text
        assert "Google advises rotating keys" not in text

    @pytest.mark.parametrize("days", [90, 400])
    def test_advises_rotation_calmly_from_90_days_on(self, days, as_admin, connection):
        self.age(connection, days)
        assert "There is no hurry" in page(as_admin, connection)

    def test_of_a_deleted_connection_is_past_advice(self, as_admin, connection):
        self.age(connection, 400)
        connection.key.destroy()
        text = page(as_admin, connection)
        assert "Google advises" not in text
        assert "<dt>Destroyed</dt>" in text

    def test_names_the_other_connections_that_hold_it(self, as_admin, connection):
        other = ConnectionFactory(key=StoredKeyFactory(public_fingerprint=FINGERPRINT))
        unrelated = ConnectionFactory()
        text = section(page(as_admin, connection), "key-facts")
        assert other.name in text
        assert unrelated.name not in text

    def test_was_last_used_by_the_newest_test_or_run(self, as_admin, connection):
        now = timezone.now().replace(microsecond=0)
        a_test(connection, at=now - timedelta(hours=5))
        a_run(connection, started_at=now - timedelta(hours=3))
        assert self.last_used(as_admin, connection) == now - timedelta(hours=3)
        a_test(connection, at=now - timedelta(hours=1))
        assert self.last_used(as_admin, connection) == now - timedelta(hours=1)

    def test_was_not_used_by_what_ran_with_another_key(self, as_admin, connection):
        a_run(connection, started_at=timezone.now(), key=StoredKeyFactory())
        a_test(ConnectionFactory())
        assert self.last_used(as_admin, connection) is None

    def age(self, connection, days):
        connection.key.uploaded_at = timezone.now() - timedelta(days=days, minutes=1)
        connection.key.save()

    def last_used(self, client, connection):
        return client.get(connection.get_absolute_url()).context["dossier"].key.last_used_at


class TestTests:
    def test_say_when_who_verdict_and_how_long(self, as_admin, connection):
        a_test(connection)
        text = section(page(as_admin, connection), "tests")
        for part in (connection.created_by.email, "Verified", "2.5 s"):
            assert part in text

    @pytest.mark.parametrize(
        ("trigger", "words"), [("daily", "Daily"), ("failed_run", "After a failed run")]
    )
    def test_that_nobody_asked_for_say_why_they_were_made(
        self, trigger, words, as_admin, connection
    ):
        a_test(connection, trigger=trigger)
        text = section(page(as_admin, connection), "tests")
        assert words in text
        assert connection.created_by.email not in text

    def test_that_failed_name_the_check_before_the_one_that_could_not_tell(
        self, as_admin, connection
    ):
        test = a_test(connection, verdict="failed")
        a_step(test, "unknown", "It took too long.")
        a_step(test, "failed", "The account may not start jobs.", position=1)
        text = section(page(as_admin, connection), "tests")
        assert "<strong>BigQuery Job User</strong>: The account may not start jobs." in text
        assert "It took too long." not in text

    def test_that_could_not_tell_name_what(self, as_admin, connection):
        a_step(a_test(connection, verdict="inconclusive"), "unknown", "It took too long.")
        text = section(page(as_admin, connection), "tests")
        assert "<strong>Google accepts the key</strong>: It took too long." in text

    def test_at_work_have_no_reason_yet(self, as_admin, connection):
        a_step(a_test(connection, verdict=""), "unknown", "Too early.")
        text = section(page(as_admin, connection), "tests")
        assert "Testing" in text
        assert "Too early." not in text

    def test_lead_an_admin_to_their_checks_and_nobody_else(
        self, as_admin, as_creator, as_member, connection
    ):
        address = reverse("connections:test_panel", args=[a_test(connection).pk])
        assert address in page(as_admin, connection)
        assert address not in page(as_creator, connection)
        assert address not in page(as_member, connection)

    def test_of_an_edit_that_was_not_saved_are_not_among_them(self, as_admin, connection):
        ConnectionTest.objects.filter(pk=a_test(connection).pk).update(
            connection=None, candidate_for=connection
        )
        assert "Not tested yet" in page(as_admin, connection)

    def test_beyond_the_newest_ten_stand_on_a_page_of_their_own(self, as_admin, connection):
        for number in range(12):
            a_test(connection, at=timezone.now() - timedelta(days=number))
        address = reverse("connections:test_history", args=[connection.pk])
        text = section(page(as_admin, connection), "tests")
        assert f'<a href="{address}">All 12 tests</a>' in text
        assert len(as_admin.get(address).context["tests"]) == 12

    def test_are_paged_and_a_page_that_is_none_is_the_last(self, as_member, connection):
        for number in range(27):
            a_test(connection, at=timezone.now() - timedelta(days=number))
        address = reverse("connections:test_history", args=[connection.pk])
        counts = [
            len(as_member.get(address, {"page": number}).context["tests"])
            for number in ("1", "2", "99", "x'")
        ]
        assert counts == [25, 2, 2, 25]


class TestImportsAndRuns:
    def test_the_next_step_after_save_is_an_import(self, as_admin, as_creator, connection):
        link = f'href="{reverse("imports:create")}?database={connection.pk}">Create Import</a>'
        for client in (as_admin, as_creator):
            assert link in section(page(client, connection), "imports")

    def test_a_member_is_offered_no_import(self, as_member, connection):
        text = page(as_member, connection)
        assert "No imports yet" in text
        assert "Create Import" not in text

    def test_a_connection_that_leaves_is_offered_no_import(self, as_admin):
        text = page(as_admin, ConnectionFactory(deleting=True))
        assert "Create Import" not in text
        assert ">Edit<" not in text

    def test_say_their_status_and_how_the_last_run_ended(self, as_member, connection):
        done = ImportFactory(connection=connection, nickname="Done")
        RunFactory(parent=done, succeeded=True, read_count=3, accepted_count=3)
        RunFactory(parent=ImportFactory(connection=connection, nickname="Busy"))
        ImportFactory(connection=connection, nickname="Idle", draft=True)
        text = section(page(as_member, connection), "imports")
        for part in ("Done", "Succeeded", "Busy", "Running", "Idle", "Draft", "Never"):
            assert part in text

    def test_of_other_connections_and_deleted_ones_are_not_shown(self, as_member, connection):
        ImportFactory(nickname="Elsewhere")
        ImportFactory(connection=connection, nickname="Gone", deleted_at=timezone.now())
        text = page(as_member, connection)
        assert "Elsewhere" not in text
        assert ">Gone<" not in text

    def test_runs_show_rows_and_bytes_in_words_and_exactly(self, as_member, connection):
        a_run(connection, read_count=12_000, accepted_count=12_000, bytes_billed=1_288_490_189)
        text = section(page(as_member, connection), "runs")
        assert "12,000" in text
        assert '<span title="1,288,490,189 bytes">1.2 GiB</span>' in text


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


class TestWhoSeesWhat:
    def test_only_an_admin_can_act_on_it(self, as_admin, as_creator, as_member, connection):
        for part in (">Delete</a>", "Test Connection</button>"):
            assert part in page(as_admin, connection)
            assert part not in page(as_creator, connection)
            assert part not in page(as_member, connection)

    def test_a_member_watches_no_address_that_is_an_admins(self, as_member, connection):
        connection.speak_by(a_test(connection, verdict=""))
        text = page(as_member, connection)
        assert "data-poll" not in text
        assert "Check again" not in text

    def test_wears_its_status_and_the_sandbox_label(self, as_member, connection):
        assert "Not verified" in page(as_member, connection)
        assert "Sandbox</span>" not in page(as_member, connection)
        StoredKey.objects.update(google="sandbox")
        assert "Sandbox</span>" in page(as_member, connection)

    @pytest.mark.parametrize("name", ["detail", "test_history"])
    def test_what_is_not_there_is_not_found(self, name, as_member):
        assert as_member.get(reverse(f"connections:{name}", args=[uuid.uuid4()])).status_code == 404
        assert as_member.get(reverse("connections:list") + "' OR 1/").status_code == 404

    @pytest.mark.parametrize("name", ["detail", "test_history"])
    def test_nobody_is_sent_to_sign_in(self, name, anonymous, connection):
        answer = anonymous.get(reverse(f"connections:{name}", args=[connection.pk]))
        assert reverse("accounts:sign_in") in answer.url

    def test_a_deleted_connection_stays_readable(self, as_member, connection):
        Connection.objects.update(
            state="deleted", deletion_requested_at=timezone.now(), deleted_at=timezone.now()
        )
        assert "the key is destroyed" in page(as_member, connection)


class TestQueries:
    def test_are_as_many_for_a_thousand_tests_and_runs(
        self, as_admin, connection, django_assert_num_queries
    ):
        self.fill(connection, 1)
        with django_assert_num_queries(19):
            as_admin.get(connection.get_absolute_url())
        self.fill(connection, 1000)
        with django_assert_num_queries(19):
            as_admin.get(connection.get_absolute_url())

    def test_of_the_history_are_as_many_for_each_page(
        self, as_member, connection, django_assert_num_queries
    ):
        address = reverse("connections:test_history", args=[connection.pk])
        self.fill(connection, 1)
        with django_assert_num_queries(9):
            as_member.get(address)
        self.fill(connection, 100)
        with django_assert_num_queries(9):
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
            Run(parent=parent, state="succeeded", queued_at=at, finished_at=at, bytes_billed=10)
            for at in moments
        )
