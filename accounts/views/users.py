"""Settings / Users: who is here, add somebody, a fresh link for somebody. Admins only."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PersonForm
from accounts.models import User
from accounts.people import user_of
from accounts.permissions import admin_required
from accounts.services import add_person, make_sign_in_link
from accounts.services.links import PersonInactive, Purpose, in_words, lifetime
from accounts.services.people import EmailTaken
from accounts.services.second_step import NotForOneself

PAGE_SIZE = 50


@sensitive_variables("invitation")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def users(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _add(request, form)
        except EmailTaken as refusal:
            form.add_error("email", str(refusal))
    everybody = User.objects.select_related("second_step").order_by("email", "id")
    page = Paginator(everybody, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "sends_mail": settings.SENDS_MAIL}
    return render(request, "accounts/users.html", context)


@sensitive_variables("path")
@never_cache
@require_POST
@admin_required
def user_link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    purpose = _ASKED_FOR.get(request.POST.get("purpose", ""), Purpose.SIGN_IN)
    now, by = timezone.now(), user_of(request)
    try:
        path = make_sign_in_link(user=user, now=now, by=by, purpose=purpose)
    except (PersonInactive, NotForOneself) as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:users")
    return _show_link(request, user, path, purpose)


_ASKED_FOR = {"reset": Purpose.RESET}


@sensitive_variables("invitation")
def _add(request: HttpRequest, form: PersonForm) -> HttpResponse:
    by_mail = settings.SENDS_MAIL and request.POST.get("how") == "mail"
    invitation = add_person(
        **form.cleaned_data, by=user_of(request), now=timezone.now(), by_mail=by_mail
    )
    if not by_mail:
        return _show_link(request, invitation.user, invitation.path, Purpose.INVITATION)
    messages.success(request, f"An invitation is on its way to {invitation.user.email}.")
    return redirect("accounts:users")


@sensitive_variables("path")
def _show_link(request: HttpRequest, user: User, path: str, purpose: Purpose) -> HttpResponse:
    """Shown in the answer itself, once: a link is kept in no session and no message."""
    context = {
        "person": user,
        "link": f"{settings.PUBLIC_URL}{path}",
        "kind": purpose.label,
        "lasts": in_words(lifetime(purpose)),
        "is_new": purpose is Purpose.INVITATION,
        "is_reset": purpose is Purpose.RESET,
    }
    return render(request, "accounts/user_link.html", context)
