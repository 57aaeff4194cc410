"""The mission with the sandbox, from the first sign-in to a deletion, with its pictures.

Controls are found by role and label, as tests/browser does; what those tests share is used.
"""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.choosing import choose_database
from tests.browser.conftest import Product
from tests.browser.test_mission import add_account, add_database
from tests.screenshots.camera import Camera
from tests.screenshots.product import in_the_product
from tests.screenshots.story import ACCOUNT, CONNECTION, IMPORT, STAGING, SUMMER

SETTINGS = "/settings"
PARTNERS = f"{SETTINGS}/partners"
SLOW, SLOWEST = 30_000, 120_000  # milliseconds
# So many requests of 1,000 rows go through before a run is held for its picture.
REQUESTS_BEFORE_HOLD = 72


def sign_in(page, product: Product, camera: Camera):
    in_the_product(product, "tests.screenshots.company", "people")
    page.goto(product.link)
    page.get_by_role("button", name=re.compile("^Sign in as")).click()
    expect(page.get_by_role("heading", name="Partners", level=1)).to_be_visible()


def sandbox_page(page, product, camera):
    page.goto(product.sandbox.url)
    expect(page.get_by_role("link", name="Download key good")).to_be_visible()
    camera.view("sandbox")


def wrong_file(page, product, camera):
    _open(page, product, f"{PARTNERS}/bigquery/add/", "Add Database")
    page.get_by_label("Connection name").fill(CONNECTION)
    upload = {"name": "key.json", "mimeType": "application/json", "buffer": _OAUTH_CLIENT}
    page.set_input_files("input[type=file]", upload)
    refused = page.locator(".error-summary")
    expect(refused).to_be_visible()
    camera.part("key-refused", refused)


def failing_test(page, product, camera):
    add_database(page, product, name=STAGING, key="no-job-user")
    page.get_by_role("button", name="Test Connection").click()
    failed = page.locator(".step--failed", has_text="BigQuery Job User")
    expect(failed).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-poll]")).to_have_count(0, timeout=SLOW)
    camera.part("test-failed", _section(page, "Test Connection"))
    _save(page, STAGING)


def first_database(page, product, camera):
    add_database(page, product, name=CONNECTION)
    expect(page.locator("#datasets")).to_contain_text("shop (EU)", timeout=SLOW)
    camera.view("add-database")
    camera.view("add-database-narrow")
    page.get_by_role("button", name="Test Connection").click()
    expect(page.get_by_text("Every check passed.")).to_be_visible(timeout=SLOW)
    camera.part("test-passed", _section(page, "Test Connection"))
    _save(page, CONNECTION)


def account(page, product, camera):
    add_account(page, product, name=ACCOUNT)
    camera.view("account")


def run_that_fails(page, product, camera):
    _configure(page, product, "Staging customers", STAGING, "customers_small")
    _map_and_run(page)
    expect(page.get_by_text("The run could not begin", exact=True)).to_be_visible(timeout=SLOW)
    camera.view("run-failed")


def create_import(page, product, camera):
    _configure(page, product, IMPORT, CONNECTION, "customers", camera)
    camera.view("map")


def first_run(page, product, camera):
    _hold(product.sandbox, after=REQUESTS_BEFORE_HOLD)
    page.get_by_role("button", name="Save and run now").click()
    _rows_so_far(page, f"{REQUESTS_BEFORE_HOLD},000 of 120,000 rows")
    camera.view("run-progress")
    product.sandbox.lift_faults()
    expect(page.locator(".badge--partly").first).to_be_visible(timeout=SLOWEST)
    camera.view("run")
    camera.view("run-narrow")
    camera.part("refused-rows", _section(page, "Refused rows"))


def the_weeks_after(page, product, camera):
    in_the_product(product, "tests.screenshots.company", "history")
    _open(page, product, f"{PARTNERS}/import-center/", "Import center")
    camera.view("import-center")
    page.get_by_role("link", name=IMPORT, exact=True).click()
    expect(page.get_by_role("heading", name=IMPORT, level=1)).to_be_visible()
    camera.view("import")


def connections(page, product, camera):
    _open(page, product, f"{PARTNERS}/import-connections/", "Import Connections")
    camera.view("connections")
    page.get_by_role("link", name=CONNECTION, exact=True).click()
    expect(page.get_by_role("heading", name=CONNECTION, level=1)).to_be_visible()
    camera.view("connection")


def deletion(page, product, camera):
    """Two runs at work: one in its query, and then, for as long as it is held, one sending."""
    add_database(page, product, name=SUMMER)
    _save(page, SUMMER)
    _configure(page, product, "Summer orders", SUMMER, "customers_small")
    # Only now: the list of tables asks BigQuery too.
    product.sandbox.fault(effect="slow_job", service="bigquery", seconds=300, times=1)
    _map_and_run(page)
    expect(page.get_by_text("BigQuery is running the query.")).to_be_visible(timeout=SLOW)
    _hold(product.sandbox, after=12)
    _configure(page, product, "Summer guests", SUMMER, "customers")
    _map_and_run(page)
    _rows_so_far(page, "12,000 of 120,000 rows")
    _delete(page, product, camera)


def _delete(page, product, camera):
    _open(page, product, f"{PARTNERS}/import-connections/", "Import Connections")
    page.get_by_role("link", name=SUMMER, exact=True).click()
    page.get_by_label(f"More actions for {SUMMER}").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("2 imports are running")).to_be_visible()
    dialog.get_by_label(f"Type {SUMMER} to confirm").fill(SUMMER)
    camera.view("delete")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    product.sandbox.lift_faults()
    expect(page.get_by_text("and the key is destroyed.").last).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-poll]")).to_have_count(0, timeout=SLOW)
    camera.view("deletion-evidence")


STEPS: tuple[Callable[..., None], ...] = (
    sign_in,
    sandbox_page,
    wrong_file,
    failing_test,
    first_database,
    account,
    run_that_fails,
    create_import,
    first_run,
    the_weeks_after,
    connections,
    deletion,
)


def _open(page, product, path, heading):
    page.goto(product.url + path)
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def _section(page, heading):
    return page.locator("section", has=page.get_by_role("heading", name=heading, exact=True)).last


def _save(page, name):
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def _configure(page, product, nickname, database, table, camera=None):
    """Create Import, step 1, filled in; a picture of it where there is a camera."""
    _open(page, product, f"{PARTNERS}/import-center/create/", "Create Import")
    page.get_by_label("Nickname").fill(nickname)
    choose_database(page, database)
    page.get_by_label("CleverTap account").select_option(label=ACCOUNT)
    page.get_by_label(table, exact=True).check(timeout=SLOW)
    expect(page.locator("#check :is(.facts, .notice)")).to_be_visible(timeout=SLOW)
    if camera:
        camera.view("create-import")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Identity column").select_option("customer_id", timeout=SLOW)


def _map_and_run(page):
    page.get_by_role("button", name="Save and run now").click()
    expect(page.get_by_role("heading", name=re.compile("^Run of "))).to_be_visible()


def _hold(sandbox, *, after):
    """After so many uploads each answer takes long: the run stands where a picture wants it."""
    upload = {"effect": "latency", "service": "clevertap", "path": "*/upload"}
    sandbox.fault(**upload, seconds=0, times=after)
    sandbox.fault(**upload, seconds=9)


def _rows_so_far(page, words):
    expect(page.get_by_text(words).first).to_be_visible(timeout=SLOWEST)


_OAUTH_CLIENT = b"""{"installed": {"client_id": "1.apps.googleusercontent.com",
 "project_id": "shop", "client_secret": "none", "redirect_uris": ["http://localhost"]}}"""
