"""One sandbox for the whole session; each test begins with a reset one."""

import pytest

from tests.sandbox.google import discovery
from tests.sandbox.google.running import running


@pytest.fixture(scope="session")
def session_sandbox(tmp_path_factory):
    with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(session_sandbox):
    """Whatever BigQuery answers in the test is held to the published description."""
    session_sandbox.state.reset()
    session_sandbox.answers.clear()
    yield session_sandbox
    for method, path, status, body in session_sandbox.answers:
        assert discovery.problems(method, path, status, body) == []


@pytest.fixture
def client(sandbox):
    return sandbox.client()


@pytest.fixture
def admin(sandbox):
    return sandbox.client("admin")
