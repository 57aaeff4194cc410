"""Our small style sheets and scripts as one file each, where static files are collected.

``{% bundle "css/all.css" %}`` … ``{% endbundle %}`` stands around the lines that load them one by
one. Those lines are the list: `collectstatic` joins the files in that order, and pages then get
one line. Where nothing is collected (tests, a fresh checkout) pages get the lines themselves.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.template.base import NodeList, Parser, Token
from django.utils.html import format_html
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)

LISTED_IN = Path("templates", "components", "head.html")
_BUNDLE = re.compile(r'{% bundle "([^"]+)" %}(.*?){% endbundle %}', re.DOTALL)
_PART = re.compile(r'{% static "([^"]+)" %}')
_URL = re.compile(r'url\("(\.[^"]+)"\)')
_LINES = {
    ".css": '<link rel="stylesheet" href="{}">\n',
    ".js": '<script src="{}" defer></script>\n',
}

register = template.Library()


class BundlingStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Joins the bundles first; names by content and compression follow as for any file."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if not dry_run:
            for name, parts in listed().items():
                joined = "\n".join(_text_of(part, name, paths) for part in parts)
                self.delete(name)
                self._save(name, ContentFile(joined.encode()))
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)


def listed() -> dict[str, list[str]]:
    """Each bundle and the files in it, in their order."""
    text = (Path(settings.BASE_DIR) / LISTED_IN).read_text(encoding="utf-8")
    return {name: _PART.findall(lines) for name, lines in _BUNDLE.findall(text)}


def _text_of(part: str, bundle: str, paths: dict[str, Any]) -> str:
    """A file as it stands in the bundle: what it points to is found from there."""
    storage, path = paths[part]
    with storage.open(path) as file:
        text: str = file.read().decode("utf-8")

    def seen_from_bundle(found: re.Match[str]) -> str:
        target = posixpath.join(posixpath.dirname(part), found[1])
        return f'url("{posixpath.relpath(target, posixpath.dirname(bundle))}")'

    return _URL.sub(seen_from_bundle, text) if part.endswith(".css") else text


class _BundleNode(template.Node):
    def __init__(self, name: str, lines: NodeList) -> None:
        self.name = name
        self.lines = lines

    def render(self, context: template.Context) -> str:
        if self.name not in getattr(staticfiles_storage, "hashed_files", {}):
            return self.lines.render(context)
        url = staticfiles_storage.url(self.name)
        return format_html(_LINES[posixpath.splitext(self.name)[1]], url)


@register.tag
def bundle(parser: Parser, token: Token) -> template.Node:
    """One line for all that stands inside, once it is collected."""
    name = token.split_contents()[1].strip('"')
    lines = parser.parse(("endbundle",))
    parser.delete_first_token()
    return _BundleNode(name, lines)
