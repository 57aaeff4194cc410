"""Import Connections as its tests see it: rows, words, and two connections to tell apart."""

import re
from datetime import UTC, datetime
from html import unescape

from connections.models import ConnectionTest
from connections.status import fingerprint_of
from tests.factories import ConnectionFactory, UserFactory

LIST = "/settings/partners/import-connections/"


def early_and_late():
    """Ann's of 1 March 2026 and Bob's of 1 September, both at noon in UTC."""
    ann = UserFactory(admin=True, email="ann@shop.example")
    bob = UserFactory(admin=True, email="bob@shop.example")
    early = ConnectionFactory(
        name="Early",
        project_id="acme-2",
        dataset_id="crm_eu",
        created_by=ann,
        created_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    late = ConnectionFactory(
        name="Late", created_by=bob, created_at=datetime(2026, 9, 1, 12, tzinfo=UTC)
    )
    return early, late


def let_speak(connection, verdict="verified"):
    """A test of the connection as it is now; without a verdict it is still at work."""
    test = ConnectionTest.objects.create(
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
        fingerprint=fingerprint_of(connection),
        requested_by=connection.created_by,
    )
    if verdict:
        test.finish(verdict=verdict)
    connection.speak_by(test)


def opener(client):
    """Opens the list with a query: whatever that is, it is a page."""

    def get(**query):
        answer = client.get(LIST, query)
        assert answer.status_code == 200
        return answer

    return get


def names(answer):
    return [row["name"] for row in answer.context["rows"]]


def text(answer):
    """What the page says, without the frame around it."""
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())
