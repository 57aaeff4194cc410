"""Somebody who has a keyboard and nothing else: Tab, Enter, arrows, and words.

Each stop of the way is judged: the focus can be seen, it is not behind anything, and the part that
has it says its name as assistive technology hears it. A trap is a name that many tabs do not reach.
"""

import time

from playwright.sync_api import expect

MOST_TABS = 60
# Whether an outline or a ring shows the focus, on the part or on what stands in for it, and
# whether the middle of the part is on the screen with nothing else above it.
STOP = """() => {
    const part = document.activeElement;
    const rings = (one) => {
        const style = one && getComputedStyle(one);
        return Boolean(style) && (
            (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
            || /0px 0px 0px [1-9]/.test(style.boxShadow));
    };
    const standsIn = getComputedStyle(part).opacity === "0"
        ? [part.closest("[data-key-zone]"), part.nextElementSibling] : [part];
    const box = part.getBoundingClientRect();
    const above = document.elementFromPoint(
        box.left + Math.min(box.width / 2, 40), Math.max(box.top, 0) + Math.min(box.height / 2, 12));
    const same = above && (part.contains(above) || above.contains(part)
        || standsIn.some((one) => one?.contains(above)));
    return {
        tag: part.tagName, isSeen: standsIn.some(rings), isUncovered: Boolean(same),
        text: (part.outerHTML || "").slice(0, 160),
    };
}"""


class Keyboard:
    """Walks a page. ``stops`` counts the tabs, so that a test can say how long the way was."""

    def __init__(self, page):
        self.page = page
        self.stops = 0
        self._tree = page.context.new_cdp_session(page)

    def press(self, key):
        self.page.keyboard.press(key)

    def type(self, words):
        self.page.keyboard.type(words)

    def name(self):
        """The accessible name of what has the focus; of the page itself nothing."""
        found = self._tree.send("Runtime.evaluate", {"expression": "document.activeElement"})
        asked = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
        (node, *_) = self._tree.send("Accessibility.getPartialAXTree", asked)["nodes"]
        return node.get("name", {}).get("value", "").strip()

    def to(self, *names, most=MOST_TABS):
        """Tab until the focus is on a part with one of these names, judging every stop."""
        passed = []
        for _ in range(most):
            self.press("Tab")
            self.stops += 1
            stop = self.page.evaluate(STOP)
            if stop["tag"] == "BODY":
                continue  # through the browser's own bar, and in again at the top
            assert stop["isSeen"], f"the focus cannot be seen: {stop['text']}"
            assert stop["isUncovered"], f"the focus is behind something: {stop['text']}"
            passed.append(self.name())
            if passed[-1] in names:
                return
        raise AssertionError(f"no tab reaches {names}, only {passed}")

    def press_on(self, *names, most=MOST_TABS):
        self.to(*names, most=most)
        self.press("Enter")

    def fill(self, name, words):
        self.to(name)
        self.press("Control+A")
        self.type(words)

    def choose(self, name, option, most=40):
        """In a list of choices: down until the wanted one stands there."""
        self.to(name)
        chosen = "() => document.activeElement.selectedOptions[0]?.label ?? ''"
        self.press("Home")
        for _ in range(most):
            if self.page.evaluate(chosen).startswith(option):
                return
            self.press("ArrowDown")
        raise AssertionError(f"“{name}” has no choice “{option}”")

    def search(self, words):
        """The search of everything, by its key, and the first hit with this name."""
        self.press("/")
        assert self.name() == "Search everything"
        self.press("Control+A")
        self.type(words)
        self.press("Enter")
        expect(self.page.get_by_role("heading", name="Search", exact=True)).to_be_visible()
        expect(self.page.locator(".found__title").first).to_be_visible()

    def keeps_the_focus(self, for_seconds=0.5):
        """After a part of the page was replaced: the focus is somewhere, and stays somewhere.

        Htmx lets a new part settle for 20 ms before the focus can be in it, longer where the
        machine is busy. A focus that is lost does not come back by itself.
        """
        until = time.monotonic() + for_seconds
        while True:
            self.page.wait_for_function(
                "() => !['BODY', undefined].includes(document.activeElement?.tagName)"
            )
            if time.monotonic() > until:
                return
            self.page.wait_for_timeout(50)
