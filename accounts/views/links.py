"""What a link leads to: a button that signs in, or a form for a new password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import sessions
from accounts.forms import NewPasswordForm
from accounts.models import SignInLink, User
from accounts.services import reset_password, use_sign_in_link
from accounts.services.links import LinkRefused, check_link
from accounts.services.passwords import PasswordRefused

GONE = 410


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """No address of this page stands in any request that follows from it (ADR 7).

    Not ``no-referrer``: under it browsers send ``Origin: null`` with the form, and Django's
    CSRF check rightly refuses that. ``strict-origin`` leaves out the path, and the token.
    """
    try:
        response = _answer(request, token)
    except LinkRefused as refusal:
        response = _page(request, {"refusal": str(refusal)}, status=GONE)
    response["Referrer-Policy"] = "strict-origin"
    return response


@sensitive_variables()
def _answer(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        link = check_link(token=token, now=now)
    except LinkRefused:
        if request.method == "POST":
            use_sign_in_link(token=token, now=now)  # refuses again, and puts it into the trail
        raise
    if link.purpose == SignInLink.Purpose.RESET:
        return _reset(request, token, link.user)
    if request.method != "POST":
        return _page(request, {"person": link.user, "is_invited": _is_invitation(link)})
    return _let_in(request, use_sign_in_link(token=token, now=now))


@sensitive_variables()
def _reset(request: HttpRequest, token: str, person: User) -> HttpResponse:
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        password = form.cleaned_data["new_password"]
        try:
            person = reset_password(token=token, password=password, now=timezone.now())
        except PasswordRefused as refusal:
            for sentence in refusal.sentences:
                form.add_error("new_password", sentence)
        else:
            messages.success(request, "Your new password is set. Other sessions have ended.")
            return _let_in(request, person)
    return render(request, "accounts/reset_password.html", {"form": form, "person": person})


def _let_in(request: HttpRequest, person: User) -> HttpResponse:
    goes_to = settings.LOGIN_REDIRECT_URL
    if not sessions.admit(request, person, by="link", goes_to=goes_to):
        return redirect("accounts:sign_in_code")
    if not person.has_usable_password():
        messages.info(request, "Under your e-mail address you can set a password for next time.")
    return redirect(goes_to)


def _is_invitation(link: SignInLink) -> bool:
    return link.purpose == SignInLink.Purpose.INVITATION


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, "accounts/sign_in_link.html", context, status=status)
