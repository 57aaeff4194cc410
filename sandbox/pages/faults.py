"""The page `/faults`: what goes wrong on purpose, set and lifted by form."""

from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.clevertap.refusals import MEANINGS
from sandbox.faults import FaultRefused, Faults, Rule
from sandbox.google.iam import PERMISSIONS_OF_ROLE
from sandbox.pages.forms import Field, number_field, render, select_field, text_field, values_of
from sandbox.pages.layout import SERVICE_LABELS, Column, badge, code, page, section, table
from sandbox.pages.markup import Html, element, join, text

_LEAD = "Make something go wrong on purpose, and see what the importer does about it."

_SERVICE = select_field("service", "Where", {"": "everywhere", **SERVICE_LABELS})
_TIMES = number_field("times", "How often", hint="always", step="1")
_SECONDS = number_field("seconds", "Seconds", value="2", step="any")
_STATUSES = {
    "429": "429 too many",
    "500": "500 error",
    "502": "502 bad gateway",
    "503": "503 unavailable",
    "400": "400 bad request",
    "401": "401 refused",
    "403": "403 forbidden",
    "404": "404 not found",
}
_CODES = {str(number): f"{number} {meaning}" for number, meaning in MEANINGS.items()}
_PERMISSIONS = {
    name: name for name in sorted(frozenset().union(*PERMISSIONS_OF_ROLE.values()))
}  # fmt: skip

_DETAILS = {
    "seconds": "{:g} seconds",
    "status": "status {}",
    "reason": "{}",
    "share": "{:.0%} of the rows",
    "code": "code {}",
    "holds": "holding {}",
    "after": "after {} requests",
    "permission": "{}",
    "probability": "in {:.0%} of the cases",
}


class Kind(NamedTuple):
    """One effect: its name in a sentence, what it does, and what can be chosen."""

    effect: str
    title: str
    sentence: str
    fields: tuple[Field, ...]


KINDS = (
    Kind(
        "latency",
        "Slow answers",
        "Every matching request waits this long before it is handled.",
        (_SERVICE, _SECONDS, _TIMES),
    ),
    Kind(
        "status",
        "Error answers",
        "Matching requests get this status with the vendor's own error body, and nothing is done.",
        (_SERVICE, select_field("status", "Status", _STATUSES), _TIMES),
    ),
    Kind(
        "lost_answer",
        "Lost answers",
        "The request is carried out, then the connection closes without an answer: "
        "the sender cannot know the outcome.",
        (_SERVICE, _TIMES),
    ),
    Kind(
        "half_answer",
        "Half answers",
        "The request is carried out, then half of the answer comes and the connection closes.",
        (_SERVICE, _TIMES),
    ),
    Kind(
        "html",
        "Pages in place of answers",
        "A sign-in page answers with status 200, as of a proxy, and nothing is done.",
        (_SERVICE, _TIMES),
    ),
    Kind(
        "drop_before",
        "Dropped connections",
        "The connection closes before anything is done.",
        (_SERVICE, _TIMES),
    ),
    Kind(
        "hang",
        "Hanging requests",
        "Nothing is done or answered until the sender gives up or the time is over.",
        (_SERVICE, number_field("seconds", "Seconds", value="60", step="any"), _TIMES),
    ),
    Kind(
        "refuse_rows",
        "Refused rows",
        "CleverTap refuses this share of good records, from 0 to 1, with this code.",
        (
            number_field("share", "Share", value="0.1", step="any"),
            select_field("code", "Code", _CODES, value="555"),
            _TIMES,
        ),
    ),
    Kind(
        "malformed",
        "A record that cannot be read",
        "CleverTap refuses a whole request with 400 if one of its records holds this text.",
        (text_field("holds", "Text", value="culprit"), _TIMES),
    ),
    Kind(
        "miscount",
        "Wrong sums",
        "CleverTap stores a request and counts one record too few in its answer.",
        (_TIMES,),
    ),
    Kind(
        "expired",
        "Expired results",
        "The result of a finished query is gone, as after a day, and a read session is over.",
        (_SERVICE, _TIMES),
    ),
    Kind(
        "deny",
        "A missing permission",
        "BigQuery refuses with 403 whatever needs this permission, whichever roles the key holds.",
        (select_field("permission", "Permission", _PERMISSIONS, "bigquery.jobs.create"), _TIMES),
    ),
    Kind(
        "slow_job",
        "Slow jobs",
        "BigQuery jobs stay running this long: time enough to stop a run or delete a connection.",
        (number_field("seconds", "Seconds", value="30", step="any"), _TIMES),
    ),
)


