"""Import Connections and an address that cannot be read.

Each part is said in a sentence of its own, filters nothing, and the others still do.
"""

import pytest

from tests.web.connections.list_page import LIST, early_and_late, names, opener, text


@pytest.fixture
def two(db):
    return early_and_late()


@pytest.fixture
def get(as_member):
    return opener(as_member)


@pytest.mark.parametrize(
    "value", ["yesterday", "2026-02-30", "01/02/2026", "\0", "٢٠٢٦", "1" * 9999]
)
@pytest.mark.parametrize("field", ["connected_from", "connected_to"])
def test_a_day_that_is_none(get, two, field, value):
    answer = get(**{field: value})
    assert names(answer) == ["Late", "Early"]
    assert "is not a day. Choose one, or write it like 2026-03-31." in text(answer)


@pytest.mark.parametrize("value", ["0001-01-01", "1969-12-31", "3000-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_day_that_nobody_connected_on(get, member, two, value, zone):
    member.time_zone = zone
    member.save()
    assert "Choose a day from 1970 to 2999." in text(get(connected_to=value))
    assert "Choose a day from 1970 to 2999." in text(get(connected_from=value))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_the_last_day_still_count(get, member, two, zone):
    member.time_zone = zone
    member.save()
    assert len(names(get(connected_from="1970-01-01", connected_to="2999-12-31"))) == 2


def test_a_range_that_ends_before_it_begins(get, two):
    answer = get(connected_from="2026-09-01", connected_to="2026-03-01")
    assert names(answer) == ["Late"]
    assert "This day lies before the first one, 1 Sep 2026. Swap the two." in text(answer)


@pytest.mark.parametrize("value", ["x'; DROP TABLE", "\0", "00000000-0000-0000-0000-000000000000"])
def test_a_person_who_is_none(get, two, value):
    answer = get(connected_by=value, q="Early")
    assert names(answer) == ["Early"]
    assert "is nobody who has connections here. Choose a person" in text(answer)


def test_a_person_without_connections(get, member, two):
    assert "is nobody who has connections here" in text(get(connected_by=str(member.pk)))


@pytest.mark.parametrize("value", ["green", "deleted", "\0", "Verified"])
def test_a_status_that_is_none(get, two, value):
    answer = get(status=value)
    assert names(answer) == ["Late", "Early"]
    assert "There is no status" in text(answer)


@pytest.mark.parametrize("value", ["imports", "--name", "name_key", "-", "\0", "badge"])
def test_an_order_that_is_none(get, two, value):
    answer = get(sort=value)
    assert names(answer) == ["Late", "Early"]
    assert "cannot be sorted by" in text(answer)


def test_a_search_for_ten_thousand_characters(get, two):
    answer = get(q="x" * 10_000)
    assert names(answer) == ["Late", "Early"]
    assert "Search for at most 200 characters: these are 10,000" in text(answer)


def test_a_search_with_a_character_that_postgresql_refuses(get, two):
    answer = get(q="Ear\0ly")
    assert names(answer) == ["Late", "Early"]
    assert "No name has such a character" in text(answer)


def test_bytes_that_are_no_text(as_member, two):
    assert as_member.get(f"{LIST}?q=%ff%fe&status=%80&page=%00").status_code == 200


@pytest.mark.parametrize("page", ["999", "abc", "0", "-1", "1.5", "", "\0", "9" * 5000, "1e9", "٣"])
def test_a_page_that_is_none_shows_one_that_is(get, two, page):
    assert names(get(page=page)) == ["Late", "Early"]


def test_the_pane_is_open_where_something_in_it_cannot_be_read(get, two):
    assert '<details class="filter-pane" id="filter" open>' in get(status="x").content.decode()
    assert '<details class="filter-pane" id="filter">' in get(sort="x").content.decode()


def test_links_hold_only_what_was_understood(get, two):
    answer = get(q="a", status="x", connected_from="soon", unknown="1")
    heads = [head for group in answer.context["groups"] for head in group]
    urls = [head["url"] for head in heads if head["url"]]
    assert {url.partition("sort=")[0] for url in urls} == {"?q=a&"}
