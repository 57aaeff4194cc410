"""Deleting a connection: review, confirm, and watch it stop."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.people import user_of
from accounts.permissions import admin_required, member_required
from connections.forms import DeleteForm
from connections.htmx import go_to, is_htmx, whole_page_again
from connections.models import Connection
from connections.services import deletion
from imports.models import Run


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def delete(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.with_people(), pk=connection_id)
    if not connection.is_active:
        return go_to(request, connection.get_absolute_url())
    review = deletion.review_deletion(connection)
    form = DeleteForm(
        request.POST if request.method == "POST" else None,
        name=connection.name,
        needs_typed_name=review.needs_typed_name,
    )
    if request.method != "POST" or not form.is_valid():
        return _ask(request, connection, form)
    try:
        deletion.delete_connection(
            connection=connection,
            token=form.cleaned_data["token"],
            typed_name=form.cleaned_data["typed_name"],
            by=user_of(request),
            now=timezone.now(),
        )
    except deletion.AlreadyLeaving:
        return go_to(request, connection.get_absolute_url())
    except deletion.ReviewOutdated as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, connection, form)
    except deletion.NameNotTyped as refusal:
        form.add_error("typed_name", str(refusal))
        return _ask(request, connection, form)
    return go_to(request, connection.get_absolute_url())


@never_cache
@require_safe
@member_required
def deletion_panel(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.with_people(), pk=connection_id)
    context = {"connection": connection, "stopped_runs": stopped_runs(connection)}
    answer = render(request, "connections/_deletion.html", context)
    if connection.state == Connection.State.DELETED and is_htmx(request):
        return whole_page_again(answer)
    return answer


def stopped_runs(connection: Connection) -> list[Run]:
    """The runs that the deletion of this connection had to stop."""
    since = connection.deletion_requested_at
    if since is None:
        return []
    runs = Run.objects.of_connection(connection).filter(stop_requested_at__gte=since)
    return list(runs.select_related("parent").order_by("queued_at", "id")[:200])


def _ask(request: HttpRequest, connection: Connection, form: DeleteForm) -> HttpResponse:
    context = {
        "connection": connection,
        "review": deletion.review_deletion(connection),
        "form": form,
    }
    fragment = "connections/_delete.html"
    return render(request, fragment if is_htmx(request) else "connections/delete.html", context)
