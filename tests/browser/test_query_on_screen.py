"""An import of an SQL query in real Chromium: a mistake, its place, the cost, rows, a run."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.choosing import choose_database
from tests.browser.test_mission import add_account, save_database

pytestmark = pytest.mark.browser


SQL = "SELECT customer_id,\n  {}\nFROM customers_small;"


def test_a_query_is_checked_while_it_is_typed_previewed_and_run(page, product):
    product.sandbox.reset()
    save_database(page, product, name="Queried")
    add_account(page, product, name="Queried account")
    _choose_sql(page, product)
    sql = page.get_by_label("SQL", exact=True)
    sql.fill(SQL.format("emial"))
    expect(page.get_by_text("Line 2, column 3:")).to_be_visible()
    expect(page.locator("[data-lines] mark")).to_have_text("2")
    assert violations(page) == []
    page.get_by_role("button", name="Go to line 2").click()
    expect(sql).to_be_focused()
    page.keyboard.type("email")
    expect(sql).to_have_value(SQL.format("email"))
    expect(page.locator("#check .facts")).to_contain_text("2 columns")
    page.get_by_role("button", name="Preview Results").click()
    expect(page.locator("#rows tbody tr")).to_have_count(10)
    page.get_by_role("button", name="Next").click()
    _run(page)


def _choose_sql(page, product):
    page.goto(f"{product.url}/settings/partners/import-center/create/")
    page.get_by_label("Nickname").fill("By query")
    choose_database(page, "Queried")
    page.get_by_label("CleverTap account").select_option(label="Queried account")
    page.get_by_label("Query Type").select_option("SQL")


def _run(page):
    page.get_by_label("Identity column").select_option("customer_id")
    page.get_by_role("button", name="Save and run now").click()
    expect(page.get_by_role("heading", name="Run of By query")).to_be_visible()
    expect(page.locator(".badge--partly, .badge--succeeded").first).to_be_visible()
    page.locator("#run-sql summary").click()
    expect(page.locator("#run-sql code")).to_contain_text("FROM customers_small")
