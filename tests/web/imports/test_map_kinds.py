"""Map, for both kinds of data: what is kept, what is said while one types, what is shown as JSON."""

import html
import json
import re
from uuid import uuid4

import pytest

from connections.models import Lookup
from imports.models import DryRun, Import
from tests.factories import CleverTapAccountFactory, ConnectionFactory, ImportFactory

COLUMNS = [
    {"name": "customer_id", "type": "STRING", "mode": "NULLABLE", "fields": []},
    {"name": "event_name", "type": "STRING", "mode": "NULLABLE", "fields": []},
    {"name": "event_time", "type": "TIMESTAMP", "mode": "NULLABLE", "fields": []},
    {"name": "amount", "type": "NUMERIC", "mode": "NULLABLE", "fields": []},
    {
        "name": "product",
        "type": "RECORD",
        "mode": "NULLABLE",
        "fields": [{"name": "sku", "type": "STRING", "mode": "NULLABLE", "fields": []}],
    },
]
NAMES = ["customer_id", "event_name", "event_time", "amount", "product.sku"]
ROWS = [
    ["c1", "Order Placed", "1700000000000000", "12.50", {"f": [{"v": "S-1"}]}],
    ["c2", "Order Placed", "1700000001000000", None, None],
    ["null", "Order Placed", "1700000002000000", "1", None],
]


@pytest.fixture
def draft(db):
    return ImportFactory(
        draft=True,
        connection=ConnectionFactory(),
        account=CleverTapAccountFactory(),
        table_id="events",
    )


@pytest.fixture
def lookup(draft):
    connection = draft.connection
    found = Lookup.objects.create(
        kind=Lookup.Kind.TABLE,
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        table_id="events",
        requested_by=draft.created_by,
    )
    found.answered({"kind": "TABLE", "rows": 3, "columns": COLUMNS, "preview": ROWS})
    return found


def url(draft, more=""):
    return f"/settings/partners/import-center/{draft.pk}/map/{more}"


def posted(lookup, kind="event", *, action="save", use=("amount", "product.sku"), **changes):
    values = {
        "lookup": lookup.pk,
        "kind": kind,
        "action": action,
        "identity_column": "customer_id",
        "identity_as": "identity",
        "time_zone": "UTC",
        "columns-TOTAL_FORMS": len(NAMES),
        "columns-INITIAL_FORMS": len(NAMES),
    }
    if kind == "event":
        values |= {"event_column": "event_name", "created_on": "event_time"}
    for number, name in enumerate(NAMES):
        row = {
            "column": name,
            "name": name.replace(".", " ").title(),
            "type": "float" if name == "amount" else "string",
        }
        row |= {"use": "on"} if name in use else {}
        values |= {f"columns-{number}-{field}": value for field, value in row.items()}
    return values | changes


