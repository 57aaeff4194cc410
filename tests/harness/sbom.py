"""What the product is made of, as CycloneDX: ``python -m tests.harness.sbom > sbom.json``.

From the lock, so it is exactly what the image installs. The same lock gives the same text.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "production.txt"
_ENTRY = re.compile(
    r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(\S+)(.*?)(?=^[A-Za-z0-9]|\Z)", re.M | re.S
)


def bill(lock: str, project: dict[str, str]) -> dict[str, object]:
    """The bill of materials of a lock."""
    components = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower()}@{version}",
            "hashes": [
                {"alg": "SHA-256", "content": found}
                for found in re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)
            ],
        }
        for name, version, rest in _ENTRY.findall(lock)
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", **project}},
        "components": components,
    }


def main() -> int:
    """Write it."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    project = {"name": about["name"], "version": about["version"]}
    json.dump(bill(LOCK.read_text(), project), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
