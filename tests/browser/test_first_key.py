"""The first key in real Chromium: read, tested check by check, and found again in the list.

Looked at on SQLite only: nothing here depends on the database.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.test_mission import add_database, save_database

pytestmark = pytest.mark.browser


def test_a_key_is_tested_step_by_step(page, product):
    add_database(page, product, name="Tested")
    page.get_by_role("button", name="Test Connection").click()
    expect(page.get_by_text("Every check passed.")).to_be_visible()
    for check in (
        "Project access",
        "Dataset validity",
        "BigQuery Job User",
        "BigQuery Data Editor",
    ):
        step = page.locator(".step--passed", has_text=check)
        expect(step).to_have_count(1)
    expect(page.get_by_text("in location EU")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“Tested” is saved and verified.")).to_be_visible()


def test_a_missing_role_is_named_with_the_command_that_grants_it(page, product):
    add_database(page, product, name="No Job User", key="no-job-user")
    page.get_by_role("button", name="Test Connection").click()
    expect(page.locator(".step--failed", has_text="BigQuery Job User")).to_be_visible()
    expect(page.get_by_text("roles/bigquery.jobUser").first).to_be_visible()


def test_one_check_is_made_again_once_the_role_is_granted(page, product):
    add_database(page, product, name="Mended", key="no-job-user")
    page.get_by_role("button", name="Test Connection").click()
    failed = page.locator(".step--failed", has_text="BigQuery Job User")
    expect(failed).to_be_visible()
    roles = [
        {"role": "roles/bigquery.jobUser"},
        {"role": "roles/bigquery.dataEditor", "dataset": "shop"},
    ]
    product.sandbox.ask("/control/accounts/no-job-user", "PUT", {"roles": roles})
    failed.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Every check that imports need passed.")).to_be_visible()
    expect(page.get_by_label("Connection name")).to_have_value("Mended")
    product.sandbox.reset()


def test_a_pasted_key_works_as_an_uploaded_one_and_is_never_sent_back(page, product):
    key = product.sandbox.key("good").decode()
    page.goto(f"{product.url}/settings/partners/bigquery/add/")
    page.get_by_label("Custom key").check()
    page.locator("textarea").fill(key)
    read = page.get_by_role("button", name="Read key")
    if read.is_visible():
        read.click()
    expect(page.get_by_text("sandbox-shop-4711.iam.gserviceaccount.com").first).to_be_visible()
    expect(page.get_by_label("Project ID")).to_have_value("sandbox-shop-4711")
    assert "PRIVATE KEY" not in page.content()


def test_the_datasets_that_the_key_can_see_are_offered(page, product):
    add_database(page, product, name="Datasets")
    expect(page.locator("#datasets")).to_contain_text("shop (EU)")
    expect(page.locator("#dataset-options option[value=shop]")).to_have_count(1)
    expect(page.get_by_label("Dataset ID")).to_have_value("shop")


def test_a_file_that_is_no_key_costs_nothing_that_was_typed(page, product):
    page.goto(f"{product.url}/settings/partners/bigquery/add/")
    page.get_by_label("Connection name").fill("Kept")
    page.get_by_label("Dataset ID").fill("shop")
    upload = {"name": "key.json", "mimeType": "application/json", "buffer": b"<html>Sign in</html>"}
    page.set_input_files("input[type=file]", upload)
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("Connection name")).to_have_value("Kept")
    expect(page.get_by_label("Dataset ID")).to_have_value("shop")


def test_the_filters_find_a_connection_by_day_and_by_person(page, product):
    save_database(page, product, name="Findable")
    page.goto(f"{product.url}/settings/partners/import-connections/")
    page.locator(".filter-pane summary").click()
    page.get_by_label("Connected On, from").fill("2030-01-01")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("No connection passes these filters")).to_be_visible()
    page.get_by_role("link", name="Reset").first.click()
    page.locator(".filter-pane summary").click()
    page.get_by_label("Connected By").select_option(index=1)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("link", name="Findable", exact=True)).to_be_visible()
