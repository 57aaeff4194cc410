"""/metrics: numbers for who carries the token; no names, no contents."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from imports.models import Heartbeat, Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory

TOKEN = "a-token-of-the-operator"


@pytest.fixture
def ask(client, settings, db):
    settings.METRICS_TOKEN = TOKEN

    def get(token=TOKEN):
        return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    return get


def numbers(answer):
    assert answer.status_code == 200
    return {
        (sample.name.removeprefix("clevertap_bq_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_counts_connections_runs_and_rows(ask):
    ConnectionFactory(deleting=True)
    run = RunFactory(succeeded=True)
    Run.objects.filter(pk=run.pk).update(read_count=5, accepted_count=3, refused_count=2)
    found = numbers(ask())
    assert found["connections", "active"] == 1
    assert found["connections", "deleting"] == 1
    assert found["runs", "succeeded"] == 1
    assert found["rows_last_day", "accepted"] == 3
    assert found["rows_last_day", "refused"] == 2


def test_shows_what_needs_somebody(ask):
    now = timezone.now()
    run = RunFactory(queued_at=now - timedelta(minutes=5))
    silent = RunFactory()
    silent.claim(owner="dead")
    Run.objects.filter(pk=silent.pk).update(lease_until=now - timedelta(minutes=1), troubles=2)
    found = numbers(ask())
    assert run.state == "queued"
    assert found["oldest_queued_seconds", "import"] >= 300
    assert found["runs_in_need", "silent"] == 1
    assert found["runs_in_need", "troubled"] == 1
    assert found["runs_in_need", "stopping"] == 0


def test_tells_when_each_part_was_last_seen(ask):
    Heartbeat.objects.create(part="tick", seen_at=timezone.now() - timedelta(seconds=42))
    assert 42 <= numbers(ask())["part_seen_seconds", "tick"] < 60


def test_an_empty_installation_has_numbers_too(ask):
    assert numbers(ask())["rows_last_day", "read"] == 0


def test_needs_no_more_queries_for_more_rows(ask, django_assert_max_num_queries):
    for _ in range(5):
        RunFactory(parent=ImportFactory())
    with django_assert_max_num_queries(12):
        ask()


def test_names_nobody_and_nothing(ask):
    found = RunFactory()
    text = ask().content.decode()
    assert found.parent.nickname not in text
    assert found.parent.connection.name not in text
    assert "@" not in text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "ä"])
def test_refuses_another_token(ask, token):
    answer = ask(token)
    assert answer.status_code == 401
    assert b"clevertap_bq_" not in answer.content


def test_does_not_exist_while_no_token_is_set(client, db, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_refuses_to_be_changed(client):
    assert client.post("/metrics").status_code == 405
