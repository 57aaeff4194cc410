from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.sign_in_code, name="sign_in_code"),
    path("sign-in/forgot-password/", views.forgot_password, name="forgot_password"),
    path("sign-in/link/<str:token>/", views.sign_in_link, name="sign_in_link"),
    path("sign-in/single-sign-on/", views.sso_begin, name="sso_begin"),
    path("sign-in/single-sign-on/back/", views.sso_end, name="sso_end"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("account/", views.account, name="account"),
    path("account/second-step/", views.second_step, name="second_step"),
    path("account/sessions/", views.visits, name="visits"),
    path("account/sessions/end-others/", views.visits_end, name="visits_end"),
    path("account/sessions/<uuid:visit_id>/end/", views.visit_end, name="visit_end"),
    path("settings/users/", views.users, name="users"),
    path("settings/users/roles/", views.roles, name="roles"),
    path("settings/users/rules/", views.rules, name="rules"),
    path("settings/users/<uuid:user_id>/", views.person, name="person"),
    path("settings/users/<uuid:user_id>/sign-in-link/", views.user_link, name="user_link"),
    path("settings/audit-logs/", views.audit_logs, name="audit_logs"),
    path("settings/audit-logs/<uuid:entry_id>/", views.audit_entry, name="audit_entry"),
    path("settings/audit-logs.csv", views.audit_logs_csv, name="audit_logs_csv"),
]
