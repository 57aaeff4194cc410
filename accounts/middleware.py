"""What every request needs before its view: the client's address, a person, their time zone.

Must not decide what a person may do: accounts.permissions does.
"""

import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts import address, sessions
from accounts.models import User
from accounts.services import door, rules
from accounts.too_many import too_many

Answer = Callable[[HttpRequest], HttpResponse]
# Sent by static/js/poll.js with what a page asks by itself.
POLL_HEADER = "X-Poll"
# Packages whose views are about BigQuery; only accounts and the frame are not.
_GATED = {"connections", "imports"}


def client_address(get_response: Answer) -> Answer:
    """Keeps the client's address at hand for the trail. Stands first."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with address.acting_from(address.client_address(request)):
            return get_response(request)

    return middleware


def front_door(get_response: Answer) -> Answer:
    """Refuses the tries of a flood before a body, a session or the database is touched (ADR 39).

    Stands behind what sets headers and in front of everything that costs.
    """
    sign_in = reverse("accounts:sign_in")

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path == sign_in:
            refusal = sessions.refused_at_the_door(request)
            return too_many(refusal) if refusal else get_response(request)
        door.write_down(what_is_due=True)
        return get_response(request)

    return middleware


def viewer_time_zone(get_response: Answer) -> Answer:
    """Shows dates in the zone of the person who looks. Stands after authentication."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone_of(request.user)):
            return get_response(request)

    return middleware


class Sessions(SessionMiddleware):
    """Sessions that no page keeps alive by asking for its own news.

    Every request moves the idle time-out on, but a poll is nobody's doing: a run's page that
    somebody left open would keep them signed in for ever.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if POLL_HEADER in request.headers and not request.session.modified:
            patch_vary_headers(response, ("Cookie",))
            return response
        return super().process_response(request, response)


class SignInRequired(LoginRequiredMiddleware):
    """Sends who is not signed in to sign in, and back to the *page* they were on.

    Django's own would send them back to the address of a button or of a page fragment.
    """

    def handle_no_permission(  # type: ignore[override]  # the stubs know of redirects only
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        return _redirect(request, redirect_to_login(_page_of(request), str(settings.LOGIN_URL)).url)


def session_limits(get_response: Answer) -> Answer:
    """Ends a session that is too old, and holds one whose person must set a second step up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return get_response(request)
        if sessions.is_too_old(request):
            sessions.end_session(request)  # SignInRequired sends them to sign in
        elif sessions.must_set_up(request) and request.path not in _open_while_setting_up():
            return _redirect(request, reverse("accounts:second_step"))
        return get_response(request)

    return middleware


class BigQueryGate(MiddlewareMixin):
    """Pages of BigQuery open only for whom it is switched on (product §11)."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], *_: Any
    ) -> HttpResponse | None:
        if view_func.__module__.partition(".")[0] not in _GATED:
            return None
        if not isinstance(request.user, User) or rules.may_use_bigquery(request.user):
            return None
        return render(request, "accounts/bigquery_off.html", status=403)


def _open_while_setting_up() -> set[str]:
    return {reverse("accounts:second_step"), reverse("accounts:sign_out")}


def _redirect(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if "HX-Request" in request.headers else redirect(url)


def _zone_of(user: object) -> zoneinfo.ZoneInfo | None:
    """The person's zone; None (UTC) for nobody, and for a name the machine does not know."""
    if not isinstance(user, User):
        return None
    try:
        return zoneinfo.ZoneInfo(user.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _page_of(request: HttpRequest) -> str:
    """The page that the browser shows: for a form or a fragment it is where that stands."""
    shown = request.headers.get("HX-Current-URL", "")
    if not shown and request.method not in {"GET", "HEAD"}:
        shown = request.headers.get("Referer", "/")
    if not shown:
        return request.get_full_path()
    if not url_has_allowed_host_and_scheme(shown, {request.get_host()}):
        return "/"
    parts = urlsplit(shown)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
