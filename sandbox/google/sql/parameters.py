"""Query parameters: values put in as typed literals, so that no text of a value is ever SQL."""

from collections.abc import Mapping
from typing import Any

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import TokenType

from sandbox.google.errors import invalid, invalid_query
from sandbox.google.schema import type_name
from sandbox.google.sql.syntax import place_of

_SQL_TYPES = {
    "STRING": "STRING", "INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL",
    "BYTES": "BYTES", "DATE": "DATE", "DATETIME": "DATETIME", "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP", "NUMERIC": "NUMERIC", "BIGNUMERIC": "BIGNUMERIC", "JSON": "JSON",
    "GEOGRAPHY": "GEOGRAPHY",
}  # fmt: skip

_POSITION = "_position_"


def name_positions(sql: str) -> str:
    """The text with every `?` as a named parameter: a tree does not keep their order."""
    try:
        tokens = BigQuery().tokenize(sql)
    except TokenError:
        return sql
    places = [one.start for one in tokens if one.token_type == TokenType.PLACEHOLDER]
    for index, place in reversed(list(enumerate(places))):
        sql = f"{sql[:place]}@{_POSITION}{index}{sql[place + 1 :]}"
    return sql


def bind(tree: exp.Expr, sql: str, parameters: list[Any]) -> None:
    """Replace every parameter by its value. Raises: ApiError when one has none."""
    known = {
        str(one.get("name") or f"{_POSITION}{index}").lower(): one
        for index, one in enumerate(parameters)
        if isinstance(one, Mapping)
    }
    for node in list(tree.find_all(exp.Parameter)):
        name = node.name
        if name.lower() in known:
            node.replace(_value(known[name.lower()]))
        elif name.startswith(_POSITION):
            number = int(name.removeprefix(_POSITION)) + 1
            raise invalid_query(
                f"Query parameter number {number} is not defined; only {len(parameters)} "
                "were provided"
            )
        else:
            raise invalid_query(f"Query parameter '{name}' not found{place_of(sql, node)}")


def _value(parameter: Mapping[str, Any]) -> exp.Expr:
    kind, value = parameter.get("parameterType"), parameter.get("parameterValue")
    if not isinstance(kind, Mapping):
        raise invalid("Query parameter must have a parameterType.")
    return _literal(kind, value if isinstance(value, Mapping) else {})


def _literal(kind: Mapping[str, Any], value: Mapping[str, Any]) -> exp.Expr:
    name = type_name(str(kind.get("type")))
    if name == "ARRAY":
        element = kind.get("arrayType") or {}
        items = [_literal(element, one) for one in value.get("arrayValues") or []]
        array = exp.array(*items)
        if type_name(str(element.get("type"))) == "RECORD":
            return array
        return exp.cast(array, exp.DataType.build(f"ARRAY<{_sql_type(element)}>", "bigquery"))
    if name == "RECORD":
        values = value.get("structValues") or {}
        members = [
            exp.PropertyEQ(
                this=exp.to_identifier(str(one.get("name"))),
                expression=_literal(one.get("type") or {}, values.get(one.get("name")) or {}),
            )
            for one in kind.get("structTypes") or []
        ]
        return exp.Struct(expressions=members)
    text = value.get("value")
    target = exp.DataType.build(_sql_type(kind), "bigquery")
    if text is None:
        return exp.cast(exp.null(), target)
    if name == "BYTES":
        return exp.Anonymous(this="FROM_BASE64", expressions=[exp.Literal.string(str(text))])
    return exp.cast(exp.Literal.string(str(text)), target)


def _sql_type(kind: Mapping[str, Any]) -> str:
    name = type_name(str(kind.get("type")))
    if name not in _SQL_TYPES:
        raise invalid(f"Invalid query parameter type: {kind.get('type')}")
    return _SQL_TYPES[name]
