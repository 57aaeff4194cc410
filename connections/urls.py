from django.urls import path

from connections import views

app_name = "connections"

urlpatterns = [
    path("partners/", views.partners, name="partners"),
    path("partners/bigquery/", views.overview, name="overview"),
    path("partners/bigquery/add/", views.database_add, name="add"),
    path("partners/bigquery/guide/", views.guide_panel, name="guide_panel"),
    path("partners/bigquery/ip-ranges/", views.ip_ranges, name="ip_ranges"),
    path("partners/bigquery/datasets/", views.datasets_panel, name="datasets_panel"),
    path("partners/bigquery/tests/<uuid:test_id>/", views.test_panel, name="test_panel"),
    path(
        "partners/bigquery/tests/<uuid:test_id>/again/<slug:code>/",
        views.test_again,
        name="test_again",
    ),
    path("partners/import-connections/", views.connection_list, name="list"),
    path("partners/import-connections/delete/", views.delete_many, name="delete_many"),
    path("partners/import-connections/<uuid:connection_id>/", views.detail, name="detail"),
    path("partners/import-connections/<uuid:connection_id>/edit/", views.edit, name="edit"),
    path(
        "partners/import-connections/<uuid:connection_id>/keys/<uuid:former_id>/restore/",
        views.restore_key,
        name="restore_key",
    ),
    path("partners/import-connections/<uuid:connection_id>/test/", views.test, name="test"),
    path(
        "partners/import-connections/<uuid:connection_id>/tests/",
        views.test_history,
        name="test_history",
    ),
    path("partners/import-connections/<uuid:connection_id>/delete/", views.delete, name="delete"),
    path(
        "partners/import-connections/<uuid:connection_id>/deletion/stop/",
        views.stop_remaining,
        name="stop_remaining",
    ),
]
