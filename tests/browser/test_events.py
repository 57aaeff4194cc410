"""Events in real Chromium: mapped, seen as JSON, tried, and run, with the sandbox as judge."""

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_database
from tests.browser.test_mission import add_account, numbers, save_database

pytestmark = pytest.mark.browser


def start(page, product):
    """An import of a small table, at its mapping."""
    save_database(page, product, name="Events")
    add_account(page, product, name="Events account")
    page.goto(f"{product.url}/settings/partners/import-center/create/")
    page.get_by_label("Nickname").fill("Orders")
    choose_database(page, "Events")
    page.get_by_label("CleverTap account").select_option(label="Events account")
    page.get_by_label("customers_small", exact=True).check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("CleverTap property of city").fill("Town")
    page.get_by_role("button", name="Event Data").click()


def map_events(page):
    """What is typed is judged at once, shown as JSON, and kept while the kind is switched."""
    live, name = page.locator("#live-rows"), page.get_by_label("Specific Event", exact=True)
    page.get_by_label("Identity column").select_option("customer_id")
    name.fill("50% off")
    expect(live).to_contain_text("has characters that CleverTap forbids")
    name.fill("Seen In Shop")
    expect(live).to_contain_text('"evtName": "Seen In Shop"')
    page.get_by_label("CleverTap property of address.city").fill("Shop Town")
    expect(live).to_contain_text('"Shop Town":')
    page.get_by_role("button", name="User Profile Data").click()
    expect(page.get_by_label("CleverTap property of city")).to_have_value("Town")
    page.get_by_role("button", name="Event Data").click()
    expect(name).to_have_value("Seen In Shop")


def test_events_are_mapped_tried_and_sent(page, product):
    product.sandbox.reset()
    start(page, product)
    map_events(page)
    page.get_by_role("button", name="Perform Dry Run").click()
    expect(page.get_by_role("heading", name="Property by property")).to_be_visible()
    received = product.sandbox.ask("/control/clevertap/received")
    assert (received["events"], received["dry_runs"]) == (0, 1)
    page.get_by_role("link", name="Go back to the mapping").click()
    page.get_by_role("button", name="Save and run now").click()
    expect(page.locator(".badge--partly").first).to_be_visible()
    sums = numbers(page)
    received = product.sandbox.ask("/control/clevertap/received")
    assert received["events"] == sums["accepted"] > 400
    assert sums["read"] == sums["accepted"] + sums["refused"] == 500
