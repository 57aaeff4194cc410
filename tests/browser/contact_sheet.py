"""Pictures of every scene, for people: ``python -m tests.browser.contact_sheet FOLDER [WORD…]``.

Each scene at 1440 and at 390 px, in light and in dark, whole pages, named by the scene. With
words: only scenes whose name has one of them. `make screenshots` is for the documents; this is
for looking at all of it.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

WIDTHS, SCHEMES = (1440, 390), ("light", "dark")
# A page can be very long; what is below is like what is above.
TALLEST = 4000


def main(folder, words):
    # The scenes need the product's addresses, and those Django with any settings at all.
    from tests.harness.environment import for_checks  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as room:
        os.environ.update(for_checks(Path(room)), DJANGO_SETTINGS_MODULE="clevertap_bq.settings")
        # A folder of its own for static files: collected from what lies here now.
        os.environ["STATIC_ROOT"] = str(Path(room) / "static")
        _take_all(Path(folder), words, Path(room))


def _take_all(folder, words, room):
    import django  # noqa: PLC0415

    django.setup()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from tests.browser.conftest import CHROMIUM, FLAGS  # noqa: PLC0415
    from tests.browser.scenes.catalogue import SCENES  # noqa: PLC0415
    from tests.browser.scenes.scene import WORLDS  # noqa: PLC0415
    from tests.browser.scenes.showroom import Showroom  # noqa: PLC0415
    from tests.browser.scenes.visitor import Visitor  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in SCENES if not words or any(word in one.name for word in words)]
    with Showroom(room, WORLDS) as worlds, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        visitors = {}
        for number, scene in enumerate(wanted, start=1):
            key = scene.world, scene.who
            if key not in visitors:
                visitors[key] = Visitor(browser, worlds[scene.world], scene.who)
            trouble = _take(visitors[key], scene, folder)
            sys.stdout.write(f"{number} of {len(wanted)}: {scene.name}{trouble}\n")
        browser.close()


def _take(visitor, scene, folder):
    """The pictures, whatever became of the scene; returns what went wrong on the way there."""
    from playwright.sync_api import Error  # noqa: PLC0415

    trouble = ""
    try:
        visitor.go_to(scene)
    except Error as error:
        trouble = f"  NOT AS IT SHOULD BE: {error.message.splitlines()[0]}"
    name = re.sub(r"[^\w-]+", "-", scene.name).strip("-")
    for width in WIDTHS:
        visitor.widen(width)
        height = min(visitor.page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        for scheme in SCHEMES:
            visitor.page.emulate_media(color_scheme=scheme)
            path = folder / f"{name}-{width}-{scheme}.png"
            visitor.page.screenshot(path=path, full_page=True, clip=clip)
    return trouble


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
