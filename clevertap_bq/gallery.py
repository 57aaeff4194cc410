"""The gallery of components, in local mode only: samples for every state, nothing from the database."""

import re
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clevertap_bq.gallery_charts import chart_samples

STATES = {
    "Connections and tests": (
        "verified",
        "failed",
        "inconclusive",
        "untested",
        "testing",
        "deleting",
        "deleted",
    ),
    "Imports": ("draft", "ready", "scheduled", "running", "paused", "stopped"),
    "Runs": ("queued", "succeeded", "partly", "nothing_new", "could_not_connect"),
    "Checks and rows": (
        "waiting",
        "passed",
        "unknown",
        "not_needed",
        "accepted",
        "refused",
        "skipped",
        "sending",
    ),
}
GRANT = {
    "label": "gcloud",
    "code": "gcloud projects add-iam-policy-binding acme-analytics \\\n"
    "  --member=serviceAccount:importer@acme-analytics.iam.gserviceaccount.com \\\n"
    "  --role=roles/bigquery.jobUser",
}
CAUSES = [
    {
        "title": "The account has no BigQuery Job User on the project.",
        "tell": "The list of its roles does not name it.",
        "then": "Grant it with the command above.",
        "commands": [{"label": "Roles", "code": "gcloud projects get-iam-policy acme-analytics"}],
    },
    {
        "title": "It was granted a moment ago.",
        "tell": "The role is listed. A grant takes two minutes, at times seven or more.",
        "then": "Wait, then check again.",
        "commands": [],
    },
]
STEPS: tuple[tuple[Any, ...], ...] = (
    ("The key is well formed", "passed", "Passed", "", 3, {}),
    ("Google accepts the key", "passed", "Passed", "", 212, {}),
    (
        "BigQuery Job User",
        "failed",
        "Failed",
        "The account may not start jobs in the project “acme-analytics”.",
        640,
        {
            "sentence": "Give the account one role, then check again. It takes up to a minute.",
            "permission": "bigquery.jobs.create",
            "resource": "acme-analytics",
            "role": "BigQuery Job User",
            "commands": [GRANT],
            "causes": CAUSES,
            "link": {"url": "https://console.cloud.google.com/iam-admin", "title": "Open IAM"},
        },
    ),
    (
        "Tables can be read",
        "unknown",
        "Could not tell",
        "Google did not answer within 5 seconds. This says nothing about the key.",
        5000,
        {},
    ),
    ("BigQuery Data Editor", "running", "Checking", "", None, {}),
    (
        "Dataset validity",
        "waiting",
        "Waiting",
        "",
        None,
        {},
    ),
    (
        "Fast reads",
        "not_needed",
        "Not needed",
        "The import takes the slower path without this role.",
        None,
        {},
    ),
)


class SampleForm(forms.Form):
    """One field of each kind, to look at."""

    prefix = "sample"

    name = forms.CharField(
        label="Connection name",
        help_text="Shown when you make an import. Up to 100 characters.",
        max_length=100,
    )
    dataset = forms.CharField(label="Dataset ID", required=False)
    region = forms.ChoiceField(
        label="Region", choices=[("", "Choose a region"), ("eu1", "Europe (EU1)")]
    )
    access = forms.ChoiceField(
        label="Access",
        help_text="Imports work the same with either.",
        choices=[("read_write", "Read and write"), ("read_only", "Read only")],
        widget=forms.RadioSelect,
        initial="read_write",
    )
    query = forms.CharField(
        label="Query",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control--code"}),
    )
    tell = forms.BooleanField(label="Tell me when a test fails", required=False)


def _steps() -> list[dict[str, Any]]:
    names = ("title", "result", "result_label", "sentence", "milliseconds", "cure")
    steps = [dict(zip(names, values, strict=True)) for values in STEPS]
    for step in steps:
        if step["result"] in {"failed", "unknown"}:
            step["retry_url"] = "?again"
    return steps


def _icons() -> list[str]:
    """The names in the sheet of icons, without the shapes of the states."""
    sheet = (settings.BASE_DIR / "static" / "img" / "icons.svg").read_text(encoding="utf-8")
    return re.findall(r'id="i-(?!state-)([\w-]+)"', sheet)


def samples() -> dict[str, Any]:
    """Everything that the gallery's templates show, as they would get it from a view."""
    return {
        "states": [
            (title, [(value, value.replace("_", " ").capitalize()) for value in values])
            for title, values in STATES.items()
        ],
        "tabs": [
            {"title": "Partner List", "url": "?", "active": False},
            {"title": "Import Connections", "url": "?", "active": True, "count": 3},
            {"title": "Import center", "url": "?", "active": False, "count": 12},
        ],
        "chips": [
            {"label": "Status", "value": "Failed", "url": "?"},
            {"label": "Connected By", "value": "maria.lindqvist@example.com", "url": "?"},
        ],
        "page": Paginator(range(1930), 50).page(3),
        "notes": [{"tone": "warn", "text": "The same key is already stored in “Staging”."}],
        "steps": _steps(),
        "wizard": [
            {"title": "Configure Import", "state": "done", "url": "?"},
            {"title": "Map", "state": "current"},
            {"title": "Schedule", "state": "todo"},
        ],
        "at": datetime(2025, 3, 14, 9, 26, 53, tzinfo=UTC),
        "form": SampleForm(),
        "bad_form": SampleForm({"bad-name": "", "bad-region": "moon"}, prefix="bad"),
        "no_key": ["This is an OAuth client file. Choose the JSON key of a service account."],
        "levels": ["success", "info", "warning", "error"],
        "tones": ["ok", "bad", "warn", "info", "quiet"],
        "command": GRANT["code"],
        "icons": _icons(),
        **chart_samples(),
    }


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state; ``?part=dialog`` answers as htmx would ask."""
    part = request.GET.get("part")
    if part in {"dialog", "pane"}:
        return render(request, f"gallery/_{part}.html")
    return render(request, "gallery.html", samples())