def view(faults: Faults, refused: str | None = None) -> Response:
    """The page; `refused` says why the last form was not taken."""
    return page(
        "/faults",
        "Faults",
        _LEAD,
        element("p", refused, class_="strip bad", role="alert") if refused else text(None),
        _in_force(faults.all()),
        element("div", *(_card(kind) for kind in KINDS), class_="cards"),
        status=400 if refused else 200,
    )


async def add(faults: Faults, request: Request) -> Response:
    """Set the fault of the form that was sent."""
    form = await values_of(request)
    kind = next((one for one in KINDS if one.effect == form.get("effect")), None)
    if kind is None:
        return view(faults, "The form names no fault that the sandbox knows.")
    try:
        faults.add(_document(kind, form))
    except FaultRefused as refusal:
        return view(faults, f"The fault was not set. {refusal}")
    return _back()


def lift(faults: Faults, rule_id: int) -> Response:
    """Lift one fault; that it is gone already is as good."""
    faults.remove(rule_id)
    return _back()


def lift_all(faults: Faults) -> Response:
    """Lift every fault."""
    faults.clear()
    return _back()


def _back() -> Response:
    return RedirectResponse("/faults", status_code=303)


def _document(kind: Kind, form: dict[str, str]) -> dict[str, Any]:
    """The rule's JSON form; empty fields are left out. Raises: FaultRefused."""
    document: dict[str, Any] = {"effect": kind.effect}
    for field in kind.fields:
        sent = form.get(field.name, "").strip()
        if sent:
            document[field.name] = _converted(field, sent)
    return document


def _converted(field: Field, sent: str) -> str | int | float:
    try:
        if field.name in ("times", "status", "code"):
            return int(sent)
        return float(sent) if field.name in ("seconds", "share") else sent
    except ValueError:
        raise FaultRefused(f"“{field.label}” must be a number.") from None


def _in_force(rules: list[Rule]) -> Html:
    lift_every = element(
        "form",
        element("button", "Lift all faults", type="submit", class_="quiet"),
        method="post",
        action="/faults/lift-all",
    )
    columns = (
        Column("Fault"),
        Column("Where"),
        Column("Applied", numeric=True),
        Column("Action", numeric=True),
    )
    rows = [(_what(rule), _where(rule), _applied(rule), _lift_form(rule)) for rule in rules]
    return section(
        "In force",
        table(columns, rows, "No fault is set: everything answers as it should."),
        lift_every if rules else None,
    )


def _what(rule: Rule) -> Html:
    kind = next((one for one in KINDS if one.effect == rule.effect), None)
    details = ", ".join(
        said.format(value)
        for name, said in _DETAILS.items()
        if (value := getattr(rule, name)) is not None and (name, value) != ("probability", 1.0)
    )
    return join((element("b", kind.title if kind else rule.effect), element("small", details)))


def _where(rule: Rule) -> Html:
    service = SERVICE_LABELS.get(rule.service or "", "everywhere")
    if rule.effect in ("refuse_rows", "malformed", "miscount"):
        service = "CleverTap"
    elif rule.effect in ("deny", "slow_job"):
        service = "BigQuery"
    narrowed = [rule.method, rule.path, rule.account, rule.dataset, rule.table]
    return join((service, element("small", code(" ".join(part for part in narrowed if part)))))


def _applied(rule: Rule) -> Html:
    if rule.times is None:
        return text(f"{rule.applied:,}")
    count = text(f"{rule.applied:,} of {rule.times:,}")
    return join((count, " ", badge("spent", "plain"))) if rule.spent() else count


def _lift_form(rule: Rule) -> Html:
    button = element(
        "button", "Lift", type="submit", class_="quiet", aria_label=f"Lift fault {rule.id}"
    )
    return element("form", button, method="post", action=f"/faults/{rule.id}/lift")


def _card(kind: Kind) -> Html:
    form = element(
        "form",
        element("input", type="hidden", name="effect", value=kind.effect),
        element(
            "div",
            *(render(field, prefix=kind.effect) for field in kind.fields),
            element("button", "Set", type="submit", aria_label=f"Set: {kind.title}"),
            class_="fields",
        ),
        method="post",
        action="/faults",
    )
    return section(kind.title, form, note=kind.sentence)
