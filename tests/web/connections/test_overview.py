"""Partner List and BigQuery's own page: what to do next, for whom."""

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection
from tests.factories import ConnectionFactory

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
        assert "1 connection." in text

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
            assert "An admin adds databases" in text_of(client, OVERVIEW)

    def test_leads_to_the_addresses_and_hosts(self, as_member):
        assert f'href="{IP_RANGES}"' in text_of(as_member, OVERVIEW)

    def test_shows_no_address_itself(self, as_member, settings):
        settings.EGRESS_ADDRESSES = ["203.0.113.10"]
        assert "203.0.113.10" not in text_of(as_member, OVERVIEW)

    def test_says_that_it_is_connected_only_when_it_is(self, as_member):
        assert "BigQuery is connected" not in text_of(as_member, OVERVIEW)
        ConnectionFactory()
        assert "BigQuery is connected" in text_of(as_member, OVERVIEW)

    def test_points_to_the_sandbox_only_where_there_is_one(self, as_member, settings):
        settings.SANDBOX_URL = ""
        assert "Open the sandbox" not in text_of(as_member, OVERVIEW)
        settings.SANDBOX_URL = "http://127.0.0.1:8001"
        assert "Open the sandbox" in text_of(as_member, OVERVIEW)

    @pytest.mark.parametrize("address", [PARTNERS, OVERVIEW])
    def test_sends_nobody_to_sign_in(self, address, anonymous, db):
        assert reverse("accounts:sign_in") in anonymous.get(address).url
