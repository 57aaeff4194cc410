"""The ways in and out: password, second step, sign-out. Open to everybody."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts import address, sessions
from accounts.forms import CodeForm, ResetForm, SignInForm
from accounts.known_browsers import remember
from accounts.models import User
from accounts.services import ask_for_reset
from accounts.services.second_step import CodeRefused
from accounts.services.tallies import TooManyTries
from accounts.too_many import too_many


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and request.user.is_authenticated:
        return redirect(next_page(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            person = sessions.sign_in_with_password(request, **form.cleaned_data)
        except TooManyTries as refusal:
            return too_many(refusal)
        except sessions.SignInRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _let_in(request, person)
    context = {
        "form": form,
        "next": next_page(request),
        "sso_label": settings.OIDC_LABEL if settings.OIDC_ISSUER else "",
    }
    return render(request, "accounts/sign_in.html", context)


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    waiting = sessions.waits_for_second_step(request)
    if waiting is None:
        return redirect("accounts:sign_in")
    person, goes_to = waiting
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            sessions.take_second_step(request, person, code=code, now=timezone.now())
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect(goes_to)
    return render(request, "accounts/sign_in_code.html", {"form": form, "email": person.email})


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgot_password(request: HttpRequest) -> HttpResponse:
    form = ResetForm(request.POST if request.method == "POST" else None)
    is_sent = False
    if settings.SENDS_MAIL and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            ask_for_reset(email=email, address=address.current(), now=timezone.now())
        except TooManyTries as refusal:
            form.add_error("email", str(refusal))
        else:
            is_sent = True
    context = {
        "form": form,
        "is_sent": is_sent,
        "sends_mail": settings.SENDS_MAIL,
        "minutes": settings.RESET_LINK_MINUTES,
    }
    return render(request, "accounts/forgot_password.html", context)


@never_cache
@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.end_session(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def next_page(request: HttpRequest) -> str:
    """Where the person wanted to go: a page of ours, or the first one."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(asked, hosts, require_https=request.is_secure()):
        return asked
    return settings.LOGIN_REDIRECT_URL


def _let_in(request: HttpRequest, person: User) -> HttpResponse:
    goes_to = next_page(request)
    is_in = sessions.admit(request, person, by="password", goes_to=goes_to)
    response = redirect(goes_to if is_in else "accounts:sign_in_code")
    remember(request, response, name=person.email)
    return response
