"""Which columns an import has to be mapped from: the answer of a worker."""

from datetime import datetime

from accounts.models import User
from connections.models import Connection, Lookup
from connections.services import lookups
from imports.models import Import
from imports.sql_text import SqlFault, one_select


def columns_of(*, subject: Import, posted: str, by: User, now: datetime) -> Lookup:
    """The columns that a form was made from (``posted``: its lookup), or the newest.

    Of a query or view the first rows come along where somebody has looked at them lately: to
    read them only for this would cost. Of a table they are read at no cost, each time.
    """
    connection, question = subject.connection, _question(subject)
    known = lookups.answered_lookup(
        connection=connection, lookup_id=posted, table=question["table_id"], sql=question["sql"]
    )
    if known is None:
        known = _looked_at(connection, question, now)
    if known is not None:
        return known
    if subject.is_query:
        lookup = lookups.ask_query(connection=connection, **question, by=by, now=now)
    else:
        kind, table = Lookup.Kind.TABLE, subject.table_id
        lookup = lookups.ask(connection=connection, kind=kind, table_id=table, by=by, now=now)
    if lookups.settle_overdue(lookup=lookup, now=now):
        lookup.refresh_from_db()
    return lookup


def _looked_at(connection: Connection, question: dict[str, str], now: datetime) -> Lookup | None:
    rows = lookups.rows_known(connection=connection, **question, now=now)
    is_stored = rows is not None and (rows.answer or {}).get("kind") == "TABLE"
    return None if is_stored else rows


def _question(subject: Import) -> dict[str, str]:
    try:
        sql = one_select(subject.sql) if subject.is_query else ""
    except SqlFault:
        sql = subject.sql  # BigQuery says what is wrong with it
    return {"table_id": subject.table_id, "sql": sql}
