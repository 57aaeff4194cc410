"""The sandbox as a process of its own, with the addresses that tests set it by."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connections.bigquery import Endpoints
from connections.service_account import ServiceAccountKey, read_key

ROOT = Path(__file__).parents[3]
PROJECT = "sandbox-shop-4711"


class Sandbox:
    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, ServiceAccountKey] = {}
        self.storage_url = self.ask("GET", "/control/storage")["url"]

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(f"{self.url}/token", self.url, False, self.storage_url)

    def key(self, name: str) -> ServiceAccountKey:
        if name not in self.keys:
            document = self.ask("GET", f"/keys/{name}.json")
            raw = json.dumps(document).encode()
            self.keys[name] = read_key(raw, token_uris={f"{self.url}/token": "sandbox"})
        return self.keys[name]

    def fault(self, effect: str, **rule: Any) -> None:
        self.ask("POST", "/control/faults", {"effect": effect, **rule})

    def reset(self) -> None:
        self.ask("POST", "/control/reset")

    def calls(self, method: str, ending: str = "") -> list[dict[str, Any]]:
        entries = self.ask("GET", "/ledger?limit=1000")["entries"]
        return [one for one in entries if one["method"] == method and one["path"].endswith(ending)]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None


@contextmanager
def running_sandbox(folder: Path) -> Iterator[Sandbox]:
    """Started on a free port; stopped, and waited for, at the end."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data-dir", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert "ready at" in line, "the sandbox did not start"
        yield Sandbox(line.rpartition(" ")[2].strip())
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
