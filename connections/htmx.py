"""Answers that htmx and a plain browser both understand. For views only."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks: it gets the fragment, a browser gets the page."""
    return "HX-Request" in request.headers


def shown_below(answer: HttpResponse, part: str) -> HttpResponse:
    """Let htmx scroll until this part of the answer is in sight, where it often is not."""
    answer["HX-Reswap"] = f"outerHTML show:{part}:bottom"
    return answer


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to another page, whoever asks."""
    return HttpResponseClientRedirect(url) if is_htmx(request) else HttpResponseRedirect(url)
