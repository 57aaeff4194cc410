"""Goes to a scene in Chromium and notes what goes wrong on the way."""

from pathlib import Path
from urllib.parse import urlsplit

MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
WIDE, HEIGHT = 1440, 1000
# What Chromium says of requests that the page itself gave up when one went on.
GIVEN_UP = "net::ERR_ABORTED"


class Visitor:
    """One person's browser in one world: one page, used for every scene of theirs."""

    def __init__(self, browser, world, who):
        self.world = world
        self.context = browser.new_context(
            viewport={"width": WIDE, "height": HEIGHT},
            color_scheme="light",
            reduced_motion="reduce",
        )
        if who in world.sessions:
            cookie = {"name": "session", "value": world.sessions[who], "url": world.url}
            self.context.add_cookies([cookie])
        self.context.add_init_script(MEASURE)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.troubles, self.answers = [], []
        self.page.on("pageerror", lambda error: self.troubles.append(f"a script fails: {error}"))
        self.page.on("console", self._note_console)
        self.page.on("requestfailed", self._note_failed)
        self.page.on("response", lambda answer: self.answers.append(answer))

    def go_to(self, scene):
        """The document's answer; the page stands as the scene wants it, at 1440 px, in light."""
        self.widen(WIDE)
        self.page.emulate_media(color_scheme="light")
        self.page.goto("about:blank")
        self.troubles.clear()
        self.answers.clear()
        self.page.goto(self.address(scene.start.url), wait_until="load")
        for step in scene.steps:
            step(self.page)
        documents = [one for one in self.answers if one.request.is_navigation_request()]
        return documents[-1]

    def widen(self, width):
        """Narrower or wider without a reload."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

    def address(self, url):
        if url.startswith("//"):
            parts = urlsplit(f"http:{url}")
            port = urlsplit(self.world.url).port
            return f"http://{parts.hostname}:{port}{parts.path}"
        return self.world.url + url

    def ask(self, question, *arguments):
        """What measure.js answers: a list of sentences."""
        return self.page.evaluate(
            "([question, given]) => screens[question](...given)", [question, list(arguments)]
        )

    def loaded(self, path):
        """Whether this page was asked for, and came, since one went to the scene."""
        return any(urlsplit(one.url).path == path and one.ok for one in self.answers)

    def refused(self, document):
        """Requests that were answered with an error, other than the page itself."""
        return [
            f"{one.status} {one.url}"
            for one in self.answers
            if one.status >= 400 and one is not document
        ]

    def close(self):
        self.context.close()

    def _note_console(self, line):
        # What the server refused is held against the scene's own status elsewhere.
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            self.troubles.append(f"the console says: {line.text}")

    def _note_failed(self, request):
        if request.failure != GIVEN_UP:
            self.troubles.append(f"a request fails: {request.url} {request.failure}")
