"""One sandbox for all tests of this folder, emptied before each."""

import pytest

from sandbox.state import SandboxState
from tests.sandbox.clevertap import server
from tests.sandbox.clevertap.builders import CleverTap, request


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    with server.running_sandbox(tmp_path_factory.mktemp("sandbox")) as state:
        yield state


@pytest.fixture
def state(running) -> SandboxState:
    for part in (running.faults, running.clevertap, running.ledger):
        part.clear()
    return running


@pytest.fixture
def clevertap(state) -> CleverTap:
    return CleverTap(state.base_url)


@pytest.fixture
def second_account(state) -> dict[str, str]:
    """The credentials of one more account, as keyword arguments of `upload`."""
    made = request("POST", f"{state.base_url}/control/clevertap/accounts").body
    return {
        "X_CleverTap_Account_Id": made["account_id"],
        "X_CleverTap_Passcode": made["passcode"],
    }
