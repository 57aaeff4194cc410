"""What each kind of process loads: start-up time and memory are paid for by every one of them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Importing the views imports the services and the tasks that they ring for.
WEB = "import clevertap_bq.wsgi; from django.urls import resolve; resolve('/healthz')"
WORKER = "from clevertap_bq.celery import app; app.loader.import_default_modules()"
HEAVY = ("grpc", "pyarrow", "google.cloud.bigquery")


def loaded_by(program: str) -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{program}; import sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(answer.stdout.split())


def test_a_web_process_holds_neither_googles_client_nor_arrow():
    assert not loaded_by(WEB).intersection(HEAVY)


def test_a_worker_loads_its_half_before_it_forks():
    assert {"connections.probe", "imports.runner"} <= loaded_by(WORKER)
