"""Edit a connection: the key is staged until Save, and the one before can come back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from connections.models import Connection, ConnectionTest, FormerKey, StoredKey
from connections.status import badge_of, fingerprint_of
from tests.factories import ConnectionFactory, ImportFactory
from tests.factories_keys import another_rsa_key, key_body, key_json, pem

LIST = "/settings/partners/import-connections/"


@pytest.fixture
def connection(db):
    return ConnectionFactory(name="Warehouse")


def url(connection):
    return f"{LIST}{connection.pk}/edit/"


def form(connection, **changes):
    return {
        "connection_name": connection.name,
        "project_id": connection.project_id,
        "dataset_id": connection.dataset_id,
        "access": connection.access,
        "version": connection.version,
        "connection": connection.pk,
        "action": "save",
        **changes,
    }


def stage(client, connection, **changes):
    answer = client.post(
        url(connection), form(connection, action="read_key", key_text=key_json(**changes))
    )
    assert answer.status_code == 200
    return StoredKey.objects.drafts().latest("uploaded_at")


def verify(connection):
    """A finished test speaks for the connection as it is now."""
    test = ConnectionTest.objects.create(
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
        fingerprint=fingerprint_of(connection),
        requested_by=connection.created_by,
    )
    test.finish(verdict="verified", location="EU")
    connection.speak_by(test)


def fresh(connection):
    return Connection.objects.with_people().get(pk=connection.pk)


class TestTheForm:
    def test_shows_what_is_saved_and_whose_key_is_in_force(self, as_admin, connection, bells):
        text = as_admin.get(url(connection)).content.decode()
        assert 'value="Warehouse"' in text
        assert connection.key.client_email in text
        assert "Key in force" in text

    def test_is_not_for_creators(self, as_creator, connection):
        assert as_creator.get(url(connection)).status_code == 403
        assert as_creator.post(url(connection), form(connection)).status_code == 403

    def test_of_a_connection_that_is_leaving_sends_back_to_its_page(self, as_admin):
        leaving = ConnectionFactory(deleting=True)
        assert as_admin.get(url(leaving)).url == leaving.get_absolute_url()
        as_admin.post(url(leaving), form(leaving, connection_name="Other"))
        assert fresh(leaving).name == leaving.name

    def test_offers_the_datasets_of_the_key_in_force(self, as_admin, connection, bells):
        as_admin.get(url(connection))
        panel = as_admin.get(
            "/settings/partners/bigquery/datasets/",
            {"connection": connection.pk, "project_id": connection.project_id},
        )
        assert panel.context["datasets"].key == connection.key


class TestSavingWords:
    def test_a_new_name_leaves_the_verdict_as_it_is(self, as_admin, connection, bells):
        verify(connection)
        as_admin.post(url(connection), form(connection, connection_name="Shop"))
        saved = fresh(connection)
        assert (saved.name, badge_of(saved).word) == ("Shop", "Verified")
        assert ConnectionTest.objects.count() == 1, "nothing had to be tested again"

    @pytest.mark.parametrize(
        "changes", [{"project_id": "other-1"}, {"dataset_id": "other"}, {"access": "read_only"}]
    )
    def test_another_place_or_access_is_not_verified_and_tested_at_once(
        self, changes, as_admin, connection, bells
    ):
        verify(connection)
        answer = as_admin.post(url(connection), form(connection, **changes), follow=True)
        assert "is saved, not verified. It is being tested." in answer.content.decode()
        assert badge_of(fresh(connection)).word == "Testing"

    def test_back_to_what_was_tested_counts_again(self, as_admin, connection, bells):
        verify(connection)
        as_admin.post(url(connection), form(connection, dataset_id="other"))
        as_admin.post(url(connection), form(fresh(connection), dataset_id="shop"))
        assert badge_of(fresh(connection)).word == "Verified"

    def test_forgets_the_location_of_another_dataset(self, as_admin, connection, bells):
        as_admin.post(url(connection), form(connection, dataset_id="other"))
        assert fresh(connection).location == ""

    def test_is_in_the_trail_with_before_and_after(self, as_admin, connection, bells):
        as_admin.post(url(connection), form(connection, dataset_id="other"))
        entry = AuditEntry.objects.get(action="connection changed")
        assert (entry.before, entry.after) == ({"dataset_id": "shop"}, {"dataset_id": "other"})

    def test_a_name_may_speak_of_keys_and_be_none(self, as_admin, connection, bells):
        for name in ("PRIVATE KEY of the shop", "-----BEGIN PRIVATE KEY-----"):
            answer = as_admin.post(url(connection), form(connection, connection_name=name))
        assert "This is a key, which belongs into another box." in answer.content.decode()
        assert fresh(connection).name == "PRIVATE KEY of the shop"

    def test_refuses_the_name_of_another(self, as_admin, connection, bells):
        ConnectionFactory(name="Shop")
        answer = as_admin.post(url(connection), form(connection, connection_name=" SHOP "))
        assert "There is already a connection called" in answer.content.decode()
        assert fresh(connection).name == "Warehouse"

    def test_its_own_name_in_another_case_is_its_own(self, as_admin, connection, bells):
        as_admin.post(url(connection), form(connection, connection_name="WAREHOUSE"))
        assert fresh(connection).name == "WAREHOUSE"

    def test_refuses_what_somebody_else_saved_meanwhile_and_loses_nothing(
        self, as_admin, connection, bells
    ):
        old = form(connection, connection_name="Mine")
        as_admin.post(url(connection), form(connection, dataset_id="theirs"))
        answer = as_admin.post(url(connection), old)
        text = answer.content.decode()
        assert "Somebody changed “Warehouse”" in text
        assert 'value="Mine"' in text
        assert fresh(connection).name == "Warehouse"
        assert f'name="version" value="{fresh(connection).version}"' in text

    def test_the_second_save_after_that_counts(self, as_admin, connection, bells):
        as_admin.post(url(connection), form(connection, dataset_id="theirs"))
        as_admin.post(url(connection), form(fresh(connection), connection_name="Mine"))
        assert fresh(connection).name == "Mine"

    @pytest.mark.parametrize("version", ["", "0", "-1", "x", "9" * 30])
    def test_refuses_a_version_that_was_made_up(self, version, as_admin, connection, bells):
        answer = as_admin.post(url(connection), form(connection, version=version, dataset_id="x"))
        assert answer.status_code == 200
        assert fresh(connection).dataset_id == "shop"


class TestReplacingTheKey:
    def test_a_staged_key_changes_nothing_before_save(self, as_admin, connection, bells):
        before = connection.key
        answer = as_admin.post(
            url(connection), form(connection, action="read_key", key_text=key_json())
        )
        assert fresh(connection).key == before
        text = answer.content.decode()
        assert "In force once you save" in text
        assert key_body()[:40] not in text

    def test_save_puts_it_in_force_and_keeps_the_one_before(
        self, as_admin, admin, connection, bells
    ):
        before, staged = connection.key, stage(as_admin, connection)
        as_admin.post(url(connection), form(connection, key_draft=staged.pk))
        former = FormerKey.objects.get()
        assert fresh(connection).key == staged
        assert (former.key, former.replaced_by) == (before, admin)
        assert former.restorable_until - former.replaced_at == timedelta(days=7)
        before.refresh_from_db()
        assert before.sealed_key

    def test_is_in_the_trail_with_both_ids_and_no_key(self, as_admin, connection, bells):
        before, staged = connection.key, stage(as_admin, connection)
        as_admin.post(url(connection), form(connection, key_draft=staged.pk))
        entry = AuditEntry.objects.get(action="key replaced")
        assert entry.before["key_id"] == before.short_id
        assert entry.after["key_id"] == staged.short_id
        assert "sealed" not in str(entry.after)

    def test_a_test_of_the_staged_key_does_not_speak_for_the_connection_yet(
        self, as_admin, connection, bells
    ):
        verify(connection)
        staged = stage(as_admin, connection)
        as_admin.post(url(connection), form(connection, action="test", key_draft=staged.pk))
        test = ConnectionTest.objects.get(key=staged)
        assert (test.connection, test.candidate_for) == (None, connection)
        assert badge_of(fresh(connection)).word == "Verified"

    def test_a_passed_test_of_the_staged_key_speaks_for_it_once_saved(
        self, as_admin, connection, bells
    ):
        staged = stage(as_admin, connection)
        as_admin.post(url(connection), form(connection, action="test", key_draft=staged.pk))
        ConnectionTest.objects.get(key=staged).finish(verdict="verified", location="EU")
        answer = as_admin.post(url(connection), form(connection, key_draft=staged.pk), follow=True)
        assert "is saved and verified." in answer.content.decode()
        assert badge_of(fresh(connection)).word == "Verified"

    def test_the_tables_of_its_imports_are_part_of_the_test(self, as_admin, connection, bells):
        ImportFactory(connection=connection)
        staged = stage(as_admin, connection)
        as_admin.post(url(connection), form(connection, action="test", key_draft=staged.pk))
        codes = ConnectionTest.objects.get(key=staged).steps.values_list("code", flat=True)
        assert "sources" in codes

    def test_the_same_key_again_replaces_nothing(self, as_admin, connection, bells):
        staged = stage(as_admin, connection)
        as_admin.post(url(connection), form(connection, key_draft=staged.pk))
        again = stage(as_admin, fresh(connection))
        as_admin.post(url(connection), form(fresh(connection), key_draft=again.pk))
        assert fresh(connection).key == staged
        assert FormerKey.objects.count() == 1

    def test_keep_the_present_key_lets_go_of_the_new_one(self, as_admin, connection, bells):
        staged = stage(as_admin, connection)
        answer = as_admin.post(
            url(connection),
            form(connection, action="keep_key", key_draft=staged.pk, dataset_id="x"),
        )
        text = answer.content.decode()
        assert str(staged.pk) not in text
        assert 'value="x"' in text, "what was typed is lost"
        assert fresh(connection).dataset_id == "shop", "nothing was to be saved yet"

    @pytest.mark.parametrize("action", ["save", "test"])
    def test_a_draft_that_is_gone_is_said_and_nothing_is_done_with_the_old_key(
        self, action, as_admin, connection, bells
    ):
        before, staged = connection.key, stage(as_admin, connection)
        StoredKey.objects.filter(pk=staged.pk).update(expires_at=timezone.now())
        answer = as_admin.post(
            url(connection),
            form(connection, action=action, key_draft=staged.pk, connection_name="Kept"),
        )
        text = answer.content.decode()
        assert "The key in force was not touched." in text.replace("\n", " ")
        assert 'value="Kept"' in text
        assert fresh(connection).key == before
        assert not ConnectionTest.objects.exists()

    def test_refuses_what_is_not_a_key_and_keeps_what_was_typed(self, as_admin, connection, bells):
        answer = as_admin.post(
            url(connection),
            form(connection, action="read_key", key_text="<html>", connection_name="Kept"),
        )
        assert 'value="Kept"' in answer.content.decode()
        assert not StoredKey.objects.drafts().exists()

    def test_refuses_a_draft_of_somebody_else(self, as_admin, connection, bells):
        staged = stage(as_admin, connection)
        StoredKey.objects.filter(pk=staged.pk).update(uploaded_by=connection.created_by)
        as_admin.post(url(connection), form(connection, key_draft=staged.pk))
        assert fresh(connection).key == connection.key

    def test_two_saves_of_one_draft_replace_once(self, as_admin, connection, bells):
        staged = stage(as_admin, connection)
        posted = form(connection, key_draft=staged.pk)
        as_admin.post(url(connection), posted)
        as_admin.post(url(connection), posted)
        assert FormerKey.objects.count() == 1


def test_another_private_key_of_the_same_account_is_another_key(as_admin, connection, bells):
    first = stage(as_admin, connection)
    second = stage(as_admin, connection, private_key=pem(another_rsa_key()))
    assert first.public_fingerprint != second.public_fingerprint
    assert first.is_of_same_account(second)
