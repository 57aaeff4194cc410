"""The key of a posted form: read once, kept as a draft, named by its id from then on."""

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.people import user_of
from connections import uploads
from connections.forms import DatabaseForm
from connections.models import Connection, StoredKey
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
        raw: bytes | str = uploads.read_small(request, "key_file") or pasted
        if not raw.strip():
            return Intake(data, old)
        key = key_services.store_draft(raw=raw, by=user_of(request), now=now)
    except KeyRefused as refusal:
        return Intake(data, old, refusal)
    data["key_draft"] = str(key.pk)
    if not data.get("project_id", "").strip():
        data["project_id"] = key.project_id
    return Intake(data, key)


def say_refusal(request: HttpRequest, form: DatabaseForm, refusal: KeyRefused | None) -> None:
    """Put the refusal beside the tab that the key came by."""
    if refusal is not None:
        by_file = request.FILES or uploads.was_too_large(request)
        words = f"{refusal.sentence} {refusal.cure}".strip()
        form.add_error("key_file" if by_file else "key_text", words)


def key_notes(
    form: DatabaseForm, key: StoredKey, *, of: Connection | None = None
) -> list[dict[str, str]]:
    """What is worth saying about a key that was read, for the connection ``of`` or a new one."""
    notes = [{"tone": "info", "text": sentence} for sentence in key.repairs]
    project = (form["project_id"].value() or "").strip()
    if project and project != key.project_id:
        text = (
            f"The key belongs to project {key.project_id}, and the Project ID says "
            f"{project}. That works if the key has its roles there."
        )
        notes.append({"tone": "warn", "text": text})
    if of is not None and key.public_fingerprint == of.key.public_fingerprint:
        text = "This is the key that is in force already. Saving changes nothing about it."
        notes.append({"tone": "info", "text": text})
    same = [found for found in key_services.connections_with_same_key(key) if found != of]
    if same:
        names = ", ".join(f"“{connection.name}”" for connection in same)
        notes.append({"tone": "warn", "text": f"The same key is already used by {names}."})
    return notes
