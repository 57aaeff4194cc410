"""Settings / Users: rules for everybody, and who may do what."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import RulesForm
from accounts.models import Rules
from accounts.people import user_of
from accounts.permissions import admin_required, member_required
from accounts.rights import RIGHTS
from accounts.services.rules import choose_rules


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def rules(request: HttpRequest) -> HttpResponse:
    now = Rules.now()
    initial = {
        "second_step": now.is_second_step_required,
        "bigquery_off_for": now.bigquery_off_for,
    }
    form = RulesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        is_changed = choose_rules(
            is_second_step_required=form.cleaned_data["second_step"],
            bigquery_off_for=form.cleaned_data["bigquery_off_for"],
            by=user_of(request),
        )
        messages.success(request, "Rules are saved." if is_changed else "Nothing was different.")
        return redirect("accounts:rules")
    return render(request, "accounts/rules.html", {"form": form})


@never_cache
@require_safe
@member_required
def roles(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/roles.html", {"groups": RIGHTS})
