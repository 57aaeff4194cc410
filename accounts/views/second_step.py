"""One's own second step: set up, recovery codes, turned off; after the password only."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import sessions
from accounts.forms import CodeForm, CurrentPasswordForm
from accounts.models import User
from accounts.people import user_of
from accounts.permissions import member_required
from accounts.services import second_step as steps
from accounts.services.passwords import CurrentPasswordWrong

_QR_SCALE = 5


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def second_step(request: HttpRequest) -> HttpResponse:
    user, action = user_of(request), request.POST.get("action", "")
    try:
        sessions.demand_confirmed(request, user)
    except sessions.NotConfirmed as refusal:
        return _ask_who_is_there(request, user, refusal)
    if action == "begin":
        steps.begin(user=user, now=timezone.now())
        return redirect("accounts:second_step")
    if action == "cancel":
        steps.cancel(user=user)
        return redirect("accounts:account")
    form = CodeForm(request.POST if action in _WITH_CODE else None)
    if form.is_valid():
        try:
            return _WITH_CODE[action](request, user, form.cleaned_data["code"])
        except steps.CodeRefused as refusal:
            form.add_error("code", str(refusal))
    return render(request, "accounts/second_step.html", _context(request, user, form))


@sensitive_variables()
def _ask_who_is_there(
    request: HttpRequest, user: User, refusal: sessions.NotConfirmed
) -> HttpResponse:
    """The password once more. Who has none signs in once more."""
    asked = request.POST if request.POST.get("action") == "password" else None
    form = CurrentPasswordForm(asked) if user.has_usable_password() else None
    if form and form.is_valid():
        password = form.cleaned_data["current_password"]
        try:
            sessions.confirm(request, user, password=password, now=timezone.now())
        except CurrentPasswordWrong as wrong:
            form.add_error("current_password", str(wrong))
        else:
            return redirect("accounts:second_step")
    context = {"who": form, "sentence": str(refusal), "is_demanded": sessions.must_set_up(request)}
    return render(request, "accounts/second_step.html", {**context, "is_unsure": True})


@sensitive_variables()
def _context(request: HttpRequest, user: User, form: CodeForm) -> dict[str, object]:
    pairing = steps.pairing(user)
    qr = segno.make(pairing.uri, error="m") if pairing else None
    return {
        "form": form,
        "is_on": steps.is_on(user),
        "is_demanded": sessions.must_set_up(request),
        "codes_left": steps.codes_left(user),
        # An image of its own, as data: it needs no inline style, and nothing else is asked for.
        "qr": qr.svg_data_uri(scale=_QR_SCALE, light="#fff") if qr else "",
        "seed": _in_fours(pairing.seed) if pairing else "",
    }


@sensitive_variables()
def _confirm(request: HttpRequest, user: User, code: str) -> HttpResponse:
    codes = steps.confirm(user=user, code=code, now=timezone.now())
    sessions.is_set_up(request)
    return _show_codes(request, codes, is_new=True)


@sensitive_variables()
def _renew(request: HttpRequest, user: User, code: str) -> HttpResponse:
    codes = steps.renew_codes(user=user, code=code, now=timezone.now())
    return _show_codes(request, codes, is_new=False)


@sensitive_variables()
def _turn_off(request: HttpRequest, user: User, code: str) -> HttpResponse:
    steps.turn_off(user=user, code=code, now=timezone.now())
    messages.success(request, "Your second step is off.")
    return redirect("accounts:account")


_WITH_CODE = {"confirm": _confirm, "renew": _renew, "off": _turn_off}


@sensitive_variables()
def _show_codes(request: HttpRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    """Shown in the answer itself, once: they are kept in no session and no message."""
    context = {"codes": "\n".join(codes), "count": len(codes), "is_new": is_new}
    return render(request, "accounts/recovery_codes.html", context)


@sensitive_variables()
def _in_fours(seed: str) -> str:
    return " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))
