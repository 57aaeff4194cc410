"""``manage.py credentials``: counts, verifies, and moves every sealed value to the first key."""

import base64
import io
import secrets

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import Value

from connections import encryption, sealed_columns
from connections.management.commands import credentials as command
from connections.models import StoredKey
from imports.models import CleverTapAccount
from tests.factories import CleverTapAccountFactory, StoredKeyFactory

pytestmark = pytest.mark.django_db


def entry(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture
def two_keys(settings):
    """Three keys and an account under ``old``; ``new`` now stands first."""
    settings.CREDENTIAL_RING = entry("old")
    StoredKeyFactory.create_batch(3)
    CleverTapAccountFactory()
    settings.CREDENTIAL_RING = f"{entry('new')}\n{settings.CREDENTIAL_RING}"
    return settings


def credentials(*arguments: str) -> str:
    out = io.StringIO()
    call_command("credentials", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def key_ids() -> set[str]:
    values = [
        *StoredKey.objects.values_list("sealed_key", flat=True),
        *CleverTapAccount.objects.values_list("sealed_passcode", flat=True),
    ]
    return {encryption.key_id_of(value) for value in values if value}


def corrupt(key: StoredKey) -> None:
    """Give the row a sound envelope that belongs to another row."""
    other = StoredKey.objects.exclude(pk=key.pk).values_list("sealed_key", flat=True)[0]
    StoredKey.objects.filter(pk=key.pk).update(sealed_key=other)


def test_finds_every_sealed_column_of_every_app():
    found = {str(column) for column in sealed_columns.sealed_columns()}
    written = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.startswith("sealed_")
    }

    assert found == written != set()


@pytest.mark.parametrize("make", [StoredKeyFactory, CleverTapAccountFactory])
def test_agrees_with_the_models_on_where_a_value_opens(make):
    row = make()
    (column,) = [one for one in sealed_columns.sealed_columns() if one.model is type(row)]

    assert column.context(row.pk) == row.seal_context(row.pk)


class TestStatus:
    def test_counts_by_column_and_key(self, two_keys):
        said = credentials("status")

        assert "connections_storedkey.sealed_key: 3 under old" in said
        assert "key new: 0, seals new values" in said
        assert "key old: 4, still needed" in said

    def test_says_when_a_key_may_be_removed(self, two_keys):
        credentials("rotate")

        assert "key old: 0, unused: may be removed" in credentials("status")

    def test_fails_when_a_needed_key_is_gone(self, two_keys):
        two_keys.CREDENTIAL_RING = entry("new")

        with pytest.raises(CommandError, match="unreadable: old"):
            credentials("status")

    def test_says_what_a_lost_key_leaves_behind(self, two_keys):
        two_keys.CREDENTIAL_RING = f"{entry('new')}\nold:lost"

        assert "key old: 4, lost: enter these secrets again" in credentials("status")

    def test_says_when_a_lost_key_leaves_nothing(self, two_keys):
        credentials("rotate")
        two_keys.CREDENTIAL_RING = two_keys.CREDENTIAL_RING.partition("\n")[0] + "\nold:lost"

        assert "key old: 0, lost: nothing is left, may be removed" in credentials("status")

    @pytest.mark.parametrize("start", ["v2.old.", "v1." + "k" * 40 + "."])
    def test_fails_on_a_form_that_it_does_not_know(self, two_keys, start: str):
        key = StoredKey.objects.first()
        rest = key.sealed_key.removeprefix("v1.old.")
        StoredKey.objects.filter(pk=key.pk).update(sealed_key=Value(start + rest))

        with pytest.raises(CommandError, match="unreadable"):
            credentials("status")

    def test_does_not_count_destroyed_keys(self, two_keys):
        StoredKey.objects.first().destroy()

        assert "key old: 3" in credentials("status")


class TestVerify:
    def test_opens_every_value(self, two_keys):
        assert "Every sealed value opens." in credentials("verify")

    def test_names_the_row_that_does_not_open(self, two_keys):
        key = StoredKey.objects.first()
        corrupt(key)
        out = io.StringIO()

        with pytest.raises(CommandError, match="1 sealed values do not open"):
            call_command("credentials", "verify", stdout=out, stderr=out)
        assert f"connections_storedkey.sealed_key row {key.pk}: altered" in out.getvalue()


class TestRotate:
    def test_moves_everything_and_everything_still_opens(self, two_keys):
        credentials("rotate")
        two_keys.CREDENTIAL_RING = two_keys.CREDENTIAL_RING.partition("\n")[0]

        assert key_ids() == {"new"}
        assert "Every sealed value opens." in credentials("verify")

    def test_a_dry_run_changes_nothing(self, two_keys):
        assert "would move 3 to new" in credentials("rotate", "--dry-run")
        assert key_ids() == {"old"}

    def test_a_dry_run_finds_what_would_not_move(self, two_keys):
        corrupt(StoredKey.objects.first())

        with pytest.raises(CommandError, match="do not open"):
            credentials("rotate", "--dry-run")

    def test_stops_at_the_limit_and_goes_on_from_there(self, two_keys):
        moved = [credentials("rotate", "--limit", "2") for _ in range(2)]

        assert "moved 2 to new" in moved[0]
        assert key_ids() == {"new"}

    def test_a_second_run_has_nothing_to_do(self, two_keys):
        credentials("rotate")

        assert "moved 0 to new" in credentials("rotate")

    def test_moves_the_others_past_a_damaged_row(self, two_keys):
        key = StoredKey.objects.order_by("pk").first()
        corrupt(key)

        with pytest.raises(CommandError):
            credentials("rotate")
        left = [one.pk for one in StoredKey.objects.filter(sealed_key__startswith="v1.old.")]
        assert left == [key.pk]

    def test_leaves_a_value_that_changed_meanwhile(self, two_keys, monkeypatch):
        rewrap = encryption.rewrap

        def while_somebody_destroys(value: str, context: encryption.SealContext) -> str:
            StoredKey.objects.get(pk=context.row).destroy()
            return rewrap(value, context)

        (column,) = [one for one in sealed_columns.sealed_columns() if one.model is StoredKey]
        monkeypatch.setattr(encryption, "rewrap", while_somebody_destroys)
        done = sealed_columns.rotate(column)

        assert (done.moved, done.changed) == (0, 3)
        assert not StoredKey.objects.filter(sealed_key__isnull=False).exists()

    def test_leaves_what_a_lost_key_sealed_and_moves_the_rest(self, two_keys):
        StoredKeyFactory()
        two_keys.CREDENTIAL_RING = (
            f"{entry('newest')}\n{two_keys.CREDENTIAL_RING.partition(chr(10))[0]}\nold:lost"
        )

        assert "connections_storedkey.sealed_key: moved 1 to newest" in credentials("rotate")
        assert key_ids() == {"newest", "old"}

    def test_tells_of_values_that_another_process_seals_with_the_old_key(
        self, two_keys, monkeypatch
    ):
        rotate, ring = sealed_columns.rotate, two_keys.CREDENTIAL_RING

        def while_somebody_seals(column, **options):
            done = rotate(column, **options)
            two_keys.CREDENTIAL_RING = ring.partition("\n")[2]
            StoredKeyFactory()
            two_keys.CREDENTIAL_RING = ring
            return done

        monkeypatch.setattr(command, "rotate", while_somebody_seals)
        count = len(sealed_columns.sealed_columns())  # one is sealed after each column
        says = rf"{count} values .* older key meanwhile. Restart every"
        with pytest.raises(CommandError, match=says):
            credentials("rotate")
        monkeypatch.undo()
        credentials("rotate")
        assert key_ids() == {"new"}

    def test_shares_the_limit_between_the_columns(self, two_keys):
        said = credentials("rotate", "--limit", "3")

        assert "connections_storedkey.sealed_key: moved 3 to new" in said
        assert "imports_clevertapaccount.sealed_passcode: moved 0 to new" in said

    def test_a_dry_run_keeps_to_the_limit_and_writes_nothing(self, two_keys):
        assert "would move 2 to new" in credentials("rotate", "--dry-run", "--limit", "2")
        assert key_ids() == {"old"}

    def test_goes_through_more_rows_than_one_read_takes(self, two_keys, monkeypatch):
        monkeypatch.setattr(sealed_columns, "_CHUNK", 2)

        credentials("rotate")

        assert key_ids() == {"new"}

    def test_can_be_killed_and_started_again(self, two_keys, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(sealed_columns, "_replace", fail_at_the_second(sealed_columns._replace))
            with pytest.raises(KeyboardInterrupt):
                credentials("rotate")
        assert key_ids() == {"new", "old"}

        credentials("rotate")

        assert key_ids() == {"new"}


def fail_at_the_second(replace):
    calls = []

    def killed(*arguments: object) -> bool:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return replace(*arguments)

    return killed


@pytest.mark.parametrize("arguments", [[], ["rotate", "--limit", "0"], ["rotate", "--limit", "x"]])
def test_refuses_wrong_arguments(arguments: list[str]):
    with pytest.raises(CommandError):
        credentials(*arguments)


@pytest.mark.parametrize("action", ["status", "verify", "rotate"])
def test_names_the_setting_when_the_ring_is_bad(settings, action: str):
    settings.CREDENTIAL_RING = "k1:bad"

    with pytest.raises(CommandError, match="CREDENTIAL_RING: entry 1"):
        credentials(action)
