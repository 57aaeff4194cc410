"""Edit a connection: name, place, access, and a new key that is staged until Save."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.people import user_of
from accounts.permissions import admin_required
from connections.forms import EditForm
from connections.htmx import go_to, is_htmx, shown_below
from connections.models import Connection, ConnectionTest, FormerKey, StoredKey
from connections.services import connections as connection_services
from connections.services import editing
from connections.services import tests as test_services
from connections.views.database import begin_test, details_of, subject_of
from connections.views.datasets import datasets_of, key_notes
from connections.views.guide import guide_of
from connections.views.key_intake import key_field, open_tab, say_refusal, take_key
from connections.views.tests import excess_of, steps_of


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def edit(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.with_people(), pk=connection_id)
    if not connection.is_active:
        return go_to(request, connection.get_absolute_url())
    if request.method != "POST":
        return _render(request, EditForm.of(connection), connection, None)
    intake = take_key(request)
    action = intake.data.get("action", "save")
    form = EditForm(intake.data)
    form.check_for(action)
    say_refusal(request, form, intake.refusal)
    if form.names_a_draft and intake.key is None and action != "keep_key":
        form.add_error(key_field(request), editing.DRAFT_GONE)
    return _ACTIONS.get(action, _save)(request, form, connection, intake.key)


@require_POST
@admin_required
def restore_key(request: HttpRequest, connection_id: UUID, former_id: UUID) -> HttpResponse:
    formers = FormerKey.objects.select_related("key", "connection")
    former = get_object_or_404(formers, pk=former_id, connection=connection_id)
    try:
        connection = editing.restore_key(former=former, by=user_of(request), now=timezone.now())
    except (editing.NotRestorable, editing.NotActive) as refusal:
        messages.error(request, str(refusal))
        return redirect(former.connection)
    _test_what_is_new(request, connection)
    messages.success(request, f"The key {former.key.short_id} is in force again.")
    return redirect(connection)


def _read_key(
    request: HttpRequest, form: EditForm, connection: Connection, key: StoredKey | None
) -> HttpResponse:
    if key is None and not form.errors:
        form.add_error(key_field(request), "Choose the key file, or paste the key, first.")
    return _render(request, form, connection, key)


def _keep_key(
    request: HttpRequest, form: EditForm, connection: Connection, key: StoredKey | None
) -> HttpResponse:
    """Let go of the new key; the draft goes by itself when its time is over."""
    return _render(request, form.without_draft(), connection, None)


def _test(
    request: HttpRequest, form: EditForm, connection: Connection, key: StoredKey | None
) -> HttpResponse:
    subject = subject_of(form, key or connection.key, candidate_for=connection)
    if not form.is_valid() or subject is None:
        return _render(request, form, connection, key)
    begin_test(request, form, subject)
    answer = _render(request, form, connection, key)
    return shown_below(answer, "#test") if form.is_valid() else answer


def _save(
    request: HttpRequest, form: EditForm, connection: Connection, key: StoredKey | None
) -> HttpResponse:
    if not form.is_valid():
        return _render(request, form, connection, key)
    change = editing.Change(details_of(form), form.cleaned_data["version"], key)
    try:
        saved = editing.change_connection(
            connection=connection, change=change, by=user_of(request), now=timezone.now()
        )
    except editing.NotActive:
        return go_to(request, connection.get_absolute_url())
    except editing.ChangedMeanwhile as refusal:
        connection.refresh_from_db()
        form = form.for_version(connection.version)
        form.add_error(None, str(refusal))
    except connection_services.NameTaken as refusal:
        form.add_error("connection_name", str(refusal))
    except connection_services.KeyDraftGone as refusal:
        form, key = form.without_draft(), None
        form.add_error(key_field(request), str(refusal))
    else:
        _say_saved(request, saved)
        return go_to(request, saved.get_absolute_url())
    return _render(request, form, connection, key)


def _say_saved(request: HttpRequest, connection: Connection) -> None:
    latest = connection.latest_test
    if latest is not None and latest.verdict == ConnectionTest.Verdict.VERIFIED:
        messages.success(request, f"“{connection.name}” is saved and verified.")
    elif _test_what_is_new(request, connection):
        messages.warning(
            request, f"“{connection.name}” is saved, not verified. It is being tested."
        )
    else:
        messages.warning(request, f"“{connection.name}” is saved, not verified.")


def _test_what_is_new(request: HttpRequest, connection: Connection) -> bool:
    """Nothing speaks for the connection as it is now: ask at once."""
    try:
        test_services.request_test_of(
            connection=connection, by=user_of(request), now=timezone.now()
        )
    except test_services.TooManyTests:
        return False
    return True


def _render(
    request: HttpRequest, form: EditForm, connection: Connection, key: StoredKey | None
) -> HttpResponse:
    in_use = key or connection.key
    subject = subject_of(form, key or connection.key, candidate_for=connection)
    test = test_services.newest_of(subject) if subject else None
    project = form["project_id"].value() or ""
    context: dict[str, Any] = {
        "form": form,
        "form_url": reverse("connections:edit", args=[connection.pk]),
        "connection": connection,
        "key": key,
        "key_notes": key_notes(key, project, of=connection) if key else [],
        "datasets": datasets_of(request, in_use, project),
        "test": test,
        "steps": steps_of(test) if test else [],
        "excess": excess_of(test) if test else [],
        "guide": guide_of(form.shown, in_use),
        "key_source": open_tab(request, form),
    }
    fragment = "connections/_database_form.html"
    return render(request, fragment if is_htmx(request) else "connections/edit.html", context)


_ACTIONS = {"read_key": _read_key, "keep_key": _keep_key, "test": _test, "look": _render}
