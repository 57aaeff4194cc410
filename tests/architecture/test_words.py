"""Words that people read: short sentences, their terms, verbs on buttons, real quotation marks.

Every rule is shown to find what it is there for: a text that breaks it stands beside it.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture import word_rules as rules
from tests.architecture.words import (
    TEMPLATES,
    Words,
    buttons_of,
    of_source,
    of_sources,
    of_template,
    of_templates,
    sources,
    templates,
    uncounted,
)

RULES = {
    rules.banned: "Please log in to continue.",
    rules.exclaiming: "The import is ready!",
    rules.straight_quotes: "The account's key is not read.",
    rules.too_long: "It is " + "very " * 25 + "long.",
    rules.half_ended: "The key is read. It is kept",
}
# Dates in other forms, and why.
DATES_APART = {
    "templates/connections/_figures.html": "the first day of the month, which has no time",
}


@cache
def everything():
    """Read when it is asked for: every job of every pass loads this module."""
    return [*of_templates(), *of_sources()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_words_break_it(rule):
    assert [f"{words} — {why}" for words in everything() for why in rule(words)] == []


@pytest.mark.parametrize(
    ("rule", "bad"), RULES.items(), ids=lambda part: getattr(part, "__name__", "")
)
def test_it_finds_what_breaks_it_in_a_template_and_in_a_module(rule, bad):
    in_template = of_template(Path("x.html"), f'<p class="muted">\n  {bad}\n</p>')
    in_module = of_source(Path("x.py"), f"class No(Exception):\n    says = {bad!r}\n")
    assert any(rule(words) for words in in_template)
    assert any(rule(words) for words in in_module)


@pytest.mark.parametrize("word", ["please", "oops", "e.g.", "click", "HTTP 403", "fence", "email"])
def test_a_banned_word_is_found_whatever_its_case(word):
    assert rules.banned(Words("x", "words", f"The {word.upper()} is here."))


@pytest.mark.parametrize(
    "text", ["A banner of Email.", "Ask {email} for it.", "The release is new."]
)
def test_a_word_that_only_looks_banned_is_not(text):
    assert rules.banned(Words("x", "words", text)) == []


def test_texts_of_notices_end_and_their_titles_do_not():
    assert [f"{words} — {why}" for words in everything() for why in rules.unended(words)] == []


@pytest.mark.parametrize(
    "handed", ['text="Nothing is here"', 'title="Nothing is here."', 'help="Type a name"']
)
def test_a_text_without_end_and_a_title_with_one_are_found(handed):
    tag = f'{{% include "components/notice.html" with {handed} only %}}'
    assert [why for words in of_template(Path("x.html"), tag) for why in rules.unended(words)]


def test_every_button_begins_with_a_verb():
    faults = {
        str(path.relative_to(TEMPLATES)): found
        for path in templates()
        if (
            found := [
                why for label in buttons_of(path.read_text()) for why in rules.not_a_verb(label)
            ]
        )
    }
    assert faults == {}


@pytest.mark.parametrize(
    "html",
    [
        '<button type="submit" class="btn">New link</button>',
        '<a class="btn btn-secondary" href="x">Details</a>',
        '{% include "components/button.html" with label="Confirmation" only %}',
        '{% include "components/empty_state.html" with action_label="Database" only %}',
    ],
)
def test_a_button_without_a_verb_is_found(html):
    assert [why for label in buttons_of(html) for why in rules.not_a_verb(label)]


def dates_apart(html: str) -> list[str]:
    return re.findall(
        r"\{\{[^}]*\|\s*(?:date|time|timesince|timeuntil|naturaltime)\b[^}]*\}\}", html
    )


def test_every_moment_is_drawn_by_the_one_component():
    apart = {
        str(path.relative_to(TEMPLATES.parent))
        for path in templates()
        if dates_apart(path.read_text())
    }
    assert apart - DATES_APART.keys() == set()


@pytest.mark.parametrize("html", ["{{ run.at|date }}", '{{ x|date:"j F" }}', "{{ x|timesince }}"])
def test_a_date_of_its_own_is_found(html):
    assert dates_apart(f"<td>{html}</td>")


def test_numbers_in_sentences_are_grouped():
    """``f"{count:,}"``: templates group by themselves, a sentence of ours does not."""
    assert [fault for path in sources() for fault in uncounted(path)] == []


@pytest.mark.parametrize("value", ["{count}", "{len(rows)}", "{MOST_ROWS}", "{run.read_count}"])
def test_a_number_that_is_not_grouped_is_found(value):
    assert list(uncounted(Path("x.py"), f'said = f"There are {value} rows here."\n'))
    grouped = value.replace("}", ":,}")
    assert not list(uncounted(Path("x.py"), f'said = f"There are {grouped} rows here."\n'))


def test_templates_group_numbers_by_themselves(settings):
    assert settings.USE_THOUSAND_SEPARATOR
    assert settings.LANGUAGE_CODE == "en-gb"
