"""The three choices of a deletion in real Chromium, with workers and Google's client."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import LONG
from tests.browser.test_mission import add_account, create_import, save_database

pytestmark = pytest.mark.browser


def a_run_at_work(page, product, name, *, table, until):
    """A connection, another one, and an import that is ``until`` there, and no further."""
    save_database(page, product, name=f"{name} target")
    save_database(page, product, name=name)
    add_account(page, product, name=f"{name} account")
    create_import(
        page,
        product,
        nickname=f"{name} import",
        database=name,
        account=f"{name} account",
        table=table,
    )
    expect(page.get_by_text(until)).to_be_visible()


def open_dialog(page, product, name):
    page.goto(f"{product.url}/settings/partners/import-connections/")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_label(f"More actions for {name}").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 import is running")).to_be_visible()
    return dialog


def confirm(dialog, name):
    dialog.get_by_label(f"Type {name} to confirm").fill(name)
    dialog.get_by_role("button", name="Delete", exact=True).click()


def test_a_run_is_let_finish_and_stopped_after_all(page, product):
    product.sandbox.reset()
    sink = product.sandbox.slow_sink()
    a_run_at_work(page, product, "Patient", table="customers", until="Sending rows to CleverTap.")
    dialog = open_dialog(page, product, "Patient")
    assert violations(page) == []
    expect(dialog.get_by_label("Stop them now")).to_be_checked()
    dialog.get_by_label("Let current runs finish").check()
    confirm(dialog, "Patient")
    expect(page.get_by_text("1 run goes on to the end").last).to_be_visible()
    page.get_by_role("button", name="Stop them now").click()
    expect(page.get_by_text("the key is destroyed.").last).to_be_visible()
    product.sandbox.lift(sink)
    evidence = page.get_by_role("table", name="Runs that were at work")
    expect(evidence.locator(".badge--stopped")).to_be_visible()
    expect(page.locator(".badge--deleted").first).to_be_visible()


def test_imports_move_and_the_run_that_has_begun_ends_with_its_own_key(page, product):
    product.sandbox.reset()
    query = product.sandbox.slow_query()
    until = "BigQuery is running the query."
    a_run_at_work(page, product, "Moving", table="customers_small", until=until)
    dialog = open_dialog(page, product, "Moving")
    where = dialog.get_by_label("Connection to move to")
    expect(where).to_be_hidden()
    dialog.get_by_label("Move the imports to another connection").check()
    where.select_option(label="Moving target (sandbox-shop-4711.shop), Not verified")
    confirm(dialog, "Moving")
    expect(page.get_by_role("table", name="Imports that were moved")).to_be_visible()
    product.sandbox.lift(query)
    ended = page.get_by_text("Every run has ended, every BigQuery job is done")
    expect(ended.last).to_be_visible(timeout=LONG)
    moves = page.get_by_role("table", name="Imports that were moved")
    moves.get_by_role("link", name="Moving import").click()
    expect(page.get_by_role("link", name="Moving target")).to_be_visible()
    expect(page.get_by_role("button", name="Run now")).to_be_visible()
