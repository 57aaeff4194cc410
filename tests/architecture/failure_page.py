"""The part of docs/when-a-test-fails.md that is made from the program: the likely causes.

``python -m tests.architecture.failure_page`` writes it anew; a test holds the page to it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.causes import Cause, Command
from connections.bigquery.entry import Entry
from connections.privileges import EXCESSES

PATH = Path(__file__).resolve().parents[2] / "docs" / "when-a-test-fails.md"
BEGIN, END = "<!-- made by tests/architecture/failure_page.py -->\n", "<!-- end -->\n"
MADE = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
PART = re.compile(r"^## .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def expected(page: str) -> str:
    """The page with every made part as the program has it now."""
    return PART.sub(lambda part: _with_made_part(part[0]), page)


def _with_made_part(part: str) -> str:
    title = part.splitlines()[0]
    if title == "## Commands that tell":
        made = _commands()
    elif title.startswith("## More than it needs"):
        made = _excesses()
    else:
        made = "\n".join(_groups(part))
    return MADE.sub(lambda _: BEGIN + made + END, part)


def _groups(part: str) -> Iterator[str]:
    """The causes of this part's failures: those that have the same ones stand together."""
    rows = re.findall(r"^\| (.+?) \| `\w+` \|", part, re.MULTILINE)
    entries: list[Entry] = [one for row in rows for one in CATALOGUE if one.sentence == row]
    groups: dict[tuple[Cause, ...], list[str]] = {}
    for entry in entries:
        sentences = groups.setdefault(entry.causes, [])
        if entry.sentence not in sentences:
            sentences.append(entry.sentence)
    for causes, sentences in groups.items():
        if causes:
            quoted = "\n>\n".join(f"> {sentence}" for sentence in sentences)
            yield f"{quoted}\n\n" + "".join(map(_cause, range(1, 9), causes))


def _cause(number: int, cause: Cause) -> str:
    labels = "".join(f" [*{command.label}*]" for command in cause.commands)
    return f"{number}. **{cause.title}** {cause.tell}{labels} → {cause.then}\n"


def _commands() -> str:
    every = {command for one in CATALOGUE for cause in one.causes for command in cause.commands}
    return "".join(map(_command, sorted(every, key=lambda command: command.label)))


def _command(command: Command) -> str:
    return f"{command.label}:\n```sh\n{command.code}\n```\n"


def _excesses() -> str:
    return "".join(f"- **{one.title}** {one.sentence}\n" for one in EXCESSES)


if __name__ == "__main__":
    PATH.write_text(expected(PATH.read_text()))
