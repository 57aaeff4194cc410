"""DATA_DIR, the secrets in it, and the static files."""

import base64
from pathlib import Path

import pytest

from clevertap_bq.local.folder import Folder, locked, open_folder
from clevertap_bq.local.keys import make_missing
from clevertap_bq.local.refusal import Refusal
from clevertap_bq.local.static_files import collect_when_changed


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def test_the_folder_and_its_parts_are_for_this_user_alone(folder: Folder):
    parts = [folder.path, folder.logs, folder.run, folder.secrets, folder.broker, folder.static]
    assert {mode(part) for part in parts} == {"0o700"}


def test_refuses_a_folder_whose_parent_is_a_file(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match=r"cannot be written\. Name one that can: .*DATA_DIR="):
        open_folder(tmp_path / "file" / "data")


def test_refuses_a_second_start_in_the_same_folder(folder: Folder):
    message = "Something is already running in"
    with locked(folder), pytest.raises(Refusal, match=message), locked(folder):
        pytest.fail("two at once")


def test_the_lock_is_free_again_after_a_start_that_failed(folder: Folder):
    with pytest.raises(RuntimeError, match="broken"), locked(folder):
        raise RuntimeError("broken")
    with locked(folder):
        assert (folder.run / "lock").exists()


def test_the_file_of_a_dead_supervisor_is_no_hindrance(folder: Folder):
    (folder.run / "supervisord.pid").write_text("1\n")
    with locked(folder):
        assert (folder.run / "lock").exists()


def test_each_secret_is_in_a_file_that_only_this_user_may_read(folder: Folder):
    keys = make_missing(folder)
    files = [keys.secret_key, keys.credential_ring, keys.broker_password]
    assert {mode(path) for path in files} == {"0o600"}


def test_the_ring_holds_one_named_key_of_32_bytes(folder: Folder):
    name, _, key = make_missing(folder).credential_ring.read_text().strip().partition(":")
    assert name == "k1"
    assert len(base64.b64decode(key, validate=True)) == 32


def test_a_second_start_keeps_every_secret(folder: Folder):
    first = {path: path.read_text() for path in vars(make_missing(folder)).values()}
    second = {path: path.read_text() for path in vars(make_missing(folder)).values()}
    assert first == second


def test_two_installations_share_no_secret(folder: Folder, tmp_path: Path):
    here = [path.read_text() for path in vars(make_missing(folder)).values()]
    other = make_missing(open_folder(tmp_path / "other"))
    there = [path.read_text() for path in vars(other).values()]
    assert not set(here) & set(there)


def test_rights_that_were_loosened_are_tightened_again(folder: Folder):
    path = make_missing(folder).credential_ring
    path.chmod(0o644)
    make_missing(folder)
    assert mode(path) == "0o600"


def test_refuses_an_empty_secret_instead_of_making_a_new_one(folder: Folder):
    path = make_missing(folder).credential_ring
    path.write_text("")
    with pytest.raises(Refusal, match="is empty or cannot be read"):
        make_missing(folder)
    assert path.read_text() == ""


def test_refuses_a_database_without_the_ring_that_opens_it(folder: Folder):
    make_missing(folder).credential_ring.unlink()
    folder.database.touch()
    with pytest.raises(Refusal, match="Put it back from a backup"):
        make_missing(folder)


def test_static_files_are_collected_once_and_again_after_a_change(tmp_path: Path, settings):
    settings.BASE_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "collected"
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "production.txt").touch()
    (tmp_path / "static").mkdir()
    head = tmp_path / "templates" / "components" / "head.html"
    head.parent.mkdir(parents=True)
    head.touch()
    style = tmp_path / "static" / "own.css"
    style.write_text("a {}")
    assert [collect_when_changed(), collect_when_changed()] == [True, False]
    style.write_text("b {}")
    assert [collect_when_changed(), collect_when_changed()] == [True, False]
    assert (tmp_path / "collected" / "own.css").read_text() == "b {}"
    head.write_text('{% bundle "all.css" %}{% static "own.css" %}{% endbundle %}')
    assert [collect_when_changed(), collect_when_changed()] == [True, False]
    assert (tmp_path / "collected" / "all.css").read_text() == "b {}"
