"""CleverTap accounts: list, add, look, edit, test."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import admin_required, member_required
from connections.htmx import is_htmx
from connections.secret import Secret
from connections.way_back import way_back
from imports.forms import AccountEditForm, AccountForm
from imports.models import CleverTapAccount
from imports.services import accounts


@require_safe
@member_required
def account_list(request: HttpRequest) -> HttpResponse:
    found = CleverTapAccount.objects.listed().with_people().order_by("name", "id")
    return render(request, "imports/account_list.html", {"accounts": found})


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def account_add(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _add_page(request, form)
    passcode = Secret(form.cleaned_data.pop("passcode"))
    try:
        account = accounts.create_account(
            details=accounts.Details(**form.cleaned_data),
            passcode=passcode,
            by=user_of(request),
            now=timezone.now(),
        )
    except accounts.NameTaken as refusal:
        form.add_error("name", str(refusal))
        return _add_page(request, form)
    messages.success(request, f"“{account.name}” is saved. CleverTap is being asked about it.")
    return redirect(way_back(request.GET, account=account.pk) or account)


@never_cache
@require_safe
@member_required
def account_detail(request: HttpRequest, account_id: UUID) -> HttpResponse:
    account = get_object_or_404(CleverTapAccount.objects.listed().with_people(), pk=account_id)
    if accounts.settle_overdue_test(account=account, now=timezone.now()):
        account.refresh_from_db()
    template = "imports/_account_status.html" if is_htmx(request) else "imports/account_detail.html"
    return render(request, template, {"account": account})


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def account_edit(request: HttpRequest, account_id: UUID) -> HttpResponse:
    account = get_object_or_404(CleverTapAccount.objects.listed(), pk=account_id)
    form = AccountEditForm(
        request.POST if request.method == "POST" else None,
        account=account,
        version=accounts.version_of(account),
    )
    if request.method != "POST" or not form.is_valid():
        return _edit_page(request, form, account)
    try:
        saved = accounts.edit_account(
            account=account, change=_change_of(form), by=user_of(request), now=timezone.now()
        )
    except accounts.AccountGone as refusal:
        messages.error(request, str(refusal))
        return redirect("imports:account_list")
    except accounts.ChangedMeanwhile as refusal:
        account.refresh_from_db()
        form = form.for_version(accounts.version_of(account))
        form.add_error(None, str(refusal))
    except accounts.PasscodeNeeded as refusal:
        form.add_error("passcode", str(refusal))
    except accounts.RunsAtWork as refusal:
        is_moved_only = form.cleaned_data["region"] == account.region
        form.add_error("account_id" if is_moved_only else "region", str(refusal))
    except accounts.NameTaken as refusal:
        form.add_error("name", str(refusal))
    else:
        _say_saved(request, saved)
        return redirect(saved)
    return _edit_page(request, form, account)


@require_POST
@admin_required
def account_test(request: HttpRequest, account_id: UUID) -> HttpResponse:
    account = get_object_or_404(CleverTapAccount.objects.listed(), pk=account_id)
    accounts.request_test(account=account)
    return redirect(account)


def _add_page(request: HttpRequest, form: AccountForm) -> HttpResponse:
    if form.is_bound:
        form.say_what_is_lost()
    return render(request, "imports/account_add.html", {"form": form})


def _change_of(form: AccountEditForm) -> accounts.Change:
    words = dict(form.cleaned_data)
    passcode, version = words.pop("passcode"), words.pop("version")
    return accounts.Change(
        accounts.Details(**words), version, Secret(passcode) if passcode else None
    )


def _say_saved(request: HttpRequest, account: CleverTapAccount) -> None:
    account.refresh_from_db()
    is_asked = account.verdict == CleverTapAccount.Verdict.TESTING
    asked = " CleverTap is being asked about it." if is_asked else ""
    messages.success(request, f"“{account.name}” is saved.{asked}")


def _edit_page(
    request: HttpRequest, form: AccountEditForm, account: CleverTapAccount
) -> HttpResponse:
    if form.is_bound:
        form.say_what_is_lost()
    return render(request, "imports/account_edit.html", {"form": form, "account": account})
