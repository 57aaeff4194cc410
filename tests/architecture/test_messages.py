"""What goes through the broker: named tasks, ids only, each to its own queue."""

import inspect
from pathlib import Path

import pytest
from celery import current_app

from clevertap_bq.celery import app
from imports.models import Run

ROOT = Path(__file__).resolve().parents[2]
app.loader.import_default_modules()
OURS = {
    name: task
    for name, task in current_app.tasks.items()
    if name.startswith(("connections.", "imports.", "accounts."))
}
QUEUES = {
    "accounts.mail_invitation": "probe",
    "accounts.mail_reset": "probe",
    "connections.answer_lookup": "probe",
    "connections.beat": "probe",
    "connections.finish_deletion": "probe",
    "connections.probe_connection": "probe",
    "imports.answer_cursor_question": "probe",
    "imports.beat": "import",
    "imports.check_account": "probe",
    "imports.execute_run": "import",
    "imports.perform_dry_run": "probe",
    "imports.write_back": "import",
}


def test_every_task_is_known_here():
    assert set(OURS) == set(QUEUES)


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_goes_to_its_own_queue(name):
    route = app.amqp.router.route({}, name)
    assert route["queue"].name == QUEUES[name]


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_takes_keyword_ids_only(name):
    for parameter in inspect.signature(OURS[name].run).parameters.values():
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert parameter.name.endswith("_id")
        assert parameter.annotation is str


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_has_time_limits_and_keeps_no_result(name):
    task = OURS[name]
    assert task.soft_time_limit
    assert task.time_limit > task.soft_time_limit
    assert task.ignore_result


def test_nothing_but_json_is_accepted():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"


def test_the_architecture_page_names_every_state_of_a_run():
    text = (ROOT / "docs" / "architecture.md").read_text()
    assert all(f"`{state}`" in text for state in Run.State.values)
