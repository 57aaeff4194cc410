"""The screens of imports, runs and accounts, as ``test_every_screen.py`` has the others."""

import pytest

from tests.browser.scenes.catalogue import chosen
from tests.browser.scenes.inspection import findings

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "scene", [pytest.param(scene, id=scene.name) for scene in chosen(of_imports=True)]
)
def test_is_as_every_screen_must_be(scene, visitors, reach):
    found = findings(visitors(scene.world, scene.who), scene, reach)

    assert not found, "\n- ".join([f"{scene.name}, seen by {scene.who}:", *found])
