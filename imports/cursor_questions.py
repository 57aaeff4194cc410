"""Worker half of the questions about a cursor: ask BigQuery, store numbers and values only."""

import time
from typing import Any, Final
from uuid import UUID

import structlog

from connections.bigquery import BigQuery, BigQueryError, Parameter, quoted
from connections.source import SourceUnavailable, open_bigquery
from imports.cursor_values import Scale
from imports.models import CursorQuestion, Import
from imports.runner.bounds import BoundsUnusable, path

logger = structlog.get_logger(__name__)

LABELS: Final = {"clevertap-bq": "cursor"}
SECONDS: Final = 45.0
POLL_SECONDS: Final = 0.2
TOO_SLOW: Final = "BigQuery did not finish within 45 seconds, so its job was cancelled. Try again, or ask for less."


class _TooSlow(Exception):
    pass


def answer_question(*, question_id: UUID) -> None:
    """Ask BigQuery and store the answer, or our sentence why there is none; once."""
    found = CursorQuestion.objects.select_related("parent__connection__key")
    question = found.filter(pk=question_id).first()
    if question is None or not question.claim():
        logger.info("question gone or taken", question=str(question_id))
        return
    connection = question.parent.connection
    try:
        with open_bigquery(connection.key, project=connection.project_id) as bigquery:
            question.answered(_Asker(bigquery, question).answer())
    except (SourceUnavailable, BoundsUnusable) as error:
        question.failed(str(error))
    except _TooSlow:
        question.failed(TOO_SLOW)
    except BigQueryError as error:
        question.failed(error.sentence)


class _Asker:
    """One question, in the words of BigQuery."""

    def __init__(self, bigquery: BigQuery, question: CursorQuestion) -> None:
        self._bigquery, self._question = bigquery, question
        asked = question.asked
        self._scale = Scale(asked["type"], asked["unit"], asked["time_zone"])
        self._column = path(asked["column"])
        self._location = question.parent.connection.location or self._found_location()

    def answer(self) -> dict[str, Any]:
        if self._question.kind == CursorQuestion.Kind.RESEND:
            return self._resend()
        sql, parameters = self._survey()
        if self._question.kind == CursorQuestion.Kind.COST:
            estimate = self._bigquery.estimate(sql, location=self._location, parameters=parameters)
            return {"bytes": estimate.bytes}
        return self._advice(sql, parameters)

    def _survey(self) -> tuple[str, list[Parameter]]:
        """One aggregate that reads the column once: counts by value, then sums of them."""
        parent, column = self._question.parent, self._column
        cap = self._scale.cap(self._question.requested_at)
        ahead = "value > @cap" if cap else "FALSE"
        sums = (
            "SUM(times)",
            "SUM(IF(value IS NULL, times, 0))",
            f"SUM(IF({ahead}, times, 0))",
            "MIN(value)",
            "MAX(value)",
            f"MAX(IF({ahead}, NULL, value))",
            f"ARRAY_AGG(IF(value IS NULL OR {ahead}, NULL, times) "
            "IGNORE NULLS ORDER BY value DESC LIMIT 1)[SAFE_OFFSET(0)]",
        )
        values = f"SELECT {column} AS value, COUNT(*) AS times FROM {_source(parent)}"  # noqa: S608 - every part is whitelisted
        sql = f"SELECT {', '.join(sums)} FROM ({values} GROUP BY 1)"  # noqa: S608 - as above
        return sql, [Parameter("cap", self._scale.type, cap)] if cap else []

    def _advice(self, sql: str, parameters: list[Parameter]) -> dict[str, Any]:
        (rows, nulls, ahead, first, last, top, ties), billed = self._row(sql, parameters)
        connection, parent = self._question.parent.connection, self._question.parent
        table = self._bigquery.table(connection.dataset_id, parent.table_id)
        return {
            "rows": int(rows or 0),
            "nulls": int(nulls or 0),
            "ahead": int(ahead or 0),
            "ties": int(ties or 0),
            **{
                name: "" if cell is None else self._scale.of_cell(cell)
                for name, cell in (("first", first), ("last", last), ("top", top))
            },
            "partition": table.partition,
            "kind": table.kind,
            "bytes": billed,
        }

    def _resend(self) -> dict[str, Any]:
        """Rows from the value on, up to the cursor: those that were sent and would be again."""
        asked = self._question.asked
        sql = (
            f"SELECT COUNT(*) FROM {_source(self._question.parent)} "  # noqa: S608 - every part is whitelisted
            f"WHERE {self._column} >= @low AND {self._column} <= @high"
        )
        bounds = (("low", asked["from"]), ("high", asked["until"]))
        parameters = [Parameter(name, self._scale.type, value) for name, value in bounds]
        (rows,), billed = self._row(sql, parameters)
        return {"rows": int(rows or 0), "bytes": billed}

    def _row(self, sql: str, parameters: list[Parameter]) -> tuple[list[Any], int]:
        """The one row of the query, and the bytes billed. Raises: _TooSlow."""
        job_id = f"clevertap_bq_cursor_{self._question.pk.hex}"
        end = time.monotonic() + SECONDS
        job = self._bigquery.start_query(
            sql,
            job_id=job_id,
            location=self._location,
            labels=LABELS,
            max_bytes_billed=None,
            parameters=parameters,
        )
        while job.state != "DONE":
            if time.monotonic() > end:
                self._bigquery.cancel(job_id, location=self._location)
                raise _TooSlow
            time.sleep(POLL_SECONDS)
            job = self._bigquery.job(job_id, location=self._location)
        if job.failure is not None:
            raise job.failure
        page = self._bigquery.read_page(job_id, location=self._location, start_row=0, max_rows=1)
        return page.rows[0], job.bytes_billed or 0

    def _found_location(self) -> str:
        return self._bigquery.dataset(self._question.parent.connection.dataset_id).location


def _source(parent: Import) -> str:
    connection = parent.connection
    return quoted(connection.project_id, connection.dataset_id, parent.table_id)
