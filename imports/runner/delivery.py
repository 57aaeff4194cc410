"""Writes down that a batch is about to leave, and what became of it (ADR 8).

The intent is committed before a request leaves and the answer after it, each guarded by
the fence. A crash in between leaves intents without an answer: their outcome is unknown,
and only such batches can ever be sent twice. Nothing here sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from imports import contents
from imports.clevertap import Answer, CleverTapRefused
from imports.models import Batch, Import, Run, written_at_once
from imports.runner import refusals
from imports.runner.edge import Edge
from imports.runner.grip import Grip, Lost, StopAsked
from imports.runner.leaving import Leave
from imports.runner.parcels import Parcel
from imports.runner.position import Position
from imports.runner.threshold import Threshold

UNKNOWN_TRIES = 5
CULPRITS_ALLOWED = 100  # each costs about ten requests, in halves of halves (ADR 38)


class ReplayDiffers(Exception):
    """The same rows gave other bytes than before: sending them could change a person twice."""


class TooManyHeld(Exception):
    """CleverTap keeps losing its answers: the run ends before more rows are in doubt."""


class TooManyCulprits(Exception):
    """CleverTap cannot read record after record: the fault is not one row's."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A parcel that was sent, and what CleverTap said."""

    parcel: Parcel
    batch: Batch
    answer: Answer


