"""The pages show what there is, escape everything, and fit the content security policy."""

import re
from html.parser import HTMLParser

import pytest

from sandbox.state import SandboxState
from tests.sandbox.clevertap.builders import CleverTap, event, profile, request

PAGES = ["/", "/received", "/faults", "/requests"]
RUN = "6f1f5c0e-3d0b-4a54-9a77-2b8f6b2d1c11"
HOSTILE = """<script>alert(1)</script>"'&<img src=x onerror=alert(1)>"""


class Elements(HTMLParser):
    """All start tags of a page, and all its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data + " "

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def page(state: SandboxState, path: str) -> Elements:
    answer = request("GET", state.base_url + path)
    assert answer.status == 200
    return Elements(answer.text.decode())


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_it_is_a_sandbox(state: SandboxState, path: str):
    shown = page(state, path)

    assert "Sandbox" in shown.text
    assert "A stand-in on this machine; nothing leaves it." in shown.text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_script_or_style_or_loads_from_elsewhere(state, path: str):
    answer = request("GET", state.base_url + path)
    shown = Elements(answer.text.decode())

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert shown.all("script") == shown.all("style") == []
    for tag, attributes in shown.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        addresses = [attributes.get(name) or "/" for name in ("href", "src", "action")]
        assert all(re.match("/|#", address) for address in addresses), tag


@pytest.mark.parametrize("path", PAGES)
def test_every_control_of_a_page_has_a_label_and_every_id_is_unique(state, path: str):
    shown = page(state, path)
    ids = [attributes["id"] for _, attributes in shown.tags if "id" in attributes]
    labelled = {attributes["for"] for attributes in shown.all("label")}

    assert len(ids) == len(set(ids))
    controls = [one for one in shown.all("input") if one.get("type") != "hidden"]
    assert {one["id"] for one in controls + shown.all("select")} == labelled


def test_the_start_page_gives_credentials_that_work(state: SandboxState):
    text = page(state, "/").text
    account_id, passcode = re.findall(r"\b[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{4}\b", text)[:2]

    headers = {"X-CleverTap-Account-Id": account_id, "X-CleverTap-Passcode": passcode}
    address = f"{state.base_url}/clevertap/v1/connect?partner=x"
    assert request("GET", address, headers=headers).status == 200


def test_the_start_page_offers_every_key_and_says_what_is_wrong_with_it(state: SandboxState):
    shown = page(state, "/")

    offered = {link["href"] for link in shown.all("a") if "download" in link}
    assert offered == {f"/keys/{account.name}.json" for account in state.accounts.all()}
    assert "account disabled" in shown.text
    assert "key deleted" in shown.text


def test_the_start_page_never_shows_a_private_key(state: SandboxState):
    assert b"PRIVATE KEY" not in request("GET", f"{state.base_url}/").text


def test_what_was_received_is_shown_and_escaped(clevertap: CleverTap, state: SandboxState):
    clevertap.upload(profile(HOSTILE[:25], Bio=HOSTILE), event("ann", name="Seen", what=HOSTILE))

    shown = page(state, "/received")
    assert HOSTILE in shown.text.replace("  ", " ")
    assert shown.all("script") == []
    assert shown.all("img") == []


def test_an_identity_is_found_with_its_properties(clevertap: CleverTap, state: SandboxState):
    clevertap.upload(profile("ann", City="Bonn"), profile("bob", City="Rome"))

    text = page(state, "/received?identity=bob").text
    assert "Rome" in text
    assert "Bonn" not in text


def test_a_hostile_search_finds_nothing_and_comes_back_escaped(state: SandboxState):
    shown = page(state, "/received?identity=%22%3E%3Cscript%3E&run=%22%3E%3Cscript%3E")

    assert shown.all("script") == []
    assert "No profile." in shown.text
    assert {"name": "identity", "value": '"><script>'}.items() <= shown.all("input")[0].items()


def test_batches_show_verdict_reason_and_run(clevertap: CleverTap, state: SandboxState):
    clevertap.upload(profile(Email="x"), profile(), X_Clevertap_Bq_Run=RUN)
    clevertap.upload(event(name="other"), query="?dryRun=1")

    shown = page(state, "/received")
    assert "515 e-mail not valid: 1" in shown.text
    assert "partial" in shown.text
    assert "dry run" in shown.text
    assert f"/received?run={RUN}" in {link.get("href") for link in shown.all("a")}


def test_half_a_surrogate_pair_does_not_break_the_page(clevertap: CleverTap, state: SandboxState):
    clevertap.upload(profile("ann", Name="a\ud800b"))

    assert "ann" in page(state, "/received").text


def test_requests_can_be_narrowed_to_a_service_and_a_run(clevertap, state: SandboxState):
    clevertap.upload(profile(), X_Clevertap_Bq_Run=RUN)

    assert "/clevertap/1/upload" in page(state, "/requests").text
    assert "/clevertap/1/upload" in page(state, f"/requests?service=clevertap&run={RUN}").text
    assert "/clevertap/1/upload" not in page(state, "/requests?service=bigquery").text
    assert "/clevertap/1/upload" not in page(state, "/requests?run=other").text


def test_the_passcode_is_on_no_other_page_than_the_first(clevertap, state: SandboxState):
    clevertap.upload(profile())
    passcode = clevertap.credentials["X-CleverTap-Passcode"].encode()

    shown = [request("GET", state.base_url + path).text for path in (*PAGES, "/ledger")]
    assert [passcode in text for text in shown] == [True, False, False, False, False]


@pytest.mark.parametrize("path", ["/sandbox.css", "/sandbox.svg"])
def test_the_files_of_the_pages_are_served(state: SandboxState, path: str):
    assert request("GET", state.base_url + path).status == 200
