"""A dry run from claim to result. Reads rows, sends them with ``dryRun=1``, stores words."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from connections import encryption
from connections.bigquery import BigQuery, BigQueryError
from connections.secret import Secret
from connections.source import SourceUnavailable, open_bigquery
from imports.clevertap import CleverTapError, RecordVerdict
from imports.destination import DestinationUnavailable, open_clevertap
from imports.dry_run import whole
from imports.dry_run.query import NoSample
from imports.dry_run.sample import Sample, take
from imports.dry_run.verdict import result_of
from imports.mapping import (
    MAX_BODY_BYTES,
    Made,
    Mapping,
    MappingFaulty,
    MappingUnreadable,
    body_of,
    compile_mapping,
)
from imports.models import DryRun
from imports.reading import ColumnUnusable

logger = structlog.get_logger(__name__)

MOST_RECORDS = 1_000
TOO_SLOW = "The dry run took longer than two minutes. Try again with fewer rows."
UNEXPECTED = "Something failed that should not have. The log says what. Try again."


def perform(*, dry_run_id: UUID) -> None:
    """Judge the sample and store the sealed result, or our sentence why there is none; once."""
    dry_run = DryRun.objects.with_places().filter(pk=dry_run_id).first()
    if dry_run is None or not dry_run.claim():
        logger.info("dry run gone or taken", dry_run=str(dry_run_id))
        return
    try:
        _judge(dry_run)
    except (NoSample, SourceUnavailable, MappingUnreadable, MappingFaulty, ColumnUnusable) as error:
        dry_run.failed(str(error))
    except BigQueryError as error:
        dry_run.failed(error.sentence)
    except SoftTimeLimitExceeded:
        dry_run.failed(TOO_SLOW)
    except Exception:
        dry_run.failed(UNEXPECTED)
        raise


def _judge(dry_run: DryRun) -> None:
    mapping = Mapping.from_json(dry_run.mapping)
    place = dry_run.parent.connection
    with open_bigquery(place.key, project=place.project_id) as bigquery:
        if dry_run.is_whole:
            _judge_whole(dry_run, bigquery, mapping)
            return
        sample = take(bigquery, dry_run, mapping)
    made = _mapped(dry_run, mapping, sample)
    verdicts, not_asked = _asked(dry_run, made)
    result = result_of(mapping, made, verdicts, numbers=sample.numbers, not_asked=not_asked)
    _answer(dry_run, result, sample.bytes_billed)


def _judge_whole(dry_run: DryRun, bigquery: BigQuery, mapping: Mapping) -> None:
    """First what it would cost; the rows only when somebody has agreed to that."""
    check = whole.prepared(bigquery, dry_run, mapping)
    if dry_run.confirmed_at is None:
        dry_run.told_the_cost(whole.estimate(bigquery, check))
        return
    result, billed = whole.carried_out(bigquery, dry_run, mapping, check)
    _answer(dry_run, result, billed)


def _answer(dry_run: DryRun, result: dict[str, Any], bytes_billed: int) -> None:
    sealed = encryption.seal(Secret(json.dumps(result)), DryRun.seal_context(dry_run.pk))
    dry_run.answered(sealed, bytes_billed=bytes_billed)
    logger.info("dry run judged", rows=result["rows"], refused=result["refused"])


def _mapped(dry_run: DryRun, mapping: Mapping, sample: Sample) -> Made:
    """As a run maps them: by the same compiled mapping, with the time of the dry run."""
    if not sample.rows:
        raise NoSample("The table has no rows, so there is nothing to try.")
    sent = {rule.column for rule in mapping.properties}
    skipped = tuple(column.name for column in sample.columns if column.name not in sent)
    run_ts = int(dry_run.requested_at.timestamp())
    maker = compile_mapping(replace(mapping, skipped=skipped), sample.columns, run_ts=run_ts)
    return maker.make(sample.rows, 0)


def _asked(dry_run: DryRun, made: Made) -> tuple[list[RecordVerdict], str]:
    """CleverTap's own verdicts; or none, and the sentence why it could not be asked."""
    verdicts: list[RecordVerdict] = []
    try:
        with open_clevertap(dry_run.parent.account) as clevertap:
            for first, records in _batches(made.records):
                answer = clevertap.upload(
                    body_of(records),
                    count=len(records),
                    run=str(dry_run.pk),
                    batch=first,
                    dry_run=True,
                )
                verdicts += [replace(one, position=first + one.position) for one in answer.refused]
    except DestinationUnavailable as error:
        return [], str(error)
    except CleverTapError as error:
        return [], error.sentence
    return verdicts, ""


def _batches(records: Sequence[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """The records in requests that CleverTap takes: (position of the first, records)."""
    first, size, batch = 0, 0, list[bytes]()
    for record in records:
        is_full = len(batch) == MOST_RECORDS or size + len(record) + 10 > MAX_BODY_BYTES
        if batch and is_full:
            yield first, batch
            first, size, batch = first + len(batch), 0, []
        batch.append(record)
        size += len(record) + 1
    if batch:
        yield first, batch
