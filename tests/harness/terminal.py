"""What the harness writes: one line for each step, the output of those that failed."""

import sys
from collections.abc import Sequence


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def heading(position: int, total: int, name: str) -> None:
    sys.stdout.write(f"[{position:>2}/{total}] {name} ".ljust(46, "."))
    sys.stdout.flush()


def say_again(name: str) -> None:
    """The step's name once more: its own output has pushed the first one away."""
    sys.stdout.write(f"        {name} ".ljust(46, "."))


def verdict(passed: bool, seconds: float) -> None:
    say(f" {'ok' if passed else 'FAILED'} {seconds:.1f} s")


def listing(lines: Sequence[str], most: int = 20) -> None:
    """Once more at the very end, because logs are cut in their middle."""
    for line in lines[:most]:
        say(f"- {line}")
    if len(lines) > most:
        say(f"- and {len(lines) - most} more")


def pytest_style(counts: dict[str, int], seconds: float) -> str:
    """The last line, as pytest words it, so that people and CI read one format."""
    one = {"errors": "error"}
    parts = [
        f"{count} {one.get(word, word) if count == 1 else word}"
        for word, count in counts.items()
        if count
    ]
    line = f" {', '.join(parts) or 'no tests ran'} in {seconds:.2f}s "
    return line.center(80, "=")
