"""The gateway and the mapping against the sandbox as a process of its own."""

import json
import subprocess
import sys
import urllib.request
import uuid

import pytest

from connections.bigquery import BigQuery, Endpoints
from connections.secret import Secret
from connections.service_account import read_key
from imports.clevertap import CleverTap

PROJECT = "sandbox-shop-4711"


class Sandbox:
    """The running sandbox, judged and told over HTTP only."""

    def __init__(self, url):
        self.url = url
        account = self.get("/control/clevertap/accounts")["accounts"][0]
        self.account_id, self.passcode = account["account_id"], account["passcode"]

    def get(self, path):
        return self._ask("GET", path)

    def fault(self, effect, **rule):
        self._ask("POST", "/control/faults", {"effect": effect, "service": "clevertap", **rule})

    def forget(self):
        """Lift faults and drop what was received; the jobs of a whole reset take longer."""
        for what in ("/control/faults", "/control/clevertap/received", "/ledger"):
            self._ask("DELETE", what)

    def received(self):
        return self.get("/control/clevertap/received")

    def profile(self, identity):
        """The stored data of one profile, or None."""
        found = self.get(f"/control/clevertap/profiles?identity={identity}")["profiles"]
        return found[0]["data"] if found else None

    def gateway(self, *, account_id=None, passcode=None, timeout=5.0):
        return CleverTap(
            base_url=f"{self.url}/clevertap",
            account_id=account_id or self.account_id,
            passcode=Secret(passcode or self.passcode),
            timeout_seconds=timeout,
        )

    def _ask(self, method, path, document=None):
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.url + path, data=body, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@pytest.fixture(scope="session")
def one_sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data-dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline()
            assert said.startswith("The sandbox is ready at "), said
            yield Sandbox(said.split()[-1])
        finally:
            process.terminate()


@pytest.fixture
def sandbox(one_sandbox):
    """Forgets what the test before has sent and set."""
    one_sandbox.forget()
    return one_sandbox


@pytest.fixture
def gateway(sandbox):
    with sandbox.gateway() as gateway:
        yield gateway


@pytest.fixture
def send(gateway):
    """Uploads records and gives the answer."""

    def upload(records, *, run=None, batch=0, by=gateway, **options):
        body = json.dumps({"d": records}).encode()
        run = run or str(uuid.uuid4())
        return by.upload(body, count=len(records), run=run, batch=batch, **options)

    return upload


@pytest.fixture(scope="session")
def key(one_sandbox):
    document = one_sandbox.get("/keys/good.json")
    uris = {f"{one_sandbox.url}/token": "sandbox"}
    return read_key(json.dumps(document).encode(), token_uris=uris)


@pytest.fixture(scope="session")
def made(one_sandbox, key):
    """``made(table, sql)`` creates a table of the sandbox once, and gives its name."""
    storage = one_sandbox.get("/control/storage")["url"]
    places = Endpoints(f"{one_sandbox.url}/token", one_sandbox.url, False, storage)
    with BigQuery(key, project=PROJECT, endpoints=places) as opened:

        def build(table, sql):
            job = opened.start_query(
                sql, job_id=table, location="EU", labels={}, max_bytes_billed=None, seconds=30
            )
            while job.state != "DONE":
                job = opened.job(table, location="EU")
            assert job.failure is None, job.failure.sentence
            return table

        yield build
