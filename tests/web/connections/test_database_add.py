"""Add Database through the browser's eyes: what is kept, what is refused, what is never sent back."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection, ConnectionTest, Lookup, StoredKey
from tests.factories import ConnectionFactory
from tests.factories_keys import key_body, key_document, key_json

ADD = "/settings/partners/bigquery/add/"


def form(**changes):
    return {
        "connection_name": "Warehouse",
        "project_id": "shop-4711",
        "dataset_id": "shop",
        "access": "read_write",
        "action": "save",
        **changes,
    }


def read_key(client, **changes):
    answer = client.post(ADD, form(action="read_key", key_text=key_json(), **changes))
    assert answer.status_code == 200
    return StoredKey.objects.drafts().latest("uploaded_at")


class TestReadingAKey:
    def test_shows_whose_key_it_is_and_fills_in_the_project(self, as_admin, bells):
        answer = as_admin.post(
            ADD, form(action="read_key", key_text=key_json(), project_id="", connection_name="")
        )
        text = answer.content.decode()
        assert key_document()["client_email"] in text
        assert f'value="{key_document()["project_id"]}"' in text

    def test_reads_an_uploaded_file_whatever_it_is_called(self, as_admin, bells):
        upload = SimpleUploadedFile("../../etc/passwd", key_json().encode())
        as_admin.post(ADD, form(action="read_key", key_file=upload))
        assert StoredKey.objects.drafts().count() == 1

    def test_never_sends_the_key_back(self, as_admin, bells):
        answer = as_admin.post(ADD, form(action="read_key", key_text=key_json()))
        assert key_body()[:40] not in answer.content.decode()

    def test_never_sends_a_refused_key_back(self, as_admin, bells):
        broken = key_json(client_email="nobody")
        answer = as_admin.post(ADD, form(action="save", key_text=broken))
        assert answer.status_code == 200
        assert key_body()[:40] not in answer.content.decode()

    def test_stores_only_a_sealed_value(self, as_admin, bells):
        key = read_key(as_admin)
        assert key.sealed_key.startswith("v1.")
        assert key_body()[:20] not in key.sealed_key

    def test_refuses_what_is_not_a_key_and_keeps_what_was_typed(self, as_admin, bells):
        answer = as_admin.post(ADD, form(action="read_key", key_text="<html>Sign in</html>"))
        text = answer.content.decode()
        assert answer.status_code == 200
        assert 'value="Warehouse"' in text
        assert not StoredKey.objects.exists()

    def test_refuses_a_file_that_is_too_large_without_an_error_page(self, as_admin, bells):
        upload = SimpleUploadedFile("key.json", b"{" + b" " * 200_000 + b"}")
        answer = as_admin.post(ADD, form(action="read_key", key_file=upload))
        assert answer.status_code == 200
        assert 'value="Warehouse"' in answer.content.decode()
        assert not StoredKey.objects.exists()

    def test_asks_for_a_key_when_there_is_none(self, as_admin, bells):
        answer = as_admin.post(ADD, form(action="read_key"))
        assert "Choose the key file, or paste the key, first." in answer.content.decode()

    def test_reads_the_tab_that_is_open_when_both_hold_something(self, as_admin, bells):
        upload = SimpleUploadedFile("key.json", b"<html>Sign in</html>")
        sent = form(action="read_key", key_file=upload, key_text=key_json(), key_source="custom")
        as_admin.post(ADD, sent)
        assert StoredKey.objects.drafts().count() == 1

    @pytest.mark.parametrize("tab", ["file", "custom"])
    def test_asks_for_a_missing_key_in_the_tab_that_is_open(self, tab, as_admin, bells):
        answer = as_admin.post(ADD, form(action="save", key_source=tab))
        wanted = {"file": "key_file", "custom": "key_text"}[tab]
        assert answer.context["form"].has_error(wanted)
        assert answer.context["key_source"] == tab

    def test_says_that_the_same_key_is_used_elsewhere(self, as_admin, bells):
        key = read_key(as_admin)
        as_admin.post(ADD, form(key_draft=str(key.pk)))
        answer = as_admin.post(ADD, form(action="read_key", key_text=key_json()))
        assert "already used by “Warehouse”" in answer.content.decode()

    def test_says_that_the_key_is_of_another_project(self, as_admin, bells):
        answer = as_admin.post(
            ADD, form(action="read_key", key_text=key_json(), project_id="other-shop-1")
        )
        assert "That works if the key has its roles there." in answer.content.decode()


class TestDatasets:
    PANEL = "/settings/partners/bigquery/datasets/"

    def test_are_asked_for_as_soon_as_a_key_is_read(
        self, as_admin, bells, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            read_key(as_admin)
        lookup = Lookup.objects.get()
        assert (lookup.kind, lookup.project_id) == ("datasets", "shop-4711")
        assert bells == [("connections.answer_lookup", {"lookup_id": str(lookup.pk)})]

    def test_are_offered_with_their_location(self, as_admin, bells):
        key = read_key(as_admin)
        Lookup.objects.get().answered([{"id": "shop", "location": "EU"}])
        text = as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": "shop-4711"})
        assert '<option value="shop">shop, EU</option>' in text.content.decode()
        assert "data-poll" not in text.content.decode()

    def test_that_cannot_be_listed_leave_the_typing(self, as_admin, bells):
        key = read_key(as_admin)
        Lookup.objects.get().failed("The account may not list datasets.")
        answer = as_admin.post(ADD, form(key_draft=str(key.pk), connection_name=""))
        assert answer.status_code == 200
        assert 'name="dataset_id"' in answer.content.decode()

    def test_that_cannot_be_listed_say_why_and_are_not_asked_for_at_every_look(
        self, as_admin, bells
    ):
        key = read_key(as_admin)
        Lookup.objects.get().failed("The account may not list datasets.")
        for _ in range(3):
            answer = as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": "shop-4711"})
        assert "could not be listed; type the Dataset ID." in answer.content.decode()
        assert Lookup.objects.count() == 1

    def test_that_could_not_be_listed_are_asked_for_again_later(self, as_admin, bells):
        key = read_key(as_admin)
        Lookup.objects.get().failed("The account may not list datasets.")
        Lookup.objects.update(finished_at=timezone.now() - timedelta(minutes=1))
        as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": "shop-4711"})
        assert Lookup.objects.count() == 2

    def test_that_no_worker_lists_say_so_after_a_minute(self, as_admin, bells):
        key = read_key(as_admin)
        Lookup.objects.update(requested_at=timezone.now() - timedelta(seconds=61))
        answer = as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": "shop-4711"})
        assert "No worker answered in time." in answer.content.decode()
        assert "data-poll" not in answer.content.decode()

    def test_are_all_offered_and_only_the_first_are_spelled_out(self, as_admin, bells):
        key = read_key(as_admin)
        many = [{"id": f"shop_{number:03}", "location": "EU"} for number in range(500)]
        Lookup.objects.get().answered(many)
        answer = as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": "shop-4711"})
        text = answer.content.decode()
        assert text.count("<option ") == 500
        assert "and 492 more: type a part of the name." in text
        assert text.count("<code>") == 8

    def test_come_with_what_is_to_be_said_of_the_project(self, as_admin, bells):
        key = read_key(as_admin)
        answer = as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": "other-shop-1"})
        assert "That works if the key has its roles there." in answer.content.decode()

    @pytest.mark.parametrize("project", ["", "Not A Project", "x` y"])
    def test_are_not_asked_for_without_a_project(self, project, as_admin, bells):
        key = read_key(as_admin)
        Lookup.objects.all().delete()
        as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": project})
        assert not Lookup.objects.exists()

    def test_of_somebody_elses_draft_are_not_asked_for(self, as_admin, bells):
        key = read_key(as_admin)
        Lookup.objects.all().delete()
        StoredKey.objects.update(uploaded_by=ConnectionFactory().created_by)
        as_admin.get(self.PANEL, {"key_draft": key.pk, "project_id": "shop-4711"})
        assert not Lookup.objects.exists()

    def test_are_for_admins_only(self, as_creator):
        assert as_creator.get(self.PANEL).status_code == 403


class TestSaving:
    def test_saves_with_the_draft_and_needs_no_second_upload(self, as_admin, admin, bells):
        key = read_key(as_admin)
        answer = as_admin.post(ADD, form(key_draft=str(key.pk)))
        connection = Connection.objects.get()
        assert answer.url == connection.get_absolute_url()
        assert (connection.key, connection.created_by) == (key, admin)

    def test_says_that_an_untested_connection_is_not_verified(self, as_admin, bells):
        key = read_key(as_admin)
        answer = as_admin.post(ADD, form(key_draft=str(key.pk)), follow=True)
        assert "“Warehouse” is saved, not verified." in answer.content.decode()

    def test_refuses_a_name_that_is_taken_in_another_case(self, as_admin, bells):
        ConnectionFactory(name="WAREHOUSE")
        key = read_key(as_admin)
        answer = as_admin.post(ADD, form(key_draft=str(key.pk), connection_name=" warehouse "))
        text = answer.content.decode()
        assert "There is already a connection called" in text
        assert str(key.pk) in text, "the key was lost"
        assert Connection.objects.count() == 1

    def test_an_error_elsewhere_never_costs_the_key(self, as_admin, bells):
        answer = as_admin.post(ADD, form(key_text=key_json(), dataset_id=""))
        key = StoredKey.objects.drafts().get()
        assert str(key.pk) in answer.content.decode()
        assert "Enter the Dataset ID." in answer.content.decode()

    def test_refuses_a_draft_of_somebody_else(self, as_admin, as_member, admin, bells):
        key = read_key(as_admin)
        StoredKey.objects.update(uploaded_by=ConnectionFactory().created_by)
        answer = as_admin.post(ADD, form(key_draft=str(key.pk)))
        assert "Upload the service account key, or paste it." in answer.content.decode()

    def test_refuses_a_draft_that_has_expired(self, as_admin, bells):
        key = read_key(as_admin)
        StoredKey.objects.update(expires_at=timezone.now())
        answer = as_admin.post(ADD, form(key_draft=str(key.pk)))
        text = answer.content.decode()
        assert "read more than 30 minutes ago and is no longer kept." in text
        assert 'value="Warehouse"' in text
        assert not Connection.objects.exists()

    def test_sent_twice_ends_at_the_one_connection(self, as_admin, bells):
        key = read_key(as_admin)
        for _ in range(2):
            answer = as_admin.post(ADD, form(key_draft=str(key.pk)))
        assert answer.url == Connection.objects.get().get_absolute_url()

    def test_refuses_to_use_a_saved_key_under_another_name(self, as_admin, bells):
        key = read_key(as_admin)
        as_admin.post(ADD, form(key_draft=str(key.pk)))
        answer = as_admin.post(ADD, form(key_draft=str(key.pk), connection_name="Second"))
        assert "The key was saved with a connection already." in answer.content.decode()
        assert Connection.objects.count() == 1

    def test_refuses_a_bad_project_in_words(self, as_admin, bells):
        key = read_key(as_admin)
        answer = as_admin.post(ADD, form(key_draft=str(key.pk), project_id="Shop_4711!"))
        assert answer.status_code == 200
        assert not Connection.objects.exists()

    def test_refuses_a_creator(self, as_creator):
        assert as_creator.post(ADD, form()).status_code == 403

    def test_refuses_nobody(self, anonymous, db):
        assert reverse("accounts:sign_in") in anonymous.get(ADD).url

    def test_answers_htmx_with_a_redirect_of_its_own(self, as_admin, bells):
        key = read_key(as_admin)
        answer = as_admin.post(ADD, form(key_draft=str(key.pk)), headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == Connection.objects.get().get_absolute_url()


class TestTesting:
    def test_rings_a_worker_with_the_id_only(
        self, as_admin, bells, django_capture_on_commit_callbacks
    ):
        key = read_key(as_admin)
        with django_capture_on_commit_callbacks(execute=True):
            as_admin.post(ADD, form(action="test", key_draft=str(key.pk)))
        test = ConnectionTest.objects.get()
        assert bells == [("connections.probe_connection", {"test_id": str(test.pk)})]

    def test_shows_every_check_as_waiting(self, as_admin, bells):
        key = read_key(as_admin)
        answer = as_admin.post(ADD, form(action="test", key_draft=str(key.pk)))
        text = answer.content.decode()
        for title in ("BigQuery Job User", "BigQuery Data Editor", "Dataset validity"):
            assert title in text

    def test_needs_no_name_yet(self, as_admin, bells):
        key = read_key(as_admin)
        as_admin.post(ADD, form(action="test", key_draft=str(key.pk), connection_name=""))
        assert ConnectionTest.objects.count() == 1

    def test_refuses_without_a_dataset(self, as_admin, bells):
        key = read_key(as_admin)
        answer = as_admin.post(ADD, form(action="test", key_draft=str(key.pk), dataset_id=""))
        assert "Enter the Dataset ID." in answer.content.decode()
        assert not ConnectionTest.objects.exists()

    def test_is_still_shown_when_something_else_is_refused(self, as_admin, bells):
        ConnectionFactory(name="Warehouse")
        key = read_key(as_admin)
        as_admin.post(ADD, form(action="test", key_draft=str(key.pk)))
        answer = as_admin.post(ADD, form(key_draft=str(key.pk)))
        assert answer.context["test"] == ConnectionTest.objects.get()

    def test_of_another_dataset_is_not_shown(self, as_admin, bells):
        key = read_key(as_admin)
        as_admin.post(ADD, form(action="test", key_draft=str(key.pk)))
        answer = as_admin.post(ADD, form(action="look", key_draft=str(key.pk), dataset_id="other"))
        assert answer.context["test"] is None

    def test_is_looked_at_without_starting_or_needing_anything(self, as_admin, bells):
        key = read_key(as_admin)
        as_admin.post(ADD, form(action="test", key_draft=str(key.pk)))
        sent = form(action="look", key_draft=str(key.pk), connection_name="")
        answer = as_admin.post(ADD, sent)
        assert answer.context["test"] == ConnectionTest.objects.get()
        assert not answer.context["form"].errors

    def test_refuses_a_flood(self, as_admin, bells):
        key = read_key(as_admin)
        for _ in range(13):
            answer = as_admin.post(ADD, form(action="test", key_draft=str(key.pk)))
        assert "That was many tests in one minute." in answer.content.decode()
        assert ConnectionTest.objects.count() == 12


class TestCheckingAgain:
    @pytest.fixture
    def failed(self, as_admin, bells):
        key = read_key(as_admin)
        as_admin.post(ADD, form(action="test", key_draft=str(key.pk)))
        test = ConnectionTest.objects.get()
        test.steps.filter(code="write").update(result="failed", sentence="No right to write.")
        test.steps.exclude(code="write").update(result="passed")
        test.finish(verdict="failed", location="EU")
        return test

    def url(self, test, code="write"):
        return f"/settings/partners/bigquery/tests/{test.pk}/again/{code}/"

    def test_is_offered_for_what_failed_only(self, as_admin, failed):
        text = as_admin.get(f"/settings/partners/bigquery/tests/{failed.pk}/").content.decode()
        assert self.url(failed) in text
        assert self.url(failed, "jobs") not in text

    def test_is_offered_for_fast_reads_that_could_be_had(self, as_admin, failed):
        failed.steps.filter(code="fast").update(result="not_needed", reason="permission_denied")
        text = as_admin.get(f"/settings/partners/bigquery/tests/{failed.pk}/").content.decode()
        assert self.url(failed, "fast") in text

    def test_makes_a_new_test_with_one_open_check(self, as_admin, failed):
        answer = as_admin.post(self.url(failed))
        newest = ConnectionTest.objects.newest_first().first()
        assert answer.url == f"/settings/partners/bigquery/tests/{newest.pk}/"
        assert list(newest.steps.filter(result="waiting").values_list("code", flat=True)) == [
            "write"
        ]

    def test_answers_htmx_with_the_panel(self, as_admin, failed):
        answer = as_admin.post(self.url(failed), headers={"HX-Request": "true"})
        assert "<html" not in answer.content.decode()
        assert "data-poll" in answer.content.decode()

    def test_refuses_an_unknown_check(self, as_admin, failed):
        assert as_admin.post(self.url(failed, "nothing")).status_code == 404

    def test_refuses_a_creator(self, as_creator, failed):
        assert as_creator.post(self.url(failed)).status_code == 403

    def test_refuses_to_be_asked_by_get(self, as_admin, failed):
        assert as_admin.get(self.url(failed)).status_code == 405
