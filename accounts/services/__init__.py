"""What a person or the command line can ask for: links, passwords, people.

Nothing here knows requests, sessions or templates.
"""

from accounts.services.links import check_sign_in_link, make_sign_in_link, use_sign_in_link
from accounts.services.passwords import ask_for_reset, change_password, reset_password, set_password
from accounts.services.people import add_person, choose_time_zone, first_admin

__all__ = [
    "add_person",
    "ask_for_reset",
    "change_password",
    "check_sign_in_link",
    "choose_time_zone",
    "first_admin",
    "make_sign_in_link",
    "reset_password",
    "set_password",
    "use_sign_in_link",
]
