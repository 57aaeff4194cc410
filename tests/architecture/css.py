"""Reads our style sheets and templates as far as the guards need it: no full parser."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
SHEETS = sorted((STATIC / "css").rglob("*.css"))
TOKENS = STATIC / "css" / "tokens.css"
PAGES = sorted((ROOT / "templates").rglob("*.html"))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A class that a condition ends: ``btn-{% if a %}primary{% else %}secondary{% endif %}``.
_ENDED = re.compile(r"(?<=-)\{% if .*?\{% endif %\}")
_TAG = re.compile(r"\{%.*?%\}")
_ATTRIBUTE = re.compile(r'\bclass="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\}|\{)*)"')


def name_of(path):
    return path.relative_to(STATIC / "css").as_posix()


def rules_of(path):
    """The sheet without its comments."""
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def selectors_of(text):
    """What stands before each brace, at-rules left out."""
    heads = re.findall(r"(?:^|[{};])\s*([^{};@]+)\{", text)
    return [head.strip() for head in heads]


def declarations_of(text):
    """Every ``property: value``, without the selectors."""
    return re.findall(r"[{;]\s*([\w-]+)\s*:\s*([^;{}]+?)\s*(?=[;}])", text)


def classes_defined(text):
    """The classes that selectors name."""
    selectors = " ".join(selectors_of(text))
    return set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", re.sub(r'"[^"]*"', "", selectors)))


def classes_used(text):
    """The classes in ``class="…"``; what a template puts in stands as ``*``: ``badge--*``."""
    found = set()
    for value in _ATTRIBUTE.findall(text):
        value = re.sub(r"\{\{.*?\}\}", "*", _ENDED.sub("*", value))
        found |= set(_TAG.sub(" ", value).split())
    return {name for name in found if name != "*"}


def also(path):
    """Components that live in a sheet under another's name: ``Also: tag, health.`` at its head."""
    head = re.match(r"\s*/\*(.*?)\*/", path.read_text(encoding="utf-8"), re.DOTALL)
    words = re.search(r"Also: ([\w,\s]+)\.", head[1]) if head else None
    return {name.strip() for name in words[1].split(",")} if words else set()


def tokens(text):
    """Name to value of every custom property of ours in tokens.css."""
    return dict(re.findall(r"^\s*--((?!bs-)[\w-]+): ([^;]+);", text, re.MULTILINE))


def luminance(colour):
    """Relative luminance by WCAG 2.2, of ``#rrggbb``."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """From 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
