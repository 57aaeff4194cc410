"""Refused rows of a run: by reason, one by one, and as a download. Reads only, but the trail.

Counts are for everybody who may see the run. Contents are opened only where the caller says
that who asks may see them (product §11).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Window
from django.db.models.functions import RowNumber

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from imports import contents, reasons
from imports.contents import Content, ContentsUnreadable
from imports.models import RefusedRow, Run
from imports.models.refused import RefusedRowQuerySet

EXAMPLES: Final = 3
PAGE_SIZE: Final = 25
_READ_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Asked:
    """Which rows: all, those of one reason (``key`` of it), and those of an identity."""

    key: str = ""
    identity: str = ""

    def __bool__(self) -> bool:
        return bool(self.key or self.identity)

    @property
    def reason(self) -> dict[str, str]:
        """The reason as conditions of a query."""
        refused_by, _, code = self.key.partition(":")
        return {"refused_by": refused_by, "code": code} if self.key else {}


@dataclass(frozen=True)
class Shown:
    """One row with what it held; ``content`` is None for who may not see that."""

    row: RefusedRow
    content: Content | None

    @property
    def title(self) -> str:
        return reasons.title_of(refused_by=self.row.refused_by, code=self.row.code)


@dataclass(frozen=True)
class Reason:
    """Rows that were refused for the same reason, of those that are kept."""

    key: str
    title: str
    sentence: str
    refused_by: str
    official: str
    rows: int
    columns: list[str]
    examples: list[Shown]

    @property
    def official_in_words(self) -> str:
        return reasons.OFFICIAL.get(self.official, "")


@dataclass(frozen=True)
class Refused:
    """``kept`` rows of all that were refused; ``page`` is None until rows are asked for."""

    reasons: list[Reason]
    kept: int
    page: Page[RefusedRow] | None
    rows: list[Shown]
    trouble: str

    @property
    def most_kept(self) -> int:
        return int(settings.REFUSED_ROWS_KEPT)


def refused_of(*, run: Run, asked: Asked, with_contents: bool, page: str | None) -> Refused:
    """What the page of refused rows says. ``trouble``: why contents cannot be shown."""
    trouble = why_unreadable(run=run) if with_contents else ""
    opens = with_contents and not trouble
    found = _reasons(run, opens=opens)
    pages = Paginator(_matching(run, asked), PAGE_SIZE).get_page(page) if asked and opens else None
    return Refused(
        reasons=found,
        kept=sum(reason.rows for reason in found),
        page=pages,
        rows=_shown(list(pages.object_list), opens=True) if pages else [],
        trouble=trouble,
    )


def keys_of(*, run: Run) -> list[tuple[str, str]]:
    """Every reason of the run's kept rows: its key and its title."""
    named = run.refused_rows.order_by("refused_by", "code").values("refused_by", "code").distinct()
    return [(f"{one['refused_by']}:{one['code']}", reasons.title_of(**one)) for one in named]


def why_unreadable(*, run: Run) -> str:
    """The sentence that says why the contents cannot be opened here, or nothing."""
    row = run.refused_rows.filter(kept__isnull=False).in_order().first()
    try:
        list(contents.open_rows([row] if row else []))
    except ContentsUnreadable as error:
        return str(error)
    return ""


@by_creator
def download(*, run: Run, asked: Asked, form: str, by: User) -> Iterator[Shown]:
    """Every matching row in its order, a few at a time; that it was asked for is in the trail."""
    trail.record(
        by=by,
        action="refused rows downloaded",
        kind="run",
        object_id=run.pk,
        name=run.parent.nickname,
        after={"format": form, "rows": _matching(run, asked).count(), **asked.reason},
    )
    return _every(_matching(run, asked))


def _every(rows: RefusedRowQuerySet) -> Iterator[Shown]:
    after = -1
    while part := list(rows.filter(row_number__gt=after)[:_READ_AT_ONCE]):
        yield from _shown(part, opens=True)
        after = part[-1].row_number


def _matching(run: Run, asked: Asked) -> RefusedRowQuerySet:
    rows = run.refused_rows.filter(**asked.reason).in_order()
    if not asked.identity:
        return rows
    return rows.filter(pk__in=contents.rows_named(run, asked.identity))


def _reasons(run: Run, *, opens: bool) -> list[Reason]:
    found = (
        run.refused_rows.values("refused_by", "code")
        .annotate(rows=Count("id"), says=Max("sentence"))
        .order_by("-rows", "refused_by", "code")
    )
    examples = _examples(run, opens=opens)
    return [_reason(one, examples.get((one["refused_by"], one["code"]), [])) for one in found]


def _reason(counted: Mapping[str, Any], examples: list[Shown]) -> Reason:
    named = {"refused_by": counted["refused_by"], "code": counted["code"]}
    columns = [shown.row.column for shown in examples if shown.row.column]
    return Reason(
        key=f"{named['refused_by']}:{named['code']}",
        title=reasons.title_of(**named),
        sentence=counted["says"],
        refused_by=RefusedRow.By(named["refused_by"]).label,
        official=reasons.official_code(**named),
        rows=counted["rows"],
        columns=list(dict.fromkeys(columns)),
        examples=examples if examples and examples[0].content else [],
    )


def _examples(run: Run, *, opens: bool) -> dict[tuple[str, str], list[Shown]]:
    """The first rows of each reason."""
    by_reason = [F("refused_by"), F("code")]
    number = Window(RowNumber(), partition_by=by_reason, order_by=F("row_number").asc())
    rows = run.refused_rows.annotate(number=number).filter(number__lte=EXAMPLES).in_order()
    found: dict[tuple[str, str], list[Shown]] = {}
    for shown in _shown(list(rows), opens=opens):
        found.setdefault((shown.row.refused_by, shown.row.code), []).append(shown)
    return found


def _shown(rows: Sequence[RefusedRow], *, opens: bool) -> list[Shown]:
    if not opens:
        return [Shown(row, None) for row in rows]
    return [Shown(row, content) for row, content in contents.open_rows(rows)]
