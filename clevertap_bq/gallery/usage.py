"""The line that uses a component, from docs/components.md: it stands there and nowhere else."""

import re
from pathlib import Path

from django.conf import settings

_FRAGMENT = re.compile(r"^\| ([a-z_]+) \| `(.+?)`", re.MULTILINE)
_CONTRACT = re.compile(r"^\*\*([a-z_ ]+)\*\*(.*?)(?=^\*\*|^## |\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"```html\n(.+?)```|`(<.+?)`", re.DOTALL)


def lines_of_use() -> dict[str, str]:
    """Component to the code to copy; empty where the documents are not installed."""
    page = Path(settings.BASE_DIR) / "docs" / "components.md"
    if not page.exists():
        return {}
    text = page.read_text(encoding="utf-8")
    found = dict(_FRAGMENT.findall(text))
    for name, words in _CONTRACT.findall(text):
        if code := _CODE.search(words):
            found[name.replace(" ", "_")] = (code[1] or code[2]).strip()
    return found
