"""The sandbox as it really runs: uvicorn on a free loopback port, and Google's own client."""

import asyncio
import json
import socket
import threading
import urllib.request
from contextlib import contextmanager

import uvicorn
from google.auth.transport.requests import Request
from google.cloud import bigquery
from google.oauth2 import service_account

from sandbox.app import create_app
from sandbox.google.storage.server import StorageServer
from sandbox.state import open_state

_RECORDED = ("/bigquery/", "/upload/bigquery/")
SCOPE = "https://www.googleapis.com/auth/bigquery"


class Credentials(service_account.Credentials):
    """Google's credentials, but without the background call to another Google host."""

    def _is_regional_access_boundary_lookup_required(self):
        return False


class Running:
    """One running sandbox, and everything that its BigQuery has answered."""

    def __init__(self, state, base_url):
        self.state = state
        self.base_url = base_url
        self.answers = []

    def url(self, path):
        return self.base_url + path

    def key(self, name):
        return self.state.accounts.key_file(name, self.base_url)

    def credentials(self, name="good", **changes):
        return Credentials.from_service_account_info(self.key(name) | changes, scopes=[SCOPE])

    def client(self, name="good"):
        return bigquery.Client(
            project="sandbox-shop-4711",
            credentials=self.credentials(name),
            client_options={"api_endpoint": self.base_url},
        )

    def token(self, name="good"):
        credentials = self.credentials(name)
        credentials.refresh(Request())
        return credentials.token

    def call(self, method, path, body=None, headers=None):
        """Status, body as text."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        asked = urllib.request.Request(self.url(path), data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def ask(self, method, path, body=None, account="good"):
        """Status and JSON of a call to BigQuery's API."""
        headers = {"Authorization": f"Bearer {self.token(account)}"}
        status, text = self.call(method, f"/bigquery/v2/projects/sandbox-shop-4711{path}", body,
                                 headers)  # fmt: skip
        return status, json.loads(text) if text else None

    def fault(self, **rule):
        return self.state.faults.add(rule)


@contextmanager
def running(data_dir):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sandbox = Running(open_state(data_dir, base_url), base_url)
    app = _recorded(create_app(sandbox.state, StorageServer(0)), sandbox.answers)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    started = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(server, listener, started)))
    thread.start()
    assert started.wait(30)
    try:
        yield sandbox
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


async def _serve(server, listener, started):
    async def tell():
        while not server.started:
            await asyncio.sleep(0.01)
        started.set()

    await asyncio.gather(server.serve(sockets=[listener]), tell())


def _recorded(app, answers):
    """Keep every answer of BigQuery, without getting between the app and its connection."""

    async def recorded(scope, receive, send):
        if scope["type"] != "http" or not scope["path"].startswith(_RECORDED):
            await app(scope, receive, send)
            return
        await app(scope, receive, _Recording(scope, send, answers).send)

    return recorded


class _Recording:
    """Stands where uvicorn's request cycle stood, so that it lends its transport."""

    def __init__(self, scope, send, answers):
        self._call = scope["method"], scope["path"]
        self._send = send
        self._answers = answers
        self.transport = send.__self__.transport
        self._status = 0
        self._body = b""

    async def send(self, message):
        if message["type"] == "http.response.start":
            self._status = message["status"]
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                self._answers.append((*self._call, self._status, self._body))
        await self._send(message)
