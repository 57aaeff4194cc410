"""How fast to go after something went wrong: fewer at a time, a pause, or not now.

What fails together is one trouble: requests that were under way when the last trouble was
noticed tell nothing new. Any recorded answer ends the row of troubles (ADR 16).
"""

import random
import time
from dataclasses import dataclass

from imports.clevertap import CleverTapUnavailable

TROUBLES_ALLOWED = 8
STAY_SECONDS = 2.0  # longer waits give the worker to others
GOOD_ANSWERS = 20  # after so many, one more request at a time
SHORTEST_SECONDS, FIRST_SECONDS, LONGEST_SECONDS = 0.2, 0.5, 60.0
_NO_LIMIT = 15


def back_off(troubles: int, *, at_least: float = 0.0) -> float:
    """Seconds to wait after so many troubles in a row before this one: full jitter, doubling."""
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2**troubles)
    return at_least + random.uniform(SHORTEST_SECONDS, longest)  # noqa: S311 - no secret


@dataclass
class Pace:
    """What this owner has learnt of how much CleverTap takes."""

    limit: int = _NO_LIMIT
    resume_at: float = 0.0
    _good: int = 0
    _troubled_at: float = 0.0

    @property
    def is_paused(self) -> bool:
        return self.seconds_left() > 0

    def seconds_left(self) -> float:
        """Of the pause."""
        return max(0.0, self.resume_at - time.monotonic())

    def good(self) -> None:
        """An answer came as it should: slowly up again."""
        self._good += 1
        if self._good >= GOOD_ANSWERS:
            self._good = 0
            self.limit = min(_NO_LIMIT, self.limit + 1)

    def is_news(self, sent_at: float) -> bool:
        """Whether the failure of a request that left then tells more than the last trouble."""
        return sent_at >= self._troubled_at

    def trouble(self, error: CleverTapUnavailable, *, in_use: int, troubles: int) -> float:
        """The seconds to wait. Halves what was in use if there was too much of it."""
        self._troubled_at = time.monotonic()
        self._good = 0
        if error.is_busy:
            self.limit = max(1, min(self.limit, in_use) // 2)
        return back_off(troubles, at_least=error.wait_seconds)

    def pause(self, seconds: float) -> None:
        """Let nothing leave for so long."""
        self.resume_at = time.monotonic() + seconds
