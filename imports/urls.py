from django.urls import path

from imports import views

app_name = "imports"

urlpatterns = [
    path("partners/import-center/", views.import_center, name="import_center"),
    path("partners/import-center/create/", views.create, name="create"),
    path("partners/import-center/create/tables/", views.tables_panel, name="tables_panel"),
    path("partners/import-center/<uuid:import_id>/", views.import_detail, name="import_detail"),
    path("partners/import-center/<uuid:import_id>/delete/", views.delete, name="delete"),
    path("partners/import-center/<uuid:import_id>/map/", views.map_columns, name="map"),
    path("partners/import-center/<uuid:import_id>/pause/", views.pause, name="pause"),
    path("partners/import-center/<uuid:import_id>/resume/", views.resume, name="resume"),
    path("partners/import-center/<uuid:import_id>/run/", views.start, name="start"),
    path("partners/import-center/<uuid:import_id>/schedule/", views.schedule, name="schedule"),
    path("partners/import-center/runs/<uuid:run_id>/", views.run_detail, name="run_detail"),
    path("partners/import-center/runs/<uuid:run_id>/progress/", views.progress, name="progress"),
    path("partners/import-center/runs/<uuid:run_id>/stop/", views.stop, name="stop"),
    path("clevertap-accounts/", views.account_list, name="account_list"),
    path("clevertap-accounts/add/", views.account_add, name="account_add"),
    path("clevertap-accounts/<uuid:account_id>/", views.account_detail, name="account_detail"),
    path("clevertap-accounts/<uuid:account_id>/test/", views.account_test, name="account_test"),
]
