"""What each kind of process loads: start-up time and memory are paid for by every one of them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Importing the views imports the services and the tasks that they ring for.
WEB = "import clevertap_bq.wsgi; from django.urls import resolve; resolve('/healthz')"
WORKER = "from clevertap_bq.celery import app; app.loader.import_default_modules()"
HEAVY = ("grpc", "pyarrow", "google.cloud.bigquery")


def said_by(program: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return answer.stdout


def loaded_by(program: str) -> set[str]:
    return set(said_by(f"{program}; import sys; print(*sys.modules)").split())


def test_a_web_process_has_loaded_every_page_before_it_forks():
    before = loaded_by("import clevertap_bq.wsgi")
    assert {"imports.views.runs", "connections.views", "accounts.views"} <= before


def test_the_collector_of_rubbish_leaves_alone_what_a_web_process_has_loaded():
    program = "import clevertap_bq.wsgi, gc; print(gc.get_freeze_count(), len(gc.get_objects()))"
    frozen, watched = map(int, said_by(program).split())
    assert watched < frozen / 100


def test_a_web_process_holds_neither_googles_client_nor_arrow():
    assert not loaded_by(WEB).intersection(HEAVY)


def test_a_worker_loads_its_half_before_it_forks():
    assert {"connections.probe", "imports.runner"} <= loaded_by(WORKER)
