"""Sends the parcels of a slice: as many at a time as the share allows, in whatever order
they end. Reads like the life of a parcel: admitted, intended, sent, landed, recorded.
"""

import time
from collections.abc import Sequence

import structlog

from imports.clevertap import (
    Answer,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
)
from imports.runner.ahead import Source
from imports.runner.delivery import Answered, Delivery
from imports.runner.grip import DATABASE_AWAY, Lost
from imports.runner.lanes import Lane, Lanes
from imports.runner.pace import STAY_SECONDS, TROUBLES_ALLOWED, Pace, back_off
from imports.runner.share import Share
from imports.runner.window import Flight, NotBegun, Window

logger = structlog.get_logger(__name__)

TOGETHER = 15  # requests whose intents are committed at once: a commit costs as much as a request
LANES_PER_SLOT = 2  # those that wait after a failure must not hold up the rest
AT_ONCE_MILLISECONDS = 10  # such answers may wait for others; CleverTap takes longer
_GATHER_SECONDS = 0.05  # at most, and not once half are there and rows for those that follow
_GATHER_REQUESTS = 8  # those of a block; more together would be more memory
_LONGEST_WAIT = 0.25
_SPLIT_ON = {Reason.MALFORMED, Reason.TOO_LARGE}
_CANNOT_WRITE = (Lost, *DATABASE_AWAY)


