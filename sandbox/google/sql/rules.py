"""Where sqlglot's DuckDB differs from BigQuery: changes to the tree before it is written out.

Also the list of functions: what BigQuery does not have is not found, however real in DuckDB.
"""

from collections.abc import Callable

from sqlglot import exp

from sandbox.google.errors import invalid_query, not_imitated
from sandbox.google.schema import BIGNUMERIC, NUMERIC
from sandbox.google.sql.syntax import place_of

STRING_OF = "warehouse._sandbox.string_of"

# sqlglot does not know these; DuckDB has them with the same meaning.
_SAME_IN_DUCKDB = frozenset(
    [
        "ACOS",
        "ACOSH",
        "ASIN",
        "ASINH",
        "ATAN",
        "ATANH",
        "BIT_COUNT",
        "CBRT",
        "CORR",
        "COS",
        "COSH",
        "COT",
        "COVAR_POP",
        "COVAR_SAMP",
        "DEGREES",
        "ERROR",
        "ISFINITE",
        "ISINF",
        "ISNAN",
        "LEAST",
        "PI",
        "RADIANS",
        "REPEAT",
        "REPLACE",
        "REVERSE",
        "SIN",
        "SINH",
        "STARTS_WITH",
        "STRPOS",
        "TAN",
        "TANH",
        "TRANSLATE",
        "UNICODE",
    ]
)
# And these it only has under another name.
_RENAMED = {
    "ARRAY_REVERSE": "list_reverse", "CHAR_LENGTH": "length",
    "CHARACTER_LENGTH": "length", "IS_INF": "isinf", "IS_NAN": "isnan", "JSON_TYPE": "json_type",
    "NORMALIZE": "nfc_normalize", "TO_BASE64": "to_base64", "FROM_BASE64": "from_base64",
}  # fmt: skip
# BigQuery has them, the sandbox does not.
_NOT_IMITATED = (exp.FarmFingerprint,)
# sqlglot knows them, BigQuery does not.
_FOREIGN = (exp.ReadCSV, exp.ReadParquet)


def to_duckdb(tree: exp.Expr, sql: str, email: str) -> exp.Expr:
    """The same statement in terms that sqlglot writes rightly for DuckDB.

    Raises: ApiError for a function that is not there or not imitated.
    """
    _refuse_functions(tree, sql)
    _offsets_from_zero(tree)

    for node in reversed(list(tree.walk(bfs=False))):
        changed = _changed(node, email)
        if changed is node:
            continue
        if node is tree:
            tree = changed
        else:
            node.replace(changed)
    return tree


def _changed(node: exp.Expr, email: str) -> exp.Expr:
    if isinstance(node, exp.SessionUser):
        return exp.Literal.string(email)
    rule = next((rule for kind, rule in _RULES.items() if isinstance(node, kind)), None)
    return node if rule is None else rule(node)


def _refuse_functions(tree: exp.Expr, sql: str) -> None:
    for node in tree.find_all(exp.Anonymous, exp.Func):
        if isinstance(node, exp.Anonymous):
            name = str(node.this)
            if name.upper() in _SAME_IN_DUCKDB or name.upper() in _RENAMED:
                continue
            raise invalid_query(f"Function not found: {name}{place_of(sql, node)}")
        if isinstance(node, _FOREIGN):
            name = node.sql_name()
            raise invalid_query(f"Function not found: {name}{place_of(sql, node)}")
        if isinstance(node, _NOT_IMITATED):
            raise not_imitated(f"the function {node.sql_name()}")


def _offsets_from_zero(tree: exp.Expr) -> None:
    """WITH OFFSET counts from 0, DuckDB's WITH ORDINALITY from 1."""
    for unnest in tree.find_all(exp.Unnest):
        offset = unnest.args.get("offset")
        scope = unnest.find_ancestor(exp.Select)
        if offset is None or scope is None:
            continue
        name = offset.name if isinstance(offset, exp.Identifier) else "offset"
        for column in list(scope.find_all(exp.Column)):
            if column.name.lower() == name.lower() and not column.table:
                one_less = exp.paren(column.copy() - 1)
                kept = exp.alias_(one_less, name) if column.parent is scope else one_less
                column.replace(kept)


def _decimal_literal(node: exp.Expr) -> exp.Expr:
    if node.is_string or not set(str(node.this)) & set(".eE"):
        return node
    if isinstance(node.parent, exp.TableSample | exp.Cast) or str(node.this).startswith("0x"):
        return node
    return exp.cast(exp.Literal.number(node.this), "DOUBLE")


def _exact_type(node: exp.Expr) -> exp.Expr:
    if node.expressions and not node.is_type("bigdecimal"):
        return node
    if node.is_type("bigdecimal"):
        return exp.DataType.build(BIGNUMERIC, dialect="duckdb")
    return exp.DataType.build(NUMERIC, dialect="duckdb") if node.is_type("decimal") else node


