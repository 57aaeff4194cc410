"""Colours and sizes come from tokens.css, in both schemes, and can be told apart."""

import re

import pytest

from tests.architecture.css import (
    SHEETS,
    TOKENS,
    contrast,
    declarations_of,
    name_of,
    rules_of,
    tokens,
)

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(")
# Pixels are for lines and rings, which must not grow with the type: three at most, and the half
# that sets a line in the middle.
TOO_MANY_PIXELS = re.compile(r"(?<![\w.-])-?(?!(?:[0-3]|0\.5)px)[\d.]+px")
OTHERS = [path for path in SHEETS if path != TOKENS]
ALL = "\n".join(rules_of(path) for path in SHEETS)
VALUES = tokens(rules_of(TOKENS))
# Bootstrap's own, and what one component hands to its parts.
THEIRS = re.compile(r"bs-")

GROUNDS = ("canvas", "surface", "raised", "sunken", "hover")
TONES = ("ok", "bad", "warn", "info", "quiet", "sandbox")
WORDS = [
    *[(word, ground) for word in ("text", "muted", "accent", "accent-hover") for ground in GROUNDS],
    *[(word, "accent-soft") for word in ("text", "muted", "accent")],
    *[(tone, ground) for tone in TONES for ground in (*GROUNDS, f"{tone}-ground")],
    *[(word, f"{tone}-ground") for tone in TONES for word in ("text", "accent")],
    *[("on-fill", fill) for fill in ("accent-fill", "accent-fill-hover")],
    *[("on-fill", fill) for fill in ("bad-button", "bad-button-hover")],
]
PARTS = [
    *[("focus", f"{tone}-ground") for tone in TONES],
    *[(part, ground) for part in ("focus", "edge") for ground in GROUNDS],
    *[(f"{tone}-fill", g) for tone in TONES[:5] for g in ("surface", "raised", "quiet-ground")],
    *[(fill, "surface") for fill in ("accent-fill", "bad-button")],
]


def sides_of(name):
    """The light and the dark side of a colour."""
    both = re.fullmatch(r"light-dark\((#\w{6}), (#\w{6})\)", VALUES[name])
    return both.groups() if both else (VALUES[name], VALUES[name])


def stray_colours(text):
    return COLOUR.findall(text)


def too_many_pixels(text):
    values = " ".join(value for _, value in declarations_of(text))
    return TOO_MANY_PIXELS.findall(values)


@pytest.mark.parametrize("path", OTHERS, ids=name_of)
def test_no_colour_is_written_outside_the_tokens(path):
    assert stray_colours(rules_of(path)) == []


@pytest.mark.parametrize("path", OTHERS, ids=name_of)
def test_pixels_are_for_lines_and_rings_only(path):
    assert too_many_pixels(rules_of(path)) == []


@pytest.mark.parametrize("path", OTHERS, ids=name_of)
def test_type_and_corners_have_the_sizes_of_the_tokens(path):
    sizes = [(name, value) for name, value in declarations_of(rules_of(path))]
    type_sizes = [v for n, v in sizes if n == "font-size" and not v.startswith(("var(", "inherit"))]
    corners = [v for n, v in sizes if n == "border-radius" and "var(" not in v]
    assert [value for value in type_sizes if not value.endswith("em") or "rem" in value] == []
    assert set(corners) <= {"0", "50%", "2px", "2px 2px 0 0"}


def test_every_property_that_is_used_is_defined():
    used = set(re.findall(r"var\(--([\w-]+)", ALL))
    defined = set(re.findall(r"[\s{;]--([\w-]+)\s*:", ALL))
    assert {name for name in used - defined if not THEIRS.match(name)} == set()


def test_no_property_hands_on_an_address():
    """It would be looked for from the sheet that uses the property: Bootstrap's, or a bundle."""
    handed_on = [(n, v) for n, v in declarations_of(ALL) if n.startswith("--") and "url(" in v]
    assert handed_on == []


def test_every_token_is_used():
    used = set(re.findall(r"var\(--([\w-]+)", ALL))
    assert set(VALUES) - used == set()


def test_every_colour_has_a_light_and_a_dark_side():
    one_sided = {name for name, value in VALUES.items() if COLOUR.match(value)}
    assert one_sided == {"on-fill"}  # white on fills that are dark in both schemes


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("word", "ground"), WORDS)
def test_words_can_be_read(word, ground, scheme):
    side = ["light", "dark"].index(scheme)
    assert contrast(sides_of(word)[side], sides_of(ground)[side]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("part", "ground"), PARTS)
def test_parts_and_the_focus_ring_can_be_seen(part, ground, scheme):
    side = ["light", "dark"].index(scheme)
    assert contrast(sides_of(part)[side], sides_of(ground)[side]) >= 3


class TestGuard:
    """The guard itself notices what it is there to notice."""

    @pytest.mark.parametrize("colour", ["#fff", "#1a2b3c80", "rgb(0 0 0 / 4%)", "oklch(1 0 0)"])
    def test_sees_a_colour(self, colour):
        assert stray_colours(f".a {{ color: {colour}; }}")

    @pytest.mark.parametrize("size", ["4px", "1.5px", "-24px", "26px", "calc(1rem - 10px)"])
    def test_sees_pixels(self, size):
        assert too_many_pixels(f".a {{ top: {size}; }}")

    @pytest.mark.parametrize("size", ["0", "1px", "-3px", "2px solid var(--line)", "0.5rem"])
    def test_lets_lines_and_rings_be(self, size):
        assert too_many_pixels(f".a {{ top: {size}; }}") == []

    def test_computes_contrast_as_the_standard_does(self):
        assert round(contrast("#ffffff", "#000000"), 2) == 21
        assert round(contrast("#767676", "#ffffff"), 2) == 4.54
