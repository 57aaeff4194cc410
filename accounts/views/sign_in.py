"""The ways in and out: password, link, sign-out. Open to everybody."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.forms import SignInForm
from accounts.services import check_sign_in_link, use_sign_in_link
from accounts.services.links import LinkRefused

GONE = 410


@sensitive_variables("form")
@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and request.user.is_authenticated:
        return redirect(_next_page(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            sessions.sign_in_with_password(request, **form.cleaned_data)
        except sessions.SignInRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(_next_page(request))
    return render(request, "accounts/sign_in.html", {"form": form, "next": _next_page(request)})


@sensitive_variables("token")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        if request.method != "POST":
            person = check_sign_in_link(token=token, now=now)
            return _without_referrer(_link_page(request, {"email": person.email}))
        person = use_sign_in_link(token=token, now=now)
    except LinkRefused as refusal:
        return _without_referrer(_link_page(request, {"refusal": str(refusal)}, status=GONE))
    sessions.open_session(request, person)
    if not person.has_usable_password():
        messages.info(request, "Under your e-mail address you can set a password for next time.")
    return _without_referrer(redirect(settings.LOGIN_REDIRECT_URL))


@never_cache
@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.end_session(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _link_page(request: HttpRequest, context: dict[str, str], status: int = 200) -> HttpResponse:
    return render(request, "accounts/sign_in_link.html", context, status=status)


def _without_referrer(response: HttpResponse) -> HttpResponse:
    """No address of this page in any request that follows from it (ADR 7).

    Not ``no-referrer``: under it browsers send ``Origin: null`` with the form, and Django's
    CSRF check rightly refuses that. ``strict-origin`` leaves out the path, and the token.
    """
    response["Referrer-Policy"] = "strict-origin"
    return response


def _next_page(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(asked, hosts, require_https=request.is_secure()):
        return asked
    return settings.LOGIN_REDIRECT_URL
