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
from connections.htmx import go_to, is_htmx
from connections.models import Connection, ConnectionTest, StoredKey
from connections.service_account import KeyRefused
from connections.services import connections as connection_services
from connections.services import keys as key_services
from connections.services import tests as test_services
from connections.views.datasets import datasets_of, to_uuid
from connections.views.guide import guide_of
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
        form.add_error(_key_field(request), _refusal_words(refusal))
    handle = {"read_key": _read_key, "test": _test}.get(action, _save)
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
        raw: bytes | str = uploads.read_small(request, "key_file") or pasted
        if not raw.strip():
            return data, old, None
        key = key_services.store_draft(raw=raw, by=user_of(request), now=now)
    except KeyRefused as refusal:
        return data, old, refusal
    data["key_draft"] = str(key.pk)
    if not data.get("project_id", "").strip():
        data["project_id"] = key.project_id
    return data, key, None


def _read_key(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    if key is None and not form.errors:
        form.add_error("key_file", "Choose the key file, or paste the key, first.")
    return _render(request, form, key)


def _test(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    if not _is_complete(form, key) or key is None:
        return _render(request, form, key)
    subject = test_services.Subject(
        key=key,
        project_id=form.cleaned_data["project_id"],
        dataset_id=form.cleaned_data["dataset_id"],
        access=form.cleaned_data["access"],
    )
    try:
        test = test_services.request_test(subject=subject, by=user_of(request), now=timezone.now())
    except test_services.TooManyTests as refusal:
        form.add_error(None, str(refusal))
        return _render(request, form, key)
    return _render(request, form, key, test=test)


def _save(request: HttpRequest, form: DatabaseForm, key: StoredKey | None) -> HttpResponse:
    if not _is_complete(form, key) or key is None:
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
        form.add_error("connection_name", str(refusal))
        return _render(request, form, key)
    except connection_services.KeyDraftGone as refusal:
        form.add_error("key_file", str(refusal))
        return _render(request, form, None)
    _say_saved(request, connection)
    return go_to(request, connection.get_absolute_url())


def _is_complete(form: DatabaseForm, key: StoredKey | None) -> bool:
    if key is None and not form.has_error("key_file") and not form.has_error("key_text"):
        form.add_error("key_file", "Upload the service account key, or paste it.")
    return form.is_valid()


def _say_saved(request: HttpRequest, connection: Connection) -> None:
    newest = connection.tests.newest_first().first()
    if newest is not None and newest.verdict == ConnectionTest.Verdict.VERIFIED:
        messages.success(request, f"“{connection.name}” is saved and verified.")
    else:
        messages.warning(request, f"“{connection.name}” is saved, not verified.")


def _render(
    request: HttpRequest,
    form: DatabaseForm,
    key: StoredKey | None,
    *,
    test: ConnectionTest | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "key": key,
        "datasets": datasets_of(request, key, form["project_id"].value() or ""),
        "key_notes": _key_notes(form, key) if key else [],
        "test": test,
        "steps": steps_of(test) if test else [],
        "guide": guide_of(form.data or request.GET, key),
        "key_source": request.POST.get("key_source", "file"),
    }
    fragment = "connections/_database_form.html"
    return render(request, fragment if is_htmx(request) else "connections/add.html", context)


def _key_notes(form: DatabaseForm, key: StoredKey) -> list[dict[str, str]]:
    """What is worth saying about a key that was read."""
    notes = [{"tone": "info", "text": sentence} for sentence in key.repairs]
    project = form["project_id"].value() or ""
    if project.strip() and project.strip() != key.project_id:
        text = (
            f"The key belongs to project {key.project_id}, and the Project ID says "
            f"{project.strip()}. That works if the key has its roles there."
        )
        notes.append({"tone": "warn", "text": text})
    same = key_services.connections_with_same_key(key)
    if same:
        names = ", ".join(f"“{connection.name}”" for connection in same)
        notes.append({"tone": "warn", "text": f"The same key is already used by {names}."})
    return notes


def _refusal_words(refusal: KeyRefused) -> str:
    return f"{refusal.sentence} {refusal.cure}".strip()


def _key_field(request: HttpRequest) -> str:
    return "key_file" if request.FILES or uploads.was_too_large(request) else "key_text"
