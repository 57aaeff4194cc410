"""Add Database: one form, three buttons, and nothing typed is ever lost."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.people import user_of
from accounts.permissions import admin_required
from connections import uploads
from connections.forms import DatabaseForm
from connections.guide import guide
from connections.htmx import go_to, is_htmx, shown_below
from connections.models import Connection, ConnectionTest, StoredKey
from connections.service_account import KeyRefused
from connections.services import connections as connection_services
from connections.services import keys as key_services
from connections.services import tests as test_services
from connections.views.datasets import datasets_of, key_notes, to_uuid
from connections.views.tests import steps_of


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def database_add(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _render(request, DatabaseForm(), None)
    data, key, refusal = _take_key(request)
    action = data.get("action", "save")
    form = DatabaseForm(data)
    form.check_for(action)
    if refusal is not None:
        form.add_error(_key_field(request), str(refusal))
    handle = {"read_key": _read_key, "test": _test, "look": _render}.get(action, _save)
    return handle(request, form, key)


@sensitive_variables()
def _take_key(request: HttpRequest) -> tuple[QueryDict, StoredKey | None, KeyRefused | None]:
    """The posted words without the key, and the key as a draft: a new one, or the old one."""
    data = request.POST.copy()
    pasted = data.pop("key_text", [""])[-1]
    now = timezone.now()
    old = key_services.draft_of(
        draft_id=to_uuid(data.get("key_draft", "")), by=user_of(request), now=now
    )
    try:
        raw = _sent_key(request, pasted)
        if not raw.strip():
            return data, old, None
        key = key_services.store_draft(raw=raw, by=user_of(request), now=now)
    except KeyRefused as refusal:
        return data, old, refusal
    data["key_draft"] = str(key.pk)
    if not data.get("project_id", "").strip():
        data["project_id"] = key.project_id
    return data, key, None


@sensitive_variables()
def _sent_key(request: HttpRequest, pasted: str) -> bytes | str:
    """The key from the tab that is open; the other one's, if this one is empty."""
    if request.POST.get("key_source") == "custom" and pasted.strip():
        return pasted
    return uploads.read_small(request, "key_file") or pasted


def _read_key(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    if key is None and not form.errors:
        form.add_error(_key_field(request), "Choose the key file, or paste the key, first.")
    return _render(request, form, key)


def _test(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    subject = _subject(form, key)
    if not _is_complete(request, form, key) or subject is None:
        return _render(request, form, key)
    try:
        test_services.request_test(subject=subject, by=user_of(request), now=timezone.now())
    except test_services.TooManyTests as refusal:
        form.add_error(None, str(refusal))
    answer = _render(request, form, key)
    return shown_below(answer, "#test") if form.is_valid() else answer


def _save(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    saved = _saved_already(request, form)
    if saved is not None:
        return go_to(request, saved.get_absolute_url())
    if not _is_complete(request, form, key) or key is None:
        return _render(request, form, key)
    details = connection_services.Details(
        name=form.cleaned_data["connection_name"],
        project_id=form.cleaned_data["project_id"],
        dataset_id=form.cleaned_data["dataset_id"],
        access=form.cleaned_data["access"],
    )
    try:
        connection = connection_services.create_connection(
            details=details, key=key, by=user_of(request), now=timezone.now()
        )
    except connection_services.NameTaken as refusal:
        saved = _saved_already(request, form)  # by the other of two presses, just now
        if saved is not None:
            return go_to(request, saved.get_absolute_url())
        form.add_error("connection_name", str(refusal))
        return _render(request, form, key)
    except connection_services.KeyDraftGone as refusal:
        form.add_error(_key_field(request), str(refusal))
        return _render(request, form, None)
    _say_saved(request, connection)
    return go_to(request, connection.get_absolute_url())


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
        form.add_error(_key_field(request), gone or missing)
    return form.is_valid()


def _subject(form: DatabaseForm, key: StoredKey | None) -> test_services.Subject | None:
    """What the form says is to be tested, once it says all of it."""
    if key is None or not form.is_bound:
        return None
    told = form.cleaned_data
    place = {name: told.get(name, "") for name in ("project_id", "dataset_id", "access")}
    return test_services.Subject(key=key, **place) if all(place.values()) else None


def _say_saved(request: HttpRequest, connection: Connection) -> None:
    newest = connection.tests.newest_first().first()
    if newest is not None and newest.verdict == ConnectionTest.Verdict.VERIFIED:
        messages.success(request, f"“{connection.name}” is saved and verified.")
    else:
        messages.warning(request, f"“{connection.name}” is saved, not verified.")


def _render(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    subject = _subject(form, key)
    test = test_services.newest_of(subject) if subject else None
    context: dict[str, Any] = {
        "form": form,
        "key": key,
        "datasets": datasets_of(request, key, form["project_id"].value() or ""),
        "key_notes": key_notes(key, form["project_id"].value() or "") if key else [],
        "test": test,
        "steps": steps_of(test) if test else [],
        "guide": guide(
            project_id=form["project_id"].value() or "",
            dataset_id=form["dataset_id"].value() or "",
            email=key.client_email if key else "",
        ),
        "key_source": _open_tab(request, form),
    }
    fragment = "connections/_database_form.html"
    return render(request, fragment if is_htmx(request) else "connections/add.html", context)


def _open_tab(request: HttpRequest, form: DatabaseForm) -> str:
    """The tab that was open; the one with the error, if there is an error."""
    if form.is_bound and form.has_error("key_file"):
        return "file"
    if form.is_bound and form.has_error("key_text"):
        return "custom"
    return request.POST.get("key_source", "file")


def _key_field(request: HttpRequest) -> str:
    """Where a sentence about the key belongs: the tab that was read, else the open one."""
    is_file = bool(request.FILES) or uploads.was_too_large(request)
    is_text = bool(request.POST.get("key_text", "").strip())
    if (is_file and is_text) or not (is_file or is_text):
        return "key_text" if request.POST.get("key_source") == "custom" else "key_file"
    return "key_text" if is_text else "key_file"
