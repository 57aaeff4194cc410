"""An entry of a dictionary by a name that a variable holds."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(entries: Mapping[str, Any], name: str) -> Any:
    """The entry under the name, or None."""
    return entries.get(name)
