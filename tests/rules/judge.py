"""Holds every file of the product, and every template, against the rules."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules import outside, pages, secrets

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "clevertap_bq", "connections", "imports", "sandbox")
RULES = (*secrets.RULES, *outside.RULES, *pages.RULES)
# The sandbox holds no secret of anybody, has no ORM, and repeats what it was sent on purpose.
NOT_FOR_THE_SANDBOX = {
    *secrets.RULES,
    *(rule for rule in RULES if rule.finds in {pages.raw_sql, pages.shown_errors}),
    *(rule for rule in RULES if rule.finds in {outside.started, outside.addresses_of_requests}),
}
# Mails are plain text, and nothing else is: there a name must not be escaped.
UNSAFE_TEMPLATE = re.compile(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off|csrf_exempt")


def findings() -> list[str]:
    """Each place with the rule that it breaks, as lines to read."""
    return [*_in_code(), *_in_templates()]


def _in_code() -> Iterator[str]:
    for path in sorted(one for package in PACKAGES for one in (ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        for rule in RULES:
            if "migrations" in path.parts or (
                name.startswith("sandbox") and rule in NOT_FOR_THE_SANDBOX
            ):
                continue
            for line in rule.found_in(text, name):
                yield f"{name}:{line} {rule.name}: {rule.says}"


def _in_templates() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix == ".html":
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if UNSAFE_TEMPLATE.search(line):
                    yield f"{path.relative_to(ROOT)}:{number} text is text: templates escape."
