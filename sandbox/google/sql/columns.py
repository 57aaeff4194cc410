"""Columns of a query: what unnamed ones are called, which are read, what that costs."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

MEGABYTE = 1024 * 1024
_LEAST_BILLED = 10 * MEGABYTE


@dataclass(frozen=True)
class Touched:
    """The columns that a statement names, in lower case; under a star all but the excepted."""

    names: frozenset[str]
    excepted: frozenset[str]
    starred: bool

    def bytes_of(self, sizes: dict[str, int]) -> int:
        """Logical bytes of the touched columns of one table."""
        return sum(size for name, size in sizes.items() if self._includes(name.lower()))

    def _includes(self, name: str) -> bool:
        return name in self.names or (self.starred and name not in self.excepted)


def touched(tree: exp.Expr) -> Touched:
    """What a statement reads, by name alone; an estimate on the high side."""
    stars = [star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    excepted = {one.name.lower() for star in stars for one in star.args.get("except_") or ()}
    names = {
        part.name.lower()
        for column in tree.find_all(exp.Column)
        if not isinstance(column.parent, exp.Star)
        for part in column.parts
    }
    return Touched(frozenset(names), frozenset(excepted), bool(stars))


def billed(sizes: Iterable[int]) -> int:
    """Bytes billed for the bytes read of each table: whole megabytes, at least 10 a table."""
    return sum(max(_LEAST_BILLED, -(-size // MEGABYTE) * MEGABYTE) for size in sizes if size)


def name_unnamed(query: exp.Expr) -> None:
    """Give the outermost columns without a name BigQuery's f0_, f1_ and so on."""
    select = query
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    if not isinstance(select, exp.Select):
        return
    unnamed = 0
    for column in list(select.expressions):
        if column.is_star or isinstance(column, exp.Alias | exp.Column):
            continue
        if isinstance(column, exp.Dot):
            column.replace(exp.alias_(column.copy(), column.name, quoted=True))
            continue
        column.replace(exp.alias_(column.copy(), f"f{unnamed}_"))
        unnamed += 1
