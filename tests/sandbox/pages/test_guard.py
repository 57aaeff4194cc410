"""Pages of other origins can neither rebind a name to the sandbox nor change anything in it."""

import pytest

from sandbox.pages.guard import is_loopback
from sandbox.state import SandboxState
from tests.sandbox.clevertap.builders import request

CHANGES = ["/faults", "/faults/lift-all", "/control/clevertap/accounts", "/clevertap/1/upload"]
PATHS = ["/", "/received", "/control/clevertap/received", "/sandbox.css", "/clevertap/v1/connect"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "0.0.0.0", "10.0.0.1"])
@pytest.mark.parametrize("path", PATHS)
def test_refuses_a_host_that_is_not_loopback(state: SandboxState, path: str, host: str):
    answer = request("GET", state.base_url + path, headers={"Host": host})

    assert answer.status == 403
    assert "localhost" in answer.body["error"]


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_refuses_a_change_from_a_foreign_page(state: SandboxState, path: str, headers):
    rule = state.faults.add({"effect": "hang", "service": "token"})

    assert request("POST", state.base_url + path, b"", headers).status == 403
    assert state.faults.all() == [rule]


def test_refuses_other_methods_of_change_as_well(state: SandboxState):
    foreign = {"Origin": "https://evil.example"}
    address = f"{state.base_url}/control/clevertap/received"

    assert request("DELETE", address, headers=foreign).status == 403


def test_accepts_a_change_from_its_own_page(state: SandboxState):
    own = {"Origin": state.base_url, "Sec-Fetch-Site": "same-origin"}

    assert request("POST", f"{state.base_url}/faults/lift-all", b"", own).status == 303


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8001", "127.0.0.1:80", "127.8.8.8", "[::1]:8001"]
)
def test_knows_the_names_of_this_machine(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", ":80", "localhost.evil.example", "[::2]", "[::1", "user@evil.example", "1", "a@localhost"],
)
def test_knows_that_other_names_are_not(host: str):
    assert not is_loopback(host)
