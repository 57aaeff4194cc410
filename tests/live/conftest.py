"""Real Google, only when asked: `make live` with LIVE_KEY_FILE and LIVE_DATASET.

Without LIVE_KEY_FILE the module is not even collected, so that no ordinary run calls
Google, costs anything, or counts a skipped test. `make test` drops the variables.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from connections.bigquery import BigQuery
from connections.service_account import KeyRefused, ServiceAccountKey, read_key
from connections.source import endpoints_of

collect_ignore = [] if os.environ.get("LIVE_KEY_FILE") else ["test_bigquery_live.py"]


@pytest.fixture(scope="session")
def key() -> ServiceAccountKey:
    """A key that cannot be read fails without a traceback, which could show it."""
    token_uris = {settings.GOOGLE_ENDPOINTS["google"]["token_uri"]: "google"}
    try:
        raw = Path(os.environ["LIVE_KEY_FILE"]).expanduser().read_bytes()
        return read_key(raw, token_uris=token_uris)
    except (OSError, KeyRefused) as refused:
        problem = str(refused)
    pytest.fail(f"LIVE_KEY_FILE: {problem}", pytrace=False)


@pytest.fixture(scope="session")
def dataset() -> str:
    return os.environ["LIVE_DATASET"]


@pytest.fixture(scope="session")
def bigquery(key: ServiceAccountKey) -> Iterator[BigQuery]:
    google = endpoints_of("google")
    with BigQuery(key, project=key.project_id, endpoints=google, call_seconds=30) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def location(bigquery: BigQuery, dataset: str) -> str:
    return bigquery.dataset(dataset).location


@pytest.fixture(scope="session")
def table(bigquery: BigQuery, dataset: str) -> str:
    """LIVE_TABLE, else the first stored table of the dataset."""
    stored = (one.id for one in bigquery.tables(dataset) if one.kind == "TABLE")
    name = os.environ.get("LIVE_TABLE") or next(stored, None)
    return name or pytest.skip("The dataset has no stored table. Make one, or set LIVE_TABLE.")
