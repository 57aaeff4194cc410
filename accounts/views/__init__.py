"""HTTP in, HTTP out: one service call each."""

from accounts.views.account import account
from accounts.views.audit_logs import audit_entry, audit_logs, audit_logs_csv
from accounts.views.links import sign_in_link
from accounts.views.person import person
from accounts.views.rules import roles, rules
from accounts.views.second_step import second_step
from accounts.views.sign_in import forgot_password, sign_in, sign_in_code, sign_out
from accounts.views.sso import sso_begin, sso_end
from accounts.views.users import user_link, users
from accounts.views.visits import visit_end, visits, visits_end

__all__ = [
    "account",
    "audit_entry",
    "audit_logs",
    "audit_logs_csv",
    "forgot_password",
    "person",
    "roles",
    "rules",
    "second_step",
    "sign_in",
    "sign_in_code",
    "sign_in_link",
    "sign_out",
    "sso_begin",
    "sso_end",
    "user_link",
    "users",
    "visit_end",
    "visits",
    "visits_end",
]
