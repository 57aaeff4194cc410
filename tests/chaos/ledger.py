"""Asks the sandbox what it saw, and tells it what to do wrong."""

import json
import urllib.request
from typing import Any

UPLOAD = "/clevertap/1/upload"
OURS = "clevertap-bq-run"


class Sandbox:
    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content.strip() else None

    def key(self) -> str:
        with urllib.request.urlopen(f"{self.url}/keys/good.json", timeout=60) as answer:
            return answer.read().decode()

    def account(self) -> dict[str, str]:
        return self.ask("/control/clevertap/accounts")["accounts"][0]

    def new_account(self) -> dict[str, str]:
        return self.ask("/control/clevertap/accounts", "POST", {})

    def fault(self, **rule: Any) -> int:
        return self.ask("/control/faults", "POST", rule)["id"]

    def slow_sink(self, seconds: float) -> int:
        return self.fault(effect="latency", service="clevertap", path=UPLOAD, seconds=seconds)

    def lift(self, rule: int) -> None:
        """Take this fault back; what waits because of it goes on."""
        self.ask(f"/control/faults/{rule}", "DELETE")

    def lift_faults(self) -> None:
        self.ask("/control/faults", "DELETE")

    def forget(self) -> None:
        """Ledger, jobs, faults and what was received; keys and tables stay."""
        self.ask("/control/reset", "POST")

    def received(self, run: str = "") -> dict[str, Any]:
        return self.ask(f"/control/clevertap/received{f'?run={run}' if run else ''}")

    def batches(self, run: str) -> list[dict[str, Any]]:
        return self.ask(f"/control/clevertap/batches?run={run}&limit=10000")["batches"]

    def profiles(self) -> dict[str, dict[str, Any]]:
        rows = self.ask("/control/clevertap/profiles?limit=10000")["profiles"]
        return {row["value"]: row["data"] for row in rows}

    def jobs(self, runs: set[str]) -> list[dict[str, Any]]:
        """BigQuery's jobs of these runs, by the label that they carry."""
        return [job for job in self.ask("/control/jobs")["jobs"] if job["labels"].get(OURS) in runs]

    def uploads(self, run: str = "") -> list[dict[str, Any]]:
        """Every upload request, also those that hang or were closed unanswered.

        The ledger knows a request's run only when its body was read.
        """
        entries = self.ask(f"/ledger?service=clevertap&limit=100000&run={run}")["entries"]
        return [entry for entry in entries if entry["path"] == UPLOAD]

    def requests(self) -> list[dict[str, Any]]:
        """Everything that was asked of Google and CleverTap."""
        return self.ask("/ledger?limit=200000")["entries"]
