"""Partner List and BigQuery's own page: what to do next, for whom."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection
from tests.factories import ConnectionFactory, RunFactory
from tests.web.connections.list_page import let_speak

PARTNERS = "/settings/partners/"
OVERVIEW = "/settings/partners/bigquery/"
IP_RANGES = "/settings/partners/bigquery/ip-ranges/"


def text_of(client, address):
    return client.get(address).content.decode()


class TestCard:
    def test_offers_to_integrate_while_nothing_is_connected(self, as_member):
        text = text_of(as_member, PARTNERS)
        assert "Integrate\n" in text
        assert "Integrated" not in text
        assert "View Details" not in text
        assert f'href="{OVERVIEW}"' in text

    def test_says_integrated_and_offers_details_once_connected(self, as_member):
        ConnectionFactory()
        text = text_of(as_member, PARTNERS)
        assert ">Integrated</span>" in text
        assert "View Details" in text
        assert "Integrate\n" not in text
        assert re.search(r"<dt>connection</dt>\s*<dd>1</dd>", text)

    def test_counts_rows_accepted_this_month_and_imports_at_work(self, as_member):
        last_year = timezone.now() - timedelta(days=400)
        RunFactory(succeeded=True, accepted_count=1200, read_count=1200)
        RunFactory(succeeded=True, accepted_count=50, read_count=50, queued_at=last_year)
        RunFactory()
        text = text_of(as_member, PARTNERS)
        assert re.search(r"<dt>rows this month</dt>\s*<dd>1,200</dd>", text)
        assert re.search(r"<dt>running now</dt>\s*<dd>1</dd>", text)

    def test_forgets_a_deleted_connection(self, as_member):
        now = timezone.now()
        ConnectionFactory(deleting=True)
        Connection.objects.update(state="deleted", deleted_at=now)
        assert "Integrated" not in text_of(as_member, PARTNERS)

    def test_still_counts_one_that_is_being_deleted(self, as_member):
        ConnectionFactory(deleting=True)
        assert ">Integrated</span>" in text_of(as_member, PARTNERS)


class TestOverview:
    def test_offers_add_database_to_an_admin_only(self, as_admin, as_creator, as_member):
        link = f'href="{reverse("connections:add")}"'
        assert link in text_of(as_admin, OVERVIEW)
        for client in (as_creator, as_member):
            assert link not in text_of(client, OVERVIEW)
            assert "An admin can do this." in text_of(client, OVERVIEW)

    def test_leads_to_the_addresses_and_hosts(self, as_member):
        assert f'href="{IP_RANGES}"' in text_of(as_member, OVERVIEW)

    def test_shows_no_address_itself(self, as_member, settings):
        settings.EGRESS_ADDRESSES = ["203.0.113.10"]
        assert "203.0.113.10" not in text_of(as_member, OVERVIEW)

    def test_is_the_set_up_guide_while_nothing_is_connected(self, as_member):
        text = text_of(as_member, OVERVIEW)
        assert '<h2 id="guide-title">Set-up guide</h2>' in text
        assert "Set-up guide for another dataset" not in text
        assert "Rows accepted this month" not in text

    def test_shows_what_is_there_once_connected_and_folds_the_guide(self, as_member):
        RunFactory(parent__nickname="Nightly", parent__connection__name="Shop")
        text = text_of(as_member, OVERVIEW)
        for words in (
            "Set-up guide for another dataset",
            "Rows accepted this month",
            "Nightly",
            "Shop",
        ):
            assert words in text

    def test_puts_what_failed_first_and_says_how_to_find_it(self, as_member):
        broken = ConnectionFactory(name="Broken")
        let_speak(broken, "failed")
        for _ in range(6):
            ConnectionFactory()
        text = text_of(as_member, OVERVIEW)
        assert ">Broken</a>" in text
        assert "One connection failed its last test" in text
        let_speak(ConnectionFactory(), "failed")
        text = text_of(as_member, OVERVIEW)
        assert "Several connections failed their last test" in text
        assert 'href="/settings/partners/import-connections/?status=failed"' in text

    def test_asks_the_same_number_of_questions_however_many_there_are(
        self, as_member, django_assert_max_num_queries
    ):
        for _ in range(8):
            run = RunFactory(succeeded=True, accepted_count=1, read_count=1)
            let_speak(run.connection, "failed")
        with django_assert_max_num_queries(16):
            text_of(as_member, OVERVIEW)

    def test_points_to_the_sandbox_only_where_there_is_one(self, as_member, settings):
        settings.SANDBOX_URL = ""
        assert "Open the sandbox" not in text_of(as_member, OVERVIEW)
        settings.SANDBOX_URL = "http://127.0.0.1:8001"
        assert "Open the sandbox" in text_of(as_member, OVERVIEW)

    @pytest.mark.parametrize("address", [PARTNERS, OVERVIEW])
    def test_sends_nobody_to_sign_in(self, address, anonymous, db):
        assert reverse("accounts:sign_in") in anonymous.get(address).url
