"""Map over columns that nobody would wish for: odd names, and an identity that is never there."""

import html

import pytest

from connections.models import Lookup
from imports.models import Import
from tests.factories import ImportFactory

ODD = ("select", "order by", "first name", "group", "_PARTITIONTIME_", "größe", "1st", "a-b")


@pytest.fixture
def draft(db):
    return ImportFactory(draft=True, table_id="odd")


@pytest.fixture
def lookup(draft):
    def read(names, rows):
        place = draft.connection
        found = Lookup.objects.create(
            kind=Lookup.Kind.TABLE,
            connection=place,
            key=place.key,
            project_id=place.project_id,
            dataset_id=place.dataset_id,
            table_id="odd",
            requested_by=draft.created_by,
        )
        columns = [
            {"name": name, "type": "STRING", "mode": "NULLABLE", "fields": []} for name in names
        ]
        found.answered({"kind": "TABLE", "rows": 3, "columns": columns, "preview": rows})
        return found

    return read


def url(draft, more=""):
    return f"/settings/partners/import-center/{draft.pk}/map/{more}"


def posted(lookup, names, **changes):
    values = {"lookup": lookup.pk, "kind": "profile", "action": "save", "time_zone": "UTC"}
    values |= {"identity_column": names[0], "identity_as": "identity"}
    values["columns-TOTAL_FORMS"] = len(names)
    for number, name in enumerate(names):
        values |= {f"columns-{number}-column": name, f"columns-{number}-type": "string"}
        values |= {f"columns-{number}-use": "on", f"columns-{number}-name": f"Property {number}"}
    return values | changes


def test_columns_named_like_keywords_or_with_spaces_are_mapped(as_creator, draft, lookup):
    found = lookup(ODD, [["c1"] * len(ODD)])
    text = html.unescape(as_creator.get(url(draft)).content.decode())
    assert [name for name in ODD if f'aria-label="CleverTap property of {name}"' not in text] == []
    live = html.unescape(as_creator.post(url(draft, "live/"), posted(found, ODD)).content.decode())
    assert '"Property 1": "c1"' in live
    as_creator.post(url(draft), posted(found, ODD))
    draft.refresh_from_db()
    assert draft.status == Import.Status.READY
    assert [one["column"] for one in draft.mapping["properties"]] == list(ODD)


def test_a_mistake_elsewhere_loses_none_of_them(as_creator, draft, lookup):
    found = lookup(ODD, [])
    sent = posted(found, ODD, **{"columns-2-name": "50% off"})
    text = html.unescape(as_creator.post(url(draft), sent).content.decode())
    assert "<code>first name</code>:" in text, "in the summary, with the column"
    assert 'value="50% off"' in text
    assert [n for n in (0, 1, 3, 4, 5, 6, 7) if f'value="Property {n}"' not in text] == []


def test_an_identity_that_is_null_in_every_row_is_said_before_anything_is_saved(
    as_creator, draft, lookup
):
    names = ("customer_id", "email")
    found = lookup(names, [[None, "a@shop.example"], [None, "b@shop.example"]])
    sent = posted(found, names)
    text = html.unescape(as_creator.post(url(draft, "live/"), sent).content.decode())
    for number in (1, 2):
        assert f"Row {number} would be refused: customer_id" in text
    assert "The row has no identity" in text
