"""The way from nothing to the first rows in CleverTap: where one is, and the one next thing to do.

Reads only, in at most five queries however much there is. It is about the installation, not about
a person: it ends for everybody when CleverTap has accepted a first row, and nobody dismisses it
before, so that the next one who signs in sees where things stand (ADR 17).
"""

from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, IntegerField, Value, When
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission, is_allowed
from connections import status
from connections.models import Connection
from imports.models import CleverTapAccount, Import, Run

LOOKED_AT = 50  # of connections and accounts: the newest; one that works is enough
_WHO = {Permission.ADMIN: "An admin", Permission.CREATOR: "A creator or an admin"}
_DONE, _CURRENT, _BUSY, _TROUBLE, _TODO = "done", "current", "busy", "trouble", "todo"


@dataclass(frozen=True)
class Action:
    """What to press. ``is_order``: it changes something, so it is a form's button."""

    label: str
    url: str
    permission: Permission
    is_order: bool = False


@dataclass(frozen=True)
class Step:
    """One step; ``action`` and ``waits_for`` only on the next one: either may act, or who may."""

    title: str
    state: str
    sentence: str
    action: Action | None = None
    waits_for: str = ""
    sandbox: str = ""
    sandbox_links: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FirstSteps:
    """All steps in order. Exactly one of them is next."""

    steps: list[Step]
    next: Step

    @property
    def done_count(self) -> int:
        return sum(step.state == _DONE for step in self.steps)


def first_steps_for(user: User) -> FirstSteps | None:
    """The steps as this person may go them, or None once CleverTap has accepted a row."""
    if Run.objects.filter(accepted_count__gt=0).exists():
        return None
    connection, account, subject = _best_connection(), _best_account(), _nearest_import()
    steps = [
        _of_connection(connection),
        _of_account(account),
        _of_import(subject, connection, account),
        _of_rows(subject),
    ]
    place = next(place for place, step in enumerate(steps) if step.state != _DONE)
    steps[place] = _for(user, steps[place])
    rest = [
        replace(step, state=_TODO) if step.state != _DONE else step for step in steps[place + 1 :]
    ]
    return FirstSteps(steps=[*steps[: place + 1], *rest], next=steps[place])


def _for(user: User, step: Step) -> Step:
    """The next step: with its action if the person may take it, else with who may."""
    hinted = step if settings.SANDBOX_URL else replace(step, sandbox="", sandbox_links={})
    action = step.action
    if action is None or is_allowed(user, action.permission):
        return hinted
    return replace(
        hinted,
        action=None,
        waits_for=f"{_WHO[action.permission]} can do this.",
        sandbox="",
        sandbox_links={},
    )


def _best_connection() -> tuple[Connection, status.Badge] | None:
    """The newest that works; else the newest that may work; else the newest."""
    newest = (
        Connection.objects.active().select_related("key", "latest_test").order_by("-created_at")
    )
    found = [(connection, status.badge_of(connection)) for connection in newest[:LOOKED_AT]]
    ranks = {"verified": 0, "failed": 2}
    return min(found, key=lambda one: ranks.get(one[1].value, 1), default=None)


def _best_account() -> CleverTapAccount | None:
    newest = list(CleverTapAccount.objects.listed().order_by("-created_at")[:LOOKED_AT])
    ranks = {CleverTapAccount.Verdict.VERIFIED: 0, CleverTapAccount.Verdict.FAILED: 2}
    return min(
        newest, key=lambda one: ranks.get(CleverTapAccount.Verdict(one.verdict), 1), default=None
    )


