"""The SQL itself, and what it reads. Line and column are given beside the sentence.

https://cloud.google.com/bigquery/docs/troubleshoot-queries
"""

from typing import Final

from connections.bigquery.catalogue import commands
from connections.bigquery.causes import Cause
from connections.bigquery.entry import Entry, refused
from connections.bigquery.errors import Reason
from connections.bigquery.symptoms import Source

BAD_QUERY: Final = ("invalidQuery", "invalid", "badRequest")

STALE_VIEW: Final = (
    Cause(
        "A column that the view reads was renamed, dropped or has another type now.",
        "The view’s own page in BigQuery shows which name is not found.",
        "Correct the view’s SQL.",
    ),
    Cause(
        "A table that the view reads was dropped.",
        "The list does not have it.",
        "Bring the table back within 7 days, or correct the view.",
        (commands.TABLES,),
    ),
)

ENTRIES: Final[tuple[Entry, ...]] = (
    refused(
        Source.API,
        Reason.NOT_READABLE,
        "This is a view or an external table: its rows come only from a query ({where}).",
        says=r"Cannot list a table of type|cannot be read with",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "The table may only be read with a filter on its partition. Use a query with a WHERE "
        "on the partition column.",
        says=r"without a filter over column|partition elimination",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "The query has a syntax error. Look at the marked place.",
        codes=BAD_QUERY,
        says=r"Syntax error",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "The query uses a column or name that does not exist. Look at the marked place.",
        codes=BAD_QUERY,
        says=r"Unrecognized name|Name \S+ not found inside|Field name \S+ does not exist",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "A column name in the query could mean more than one. Put the table’s name before it.",
        codes=BAD_QUERY,
        says=r"(?i)is ambiguous|Duplicate column names",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "A table in the query needs its dataset: write `dataset.table`.",
        codes=BAD_QUERY,
        says=r"must be qualified with a dataset",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "The query has a parameter (@name or ?), and nobody fills it in. Write the value itself.",
        codes=BAD_QUERY,
        says=r"(?i)query parameter|positional parameters",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "The query calls a function that does not exist, or with values of a wrong type.",
        codes=BAD_QUERY,
        says=r"Function not found|No matching signature",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "A view in the query no longer fits the tables under it. Repair the view in BigQuery.",
        codes=BAD_QUERY,
        says=r"(?i)invalid view|view .{0,200}(?:invalid|stale)|Failed to parse view",
        causes=STALE_VIEW,
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "A value in the data does not fit what the query does with it, such as a division by "
        "zero or a bad cast. Use SAFE_CAST or SAFE_DIVIDE.",
        codes=BAD_QUERY,
        says=r"(?i)division by zero|bad (?:int64|double|bool|numeric)|could not cast|invalid "
        r"(?:date|timestamp|datetime)|out of range|overflow",
    ),
    refused(
        Source.API,
        Reason.INVALID_QUERY,
        "BigQuery refuses this query. Run it in the BigQuery console to see why, then correct "
        "it here.",
        codes=("invalidQuery",),
    ),
)
