"""Cells of CSV files, of which a spreadsheet computes none. What they hold others have typed."""

import re
from typing import Any

# What a spreadsheet computes with, when a cell begins with it: also in full width, as some do.
_COMPUTES = "=+\\-@\uff1d\uff0b\uff0d\uff20"
# Where a cell may begin. Some open CSV with a semicolon or a tab between the cells; to them the
# quotes around ours mean nothing, and a cell ends within it, or with its line.
_BEGINNING = re.compile(f'(?:^|(?<=[;\t\r\n]))(?=[ "]*[{_COMPUTES}])')
_BLANK_FIRST = re.compile(r"^(?= *[\t\r\n])")


def harmless(cell: Any) -> str:
    """The cell as text, with an apostrophe before each place where a formula could begin."""
    text = str(cell).replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return _BLANK_FIRST.sub("'", _BEGINNING.sub("'", text))
