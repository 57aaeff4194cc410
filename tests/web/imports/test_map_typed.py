"""The mapping page before anything is saved: what is typed is kept, a column is looked at."""

import pytest

from imports.models import CursorQuestion
from tests.web.imports.map_page import mapped


class TestTyped:
    def live(self, client, draft, values):
        answer = client.post(f"{draft.get_absolute_url()}map/live/", values)
        assert answer.status_code == 200

    def again(self, client, draft):
        return client.get(f"{draft.get_absolute_url()}map/").content.decode()

    def test_is_kept_when_the_page_is_left_without_a_word(self, as_creator, draft, lookup, bells):
        values = mapped(lookup, email="Ma%il", identity_column="", version=draft.version)
        self.live(as_creator, draft, values)
        assert 'value="Ma%il"' in self.again(as_creator, draft)
        draft.refresh_from_db()
        assert (draft.is_draft, draft.mapping) == (True, {})

    def test_of_a_mapped_import_is_kept_apart_from_what_runs_go_by(
        self, as_creator, draft, lookup, bells
    ):
        as_creator.post(f"{draft.get_absolute_url()}map/", mapped(lookup))
        draft.refresh_from_db()
        saved = draft.mapping
        self.live(as_creator, draft, mapped(lookup, email="Mail", version=draft.version))
        text = self.again(as_creator, draft)
        assert "This mapping is not saved yet" in text
        assert 'value="Mail"' in text
        draft.refresh_from_db()
        assert draft.mapping == saved

    @pytest.mark.parametrize("version", [None, "", "x", "-1", "²", "9" * 30])
    def test_by_a_page_that_is_older_than_what_was_saved_is_not_kept(
        self, version, as_creator, draft, lookup, bells
    ):
        """A late answer to what was typed just before Save must not come back as unsaved."""
        before = draft.version
        as_creator.post(f"{draft.get_absolute_url()}map/", mapped(lookup))
        asked = before if version is None else version
        self.live(as_creator, draft, mapped(lookup, email="Mail", version=asked))
        assert "This mapping is not saved yet" not in self.again(as_creator, draft)

    def test_of_a_page_that_came_in_part_is_not_kept(self, as_creator, draft, lookup, bells):
        values = mapped(lookup, version=draft.version)
        del values["columns-TOTAL_FORMS"]
        self.live(as_creator, draft, values)
        draft.refresh_from_db()
        assert draft.kept_mappings == {}


class TestUpdatedOn:
    def test_can_be_looked_at_before_anything_is_saved(self, as_creator, draft, lookup, bells):
        """The adviser first says the cost; then it looks, and leads back to the mapping."""
        values = mapped(lookup, updated_on="last_seen", email="Ma%il", action="advise")
        answer = as_creator.post(f"{draft.get_absolute_url()}map/", values)
        cost = CursorQuestion.objects.get()
        zone = {"column": "last_seen", "type": "DATETIME", "unit": "", "time_zone": "Europe/Berlin"}
        assert (cost.kind, cost.asked) == ("cost", zone)
        cost.claim()
        cost.answered({"bytes": 4096})
        text = as_creator.get(answer.url).content.decode()
        assert "4.0 KiB" in text
        assert f'href="{draft.get_absolute_url()}map/"' in text
        look = {"column": "last_seen", "question": cost.pk, "action": "look"}
        as_creator.post(f"{draft.get_absolute_url()}cursor/ask/", look)
        assert CursorQuestion.objects.get(kind="advice").asked == zone
        draft.refresh_from_db()
        assert (draft.is_draft, draft.mapping) == (True, {})
        assert "Ma%il" in as_creator.get(f"{draft.get_absolute_url()}map/").content.decode()

    @pytest.mark.parametrize("column", ["", "email"])
    def test_that_is_none_is_not_looked_at(self, column, as_creator, draft, lookup, bells):
        values = mapped(lookup, updated_on=column, action="advise", email="Mail")
        text = as_creator.post(f"{draft.get_absolute_url()}map/", values).content.decode()
        assert "Choose the column to look at." in text or "This is not in the list" in text
        assert 'value="Mail"' in text
        assert not CursorQuestion.objects.exists()
