"""A CleverTap of a few lines: it answers as told and notes what it was asked.

``answers`` is taken in order, the last one for ever. An answer is (status, body), or a
function that gets the handler and writes to its socket what no good server would.
"""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connections.secret import Secret
from imports.clevertap import CleverTap, CleverTapError

PASSCODE = "CANARY-PASSCODE-7"
RECORDS = [{"identity": f"c{number}", "type": "profile"} for number in range(4)]
BODY = json.dumps({"d": RECORDS}).encode()


class FakeCleverTap:
    def __init__(self, *answers, tls=None):
        self.answers = list(answers)
        self.tls = tls
        self.requests = []
        self.connections = 0
        self.first_closed = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def gateway_to(base_url, *, passcode=PASSCODE, timeout=5.0):
    return CleverTap(
        base_url=base_url, account_id="ACC-1", passcode=Secret(passcode), timeout_seconds=timeout
    )


@contextlib.contextmanager
def clevertap(*answers, timeout=5.0, path=""):
    """A gateway, and the fake that it speaks to."""
    with (
        FakeCleverTap(*answers) as fake,
        gateway_to(fake.url + path, timeout=timeout) as gateway,
    ):
        yield gateway, fake


def send(gateway, **options):
    return gateway.upload(BODY, count=4, run="run-1", batch=7, **options)


def failure(*answers, **options):
    """The error that an upload ends with."""
    with clevertap(*answers, **options) as (gateway, _), pytest.raises(CleverTapError) as caught:
        send(gateway)
    return caught.value


def success(count):
    return 200, {"status": "success", "processed": count, "unprocessed": []}


def refused(position, code=515, record=None, error="not valid."):
    """One entry of ``unprocessed``; ``position`` counts from 1, None leaves it out."""
    told = "" if position is None else f"Skipped record number : {position}"
    return {"status": "fail", "code": code, "error": error + told, "record": record}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake
        self.stopping = threading.Event()

    def handle_error(self, *_):
        """Clients that hang up are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        fake = self.server.fake
        if fake.tls:
            self.request = fake.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        fake.connections += 1

    def finish(self):
        super().finish()
        self.connection.close()
        self.server.fake.first_closed.set()

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"] or 0)))

    def do_GET(self):
        self._answer(b"")

    def log_message(self, *_):
        pass

    def _answer(self, body):
        fake = self.server.fake
        fake.requests.append((self.command, self.path, dict(self.headers), body))
        answer = fake.next_answer()
        if callable(answer):
            self.close_connection = True
            answer(self)
            return
        status, content = answer
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status in (301, 302, 307):
            self.send_header("Location", f"{fake.url}/elsewhere")
        self.end_headers()
        self.wfile.write(content)
