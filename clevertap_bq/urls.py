"""Addresses: product §1."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.permissions import member_required
from clevertap_bq import health, metrics
from clevertap_bq.gallery import views as gallery
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
    urlpatterns += [
        path("settings/gallery/", member_required(gallery.gallery), name="gallery"),
        path("settings/gallery/frame/", member_required(gallery.frame_page), name="gallery_frame"),
        path("settings/gallery/dialog/", member_required(gallery.dialog), name="gallery_dialog"),
        path("settings/gallery/pane/", member_required(gallery.pane), name="gallery_pane"),
    ]
