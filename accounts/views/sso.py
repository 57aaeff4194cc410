"""Single sign-on: to the provider, and back. Open to everybody, where it is configured."""

import time
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from accounts import sessions, sso, trail
from accounts.services.sso import NotLetIn, client, person_of
from accounts.views.sign_in import next_page

logger = structlog.get_logger(__name__)

_STARTED = "single_sign_on"
_WAITING_SECONDS = 600
REFUSED, UNAVAILABLE = 403, 503


@sensitive_variables()
@never_cache
@login_not_required
@require_safe
def sso_begin(request: HttpRequest) -> HttpResponse:
    _demand_configured()
    try:
        start = sso.begin(client())
    except sso.ProviderUnavailable as trouble:
        return _refuse(request, trouble)
    request.session[_STARTED] = {
        "state": start.state,
        "nonce": start.nonce,
        "verifier": start.verifier,
        "at": time.time(),
        "goes_to": next_page(request),
    }
    return redirect(start.url)


@sensitive_variables()
@never_cache
@login_not_required
@require_safe
def sso_end(request: HttpRequest) -> HttpResponse:
    _demand_configured()
    started, name = request.session.pop(_STARTED, None), ""  # good for one answer
    try:
        identity = sso.finish(client(), _start(started), request.GET.dict())
        name = identity.email
        person = person_of(identity)
    except (sso.ProviderRefused, sso.ProviderUnavailable, NotLetIn) as refusal:
        return _refuse(request, refusal, name=name)
    goes_to = started["goes_to"]
    sessions.admit(request, person, by=sessions.SINGLE_SIGN_ON, goes_to=goes_to)
    return redirect(goes_to)


@sensitive_variables()
def _start(started: dict[str, Any] | None) -> sso.Start:
    if not started or time.time() - started["at"] > _WAITING_SECONDS:
        raise sso.ProviderRefused("nobody has begun here, or too long ago")
    return sso.Start("", started["state"], started["nonce"], started["verifier"])


def _demand_configured() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404


def _refuse(request: HttpRequest, refusal: Exception, *, name: str = "") -> HttpResponse:
    """``name`` is the e-mail address that the provider vouches for, if it came so far."""
    why = getattr(refusal, "why", str(refusal))
    logger.warning("single sign-on refused", why=why)
    is_away = isinstance(refusal, sso.ProviderUnavailable)
    # The session has changed if somebody had begun here: who only calls the address fills no table.
    if not is_away and request.session.modified:
        after = {"by": sessions.SINGLE_SIGN_ON, "reason": why}
        trail.record_refused_sign_in(action="sign-in refused", after=after, name=name)
    status = UNAVAILABLE if is_away else REFUSED
    return render(request, "accounts/sso_refused.html", {"refusal": str(refusal)}, status=status)
