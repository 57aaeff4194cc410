"""DuckDB's refusals in Google's words; what has no counterpart is said to be the sandbox's."""

import re

import duckdb
from sqlglot import exp

from sandbox.google.errors import ApiError, invalid_query
from sandbox.google.sql.syntax import at

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r'Referenced column "([^"]+)" (?:was )?not found'), "Unrecognized name: {0}"),
    (re.compile(r'Values list "[^"]+" does not have a column named "([^"]+)"'),
     "Name {0} not found"),
    (re.compile(r'Table "([^"]+)" does not have a column named "([^"]+)"'),
     "Name {1} not found inside {0}"),
    (re.compile(r'Referenced table "([^"]+)" not found'), "Unrecognized name: {0}"),
    (re.compile(r"Function with name (\w+) does not exist"), "Function not found: {0}"),
    (re.compile(r'Ambiguous reference to column name "([^"]+)"'),
     "Column name {0} is ambiguous"),
    (re.compile(r'column "([^"]+)" must appear in the GROUP BY'),
     "SELECT list expression references column {0} which is neither grouped nor aggregated"),
    (re.compile(r"Could not find key \"([^\"]+)\" in struct"),
     "Field name {0} does not exist in STRUCT"),
    (re.compile(r"Could not convert string '([^']*)' to INT(?:32|64)"), "Bad int64 value: {0}"),
    (re.compile(r"Could not convert string '([^']*)' to DOUBLE"), "Bad double value: {0}"),
    (re.compile(r"Could not convert string '([^']*)' to BOOL"), "Bad bool value: {0}"),
    (re.compile(r'invalid date field format: "([^"]*)"'), "Invalid date: '{0}'"),
    (re.compile(r'invalid timestamp field format: "([^"]*)"'), "Invalid timestamp: '{0}'"),
    (re.compile(r"[Dd]ivision by zero"), "division by zero"),
    (re.compile(r"NOT NULL constraint failed: \w+\.(\w+)"),
     "Required field {0} cannot be null"),
)  # fmt: skip
_FIRST_LINE = re.compile(r"^[\w ]*Error: ?([^\n]*)")


def explain(failure: duckdb.Error, sql: str, tree: exp.Expr | None) -> ApiError:
    """Why a statement cannot be run, as an invalidQuery."""
    text = str(failure)
    for pattern, wording in _RULES:
        if found := pattern.search(text):
            names = found.groups()
            place = _place(names[-1], sql, tree) if names else ""
            return invalid_query(wording.format(*names) + place)
    first = _FIRST_LINE.match(text)
    said = first.group(1) if first else type(failure).__name__
    return invalid_query(f"The sandbox cannot run this statement: {said}")


def _place(name: str, sql: str, tree: exp.Expr | None) -> str:
    if tree is None:
        return ""
    for node in tree.find_all(exp.Identifier, exp.Anonymous):
        start = node.meta.get("start")
        if str(node.name).lower() == name.lower() and isinstance(start, int):
            return f" at {at(sql, start)}"
    return ""
