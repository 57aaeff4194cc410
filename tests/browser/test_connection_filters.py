"""The filters of Import Connections by their labels, by keyboard alone, and shared."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect

from clevertap_bq.local import launcher
from clevertap_bq.local.folder import open_folder
from tests.browser.axe import violations
from tests.browser.conftest import ROOT, _environment, _note, _note_500

pytestmark = pytest.mark.browser

LIST = "/settings/partners/import-connections/"
# It is about noon for Zoe, so that no test sees her midnight; Bob lives an hour west of her.
HOURS = 12 - datetime.now(UTC).hour
TODAY = datetime.now(timezone(timedelta(hours=HOURS))).date()
YESTERDAY = TODAY - timedelta(days=1)
PEOPLE = {
    "zoe@tide.example": f"Etc/GMT{-HOURS:+d}",
    "zz-bob@tide.example": f"Etc/GMT{1 - HOURS:+d}",
}
SEED = f"""
import json
from datetime import datetime, timedelta, timezone
from accounts.models import User
from accounts.services import make_sign_in_link
from tests.factories import ConnectionFactory
from tests.web.connections.list_page import let_speak
now = datetime.now(timezone.utc)
zoe, bob = [User.objects.create_user(email=email, role="admin") for email in {list(PEOPLE)}]
for person, zone in zip((zoe, bob), {list(PEOPLE.values())}):
    User.objects.filter(pk=person.pk).update(time_zone=zone)
midnight = datetime.fromisoformat("{TODAY}").replace(tzinfo=timezone(timedelta(hours={HOURS})))
def connect(name, minutes, by):
    created_at = midnight + timedelta(minutes=minutes)
    key_of = {{"key__uploaded_by": by, "created_by": by}}
    return ConnectionFactory(name=name, created_at=created_at, **key_of)
let_speak(connect("Tide at dawn", 1, zoe), "failed")
let_speak(connect("Tide at night", -1, zoe))
let_speak(connect("Tide long ago", -60 * 24 * 60, bob))
links = [make_sign_in_link(user=one, now=now) for one in (zoe, bob)]
print("LINKS", json.dumps(links))
"""
SWEEP = """
from connections.models import Connection, StoredKey
rows = Connection.objects.filter(name__startswith="Tide ")
keys = list(rows.values_list("key", flat=True))
rows.update(latest_test=None)
rows.delete()
StoredKey.objects.filter(pk__in=keys).delete()
"""


def in_the_product(product, code):
    """What the code prints, run with the product's own settings and database."""
    ports = [url.rsplit(":", 1)[1] for url in (product.url, product.sandbox.url)]
    folder = open_folder(product.folder)
    local = launcher.read_environment(_environment(product.folder), folder, *map(int, ports))
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code]
    answer = subprocess.run(
        command, cwd=ROOT, env=local, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def sessions(chromium, product):
    """Zoe and Bob, signed in: what their browsers keep. Their connections are swept away after."""
    paths = json.loads(in_the_product(product, SEED).partition("LINKS ")[2])
    yield [_signed_in(chromium, product.url + path) for path in paths]
    in_the_product(product, SWEEP)


def _signed_in(chromium, link):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name=re.compile("^Sign in as")).click()
    page.wait_for_url("**/settings/**")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_list(chromium, product, sessions):
    """Opens the list as Zoe or as Bob; a script error or a server error fails the test."""
    contexts, troubles = [], []

    def open_as(person, query="", width=1440):
        state = sessions[person]
        context = chromium.new_context(
            storage_state=state, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: _note(troubles, line))
        page.on("response", lambda answer: _note_500(troubles, answer))
        page.goto(query if query.startswith("http") else f"{product.url}{LIST}{query}")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert troubles == []


ZOE, BOB = 0, 1


def shown(page):
    """The names in the table, as they stand below each other."""
    return page.locator("tbody th a").all_inner_texts()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def open_filter_by_keyboard(page):
    """From the search box: Tab to Filter, Enter."""
    press(page, "/", "Tab", "Enter")
    expect(page.locator("#filter")).to_have_attribute("open", "")


def test_by_keyboard_alone_to_the_connections_of_today(open_list):
    page = open_list(ZOE)
    press(page, "/")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.keyboard.type("tide")
    press(page, "Enter")
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Search: tide")
    assert page.url.endswith("?q=tide")
    assert shown(page) == ["Tide at dawn", "Tide at night", "Tide long ago"]
    open_filter_by_keyboard(page)
    press(page, "Tab")
    expect(page.get_by_role("link", name="Today")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("link", name="Tide at night")).to_have_count(0)
    assert shown(page) == ["Tide at dawn"]
    assert page.url.endswith(f"?q=tide&connected_from={TODAY}&connected_to={TODAY}")


