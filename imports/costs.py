"""What a query costs, as an estimate: bytes, money, a month. Pure.

On-demand prices: https://cloud.google.com/bigquery/pricing#on_demand_pricing
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Final

from imports.schedule import Schedule

GIB: Final = 1024**3
TIB: Final = 1024**4
# Each table that a query reads is billed for this at least.
LEAST_PER_TABLE: Final = 10 * 1024**2
A_MONTH: Final = timedelta(days=30)
DAILY, HOURLY = 30, 720


@dataclass(frozen=True)
class Price:
    """Of one TiB, in the currency whose sign is written before an amount."""

    per_tib: Decimal
    sign: str

    def of(self, size: int) -> Decimal:
        return self.per_tib * size / TIB

    def in_words(self, size: int) -> str:
        """``$12.30``; what is below a hundredth is said so, and nothing is nothing."""
        amount = self.of(size)
        if amount and amount < Decimal("0.01"):
            return f"less than {self.sign}0.01"
        return f"{self.sign}{amount:,.2f}"


def billed(size: int, tables: int) -> int:
    """What is billed at least for an estimate of ``size`` bytes over that many tables."""
    return max(size, tables * LEAST_PER_TABLE) if size else 0


def limit_for_job(cap: int, tables: int) -> int:
    """The cap that BigQuery is given: the user's, and room for what it rounds up.

    It bills whole megabytes and ten at least for each table, so a cap that is as large as
    the estimate would refuse the very query that it was made for.
    """
    return cap + tables * LEAST_PER_TABLE


def runs_in_a_month(schedule: Schedule, *, now: datetime) -> int:
    """How many starts lie in the next 30 days."""
    end = now + A_MONTH
    return sum(1 for _ in takewhile(lambda moment: moment <= end, schedule.moments(now)))
