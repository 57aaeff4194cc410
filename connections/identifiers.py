"""Names that people type: projects, datasets, tables, connections.

Each check gives the cleaned value back or says in one sentence what is wrong. Whole
values are matched, never parts; nothing is lower-cased or stripped of characters, which
would silently name another object. Rules: reliability-security §3. Knows no Django.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

MAX_PROJECT: Final = 128
MAX_DATASET: Final = 1024
MAX_TABLE_BYTES: Final = 1024
MAX_NAME: Final = 100
# Unequal spellings of one name share a key column of this size (models.folded).
_MAX_FOLDED: Final = 400

_LABEL: Final = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_PROJECT: Final = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})+:)?[a-z][-a-z0-9]{{4,28}}[a-z0-9]")
_DATASET: Final = re.compile(r"[A-Za-z0-9_]{1,1024}")
_ADDRESS: Final = re.compile(r"(?:https?|bq|gs|ftp|file):|//|www\.", re.IGNORECASE)
_PARTITION: Final = re.compile(r"\$[0-9A-Za-z_]+$")
_TABLE_CATEGORIES: Final = ("L", "M", "N", "Pc", "Pd", "Zs")
_BIDIRECTIONAL: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_JOINERS: Final = frozenset("\u200c\u200d")

# What a key begins with, pasted into the wrong box.
_KEY: Final = re.compile(r"-----BEGIN[ A-Z]*KEY", re.IGNORECASE)

# The first rule that applies gives the answer.
Rule = tuple[str, Callable[[str], bool], str]


class IdentifierRefused(Exception):
    """A name that cannot be used. ``sentence`` says why; it never repeats the name."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


def check_project_id(value: str) -> str:
    """A project id, also the domain-scoped form. Raises: IdentifierRefused."""
    value = _trimmed(value)
    _apply(_PROJECT_RULES, value)
    if not _PROJECT.fullmatch(value):
        _apply(_PROJECT_FAULTS, value)
        raise IdentifierRefused(
            "project_malformed",
            "A project id has lower-case letters, digits and hyphens only, for example "
            "my-shop-4711. Copy it from the project picker of the Google Cloud console.",
        )
    return value


def check_dataset_id(value: str) -> str:
    """A dataset id, upper and lower case kept. Raises: IdentifierRefused."""
    value = _trimmed(value)
    _apply(_DATASET_RULES, value)
    if not _DATASET.fullmatch(value):
        raise IdentifierRefused(
            "dataset_malformed", "A dataset id has letters a to z, digits and underscores only."
        )
    return value


def check_table_id(value: str) -> str:
    """The id of one table or view, at most 1,024 bytes. Raises: IdentifierRefused."""
    value = _trimmed(value)
    _apply(_TABLE_RULES, value)
    if not all(unicodedata.category(one).startswith(_TABLE_CATEGORIES) for one in value):
        raise IdentifierRefused(
            "table_malformed",
            "A table id has letters, digits, spaces, hyphens and underscores only.",
        )
    return value


def check_name(value: str) -> str:
    """A name that people give to a thing of ours: trimmed, at most 100 characters.

    Raises: IdentifierRefused.
    """
    value = value.strip()
    _apply(_NAME_RULES, value)
    return value


def _trimmed(value: str) -> str:
    return value.strip(" \t\u00a0")


def _apply(rules: Iterable[Rule], value: str) -> None:
    for code, applies, sentence in rules:
        if applies(value):
            raise IdentifierRefused(code, sentence)


def _is_a_key(value: str) -> bool:
    return bool(_KEY.search(value))


