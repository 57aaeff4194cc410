"""Bad settings and unreadable rows stop the program, and no text shows a value."""

import base64
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest
from celery.signals import worker_init
from django.core.checks import run_checks
from django.db import connection
from django.db.models import Value

from connections import checks
from connections.models import StoredKey
from tests.factories import CleverTapAccountFactory, StoredKeyFactory


def key_text() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def sound(settings):
    settings.CREDENTIAL_RING = f"k1:{key_text()}"
    settings.CREDENTIAL_RING_PATH = None
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


class TestRingFile:
    """Warned of, not refused: a container mounts secrets with modes of its own."""

    @pytest.fixture
    def path(self, sound, tmp_path_factory):
        """Every folder above it lets others through, as /etc would."""
        folder = Path(tempfile.mkdtemp(dir="/tmp"))
        folder.chmod(0o755)
        sound.CREDENTIAL_RING_PATH = folder / "credential_ring"
        sound.CREDENTIAL_RING_PATH.write_text(sound.CREDENTIAL_RING)
        yield sound.CREDENTIAL_RING_PATH
        shutil.rmtree(folder)

    @pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o666])
    def test_warns_of_a_file_that_is_everybodys(self, path, mode):
        path.chmod(mode)

        assert found() == {"connections.W001"}
        assert key_piece(path) not in str(checks.check_ring_file(None))

    @pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
    def test_is_content_with_a_file_of_ones_own(self, path, mode):
        path.chmod(mode)

        assert found() == set()

    def test_is_content_with_a_private_folder(self, path):
        path.chmod(0o644)
        path.parent.chmod(0o700)

        assert found() == set()

    def test_warns_through_a_link(self, path, sound):
        path.chmod(0o644)
        sound.CREDENTIAL_RING_PATH = path.with_name("link")
        sound.CREDENTIAL_RING_PATH.symlink_to(path)

        assert found() == {"connections.W001"}

    @pytest.mark.parametrize("place", [None, Path("/run/secrets/credential_ring")])
    def test_says_nothing_without_a_file_or_in_a_container(self, sound, place):
        sound.CREDENTIAL_RING_PATH = place

        assert found() == set()


def key_piece(path: Path) -> str:
    return path.read_text().partition(":")[2][:8]


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

        with pytest.raises(SystemExit, match="k1 does not open what was sealed") as caught:
            checks.verify_ring_at_boot()
        assert sound.CREDENTIAL_RING[3:11] not in str(caught.value)

    @pytest.mark.parametrize("first", [True, False])
    def test_one_damaged_row_does_not_stop_the_others(self, sound, first):
        keys = sorted(StoredKeyFactory.create_batch(2), key=lambda key: key.pk)
        damaged, other = keys if first else reversed(keys)
        StoredKey.objects.filter(pk=damaged.pk).update(sealed_key=other.sealed_key)

        assert checks.verify_ring_at_boot() is None

    def test_a_row_of_a_newer_program_does_not_stop_the_others(self, sound):
        key = StoredKeyFactory()
        StoredKey.objects.filter(pk=key.pk).update(sealed_key=Value("v2" + key.sealed_key[2:]))

        assert checks.verify_ring_at_boot() is None

    def test_starts_again_when_the_operator_says_that_the_key_is_lost(self, sound):
        StoredKeyFactory()
        CleverTapAccountFactory()
        sound.CREDENTIAL_RING = f"k2:{key_text()}"
        with pytest.raises(SystemExit, match="k1:lost"):
            checks.verify_ring_at_boot()
        sound.CREDENTIAL_RING += "\nk1:lost"

        assert checks.verify_ring_at_boot() is None

    def test_refuses_a_bad_ring(self, sound):
        sound.CREDENTIAL_RING = ""

        with pytest.raises(SystemExit, match="CREDENTIAL_RING"):
            checks.verify_ring_at_boot()

    def test_refuses_a_database_that_is_not_migrated(self, sound):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {StoredKey._meta.db_table} RENAME TO elsewhere")

        with pytest.raises(SystemExit, match="migrate"):
            checks.verify_ring_at_boot()

    def test_the_web_process_starts_without_its_database(self, sound):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {StoredKey._meta.db_table} RENAME TO elsewhere")

        assert checks.verify_ring_at_boot(needs_database=False) is None

    def test_the_web_process_does_not_start_with_a_bad_ring_without_its_database(self, sound):
        sound.CREDENTIAL_RING = "k1:lost"

        with pytest.raises(SystemExit, match="holds no key"):
            checks.verify_ring_at_boot(needs_database=False)

    def test_a_worker_of_celery_does_not_start(self, sound):
        StoredKeyFactory()
        sound.CREDENTIAL_RING = f"k2:{key_text()}"

        with pytest.raises(SystemExit, match="CREDENTIAL_RING"):
            worker_init.send(sender="worker")
