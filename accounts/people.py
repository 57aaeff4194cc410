"""The signed-in person of a request, with the right type."""

from django.http import HttpRequest

from accounts.models import User


def user_of(request: HttpRequest) -> User:
    """The person who asks. Only behind views that require a signed-in person.

    Raises:
        TypeError: nobody is signed in, which such a view cannot see.
    """
    if not isinstance(request.user, User):
        raise TypeError("user_of needs a signed-in person")
    return request.user
