"""What the tests of a connection's page have in common: its words, and rows to show there."""

from datetime import timedelta
from html import unescape

from django.utils import timezone

from connections.models import ConnectionTest, ConnectionTestStep
from connections.status import fingerprint_of
from tests.factories import ImportFactory, RunFactory

FINGERPRINT = "3f2a9c1b04de7781" + "0" * 48


def page(client, connection):
    answer = client.get(connection.get_absolute_url())
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def section(text, name):
    """The words of one part of the page, by the id of its section."""
    return text.partition(f'id="{name}"')[2].partition("</section>")[0]


def a_test(connection, *, verdict="verified", at=None, trigger="manual", by=None):
    at = at or timezone.now()
    test = ConnectionTest.objects.create(
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
        fingerprint=fingerprint_of(connection),
        trigger=trigger,
        requested_by=by or (connection.created_by if trigger == "manual" else None),
        requested_at=at,
        started_at=at,
    )
    changes = {"verdict": verdict, "finished_at": at + timedelta(seconds=2.5)}
    ConnectionTest.objects.filter(pk=test.pk).update(**(changes if verdict else {}))
    return test


def a_step(test, result, sentence="", position=0, code="x"):
    titles = ("Google accepts the key", "BigQuery Job User", "BigQuery Data Editor", "Fast reads")
    return ConnectionTestStep.objects.create(
        test=test,
        position=position,
        code=code,
        title=titles[position],
        result=result,
        sentence=sentence,
    )


def a_run(connection, **changes):
    parent = ImportFactory(connection=connection)
    return RunFactory(parent=parent, succeeded=True, **changes)
