"""The gateway to BigQuery: the only place that knows Google's client (docs/adr/0002)."""

from connections.bigquery.errors import (
    BigQueryError,
    BigQueryRefused,
    BigQueryUnavailable,
    Reason,
)
from connections.bigquery.gateway import BigQuery
from connections.bigquery.names import quoted
from connections.bigquery.shapes import (
    Cell,
    Column,
    Dataset,
    Endpoints,
    Estimate,
    Job,
    Measure,
    OwnColumn,
    OwnTable,
    Page,
    Parameter,
    Sample,
    State,
    Stream,
    Table,
)

__all__ = [
    "BigQuery",
    "BigQueryError",
    "BigQueryRefused",
    "BigQueryUnavailable",
    "Cell",
    "Column",
    "Dataset",
    "Endpoints",
    "Estimate",
    "Job",
    "Measure",
    "OwnColumn",
    "OwnTable",
    "Page",
    "Parameter",
    "Reason",
    "Sample",
    "State",
    "Stream",
    "Table",
    "quoted",
]
