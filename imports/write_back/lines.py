"""A run and its refused rows as lines of JSON for the two tables.

Of a row nothing but its identity leaves: who may read the source joins it, and who may not
does not see it here either (ADR 31). No e-mail address of a person who uses this program.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from imports import contents, reasons
from imports.contents import Content
from imports.models import RefusedRow, Run

MOST_BYTES: Final = 32_000_000
_AT_ONCE: Final = 500


def run_line(run: Run, *, rows_written: int) -> bytes:
    """The one line about the run; its people and its places come loaded."""
    return _line(
        {
            **_of_run(run),
            "connection_id": str(run.connection_id),
            "connection_name": run.connection.name,
            "clevertap_account": run.parent.account.name,
            "kind": run.snapshot.get("mapping", {}).get("kind") or run.parent.kind,
            "source": run.source,
            "replay_of": str(run.replay_of_id) if run.replay_of_id else None,
            "started_by": run.trigger,
            "queued_at": _moment(run.queued_at),
            "started_at": _moment(run.started_at),
            "finished_at": _moment(run.finished_at),
            "state": run.state,
            "reason": run.failure_code or None,
            "sentence": run.failure_sentence or run.stop_reason or None,
            **_sums(run),
            "refused_rows_written": rows_written,
        }
    )


def refused_lines(run: Run) -> tuple[bytes, int]:
    """The refused rows that are kept, in their order, and how many they are.

    As many as fit into ``MOST_BYTES``.

    Raises:
        ContentsUnreadable: the ring does not open what they held.
    """
    lines: list[bytes] = []
    size = 0
    for row, content in _opened(run):
        line = _line(_of_row(run, row, content))
        size += len(line)
        if size > MOST_BYTES:
            break
        lines.append(line)
    return b"".join(lines), len(lines)


def _opened(run: Run) -> Iterator[tuple[RefusedRow, Content]]:
    after = -1
    while True:
        rows = list(run.refused_rows.filter(row_number__gt=after).in_order()[:_AT_ONCE])
        if not rows:
            return
        yield from contents.open_rows(rows)
        after = rows[-1].row_number


def _of_run(run: Run) -> dict[str, Any]:
    return {
        "run_id": str(run.pk),
        "import_id": str(run.parent_id),
        "import_name": run.parent.nickname,
    }


def _of_row(run: Run, row: RefusedRow, content: Content) -> dict[str, Any]:
    named = {"refused_by": row.refused_by, "code": row.code}
    return {
        **_of_run(run),
        "run_finished_at": _moment(run.finished_at),
        "row_position": row.row_number,
        "identity": content.identity or None,
        "refused_by": row.refused_by,
        "reason_code": row.code,
        "clevertap_code": reasons.official_code(**named) or None,
        "reason": reasons.title_of(**named),
        "source_column": row.column or None,
        "sentence": row.sentence,
    }


def _sums(run: Run) -> dict[str, Any]:
    return {
        "rows_total": run.rows_total,
        "rows_read": run.read_count,
        "rows_accepted": run.accepted_count,
        "rows_refused": run.refused_count,
        "rows_skipped": run.skipped_count,
        "rows_unknown": run.unknown_count,
        "requests": run.request_count,
        "requests_sent_again": run.retry_count,
        "bytes_billed": run.bytes_billed,
        "job_id": run.job_id or None,
        "job_location": run.job_location or None,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _line(values: dict[str, Any]) -> bytes:
    """Whatever an identity holds: BigQuery takes neither NUL nor half a character pair."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\\u0000", "\ufffd").encode("utf-8", "replace") + b"\n"
