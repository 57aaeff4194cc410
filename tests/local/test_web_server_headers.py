"""What the web server lets a header say, asked of the server's own parser with our command line."""

import shlex
from pathlib import Path

import pytest
import yaml
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

from clevertap_bq.local import programs
from clevertap_bq.local.folder import Folder

ROOT = Path(__file__).resolve().parents[2]
# From this machine: where a proxy may stand, and whom the server would believe otherwise.
PEER = ("127.0.0.1", 50_000)


def of_make_run(tmp_path):
    started = programs.every_program(
        Folder(tmp_path), web_port=8000, sandbox_port=8001, storage_port=8002, own_broker=True
    )
    (web,) = (one for one in started if one.name == "web")
    return web.command[3:]


def of_compose(_):
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return compose["services"]["web"]["command"][1:]


def of_the_image(_):
    (line,) = (x for x in (ROOT / "Dockerfile").read_text().splitlines() if x.startswith("CMD"))
    return shlex.split(line.removeprefix("CMD").strip(" []").replace(",", " "))[1:]


@pytest.mark.parametrize("command", [of_make_run, of_compose, of_the_image])
@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO", "REMOTE_USER", "X_FORWARDED_FOR"])
def test_no_header_becomes_a_part_of_the_environment(command, name, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["gunicorn", *command(tmp_path)])
    settings = WSGIApplication().cfg
    sent = f"GET /settings/ HTTP/1.1\r\nHost: a\r\n{name}: /elsewhere\r\n\r\n".encode()
    asked = next(RequestParser(settings, [sent], PEER))

    _, found = create(asked, None, PEER, ("127.0.0.1", 8000), settings)
    assert "/elsewhere" not in {value for value in found.values() if isinstance(value, str)}
    assert (found["SCRIPT_NAME"], found["PATH_INFO"]) == ("", "/settings/")
