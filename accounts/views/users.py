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
from accounts.services.links import PersonInactive
from accounts.services.people import EmailTaken

PAGE_SIZE = 50


@sensitive_variables("invitation")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def users(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            invitation = add_person(**form.cleaned_data, by=user_of(request), now=timezone.now())
        except EmailTaken as refusal:
            form.add_error("email", str(refusal))
        else:
            return _show_link(request, invitation.user, invitation.path, is_new=True)
    people = Paginator(User.objects.order_by("email", "id"), PAGE_SIZE)
    page = people.get_page(request.GET.get("page"))
    return render(request, "accounts/users.html", {"form": form, "page": page})


@sensitive_variables("path")
@never_cache
@require_POST
@admin_required
def user_link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    try:
        path = make_sign_in_link(user=user, now=timezone.now(), by=user_of(request))
    except PersonInactive as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:users")
    return _show_link(request, user, path, is_new=False)


@sensitive_variables("path")
def _show_link(request: HttpRequest, user: User, path: str, *, is_new: bool) -> HttpResponse:
    """Shown in the answer itself, once: a link is kept in no session and no message."""
    context = {
        "person": user,
        "link": f"{settings.PUBLIC_URL}{path}",
        "minutes": settings.SIGN_IN_LINK_MINUTES,
        "is_new": is_new,
    }
    return render(request, "accounts/user_link.html", context)
