"""The pictures of the documents: all made by `make screenshots`, all used, all described."""

import ast
import re
import struct
from pathlib import Path

import pytest

from tests.screenshots import walk
from tests.screenshots.pictures import FOLDER, HEAVIEST, HEAVIEST_TOGETHER, PICTURES, path_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
USES = [
    (page.relative_to(ROOT).as_posix(), alt, (page.parent / target).resolve())
    for page in PAGES
    for alt, target in IMAGE.findall(page.read_text())
]


def taken_by_the_walk():
    """The first argument of each camera.view() and camera.part()."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(Path(walk.__file__).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"view", "part"}
        and getattr(node.func.value, "id", "") == "camera"
    }


@pytest.mark.parametrize(("page", "alt", "path"), USES, ids=[f"{u[0]}:{u[2].name}" for u in USES])
def test_every_picture_exists_and_is_described_by_a_full_sentence(page, alt, path):
    assert path.parent == FOLDER
    assert path.is_file()
    assert re.fullmatch(r"[A-Z][^\n]{24,}[.]", alt), f"{page}: {alt!r} is no sentence"


def test_every_picture_is_used_by_a_document():
    used = {path for _, _, path in USES}
    assert sorted(path.name for path in FOLDER.iterdir() if path not in used) == []


def test_every_picture_is_made_by_the_command_and_no_other_lies_there():
    assert {path.name for path in FOLDER.iterdir()} == {path_of(name).name for name in PICTURES}


def test_the_walk_takes_every_picture_and_no_other():
    assert taken_by_the_walk() == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_the_size_that_was_asked_for_and_is_not_heavy(name):
    content = path_of(name).read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert width <= PICTURES[name].width
    assert height <= max(PICTURES[name].height, PICTURES[name].tallest)
    assert len(content) < HEAVIEST


def test_all_pictures_together_are_not_heavy():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < HEAVIEST_TOGETHER
