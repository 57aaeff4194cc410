"""What a screen must be: every rule of the guard, over one scene that a visitor stands before."""

import re
from urllib.parse import parse_qs, urlsplit

from django.urls import Resolver404, resolve

from tests.browser.axe import colour_violations, violations
from tests.browser.scenes.visitor import WIDE
from tests.routes import SAFE, declared_methods

# 640 px are what a window of 1280 px has at 200 % zoom: pixels of two by two change no layout.
NARROW = (1024, 640, 390, 320)
TABS = 5
SETTLED = 1000  # milliseconds within which nothing may jump
# Of one view and one set of names in the query, for one person: others lead to the same code.
LINKS_OF_A_KIND = 2
# Samples to look at: what they would do is nothing.
SAMPLES = {"gallery", "gallery_frame", "gallery_dialog", "gallery_pane"}
# Many pages in one: the ids and headings of each, and samples without a value.
EVERYTHING = "gallery"
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
LOOSE = re.compile(r"unsafe-|\*|(?<![\w-])https?:|wasm|strict-dynamic")


def findings(visitor, scene, reach):
    """Every rule that the scene breaks, as a sentence each. ``reach`` looks after links."""
    document = visitor.go_to(scene)
    found = [*_arrival(visitor, scene, document), *_policy(document)]
    if not visitor.page.evaluate("() => 'screens' in window"):
        return [*found, "the page could not be measured"]
    found += _colours(visitor)
    found += _at_full_width(visitor, scene)
    if scene.route not in SAMPLES:
        found += [f"link: {one}" for one in reach.dead(visitor, scene)]
    found += [*_jumps(visitor, scene), *_focus(visitor)]
    found += _narrower(visitor)
    found += [f"it breaks the content policy: {one}" for one in visitor.ask("violations")]
    found += visitor.troubles
    found += visitor.refused(document)
    return found if scene.steps else [*found, *_again(visitor, scene)]


def _arrival(visitor, scene, document):
    if document.status != scene.status:
        yield f"it answers {document.status}, not {scene.status}"
    if (
        scene.at
        and scene.shows.path != urlsplit(visitor.page.url).path
        and not visitor.loaded(scene.shows.path)
    ):
        yield f"{scene.shows.path} was not asked for"
    if visitor.page.evaluate("window.scrollY") and not (scene.steps or scene.route in SAMPLES):
        yield "it opens scrolled down"


def _policy(document):
    header = document.headers.get("content-security-policy", "")
    rules = dict(rule.strip().partition(" ")[::2] for rule in header.split(";"))
    for name, value in STRICT.items():
        if rules.get(name) != value:
            yield f"the content policy has {name} {rules.get(name)}, not {value}"
    if LOOSE.search(header):
        yield f"the content policy is loose: {header}"


def _colours(visitor):
    found = [f"axe, light: {one}" for one in violations(visitor.page)]
    visitor.page.emulate_media(color_scheme="dark")
    found += [f"axe, dark: {one}" for one in colour_violations(visitor.page)]
    visitor.page.emulate_media(color_scheme="light")
    return found


def _at_full_width(visitor, scene):
    found = []
    if scene.route != EVERYTHING:
        found += visitor.ask("structure", scene.is_signed_in and scene.status == 200)
        found += visitor.ask("words")
    found += [f"{WIDE} px: {one}" for one in [*visitor.ask("narrow"), *visitor.ask("targets")]]
    return found


def _jumps(visitor, scene):
    """Before the first key is pressed: what moves after one is taken for its answer."""
    if scene.steps:
        return []
    visitor.page.wait_for_function("until => performance.now() > until", arg=SETTLED)
    return visitor.ask("shifts", SETTLED)


def _focus(visitor):
    visitor.ask("remember")
    found = []
    for _ in range(TABS):
        visitor.page.keyboard.press("Tab")
        found += visitor.ask("focused")
    return found


def _narrower(visitor):
    found = []
    for width in NARROW:
        visitor.widen(width)
        found += [f"{width} px: {one}" for one in visitor.ask("narrow")]
        if width == 390:
            found += [f"{width} px: {one}" for one in visitor.ask("targets")]
    visitor.widen(WIDE)
    return found


def _again(visitor, scene):
    """Asked for once more, and read without drawing it."""
    status, is_same = visitor.page.evaluate("screens.again()")
    if status != scene.status:
        yield f"after a reload it answers {status}"
    if not is_same:
        yield "after a reload it is another page"


class Reach:
    """Follows each address once for each person, over all scenes."""

    def __init__(self):
        self.known, self.followed = {}, {}

    def dead(self, visitor, scene):
        for method, url, what in visitor.ask("links"):
            parts = urlsplit(url)
            if f"{parts.scheme}://{parts.netloc}" != visitor.world.url:
                continue
            try:
                match = resolve(parts.path)
            except Resolver404:
                yield f"{what} leads to {parts.path}, where no route is"
                continue
            allowed = declared_methods(match.func) or SAFE
            if method not in allowed:
                yield f"{what} sends {method} to {match.view_name}, which takes {sorted(allowed)}"
            kind = (visitor.world.url, scene.who, match.view_name, *parse_qs(parts.query))
            same = self.followed.setdefault(kind, set())
            if method == "GET" and (url in same or len(same) < LINKS_OF_A_KIND):
                same.add(url)
                if (status := self._status(visitor, scene, url)) >= 400:
                    yield f"{what} leads to {parts.path}, which answers {status}"

    def _status(self, visitor, scene, url):
        key = (scene.who, url.partition("#")[0])
        if key not in self.known:
            answer = visitor.context.request.get(key[1], max_redirects=0)
            self.known[key] = answer.status
            answer.dispose()
        return self.known[key]
