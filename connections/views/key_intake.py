"""The key of a posted form: read once, kept as a draft, named by its id from then on."""

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.people import user_of
from connections import uploads
from connections.forms import DatabaseForm
from connections.models import StoredKey
from connections.service_account import KeyRefused
from connections.services import keys as key_services
from connections.views.datasets import to_uuid


@dataclass(frozen=True)
class Intake:
    """The posted words without the key, the key as a draft or None, why it was refused."""

    data: QueryDict
    key: StoredKey | None
    refusal: KeyRefused | None = None


@sensitive_variables()
def take_key(request: HttpRequest) -> Intake:
    """A new key if one was sent, else the draft that the form still names."""
    data = request.POST.copy()
    pasted = data.pop("key_text", [""])[-1]
    now = timezone.now()
    old = key_services.draft_of(
        draft_id=to_uuid(data.get("key_draft", "")), by=user_of(request), now=now
    )
    try:
        raw = _sent_key(request, pasted)
        if not raw.strip():
            return Intake(data, old)
        key = key_services.store_draft(raw=raw, by=user_of(request), now=now)
    except KeyRefused as refusal:
        return Intake(data, old, refusal)
    data["key_draft"] = str(key.pk)
    if not data.get("project_id", "").strip():
        data["project_id"] = key.project_id
    return Intake(data, key)


@sensitive_variables()
def _sent_key(request: HttpRequest, pasted: str) -> bytes | str:
    """The key from the tab that is open; the other one's, if this one is empty."""
    if request.POST.get("key_source") == "custom" and pasted.strip():
        return pasted
    return uploads.read_small(request, "key_file") or pasted


def key_field(request: HttpRequest) -> str:
    """Where a sentence about the key belongs: the tab that was read, else the open one."""
    is_file = bool(request.FILES) or uploads.was_too_large(request)
    is_text = bool(request.POST.get("key_text", "").strip())
    if (is_file and is_text) or not (is_file or is_text):
        return "key_text" if request.POST.get("key_source") == "custom" else "key_file"
    return "key_text" if is_text else "key_file"


def say_refusal(request: HttpRequest, form: DatabaseForm, refusal: KeyRefused | None) -> None:
    """Put the refusal beside the tab that the key came by."""
    if refusal is not None:
        form.add_error(key_field(request), str(refusal))


def open_tab(request: HttpRequest, form: DatabaseForm) -> str:
    """The tab that was open; the one with the error, if there is an error."""
    if form.is_bound and form.has_error("key_file"):
        return "file"
    if form.is_bound and form.has_error("key_text"):
        return "custom"
    return request.POST.get("key_source", "file")
