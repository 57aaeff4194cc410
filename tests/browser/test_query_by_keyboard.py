"""Create Import without a mouse, from a query to events by a schedule. See ``keyboard``."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.browser.test_mission import add_account, save_database

pytestmark = pytest.mark.browser
NAME = "Query by keys alone"
SQL = "SELECT customer_id, city, email FROM customers_small"


def test_a_query_becomes_events_by_a_schedule_with_keys_alone(page, product):
    product.sandbox.reset()
    save_database(page, product, name=NAME)
    add_account(page, product, name=NAME)
    page.goto(f"{product.url}/settings/partners/import-center/create/")
    page.emulate_media(reduced_motion="reduce")  # where the focus goes, the page is at once
    keys = Keyboard(page)
    _configure(page, keys)
    _map(page, keys)
    _schedule(page, keys)


def _configure(page, keys):
    keys.fill("Nickname", NAME)
    keys.choose("Database", NAME)
    keys.keeps_the_focus(0.2)
    keys.choose("Query Type", "SQL")
    keys.fill("SQL", SQL)
    expect(page.locator("#check .facts")).to_contain_text("3 columns")
    keys.keeps_the_focus(0.2)
    keys.choose("CleverTap account", NAME)
    keys.press_on("Next")
    expect(page.get_by_role("heading", name="Map columns")).to_be_visible()


def _map(page, keys):
    expect(page.get_by_label("Identity column")).to_be_visible()
    keys.press_on("Event Data")
    expect(page.get_by_label("Specific Event", exact=True)).to_be_visible()
    keys.choose("Identity column", "customer_id")
    keys.fill("Specific Event", "Seen In Shop")
    keys.press_on("Perform Dry Run", most=120)
    expect(page.get_by_role("heading", name="Property by property")).to_be_visible()
    keys.press_on("Go back to the mapping")
    expect(page.get_by_label("Specific Event", exact=True)).to_have_value("Seen In Shop")
    keys.press_on("Save and schedule", most=160)
    expect(page.get_by_role("heading", name="Schedule", exact=True)).to_be_visible()


def _schedule(page, keys):
    """Each type is one press of an arrow; the chosen one asks for what it needs."""
    chosen = page.locator("[name=type]:checked")
    keys.to("Run Later")
    for value in ("interval", "weekly", "monthly", "now", "once", "later", "interval", "weekly"):
        keys.press("ArrowDown")
        expect(chosen).to_have_value(value)
    keys.fill("Monday", "09:00, 18:30")
    keys.press("Enter")  # as the button Import
    expect(page.get_by_text("Monday at 09:00, 18:30").first).to_be_visible()
