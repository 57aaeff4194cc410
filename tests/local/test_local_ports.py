"""Ports and the environment that the programs get."""

import socket
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import pytest

from clevertap_bq.local import broker, ports
from clevertap_bq.local.environment import environment
from clevertap_bq.local.folder import Folder
from clevertap_bq.local.keys import make_missing
from clevertap_bq.local.refusal import Refusal


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        yield listener.getsockname()[1]


def environment_of(folder: Folder, **given: str) -> dict[str, str]:
    keys = make_missing(folder)
    return environment(
        given,
        folder=folder,
        keys=keys,
        redis_url_file=broker.configure(folder, keys),
        web_port=8000,
        sandbox_port=8001,
    )


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_said_in_one_sentence_with_its_variable(variable: str, taken: int):
    with pytest.raises(Refusal) as refusal:
        ports.two_chosen({"PORT": str(ports.any_free()), variable: str(taken)})
    assert str(refusal.value) == (
        f"Port {taken} is taken. Choose another: `make run {variable}={taken + 10}`."
    )


@pytest.mark.parametrize(
    "raw", ["abc", "0", "65536", "-1", "80 80", "\N{FULLWIDTH DIGIT EIGHT}000"]
)
def test_refuses_what_is_not_a_port(raw: str):
    with pytest.raises(Refusal, match="is not a port"):
        ports.chosen("PORT", 8000, {"PORT": raw})


def test_refuses_one_port_for_both():
    free = str(ports.any_free())
    with pytest.raises(Refusal, match="Give each its own"):
        ports.two_chosen({"PORT": free, "SANDBOX_PORT": free})


def test_the_broker_keeps_its_port_over_starts(folder: Folder):
    path = folder.broker / "port"
    assert ports.remembered(path) == ports.remembered(path)


def test_the_broker_moves_when_its_port_was_taken_meanwhile(folder: Folder, taken: int):
    path = folder.broker / "port"
    path.write_text(f"{taken}\n")
    assert ports.remembered(path) != taken


def test_the_storage_api_keeps_its_port_and_takes_nobody_elses(folder: Folder):
    path = folder.run / "storage-port"
    port = ports.for_storage(path, ())
    assert ports.for_storage(path, (8000, 8001)) == port
    assert ports.for_storage(path, (port,)) != port


@pytest.mark.parametrize("content", ["", "x", "22", "99999"])
def test_the_broker_gets_a_new_port_when_the_file_is_damaged(folder: Folder, content: str):
    path = folder.broker / "port"
    path.write_text(content)
    assert 1024 <= ports.remembered(path) <= 65535


def test_the_environment_names_files_and_holds_no_secret(folder: Folder):
    local = environment_of(folder)
    texts = [path.read_text().strip() for path in folder.secrets.iterdir()]
    assert not [name for name, value in local.items() if any(text in value for text in texts)]
    assert Path(local["REDIS_URL_FILE"]).read_text().startswith("redis://:")


def test_the_database_is_found_again_behind_an_odd_path(folder: Folder):
    local = environment_of(folder)
    assert dj_database_url.parse(local["DATABASE_URL"])["NAME"] == str(folder.database)


def test_a_database_that_the_user_names_stays(folder: Folder):
    local = environment_of(folder, DATABASE_URL="postgres://db/one")
    assert local["DATABASE_URL"] == "postgres://db/one"


def test_what_make_uses_itself_is_not_handed_on(folder: Folder):
    local = environment_of(folder, MAKEFLAGS="w", PORT="1", PATH="/bin")
    assert local["PATH"] == "/bin"
    assert not {"MAKEFLAGS", "PORT"} & set(local)


def test_the_broker_listens_on_loopback_with_a_password_and_keeps_what_it_has(folder: Folder):
    environment_of(folder)
    text = broker.configuration(folder).read_text()
    assert oct(broker.configuration(folder).stat().st_mode & 0o777) == "0o600"
    for line in ("bind 127.0.0.1", "appendonly yes", "appendfsync everysec"):
        assert line in text.splitlines()
    assert "maxmemory-policy noeviction" in text
    assert "requirepass " in text
