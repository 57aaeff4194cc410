"""The checks of Test Connection, in order: what each is called and what it stands on."""

from collections.abc import Iterable
from dataclasses import dataclass

from connections.models import Access, ConnectionTestStep


@dataclass(frozen=True)
class Step:
    """One check. ``needs`` names the checks that must have passed before it can say anything.

    One that ``is_about_imports`` is there only for a connection that has some.
    An ``optional`` one never spoils the verdict: without what it checks there is a slower way.
    """

    code: str
    title: str
    needs: tuple[str, ...] = ()
    only_for: str | None = None
    is_about_imports: bool = False
    optional: bool = False


STEPS = (
    Step("key", "The key is well formed"),
    Step("token", "Google accepts the key", needs=("key",)),
    Step("project", "Project access", needs=("token",)),
    Step("dataset", "Dataset validity", needs=("token",)),
    Step("jobs", "BigQuery Job User", needs=("dataset",)),
    Step("read", "Tables can be listed and read", needs=("dataset",)),
    Step("sources", "Tables of its imports", needs=("dataset",), is_about_imports=True),
    Step("write", "BigQuery Data Editor", needs=("dataset",), only_for=Access.READ_WRITE),
    Step("fast", "Fast reads (Storage Read API)", needs=("jobs",), optional=True),
)
OPTIONAL = frozenset(step.code for step in STEPS if step.optional)
_ALL_PASSED = "Every check passed."
_SLOWER = "Every check that imports need passed. Without fast reads they take the slower way."


def touched_by(code: str) -> set[str]:
    """The check and all that stand on it, directly or through another."""
    touched = {code}
    for step in STEPS:  # in order, so one pass is enough
        if touched & set(step.needs):
            touched.add(step.code)
    return touched


def passed_in_words(steps: Iterable[ConnectionTestStep]) -> str:
    """What a verified test says of its checks: an optional one may have been missed."""
    missed = {step.code for step in steps if step.result != ConnectionTestStep.Result.PASSED}
    return _SLOWER if missed & OPTIONAL else _ALL_PASSED
