"""The product's addresses, and two change lists of Django's admin over the same rows.

``lean`` shows the connection's own columns: less than our list. ``same`` shows what
ours shows, with the annotations that a ModelAdmin usually gets for that.
"""

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin, RelatedOnlyFieldListFilter
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import path

from clevertap_bq.urls import urlpatterns as product
from connections.models import Connection


class OpenSite(AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active)


class Lean(ModelAdmin):
    list_display = ("name", "dataset_reference", "location", "state", "created_at", "created_by")
    list_select_related = ("created_by", "key")
    list_filter = ("created_at", ("created_by", RelatedOnlyFieldListFilter), "latest_test__verdict")
    search_fields = ("name", "project_id", "dataset_id")
    ordering = ("-created_at", "-id")
    list_per_page = 25

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return super().get_queryset(request).listed()


class Same(Lean):
    list_display = (*Lean.list_display, "verdict", "tested_at", "imports", "running")
    list_select_related = (*Lean.list_select_related, "latest_test")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        listed = Q(imports__deleted_at__isnull=True)
        active = Q(imports__runs__state__in=["queued", "running"])
        return (
            super()
            .get_queryset(request)
            .annotate(
                import_count=Count("imports", filter=listed, distinct=True),
                running_count=Count("imports", filter=listed & active, distinct=True),
            )
        )

    def verdict(self, found: Any) -> str:
        return found.latest_test.verdict if found.latest_test else "Not verified"

    def tested_at(self, found: Any) -> Any:
        return found.latest_test and found.latest_test.finished_at

    def imports(self, found: Any) -> int:
        return found.import_count

    def running(self, found: Any) -> int:
        return found.running_count


def _site(name: str, how: type[ModelAdmin]) -> Any:
    site = OpenSite(name=name)
    site.register(Connection, how)
    return path(f"bench/{name}/", site.urls)


urlpatterns = [*product, _site("lean", Lean), _site("same", Same)]
