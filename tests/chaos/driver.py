"""`python -m tests.chaos.driver`: the product's own services behind a pipe, one JSON line each way.

It stands where the web process stands: it saves, it rings, it never works on a run.
"""

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import django

COLUMNS = [
    {"name": name, "type": "STRING", "mode": "NULLABLE", "fields": []}
    for name in ("customer_id", "email", "city")
]
MOMENT = {"name": "moment", "type": "TIMESTAMP", "mode": "NULLABLE", "fields": []}
MAPPING = {
    "kind": "profile",
    "identity": {"column": "customer_id", "as": "identity"},
    "updated_on": None,
    "created_on": None,
    "event_name": None,
    "properties": [
        {"column": "email", "name": "Email", "type": "string", "nulls": "omit"},
        {"column": "city", "name": "City", "type": "string", "nulls": "omit"},
    ],
    "skipped": [],
}
BY_MOMENT = MAPPING | {"updated_on": {"column": "moment", "format": None, "time_zone": None}}
LOOK_BACK_SECONDS = 60  # and so many rows: they are a second apart
RUN_FIELDS = [
    "state",
    "fence",
    "owner",
    "takeovers",
    "troubles",
    "job_id",
    "job_state",
    "reader",
    "rows_total",
    "next_row",
    "read_count",
    "accepted_count",
    "refused_count",
    "skipped_count",
    "unknown_count",
    "request_count",
    "retry_count",
    "failure_code",
    "failure_sentence",
]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clevertap_bq.settings")
    django.setup()
    from tests.chaos import desk  # noqa: PLC0415 - after Django's set-up

    # What a library prints must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(_answered(desk, request)) + "\n")
        answers.flush()


def _answered(desk: Any, request: dict[str, Any]) -> dict[str, Any]:
    from django.db import DatabaseError, connections  # noqa: PLC0415

    try:
        command = getattr(desk, request["command"])
        return {"answer": command(**request["arguments"])}
    except DatabaseError as error:
        connections.close_all()
        return {"away": str(error)}
    except Exception:  # noqa: BLE001 - the harness shows it
        return {"failed": traceback.format_exc()}


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """Do the work in so many threads that begin together; what they gave or raised."""
    from django.db import connections  # noqa: PLC0415

    barrier, results = threading.Barrier(count), []

    def one() -> None:
        barrier.wait()
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - judged by the caller
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def poll(condition: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


if __name__ == "__main__":
    main()
