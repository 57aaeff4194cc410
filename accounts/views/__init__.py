"""HTTP in, HTTP out: one service call each."""

from accounts.views.account import account
from accounts.views.audit_logs import audit_logs
from accounts.views.sign_in import sign_in, sign_in_link, sign_out
from accounts.views.users import user_link, users

__all__ = [
    "account",
    "audit_logs",
    "sign_in",
    "sign_in_link",
    "sign_out",
    "user_link",
    "users",
]
