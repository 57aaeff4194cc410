"""An import's pages in real Chromium: a run that ends while one looks, and Stats for everybody."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.test_mission import add_account, create_import, save_database

pytestmark = pytest.mark.browser


def test_overview_follows_a_run_to_its_end_and_stats_shows_it_to_everybody(page, product):
    product.sandbox.reset()
    save_database(page, product, name="Charted")
    add_account(page, product, name="Charted account")
    query = product.sandbox.slow_query()
    names = {"database": "Charted", "account": "Charted account", "table": "customers_small"}
    create_import(page, product, nickname="Charted import", **names)
    page.get_by_role("link", name="Charted import").click()
    expect(page.get_by_role("heading", name="At work")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    product.sandbox.lift(query)
    # Nothing is pressed and nothing is loaded anew: the page follows by itself.
    expect(page.get_by_role("heading", name="Last run", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Run now")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_role("link", name="Stats", exact=True).click()
    chart = page.get_by_role("img", name="Rows over time")
    expect(chart).to_be_visible()
    page.get_by_text("Show as table").click()
    for scheme, width in (("light", 1440), ("dark", 1440), ("dark", 320)):
        assert _troubles(page, chart, scheme, width) == []


def _troubles(page, chart, scheme, width):
    """What axe finds, and what is wider than the window."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    box = chart.bounding_box()
    wide = [box] if box["x"] < 0 or box["x"] + box["width"] > width else []
    scrolls = page.evaluate("document.documentElement.scrollWidth") > width
    return [*violations(page), *wide, *(["the page scrolls sideways"] if scrolls else [])]
