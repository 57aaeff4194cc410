"""Create Import by what is there: no tables, many, a list that failed, no connection, no account."""

import re

import pytest
from django.utils import timezone

from connections.models import Lookup
from tests.factories import CleverTapAccountFactory, ConnectionFactory
from tests.web.connections.list_page import let_speak
from tests.web.imports.test_create_and_map import CREATE


@pytest.fixture
def places(db):
    return ConnectionFactory(name="Warehouse"), CleverTapAccountFactory(name="Shop")


class TestCreateSaysWhatIsThere:
    def panel(self, client, places, **answer):
        client.get(CREATE, {"database": places[0].pk})
        Lookup.objects.update(finished_at=timezone.now(), **answer)
        return client.get(f"{CREATE}tables/", {"database": places[0].pk}).content.decode()

    def test_an_empty_dataset_is_no_empty_list(self, as_creator, places, bells):
        text = self.panel(as_creator, places, answer=[])
        assert "This dataset has no tables" in text
        assert "<select" not in text

    def test_many_tables_are_found_by_typing(self, as_creator, places, bells):
        many = [{"id": f"t{number}", "kind": "TABLE"} for number in range(5000)]
        text = self.panel(as_creator, places, answer=many)
        assert text.count('type="radio"') == 10
        assert "4,990 more fit: type a part of the name." in text
        asked = {"database": places[0].pk, "find": "T4999", "table_id": "t7"}
        text = as_creator.get(f"{CREATE}tables/", asked).content.decode()
        assert re.findall(r'value="(t\d+)"', text) == ["t7", "t4999"]
        assert 'value="t7" id="table-1" aria-describedby="table-1-facts" checked' in text

    def test_a_list_that_failed_says_why_and_takes_a_name(self, as_creator, places, bells):
        text = self.panel(as_creator, places, failure_sentence="It may not list them.")
        assert "It may not list them." in text
        assert 'type="text" name="table_id"' in text

    def test_a_database_that_is_not_verified_says_so(
        self, as_creator, places, django_assert_max_num_queries
    ):
        let_speak(ConnectionFactory(name="Good"))
        let_speak(ConnectionFactory(name="Broken"), verdict="failed")
        let_speak(ConnectionFactory(name="Young"), verdict="")
        with django_assert_max_num_queries(20):
            text = as_creator.get(CREATE).content.decode()
        words = dict(re.findall(r">(\w+) \(shop-4711\.shop\)(.*?)</option>", text))
        doubts = {"Broken": ", Failed", "Young": ", Testing", "Warehouse": ", Not verified"}
        assert words == {"Good": "", **doubts}

    @pytest.mark.parametrize(
        ("who", "there", "missing"), [("as_creator", False, True), ("as_admin", True, False)]
    )
    def test_what_is_missing_is_offered_only_to_who_may_add_it(self, who, there, missing, request):
        text = request.getfixturevalue(who).get(CREATE).content.decode()
        assert ("Add Database</a>" in text) is there
        assert ("An admin can do this." in text) is missing
