"""One's own account: time zone and password."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import sessions
from accounts.forms import PasswordForm, TimeZoneForm
from accounts.people import user_of
from accounts.permissions import member_required
from accounts.services import change_password, choose_time_zone
from accounts.services.passwords import CurrentPasswordWrong, PasswordRefused


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def account(request: HttpRequest) -> HttpResponse:
    action = request.POST.get("action") if request.method == "POST" else None
    zone = TimeZoneForm(
        request.POST if action == "time_zone" else None,
        initial={"time_zone": user_of(request).time_zone},
    )
    password = PasswordForm(
        request.POST if action == "password" else None,
        has_password=user_of(request).has_usable_password(),
    )
    if zone.is_valid():
        return _choose_time_zone(request, zone)
    if password.is_valid() and _change_password(request, password):
        messages.success(request, "Your new password is set. Other sessions of yours have ended.")
        return redirect("accounts:account")
    context = {"zone_form": zone, "password_form": password}
    return render(request, "accounts/account.html", context)


def _choose_time_zone(request: HttpRequest, form: TimeZoneForm) -> HttpResponse:
    choose_time_zone(user=user_of(request), time_zone=form.cleaned_data["time_zone"])
    messages.success(request, "Dates are now shown in your time zone.")
    return redirect("accounts:account")


@sensitive_variables()
def _change_password(request: HttpRequest, form: PasswordForm) -> bool:
    user = user_of(request)
    try:
        if not user.has_usable_password():
            sessions.demand_confirmed(request, user)  # or an open browser would be a way in
        change_password(
            user=user,
            current=form.cleaned_data.get("current_password", ""),
            password=form.cleaned_data["new_password"],
            now=timezone.now(),
        )
    except sessions.NotConfirmed as refusal:
        form.add_error(None, str(refusal))
        return False
    except CurrentPasswordWrong as refusal:
        form.add_error("current_password", str(refusal))
        return False
    except PasswordRefused as refusal:
        for sentence in refusal.sentences:
            form.add_error("new_password", sentence)
        return False
    sessions.keep_session(request, user)
    return True
