"""CleverTap IP Ranges: what is configured, and not one address more."""

import re
from html import unescape

import pytest
from django.urls import reverse

from connections.checks import check_egress
from tests.factories import CleverTapAccountFactory

PAGE = "/settings/partners/bigquery/ip-ranges/"
AN_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}\b")


def words(answer):
    return unescape(answer.content.decode())


def main_part(answer):
    return words(answer).partition("<main")[2].partition("</main>")[0]


def to_copy(answer):
    return re.findall(r"<code data-copy-source>(.*?)</code>", words(answer), re.S)


class TestAddresses:
    @pytest.mark.parametrize("configured", [[], ["nonsense"], ["0.0.0.0/0"], ["127.0.0.1", "::"]])
    def test_are_never_made_up(self, configured, as_member, settings):
        settings.EGRESS_ADDRESSES = configured
        assert AN_ADDRESS.findall(main_part(as_member.get(PAGE))) == []

    def test_that_are_not_configured_can_be_found_and_set(self, as_member, settings):
        settings.EGRESS_ADDRESSES = []
        text = main_part(as_member.get(PAGE))
        for part in ("curl", "get-nat-ip-info", "describe-nat-gateways", "EGRESS_ADDRESSES="):
            assert part in text

    def test_are_exactly_those_configured(self, as_member, settings):
        settings.EGRESS_ADDRESSES = ["203.0.113.10", "198.51.100.0/28", "2001:DB8:0::7"]
        found = set(AN_ADDRESS.findall(main_part(as_member.get(PAGE))))
        assert found == {"203.0.113.10", "198.51.100.0", "2001:db8::7"}

    def test_can_be_copied_one_by_one_and_all_together(self, as_member, settings):
        settings.EGRESS_ADDRESSES = ["203.0.113.10", "198.51.100.0/28"]
        copied = to_copy(as_member.get(PAGE))
        assert copied[:3] == [
            "203.0.113.10",
            "198.51.100.0/28",
            "203.0.113.10\n198.51.100.0/28",
        ]

    def test_that_are_none_are_left_out_and_counted(self, as_member, settings):
        settings.EGRESS_ADDRESSES = ["203.0.113.10", "<b>gateway</b>"]
        text = main_part(as_member.get(PAGE))
        assert "One entry of EGRESS_ADDRESSES is no address" in text
        assert "gateway</b>" not in text

    def test_go_into_the_access_level_unless_private(self, as_member, settings):
        settings.EGRESS_ADDRESSES = ["203.0.113.10", "10.1.2.3"]
        level = next(code for code in to_copy(as_member.get(PAGE)) if "ipSubnetworks" in code)
        assert level == "- ipSubnetworks:\n    - 203.0.113.10/32"


class TestHosts:
    def test_are_those_that_the_product_calls(self, as_member, settings):
        text = main_part(as_member.get(PAGE))
        places = [*settings.GOOGLE_ENDPOINTS["google"].values()]
        regions = settings.CLEVERTAP_REGIONS.items()
        places += [row["url"] for name, row in regions if name != "sandbox"]
        for place in places:
            assert f">{place.split('/')[2]}</code>" in text

    def test_leave_out_the_sandbox(self, as_member, settings):
        settings.CLEVERTAP_REGIONS = {
            **settings.CLEVERTAP_REGIONS,
            "sandbox": {"label": "Sandbox", "url": "http://127.0.0.1:8001/clevertap"},
        }
        assert "127.0.0.1" not in main_part(as_member.get(PAGE))

    def test_tell_the_regions_in_use_from_the_others(self, as_member):
        CleverTapAccountFactory(region="in1")
        needed = [host.name for host in as_member.get(PAGE).context["clevertap"] if host.is_needed]
        assert needed == ["in1.api.clevertap.com"]

    def test_of_a_region_that_is_no_more_are_not_in_use(self, as_member):
        CleverTapAccountFactory(region="gone1")
        answer = as_member.get(PAGE)
        assert not answer.context["is_any_region_used"]
        assert "No CleverTap account is added yet" in words(answer)


class TestWhoMayLook:
    def test_is_everybody_who_is_signed_in(self, as_member, as_creator, as_admin):
        assert {client.get(PAGE).status_code for client in (as_member, as_creator, as_admin)} == {
            200
        }

    def test_is_nobody_else(self, anonymous, db):
        assert reverse("accounts:sign_in") in anonymous.get(PAGE).url

    def test_refuses_to_be_posted_to(self, as_admin):
        assert as_admin.post(PAGE).status_code == 405


class TestCheck:
    def test_names_each_entry_that_is_no_address(self, settings):
        settings.EGRESS_ADDRESSES = ["203.0.113.10", "300.1.1.1", "203.0.113.10:443"]
        warnings = check_egress(None)
        assert [warning.id for warning in warnings] == ["connections.W002"] * 2
        assert "entry 2, '300.1.1.1'," in warnings[0].msg
        assert "entry 3, '203.0.113.10:443'," in warnings[1].msg

    def test_says_nothing_of_good_ones_or_none(self, settings):
        settings.EGRESS_ADDRESSES = []
        assert check_egress(None) == []
        settings.EGRESS_ADDRESSES = ["203.0.113.10", "2001:db8::/32"]
        assert check_egress(None) == []
