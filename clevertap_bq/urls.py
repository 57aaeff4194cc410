"""Addresses: product §1."""

from django.urls import include, path
from django.views.generic import RedirectView

from clevertap_bq import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="connections:partners"), name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("accounts.urls")),
    path("settings/", include("connections.urls")),
    path("settings/", include("imports.urls")),
]
