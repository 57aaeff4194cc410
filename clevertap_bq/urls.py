"""Addresses: product §1."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.permissions import member_required
from clevertap_bq import gallery, health, metrics
from connections.views import search

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="connections:partners"), name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("search/", search, name="search"),
    path("", include("accounts.urls")),
    path("settings/", include("connections.urls")),
    path("settings/", include("imports.urls")),
]

if settings.LOCAL_MODE:
    urlpatterns.append(
        path("settings/gallery/", member_required(gallery.gallery), name="gallery"),
    )
