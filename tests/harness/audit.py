"""Known weaknesses of what the product is made of: ``python -m tests.harness.audit``.

Asks pip-audit, strictly, about every pinned package. Where its source cannot be reached it says
so and fails nothing; without ``--strict`` pip-audit would say that all is well.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "production.txt"
PATIENCE_SECONDS = 120


def verdict(output: str, complaint: str) -> tuple[bool, str]:
    """Whether the step passes, and its sentence, from what pip-audit wrote."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (complaint.strip().splitlines() or ["no answer"])[-1][:200]
        return True, f"NOT LOOKED UP: the source of advisories cannot be reached ({why})"
    weak = [
        f"{package['name']} {package['version']}: {found['id']}"
        for package in packages
        for found in package.get("vulns", [])
    ]
    if weak:
        return False, "\n".join(["Packages with known weaknesses:", *weak])
    return True, f"{len(packages):,} packages, no known weakness"


def main() -> int:
    """Look the lock up; 1 if a package has a known weakness."""
    command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"]
    command += ["--requirement", str(LOCK), "--format", "json", "--progress-spinner", "off"]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        passes, sentence = verdict(ran.stdout, ran.stderr)
    except subprocess.TimeoutExpired:
        passes, sentence = verdict("", f"no answer within {PATIENCE_SECONDS} seconds")
    sys.stdout.write(f"{sentence}\n")
    return 0 if passes else 1


if __name__ == "__main__":
    sys.exit(main())
