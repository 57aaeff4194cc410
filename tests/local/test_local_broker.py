"""The embedded broker's address: chosen at a start, and left alone by everything else."""

import socket
from pathlib import Path

from clevertap_bq.local import broker, launcher
from clevertap_bq.local.folder import Folder


def started(folder: Folder) -> tuple[Path, str]:
    """A folder as a start leaves it, and the address that its programs were given."""
    launcher.make_environment({}, folder, 8000, 8001)
    return broker.address(folder), broker.address(folder).read_text()


def port_of(address: str) -> int:
    return int(address.rsplit(":", 1)[1].split("/")[0])


def test_a_question_to_a_running_installation_never_moves_its_broker(folder: Folder):
    """`make sign-in-link` once chose a new port, and a restarted worker looked for it there."""
    address, before = started(folder)
    with socket.socket() as running:
        running.bind(("127.0.0.1", port_of(before)))
        running.listen()
        launcher.read_environment({}, folder, 8000, 8001)
    assert address.read_text() == before
    assert str(port_of(before)) in broker.configuration(folder).read_text()


def test_a_start_keeps_the_port_that_is_free(folder: Folder):
    _, before = started(folder)
    assert started(folder)[1] == before


def test_a_start_takes_another_port_when_somebody_has_the_last_one(folder: Folder):
    _, before = started(folder)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port_of(before)))
        stranger.listen()
        assert started(folder)[1] != before


def test_a_broker_of_the_users_own_is_left_alone(folder: Folder):
    own = {"REDIS_URL": "redis://example.invalid:6379/0"}
    local = launcher.make_environment(own, folder, 8000, 8001)
    assert local["REDIS_URL"] == own["REDIS_URL"]
    assert not broker.address(folder).exists()
