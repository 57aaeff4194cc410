"""The rows of the table of Map, drawn: one for each column of the source, and there may be hundreds.

A template takes a third of a millisecond for a row, so it draws one row of each shape with marks
in the places of what differs, and the rest are filled in. What is wrong with a row is rare: such
a row is drawn by the template itself.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from django.template.loader import get_template
from django.utils.html import format_html

TEMPLATE: Final = "imports/_map_row.html"
# What a row says; all else in its template depends on the flags alone.
WORDS: Final = (
    *("prefix", "column", "name", "type", "why_not", "reason"),
    *("type_options", "format_options", "nulls_options"),
)
FLAGS: Final = ("use", "is_identity", "is_event")


class RowDrawer:
    """Draws the rows of one page: ``drawn({"prefix": …, "use": …})``; see WORDS and FLAGS.

    Each word may be missing. Anything else that is said, as ``name_errors``, goes to the template.
    """

    def __init__(self) -> None:
        self._template = get_template(TEMPLATE)
        self._shape = cache(self._drawn_shape)

    def drawn(self, said: Mapping[str, Any]) -> str:
        """The row; every word is escaped that is not marked as safe."""
        if said.keys() - {*WORDS, *FLAGS}:
            return self._template.render(dict(said))
        words = {name: said[name] for name in WORDS if said.get(name)}
        flags = tuple(name for name in FLAGS if said.get(name))
        return format_html(self._shape(tuple(words), flags), **words)

    def _drawn_shape(self, there: tuple[str, ...], flags: tuple[str, ...]) -> str:
        """The row with ``{column}`` in the place of the column, and so on."""
        marks = {name: f"\0{name}\0" for name in there}
        drawn = self._template.render({**marks, **dict.fromkeys(flags, True)})
        shape = drawn.replace("{", "{{").replace("}", "}}")
        for name, mark in marks.items():
            shape = shape.replace(mark, f"{{{name}}}")
        return shape
