"""Create Import without a connection or an account: there, and back with what was chosen."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection
from connections.way_back import detour, way_back
from imports.models import CleverTapAccount
from tests.factories import CleverTapAccountFactory, ConnectionFactory, StoredKeyFactory

CREATE = "/settings/partners/import-center/create/"
ADD = "/settings/partners/bigquery/add/"
ADD_ACCOUNT = "/settings/clevertap-accounts/add/"
ID = "0d5c9a52-8d1c-4b6e-9f5b-2f3f4c1a7e11"


def account_form():
    return {
        "name": "Shop",
        "region": "eu1",
        "account_id": "ABC-123-456Z",
        "passcode": "a-passcode",
        "time_zone": "UTC",
    }


class TestThere:
    def test_leads_to_add_database_first(self, as_admin):
        page = as_admin.get(CREATE, {"account": ID}).content.decode()

        assert f'href="{ADD}?then=create&amp;account={ID}"' in page

    def test_leads_to_add_account_with_the_chosen_database(self, as_admin):
        connection = ConnectionFactory()
        page = as_admin.get(CREATE, {"database": connection.pk}).content.decode()

        assert f'href="{ADD_ACCOUNT}?then=create&amp;database={connection.pk}"' in page

    @pytest.mark.parametrize("has_connection", [False, True])
    def test_tells_a_creator_who_can_instead_of_a_button_that_refuses(
        self, as_creator, has_connection
    ):
        if has_connection:
            ConnectionFactory()
        page = as_creator.get(CREATE).content.decode()

        assert "An admin can do this." in page
        assert ADD not in page
        assert ADD_ACCOUNT not in page


class TestBack:
    @pytest.fixture
    def form(self, admin):
        soon = timezone.now() + timedelta(minutes=5)
        draft = StoredKeyFactory(uploaded_by=admin, expires_at=soon)
        return {
            "action": "save",
            "connection_name": "Shop",
            "project_id": "shop-4711",
            "dataset_id": "shop",
            "access": "read_write",
            "key_source": "file",
            "key_draft": str(draft.pk),
        }

    def test_from_a_saved_connection(self, as_admin, form):
        answer = as_admin.post(f"{ADD}?then=create&account={ID}", form)
        made = Connection.objects.get()

        assert answer.url == f"{CREATE}?account={ID}&database={made.pk}"

    def test_from_a_saved_account(self, as_admin, settings):
        connection = ConnectionFactory()
        answer = as_admin.post(
            f"{ADD_ACCOUNT}?then=create&database={connection.pk}", account_form()
        )
        made = CleverTapAccount.objects.get()

        assert answer.url == f"{CREATE}?database={connection.pk}&account={made.pk}"
        assert as_admin.get(answer.url).content.decode().count(" selected") >= 2

    def test_is_kept_by_a_form_that_must_be_corrected(self, as_admin, form):
        page = as_admin.post(f"{ADD}?then=create", form | {"dataset_id": ""}).content.decode()

        assert f'action="{ADD}?then=create"' in page

    def test_is_not_taken_by_whoever_did_not_come_from_there(self, as_admin, form):
        answer = as_admin.post(ADD, form)

        assert answer.url == Connection.objects.get().get_absolute_url()

    def test_shows_what_was_made_already_selected(self, as_admin):
        connection, account = ConnectionFactory(), CleverTapAccountFactory()
        page = as_admin.get(CREATE, {"database": connection.pk, "account": account.pk})

        for made in (connection, account):
            assert f'value="{made.pk}" selected' in page.content.decode()


class TestAddress:
    @pytest.mark.parametrize(
        "query", [{}, {"then": ""}, {"then": "https://evil.example/"}, {"then": "//evil.example"}]
    )
    def test_leads_nowhere_else(self, query):
        assert way_back(query) is None

    @pytest.mark.parametrize("value", ["", "1", "../../", f"{ID}&then=x", "{", "a" * 4000])
    def test_carries_nothing_but_ids(self, value):
        assert detour({"database": value}) == "?then=create"
        assert way_back({"then": "create", "account": value}) == f"{reverse('imports:create')}?"
