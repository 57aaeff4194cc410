"""Spans of time in words."""

import pytest

from imports.durations import about, in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (0.04, "0.1 s"),
        (0.9, "0.9 s"),
        (0.97, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (471, "7 min 51 s"),
        (3600, "1 h"),
        (7530, "2 h 5 min"),
        (86_400 * 3 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_says_a_measured_time_in_two_units_at_most(seconds, words):
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (7.9, "a few seconds"),
        (8, "about 10 seconds"),
        (24, "about 20 seconds"),
        (55, "about 1 minute"),
        (100, "about 2 minutes"),
        (89 * 60, "about 89 minutes"),
        (90 * 60, "about 2 hours"),
        (40 * 3600, "about 2 days"),
        (1e9, "about 11,574 days"),
    ],
)
def test_rounds_a_guess(seconds, words):
    assert about(seconds) == words
