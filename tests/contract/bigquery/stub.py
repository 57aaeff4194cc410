"""A small Google that says what a test tells it to, over real HTTP on a loopback port."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from connections.bigquery import Endpoints

TOKEN = "ya29.canary-access-token"
DATASET = {
    "datasetReference": {"projectId": "shop-4711", "datasetId": "shop"},
    "location": "EU",
    "defaultTableExpirationMs": "3600000",
}


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=UTF-8"

    def encoded(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


GRANTED = Answer(body={"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})


class StubGoogle:
    """``answers`` maps "METHOD /path" to an Answer, a list of them, or a function of the request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []
        self.answers: dict[str, Any] = {"POST /token": GRANTED}
        self.default = Answer(404, "nothing here", content_type="text/plain")

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(f"{self.url}/token", self.url, is_google=False)

    @property
    def calls(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.seen]

    def says(self, call: str, answer: Answer | list[Answer] | Callable[[Seen], Answer]) -> None:
        method, _, path = call.partition(" ")
        base = "" if path == "/token" else "/bigquery/v2/projects/shop-4711"
        self.answers[f"{method} {base}{path}"] = answer

    def answer_to(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        answer = self.answers.get(f"{seen.method} {seen.path}", self.default)
        if callable(answer):
            return answer(seen)
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer


@contextmanager
def running_stub() -> Iterator[StubGoogle]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(self.command, parts.path, parts.query, dict(self.headers), body)
            answer = stub.answer_to(seen)
            content = answer.encoded()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(content)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_PUT = handle_one

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub = StubGoogle(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def error(status: int, code: str, message: str, info: str | None = None) -> Answer:
    """The body that BigQuery gives with an error."""
    first = {"message": message, "domain": "global", "reason": code}
    body: dict[str, Any] = {"code": status, "message": message, "errors": [first]}
    if info:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        body["details"] = [{"@type": kind, "reason": info, "domain": "googleapis.com"}]
    return Answer(status, {"error": body})
