"""Records and requests as an importer would send them."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit


class Answer(NamedTuple):
    status: int
    text: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.text)


def request(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=10)) as connection:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), dict(answer.getheaders()))


def wait_until(came_true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 10
    while not came_true() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert came_true(), what


def profile(identity: Any = "ann", ts: Any = 1_700_000_000, **data: Any) -> dict[str, Any]:
    return {"type": "profile", "identity": identity, "ts": ts, "profileData": data}


def event(identity: Any = "ann", name: Any = "Bought", **data: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "identity": identity,
        "ts": 1_700_000_000,
        "evtName": name,
        "evtData": data,
    }


class CleverTap:
    """The sandbox's CleverTap as seen by a sender with good credentials."""

    def __init__(self, address: str) -> None:
        self.address = address
        account = self.control("accounts")["accounts"][0]
        self.credentials = {
            "X-CleverTap-Account-Id": account["account_id"],
            "X-CleverTap-Passcode": account["passcode"],
            "Content-Type": "application/json",
        }

    def send(self, body: bytes, query: str = "", **headers: str) -> Answer:
        sent = {**self.credentials, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return request("POST", f"{self.address}/clevertap/1/upload{query}", body, sent)

    def upload(self, *records: Any, query: str = "", **headers: str) -> Answer:
        return self.send(json.dumps({"d": records}).encode(), query, **headers)

    def refused(self, record: Any) -> int:
        """The code with which this one record is refused; 0 when it is accepted."""
        entries = self.upload(record).body["unprocessed"]
        return entries[0]["code"] if entries else 0

    def control(self, what: str, **query: str) -> Any:
        return request("GET", f"{self.address}/control/clevertap/{what}?{urlencode(query)}").body

    def properties(self, identity: str) -> dict[str, Any]:
        (found,) = self.control("profiles", identity=identity)["profiles"]
        return found["data"]
