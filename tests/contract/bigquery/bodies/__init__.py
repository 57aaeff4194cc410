"""Error bodies, each with what is to be made of it.

Where ``see`` is an issue or a source file, the text is quoted from it. Where it is a page of
documentation, the text has the form documented there; nobody here has seen it sent.
"""

import json
from pathlib import Path
from typing import Any

import pytest


def bodies(*names: str) -> list[Any]:
    """The cases of these files, as parameters with their ids."""
    folder = Path(__file__).parent
    cases = [
        case
        for name in names
        for case in json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    ]
    return [pytest.param(case, id=case["id"]) for case in cases]
