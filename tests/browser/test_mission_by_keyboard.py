"""The whole mission without a mouse: from the sign-in link to the evidence of a deletion.

Keys only: nothing is clicked, filled in or focused by the test. See ``keyboard``.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, _troubles_of
from tests.browser.keyboard import Keyboard

pytestmark = pytest.mark.browser
NAME = "Whole mission by keyboard"
LINK = re.compile(r"/settings/partners/import-connections/[0-9a-f-]{36}/$")


@pytest.fixture
def page(chromium, product):
    """Nobody is signed in yet. A violated content policy or a script error fails the test."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 1000},
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    troubles = _troubles_of(page)
    yield page
    context.close()
    product.sandbox.reset()
    assert troubles == []


def test_the_whole_mission_by_keyboard_alone(page, product):
    product.sandbox.reset()
    keys = Keyboard(page)
    _sign_in(page, product, keys)
    _add_database(page, product, keys)
    _add_account(page, product, keys)
    _create_import(page, keys)
    _see_it_end(page)
    _run_it_again(page, product, keys)
    _delete_while_it_runs(page, keys)


def _sign_in(page, product, keys):
    page.goto(product.sign_in_link())
    admin = page.get_by_role("button", name=re.compile("^Sign in as")).inner_text()
    keys.press_on(admin)
    expect(page.get_by_role("heading", name="Partners", exact=True)).to_be_visible()
    keys.press_on("Skip to the content")
    assert page.evaluate("() => document.activeElement.id") == "main"
    keys.to("Partner List", "Dismiss", "Close")  # the content, not the navigation again


def _add_database(page, product, keys):
    keys.search("add database")
    keys.press_on("Add Database")
    expect(page.get_by_role("heading", name="Add Database", exact=True)).to_be_visible()
    keys.fill("Connection name", NAME)
    keys.to("Upload JSON file")
    keys.press("ArrowRight")
    keys.to("Key as JSON text")
    key = product.sandbox.key("good").decode()
    page.evaluate("text => navigator.clipboard.writeText(text)", key)
    keys.press("Control+V")
    expect(page.locator(".key-identity")).to_contain_text("sandbox-good@")
    keys.keeps_the_focus()
    keys.fill("Dataset ID", "shop")
    keys.press_on("Test Connection")
    expect(page.get_by_text("Every check passed.")).to_be_visible()
    keys.keeps_the_focus()
    keys.press_on("Save", most=120)
    page.wait_for_url(LINK)
    expect(page.get_by_text(f"“{NAME}” is saved and verified.")).to_be_visible()


def _add_account(page, product, keys):
    sample = product.sandbox.account()
    keys.press_on("CleverTap accounts")
    expect(page.get_by_role("heading", name="CleverTap accounts", exact=True)).to_be_visible()
    keys.press_on("Add account")
    expect(page.get_by_role("heading", name="Add CleverTap account")).to_be_visible()
    keys.fill("Name", NAME)
    keys.choose("Region", "Sandbox")
    keys.fill("Account ID", sample["account_id"])
    keys.fill("Passcode", sample["passcode"])
    keys.press("Enter")
    expect(page.get_by_text("CleverTap accepts this account")).to_be_visible()


def _create_import(page, keys):
    keys.press_on("Create Import")
    expect(page.get_by_role("heading", name="Create Import")).to_be_visible()
    keys.fill("Nickname", NAME)
    keys.choose("Database", NAME)
    expect(page.get_by_label("customers_small", exact=True)).to_be_visible()
    keys.keeps_the_focus()
    keys.fill("Search tables", "small")
    expect(page.locator("#table-list [type=radio]")).to_have_count(1)
    keys.to("customers_small")
    keys.press("Space")
    expect(page.locator("#check .facts")).to_be_visible()
    keys.keeps_the_focus()
    keys.press_on("Next")
    expect(page.get_by_role("heading", name="Map columns")).to_be_visible()
    expect(page.get_by_label("Identity column")).to_be_visible()
    keys.choose("Identity column", "customer_id")
    keys.press_on("Save and run now", "Import", most=200)
    expect(page.get_by_role("heading", name=f"Run of {NAME}")).to_be_visible()


def _see_it_end(page):
    expect(page.locator(".badge--partly, .badge--succeeded").first).to_be_visible()


def _run_it_again(page, product, keys):
    """One that stands in its query, so that the deletion finds it at work."""
    product.sandbox.slow_query()
    keys.press_on(NAME)
    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    keys.press_on("Run now")
    expect(page.get_by_text("BigQuery is running the query.")).to_be_visible()


def _delete_while_it_runs(page, keys):
    keys.search(NAME)
    keys.press_on(NAME)
    page.wait_for_url(LINK)
    keys.press_on(f"More actions for {NAME}")
    keys.press_on("Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    _stays_inside(page, keys)
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    assert keys.name() == f"More actions for {NAME}", "the menu does not get the focus back"
    keys.press("Enter")
    keys.press_on("Delete")
    expect(dialog).to_be_visible()
    keys.fill(f"Type {NAME} to confirm", NAME)
    keys.press_on("Delete")
    gone = "Every run is stopped, every BigQuery job is done, and the key is destroyed."
    expect(page.get_by_text(gone)).to_be_visible()
    expect(page.get_by_role("table", name="Runs that were stopped")).to_contain_text("Cancelled")


def _stays_inside(page, keys):
    """Once round the dialog: what lies behind it cannot be reached."""
    inside = """() => document.activeElement === document.body
        || document.activeElement.closest("dialog") !== null"""
    keys.keeps_the_focus(0.2)
    for _ in range(12):
        keys.press("Tab")
        assert page.evaluate(inside), "a tab leaves the dialog for the page"
