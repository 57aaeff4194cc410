"""Takes the pictures: the right window, a page that stands still, a clip of what matters."""

from pathlib import Path

from tests.screenshots.pictures import PICTURES, path_of

STEADY = Path(__file__).with_name("steady.js").read_text(encoding="utf-8")
MARGIN = 16
TRIES = 5
GIVEN = {
    "today": "2026-03-02",
    "now": "09:26",
    "later": "09:56",
    "freshHours": 3,
    "figures": {
        "Rows per second": "9,700",
        "Seconds left, about": "6",
        "Bytes billed this month": "216 MiB",
        "Requests": "120",
        "Sent again": "0",
    },
}


class Camera:
    """One signed-in page, and the folder that its pictures go to."""

    def __init__(self, page, product, folder):
        self.page = page
        self.folder = folder
        self.taken = []
        ports = zip((product.url, product.sandbox.url), ("8000", "8001"), strict=True)
        self.given = GIVEN | {"ports": [[url.rpartition(":")[2], shown] for url, shown in ports]}

    def view(self, name):
        """The window, from the top of the page."""
        self._set_up(name)
        self._take(name, lambda: None)

    def part(self, name, locator):
        """One part of the page with a little air around it, cut below where it gets long."""
        self._set_up(name)
        locator.scroll_into_view_if_needed()
        self._take(name, lambda: self._box(name, locator))

    def _set_up(self, name):
        picture = PICTURES[name]
        self.page.set_viewport_size({"width": picture.width, "height": picture.height})
        self.page.emulate_media(color_scheme=picture.scheme, reduced_motion="reduce")
        self.page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        self.page.mouse.move(0, 0)

    def _box(self, name, locator):
        box = locator.bounding_box()
        top = self.page.evaluate("() => scrollY")
        left, above = max(0, box["x"] - MARGIN), max(0, box["y"] + top - MARGIN)
        return {
            "x": left,
            "y": above,
            "width": min(box["width"] + 2 * MARGIN, PICTURES[name].width - left),
            "height": min(box["height"] + 2 * MARGIN, PICTURES[name].tallest),
        }

    def _take(self, name, clip_of):
        """Until nothing was drawn anew between the steadying and the picture."""
        path = path_of(name, self.folder)
        options = {"path": path, "animations": "disabled", "caret": "hide"}
        for _ in range(TRIES):
            self.page.evaluate(STEADY, self.given)
            clip = clip_of()
            where = {"clip": clip, "full_page": True} if clip else {}
            self.page.screenshot(**options, **where)
            if not self.page.evaluate(STEADY, self.given):
                break
        else:
            raise AssertionError(f"the page of {path.name} does not stand still")
        self.taken.append(name)
