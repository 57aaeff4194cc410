"""Every screen is looked at: no route without a scene, and no scene without a route.

Quick, without a browser: what the scenes show is judged in tests/browser/test_every_screen.py.
"""

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from tests.browser.scenes.catalogue import SCENES
from tests.browser.scenes.not_pages import NOT_PAGES, POSTED
from tests.browser.scenes.scene import NotAPage, Place, Scene, faults
from tests.routes import SAFE, every_route, routes_of

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Django draws these by their names when it gives up on a request.
FAILURE_PAGES = [f"error {path.stem}" for path in sorted(TEMPLATES.glob("[45]*.html"))]
ROUTES = every_route()


@require_safe
def view(request):
    return HttpResponse()


def faults_of(scenes, not_pages, *views):
    routes = list(routes_of([path(f"{name}/", of, name=name) for name, of in views]))
    return faults(scenes, not_pages, routes, [])


def test_every_route_and_every_page_of_failure_has_a_scene_or_a_reason():
    assert faults(SCENES, NOT_PAGES, ROUTES, FAILURE_PAGES) == []


def test_the_address_of_every_scene_can_be_made():
    assert [scene.name for scene in SCENES if not scene.start.path.startswith("/")] == []


@pytest.mark.parametrize(
    "route", [pytest.param(r, id=r.name) for r in ROUTES if r.name in NOT_PAGES]
)
def test_what_is_listed_as_only_taking_forms_does_so(route):
    takes_get = route.methods is None or bool(route.methods & SAFE)

    assert not (NOT_PAGES[route.name] is POSTED and takes_get), (
        f"{route.name} can be opened by now: take it out of not_pages.py, and add a scene."
    )


class TestGuard:
    """The guard itself notices what it is there to notice."""

    def test_wants_a_scene_for_a_new_route(self):
        (fault,) = faults_of([], {}, ("new", view))

        assert fault.startswith("new has no scene. Add at least one to tests/browser/scenes/")

    def test_wants_a_scene_or_a_reason_for_a_new_form(self):
        (fault,) = faults_of([], {}, ("send", require_POST(view)))

        assert fault.startswith("send has no scene.")

    def test_is_content_with_a_scene_or_a_reason(self):
        scenes = [Scene(Place("new"), "empty")]

        assert faults_of(scenes, {"send": POSTED}, ("new", view), ("send", view)) == []

    def test_sees_a_scene_whose_route_is_gone(self):
        (fault,) = faults_of([Scene(Place("gone"), "empty")], {})

        assert "“gone, empty” shows a route that no longer exists" in fault

    def test_sees_a_reason_whose_route_is_gone(self):
        assert faults_of([], {"gone": POSTED}) == [
            "not_pages.py lists gone, which is no route any more. Take it out."
        ]

    def test_sees_a_route_that_is_a_page_and_none(self):
        scenes = [Scene(Place("new"), "empty")]
        (fault,) = faults_of(scenes, {"new": NotAPage("numbers")}, ("new", view))

        assert "has a scene and stands in not_pages.py" in fault

    def test_sees_two_scenes_of_one_name(self):
        scenes = [Scene(Place("new"), "empty"), Scene(Place("new"), "empty", who="member")]
        (fault,) = faults_of(scenes, {}, ("new", view))

        assert "Two scenes are called “new, empty”" in fault

    @pytest.mark.parametrize("mistake", [{"world": "moon"}, {"who": "the cat"}])
    def test_sees_a_world_or_a_person_that_is_not_there(self, mistake):
        scenes = [Scene(Place("new"), "empty", **mistake)]

        assert len(faults_of(scenes, {}, ("new", view))) == 1

    def test_wants_a_scene_for_each_page_of_failure(self):
        (fault,) = faults([], {}, [], ["error 418"])

        assert fault.startswith("error 418 has no scene.")
