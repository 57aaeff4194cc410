"""How fast the mapping is, as a ratio to one dict and one json.dumps per row.

Same rows, same bytes out; the naive way checks nothing. Run: python -m bench.mapping
"""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from imports.mapping import Column, IdentityRule, Mapping, PropertyRule, compile_mapping

ROWS = 100_000
RUN_TS = 1_700_000_000
COLUMNS = [
    Column("customer_id", "STRING"),
    Column("age", "INTEGER"),
    Column("orders", "INTEGER"),
    Column("score", "FLOAT64"),
    Column("spent", "FLOAT64"),
    Column("name", "STRING"),
    Column("email", "STRING"),
    Column("city", "STRING"),
    Column("vip", "BOOLEAN"),
    Column("signed_up", "TIMESTAMP"),
    Column("dob", "DATE"),
]
MAPPING = Mapping(
    identity=IdentityRule("customer_id"),
    properties=(
        PropertyRule("age", "Age", "integer"),
        PropertyRule("orders", "Orders", "long"),
        PropertyRule("score", "Score", "float"),
        PropertyRule("spent", "Spent", "float"),
        PropertyRule("name", "Name", "string"),
        PropertyRule("email", "Email", "string"),
        PropertyRule("city", "City", "string"),
        PropertyRule("vip", "VIP", "boolean"),
        PropertyRule("signed_up", "Signed Up", "date"),
        PropertyRule("dob", "DOB", "date"),
    ),
)


def make_rows() -> list[list[str]]:
    """Raw cells as BigQuery's REST API gives them; the same rows every time."""
    chance = random.Random(7)
    return [
        [
            f"customer-{number}",
            str(chance.randint(18, 90)),
            str(chance.randint(0, 10**6)),
            repr(chance.random()),
            repr(round(chance.random() * 5000, 2)),
            f"Person Number {number}",
            f"person{number}@example.com",
            chance.choice(("Mumbai", "Zürich", "São Paulo", "London")),
            chance.choice(("true", "false")),
            str(chance.randint(1_500_000_000, 1_700_000_000) * 1_000_000),
            date.fromordinal(chance.randint(715_000, 733_000)).isoformat(),
        ]
        for number in range(ROWS)
    ]


def naive(rows: list[list[str]]) -> list[bytes]:
    """One dict and one ``json.dumps`` per row, without a single check."""
    return [_naive_record(row) for row in rows]


def _naive_record(row: list[str]) -> bytes:
    day = datetime.fromisoformat(row[10]).replace(hour=12, tzinfo=UTC)
    record = {
        "type": "profile",
        "identity": row[0],
        "ts": RUN_TS,
        "profileData": {
            "Age": int(row[1]),
            "Orders": int(row[2]),
            "Score": float(row[3]),
            "Spent": float(row[4]),
            "Name": row[5],
            "Email": row[6],
            "City": row[7],
            "VIP": row[8] == "true",
            "Signed Up": f"$D_{int(row[9]) // 1_000_000}",
            "DOB": f"$D_{int(day.timestamp())}",
        },
    }
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of the best of three, and the result."""
    best, result = float("inf"), None
    for _ in range(3):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return best, result


def main() -> None:
    """Print rows per second both ways, and the ratio."""
    rows = make_rows()
    maker = compile_mapping(MAPPING, COLUMNS, run_ts=RUN_TS)
    pages = [rows[start : start + 10_000] for start in range(0, ROWS, 10_000)]
    ours, made = seconds(
        lambda: [record for page in pages for record in maker.make(page, 0).records]
    )
    theirs, expected = seconds(lambda: naive(rows))
    if made != expected:
        raise SystemExit("The two ways gave different bytes.")
    print(f"mapping: {ROWS / ours:,.0f} rows/s, {ours * 1e6 / ROWS:.2f} CPU s per million rows")
    print(f"naive:   {ROWS / theirs:,.0f} rows/s, {theirs * 1e6 / ROWS:.2f} CPU s per million rows")
    print(f"ratio:   {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