def test_by_keyboard_alone_to_a_range_of_days(open_list):
    page = open_list(ZOE, "?q=tide")
    open_filter_by_keyboard(page)
    press(page, *["Tab"] * 5)
    expect(page.get_by_label("Connected On, from")).to_be_focused()
    page.keyboard.type(f"{YESTERDAY:%m%d%Y}")
    expect(page.get_by_label("Connected On, from")).to_have_value(str(YESTERDAY))
    page.get_by_label("Connected On, to").focus()
    page.keyboard.type(f"{YESTERDAY:%m%d%Y}")
    press(page, "Enter")
    expect(page.get_by_role("link", name="Tide at dawn")).to_have_count(0)
    assert shown(page) == ["Tide at night"]


def test_a_day_is_the_day_of_who_looks(open_list):
    """Zoe's first minute of today is still yesterday for Bob."""
    days = f"?q=tide&connected_from={YESTERDAY}&connected_to={YESTERDAY}"
    assert shown(open_list(ZOE, days)) == ["Tide at night"]
    assert shown(open_list(BOB, days)) == ["Tide at dawn", "Tide at night"]


def test_escape_closes_the_pane_and_gives_the_focus_back(open_list):
    page = open_list(ZOE)
    open_filter_by_keyboard(page)
    press(page, "Tab", "Tab", "Escape")
    expect(page.get_by_label("Connected By")).to_be_hidden()
    expect(page.locator("#filter > summary")).to_be_focused()


def test_an_address_shows_the_same_list_to_a_colleague(open_list):
    page = open_list(ZOE)
    page.get_by_role("link", name="Name", exact=True).click()
    page.get_by_label("Search", exact=True).fill("tide")
    page.locator("#filter > summary").click()
    page.get_by_label("Connected By").select_option(label="zoe@tide.example")
    page.get_by_label("Status", exact=True).select_option(label="Verified")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("link", name="Tide at dawn")).to_have_count(0)
    assert "connected_from" not in page.url, "an empty field stands in the address"
    colleague = open_list(BOB, page.url)
    assert shown(colleague) == shown(page) == ["Tide at night"]
    chips = colleague.get_by_role("list", name="Active filters")
    expect(chips).to_contain_text("Connected By: zoe@tide.example")
    expect(chips).to_contain_text("Status: Verified")
    expect(colleague.locator("th[aria-sort=ascending]")).to_have_text("Name")


def test_reset_brings_everything_back(open_list):
    page = open_list(ZOE, "?q=tide&status=failed&sort=name")
    assert shown(page) == ["Tide at dawn"]
    page.locator("#filter > summary").click()
    page.locator("#filter").get_by_role("link", name="Reset").click()
    expect(page.get_by_role("list", name="Active filters")).to_have_count(0)
    expect(page.get_by_role("link", name="Tide long ago")).to_be_visible()
    expect(page.get_by_label("Search", exact=True)).to_have_value("")


def test_an_empty_list_names_the_filter_that_empties_it(open_list):
    page = open_list(ZOE, f"?q=tide&status=failed&connected_to={YESTERDAY}")
    expect(page.get_by_text("No connection passes these filters")).to_be_visible()
    expect(page.get_by_text("Without Connected On there is 1.")).to_be_visible()
    expect(page.get_by_text("Without Search")).to_have_count(0)
    page.get_by_role("link", name="Without Connected On").click()
    expect(page.get_by_role("link", name="Tide at dawn")).to_be_visible()


def test_a_row_is_acted_on_by_keyboard(open_list):
    page = open_list(ZOE, "?q=tide&sort=name")
    page.get_by_label("Actions for Tide at dawn").focus()
    press(page, "Enter", "Tab")
    expect(page.get_by_role("link", name="View Tide at dawn")).to_be_focused()
    press(page, "Tab")
    expect(page.get_by_role("button", name="Test Tide at dawn")).to_be_focused()
    page.get_by_role("link", name="Delete Tide at dawn").focus()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Delete “Tide at dawn”?")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("heading", name="Delete “Tide at dawn”?")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1440])
def test_fits_its_width_and_passes_the_rules_of_accessibility(open_list, width):
    page = open_list(ZOE, "?q=tide&status=green", width=width)
    expect(page.get_by_text("There is no status “green”.")).to_be_visible()
    page.get_by_label("Actions for Tide at night").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#filter > summary").click()
    apply = page.get_by_role("button", name="Apply")
    apply.scroll_into_view_if_needed()
    expect(apply).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
