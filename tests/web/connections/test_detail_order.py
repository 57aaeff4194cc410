"""The page of one connection: what needs a look is on top, what is well is one line."""

import re

import pytest
from django.urls import reverse

from connections.models import Connection
from tests.factories import ConnectionFactory, ImportFactory, RunFactory
from tests.web.connections.connection_page import a_step, a_test, page


def spoken(connection, verdict="verified", results=("passed", "passed", "not_needed")):
    """The newest test of the connection, with its checks."""
    test = a_test(connection, verdict=verdict)
    for position, result in enumerate(results):
        a_step(test, result, position=position)
    connection.speak_by(test)
    return test


def panel(client, test):
    return client.get(reverse("connections:test_panel", args=[test.pk])).content.decode()


def order(text, *marks):
    return [text.index(mark) for mark in marks]


@pytest.mark.parametrize("who", ["as_admin", "as_member"])
def test_a_pass_is_one_line_that_unfolds(who, request, connection):
    spoken(connection)
    text = page(request.getfixturevalue(who), connection)
    summary = text.partition('<details class="disclosure last-test" id="test">')[2]
    assert "2 of 2 checks passed in 2.5 s" in summary.partition("</summary>")[0]
    assert "Google accepts the key" in summary.partition("</details>")[0]
    assert not re.search(r'last-test" id="test" open', text)


def test_a_pass_without_what_is_optional_does_not_say_that_all_passed(as_admin, connection):
    spoken(connection, results=("passed", "failed"))
    assert "1 of 2 checks passed" in page(as_admin, connection)


@pytest.mark.parametrize("result", ["unknown", "not_needed"])
def test_a_pass_under_watch_says_what_is_missing_without_the_optional_check(
    result, as_admin, connection
):
    test = spoken(connection)
    assert "Every check passed." in panel(as_admin, test)
    a_step(test, result, position=3, code="fast")
    text = panel(as_admin, test)
    assert "Without fast reads they take the slower way." in text
    assert "Every check passed." not in text


@pytest.mark.parametrize("verdict", ["failed", "inconclusive", ""])
def test_what_did_not_pass_stands_unfolded_above_the_figures(verdict, as_admin, connection):
    spoken(connection, verdict, results=("passed", "failed"))
    text = page(as_admin, connection)
    assert "last-test" not in text
    places = order(text, 'id="test"', 'class="step-list"', 'class="stats"', 'id="imports"')
    assert places == sorted(places)


def test_a_verdict_of_before_an_edit_is_not_shown_as_one_of_now(as_admin, connection):
    spoken(connection, "failed", results=("failed",))
    Connection.objects.filter(pk=connection.pk).update(dataset_id="other")
    text = page(as_admin, connection)
    assert "It was edited after its last test." in text
    assert text.index("Not verified as it is now") < text.index('class="stats"')
    assert "A check failed. It says below" not in text


def test_a_connection_that_leaves_asks_for_no_test(as_admin):
    text = page(as_admin, ConnectionFactory(deleting=True))
    assert "Not tested yet" not in text
    assert "More actions for" not in text


def test_stands_in_the_order_of_use(as_admin, connection):
    spoken(connection)
    RunFactory(parent=ImportFactory(connection=connection))
    marks = ('class="stats"', 'id="imports"', 'id="runs"', 'id="tests"', 'id="key-facts"')
    places = order(page(as_admin, connection), *marks, 'id="changes"')
    assert places == sorted(places)


def test_the_dangerous_action_is_the_last_and_behind_a_menu(as_admin, connection):
    text = page(as_admin, connection).partition('class="page-head__actions"')[2]
    places = order(text, ">Test Connection<", ">Edit<", ">Create Import<", "More actions for")
    assert places == sorted(places)
    assert ">Delete</a>" in text.partition('class="menu__panel"')[2].partition("</details>")[0]


def test_imports_beyond_the_newest_ten_are_in_the_import_center(as_member, connection):
    ImportFactory.create_batch(11, connection=connection)
    text = page(as_member, connection)
    assert f'import-center/?datasource={connection.pk}">All 11 imports</a>' in text
    assert text.count('data-label="Last Run"') == 10
