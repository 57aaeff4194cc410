import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox.__main__ import _bind


def start(data_dir, port):
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--data-dir", str(data_dir)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("process")


@pytest.fixture
def process(folder):
    started = start(folder, 0)
    yield started
    if started.poll() is None:
        started.kill()
    started.communicate()


def address(process):
    line = process.stdout.readline()
    assert line.startswith("The sandbox is ready at http://127.0.0.1:")
    return line.split()[-1]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_stops_when_told(process, how):
    with urllib.request.urlopen(address(process) + "/healthz", timeout=10) as answer:
        assert answer.status == 200
    told = time.monotonic()
    process.send_signal(how)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - told < 4
    assert (process.returncode, out, err) == (0, "", "")


def test_it_stops_while_a_request_hangs(process):
    base = address(process)
    rule = urllib.request.Request(
        base + "/control/faults", b'{"effect": "hang", "seconds": 600}', method="POST"
    )
    urllib.request.urlopen(rule, timeout=10).close()
    with socket.create_connection(("127.0.0.1", int(base.rsplit(":", 1)[1])), 10) as hanging:
        hanging.sendall(b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        told = time.monotonic()
        process.terminate()
        process.communicate(timeout=10)
    assert time.monotonic() - told < 5


def test_a_taken_port_is_said_in_one_sentence(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        second = start(folder, port)
        out, err = second.communicate(timeout=30)
    assert second.returncode == 2
    assert (out, err) == (
        "",
        f"Port {port} on 127.0.0.1 is taken: choose another with --port.\n",
    )


def test_a_taken_storage_port_is_said_in_one_sentence(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "sandbox", "--port", "0", "--storage-port", str(port)]
        second = subprocess.run(
            [*command, "--data-dir", str(folder)], capture_output=True, text=True, timeout=30,
            check=False,
        )  # fmt: skip
    assert second.returncode == 2
    assert second.stderr == (
        f"Port {port} on 127.0.0.1 is taken: choose another with --storage-port.\n"
    )


def test_a_folder_in_use_is_said_in_one_sentence(process, folder):
    address(process)
    second = start(folder, 0)
    _, err = second.communicate(timeout=30)
    assert second.returncode == 2
    assert err.startswith("Another sandbox is using ")
    assert err.count("\n") == 1


def test_a_folder_that_is_a_file_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    second = start(tmp_path / "file", 0)
    _, err = second.communicate(timeout=30)
    assert second.returncode == 2
    assert "cannot be used" in err
    assert err.count("\n") == 1


def test_only_loopback_is_listened_on(process):
    port = int(address(process).rsplit(":", 1)[1])
    lines = Path("/proc/net/tcp").read_text().splitlines()
    rows = [line.split()[1] for line in lines if line.split()[1].endswith(f":{port:04X}")]
    assert rows
    assert all(row.startswith("0100007F:") for row in rows)


def test_small_answers_leave_at_once():
    """asyncio sets TCP_NODELAY only where the protocol is named; without it each waits 40 ms."""
    with _bind(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
