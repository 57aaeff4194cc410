"""Former keys: brought back within seven days, then destroyed and safe to delete at Google."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from connections.models import Connection, FormerKey
from connections.services import editing
from connections.services.connections import Details
from imports.models import Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, StoredKeyFactory

LIST = "/settings/partners/import-connections/"


@pytest.fixture
def connection(db):
    return ConnectionFactory(name="Warehouse")


def fresh(connection):
    return Connection.objects.with_people().get(pk=connection.pk)


class TestBringingBack:
    @pytest.fixture
    def former(self, connection, admin):
        """The connection after a change of its key."""
        draft = StoredKeyFactory(
            uploaded_by=admin, expires_at=timezone.now() + timedelta(minutes=5)
        )
        change = editing.Change(_details(connection), connection.version, draft)
        editing.change_connection(
            connection=connection, change=change, by=admin, now=timezone.now()
        )
        return FormerKey.objects.select_related("key", "connection").get()

    def url(self, former):
        return f"{LIST}{former.connection_id}/keys/{former.pk}/restore/"

    def test_is_offered_on_the_page_of_the_connection(self, as_admin, former, bells):
        text = as_admin.get(former.connection.get_absolute_url()).content.decode()
        assert f"Bring back key {former.key.short_id}" in text

    def test_puts_the_old_key_in_force_and_the_new_one_aside(self, as_admin, former, bells):
        replaced = fresh(former.connection).key
        as_admin.post(self.url(former))
        assert fresh(former.connection).key == former.key
        assert FormerKey.objects.get(restored_at__isnull=True).key == replaced

    def test_is_tested_at_once(self, as_admin, former, bells):
        as_admin.post(self.url(former))
        assert fresh(former.connection).latest_test.key == former.key

    def test_works_once(self, as_admin, former, bells):
        as_admin.post(self.url(former))
        answer = as_admin.post(self.url(former), follow=True)
        assert "cannot be brought back any more" in answer.content.decode()
        assert fresh(former.connection).key == former.key

    def test_is_refused_after_seven_days(self, as_admin, former, bells):
        FormerKey.objects.update(restorable_until=timezone.now())
        answer = as_admin.post(self.url(former), follow=True)
        assert "cannot be brought back any more" in answer.content.decode()
        assert fresh(former.connection).key != former.key

    def test_is_refused_to_a_creator_and_by_get(self, as_creator, as_admin, former):
        assert as_creator.post(self.url(former)).status_code == 403
        assert as_admin.get(self.url(former)).status_code == 405

    def test_of_another_connection_does_not_exist(self, as_admin, former, bells):
        other = ConnectionFactory()
        assert as_admin.post(f"{LIST}{other.pk}/keys/{former.pk}/restore/").status_code == 404

    def test_of_a_connection_that_is_leaving_is_refused(self, as_admin, former, bells):
        former.connection.refresh_from_db()
        former.connection.begin_deletion(
            by_id=former.replaced_by_id, version=former.connection.version, now=timezone.now()
        )
        as_admin.post(self.url(former))
        assert fresh(former.connection).key != former.key


class TestRetiring:
    @pytest.fixture
    def former(self, connection):
        return FormerKey.objects.create(
            connection=connection,
            key=StoredKeyFactory(),
            replaced_by=connection.created_by,
            replaced_at=timezone.now() - timedelta(days=8),
            restorable_until=timezone.now() - timedelta(days=1),
        )

    def retire(self):
        return editing.retire_former_keys(now=timezone.now())

    def test_destroys_what_is_over_and_says_so_in_the_trail(self, former):
        assert self.retire() == 1
        former.key.refresh_from_db()
        assert former.key.sealed_key is None
        assert AuditEntry.objects.filter(action="former key destroyed").exists()

    def test_keeps_what_is_not_over(self, former):
        FormerKey.objects.update(restorable_until=timezone.now() + timedelta(minutes=1))
        assert self.retire() == 0
        former.key.refresh_from_db()
        assert former.key.sealed_key

    def test_keeps_what_was_brought_back(self, former):
        FormerKey.objects.update(restored_at=timezone.now())
        assert self.retire() == 0

    def test_keeps_the_key_that_a_run_still_reads_with(self, former, connection):
        run = RunFactory(parent=ImportFactory(connection=connection), key=former.key)
        assert self.retire() == 0
        Run.objects.filter(pk=run.pk).update(state="stopped", finished_at=timezone.now())
        assert self.retire() == 1

    def test_then_its_id_is_shown_as_safe_to_delete_with_the_command(self, as_admin, former, bells):
        self.retire()
        text = as_admin.get(former.connection.get_absolute_url()).content.decode()
        assert "It is safe to delete in Google Cloud." in text
        assert f"gcloud iam service-accounts keys delete {former.key.private_key_id}" in text

    def test_is_not_called_safe_while_another_connection_uses_the_same_key(
        self, as_admin, former, bells
    ):
        self.retire()
        twin = StoredKeyFactory(public_fingerprint=former.key.public_fingerprint)
        ConnectionFactory(name="Twin", key=twin)
        text = as_admin.get(former.connection.get_absolute_url()).content.decode()
        assert "The same key is still used by “Twin”" in text
        assert "keys delete" not in text

    def test_a_member_sees_no_command_and_no_button(self, as_member, former):
        text = as_member.get(former.connection.get_absolute_url()).content.decode()
        assert "Former keys" in text
        assert "Bring back" not in text


def _details(connection):
    return Details(
        name=connection.name,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
    )