@dataclass
class Delivery:
    """The records of batches, as the owner of their rows writes them. For one thread."""

    grip: Grip
    position: Position
    edge: Edge
    _open: dict[int, Batch] = field(default_factory=dict)
    _threshold: Threshold = field(init=False)

    def __post_init__(self) -> None:
        self._threshold = Threshold.of(self.grip)

    @classmethod
    def of(cls, grip: Grip, edge: Edge) -> "Delivery":
        """With what an owner before left: how far it came, and what it left open."""
        left = {batch.first_row: batch for batch in grip.work.batches.open()}
        return cls(grip, Position.of(grip.work), edge, left)

    @property
    def run(self) -> Run:
        return self.grip.run

    @property
    def holds_unknown(self) -> bool:
        """Events are held for review if the import says so; profiles always converge."""
        is_event: bool = self.run.snapshot["mapping"]["kind"] == Import.Kind.EVENT
        holds: bool = self.run.snapshot["unknown_policy"] == Import.UnknownPolicy.HOLD
        return is_event and holds

    def intend_all(self, parcels: Sequence[Parcel]) -> list[Batch]:
        """Commit that the parcels are about to be sent; the lease is confirmed with it.

        Raises:
            ReplayDiffers: the rows changed since they were sent before.
            Leave, StopAsked, Lost: as ``Grip.confirm``; none of them must be sent.
        """
        batches = self._write([], [], parcels)
        self._are_open(batches)
        return batches

    def record_and_intend(
        self, answered: Sequence[Answered], parcels: Sequence[Parcel]
    ) -> list[Batch]:
        """Both in one transaction, with one UPDATE of the run: what a group of answers makes room for.

        The answers are recorded whatever becomes of the intents, unless the work is another's.

        Raises: as ``intend_all``; the answers are written then, but for Lost.
        """
        if not answered:
            return self.intend_all(parcels)
        refused = self._refused_by_clevertap(answered)
        try:
            batches = self._write(answered, refused, parcels)
        except (Leave, StopAsked, ReplayDiffers):
            self._record_answers(answered, refused)
            raise
        self._are_recorded([one.parcel for one in answered], refused=sum(map(len, refused)))
        self._are_open(batches)
        return batches

    def _write(
        self,
        answered: Sequence[Answered],
        refused: Sequence[refusals.Refused],
        parcels: Sequence[Parcel],
    ) -> list[Batch]:
        values = self._requests(parcels)
        if answered:
            values |= self._sums(answered, refused)
        if self._is_plain(refused, parcels):
            batches = [self._new_batch(parcel) for parcel in parcels]
            told = self._told(answered, refused)
            if self.grip.write_with(told, batches, confirms=True, **values):
                return batches
        with transaction.atomic():
            self.grip.confirm(**values)
            self._write_answers(answered, refused)
            return self._write_intents(parcels)

    def _is_plain(
        self, refused: Sequence[refusals.Refused], parcels: Sequence[Parcel] = ()
    ) -> bool:
        """Nothing but the row of the work, answers, and new batches is to be written."""
        others = any(refused) or self.edge.is_keeping
        old = any(one.refusals or one.first_row in self._open for one in parcels)
        return written_at_once.is_possible() and not (others or old)

    def _requests(self, parcels: Sequence[Parcel]) -> dict[str, Any]:
        """What the run counts of parcels that are about to be sent. Raises: ReplayDiffers."""
        before = [self._open.get(parcel.first_row) for parcel in parcels]
        for parcel, batch in zip(parcels, before, strict=True):
            if batch is not None and batch.sha256 != parcel.sha256:
                raise ReplayDiffers("Rows changed while they were being sent. Run again.")
        return {
            "request_count": F("request_count") + sum(bool(one.records) for one in parcels),
            "retry_count": F("retry_count") + sum(batch is not None for batch in before),
        }

    def _write_intents(self, parcels: Sequence[Parcel]) -> list[Batch]:
        batches, new = [], []
        for parcel in parcels:
            batch = self._open.get(parcel.first_row)
            if batch is None:
                batch = self._new_batch(parcel)
                new.append(batch)
                refusals.keep(self.run, refusals.by_rules(self.run, parcel))
            else:
                batch.attempts += 1
                batch.save(update_fields=["attempts"])
            batches.append(batch)
        Batch.objects.intend_all(new)
        return batches

    def _are_open(self, batches: Sequence[Batch]) -> None:
        self._open.update((batch.first_row, batch) for batch in batches)

    def judge_refused(self) -> None:
        """Raises: TooManyRefused, by what is recorded. As ``Threshold.judge``."""
        self._threshold.judge()

    def must_not_resend(self, batch: Batch) -> bool:
        """An intent of before whose answer is missing: the import says what follows."""
        tried = batch.attempts - 1
        return bool(tried) and (self.holds_unknown or tried >= UNKNOWN_TRIES)

    def withdraw(self, parcel: Parcel) -> None:
        """Nothing of it is stored: the intent is as if it had never been.

        Raises:
            Lost: the next owner has taken the intent over, and may be sending it.
        """
        with transaction.atomic():
            self.grip.write(next_row=self.position.next_row)  # as it is: locked, and mine
            batch = self._open[parcel.first_row]
            Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING).delete()
        del self._open[parcel.first_row]

    def record_answers(self, answered: Sequence[Answered]) -> None:
        """What CleverTap says of each record, in one transaction with the run's sums."""
        self._record_answers(answered, self._refused_by_clevertap(answered))

    def _refused_by_clevertap(self, answered: Sequence[Answered]) -> list[refusals.Refused]:
        return [refusals.by_clevertap(self.run, one.parcel, one.answer) for one in answered]

    def record_culprit(self, parcel: Parcel, error: CleverTapRefused) -> None:
        """The one record that CleverTap cannot read: refused, and the run goes on.

        Raises:
            TooManyCulprits: it is recorded, and the last that this run looks for.
        """
        (batch,) = self.intend_all([parcel])
        refused = refusals.culprit(self.run, parcel, error)
        self._record_answers([Answered(parcel, batch, Answer(0, (), 0))], [refused])
        if self.run.batches.refused_alone().count() >= CULPRITS_ALLOWED:
            raise TooManyCulprits(
                f"CleverTap could not read {CULPRITS_ALLOWED:,} records of this run, each alone. "
                "It was ended before more requests are made for them. See Refused rows."
            )

    def record_unknown(self, parcel: Parcel, batch: Batch) -> None:
        """Sent, and the answer is lost: counted as such, and held with its records.

        A person decides what becomes of it (ADR 26).

        Raises:
            TooManyHeld: it is recorded, and the last that is held of this run.
        """
        with transaction.atomic():
            self.grip.write(**self._counts([parcel], unknown=len(parcel.records)))
            # What is held for review is not sent by a later run either.
            self.edge.keep(parcel, but=() if self.holds_unknown else parcel.row_numbers)
            batch.state = Batch.State.UNKNOWN
            batch.answered_at = timezone.now()
            batch.sealed_records = contents.seal_records(batch.pk, parcel.records)
            batch.save(update_fields=["state", "answered_at", "sealed_records"])
        self._are_recorded([parcel])
        most = settings.HELD_BATCHES_KEPT
        if self.run.batches.unknown().count() >= most:
            raise TooManyHeld(
                f"CleverTap’s answers to {most:,} requests of this run were lost. It was ended "
                "before more rows are in doubt. Review those that are held."
            )

    def _new_batch(self, parcel: Parcel) -> Batch:
        return Batch.intent(
            run_id=self.run.pk,
            first_row=parcel.first_row,
            end_row=parcel.end_row,
            record_count=len(parcel.records),
            skipped_count=len(parcel.skipped),
            sha256=parcel.sha256,
        )

    def _record_answers(
        self, answered: Sequence[Answered], refused: Sequence[refusals.Refused]
    ) -> None:
        sums = self._sums(answered, refused)
        told = self._told(answered, refused) if self._is_plain(refused) else []
        if not (told and self.grip.write_with(told, [], confirms=False, **sums)):
            with transaction.atomic():
                self.grip.write(**sums)
                self._write_answers(answered, refused)
        self._are_recorded([one.parcel for one in answered], refused=sum(map(len, refused)))

    def _write_answers(
        self, answered: Sequence[Answered], refused: Sequence[refusals.Refused]
    ) -> None:
        for one, rows in zip(answered, refused, strict=True):
            refusals.keep(self.run, rows)
            self.edge.keep(one.parcel, but=[row.row_number for row, _ in rows])
        Batch.objects.record_all(self._told(answered, refused))

    def _told(
        self, answered: Sequence[Answered], refused: Sequence[refusals.Refused]
    ) -> list[Batch]:
        """Their batches, as they are once that is written."""
        now = timezone.now()
        for one, rows in zip(answered, refused, strict=True):
            batch = one.batch
            batch.state = Batch.State.ANSWERED
            batch.accepted_count = one.answer.processed
            batch.refused_count = len(rows)
            batch.milliseconds = one.answer.milliseconds
            batch.answered_at = now
        return [one.batch for one in answered]

    def _are_recorded(self, parcels: Sequence[Parcel], *, refused: int = 0) -> None:
        for parcel in parcels:
            del self._open[parcel.first_row]
            self.position.record(parcel.first_row, parcel.end_row)
        self._threshold.count(
            read=sum(parcel.row_count for parcel in parcels),
            refused=refused + sum(len(parcel.refusals) for parcel in parcels),
        )

    def _sums(
        self, answered: Sequence[Answered], refused: Sequence[refusals.Refused]
    ) -> dict[str, Any]:
        return self._counts(
            [one.parcel for one in answered],
            accepted=sum(one.answer.processed for one in answered),
            refused=sum(map(len, refused)),
        )

    def _counts(
        self, parcels: Sequence[Parcel], *, accepted: int = 0, refused: int = 0, unknown: int = 0
    ) -> dict[str, Any]:
        """What the run's row says once these parcels are recorded."""
        all_refused = refused + sum(len(one.refusals) for one in parcels)
        # What nobody knows is no answer: else a sink that never answers would end no run.
        calm = {} if unknown else {"troubles": 0, "trouble_code": "", "trouble_sentence": ""}
        return {
            **calm,
            "next_row": self.position.after_all((one.first_row, one.end_row) for one in parcels),
            "read_count": F("read_count") + sum(one.row_count for one in parcels),
            "accepted_count": F("accepted_count") + accepted,
            "refused_count": F("refused_count") + all_refused,
            "skipped_count": F("skipped_count") + sum(len(one.skipped) for one in parcels),
            "unknown_count": F("unknown_count") + unknown,
        }


def settle_open_batches(run: Run, *, now: datetime) -> None:
    """Count as unknown what was sent without a recorded answer; the run is about to end.

    Raises:
        Lost: the run is not this worker's any more; nothing was written.
    """
    position = Position.of(run)
    for batch in run.batches.open().order_by("first_row"):
        rows = batch.end_row - batch.first_row
        with transaction.atomic():
            Batch.objects.filter(pk=batch.pk).update(state=Batch.State.UNKNOWN, answered_at=now)
            written = run.record(
                next_row=position.after(batch.first_row, batch.end_row),
                read_count=F("read_count") + rows,
                unknown_count=F("unknown_count") + batch.record_count,
                skipped_count=F("skipped_count") + batch.skipped_count,
                refused_count=F("refused_count") + rows - batch.record_count - batch.skipped_count,
            )
            if not written:
                raise Lost
        position.record(batch.first_row, batch.end_row)
