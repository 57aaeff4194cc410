"""Search: what is found by what, what is said when nothing is, and what it costs."""

import re
import time
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection
from tests.factories import (
    CleverTapAccountFactory,
    ConnectionFactory,
    ImportFactory,
    RunFactory,
    StoredKeyFactory,
    UserFactory,
)

SEARCH = "/search/"


@pytest.fixture
def seek(as_member):
    def get(text, client=as_member):
        answer = client.get(SEARCH, {"q": text})
        assert answer.status_code == 200
        return answer

    return get


def found(answer):
    return {group.title: [hit.title for hit in group.hits] for group in answer.context["groups"]}


def words(answer):
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


class TestFinds:
    @pytest.mark.parametrize("text", ["ware", "WAREHOUSE", "acme-9", "crm_eu", "\uff37are"])
    def test_a_connection_by_name_project_or_dataset(self, seek, text):
        ConnectionFactory(name="Warehouse", project_id="acme-9", dataset_id="crm_eu")

        assert found(seek(text))["Connections"] == ["Warehouse"]

    def test_an_import_by_its_nickname(self, seek):
        ImportFactory(nickname="Nightly customers")

        assert found(seek("nightly")) == {"Imports": ["Nightly customers"]}

    def test_a_clevertap_account_by_name_or_account_id(self, seek):
        CleverTapAccountFactory(name="Loyalty", account_id="ZZZ-111-222Z")

        assert found(seek("loyal")) == found(seek("zzz-111")) == {"CleverTap accounts": ["Loyalty"]}

    @pytest.mark.parametrize("length", [4, 9, 23, 36])
    def test_a_run_by_the_beginning_of_its_id(self, seek, length):
        run = RunFactory(parent__nickname="Nightly")
        RunFactory()
        beginning = str(run.pk)[:length]

        assert "Run of Nightly" in found(seek(beginning.upper()))["Runs"]
        assert run.get_absolute_url() in seek(beginning).content.decode()

    def test_pages_by_their_names_and_by_other_words_for_them(self, seek):
        assert found(seek("ip ranges")) == {"Pages": ["CleverTap IP Ranges"]}
        assert found(seek("firewall")) == {"Pages": ["CleverTap IP Ranges"]}

    def test_the_exact_name_first_then_what_begins_so(self, seek):
        for name in ("My shop", "Shop two", "Shop"):
            ConnectionFactory(name=name, project_id="elsewhere", dataset_id="other")

        assert found(seek("shop"))["Connections"] == ["Shop", "Shop two", "My shop"]

    def test_deleted_ones_too_and_says_so_and_puts_them_last(self, seek):
        ConnectionFactory(name="Tide", deleting=True)
        Connection.objects.update(state="deleted", deleted_at=timezone.now())
        ConnectionFactory(name="Tideland")
        ImportFactory(nickname="Tide pool", deleted_at=timezone.now())
        answer = seek("tide")

        assert found(answer)["Connections"] == ["Tideland", "Tide"]
        assert words(answer).count("Deleted") == 2

    def test_no_account_that_was_removed(self, seek):
        CleverTapAccountFactory(name="Gone", removed_at=timezone.now(), sealed_passcode=None)

        assert found(seek("gone")) == {}

    def test_the_first_few_and_says_that_there_are_more(self, seek):
        for number in range(12):
            ConnectionFactory(name=f"Tide {number}")
        answer = seek("tide")

        assert len(found(answer)["Connections"]) == 8
        assert "There are more." in words(answer)


class TestRefuses:
    def test_who_is_not_signed_in(self, client, db):
        answer = client.get(SEARCH, {"q": "secret"})

        assert answer.status_code == 302
        assert answer.url.startswith(reverse("accounts:sign_in"))

    @pytest.mark.parametrize("text", ["", "   "])
    def test_to_show_everything_for_nothing(self, seek, text):
        ConnectionFactory()
        answer = seek(text)

        assert found(answer) == {}
        assert "Connections by name, project or dataset" in words(answer)

    def test_more_than_200_characters_in_a_sentence(self, seek):
        assert "at most 200 characters: these are 201" in words(seek("x" * 201))
        assert "Nothing is called" in words(seek("x" * 200))

    @pytest.mark.parametrize("text", ["a\0b", "\x01\x02", "\x1b[31m", "‮abc", "🙂"])
    def test_odd_characters_without_breaking(self, seek, text):
        assert found(seek(text)) == {}

    def test_bytes_that_are_no_text(self, as_member):
        assert as_member.get(f"{SEARCH}?q=%ED%A0%80%FF").status_code == 200

    @pytest.mark.parametrize("text", ["%", "_", "%%", "100\\", "' OR 1=1 --", '"', "*"])
    def test_to_take_a_character_for_anything_but_itself(self, seek, text):
        ConnectionFactory(name="Plain", project_id="acme-1", dataset_id="crm")
        RunFactory(parent__nickname="Also plain", parent__account__name="Plain too")

        assert found(seek(text)) == {}

    @pytest.mark.parametrize("text", ["abc", "zzzz", "0" * 33, "-" * 10, "../.."])
    def test_what_is_no_beginning_of_a_run_id(self, seek, text):
        RunFactory()

        assert "Runs" not in found(seek(text))

    def test_to_put_what_was_typed_into_the_page_as_code(self, seek):
        ConnectionFactory(name="<b>Bold</b>")
        answer = seek("<b>")

        assert "<b>" not in answer.content.decode()
        assert "<b>Bold</b>" in words(answer) or "&lt;b&gt;Bold" in answer.content.decode()

    def test_to_name_pages_that_the_role_may_not_open(self, seek, as_admin):
        assert found(seek("users")) == {}
        assert found(seek("Add Database")) == {}
        assert found(seek("users", as_admin)) == {"Pages": ["Users"]}

    def test_says_what_to_do_when_nothing_is_found(self, seek):
        answer = seek("nowhere")

        assert "Nothing is called “nowhere”" in words(answer)
        assert reverse("connections:list") in answer.content.decode()


class TestCosts:
    def test_the_same_number_of_questions_however_much_is_found(
        self, seek, django_assert_max_num_queries
    ):
        def count():
            with django_assert_max_num_queries(10) as queries:
                seek("tide")
            return len(queries)

        ConnectionFactory(name="Tide")
        few = count()
        for number in range(9):
            RunFactory(
                parent__nickname=f"Tide {number}", parent__connection__name=f"Tide {number} x"
            )
        assert count() == few

    def test_a_tenth_of_a_second_among_two_thousand_connections(self, seek):
        person, key = UserFactory(admin=True), StoredKeyFactory()
        one = ConnectionFactory.build(key=key, created_by=person)
        Connection.objects.bulk_create(
            Connection(
                name=f"{one.name} {number}",
                name_key=f"warehouse {number} x",
                project_id="acme-9",
                dataset_id=f"set_{number}",
                key=key,
                created_by=person,
            )
            for number in range(2_000)
        )
        took = [_own_time(lambda text=text: seek(text)) for text in ("1999", "acme", "nowhere")]

        assert max(took) < 0.1, took


def _own_time(act):
    """The best of three, as this process spends it: the machine may be busy with something else."""
    took = []
    for _ in range(3):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return min(took)
