"""From nothing to the first rows: which step is next, who may take it, and when it all goes away."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection
from imports.models import Run
from tests.factories import (
    CleverTapAccountFactory,
    ConnectionFactory,
    ImportFactory,
    RunFactory,
)
from tests.web.connections.list_page import LIST, let_speak

PARTNERS = "/settings/partners/"
CENTER = "/settings/partners/import-center/"
ACCOUNTS = "/settings/clevertap-accounts/"
TITLES = ["Add a database", "Add a CleverTap account", "Create an import", "First rows arrived"]


def words(answer):
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def steps(client):
    return client.get(PARTNERS).context["first_steps"]


def states(client):
    return [step.state for step in steps(client).steps]


def next_of(client):
    return steps(client).next


def a_connection(verdict="verified", **values):
    connection = ConnectionFactory(**values)
    if verdict is not None:
        let_speak(connection, verdict)
    return connection


def an_account(verdict="verified", **values):
    return CleverTapAccountFactory(verdict=verdict, **values)


def an_import(**values):
    values.setdefault("connection", a_connection())
    values.setdefault("account", an_account())
    return ImportFactory(**values)


class TestWhatIsNext:
    def test_is_a_database_while_there_is_nothing(self, as_admin):
        found = steps(as_admin)

        assert [step.title for step in found.steps] == TITLES
        assert states(as_admin) == ["current", "todo", "todo", "todo"]
        assert (found.next.action.label, found.next.action.url) == (
            "Add Database",
            reverse("connections:add"),
        )

    @pytest.mark.parametrize("verdict", ["verified", "inconclusive", "", None])
    def test_is_an_account_once_a_connection_may_work(self, as_admin, verdict):
        a_connection(verdict)

        assert states(as_admin) == ["done", "current", "todo", "todo"]
        assert next_of(as_admin).action.url == reverse("imports:account_add")

    def test_is_the_repair_of_a_connection_that_failed(self, as_admin):
        failed = a_connection("failed", name="Shop")
        an_account()

        assert states(as_admin) == ["trouble", "done", "todo", "todo"]
        assert next_of(as_admin).action.url == f"{failed.get_absolute_url()}#test"
        assert "“Shop” does not work yet" in next_of(as_admin).sentence

    def test_is_no_repair_while_another_connection_works(self, as_admin):
        a_connection("verified")
        a_connection("failed")

        assert states(as_admin)[0] == "done"

    def test_is_a_database_again_when_the_only_one_is_leaving(self, as_admin):
        ConnectionFactory(deleting=True)

        assert next_of(as_admin).title == "Add a database"

    def test_is_an_account_that_clevertap_does_accept(self, as_admin):
        a_connection()
        refused = an_account("failed")

        assert states(as_admin) == ["done", "trouble", "todo", "todo"]
        assert next_of(as_admin).action.url == f"{refused.get_absolute_url()}edit/"

    def test_is_an_import_from_and_to_what_was_made(self, as_admin):
        connection, account = a_connection(), an_account()

        assert states(as_admin) == ["done", "done", "current", "todo"]
        expected = f"{reverse('imports:create')}?database={connection.pk}&account={account.pk}"
        assert next_of(as_admin).action.url == expected

    def test_is_the_mapping_of_a_draft(self, as_creator):
        draft = an_import(draft=True)

        assert states(as_creator) == ["done", "done", "current", "todo"]
        assert next_of(as_creator).action.url == reverse("imports:map", args=[draft.pk])

    @pytest.mark.parametrize("trait", ["stopped", "deleted_at"])
    def test_is_another_import_when_the_only_one_cannot_run_any_more(self, as_admin, trait):
        an_import(**{trait: timezone.now() if trait == "deleted_at" else True})

        assert next_of(as_admin).action.label == "Create Import"

    def test_is_to_run_it_with_a_button_that_does(self, as_creator):
        subject = an_import()
        page = as_creator.get(PARTNERS).content.decode()
        url = reverse("imports:start", args=[subject.pk])

        assert next_of(as_creator).action.label == "Run now"
        assert f'method="post" action="{url}"' in page
        assert as_creator.post(url).status_code == 302
        assert Run.objects.get().parent == subject

    def test_is_to_watch_a_run_at_work(self, as_member):
        run = RunFactory(parent=an_import())

        assert states(as_member) == ["done", "done", "done", "busy"]
        assert next_of(as_member).action.url == run.get_absolute_url()

    def test_is_to_see_why_a_run_failed(self, as_member):
        run = RunFactory(parent=an_import(), state="failed", finished_at=timezone.now())

        assert states(as_member)[-1] == "trouble"
        assert next_of(as_member).action.url == run.get_absolute_url()

    def test_is_to_see_why_no_row_was_accepted(self, as_member):
        RunFactory(parent=an_import(), succeeded=True, read_count=1200, refused_count=1200)

        assert "read 1,200 rows, and none of them was accepted" in next_of(as_member).sentence

    def test_is_to_see_that_the_table_was_empty(self, as_member):
        RunFactory(parent=an_import(), succeeded=True)

        assert "found no rows in the table customers" in next_of(as_member).sentence

    def test_is_to_run_again_after_a_stop(self, as_creator):
        RunFactory(parent=an_import(), stopped=True)

        assert next_of(as_creator).action.label == "Run now"


class TestWhoMayTakeIt:
    @pytest.mark.parametrize("client_name", ["as_member", "as_creator"])
    @pytest.mark.parametrize("has_connection", [False, True])
    def test_is_an_admin_for_connections_and_accounts(self, request, client_name, has_connection):
        client = request.getfixturevalue(client_name)
        if has_connection:
            a_connection()
        answer = client.get(PARTNERS)

        assert "An admin can do this." in words(answer)
        assert next_of(client).action is None
        assert "btn-primary" not in answer.content.decode().partition("empty-state__title")[2]

    @pytest.mark.parametrize("make", [None, "draft", "ready"])
    def test_is_a_creator_for_imports(self, as_member, as_creator, make):
        if make is None:
            a_connection(), an_account()
        else:
            an_import(draft=make == "draft")

        assert "A creator or an admin can do this." in words(as_member.get(PARTNERS))
        assert next_of(as_member).action is None
        assert next_of(as_creator).action is not None

    def test_sees_one_primary_action_and_no_more(self, as_admin):
        for _ in range(2):
            page = as_admin.get(PARTNERS).content.decode().partition("<main")[2]
            assert page.count("btn-primary") == 1
            a_connection()

    def test_sees_no_sandbox_where_there_is_none(self, as_admin, settings):
        settings.SANDBOX_URL = ""
        assert "sandbox" not in as_admin.get(PARTNERS).content.decode().partition("<main")[2]
        settings.SANDBOX_URL = "http://127.0.0.1:8001"
        assert "http://127.0.0.1:8001/keys/good.json" in as_admin.get(PARTNERS).content.decode()

    def test_is_not_offered_a_sandbox_for_what_another_must_do(self, as_member, settings):
        settings.SANDBOX_URL = "http://127.0.0.1:8001"
        assert "keys/good.json" not in as_member.get(PARTNERS).content.decode()


class TestGoesAway:
    @pytest.mark.parametrize("state", ["running", "succeeded", "failed", "stopped"])
    def test_with_the_first_row_that_is_accepted_however_the_run_ends(self, as_member, state):
        ended = None if state == "running" else timezone.now()
        RunFactory(state=state, finished_at=ended, accepted_count=1, read_count=1)

        assert "Get started" not in words(as_member.get(PARTNERS))

    def test_for_ever_also_when_all_is_deleted_again(self, as_admin):
        RunFactory(succeeded=True, accepted_count=1, read_count=1)
        Connection.objects.update(
            state="deleted", deletion_requested_at=timezone.now(), deleted_at=timezone.now()
        )

        assert "Get started" not in words(as_admin.get(PARTNERS))
        assert "Integrate" in words(as_admin.get(PARTNERS))

    def test_not_with_rows_that_were_only_refused(self, as_member):
        RunFactory(parent=an_import(), succeeded=True, read_count=3, refused_count=3)

        assert "Get started" in words(as_member.get(PARTNERS))


class TestCosts:
    def test_the_same_number_of_questions_however_much_there_is(
        self, as_admin, django_assert_max_num_queries
    ):
        def count():
            with django_assert_max_num_queries(20) as queries:
                assert as_admin.get(PARTNERS).context["first_steps"].next.state == "trouble"
            return len(queries)

        RunFactory(parent=an_import(), state="failed", finished_at=timezone.now())
        few = count()
        for _ in range(4):
            RunFactory(parent=an_import(), state="failed", finished_at=timezone.now())

        assert count() == few

    def test_nothing_on_pages_that_do_not_show_it(self, as_admin, django_assert_max_num_queries):
        with django_assert_max_num_queries(10) as queries:
            as_admin.get("/account/")

        assert not [query for query in queries if "imports_run" in query["sql"]]


class TestEmptyLists:
    def test_of_imports_lead_to_what_is_missing_first(self, as_admin):
        text = words(as_admin.get(CENTER))

        assert "No imports yet" in text
        assert "Next: Add a database." in text
        assert f'href="{reverse("connections:add")}"' in as_admin.get(CENTER).content.decode()

    @pytest.mark.parametrize(
        ("client_name", "address", "who"),
        [
            ("as_member", CENTER, "An admin can do this."),
            ("as_member", ACCOUNTS, "An admin can do this."),
            ("as_creator", ACCOUNTS, "An admin can do this."),
        ],
    )
    def test_offer_nothing_that_would_be_refused(self, request, client_name, address, who):
        answer = request.getfixturevalue(client_name).get(address)

        assert who in words(answer)
        assert "btn-primary" not in answer.content.decode().partition("empty-state__title")[2]

    def test_of_connections_lead_to_the_first_step(self, as_admin, as_creator):
        assert "Next: Add a database." in words(as_admin.get(LIST))
        assert reverse("connections:add") in as_admin.get(LIST).content.decode()
        assert "An admin can do this." in words(as_creator.get(LIST))
        assert reverse("connections:add") not in as_creator.get(LIST).content.decode()

    def test_of_imports_offer_an_import_when_rows_had_arrived_before(self, as_creator, as_member):
        RunFactory(
            succeeded=True, accepted_count=1, read_count=1, parent__deleted_at=timezone.now()
        )

        assert 'class="btn btn-primary" href="/settings/partners/import-center/create/"' in (
            as_creator.get(CENTER).content.decode()
        )
        assert "A creator or an admin can do this." in words(as_member.get(CENTER))
