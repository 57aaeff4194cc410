"""A saved connection, whose page is looked at."""

import pytest

from tests.factories import ConnectionFactory, StoredKeyFactory
from tests.web.connections.connection_page import FINGERPRINT


@pytest.fixture
def connection(admin):
    key = StoredKeyFactory(
        uploaded_by=admin, private_key_id="8f3b1c22" + "9" * 32, public_fingerprint=FINGERPRINT
    )
    return ConnectionFactory(name="Warehouse", key=key, created_by=admin)
