"""Search: from anywhere to a connection, an import, an account, a run or a page, by name."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.people import user_of
from accounts.permissions import member_required
from accounts.places import places_named
from connections.filtering import LONGEST_SEARCH, SearchField
from connections.services.search import Group, Hit
from connections.services.search import search as found_for


class SearchForm(forms.Form):
    q = SearchField(label="Search everything", required=False)


@never_cache
@require_safe
@member_required
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    pages = [Hit(place.title, place.url) for place in places_named(user_of(request), text)]
    groups = found_for(text)
    if text and pages:
        groups.append(Group("Pages", pages))
    context = {
        "form": form,
        "text": text,
        "groups": groups,
        "count": sum(len(group.hits) for group in groups),
        "sought": request.GET.get("q", "")[:LONGEST_SEARCH],
    }
    return render(request, "connections/search.html", context)
