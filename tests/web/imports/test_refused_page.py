"""Refused rows of a run: reasons for all, contents for Creators and Admins, files, replay."""

import csv
import io
import json

import pytest

from accounts.models import AuditEntry
from imports import contents
from imports.contents import Content
from imports.models import KeptRows, Run
from tests.factories import RunFactory
from tests.refused import person, refuse

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def run(db):
    """Five rows that were refused for two reasons, one of them by CleverTap."""
    run = RunFactory(succeeded=True, read_count=9, accepted_count=4, refused_count=5)
    refuse(run, *(person(number) for number in range(3)), column="email")
    record = {"identity": "c7", "profileData": {"Phone": "+9"}}
    ours = Content("c7", {"customer_id": "c7", "email": FORMULA}, record)
    refuse(
        run, (7, ours), (8, Content("c8")), refused_by="clevertap", code="516", sentence="Phone."
    )
    return run


def url(run, rest=""):
    return f"{run.get_absolute_url()}refused/{rest}"


def text(client, address):
    return " ".join(client.get(address).content.decode().split())


def download(client, run, form, **asked):
    answer = client.post(url(run, "download/"), {"format": form, **asked})
    return answer, b"".join(answer.streaming_content).decode()


class TestPage:
    def test_tells_each_reason_with_clevertaps_own_code_and_its_count(self, as_member, run):
        page = text(as_member, url(run))
        assert "5 of 9 rows of this run were refused." in page
        assert page.index("E-mail not valid") < page.index("Phone invalid")
        assert ">515<" in page
        assert ">516<" in page

    def test_shows_no_member_what_a_row_held(self, as_member, run):
        for query in ("", "?reason=rules:email_invalid", "?identity=customer-1"):
            page = text(as_member, url(run, query))
            assert "customer-" not in page
            assert "Download" not in page
            assert "Replay" not in page
        assert "What the rows held is for Creators and Admins." in page

    def test_shows_a_creator_examples(self, as_creator, run):
        page = text(as_creator, url(run))
        assert "<code>customer-1</code>" in page
        assert "<code>email</code>" in page

    def test_opens_nothing_for_a_member(self, as_member, run, monkeypatch):
        monkeypatch.setattr(contents, "_open", None)
        assert as_member.get(url(run)).status_code == 200

    @pytest.mark.parametrize(
        ("query", "found", "others"),
        [
            ("?identity=C7", ["row 7"], ["row 1"]),
            ("?identity=c", ["row 0", "row 7", "row 8"], []),
            ("?reason=clevertap:516", ["row 7", "row 8"], ["row 1"]),
            ("?reason=clevertap:516&identity=8", ["row 8"], ["row 7"]),
        ],
    )
    def test_finds_rows_by_a_part_of_the_identity_and_by_reason(
        self, query, found, others, as_creator, run
    ):
        page = text(as_creator, url(run, query))
        labels = {row: f'aria-label="Contents of {row}"' in page for row in [*found, *others]}
        labels["row 8"] = "Too large to be kept" in page  # only its identity is there
        assert [row for row in found if not labels[row]] == []
        assert [row for row in others if labels[row]] == []

    def test_says_when_no_row_has_the_identity(self, as_creator, run):
        assert "No kept row has this identity" in text(as_creator, url(run, "?identity=nobody-1"))

    def test_says_what_of_the_address_it_cannot_read(self, as_creator, run):
        page = text(as_creator, url(run, f"?reason=moon&identity={'x' * 1025}"))
        assert "No kept row of this run was refused for that." in page
        assert "Use at most 1024 characters" in page

    def test_says_when_only_the_first_are_kept(self, as_member, run):
        assert 'id="capped"' not in text(as_member, url(run))
        Run.objects.update(read_count=20_004, refused_count=20_000)
        page = text(as_member, url(run))
        assert "The first 5 are kept" in page
        assert "All 20,000 are counted." in page

    def test_says_when_they_are_not_kept_any_more(self, as_creator, run):
        run.refused_rows.all().delete()
        Run.objects.update(forgotten_at=run.finished_at)
        assert "These rows are not kept any more" in text(as_creator, url(run))

    def test_says_when_the_ring_does_not_open_them(self, as_creator, run, monkeypatch):
        monkeypatch.setattr(KeptRows, "seal_context", lambda pk: contents.Batch.seal_context(pk))
        page = text(as_creator, url(run))
        assert "Ask the operator to restore the ring." in page
        assert "E-mail not valid" in page
        answer = as_creator.post(url(run, "download/"), {"format": "csv"}, follow=True)
        assert "Ask the operator to restore the ring." in answer.content.decode()

    def test_of_a_run_without_refusals_says_so(self, as_member, db):
        assert "No row was refused" in text(as_member, url(RunFactory(succeeded=True)))