def box(text, name):
    """The value of a text box or a chosen option."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', text)
    if found:
        return html.unescape(found.group(1))
    select = text.partition(f'name="{name}"')[2].partition("</select>")[0]
    found = re.search(r'<option value="([^"]*)" selected', select)
    return found.group(1) if found else ""


def pressed(text):
    return re.findall(r'aria-current="true">([^<]+)</button>', text)


class TestEvents:
    def test_are_saved_with_their_name_and_time(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup))
        draft.refresh_from_db()
        assert (draft.kind, draft.status) == ("event", Import.Status.READY)
        assert draft.mapping["event_name"] == {"column": "event_name", "fixed": None}
        assert draft.mapping["created_on"]["column"] == "event_time"
        assert [rule["column"] for rule in draft.mapping["properties"]] == ["amount", "product.sku"]

    def test_take_one_specific_name(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup, event_column="", event_name="Purchase"))
        draft.refresh_from_db()
        assert draft.mapping["event_name"] == {"column": None, "fixed": "Purchase"}

    def test_without_created_on_take_the_time_of_the_run(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup, created_on=""))
        draft.refresh_from_db()
        assert draft.mapping["created_on"] is None

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"event_column": "", "event_name": ""}, "type one specific event"),
            ({"event_name": "Purchase"}, "type one specific event"),
            ({"event_column": "", "event_name": "App Launched"}, "an event of CleverTap’s own"),
            ({"event_column": "", "event_name": "50% off"}, "has characters that CleverTap"),
            ({"event_column": "amount"}, "event names need a STRING column"),
            ({"created_on": "customer_id"}, "Choose the date format of customer_id."),
            ({"created_on": "amount"}, "Choose Epoch Seconds or Epoch Milliseconds."),
            ({"created_on": "gone"}, "This is not in the list"),
        ],
    )
    def test_are_refused_with_a_sentence(self, changes, said, as_creator, draft, lookup):
        text = as_creator.post(url(draft), posted(lookup, **changes)).content.decode()
        draft.refresh_from_db()
        assert said in html.unescape(text)
        assert draft.status == Import.Status.DRAFT

    def test_have_no_choice_for_null(self, as_creator, draft, lookup):
        assert (
            "Delete in CleverTap" not in as_creator.get(url(draft, "?kind=event")).content.decode()
        )
        assert "Delete in CleverTap" in as_creator.get(url(draft)).content.decode()


class TestBothKindsAreKept:
    def test_what_was_typed_comes_back_after_going_there_and_back(self, as_creator, draft, lookup):
        first = posted(lookup, "profile", action="event", **{"columns-3-name": "Spent 50%"})
        answer = as_creator.post(url(draft), first)
        assert answer.url == url(draft, "?kind=event")
        second = posted(lookup, action="profile", event_column="", event_name="Purchase")
        as_creator.post(url(draft), second)
        profile = as_creator.get(url(draft, "?kind=profile")).content.decode()
        event = as_creator.get(url(draft, "?kind=event")).content.decode()
        assert box(profile, "columns-3-name") == "Spent 50%"
        assert box(event, "event_name") == "Purchase"
        assert (pressed(profile), pressed(event)) == (["User Profile Data"], ["Event Data"])

    def test_a_draft_opens_with_the_kind_it_was_left_with(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup, "profile", action="event"))
        assert pressed(as_creator.get(url(draft)).content.decode()) == ["Event Data"]

    def test_switching_changes_nothing_that_runs_go_by(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup, "profile"))
        as_creator.post(url(draft), posted(lookup, "profile", action="event", use=()))
        draft.refresh_from_db()
        assert (draft.kind, len(draft.mapping["properties"])) == ("profile", 2)

    def test_a_saved_mapping_of_the_other_kind_is_kept_too(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup, "profile"))
        as_creator.post(url(draft), posted(lookup, "event"))
        draft.refresh_from_db()
        assert draft.kind == "event"
        assert draft.mapping_of("profile")["kind"] == "profile"

    def test_what_is_not_saved_says_so_and_leads_to_what_is(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup, "profile"))
        as_creator.post(url(draft), posted(lookup, "profile", action="event", use=("amount",)))
        there = as_creator.get(url(draft, "?kind=profile")).content.decode()
        saved = as_creator.get(url(draft, "?saved=1")).content.decode()
        assert "This mapping is not saved yet" in there
        assert "This mapping is not saved yet" not in saved

    @pytest.mark.parametrize("kind", ["", "both", "<script>"])
    def test_a_kind_that_there_is_not_means_the_import_s_own(self, kind, as_creator, draft, lookup):
        text = as_creator.get(url(draft, f"?kind={kind}")).content.decode()
        assert pressed(text) == ["User Profile Data"]


class TestSaysItWhileOneTypes:
    def live(self, client, draft, lookup, *arguments, **changes):
        answer = client.post(url(draft, "live/"), posted(lookup, *arguments, **changes))
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    def blocks(self, text):
        return re.findall(r"<code data-copy-source>(.*?)</code>", text, re.DOTALL)

    def test_shows_the_rows_as_clevertap_would_receive_them(self, as_creator, draft, lookup):
        text = self.live(as_creator, draft, lookup)
        assert json.loads(self.blocks(text)[0]) == {
            "evtData": {"Amount": 12.5, "Product Sku": "S-1"},
            "evtName": "Order Placed",
            "identity": "c1",
            "ts": 1_700_000_000,
            "type": "event",
        }

    def test_keeps_every_value_as_it_will_be_sent(self, as_creator, draft, lookup):
        assert '"Amount": 12.50' in self.live(as_creator, draft, lookup)

    def test_says_of_a_row_why_it_would_be_refused(self, as_creator, draft, lookup):
        text = self.live(as_creator, draft, lookup)
        assert "Row 3 would be refused: customer_id" in text
        assert len(self.blocks(text)) == 2

    def test_says_a_forbidden_name_beside_its_row_and_goes_on(self, as_creator, draft, lookup):
        text = self.live(as_creator, draft, lookup, **{"columns-3-name": "Am$ount"})
        said = text.partition('id="said-columns-3"')[2].partition('id="said-columns-4"')[0]
        assert "has characters that CleverTap forbids ($)" in said
        assert "Left out until corrected" in text
        assert '"Product Sku": "S-1"' in self.blocks(text)[0]

    def test_takes_the_sentence_away_when_the_name_is_right(self, as_creator, draft, lookup):
        text = self.live(as_creator, draft, lookup)
        said = text.partition('id="said-columns-3"')[2].partition("</div>")[0]
        assert "Error" not in said

    def test_says_what_is_missing_for_any_json(self, as_creator, draft, lookup):
        text = self.live(as_creator, draft, lookup, identity_column="")
        assert "No JSON yet. Choose the column that identifies the user." in text

    def test_saves_nothing(self, as_creator, draft, lookup):
        self.live(as_creator, draft, lookup)
        draft.refresh_from_db()
        assert (draft.mapping, draft.kept_mappings) == ({}, {})

    def test_is_shown_without_scripts_too(self, as_creator, draft, lookup):
        text = as_creator.post(url(draft), posted(lookup, action="show")).content.decode()
        assert len(self.blocks(html.unescape(text))) == 2
        draft.refresh_from_db()
        assert draft.status == Import.Status.DRAFT

    def test_a_view_has_no_rows_at_no_cost_and_says_where_they_are(self, as_creator, draft, lookup):
        Lookup.objects.update(answer={"columns": COLUMNS, "preview": [], "kind": "VIEW"})
        assert "the view or query was not previewed" in self.live(as_creator, draft, lookup)
        assert "press Preview Results" in as_creator.get(url(draft)).content.decode()

    @pytest.mark.parametrize("kind", ["VIEW", "TABLE"])
    def test_a_view_that_was_previewed_has_its_rows(self, kind, as_creator, draft, lookup):
        Lookup.objects.update(answer={"columns": COLUMNS, "preview": [], "kind": kind})
        looked = Lookup.objects.get()
        looked.pk, looked.kind, looked.finished_at = uuid4(), Lookup.Kind.ROWS, None
        looked.answer = None
        looked.save(force_insert=True)
        looked.answered({"kind": kind, "rows": None, "columns": COLUMNS, "preview": ROWS})
        text = as_creator.get(url(draft)).content.decode()
        assert ("S-1" in text) == (kind == "VIEW")  # of a table they are read anew, at no cost
        used = looked if kind == "VIEW" else lookup
        assert f'name="lookup" value="{used.pk}"' in text

    def test_is_not_for_a_member(self, as_member, draft, lookup):
        assert as_member.post(url(draft, "live/"), posted(lookup)).status_code == 403


class TestSuggestions:
    def test_say_why(self, as_creator, draft, lookup):
        text = html.unescape(as_creator.get(url(draft, "?kind=event")).content.decode())
        for said in (
            "Its name is usual for the identity.",
            "Its name is usual for the event’s name.",
            "Its name is usual for the event’s time.",
            "NUMERIC is sent as Float.",
        ):
            assert said in text

    def test_are_not_explained_any_more_once_something_was_kept(self, as_creator, draft, lookup):
        as_creator.post(url(draft), posted(lookup, "profile", action="event"))
        text = as_creator.get(url(draft, "?kind=profile")).content.decode()
        assert "Its name is usual" not in text


class TestRowsOfCustomers:
    def test_are_sealed_in_the_database(self, draft, lookup):
        raw = Lookup.objects.values_list("answer", flat=True).get()
        assert "S-1" not in json.dumps(raw)
        assert Lookup.objects.get().preview_rows() == ROWS

    def test_of_another_question_do_not_open(self, lookup):
        sealed = lookup.__class__.objects.get().answer
        other = Lookup(answer=sealed)
        assert other.preview_rows() == []


class TestPerformDryRun:
    def test_asks_a_worker_and_keeps_the_mapping(self, as_creator, draft, lookup, bells):
        answer = as_creator.post(url(draft), posted(lookup, action="dry_run", sample="500"))
        dry_run = DryRun.objects.get()
        assert answer.url == dry_run.get_absolute_url()
        assert dry_run.sample_rows == 500
        draft.refresh_from_db()
        assert draft.kept_mappings["event"] == dry_run.mapping
        assert draft.mapping == {}

    @pytest.mark.parametrize("asked", ["", "5000", "-1", "ten"])
    def test_a_size_that_is_not_offered_means_a_hundred(
        self, asked, as_creator, draft, lookup, bells
    ):
        as_creator.post(url(draft), posted(lookup, action="dry_run", sample=asked))
        assert DryRun.objects.get().sample_rows == 100

    def test_is_refused_while_the_mapping_is_wrong(self, as_creator, draft, lookup, bells):
        changed = posted(lookup, action="dry_run", **{"columns-3-name": "50%"})
        text = as_creator.post(url(draft), changed).content.decode()
        assert "Nothing is saved yet" in text
        assert not DryRun.objects.exists()

    def test_twice_in_a_row_is_one(self, as_creator, draft, lookup, bells):
        for _ in range(2):
            as_creator.post(url(draft), posted(lookup, action="dry_run"))
        assert DryRun.objects.count() == 1

    def test_is_refused_while_its_connection_leaves(self, as_creator, draft, lookup, bells):
        Import.objects.update(connection=ConnectionFactory(deleting=True))
        Lookup.objects.update(connection=Import.objects.get().connection)
        answer = as_creator.post(url(draft), posted(lookup, action="dry_run"), follow=True)
        assert "is being deleted" in answer.content.decode()
        assert not DryRun.objects.exists()


class TestCheckAllRows:
    @pytest.fixture
    def check(self, as_creator, draft, lookup, bells, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            as_creator.post(url(draft), posted(lookup, action="check_all"))
        return DryRun.objects.get()

    def page(self, client, check):
        return html.unescape(client.get(check.get_absolute_url()).content.decode())

    def test_asks_for_the_cost_first(self, as_creator, check, bells):
        assert check.is_whole
        assert "Asking BigQuery what it would read" in self.page(as_creator, check)
        assert [name for name, _ in bells] == ["imports.perform_dry_run"]

    def test_says_the_cost_and_waits_for_consent(self, as_creator, check):
        check.told_the_cost(3 * 2**30)
        text = self.page(as_creator, check)
        assert "3.0 GiB" in text
        assert "data-poll" not in text

    def test_reads_the_rows_once_somebody_has_agreed(
        self, as_creator, check, bells, django_capture_on_commit_callbacks
    ):
        check.told_the_cost(1)
        with django_capture_on_commit_callbacks(execute=True):
            as_creator.post(f"{check.get_absolute_url()}confirm/")
        check.refresh_from_db()
        assert check.confirmed_at
        assert len(bells) == 2
        assert "BigQuery is checking all rows" in self.page(as_creator, check)

    def test_cannot_be_agreed_to_before_the_cost_is_known(self, as_creator, check, bells):
        answer = as_creator.post(f"{check.get_absolute_url()}confirm/", follow=True)
        assert "under way or over already" in answer.content.decode()
        assert len(bells) == 1

    def test_is_not_for_a_member(self, as_member, check):
        check.told_the_cost(1)
        assert as_member.get(check.get_absolute_url()).status_code == 403
        assert as_member.post(f"{check.get_absolute_url()}confirm/").status_code == 403
