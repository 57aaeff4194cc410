"""`python -m tests.screenshots`: what `make screenshots` calls. Nothing is left running."""

import shutil
import signal
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.harness import browser, terminal
from tests.screenshots.camera import Camera
from tests.screenshots.lighter import make_lighter
from tests.screenshots.pictures import FOLDER, PICTURES, ROOT, WIDE, path_of
from tests.screenshots.product import DidNotStart, running
from tests.screenshots.story import ZONE
from tests.screenshots.walk import STEPS


class StepFailed(Exception):
    """A control or a sentence was not there: which step, which page, what was looked for."""


def main() -> int:
    """0; 1 when a step failed; 2 when there is no browser; 130 after Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="clevertap-bq-pictures-") as name:
        try:
            return _make(Path(name))
        except browser.BrowserMissing as missing:
            terminal.say(str(missing).replace("make test", "make screenshots"))
            return 2
        except (StepFailed, DidNotStart) as failure:
            terminal.say(f"\n{failure}\nThe pictures in docs/img are as they were.")
            return 1
        except KeyboardInterrupt:
            terminal.say("\nStopped. The pictures in docs/img are as they were.")
            return 130


def _make(folder: Path) -> int:
    chromium = browser.chromium(folder / "apt.log")
    pictures = folder / "pictures"
    pictures.mkdir()
    terminal.say("Starting a product for the pictures")
    with running(folder / "var") as product, sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = opened.new_context(locale="en-GB", timezone_id=ZONE)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.set_viewport_size({"width": WIDE, "height": 800})
        camera = Camera(page, product, pictures)
        for number, step in enumerate(STEPS, start=1):
            terminal.say(f"[{number}/{len(STEPS)}] {_words(step)}")
            _take(step, page, product, camera)
        terminal.say("Making the pictures lighter")
        desk = context.new_page()
        for name in camera.taken:
            make_lighter(desk, path_of(name, pictures))
        opened.close()
    missing = [name for name in PICTURES if name not in camera.taken]
    if missing:
        raise StepFailed(f"No step takes these pictures: {', '.join(missing)}.")
    return _keep(pictures)


def _take(step, page, product, camera) -> None:
    try:
        step(page, product, camera)
    except (PlaywrightError, AssertionError) as error:
        seen = Path(tempfile.gettempdir()) / "clevertap-bq-failed-step.png"
        page.screenshot(path=seen, full_page=True)
        raise StepFailed(
            f"Step “{_words(step)}” failed on the page {urlsplit(page.url).path}\n"
            f"{_first_lines(error)}\n"
            f"What the page showed: {seen}\n"
            "If a screen has changed, put tests/screenshots/walk.py right."
        ) from None


def _keep(pictures: Path) -> int:
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        shutil.copyfile(path_of(name, pictures), path_of(name))
    sizes = {name: path_of(name).stat().st_size for name in PICTURES}
    for name, size in sizes.items():
        terminal.say(f"{size / 1000:6.0f} kB  {path_of(name).relative_to(ROOT)}")
    terminal.say(f"{sum(sizes.values()) / 1000:6.0f} kB  together")
    others = {path.name for path in FOLDER.iterdir()} - {path_of(name).name for name in PICTURES}
    if others:
        terminal.say(f"Not made here, so remove them: {', '.join(sorted(others))}")
    return 0


def _words(step) -> str:
    return step.__name__.replace("_", " ")


def _first_lines(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return "\n".join(f"  {line}" for line in lines[:8])


if __name__ == "__main__":
    sys.exit(main())