def _nearest_import() -> Import | None:
    """The newest that can run; else the newest draft."""
    drafts_last = Case(
        When(status=Import.Status.DRAFT, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    usable = Import.objects.listed().exclude(status=Import.Status.STOPPED)
    usable = usable.filter(connection__state=Connection.State.ACTIVE)
    return usable.order_by(drafts_last, "-created_at").first()


def _of_connection(best: tuple[Connection, status.Badge] | None) -> Step:
    title = "Add a database"
    if best is None:
        return Step(
            title,
            _CURRENT,
            "The BigQuery dataset to read from, and the key of a service account that may read it.",
            Action("Add Database", reverse("connections:add"), Permission.ADMIN),
            sandbox="No Google account at hand? The sandbox on this machine stands in for it: "
            "download a sample key, and use the Dataset ID shop.",
            sandbox_links={
                "Download a sample key": f"{settings.SANDBOX_URL}/keys/good.json",
                "Open the sandbox": settings.SANDBOX_URL,
            },
        )
    connection, badge = best
    if badge.value == status.FAILED.value:
        return Step(
            title,
            _TROUBLE,
            f"“{connection.name}” does not work yet. Its test says what is missing, and how to grant it.",
            Action("Repair it", f"{connection.get_absolute_url()}#test", Permission.ADMIN),
        )
    return Step(title, _DONE, f"“{connection.name}”: {badge.word}.")


def _of_account(account: CleverTapAccount | None) -> Step:
    title = "Add a CleverTap account"
    if account is None:
        return Step(
            title,
            _CURRENT,
            "Where the rows go: region, Account ID and passcode of your CleverTap project.",
            Action("Add account", reverse("imports:account_add"), Permission.ADMIN),
            sandbox="No CleverTap account at hand? The sandbox shows an Account ID and a passcode "
            "to copy. Its region is Sandbox (this machine).",
            sandbox_links={"Open the sandbox": settings.SANDBOX_URL},
        )
    if account.verdict == CleverTapAccount.Verdict.FAILED:
        return Step(
            title,
            _TROUBLE,
            f"“{account.name}” failed its test. {account.verdict_sentence}".rstrip(),
            Action("Correct the passcode", _edit_of(account), Permission.ADMIN),
        )
    return Step(title, _DONE, f"“{account.name}”: {account.get_verdict_display()}.")


def _edit_of(account: CleverTapAccount) -> str:
    return reverse("imports:account_edit", args=[account.pk])


def _of_import(
    subject: Import | None,
    connection: tuple[Connection, status.Badge] | None,
    account: CleverTapAccount | None,
) -> Step:
    title = "Create an import"
    if subject is None:
        chosen = {
            "database": connection[0].pk if connection else None,
            "account": account.pk if account else None,
        }
        query = urlencode({name: pk for name, pk in chosen.items() if pk})
        return Step(
            title,
            _CURRENT,
            "Choose a table, say which column is the identity, and map the rest.",
            Action("Create Import", f"{reverse('imports:create')}?{query}", Permission.CREATOR),
            sandbox="The table customers_small of the sandbox is quick: it has 500 rows.",
        )
    if subject.is_draft:
        return Step(
            title,
            _CURRENT,
            f"“{subject.nickname}” is a draft: say what becomes of its columns.",
            Action("Go on mapping", reverse("imports:map", args=[subject.pk]), Permission.CREATOR),
        )
    return Step(title, _DONE, f"“{subject.nickname}”, from the {subject.source_name}.")


def _of_rows(subject: Import | None) -> Step:
    title = "First rows arrived"
    if subject is None or subject.is_draft:
        return Step(title, _TODO, "Run the import, and watch the rows being accepted by CleverTap.")
    run = _newest_run()
    if run is not None and not run.is_final:
        watch = Action("Watch the run", run.get_absolute_url(), Permission.MEMBER)
        return Step(title, _BUSY, f"“{run.parent.nickname}” is at work.", watch)
    if run is None or run.state == Run.State.STOPPED or run.queued_at < subject.created_at:
        start = reverse("imports:start", args=[subject.pk])
        return Step(
            title,
            _CURRENT,
            f"Run “{subject.nickname}”, and watch the rows being accepted by CleverTap.",
            Action("Run now", start, Permission.CREATOR, is_order=True),
        )
    see = Action("See why", run.get_absolute_url(), Permission.MEMBER)
    return Step(title, _TROUBLE, _ended_in_vain(run), see)


def _newest_run() -> Run | None:
    """Of the imports that there still are; one at work comes first."""
    at_work_first = Case(
        When(state__in=Run.State.active(), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    runs = Run.objects.filter(parent__deleted_at__isnull=True).select_related("parent")
    return runs.order_by(at_work_first, "-queued_at", "-id").first()


def _ended_in_vain(run: Run) -> str:
    name = f"“{run.parent.nickname}”"
    if run.state == Run.State.FAILED:
        return f"The last run of {name} failed. Its page says why, and what to do."
    if run.read_count == 0:
        return f"The last run of {name} found no rows in the {run.parent.source_name}."
    return f"The last run of {name} read {run.read_count:,} rows, and none of them was accepted."