def _string_cast(node: exp.Expr) -> exp.Expr:
    target = node.args["to"]
    if target.is_type("text", "varchar") and not target.expressions:
        return _call(STRING_OF, node.this.copy())
    return node


def _back_to_date(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "DATE")


def _from_unix(node: exp.Expr) -> exp.Expr:
    scale = node.args.get("scale")
    factor = {"0": 1_000_000, "3": 1000, "6": 1}[scale.name if scale is not None else "0"]
    number = exp.cast(node.this.copy(), "BIGINT")
    return _call("make_timestamptz", exp.Mul(this=number, expression=exp.Literal.number(factor)))


def _whole_units(node: exp.Expr) -> exp.Expr:
    unit = exp.Literal.string(node.text("unit").lower() or "microsecond")
    return _call("datesub", unit, node.expression, node.this)


def _day_of_week(node: exp.Expr) -> exp.Expr:
    part = node.this.name.upper()
    if part == "DAYOFWEEK":
        return exp.paren(_call("dayofweek", node.expression) + 1)
    if part == "WEEK":
        text = _call("strftime", node.expression, exp.Literal.string("%U"))
        return exp.cast(text, "BIGINT")
    if part == "DATE":
        return exp.cast(node.expression, "DATE")
    if part == "ISOWEEK":
        return _call("week", node.expression)
    return node


def _zoned_text(node: exp.Expr) -> exp.Expr:
    zone = node.args.get("zone")
    if zone is None:
        return node
    inner = node.this.this if isinstance(node.this, exp.TsOrDsToTimestamp) else node.this
    local = exp.AtTimeZone(this=exp.cast(inner, "TIMESTAMPTZ"), zone=zone)
    return exp.TimeToStr(this=exp.paren(local), format=node.args["format"])


def _zoned_date(node: exp.Expr) -> exp.Expr:
    zone = node.args.get("zone")
    if zone is None:
        return node
    return exp.cast(exp.AtTimeZone(this=exp.cast(node.this, "TIMESTAMPTZ"), zone=zone), "DATE")


def _own_year(node: exp.Expr) -> exp.Expr:
    if "%Y" in node.text("format") or "%y" in node.text("format"):
        node.set("default_year", None)
    return exp.cast(node.copy(), "TIMESTAMPTZ") if isinstance(node, exp.StrToTime) else node


def _safe(node: exp.Expr) -> exp.Expr:
    return _call("TRY", node.this)


def _aggregated_array(node: exp.Expr) -> exp.Expr:
    """ARRAY_AGG(x IGNORE NULLS ORDER BY y LIMIT n), in either nesting."""
    ignores = isinstance(node, exp.IgnoreNulls)
    array = node.this if ignores else node
    if not isinstance(array, exp.ArrayAgg) or isinstance(node.parent, exp.IgnoreNulls):
        return node
    limit = array.this if isinstance(array.this, exp.Limit) else None
    if not ignores and limit is None:
        return node
    content = limit.this if limit is not None else array.this
    collected: exp.Expr = exp.Anonymous(this="list", expressions=[content.copy()])
    value = content.this if isinstance(content, exp.Order) else content
    if isinstance(value, exp.Distinct):
        value = value.expressions[0]
    if ignores:
        present = exp.Not(this=exp.Is(this=exp.paren(value.copy()), expression=exp.null()))
        collected = exp.Filter(this=collected, expression=exp.Where(this=present))
    if limit is not None:
        collected = _call("list_slice", collected, exp.Literal.number(1), limit.expression.copy())
    return collected


def _deletion(node: exp.Expr) -> exp.Expr:
    return exp.Delete(this=node.expressions[0].copy())


def _renamed(node: exp.Expr) -> exp.Expr:
    node.set("this", _RENAMED.get(str(node.this).upper(), node.this))
    return node


def _call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


_RULES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Literal: _decimal_literal,
    exp.DataType: _exact_type,
    exp.TryCast: lambda node: node,
    exp.Cast: _string_cast,
    exp.SafeFunc: _safe,
    exp.DateSub: _back_to_date,
    exp.DateAdd: _back_to_date,
    exp.DateTrunc: _back_to_date,
    exp.UnixToTime: _from_unix,
    exp.StrToTime: _own_year,
    exp.StrToDate: _own_year,
    exp.TimestampDiff: _whole_units,
    exp.DatetimeDiff: _whole_units,
    exp.Extract: _day_of_week,
    exp.TimeToStr: _zoned_text,
    exp.Date: _zoned_date,
    exp.IgnoreNulls: _aggregated_array,
    exp.ArrayAgg: _aggregated_array,
    exp.Anonymous: _renamed,
    exp.ByteLength: lambda node: _call("strlen", node.this.copy()),
    exp.TruncateTable: _deletion,
}
