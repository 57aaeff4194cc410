"""A part of a whole in words."""

import pytest

from accounts.templatetags.shares import share_of


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (1_812_400, 1_930_220, "93.9 %"),
        (400, 1000, "40 %"),
        (0, 1000, "0 %"),
        (1000, 1000, "100 %"),
    ],
)
def test_a_share_has_one_decimal_and_no_idle_zero(part, whole, words):
    assert share_of(part, whole) == words


@pytest.mark.parametrize(("part", "words"), [(1, "< 0.1 %"), (999_999, "> 99.9 %")])
def test_one_row_of_a_million_is_neither_nothing_nor_all(part, words):
    assert share_of(part, 1_000_000) == words
