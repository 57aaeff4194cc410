"""What differs from one run of `make screenshots` to the next is shown as a fixed value."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.screenshots.camera import GIVEN, STEADY
from tests.screenshots.lighter import make_lighter
from tests.screenshots.story import ZONE

pytestmark = pytest.mark.browser

NOW = datetime.now(ZoneInfo(ZONE)).replace(microsecond=0)  # as the viewer sees it
MADE_TODAY = """
<p><time datetime="{instant}"><span>{now.day} {now:%b %Y},</span> <span>{now:%H:%M}</span></time></p>
<p><time datetime="{old_instant}"><span>{old.day} {old:%b %Y},</span> <span>06:05</span></time></p>
<p>Passed <span>{ms} ms</span>, <span>{ms} ms</span></p>
<p>Key {key} of run <code>clevertap_bq_{job}_1</code>, at http://127.0.0.1:{port}/</p>
<dl><dt>Rows per second</dt><dd>{pace}</dd></dl>
"""


@pytest.fixture
def page(chromium):
    context = chromium.new_context(timezone_id=ZONE)
    yield context.new_page()
    context.close()


def shown(page, **values):
    old = NOW - timedelta(days=3)
    instants = {"instant": NOW.isoformat(), "old_instant": old.isoformat()}
    values = {"now": NOW, "old": old, "port": 18_000, **instants, **values}
    page.set_content(MADE_TODAY.format(**values))
    changed = page.evaluate(STEADY, GIVEN | {"ports": [[str(values["port"]), "8000"]]})
    again = page.evaluate(STEADY, GIVEN | {"ports": [[str(values["port"]), "8000"]]})
    return page.inner_text("body"), changed, again


def test_two_days_with_other_ids_and_times_look_the_same(page):
    first = shown(page, ms=7, key="0a1b2c3d", job="a1" * 16, pace="11,200")
    page.goto("about:blank")
    second = shown(page, ms=2048, key="99aa88bb", job="4f" * 16, pace="3", port=19_000)

    assert first[0] == second[0]
    assert "2 Mar 2026, 09:26" in first[0]
    assert "27 Feb 2026, 06:05" in first[0]
    assert "http://127.0.0.1:8000/" in first[0]


def test_a_page_that_was_not_drawn_anew_needs_no_second_picture(page):
    _, changed, again = shown(page, ms=7, key="0a1b2c3d", job="a1" * 16, pace="11,200")

    assert changed > 0
    assert again == 0


def test_a_lighter_picture_keeps_its_size_and_its_colours(page, tmp_path):
    path = tmp_path / "page.png"
    page.set_viewport_size({"width": 300, "height": 200})
    page.set_content("<body style='background:#fff;color:#176b36;font:20px sans-serif'>Verified")
    page.screenshot(path=path)
    before = path.stat().st_size
    make_lighter(page, path)

    width, height, colour = page.evaluate(READ, path.read_bytes().hex())
    assert (width, height) == (300, 200)
    assert colour == [0x17, 0x6B, 0x36]
    assert path.stat().st_size < before


# Size of a PNG, and its darkest colour.
READ = """async (hex) => {
  const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const picture = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
  let darkest = [255, 255, 255];
  for (let at = 0; at < data.length; at += 4) {
    const colour = [data[at], data[at + 1], data[at + 2]];
    if (colour[0] + colour[1] + colour[2] < darkest[0] + darkest[1] + darkest[2]) darkest = colour;
  }
  return [picture.width, picture.height, darkest];
}"""
