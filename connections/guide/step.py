"""What a step of the guide is made of, and the steps that both tracks have."""

from dataclasses import dataclass
from urllib.parse import quote

from connections import cures
from connections.guide.place import PROJECT, Place


@dataclass(frozen=True)
class Command:
    """Something to paste; ``label`` says where or what for."""

    label: str
    code: str


@dataclass(frozen=True)
class Link:
    """The page of Google's console for those who would rather click."""

    url: str
    title: str


@dataclass(frozen=True)
class Step:
    """One thing to do. ``done`` says why it need not be done, ``note`` what else to know."""

    title: str
    text: str
    commands: tuple[Command, ...] = ()
    note: str = ""
    done: str = ""
    link: Link | None = None
    is_optional: bool = False


def console(place: Place, path: str, title: str) -> Link:
    """A page of the console, at the project when it is known."""
    known = "" if place.project == PROJECT else f"?project={quote(place.project, safe='')}"
    return Link(f"https://console.cloud.google.com/{path}{known}", title)


def grants(place: Place) -> tuple[Command, ...]:
    """The two roles that are needed, with the account and the dataset filled in."""
    jobs = cures.grant_on_project(role=cures.JOB_USER, project=place.project, email=place.account)
    data = cures.grant_on_dataset(
        role=place.data_role, project=place.project, dataset=place.dataset, email=place.account
    )
    role = place.data_role[1]
    return (
        Command("BigQuery Job User, gcloud", jobs.gcloud),
        Command(f"{role}, SQL", data.sql),
        Command(f"{role}, bq", in_terminal(data.sql)),
    )


def in_terminal(sql: str) -> str:
    """The same SQL for a terminal. The single quotes hold because no identifier has one.

    ``bq add-iam-policy-binding`` would be shorter, but supports tables and views only.
    """
    return f"bq query --use_legacy_sql=false \\\n  '{sql}'"


def create_key(place: Place) -> Command:
    """A new key of the account, into a file."""
    code = (
        "gcloud iam service-accounts keys create clevertap-key.json \\\n"
        f"  --iam-account={place.account}"
    )
    return Command("Create a key, gcloud", code)


def fast_reads(place: Place) -> Step:
    """The one role that is worth having and not needed."""
    cure = cures.grant_on_project(
        role=cures.READ_SESSION_USER, project=place.project, email=place.account
    )
    return Step(
        title="Faster reads of large tables",
        text="With BigQuery Read Session User, rows can be read through the Storage Read API, "
        "which is quicker and bills on its own. Without it imports work all the same.",
        commands=(Command("BigQuery Read Session User, gcloud", cure.gcloud),),
        is_optional=True,
    )


ROLES_TAKE_TIME = "A new role can take a few minutes to work: test again before changing more."
NO_KEYS_ALLOWED = (
    "Does Google answer that keys may not be created? Ask whoever administers your "
    "organisation’s policies to exempt this project from iam.disableServiceAccountKeyCreation."
)
