"""The answer to who tried too often: a page that is nobody's, made once."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accounts.services.tallies import TooManyTries

TOO_MANY = 429


def too_many(refusal: TooManyTries) -> HttpResponse:
    """The page, with the time to wait."""
    return HttpResponse(_page(refusal.wait, refusal.limit.is_of_all), status=TOO_MANY)


@lru_cache(maxsize=8)
def _page(wait: str, is_busy: bool) -> str:
    """In a flood the most of what a refusal would cost."""
    context = {"wait": wait, "is_ours": True, "is_busy": is_busy}
    return render_to_string("accounts/locked.html", context, HttpRequest())
