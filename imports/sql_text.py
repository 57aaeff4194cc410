"""The text of a query, read as far as we must: one SELECT, and where it stops. Pure.

Whether names and types are right only BigQuery knows. Strings and comments are read so that
a semicolon in them ends nothing: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical
"""

import re
from typing import Final, NamedTuple

LONGEST: Final = 100_000
_TOKEN: Final = re.compile(
    r"""
    (?P<blank> \s+ | --[^\n]* | \#[^\n]* | /\*.*?\*/ )
    | (?P<text> \'{3}(?:\\.|[^\\])*?\'{3} | "{3}(?:\\.|[^\\])*?"{3}
        | \'(?:\\.|[^\'\\\n])*\' | "(?:\\.|[^"\\\n])*" | `(?:\\.|[^`\\\n])*` )
    | (?P<end> ; )
    | (?P<word> [A-Za-z_]\w* )
    | (?P<open> ['"`] | /\* )
    | (?P<other> . )
    """,
    re.DOTALL | re.VERBOSE,
)
# What does something else than give rows, as far as it is worth a sentence of its own.
_NO_QUERY: Final = {
    *("ALTER", "ASSERT", "BEGIN", "CALL", "COMMIT", "CREATE", "DECLARE", "DELETE", "DROP"),
    *("EXECUTE", "EXPORT", "FOR", "GRANT", "IF", "INSERT", "LOAD", "LOOP", "MERGE", "REPEAT"),
    *("REVOKE", "ROLLBACK", "SET", "TRUNCATE", "UNDROP", "UPDATE", "WHILE"),
}


class Place(NamedTuple):
    """Both from 1, as BigQuery counts them."""

    line: int
    column: int


class SqlFault(Exception):
    """Why the text cannot be imported from; the message is fit for the user."""

    def __init__(self, sentence: str, place: Place | None = None) -> None:
        super().__init__(sentence)
        self.place = place


def tidy(sql: str) -> str:
    """As it is stored: line ends of one kind, nothing behind the last line."""
    return sql.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def sense(sql: str) -> str:
    """The query without what BigQuery passes over: comments, line ends, a semicolon at its end.

    Two queries with the same sense find the same rows.
    """
    parts: list[str] = []
    for token in _TOKEN.finditer(sql):
        blank = token.lastgroup == "blank"
        if not (blank and parts[-1:] in ([], [" "])):
            parts.append(" " if blank else token[0])
    return "".join(parts).rstrip("; ")


def one_select(sql: str) -> str:
    """The query without a semicolon at its end, so that it can stand in brackets.

    Raises:
        SqlFault: it is empty, more than one statement, or one that changes something.
    """
    end, first = None, True
    for token in _TOKEN.finditer(sql):
        kind = token.lastgroup
        if kind == "blank":
            continue
        if kind == "open":
            break  # a string without an end: BigQuery says so better than we could
        if end is not None and kind != "end":
            raise SqlFault(
                "This is a second statement. Write exactly one SELECT.", _at(sql, token.start())
            )
        if kind == "end":
            end = token.start() if end is None else end
            continue
        if first and kind == "word" and token[0].upper() in _NO_QUERY:
            raise SqlFault(
                f"Only a SELECT can be imported, and this is {_with_article(token[0].upper())}.",
                _at(sql, token.start()),
            )
        first = False
    if first:
        raise SqlFault("Write the SELECT whose rows are imported.")
    return sql if end is None else sql[:end] + sql[end:].replace(";", " ")


def in_brackets(sql: str) -> str:
    """The query as a part of another. The brackets stand on lines of their own, so that a
    comment at its end does not hide the closing one."""
    try:
        query = one_select(sql)
    except SqlFault:
        query = sql  # it was a SELECT when it was saved; BigQuery says what is wrong with it
    return f"(\n{query}\n)"


def excerpt(sql: str, place: Place) -> tuple[str, str, str]:
    """The marked line in three parts: before the place, the word there, and the rest."""
    lines = sql.split("\n")
    if not 1 <= place.line <= len(lines):
        return "", "", ""
    line, start = lines[place.line - 1], max(place.column - 1, 0)
    found = re.compile(r"\w+|.").match(line, start)
    end = found.end() if found else start
    return line[:start], line[start:end], line[end:]


def _at(sql: str, offset: int) -> Place:
    before = sql[:offset]
    return Place(before.count("\n") + 1, offset - before.rfind("\n"))


def _with_article(word: str) -> str:
    return f"{'an' if word[0] in 'AEIOU' else 'a'} {word}"
