"""A draft of an import, and what a worker has read of its table."""

import pytest

from connections.models import Lookup
from tests.factories import CleverTapAccountFactory, ConnectionFactory, ImportFactory
from tests.web.imports.map_page import COLUMNS


@pytest.fixture
def places(db):
    return ConnectionFactory(name="Warehouse"), CleverTapAccountFactory(name="Shop")


@pytest.fixture
def draft(places):
    return ImportFactory(draft=True, connection=places[0], account=places[1], table_id="customers")


@pytest.fixture
def lookup(draft):
    """The worker's answer about the draft's table."""
    connection = draft.connection
    found = Lookup.objects.create(
        kind=Lookup.Kind.TABLE,
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        table_id="customers",
        requested_by=draft.created_by,
    )
    row = ["c1", "ann@shop.example", "2026-01-02T03:04:05", {"f": [{"v": "Berlin"}]}]
    answer = {"id": "customers", "kind": "TABLE", "rows": 1, "bytes": 9, "columns": COLUMNS}
    found.answered({**answer, "preview": [row]})
    return found
