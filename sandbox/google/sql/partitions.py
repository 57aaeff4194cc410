"""Tables that may only be read with a filter on the column that they are partitioned by."""

from collections.abc import Iterable

from sqlglot import exp

from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Table
from sandbox.google.errors import invalid_query


def filtered(tree: exp.Expr) -> frozenset[str]:
    """The columns that the conditions of a statement name, in lower case."""
    conditions = [*tree.find_all(exp.Where), *tree.find_all(exp.Join)]
    return frozenset(
        column.name.lower() for one in conditions for column in one.find_all(exp.Column)
    )


def need_filter(read: Iterable[Table], columns: frozenset[str]) -> None:
    """Raises: ApiError, as Google words it, for a table that is read without its filter."""
    for table in read:
        by_time = table.extra.get("timePartitioning") or {}
        asks = table.extra.get("requirePartitionFilter") or by_time.get("requirePartitionFilter")
        field = by_time.get("field")
        if asks and field and field.lower() not in columns:
            raise invalid_query(
                f"Cannot query over table '{PROJECT}.{table.dataset}.{table.id}' without a filter "
                f"over column(s) '{field}' that can be used for partition elimination"
            )
