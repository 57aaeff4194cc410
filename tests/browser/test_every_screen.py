"""Every screen in every state: axe, widths, words, links, focus, content policy. In Chromium.

Those of imports are looked at in ``test_every_screen_of_imports.py``, at the same time.

The scenes are in ``tests/browser/scenes``; a route without one fails in
``tests/architecture/test_every_route_has_a_scene.py``.
"""

import pytest

from tests.browser.scenes.catalogue import chosen
from tests.browser.scenes.inspection import findings
from tests.browser.scenes.not_pages import NOT_PAGES
from tests.browser.scenes.scene import ADMIN, FULL, Place
from tests.routes import SAFE, every_route

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "scene", [pytest.param(scene, id=scene.name) for scene in chosen(of_imports=False)]
)
def test_is_as_every_screen_must_be(scene, visitors, reach):
    found = findings(visitors(scene.world, scene.who), scene, reach)

    assert not found, "\n- ".join([f"{scene.name}, seen by {scene.who}:", *found])


@pytest.mark.parametrize(
    "route", [pytest.param(r, id=r.name) for r in every_route() if r.name in NOT_PAGES]
)
def test_what_is_listed_as_no_page_is_none(route, visitors):
    if route.methods is not None and not route.methods & SAFE:
        return
    arguments = dict(route.arguments) | dict(NOT_PAGES[route.name].arguments)
    address = Place(route.name, arguments).path
    visitor = visitors(FULL, ADMIN)
    answer = visitor.context.request.get(visitor.world.url + address, max_redirects=0)
    kind = answer.headers.get("content-type", "")

    assert answer.status in range(300, 400) or not kind.startswith("text/html"), (
        f"{route.name} answers with a page by now: take it out of not_pages.py, and add a scene."
    )
