"""The gallery's pages: all components, and what needs a window or an overlay of its own."""

from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from clevertap_bq.gallery import (
    charts,
    first_steps,
    forms,
    frame,
    lists,
    live,
    overlays,
    runs,
    status,
)
from clevertap_bq.gallery.contents import Group
from clevertap_bq.gallery.usage import lines_of_use
from clevertap_bq.gallery.words import ARABIC, CHINESE, SENTENCE, UNBROKEN

ERROR_PAGES = {"forbidden": "403.html", "missing": "404.html", "failed": "500.html"}


def groups() -> tuple[Group, ...]:
    """Every section, from the small to the large."""
    return (
        *frame.group(),
        status.group(),
        *forms.group(),
        lists.group(),
        first_steps.group(),
        *runs.group(),
        live.group(),
        charts.group(),
        *overlays.group(),
    )


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    uses = lines_of_use()
    shown = [(group, [(one, uses.get(one.name)) for one in group.components]) for group in groups()]
    return render(request, "gallery.html", {"groups": shown})


@require_safe
def frame_page(request: HttpRequest) -> HttpResponse:
    """Show the frame in one state: ``?state=long``."""
    state = request.GET.get("state", "")
    if page := ERROR_PAGES.get(state):
        return render(request, page)
    if state == "signed-out":
        return render(request, "gallery/signed_out.html", {"user": None})
    context = {"tabs": frame.TABS, "openers": overlays.openers(), **_frame(state)}
    return render(request, "gallery/frame.html", context)


def _frame(state: str) -> dict[str, Any]:
    if state == "messages":
        levels = (messages.SUCCESS, messages.INFO, messages.WARNING, messages.ERROR)
        return {
            "messages": [Message(level, overlays.SAVED) for level in levels],
            "delays": ["No worker has answered for 2 minutes: tests and imports wait."],
        }
    if state == "long":
        return {
            "user": User(email=f"{UNBROKEN}@example.com", role="admin"),
            "messages": [Message(messages.INFO, UNBROKEN)],
            "project_name": SENTENCE,
            "title": f"{UNBROKEN} {ARABIC} {CHINESE}",
            "tabs": frame.MANY_TABS,
        }
    if state == "member":
        return {
            "user": User(email="reader@example.com", role="member"),
            "nav": [{"title": "Partners", "url": "?", "icon": "partners", "active": True}],
        }
    return {}


@require_safe
def dialog(request: HttpRequest) -> HttpResponse:
    """Show a dialog: ``?state=typed``. Alone it is a page, for htmx a fragment."""
    asked = request.GET.get("state")
    state = asked if asked in overlays.DIALOGS else "question"
    typed = request.GET.get("typed_name")
    if typed == "Production":
        return redirect("gallery")
    return _overlay(request, "dialog", {"state": "error" if typed is not None else state})


@require_safe
def pane(request: HttpRequest) -> HttpResponse:
    """Show a side pane: ``?state=long``. Alone it is a page, for htmx a fragment."""
    asked = request.GET.get("state")
    return _overlay(request, "pane", {"state": asked if asked in overlays.PANES else "details"})


def _overlay(request: HttpRequest, kind: str, context: dict[str, Any]) -> HttpResponse:
    template = "gallery/overlay.html"
    if request.headers.get("HX-Request"):
        template = f"gallery/_{kind}.html"
    every = {"kind": kind, "numbers": range(1, 41), "unbroken": UNBROKEN, "sentence": SENTENCE}
    return render(request, template, {**every, **context})
