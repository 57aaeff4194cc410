"""From text to one statement, with Google's words for what is not one."""

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from sandbox.google.errors import ApiError, invalid_query, not_imitated

MOST_CHARACTERS = 1_000_000

_UNDERSTOOD = (
    exp.Query, exp.Create, exp.Drop, exp.Insert, exp.Update, exp.Delete, exp.Merge,
    exp.TruncateTable,
)  # fmt: skip
_OTHER_STATEMENTS = frozenset(
    [
        "ALTER",
        "ASSERT",
        "BEGIN",
        "BREAK",
        "CALL",
        "CASE",
        "CLONE",
        "COMMIT",
        "CONTINUE",
        "DECLARE",
        "EXECUTE",
        "EXPORT",
        "FOR",
        "GRANT",
        "IF",
        "ITERATE",
        "LEAVE",
        "LOAD",
        "LOOP",
        "RAISE",
        "REPEAT",
        "RETURN",
        "REVOKE",
        "ROLLBACK",
        "SET",
        "UNDROP",
        "WHILE",
    ]
)
_KEYWORDS = frozenset(
    [
        "ALL",
        "AND",
        "ANY",
        "ARRAY",
        "AS",
        "ASC",
        "BETWEEN",
        "BY",
        "CASE",
        "CAST",
        "CROSS",
        "DESC",
        "DISTINCT",
        "ELSE",
        "END",
        "EXCEPT",
        "EXISTS",
        "FALSE",
        "FOR",
        "FROM",
        "FULL",
        "GROUP",
        "HAVING",
        "IF",
        "IN",
        "INNER",
        "INTERSECT",
        "INTERVAL",
        "INTO",
        "IS",
        "JOIN",
        "LEFT",
        "LIKE",
        "LIMIT",
        "NOT",
        "NULL",
        "ON",
        "OR",
        "ORDER",
        "OUTER",
        "OVER",
        "PARTITION",
        "RIGHT",
        "SELECT",
        "SET",
        "STRUCT",
        "THEN",
        "TRUE",
        "UNION",
        "UNNEST",
        "USING",
        "WHEN",
        "WHERE",
        "WINDOW",
        "WITH",
    ]
)
_FIRST_WORD = re.compile(r"(?:\s|--[^\n]*\n?|#[^\n]*\n?|/\*.*?\*/|\()*([A-Za-z_]\w*)", re.DOTALL)
_UNCLOSED = re.compile(r"Missing (['\"`]+)")


def parse(sql: str) -> exp.Expr:
    """The statement of a query. Raises: ApiError (invalidQuery, notImplemented)."""
    if len(sql) > MOST_CHARACTERS:
        raise invalid_query(
            "The query is too large. The maximum standard SQL query length is 1024.00K characters, "
            "including comments and white space characters."
        )
    try:
        statements = [one for one in sqlglot.parse(sql, read="bigquery") if one is not None]
    except (ParseError, TokenError) as refused:
        raise _syntax_error(sql, refused) from None
    except RecursionError:
        raise invalid_query("The query is too complex: nested too deeply.") from None
    if not statements:
        raise invalid_query("Syntax error: Unexpected end of statement at [1:1]")
    if len(statements) > 1:
        raise not_imitated("scripts of several statements")
    statement = statements[0]
    if not isinstance(statement, _UNDERSTOOD):
        raise _wrong_start(sql)
    return statement


def at(sql: str, offset: int) -> str:
    """A place in the text as Google writes it."""
    before = sql[:offset]
    return f"[{before.count(chr(10)) + 1}:{offset - before.rfind(chr(10))}]"


def place_of(sql: str, node: exp.Expr) -> str:
    """` at [line:column]` of a node, or nothing when it was not in the text."""
    for part in node.find_all(exp.Identifier):
        if "start" in part.meta:
            return f" at {at(sql, part.meta['start'])}"
    start = node.meta.get("start")
    return f" at {at(sql, start)}" if isinstance(start, int) else ""


def _wrong_start(sql: str) -> ApiError:
    found = _FIRST_WORD.match(sql)
    word = found.group(1) if found else ""
    if word.upper() in _OTHER_STATEMENTS:
        return not_imitated(f"the statement {word.upper()}")
    offset = found.start(1) if found else 0
    return invalid_query(f"Syntax error: Unexpected {_named(word)} at {at(sql, offset)}")


def _syntax_error(sql: str, refused: ParseError | TokenError) -> ApiError:
    first = _FIRST_WORD.match(sql)
    word = first.group(1) if first else ""
    known = {"SELECT", "WITH", "CREATE", "DROP", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"}
    if word.upper() not in known:
        return _wrong_start(sql)
    if isinstance(refused, TokenError) or not refused.errors:
        return _unclosed(sql, str(refused))
    found = refused.errors[0]
    highlight = found.get("highlight") or ""
    offset = _offset(sql, found.get("line") or 1, found.get("col") or 1) - len(highlight)
    expected = re.match(r"Expect(?:ing|ed) (\S+)", found.get("description") or "")
    rest = sql[offset + len(highlight) :].strip() if highlight else ""
    if expected:
        but = _named(highlight) if rest else "end of script"
        where = at(sql, offset if rest else len(sql.rstrip()))
        return invalid_query(
            f'Syntax error: Expected "{expected.group(1)}" but got {but} at {where}'
        )
    what = _named(highlight) if highlight else "end of script"
    return invalid_query(f"Syntax error: Unexpected {what} at {at(sql, max(offset, 0))}")


def _unclosed(sql: str, message: str) -> ApiError:
    kind = _UNCLOSED.search(message)
    mark = kind.group(1)[0] if kind else "'"
    place = max(sql.find(mark), 0)
    name = "identifier" if mark == "`" else "string"
    return invalid_query(f"Syntax error: Unclosed {name} literal at {at(sql, place)}")


def _offset(sql: str, line: int, column: int) -> int:
    lines = sql.splitlines(keepends=True)
    return sum(len(one) for one in lines[: line - 1]) + column


def _named(token: str) -> str:
    if token.upper() in _KEYWORDS:
        return f"keyword {token.upper()}"
    if token[:1] in "'\"":
        return f"string literal {token}"
    if token[:1].isdigit():
        return f'integer literal "{token}"'
    if token[:1].isalpha() or token[:1] in "_`":
        return f'identifier "{token.strip("`")}"'
    return f'"{token}"'
