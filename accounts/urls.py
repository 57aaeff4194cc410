from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/link/<str:token>/", views.sign_in_link, name="sign_in_link"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("account/", views.account, name="account"),
    path("settings/users/", views.users, name="users"),
    path("settings/users/<uuid:user_id>/sign-in-link/", views.user_link, name="user_link"),
    path("settings/audit-logs/", views.audit_logs, name="audit_logs"),
]
