"""The gallery in Chromium: accessible in both schemes and widths, and what opens over the page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.axe import AT_REST

pytestmark = pytest.mark.browser

GALLERY = "/settings/gallery/"
FRAME = f"{GALLERY}frame/"  # a short page from which all dialogs and panes open
WIDTHS = (1440, 390)
# The size of targets came with WCAG 2.2; axe leaves it out unless it is asked.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
OF_COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
DARK = pytest.param({"color_scheme": "dark"}, id="dark")
NO_SCRIPTS = {"java_script_enabled": False}
FORCED = {"forced_colors": "active", "reduced_motion": "reduce"}
RUNS_OUT = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
MOVES = """() => document.getAnimations().filter(
  (one) => one.playState === "running" && one.effect.getTiming().iterations === Infinity).length"""


def found(page, options):
    page.wait_for_function(AT_REST)
    violations = Axe().run(page, options=options).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in violations]


def open_gallery(page, product):
    page.goto(product.url + GALLERY)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def open_over(page, kind, state):
    """Follow the link of a sample; it opens over the page."""
    page.locator(f'a[hx-get$="/{kind}/?state={state}"]').click()
    expect(page.locator(f"#{kind}[open]")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_in_every_state_is_accessible(visitor, product, width):
    visitor.set_viewport_size({"width": width, "height": 900})
    open_gallery(visitor, product)

    assert found(visitor, RULES) == []


@pytest.mark.parametrize("visitor", [DARK], indirect=True)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_can_be_read_in_the_dark(visitor, product, width):
    visitor.set_viewport_size({"width": width, "height": 900})
    open_gallery(visitor, product)

    assert found(visitor, OF_COLOURS) == []


def test_nothing_that_is_too_long_runs_out_of_a_small_screen(visitor, product):
    visitor.set_viewport_size({"width": 320, "height": 800})
    open_gallery(visitor, product)

    assert not visitor.evaluate(RUNS_OUT)


@pytest.mark.parametrize("visitor", [pytest.param({}, id="light"), DARK], indirect=True)
@pytest.mark.parametrize("width", WIDTHS)
def test_what_opens_over_the_page_is_accessible(visitor, product, width):
    visitor.set_viewport_size({"width": width, "height": 844})
    visitor.goto(product.url + FRAME)
    for kind, state in [("dialog", "long"), ("dialog", "error"), ("pane", "long")]:
        open_over(visitor, kind, state)
        assert found(visitor, RULES) == []
        visitor.keyboard.press("Escape")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_side_pane_takes_the_focus_holds_it_and_gives_it_back(visitor, product, width):
    visitor.set_viewport_size({"width": width, "height": 844})
    visitor.goto(product.url + FRAME)
    open_over(visitor, "pane", "details")
    expect(visitor.locator("#pane").get_by_role("link", name="Close")).to_be_focused()
    for _ in range(4):
        visitor.keyboard.press("Tab")
        assert visitor.evaluate("!document.activeElement.closest('main')")
    visitor.keyboard.press("Escape")

    expect(visitor.locator("#pane")).to_be_hidden()
    expect(visitor.get_by_role("link", name="Details (pane)")).to_be_focused()
    expect(visitor.locator("#pane-body")).to_be_empty()


def test_what_lies_behind_a_pane_cannot_be_reached(visitor, product):
    visitor.goto(product.url + FRAME)
    open_over(visitor, "pane", "details")
    visitor.mouse.click(200, 300)  # the veil: this closes it, and presses nothing behind it

    expect(visitor.locator("#pane")).to_be_hidden()
    assert visitor.url == product.url + FRAME


def test_a_wrong_name_is_refused_inside_the_dialog(visitor, product):
    visitor.goto(product.url + FRAME)
    open_over(visitor, "dialog", "typed")
    visitor.get_by_label("Type the name of the connection").fill("Staging")
    visitor.locator("#dialog").get_by_role("button", name="Delete").click()

    summary = visitor.locator("#dialog").get_by_role("alert")
    expect(summary).to_contain_text("This is not the name of the connection.")
    expect(summary).to_be_focused()


@pytest.mark.parametrize("visitor", [pytest.param(NO_SCRIPTS, id="no scripts")], indirect=True)
@pytest.mark.parametrize(("kind", "words"), [("dialog", "Typed confirmation"), ("pane", "Details")])
def test_without_scripts_it_is_a_page_of_its_own(visitor, product, kind, words):
    visitor.goto(product.url + FRAME)
    visitor.get_by_role("link", name=f"{words} ({kind})").click()

    expect(visitor).to_have_url(f"{product.url}{GALLERY}{kind}/?state={words.split()[0].lower()}")
    expect(
        visitor.get_by_role("link", name="Cancel" if kind == "dialog" else "Close")
    ).to_be_visible()


@pytest.mark.parametrize("visitor", [pytest.param(FORCED, id="forced")], indirect=True)
def test_who_wants_less_motion_sees_none_that_goes_on(visitor, product):
    visitor.goto(product.url + GALLERY)

    assert visitor.evaluate(MOVES) == 0
