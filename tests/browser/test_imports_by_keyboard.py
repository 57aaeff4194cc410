"""Imports that are there, without a mouse: every type of schedule, filters, refused rows.

In a seeded installation, so no import is made for it. Create Import itself, both query types and
both kinds of data, are in ``test_mission_by_keyboard`` and ``test_query_by_keyboard``.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.browser.scenes.scene import CREATOR, FULL, Place, row
from tests.browser.scenes.showroom import Showroom

pytestmark = pytest.mark.browser
READY = {"import_id": row("import ready")}
# The order of the arrows, from the one that is chosen at first.
ORDER = ("later", "interval", "weekly", "monthly", "now", "once")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    with Showroom(tmp_path_factory.mktemp("keyboard"), (FULL,)) as started:
        yield started


@pytest.fixture
def go(visitors):
    visitor = visitors(FULL, CREATOR)

    def to(route, arguments=None, query=""):
        visitor.troubles.clear()
        visitor.page.goto(visitor.address(Place(route, arguments or {}, query).url))
        return visitor.page

    yield to
    assert visitor.troubles == []


def every_six_hours(page, keys):
    keys.fill("Every", "6")
    keys.choose("Unit", "hours")


def twice_on_mondays(page, keys):
    keys.fill("Monday", "09:00, 18:30")


def last_day_twice_until_an_end(page, keys):
    keys.to("Last day")
    keys.press("Space")
    keys.fill("Times on these days", "06:00, 18:00")
    moment(page, keys, "Ends", "end")


def on_a_date(page, keys):
    moment(page, keys, "Date and time", "at")


def moment(page, keys, name, field):
    """Month, day and year go on by themselves, but for the year, which may have more digits."""
    keys.to(name, f"{name} (optional)")
    keys.type("12312099")
    keys.press("ArrowRight")
    keys.type("0900A")
    expect(page.locator(f"[name={field}]")).to_have_value("2099-12-31T09:00")


SCHEDULES = (
    ("interval", every_six_hours, "Every 6 hours"),
    ("weekly", twice_on_mondays, "Monday at 09:00, 18:30"),
    ("monthly", last_day_twice_until_an_end, "Last day of the month at 06:00, 18:00"),
    ("once", on_a_date, "Once, Thursday, 31 Dec 2099, 09:00"),
)


def test_every_type_of_schedule_is_set_with_keys_alone(go):
    chosen = "later"
    for kind, fill_in, frequency in SCHEDULES:
        page = go("imports:schedule", READY)
        keys = Keyboard(page)
        keys.to("Run Later", "Repeat Intervals", "Day of Week", "Day of Month")
        for value in (*ORDER, *ORDER)[ORDER.index(chosen) + 1 :]:
            keys.press("ArrowDown")
            if value == kind:
                break
        expect(page.locator("[name=type]:checked")).to_have_value(kind)
        fill_in(page, keys)
        keys.press("Tab")  # a box that is left is a box that is filled in
        expect(page.locator("#next-starts li").first).to_be_visible()
        keys.press_on("Import")
        expect(page.get_by_role("link", name=frequency).first).to_be_visible()
        chosen = kind


def test_lists_are_narrowed_with_keys_alone(go):
    page = go("imports:import_center")
    keys = Keyboard(page)
    keys.press_on("Filter")
    keys.choose("Last outcome", "Partly")
    keys.choose("Frequency", "Manually Trigger")
    keys.press_on("Apply")
    expect(page.locator(".filter-chips")).to_contain_text("Manually Trigger")
    expect(page.locator("tbody tr").first).to_contain_text("Partly")
    page.locator("tbody th a").first.focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Last run", exact=True)).to_be_visible()
    keys.press_on("Stats")
    expect(page.get_by_role("heading", name="Rows over time")).to_be_visible()
    keys.press_on("Last 7 days")
    expect(page.locator(".filter-chips")).to_contain_text("Date & Time")


def test_refused_rows_are_found_opened_and_sent_again_with_keys_alone(go):
    page = go("imports:refused_rows", {"run_id": row("run partly")})
    keys = Keyboard(page)
    keys.fill("Identity", "customer-000000")
    keys.press("Enter")
    expect(page.locator("#rows tbody tr").first).to_be_visible()
    keys.to(page.locator("#rows .disclosure > summary").first.get_attribute("aria-label"))
    keys.press("Enter")
    expect(page.locator("#rows .code-block").first).to_contain_text("customer-000000")
    keys.press_on("Replay only these", most=120)
    expect(page.get_by_text("Refused rows of an earlier run, sent again")).to_be_visible()
    expect(page.locator("#run-log")).to_contain_text("to send rows of an earlier run again.")