def _has_line_break(value: str) -> bool:
    return any(character in value for character in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def _has_unseen(value: str) -> bool:
    return any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn"} for one in value)


def _has_control(value: str) -> bool:
    return any(unicodedata.category(one) in {"Cc", "Cs"} for one in value)


def _has_bidirectional(value: str) -> bool:
    return not _BIDIRECTIONAL.isdisjoint(value)


def _has_nothing_to_see(value: str) -> bool:
    return not any(unicodedata.category(one)[0] in "LNPS" for one in value)


def _has_hidden(value: str) -> bool:
    """Joiners are part of many scripts and emoji; between plain letters they only deceive."""
    for index, one in enumerate(value):
        if unicodedata.category(one) not in {"Cf", "Co", "Cn"}:
            continue
        beside = value[max(index - 1, 0) : index] + value[index + 1 : index + 2]
        if one not in _JOINERS or len(beside) < 2 or beside.isascii():
            return True
    return False


def _is_too_long_folded(value: str) -> bool:
    return len(unicodedata.normalize("NFKC", value).casefold()) > _MAX_FOLDED


_ANY_IDENTIFIER: Final[tuple[Rule, ...]] = (
    ("line_break", _has_line_break, "This contains a line break. Type it on one line."),
    ("unseen", _has_unseen, "This contains characters that cannot be seen. Type it by hand."),
    ("address", lambda value: bool(_ADDRESS.search(value)), "This is a web address. Type the id."),
    ("back_ticks", lambda value: "`" in value, "Leave out the back-ticks: type the bare id."),
    (
        "quotes",
        lambda value: any(quote in value for quote in "'\"\u2018\u2019\u201c\u201d"),
        "Leave out the quotes: type the bare id.",
    ),
    ("backslash", lambda value: "\\" in value, "This contains a backslash, which no id has."),
)
_PROJECT_RULES: Final[tuple[Rule, ...]] = (
    ("blank", lambda value: not value, "Type the id of the Google Cloud project."),
    (
        "too_long",
        lambda value: len(value) > MAX_PROJECT,
        "This is too long: a project id has at most 30 characters.",
    ),
    *_ANY_IDENTIFIER,
)
_PROJECT_FAULTS: Final[tuple[Rule, ...]] = (
    (
        "project_number",
        lambda value: value.isdigit(),
        "This is the project’s number. Type the project’s id, which begins with a letter.",
    ),
    (
        "e_mail",
        lambda value: "@" in value,
        "This is an e-mail address. Type the project’s id.",
    ),
    (
        "project_and_dataset",
        lambda value: bool(re.fullmatch(r"[^.:]+[.:][^.:]+(?:\.[^.]+)?", value)),
        "This names a project and what is in it. Type only the part before the dot or colon "
        "here, and the dataset into its own box.",
    ),
    (
        "upper_case",
        lambda value: value.isascii() and bool(_PROJECT.fullmatch(value.lower())),
        "A project id has no upper-case letters. Check it: this may be the project’s name.",
    ),
    (
        "space",
        lambda value: any(character.isspace() for character in value),
        "This contains a space, so it is the project’s name. Type the project’s id.",
    ),
    (
        "underscore",
        lambda value: "_" in value,
        "A project id has no underscores. This may be a dataset.",
    ),
    ("not_ascii", lambda value: not value.isascii(), "A project id has only letters a to z."),
    (
        "first_character",
        lambda value: not "a" <= value[0] <= "z",
        "A project id begins with a letter.",
    ),
    ("last_hyphen", lambda value: value.endswith("-"), "A project id does not end in a hyphen."),
    (
        "too_short",
        lambda value: len(value) < 6,
        "This is too short: a project id has at least 6 characters.",
    ),
    (
        "too_long",
        lambda value: len(value) > 30 and ":" not in value,
        "This is too long: a project id has at most 30 characters.",
    ),
)
_DATASET_RULES: Final[tuple[Rule, ...]] = (
    ("blank", lambda value: not value, "Type the id of the dataset."),
    (
        "too_long",
        lambda value: len(value) > MAX_DATASET,
        "This is too long: a dataset id has at most 1,024 characters.",
    ),
    *_ANY_IDENTIFIER,
    (
        "project_colon_dataset",
        lambda value: ":" in value,
        "This names a project too. Type only the part after the colon.",
    ),
    (
        "dataset_and_table",
        lambda value: value.count(".") >= 2,
        "This names a project, a dataset and a table. Type only the part in the middle.",
    ),
    (
        "project_dot_dataset",
        lambda value: "." in value,
        "This has two parts. If it is project and dataset, type only the part after the dot.",
    ),
    (
        "hyphen",
        lambda value: "-" in value,
        "A dataset id has no hyphens. This may be a project id.",
    ),
    (
        "space",
        lambda value: any(character.isspace() for character in value),
        "A dataset id has no spaces.",
    ),
    ("wildcard", lambda value: "*" in value, "Name one dataset, without an asterisk."),
    ("not_ascii", lambda value: not value.isascii(), "A dataset id has only letters a to z."),
)
_TABLE_RULES: Final[tuple[Rule, ...]] = (
    ("blank", lambda value: not value, "Choose a table or a view."),
    ("key", _is_a_key, "This is a key. Type the id of a table or a view."),
    (
        "too_long",
        lambda value: len(value.encode("utf-8", "replace")) > MAX_TABLE_BYTES,
        "This is too long: a table id has at most 1,024 bytes.",
    ),
    *_ANY_IDENTIFIER,
    (
        "path",
        lambda value: "." in value or ":" in value,
        "This names a dataset too. Type only the last part, the table’s own id.",
    ),
    (
        "wildcard",
        lambda value: "*" in value,
        "Several tables at once need a query: choose SQL instead of Table.",
    ),
    (
        "partition",
        lambda value: bool(_PARTITION.search(value)),
        "A single partition needs a query: choose SQL instead of Table.",
    ),
)
_NAME_RULES: Final[tuple[Rule, ...]] = (
    ("blank", lambda value: not value, "Type a name."),
    ("key", _is_a_key, "This is a key, which belongs into another box. Type a name of your own."),
    (
        "too_long",
        lambda value: len(value) > MAX_NAME,
        "This name is too long: at most 100 characters.",
    ),
    ("line_break", _has_line_break, "This name contains a line break. Type it on one line."),
    ("control", _has_control, "This name contains control characters. Type it by hand."),
    (
        "bidirectional",
        _has_bidirectional,
        "This name contains marks that turn the direction of writing. Type it by hand.",
    ),
    ("nothing_to_see", _has_nothing_to_see, "This name has no character that can be seen."),
    ("hidden", _has_hidden, "This name contains invisible characters. Type it by hand."),
    (
        "too_long_folded",
        _is_too_long_folded,
        "This name uses signs that stand for many letters each. Write it with plain letters.",
    ),
)
