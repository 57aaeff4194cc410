"""Our own rules of security: each refuses what it is there for, and lets the rest through.

That nothing breaks them is a step of `make check`.
"""

import ast

import pytest

from tests.rules.judge import NOT_FOR_THE_SANDBOX, ROOT, RULES, UNSAFE_TEMPLATE
from tests.rules.rule import Rule

NOWHERE = "imports/nowhere.py"


def each(kind):
    return pytest.mark.parametrize(
        ("rule", "text"),
        [
            pytest.param(rule, text, id=f"{rule.name}: {number}")
            for rule in RULES
            for number, text in enumerate(getattr(rule, kind))
        ],
    )


@each("bad")
def test_refuses(rule, text):
    assert rule.found_in(text, NOWHERE)


@each("good")
def test_lets_through(rule, text):
    assert not rule.found_in(text, NOWHERE)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])
def test_allows_only_what_needs_it(rule):
    """A file that no longer does it leaves the list, or anybody could begin again there."""
    strict = Rule(rule.name, rule.says, rule.finds, rule.bad, rule.good)
    for pattern in rule.allowed:
        found = [
            path
            for path in ROOT.glob(pattern)
            if strict.found_in(path.read_text(), path.relative_to(ROOT).as_posix())
        ]
        assert found, f"{pattern} does not need to be allowed: {rule.name}"


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        ("{{ name|safe }}", True),
        ("{% autoescape off %}", True),
        ("{{ rows | safeseq }}", True),
        ("{{ name|default:'safe' }}", False),
    ],
)
def test_reads_templates(line, is_refused):
    assert bool(UNSAFE_TEMPLATE.search(line)) is is_refused


def test_each_has_examples_of_both_kinds_that_are_code():
    for rule in RULES:
        assert rule.bad, rule.name
        assert rule.good, rule.name
        assert all(ast.parse(text) for text in (*rule.bad, *rule.good))
    assert len({rule.name for rule in RULES}) == len(RULES) >= 20
    assert set(RULES) >= NOT_FOR_THE_SANDBOX
