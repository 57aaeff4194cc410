"""The page of one connection: whose key, does it work, what reads from it."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection, ConnectionTest, StoredKey
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, StoredKeyFactory
from tests.web.connections.connection_page import (
    FINGERPRINT,
    a_run,
    a_step,
    a_test,
    page,
    section,
)


class TestKey:
    def test_is_shown_by_its_name_and_never_itself(self, as_admin, connection):
        text = page(as_admin, connection)
        for part in (connection.key.client_email, ">8f3b1c22<", ">3f2a9c1b04de7781<"):
            assert part in text
        assert connection.key.private_key_id not in text
        assert connection.key.sealed_key not in text

    @pytest.mark.parametrize(
        ("days", "said"), [(0, "Uploaded today"), (1, "1 day"), (89, "89 days")]
    )
    def test_says_its_age_and_advises_nothing_yet(self, days, said, as_admin, connection):
        self.age(connection, days)
        text = page(as_admin, connection)
        assert f"<dd>{said}</dd>" in text
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
