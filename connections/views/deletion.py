"""Deleting a connection: review, confirm, and watch it stop."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.people import user_of
from accounts.permissions import admin_required
from connections.deletion_forms import DeleteForm
from connections.htmx import go_to, is_htmx
from connections.models import Connection
from connections.services import deletion
from connections.services.deletion import Decision, Review
from connections.services.move_targets import Target, TargetRefused, offers_for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def delete(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.with_people(), pk=connection_id)
    if not connection.is_active:
        return go_to(request, connection.get_absolute_url())
    review = deletion.review_deletion(connection)
    form = _form(request, connection, review)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, connection, review, form)
    refusal = _refusal(request, connection, form)
    if refusal is None:
        return go_to(request, connection.get_absolute_url())
    form.add_error(*refusal)
    return _ask(request, connection, deletion.review_deletion(connection), form)


@require_POST
@admin_required
def stop_remaining(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=connection_id)
    try:
        deletion.stop_remaining_runs(connection=connection, by=user_of(request), now=timezone.now())
    except deletion.NothingLeft as refusal:
        messages.info(request, str(refusal))
    return redirect(connection)


def _form(request: HttpRequest, connection: Connection, review: Review) -> DeleteForm:
    return DeleteForm(
        request.POST if request.method == "POST" else None,
        name=connection.name,
        has_runs=review.needs_typed_name,
        offers=offers_for(connection) if review.imports else [],
    )


def _refusal(
    request: HttpRequest, connection: Connection, form: DeleteForm
) -> tuple[str | None, str] | None:
    """Delete it. Or the field that was refused, and the sentence that says why."""
    answers = form.cleaned_data
    decision = Decision(
        token=answers["token"],
        typed_name=answers["typed_name"],
        choice=answers["choice"],
        target=Target.parse(answers.get("target", "")),
    )
    try:
        deletion.delete_connection(
            connection=connection, decision=decision, by=user_of(request), now=timezone.now()
        )
    except deletion.AlreadyLeaving:
        return None
    except deletion.ReviewOutdated as refusal:
        return None, str(refusal)
    except deletion.NameNotTyped as refusal:
        return "typed_name", str(refusal)
    except TargetRefused as refusal:
        return "target", str(refusal)
    return None


def _ask(
    request: HttpRequest, connection: Connection, review: Review, form: DeleteForm
) -> HttpResponse:
    context = {"connection": connection, "review": review, "form": form}
    fragment = "connections/_delete.html"
    return render(request, fragment if is_htmx(request) else "connections/delete.html", context)
