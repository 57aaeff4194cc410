"""Every word that people read, taken out of templates and source: what the guards look at.

Templates: what stands between tags, in the attributes that are read out, and in the words
handed to a component. Source: every text that is a sentence, whoever says it (exceptions,
messages, help, catalogues of causes); of an f-string what stands for a value is ``{}``.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PACKAGES = ("accounts", "connections", "imports")
# Read by who runs it, in a terminal.
NOT_FOR_PAGES = ("management", "migrations")
# The words of the pieces in the gallery are examples.
EXAMPLES = ("gallery",)

_HANDED = re.compile(
    r'\b(title|text|label|lead|action_label|other_label|link_label|help|empty)="([^"]*)"'
)
_READ_OUT = re.compile(r'\b(aria-label|title|placeholder|alt)="([^"]*)"')
_QUIET = re.compile(r"<(script|style|code|pre)\b.*?</\1>", re.DOTALL)
_INLINE = re.compile(r"</?(?:a|b|br|code|em|i|span|strong|time)\b[^>]*>")


@dataclass(frozen=True)
class Words:
    """Some words, where they stand, and what they are (``text``, ``title``, ``button`` …)."""

    where: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.where} ({self.kind}): {self.text}"


def templates() -> list[Path]:
    return sorted(
        path
        for path in TEMPLATES.rglob("*.html")
        if not path.relative_to(TEMPLATES).parts[0].startswith(EXAMPLES)
    )


def sources() -> list[Path]:
    every = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in every if not set(NOT_FOR_PAGES) & set(path.parts))


def of_templates() -> list[Words]:
    return [words for path in templates() for words in of_template(path)]


def of_sources() -> list[Words]:
    return [words for path in sources() for words in of_source(path)]


def of_template(path: Path, text: str | None = None) -> Iterator[Words]:
    """All words of one template; ``text`` stands in for what the file holds."""
    html = path.read_text() if text is None else text
    where = str(path.relative_to(ROOT)) if path.is_absolute() else str(path)
    html = re.sub(r"{#.*?#}|<!--.*?-->", "", html, flags=re.DOTALL)
    for tag in re.findall(r"{%.*?%}", html, re.DOTALL):
        for kind, words in _HANDED.findall(tag):
            yield Words(where, kind, words)
    plain = _plain(html)
    for kind, words in _READ_OUT.findall(plain):
        yield Words(where, kind, _squeezed(words))
    between = re.sub(r"<[^>]*>", "\n", _INLINE.sub("", _QUIET.sub("{}", plain)))
    for line in re.sub(r"[ \t]*\n\s*\n?", "\n", _joined(between)).split("\n"):
        if re.search(r"[A-Za-z]{2}", line):
            yield Words(where, "words", _squeezed(line))


def of_source(path: Path, text: str | None = None) -> Iterator[Words]:
    """The sentences of one module; ``text`` stands in for what the file holds."""
    tree = ast.parse(path.read_text() if text is None else text)
    where = str(path.relative_to(ROOT)) if path.is_absolute() else str(path)
    docstrings = set(map(id, _docstrings(tree)))
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if id(node) in docstrings or id(node) in inside:
            continue
        words = _text_of(node)
        if words and is_sentence(words):
            yield Words(f"{where}:{node.lineno}", "sentence", words)  # type: ignore[attr-defined]


def is_sentence(text: str) -> bool:
    """Words for people: begins like a sentence and has some of them."""
    text = text.strip()
    return (
        bool(re.match(r"[A-Z“{]", text))
        and len(re.findall(r"[A-Za-z’]+", text)) >= 4
        and " " in text
        and "\n" not in text
    )


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its end."""
    return [part for part in re.split(r"(?<=[.?!:;])\s+(?=[A-Z“{])", text.strip()) if part]


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return ""


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


def _plain(html: str) -> str:
    """Django's own marks taken out: a value is ``{}``, a tag is nothing."""
    return re.sub(r"{%.*?%}", "", re.sub(r"{{.*?}}", "{}", html, flags=re.DOTALL), flags=re.DOTALL)


def _joined(text: str) -> str:
    """A sentence that was broken over lines is one again."""
    return re.sub(r"(?<=[a-z,’}])[ \t]*\n[ \t]*(?=[a-z{])", " ", text)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


_BUTTON = re.compile(
    r'<button\b[^>]*?>(.*?)</button>|<a\b[^>]*?class="btn\b[^"]*"[^>]*>(.*?)</a>'
    r'|button\.html" with label="([^"]*)"|(?:action_label|other_label)="([^"]*)"',
    re.DOTALL,
)


def buttons_of(html: str) -> list[str]:
    """What the buttons of a template say; those with nothing but a picture say nothing here."""
    found = ("".join(parts) for parts in _BUTTON.findall(html))
    said = (_squeezed(re.sub(r"<[^>]*>", " ", _plain(one))) for one in found)
    return [one for one in said if one]


_NUMBERS = re.compile(r"(?:^|[._])(?:count|counts|total|rows|limit|number|size)$|^(?:MOST|MAX)_")


def uncounted(path: Path, text: str | None = None) -> Iterator[str]:
    """Numbers in sentences that are not grouped: ``len(…)``, counts, limits."""
    tree = ast.parse(path.read_text() if text is None else text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr) or not is_sentence(_text_of(node)):
            continue
        if _text_of(node).startswith("Type "):
            continue  # it is typed as it stands
        for part in node.values:
            if isinstance(part, ast.FormattedValue) and part.format_spec is None:
                words = ast.unparse(part.value)
                if words.startswith("len(") or _NUMBERS.search(words):
                    yield f"{path}:{node.lineno} {words}"
