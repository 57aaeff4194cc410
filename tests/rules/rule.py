"""What a rule is, and how it is asked."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

Finds = Callable[[ast.AST], Iterator[ast.AST]]


@dataclass(frozen=True)
class Rule:
    """``finds`` gives the places that are refused; ``allowed`` are files where they may be."""

    name: str
    says: str
    finds: Finds
    bad: tuple[str, ...]
    good: tuple[str, ...]
    allowed: tuple[str, ...] = ()

    def found_in(self, text: str, path: str) -> list[int]:
        """The lines of this file that the rule refuses."""
        if any(PurePosixPath(path).match(pattern) for pattern in self.allowed):
            return []
        return sorted({getattr(node, "lineno", 1) for node in self.finds(_parsed(text))})


@lru_cache(maxsize=2)  # a file is held against all rules before the next one
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Each call with the name that is called, dotted as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or an attribute; what is not a name counts as a question mark."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def last(name: str) -> str:
    return name.rpartition(".")[2]


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
