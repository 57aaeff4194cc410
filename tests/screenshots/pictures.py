"""Which pictures there are. A test holds docs/img, the documents and the walk to this list."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "img"
WIDE, NARROW = 1440, 390
# What a document may weigh: one picture, and all of them (bytes).
HEAVIEST, HEAVIEST_TOGETHER = 150_000, 2_000_000


@dataclass(frozen=True)
class Picture:
    """``height`` is the window's; a part of a page is never higher than ``tallest``."""

    width: int = WIDE
    height: int = 800
    scheme: str = "light"
    tallest: int = 1000


PICTURES = {
    # First connection
    "sandbox": Picture(height=720),
    "add-database": Picture(height=760),
    "add-database-narrow": Picture(NARROW, 844),
    "test-passed": Picture(),
    "test-failed": Picture(),
    "key-refused": Picture(tallest=420),
    # First import
    "account": Picture(height=560),
    "create-import": Picture(),
    "map": Picture(height=900),
    "run-progress": Picture(height=560),
    "run": Picture(height=860),
    "run-narrow": Picture(NARROW, 844),
    "refused-rows": Picture(tallest=640),
    "run-failed": Picture(height=480),
    # Day by day
    "import": Picture(height=800),
    "import-center": Picture(height=480, scheme="dark"),
    "connections": Picture(height=520),
    "connection": Picture(scheme="dark"),
    # Deleting
    "delete": Picture(height=860),
    "deletion-evidence": Picture(height=620),
}


def path_of(name: str, folder: Path = FOLDER) -> Path:
    return folder / f"{name}.png"
