"""Add Database: one form, three buttons, and nothing typed is ever lost."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.people import user_of
from accounts.permissions import admin_required
from connections.forms import DatabaseForm
from connections.htmx import go_to, is_htmx, shown_below
from connections.models import Connection, ConnectionTest, StoredKey
from connections.services import connections as connection_services
from connections.services import keys as key_services
from connections.services import tests as test_services
from connections.views.datasets import datasets_of, key_notes
from connections.views.guide import guide_of
from connections.views.key_intake import key_field, open_tab, say_refusal, take_key
from connections.views.tests import excess_of, steps_of
from connections.way_back import detour_of, way_back


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def database_add(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _render(request, DatabaseForm(), None)
    intake = take_key(request)
    action = intake.data.get("action", "save")
    form = DatabaseForm(intake.data)
    form.check_for(action)
    say_refusal(request, form, intake.refusal)
    handle = {"read_key": _read_key, "test": _test, "look": _render}.get(action, _save)
    return handle(request, form, intake.key)


def _read_key(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    if key is None and not form.errors:
        form.add_error(key_field(request), "Choose the key file, or paste the key, first.")
    return _render(request, form, key)


def _test(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    subject = subject_of(form, key)
    if not _is_complete(request, form, key) or subject is None:
        return _render(request, form, key)
    begin_test(request, form, subject)
    answer = _render(request, form, key)
    return shown_below(answer, "#test") if form.is_valid() else answer


def begin_test(request: HttpRequest, form: DatabaseForm, subject: test_services.Subject) -> None:
    """Ask for the test; why it is refused goes into the form."""
    try:
        test_services.request_test(subject=subject, by=user_of(request), now=timezone.now())
    except test_services.TooManyTests as refusal:
        form.add_error(None, str(refusal))


def _save(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    saved = _saved_already(request, form)
    if saved is not None:
        return _on_from(request, saved)
    if not _is_complete(request, form, key) or key is None:
        return _render(request, form, key)
    details = details_of(form)
    try:
        connection = connection_services.create_connection(
            details=details, key=key, by=user_of(request), now=timezone.now()
        )
    except connection_services.NameTaken as refusal:
        form.add_error("connection_name", str(refusal))
        return _render(request, form, key)
    except connection_services.KeyDraftGone as refusal:
        form.add_error(key_field(request), str(refusal))
        return _render(request, form, None)
    _say_saved(request, connection)
    return _on_from(request, connection)


def _on_from(request: HttpRequest, saved: Connection) -> HttpResponse:
    """To the connection's page, or back to the Create Import that sent here."""
    return go_to(request, way_back(request.GET, database=saved.pk) or saved.get_absolute_url())


def details_of(form: DatabaseForm) -> connection_services.Details:
    """What the valid form says about a connection."""
    return connection_services.Details(
        name=form.cleaned_data["connection_name"],
        project_id=form.cleaned_data["project_id"],
        dataset_id=form.cleaned_data["dataset_id"],
        access=form.cleaned_data["access"],
    )


def _saved_already(request: HttpRequest, form: DatabaseForm) -> Connection | None:
    """What this very form made: pressed twice, or sent again by the back button."""
    named = Connection.objects.named(form.cleaned_data.get("connection_name") or "")
    draft_id = form.cleaned_data.get("key_draft")
    return named.filter(key_id=draft_id, created_by=user_of(request)).first()


def _is_complete(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> bool:
    if key is None and not form.has_error("key_file") and not form.has_error("key_text"):
        draft_id = form.cleaned_data.get("key_draft")
        gone = key_services.why_gone(draft_id=draft_id, by=user_of(request))
        missing = "Upload the service account key, or paste it."
        form.add_error(key_field(request), gone or missing)
    return form.is_valid()


def subject_of(
    form: DatabaseForm, key: StoredKey | None, *, candidate_for: Connection | None = None
) -> test_services.Subject | None:
    """What the form says is to be tested, once it says all of it."""
    if key is None or not form.is_bound:
        return None
    told = form.cleaned_data
    place = {name: told.get(name, "") for name in ("project_id", "dataset_id", "access")}
    if not all(place.values()):
        return None
    return test_services.Subject(key=key, candidate_for=candidate_for, **place)


def _say_saved(request: HttpRequest, connection: Connection) -> None:
    newest = connection.tests.newest_first().first()
    if newest is not None and newest.verdict == ConnectionTest.Verdict.VERIFIED:
        messages.success(request, f"“{connection.name}” is saved and verified.")
    else:
        messages.warning(request, f"“{connection.name}” is saved, not verified.")


def _render(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    subject = subject_of(form, key)
    test = test_services.newest_of(subject) if subject else None
    project = form["project_id"].value() or ""
    context: dict[str, Any] = {
        "form": form,
        "form_url": reverse("connections:add") + detour_of(request.GET),
        "key": key,
        "datasets": datasets_of(request, key, project),
        "key_notes": key_notes(key, project) if key else [],
        "test": test,
        "steps": steps_of(test) if test else [],
        "excess": excess_of(test) if test else [],
        "guide": guide_of(form.data or request.GET, key),
        "key_source": open_tab(request, form),
    }
    fragment = "connections/_database_form.html"
    return render(request, fragment if is_htmx(request) else "connections/add.html", context)
