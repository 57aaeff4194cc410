"""/healthz and /readyz: for machines, without a sign-in, and honest."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import Heartbeat


def test_alive_needs_no_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_not_ready_while_no_worker_was_seen(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["probe"] is False


@pytest.mark.django_db
def test_tells_the_parts_apart(client):
    Heartbeat.beat(Heartbeat.Part.TICK)
    Heartbeat.objects.create(part="probe", seen_at=timezone.now() - timedelta(hours=1))
    parts = client.get("/readyz").json()["parts"]
    assert (parts["database"], parts["tick"]) == (True, True)
    assert (parts["probe"], parts["import"]) == (False, False)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_refuses_to_be_changed(path, client):
    assert client.post(path).status_code == 405
