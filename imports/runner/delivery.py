"""Sends one parcel and records what became of it (reliability-security table: ADR 8).

The intent is committed before a request leaves and the answer after it, each guarded by
the fence. A crash in between leaves an intent without an answer: its outcome is unknown,
and only such batches can ever be sent twice.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from imports.clevertap import (
    Answer,
    CleverTap,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
)
from imports.models import Batch, Import, RefusedRow, Run
from imports.runner.grip import Grip, Lost
from imports.runner.parcels import Parcel

KEPT_REFUSALS = 10_000
UNKNOWN_TRIES = 5
_SPLIT_ON = {Reason.MALFORMED, Reason.TOO_LARGE}


class ReplayDiffers(Exception):
    """The same rows gave other bytes than before: sending them could change a person twice."""


@dataclass
class Delivery:
    """What the parcels of one run share."""

    grip: Grip
    clevertap: CleverTap

    @property
    def run(self) -> Run:
        return self.grip.run

    @property
    def holds_unknown(self) -> bool:
        """Events are held for review if the import says so; profiles always converge."""
        is_event: bool = self.run.snapshot["mapping"]["kind"] == Import.Kind.EVENT
        holds: bool = self.run.snapshot["unknown_policy"] == Import.UnknownPolicy.HOLD
        return is_event and holds

    def deliver(self, parcel: Parcel) -> None:
        """Send the parcel, in halves if CleverTap cannot read it, and record every row.

        Raises:
            CleverTapUnavailable: not delivered; call again later with the same rows.
            CleverTapRefused: the account is refused; no later parcel can succeed.
            ReplayDiffers: the rows changed since they were sent before.
            StopAsked, Lost: as ``Grip.confirm``; nothing was sent.
        """
        waiting = self._as_begun(parcel)
        while waiting:
            part = waiting.pop()
            try:
                self._deliver_part(part)
            except CleverTapRefused as error:
                if error.reason not in _SPLIT_ON:
                    raise
                if len(part.records) > 1:
                    waiting.extend(reversed(part.halves()))
                else:
                    self._record_culprit(part, error)

    def _as_begun(self, parcel: Parcel) -> list[Parcel]:
        """The parcel, cut where an owner before cut it, last part first.

        A batch that was halved and left without an answer must be sent again as it was.
        """
        begun = self.run.batches.open().filter(first_row=parcel.first_row).first()
        if begun is None or begun.end_row >= parcel.end_row:
            return [parcel]
        return list(reversed(parcel.cut_at(begun.end_row)))

    def _deliver_part(self, parcel: Parcel) -> None:
        batch = self._intend(parcel)
        if not parcel.records:
            self._record_answer(parcel, batch, Answer(0, (), 0))
        elif self._must_not_resend(batch):
            self._record_unknown(parcel, batch)
        else:
            self._send(parcel, batch)

    def _must_not_resend(self, batch: Batch) -> bool:
        """An intent of before whose answer is missing: the import says what follows."""
        tried = batch.attempts - 1
        return bool(tried) and (self.holds_unknown or tried >= UNKNOWN_TRIES)

    def _send(self, parcel: Parcel, batch: Batch) -> None:
        self.grip.confirm_if_stale()
        try:
            answer = self._upload(parcel)
        except CleverTapOutcomeUnknown:
            if not self.holds_unknown:
                raise
            self._record_unknown(parcel, batch)
            return
        except CleverTapUnavailable:
            if batch.attempts == 1:  # else an earlier request may have been stored
                self._withdraw(batch)
            raise
        except CleverTapRefused:
            self._withdraw(batch)  # the same bytes were refused before, too
            raise
        self._record_answer(parcel, batch, answer)

    def _upload(self, parcel: Parcel) -> Answer:
        return self.clevertap.upload(
            parcel.body,
            count=len(parcel.records),
            run=str(self.run.pk),
            batch=parcel.first_row,
        )

    def _intend(self, parcel: Parcel) -> Batch:
        with transaction.atomic():
            self.grip.confirm(request_count=F("request_count") + int(bool(parcel.records)))
            batch, is_new = Batch.objects.get_or_create(
                run=self.run,
                first_row=parcel.first_row,
                defaults={
                    "end_row": parcel.end_row,
                    "record_count": len(parcel.records),
                    "sha256": parcel.sha256,
                },
            )
            if is_new:
                self._keep_refusals(_own_refusals(self.run, parcel))
            elif batch.sha256 != parcel.sha256:
                raise ReplayDiffers("Rows changed while they were being sent. Run again.")
            else:
                batch.attempts += 1
                batch.save(update_fields=["attempts"])
                self.grip.write(retry_count=F("retry_count") + 1)
        return batch

    def _withdraw(self, batch: Batch) -> None:
        """Nothing of this batch was stored: the intent is as if it had never been."""
        Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING).delete()

    def _record_answer(self, parcel: Parcel, batch: Batch, answer: Answer) -> None:
        refusals = _clevertap_refusals(self.run, parcel, answer)
        with transaction.atomic():
            self._count(parcel, accepted=answer.processed, refused=len(answer.refused))
            batch.state = Batch.State.ANSWERED
            batch.accepted_count = answer.processed
            batch.refused_count = len(answer.refused)
            batch.milliseconds = answer.milliseconds
            batch.answered_at = timezone.now()
            batch.save()
            self._keep_refusals(refusals)

    def _record_culprit(self, parcel: Parcel, error: CleverTapRefused) -> None:
        """The one record that CleverTap cannot read: refused, and the run goes on."""
        batch = self._intend(parcel)
        refusal = RefusedRow(
            run=self.run,
            row_number=parcel.row_numbers[0],
            refused_by=RefusedRow.By.CLEVERTAP,
            code=error.reason,
            sentence=error.sentence,
            record=json.loads(parcel.records[0]),
        )
        with transaction.atomic():
            self._count(parcel, accepted=0, refused=1)
            batch.state = Batch.State.ANSWERED
            batch.refused_count = 1
            batch.answered_at = timezone.now()
            batch.save()
            self._keep_refusals([refusal])

    def _record_unknown(self, parcel: Parcel, batch: Batch) -> None:
        with transaction.atomic():
            self._count(parcel, unknown=len(parcel.records))
            batch.state = Batch.State.UNKNOWN
            batch.answered_at = timezone.now()
            batch.save()

    def _count(
        self, parcel: Parcel, *, accepted: int = 0, refused: int = 0, unknown: int = 0
    ) -> None:
        self.grip.write(
            next_row=parcel.end_row,
            troubles=0,
            trouble_code="",
            trouble_sentence="",
            read_count=F("read_count") + parcel.row_count,
            accepted_count=F("accepted_count") + accepted,
            refused_count=F("refused_count") + refused + len(parcel.refusals),
            unknown_count=F("unknown_count") + unknown,
        )

    def _keep_refusals(self, rows: list[RefusedRow]) -> None:
        """All are counted; the first 10,000 of a run are kept for reading and replay."""
        if rows and self.run.refused_rows.count() < KEPT_REFUSALS:
            RefusedRow.objects.bulk_create(rows, ignore_conflicts=True)


def settle_open_batches(run: Run, *, now: datetime) -> None:
    """Count as unknown what was sent without a recorded answer; the run is about to end.

    Raises:
        Lost: the run is not this worker's any more; nothing was written.
    """
    for batch in run.batches.open():
        rows = batch.end_row - batch.first_row
        with transaction.atomic():
            Batch.objects.filter(pk=batch.pk).update(state=Batch.State.UNKNOWN, answered_at=now)
            written = run.record(
                next_row=batch.end_row,
                read_count=F("read_count") + rows,
                unknown_count=F("unknown_count") + batch.record_count,
                refused_count=F("refused_count") + rows - batch.record_count,
            )
            if not written:
                raise Lost


def _own_refusals(run: Run, parcel: Parcel) -> list[RefusedRow]:
    return [
        RefusedRow(
            run=run,
            row_number=refusal.row_number,
            refused_by=RefusedRow.By.RULES,
            code=refusal.code,
            column=refusal.column[:300],
            identity=refusal.identity[:1024],
            sentence=refusal.sentence,
            record=refusal.record,
        )
        for refusal in parcel.refusals
    ]


def _clevertap_refusals(run: Run, parcel: Parcel, answer: Answer) -> list[RefusedRow]:
    rows = []
    for verdict in answer.refused:
        record = json.loads(parcel.records[verdict.position])
        rows.append(
            RefusedRow(
                run=run,
                row_number=parcel.row_numbers[verdict.position],
                refused_by=RefusedRow.By.CLEVERTAP,
                code=str(verdict.code),
                identity=str(record.get("identity") or record.get("objectId") or "")[:1024],
                sentence=verdict.sentence,
                record=record,
            )
        )
    return rows
