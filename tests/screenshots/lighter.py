"""Writes a screenshot as a PNG of 256 colours: about half as heavy, and to the eye the same."""

import base64
import struct
import zlib
from pathlib import Path

SCRIPT = Path(__file__).with_name("lighter.js").read_text(encoding="utf-8")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
INDEXED, BITS = 3, 8


def make_lighter(page, path: Path) -> None:
    """Replace the PNG at ``path``. ``page`` is any page that the browser may work in."""
    made = page.evaluate(SCRIPT, base64.b64encode(path.read_bytes()).decode())
    width, height = made["width"], made["height"]
    palette, pixels = (base64.b64decode(made[name]) for name in ("palette", "pixels"))
    rows = b"".join(
        b"\0" + pixels[start : start + width] for start in range(0, width * height, width)
    )
    path.write_bytes(
        SIGNATURE
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, BITS, INDEXED, 0, 0, 0))
        + _chunk(b"PLTE", palette)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
