"""``python -m tests.rules``: what our own rules refuse in the code of the product."""

import sys

from tests.rules.judge import findings


def main() -> int:
    found = findings()
    for one in found:
        sys.stdout.write(f"{one}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