class TestDownload:
    def test_json_lines_hold_every_row_as_it_was_read(self, as_creator, run):
        answer, body = download(as_creator, run, "jsonl")
        rows = [json.loads(line) for line in body.splitlines()]
        assert [row["row"] for row in rows] == [0, 1, 2, 7, 8]
        assert rows[3]["cells"] == {"customer_id": "c7", "email": FORMULA}
        assert rows[3]["record"]["profileData"] == {"Phone": "+9"}
        assert (rows[0]["clevertap_code"], rows[3]["code"]) == ("515", "516")
        assert answer["Content-Disposition"].startswith('attachment; filename="refused-rows-')
        assert "no-store" in answer["Cache-Control"]

    def test_csv_ends_with_the_failure_description_and_computes_nothing(self, as_creator, run):
        _, body = download(as_creator, run, "csv")
        head, *rows = csv.reader(io.StringIO(body))
        assert head[:4] == ["Row", "Identity", "customer_id", "email"]
        assert head[-1] == "Failure Description"
        assert (rows[3][3], rows[3][-1]) == (f"'{FORMULA}", "Phone.")
        assert len(rows) == 5

    @pytest.mark.parametrize(
        ("cell", "guarded"),
        [
            *(
                (cell, f"'{cell}")
                for cell in ("=1", "+91", "-5", "@x", "  =1", "\uff1d1", "\uff0b1")
            ),
            *(("\t=1", "'\t'=1"), ("\r=1", "'\r'=1"), ("\tx", "'\tx"), ("a;b-c", "a;b-c")),
            # Where a semicolon parts the cells, one begins within ours.
            *(("a;=1", "a;'=1"), ('a; "@x', "a;' \"@x"), ("a;b\n+1", "a;b\n'+1")),
        ],
    )
    def test_csv_guards_every_cell_that_a_spreadsheet_computes(self, cell, guarded, as_creator, db):
        run = RunFactory(succeeded=True)
        refuse(run, (1, Content(cell, {"customer_id": cell, "email": "a\0\ud800"})))
        _, body = download(as_creator, run, "csv")
        row = list(csv.reader(io.StringIO(body, newline="")))[1]
        assert row[1] == row[2] == guarded

    def test_holds_only_what_was_searched_for(self, as_creator, run):
        asked = {"reason": "clevertap:516", "identity": "c7"}
        _, body = download(as_creator, run, "jsonl", **asked)
        assert len(body.splitlines()) == 1

    def test_stands_in_the_trail_with_its_size_and_nothing_of_the_rows(self, as_creator, run):
        download(as_creator, run, "csv", reason="clevertap:516", identity="c7")
        entry = AuditEntry.objects.get(action="refused rows downloaded")
        assert entry.email == "creator@shop.example"
        assert entry.after == {"format": "csv", "rows": 1, "refused_by": "clevertap", "code": "516"}

    def test_reads_many_rows_in_portions(self, as_creator, db, monkeypatch):
        monkeypatch.setattr("imports.services.refused._READ_AT_ONCE", 2)
        run = RunFactory(succeeded=True)
        refuse(run, *map(person, range(5)))
        assert len(download(as_creator, run, "jsonl")[1].splitlines()) == 5

    @pytest.mark.parametrize("posted", [{}, {"format": "xlsx"}, {"format": "csv", "reason": "x"}])
    def test_refuses_what_it_does_not_know(self, posted, as_creator, run):
        assert as_creator.post(url(run, "download/"), posted).url == url(run)
        assert not AuditEntry.objects.filter(action="refused rows downloaded").exists()

    def test_is_not_for_members_and_not_a_link(self, as_member, as_creator, run):
        assert as_member.post(url(run, "download/"), {"format": "csv"}).status_code == 403
        assert as_creator.get(url(run, "download/")).status_code == 405


class TestReplay:
    def test_starts_a_run_of_its_own_and_shows_it(self, as_creator, run, bells):
        assert "Replay only these" in text(as_creator, url(run))
        answer = as_creator.post(url(run, "replay/"))
        replay = Run.objects.get(replay_of=run)
        assert answer.url == replay.get_absolute_url()
        assert replay.rows_total == 4, "one was too large to be kept"

    def test_of_one_reason(self, as_creator, run, bells):
        page = text(as_creator, url(run, "?reason=clevertap:516"))
        assert "Replay this reason only" in page
        as_creator.post(url(run, "replay/"), {"reason": "clevertap:516"})
        assert Run.objects.get(replay_of=run).rows_total == 1

    @pytest.mark.parametrize("reason", ["moon", "rules:", "clevertap:999"])
    def test_refuses_a_reason_that_is_none(self, reason, as_creator, run):
        assert as_creator.post(url(run, "replay/"), {"reason": reason}).url == url(run)
        assert not Run.objects.filter(replay_of=run).exists()

    def test_says_why_it_cannot(self, as_creator, run):
        RunFactory(parent=run.parent)
        answer = as_creator.post(url(run, "replay/"), follow=True)
        assert "is at work. Wait for it, or stop it first." in answer.content.decode()

    def test_is_not_for_members(self, as_member, run):
        assert as_member.post(url(run, "replay/")).status_code == 403
