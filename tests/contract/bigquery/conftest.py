"""The gateway over real HTTP: against a stub that says anything, and against the sandbox."""

from collections.abc import Callable, Iterator

import pytest

from connections.bigquery import BigQuery, Endpoints
from connections.secret import Secret
from connections.service_account import ServiceAccountKey
from tests.contract.bigquery.sandbox_process import PROJECT, Sandbox, running_sandbox
from tests.contract.bigquery.stub import StubGoogle, running_stub
from tests.factories_keys import pem, rsa_key

Open = Callable[..., BigQuery]


def _key() -> ServiceAccountKey:
    return ServiceAccountKey(
        project_id="shop-4711",
        private_key_id="0123456789abcdef0123456789abcdef01234567",
        client_email="importer@shop-4711.iam.gserviceaccount.com",
        google="sandbox",
        private_key=Secret(pem(rsa_key())),
    )


@pytest.fixture
def key() -> ServiceAccountKey:
    return _key()


@pytest.fixture(scope="session")
def one_stub() -> Iterator[StubGoogle]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def stub(one_stub: StubGoogle) -> StubGoogle:
    """Forgets what it was told by the test before."""
    StubGoogle.__init__(one_stub, one_stub.url)
    return one_stub


@pytest.fixture
def open_at(key: ServiceAccountKey) -> Iterator[Open]:
    """Opens gateways at any address and closes them all."""
    opened: list[BigQuery] = []

    def open_it(endpoints: Endpoints, call_seconds: float = 5.0) -> BigQuery:
        opened.append(
            BigQuery(key, project="shop-4711", endpoints=endpoints, call_seconds=call_seconds)
        )
        return opened[-1]

    yield open_it
    for gateway in opened:
        gateway.close()


@pytest.fixture
def bigquery(open_at: Open, stub: StubGoogle) -> BigQuery:
    return open_at(stub.endpoints)


@pytest.fixture(scope="session")
def shared_bigquery(one_stub: StubGoogle) -> Iterator[BigQuery]:
    """For tests by the dozen: loading a key takes longer than a call."""
    with BigQuery(_key(), project="shop-4711", endpoints=one_stub.endpoints) as bigquery:
        yield bigquery


@pytest.fixture(scope="session")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_sandbox: Sandbox) -> Sandbox:
    """Without faults, jobs and ledger of the test before."""
    one_sandbox.reset()
    return one_sandbox


@pytest.fixture
def open_as(sandbox: Sandbox) -> Iterator[Open]:
    """Opens gateways with the sample keys and closes them all."""
    opened: list[BigQuery] = []

    def open_it(name: str, project: str = PROJECT, call_seconds: float = 10.0) -> BigQuery:
        key = sandbox.key(name)
        opened.append(
            BigQuery(key, project=project, endpoints=sandbox.endpoints, call_seconds=call_seconds)
        )
        return opened[-1]

    yield open_it
    for gateway in opened:
        gateway.close()


@pytest.fixture(scope="session")
def one_good(one_sandbox: Sandbox) -> Iterator[BigQuery]:
    key = one_sandbox.key("good")
    with BigQuery(key, project=PROJECT, endpoints=one_sandbox.endpoints) as bigquery:
        yield bigquery


@pytest.fixture
def good(sandbox: Sandbox, one_good: BigQuery) -> BigQuery:
    """The good key, with a token from the first test that used it."""
    return one_good


@pytest.fixture(scope="session")
def hasty(one_sandbox: Sandbox) -> Iterator[BigQuery]:
    """The good key in a gateway that gives up soon."""
    key, places = one_sandbox.key("good"), one_sandbox.endpoints
    with BigQuery(key, project=PROJECT, endpoints=places, call_seconds=2.0) as bigquery:
        yield bigquery