class Sending:
    """One slice of one run's delivery. For the owner's thread; requests have theirs."""

    def __init__(self, delivery: Delivery, share: Share, window: Window) -> None:
        self._delivery, self._share, self._window = delivery, share, window
        self._pace = Pace()
        self._has_sent = False

    def send(self, source: Source, *, until: float) -> bool:
        """Whether all parcels were recorded; False: time is over. Nothing is under way after it.

        However it ends, no request is begun once that is known, and those under way are
        awaited and recorded, unless the run is another's or the database is away.

        Raises:
            CleverTapUnavailable: something is not delivered; come back later.
            CleverTapRefused: the account is refused; no later parcel can succeed.
            ReplayDiffers: as ``Delivery.intend``.
            TooManyRefused: as ``Delivery.judge_refused``.
            AccountFull: as ``Share.refresh``.
            Leave, StopAsked, Lost: as ``Grip.confirm``.
            BigQueryError and others: as reading them raises them.
        """
        lanes = Lanes(source)
        try:
            self._send_all(lanes, until)
        except _CANNOT_WRITE:
            raise
        except Exception:
            self._drain(lanes)
            raise
        self._drain(lanes)
        return lanes.are_over

    def _send_all(self, lanes: Lanes, until: float) -> None:
        while not lanes.are_over:
            self._delivery.judge_refused()
            answered = self._land_all(lanes)
            ready = self._chosen(lanes, answered, until)
            if ready:
                self._launch(lanes, ready, answered)
            elif answered:
                self._delivery.record_answers(answered)
            elif ready is not None and not lanes.are_over:
                self._wait(lanes)
            if ready is None:
                self._finish_halves(lanes)
                return

    def _chosen(
        self, lanes: Lanes, answered: Sequence[Answered], until: float
    ) -> list[Lane] | None:
        """Those that leave next; None: time is over. What ends the slice leaves no answer behind."""
        try:
            self._share.refresh(in_flight=self._window.in_flight)
            is_late = self._has_sent and time.monotonic() > until
            return None if is_late else self._ready(lanes)
        except _CANNOT_WRITE:
            raise
        except Exception:
            if answered:
                self._delivery.record_answers(answered)
            raise

    def _finish_halves(self, lanes: Lanes) -> None:
        """A search for a culprit that was cut off would begin anew in each slice."""
        while lane := lanes.next_halved() or self._window.in_flight:
            self._share.refresh(in_flight=self._window.in_flight)
            if isinstance(lane, Lane) and self._free_slots:
                self._launch(lanes, [lane])
            elif flight := self._window.landed(seconds=_LONGEST_WAIT):
                self._land(lanes, flight)

    @property
    def _free_slots(self) -> int:
        return max(0, min(self._share.slots, self._pace.limit) - self._window.in_flight)

    def _ready(self, lanes: Lanes) -> list[Lane]:
        """Those that may leave now, together; nobody waits for the reader but the first."""
        if self._pace.is_paused:
            return []
        chosen: list[Lane] = []
        most = self._share.slots * LANES_PER_SLOT
        while len(chosen) < min(TOGETHER, self._free_slots):
            lane = lanes.next_ready(most=most, may_read=not chosen)
            if lane is None:
                break
            lane.is_under_way = True
            chosen.append(lane)
        return chosen

    def _wait(self, lanes: Lanes) -> None:
        """Read ahead while the window is full; else until something lands, is read, or is due."""
        if lanes.wants_to_read and lanes.read():
            return
        waits = [self._share.seconds_left(), _LONGEST_WAIT]
        if self._free_slots and (due := lanes.seconds_to_next()) is not None:
            waits.append(max(due, self._pace.seconds_left()))
        seconds = max(0.005, min(waits))
        if not (self._window.in_flight or lanes.wants_to_read):
            time.sleep(seconds)
        else:
            flight = self._window.landed(seconds=seconds)
            if flight:
                self._window.give_back(flight)

    def _landed(self, lanes: Lanes) -> list[Flight]:
        """All that have; of a sink that answers at once some more, to be written down together."""
        landed: list[Flight] = []
        try:
            while flight := self._window.landed():
                landed.append(flight)
            first = landed[0].answer if landed else None
            if first is not None and first.milliseconds < AT_ONCE_MILLISECONDS:
                self._gather(lanes, landed)
        except BaseException:  # as the end of a worker's time may be, at any point
            for flight in landed:
                self._window.give_back(flight)
            raise
        return landed

    def _gather(self, lanes: Lanes, landed: list[Flight]) -> None:
        end = time.monotonic() + _GATHER_SECONDS
        while (left := end - time.monotonic()) > 0 and self._are_few(lanes, len(landed)):
            if flight := self._window.landed(seconds=left):
                landed.append(flight)

    def _are_few(self, lanes: Lanes, landed: int) -> bool:
        """Less than half has landed, or there are no rows yet for those that may follow."""
        may_leave = min(_GATHER_REQUESTS, self._free_slots)
        return self._window.in_flight > landed or not lanes.have_next(may_leave)

    def _launch(
        self, lanes: Lanes, ready: Sequence[Lane], answered: Sequence[Answered] = ()
    ) -> None:
        """Commit all intents at once, with the answers that made room; then let them leave."""
        parcels = [lane.parts[-1] for lane in ready]
        batches = self._delivery.record_and_intend(answered, parcels)
        self._has_sent = True
        for lane, batch in zip(ready, batches, strict=True):
            parcel = lane.parts[-1]
            lane.is_under_way = False
            if not parcel.records:
                self._delivery.record_answers([Answered(parcel, batch, Answer(0, (), 0))])
            elif self._delivery.must_not_resend(batch):
                self._delivery.record_unknown(parcel, batch)
            else:
                self._window.start(Flight(lane, parcel, batch, self._share.trusted_until))
                continue
            self._finish_part(lanes, lane)

    def _land_all(self, lanes: Lanes) -> list[Answered]:
        """Deal with those that have landed; the good answers are still to be written.

        If there are others, all good answers are written at once, and then those one by one.
        """
        landed = self._landed(lanes)
        landed.sort(key=lambda flight: flight.error is not None)
        answered = [
            Answered(flight.parcel, flight.batch, flight.answer)
            for flight in landed
            if flight.error is None and flight.answer is not None
        ]
        good, others = landed[: len(answered)], landed[len(answered) :]
        try:
            if others and answered:
                self._delivery.record_answers(answered)
                answered = []
            for flight in good:
                self._pace.good()
                self._finish_part(lanes, flight.lane)
            while others:
                self._land(lanes, others.pop(0))
        except BaseException:
            for flight in others:  # what follows from each is for whoever drains the window
                self._window.give_back(flight)
            raise
        return answered

    def _land(self, lanes: Lanes, flight: Flight) -> None:
        """Record what became of a request; raises what ends the slice."""
        lane, parcel, batch = flight.lane, flight.parcel, flight.batch
        match flight.error:
            case None:
                if flight.answer is not None:
                    self._delivery.record_answers([Answered(parcel, batch, flight.answer)])
                self._pace.good()
                self._finish_part(lanes, lane)
            case CleverTapOutcomeUnknown() if self._delivery.holds_unknown:
                self._delivery.record_unknown(parcel, batch)
                self._finish_part(lanes, lane)
            case CleverTapUnavailable() | NotBegun() as error:
                if batch.attempts == 1 and not isinstance(error, CleverTapOutcomeUnknown):
                    self._delivery.withdraw(parcel)  # else an earlier one may have been stored
                if isinstance(error, CleverTapUnavailable):
                    self._trouble(flight, error)
            case CleverTapRefused() as error:
                self._delivery.withdraw(parcel)  # the same bytes were refused before, too
                self._refused(lanes, lane, error)
            case error:
                raise error

    def _refused(self, lanes: Lanes, lane: Lane, error: CleverTapRefused) -> None:
        parcel = lane.parts[-1]
        if error.reason not in _SPLIT_ON:
            raise error
        if len(parcel.records) > 1:
            lane.halve_part()
        else:
            self._delivery.record_culprit(parcel, error)
            self._finish_part(lanes, lane)

    def _trouble(self, flight: Flight, error: CleverTapUnavailable) -> None:
        """The parcel waits; the run slows down, pauses, or comes back later."""
        lane, work = flight.lane, self._delivery.grip.work
        lane.wait(back_off(lane.tries, at_least=error.wait_seconds))
        lane.tries += 1
        if not self._pace.is_news(flight.sent_at):
            return
        in_use = self._window.in_flight + 1
        seconds = self._pace.trouble(error, in_use=in_use, troubles=work.troubles)
        if work.troubles + 1 >= TROUBLES_ALLOWED or seconds > STAY_SECONDS:
            raise error
        if work.troubles:  # alone it says little; a second in a row says that all should wait
            self._pace.pause(seconds)
        self._delivery.grip.write(
            troubles=work.troubles + 1,
            trouble_code=error.reason,
            trouble_sentence=error.sentence,
        )
        logger.info("a request is tried again", reason=error.reason, limit=self._pace.limit)

    def _finish_part(self, lanes: Lanes, lane: Lane) -> None:
        lane.finish_part()
        lanes.remove_if_done(lane)

    def _drain(self, lanes: Lanes) -> None:
        """Await what is under way and record what became of it; begin nothing."""
        while self._window.in_flight:
            flight = self._window.landed(seconds=_LONGEST_WAIT)
            try:
                if flight is not None:
                    self._land(lanes, flight)
            except _CANNOT_WRITE:
                raise
            except Exception as error:  # noqa: BLE001 - the first one is told; this batch stays
                logger.info("failed while others were awaited", error=type(error).__name__)
