"""Edit and replace key in real Chromium: staged, tested, promoted, brought back."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_mission import save_database

pytestmark = pytest.mark.browser


def open_edit(page, name):
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_role("heading", name=f"Edit {name}")).to_be_visible()


def stage_key(page, product, key):
    page.get_by_text("Replace key", exact=True).click()
    upload = {
        "name": "key.json",
        "mimeType": "application/json",
        "buffer": product.sandbox.key(key),
    }
    page.set_input_files("input[type=file]", upload)
    expect(page.get_by_role("heading", name="New key")).to_be_visible()


def account(product, name):
    accounts = product.sandbox.ask("/control/accounts")["accounts"]
    return next(found for found in accounts if found["name"] == name)["email"]


def test_a_new_key_is_tested_before_it_is_in_force_and_the_old_one_comes_back(page, product):
    product.sandbox.reset()
    save_database(page, product, name="Rotated")
    old, new = account(product, "good"), account(product, "admin")
    open_edit(page, "Rotated")
    stage_key(page, product, "admin")
    page.get_by_role("button", name="Test Connection").click()
    expect(page.get_by_text("Every check passed.")).to_be_visible()
    expect(page.get_by_role("heading", name="New key")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“Rotated” is saved and verified.")).to_be_visible()
    expect(page.locator(".facts").get_by_text(new, exact=True).first).to_be_visible()
    former = page.locator("#former-keys")
    expect(former.get_by_text(old)).to_be_visible()
    former.get_by_role("button", name="Bring back key").click()
    expect(page.get_by_text("is in force again.")).to_be_visible()
    expect(page.get_by_text("Every check passed.")).to_be_visible()
    expect(page.locator(".facts").get_by_text(old, exact=True).first).to_be_visible()


def test_leaving_without_save_keeps_the_old_key(page, product):
    save_database(page, product, name="Untouched")
    address = page.url
    open_edit(page, "Untouched")
    stage_key(page, product, "admin")
    page.goto(address)
    old = account(product, "good")
    expect(page.locator(".facts").get_by_text(old, exact=True).first).to_be_visible()
    expect(page.locator("#former-keys")).to_have_count(0)


def test_a_bad_new_key_fails_its_test_and_the_connection_stays_verified(page, product):
    save_database(page, product, name="Careful")
    page.get_by_role("button", name="Test Connection").click()
    expect(page.get_by_text("Every check passed.")).to_be_visible()
    address = page.url.partition("#")[0]
    open_edit(page, "Careful")
    stage_key(page, product, "no-job-user")
    page.get_by_role("button", name="Test Connection").click()
    failed = page.locator(".step--failed", has_text="BigQuery Job User")
    expect(failed).to_be_visible()
    page.get_by_role("button", name="Keep the present key").click()
    expect(page.get_by_role("heading", name="Key in force")).to_be_visible()
    page.goto(address)
    expect(page.locator(".badge--verified").first).to_be_visible()
