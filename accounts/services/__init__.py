"""What a person or the command line can ask for: links, passwords, people.

Nothing here knows requests, sessions or templates.
"""

from accounts.services.links import check_sign_in_link, make_sign_in_link, use_sign_in_link
from accounts.services.passwords import change_password, set_password
from accounts.services.people import add_person, choose_time_zone, first_admin

__all__ = [
    "add_person",
    "change_password",
    "check_sign_in_link",
    "choose_time_zone",
    "first_admin",
    "make_sign_in_link",
    "set_password",
    "use_sign_in_link",
]
