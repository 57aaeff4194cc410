"""Deleting several connections: one review, one confirmation, one line for each."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.people import user_of
from accounts.permissions import admin_required
from connections import status
from connections.deletion_forms import DeleteManyForm
from connections.htmx import is_htmx
from connections.services import bulk_deletion
from connections.services.bulk_deletion import BulkReview
from connections.services.deletion import ReviewOutdated


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def delete_many(request: HttpRequest) -> HttpResponse:
    ids = (request.POST if request.method == "POST" else request.GET).getlist("id")
    try:
        review = bulk_deletion.review_many(ids)
    except bulk_deletion.TooMany as refusal:
        messages.error(request, str(refusal))
        return redirect("connections:list")
    if not review.lines and not review.leaving:
        messages.error(request, "Choose the connections to delete first.")
        return redirect("connections:list")
    form = DeleteManyForm(
        request.POST if request.method == "POST" and review.lines else None,
        count=len(review.lines),
        has_runs=bool(review.run_count),
    )
    if form.is_valid() and _delete(request, review, form):
        return redirect(_address(review))
    return _render(request, review, form)


def _delete(request: HttpRequest, review: BulkReview, form: DeleteManyForm) -> bool:
    """Whether it was begun; a refusal is left in the form, what changed meanwhile in messages."""
    answers = form.cleaned_data
    try:
        refused = bulk_deletion.delete_many(
            review=review,
            token=answers["token"],
            typed_number=answers["typed_number"],
            choice=answers["choice"],
            by=user_of(request),
            now=timezone.now(),
        )
    except (ReviewOutdated, bulk_deletion.NotForMany) as refusal:
        form.add_error(None, str(refusal))
        return False
    except bulk_deletion.NumberNotTyped as refusal:
        form.add_error("typed_number", str(refusal))
        return False
    for sentence in refused:
        messages.warning(request, sentence)
    return True


def _address(review: BulkReview) -> str:
    ids = [str(line.connection.pk) for line in review.lines]
    ids += [str(connection.pk) for connection in review.leaving]
    return f"{reverse('connections:delete_many')}?{urlencode([('id', value) for value in ids])}"


def _render(request: HttpRequest, review: BulkReview, form: DeleteManyForm) -> HttpResponse:
    context = {
        "review": review,
        "form": form,
        "leaving": [(found, status.badge_of(found)) for found in review.leaving],
        "is_settled": all(not found.is_deleting for found in review.leaving),
        "address": _address(review),
    }
    is_look = request.method != "POST" and is_htmx(request)
    page = "connections/_delete_many_lines.html" if is_look else "connections/delete_many.html"
    return render(request, page, context)
