"""Bad settings and unreadable rows stop the program, and no text shows a value."""

import base64
import secrets

import pytest
from celery.signals import worker_init
from django.core.checks import run_checks
from django.db import connection

from connections import checks
from connections.models import StoredKey
from tests.factories import CleverTapAccountFactory, StoredKeyFactory


def key_text() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def sound(settings):
    settings.CREDENTIAL_RING = f"k1:{key_text()}"
    settings.SECRET_KEY = secrets.token_urlsafe(50)
    settings.LOCAL_MODE = False
    settings.SANDBOX_URL = ""
    settings.HTTPS_ONLY = True
    google = {"token_uri": "https://oauth2.googleapis.com/token"}
    settings.GOOGLE_ENDPOINTS = {"google": google}
    settings.FILE_UPLOAD_HANDLERS = ["connections.uploads.SmallMemoryUploadHandler"]
    return settings


def found(*, deploy: bool = False) -> set[str]:
    messages = run_checks(tags=["security"], include_deployment_checks=deploy)
    return {str(one.id) for one in messages if str(one.id).startswith("connections.")}


def test_is_content_with_sound_settings(sound):
    assert found(deploy=True) == set()


@pytest.mark.parametrize("ring", ["", "k1:short", "k1:" + "A" * 43 + "=", "x"])
def test_refuses_a_bad_ring_without_showing_it(sound, ring: str):
    sound.CREDENTIAL_RING = ring
    messages = checks.check_ring(None)

    assert [one.id for one in messages] == ["connections.E001"]
    assert "CREDENTIAL_RING" in messages[0].msg
    assert "AAAA" not in str(messages[0])


def test_refuses_a_ring_that_repeats_the_secret_key(sound):
    sound.SECRET_KEY = sound.CREDENTIAL_RING.partition(":")[2]

    assert found() == {"connections.E002"}


def test_refuses_a_sandbox_outside_local_mode(sound):
    sound.SANDBOX_URL = "http://127.0.0.1:8001"

    assert found() == {"connections.E003"}


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8001/token", "https://googleapis.com.evil.example/token"]
)
def test_refuses_another_google_outside_local_mode(sound, address: str):
    sound.GOOGLE_ENDPOINTS = sound.GOOGLE_ENDPOINTS | {"sandbox": {"token_uri": address}}

    assert found() == {"connections.E003"}


@pytest.mark.parametrize("url", ["http://10.0.0.1:8001", "https://sandbox.example", "nonsense"])
def test_refuses_a_sandbox_on_another_machine(sound, url: str):
    sound.LOCAL_MODE, sound.SANDBOX_URL = True, url

    assert found() == {"connections.E004"}


def test_refuses_a_storage_api_of_the_sandbox_on_another_machine(sound):
    sound.LOCAL_MODE, sound.SANDBOX_URL = True, "http://127.0.0.1:8001"
    sound.SANDBOX_STORAGE_URL = "http://10.0.0.1:8002"

    assert found() == {"connections.E004"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001", "http://localhost:1", "http://[::1]:1"])
def test_allows_a_local_sandbox_in_local_mode(sound, url: str):
    sound.LOCAL_MODE, sound.SANDBOX_URL, sound.SANDBOX_STORAGE_URL = True, url, url

    assert found() == set()


def test_refuses_upload_handlers_that_write_to_the_disk(sound):
    sound.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

    assert found() == {"connections.E005"}


def test_refuses_to_deploy_local_mode_and_clear_text(sound):
    sound.LOCAL_MODE, sound.HTTPS_ONLY = True, False

    assert found() == set()
    assert found(deploy=True) == {"connections.E006", "connections.E007"}


@pytest.mark.django_db
class TestBoot:
    def test_starts_without_rows(self, sound):
        assert checks.verify_ring_at_boot() is None

    def test_starts_when_every_row_opens(self, sound):
        StoredKeyFactory()
        CleverTapAccountFactory()
        sound.CREDENTIAL_RING = f"k2:{key_text()}\n{sound.CREDENTIAL_RING}"

        assert checks.verify_ring_at_boot() is None

    def test_ignores_destroyed_keys(self, sound):
        StoredKeyFactory().destroy()
        sound.CREDENTIAL_RING = f"k2:{key_text()}"

        assert checks.verify_ring_at_boot() is None

    @pytest.mark.parametrize("make", [StoredKeyFactory, CleverTapAccountFactory])
    def test_refuses_rows_under_a_key_that_is_gone(self, sound, make):
        make()
        sound.CREDENTIAL_RING = f"k2:{key_text()}"

        with pytest.raises(SystemExit, match=r"CREDENTIAL_RING: .*'k1'"):
            checks.verify_ring_at_boot()

    def test_refuses_other_bytes_under_the_same_id(self, sound):
        StoredKeyFactory()
        sound.CREDENTIAL_RING = f"k1:{key_text()}"

        with pytest.raises(SystemExit, match="do not open") as caught:
            checks.verify_ring_at_boot()
        assert sound.CREDENTIAL_RING[3:11] not in str(caught.value)

    def test_refuses_a_bad_ring(self, sound):
        sound.CREDENTIAL_RING = ""

        with pytest.raises(SystemExit, match="CREDENTIAL_RING"):
            checks.verify_ring_at_boot()

    def test_refuses_a_database_that_is_not_migrated(self, sound):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {StoredKey._meta.db_table} RENAME TO elsewhere")

        with pytest.raises(SystemExit, match="migrate"):
            checks.verify_ring_at_boot()

    def test_a_worker_of_celery_does_not_start(self, sound):
        StoredKeyFactory()
        sound.CREDENTIAL_RING = f"k2:{key_text()}"

        with pytest.raises(SystemExit, match="CREDENTIAL_RING"):
            worker_init.send(sender="worker")
