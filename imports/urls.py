from django.urls import path

from imports import views

app_name = "imports"

_ONE = "partners/import-center/<uuid:import_id>/"
_RUN = "partners/import-center/runs/<uuid:run_id>/"

urlpatterns = [
    path("partners/import-center/", views.import_center, name="import_center"),
    path("partners/import-center/create/", views.create, name="create"),
    path("partners/import-center/create/tables/", views.tables_panel, name="tables_panel"),
    path("partners/import-center/create/check/", views.check_panel, name="check_panel"),
    path("partners/import-center/create/rows/", views.rows_panel, name="rows_panel"),
    path("partners/import-center/<uuid:import_id>/", views.import_detail, name="import_detail"),
    path(f"{_ONE}mapping/", views.import_mapping, name="import_mapping"),
    path(f"{_ONE}schedule/", views.import_schedule, name="import_schedule"),
    path(f"{_ONE}cursor/", views.import_cursor, name="import_cursor"),
    path(f"{_ONE}cursor/ask/", views.cursor_ask, name="cursor_ask"),
    path(f"{_ONE}cursor/count/", views.cursor_count, name="cursor_count"),
    path(f"{_ONE}cursor/move/", views.cursor_move, name="cursor_move"),
    path(f"{_ONE}cursor/reset/", views.cursor_reset, name="cursor_reset"),
    path(f"{_ONE}stats/", views.import_stats, name="import_stats"),
    path(f"{_ONE}stats.csv", views.import_stats_csv, name="import_stats_csv"),
    path("partners/import-center/<uuid:import_id>/delete/", views.delete, name="delete"),
    path(f"{_ONE}configure/", views.configure, name="configure"),
    path("partners/import-center/<uuid:import_id>/map/", views.map_columns, name="map"),
    path(f"{_ONE}map/live/", views.map_live, name="map_live"),
    path("partners/import-center/dry-runs/<uuid:dry_run_id>/", views.dry_run, name="dry_run"),
    path(
        "partners/import-center/dry-runs/<uuid:dry_run_id>/confirm/",
        views.dry_run_confirm,
        name="dry_run_confirm",
    ),
    path("partners/import-center/<uuid:import_id>/pause/", views.pause, name="pause"),
    path(f"{_ONE}stop/", views.stop_import, name="stop_import"),
    path("partners/import-center/<uuid:import_id>/resume/", views.resume, name="resume"),
    path("partners/import-center/<uuid:import_id>/run/", views.start, name="start"),
    path(f"{_ONE}edit/", views.edit, name="edit"),
    path(f"{_ONE}duplicate/", views.duplicate, name="duplicate"),
    path(f"{_ONE}schedule/edit/", views.schedule, name="schedule"),
    path("partners/import-center/runs/<uuid:run_id>/", views.run_detail, name="run_detail"),
    path("partners/import-center/runs/<uuid:run_id>/progress/", views.progress, name="progress"),
    path("partners/import-center/runs/<uuid:run_id>/stop/", views.stop, name="stop"),
    path(f"{_RUN}held/", views.held_batches, name="held_batches"),
    path(f"{_RUN}held/decide/", views.decide_held, name="decide_held"),
    path(f"{_RUN}remap/", views.remap, name="remap"),
    path(f"{_RUN}write-back/", views.write_back_again, name="write_back_again"),
    path(f"{_RUN}refused/", views.refused_rows, name="refused_rows"),
    path(f"{_RUN}refused/download/", views.download_refused, name="download_refused"),
    path(f"{_RUN}refused/replay/", views.replay, name="replay"),
    path("clevertap-accounts/", views.account_list, name="account_list"),
    path("clevertap-accounts/add/", views.account_add, name="account_add"),
    path("clevertap-accounts/<uuid:account_id>/", views.account_detail, name="account_detail"),
    path("clevertap-accounts/<uuid:account_id>/edit/", views.account_edit, name="account_edit"),
    path("clevertap-accounts/<uuid:account_id>/test/", views.account_test, name="account_test"),
]
