"""Tokens and passwords: in no log line, no database row, no page after the first."""

import io
import logging

import pytest
from django.db import connection
from django.template import Context, Template

from clevertap_bq.logs import MaskedFormatter

CANARY = "canary-password-1742"


@pytest.fixture
def log(monkeypatch):
    """Everything that the real handler writes, at the loudest level."""
    handler = next(h for h in logging.root.handlers if isinstance(h.formatter, MaskedFormatter))
    lines = io.StringIO()
    before = handler.setStream(lines)
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)
    yield lines
    handler.setStream(before)


def database_dump():
    """Every value of every table as one text."""
    with connection.cursor() as cursor:
        dump = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            dump += [str(row) for row in cursor.fetchall()]
    return "\n".join(dump)


def walk(client, link):
    """Open, use, use again, use wrongly, and break the link."""
    client.get(link)
    client.put(link)
    client.get(link.removesuffix("/"))
    client.post(link)
    client.post(link)
    client.get(link + "more/")


def test_what_a_page_was_given_is_never_written_out(log):
    """Django's debug line would hold it, broken into lines that the masks cannot read."""
    given = {"path": f"/sign-in/link/{'a-b' * 30}/", "words": CANARY}
    Template("{% if not missing %}x{% endif %}{{ gone.too }}").render(Context(given))
    assert CANARY not in log.getvalue()


class TestLink:
    def test_is_in_no_log_line(self, client, link, log):
        token = link.split("/")[-2]

        walk(client, link)

        assert "/sign-in/link/[link]" in log.getvalue()
        assert token not in log.getvalue()

    def test_is_in_no_row_of_the_database(self, client, link):
        token = link.split("/")[-2]

        walk(client, link)

        dump = database_dump()
        assert "max@example.com" in dump
        assert token not in dump


class TestPassword:
    @pytest.fixture
    def typed_everywhere(self, client, as_admin):
        client.post("/sign-in/", {"email": "ana@example.com", "password": CANARY})
        for words in ({"new_password": CANARY}, {"current_password": CANARY}):
            as_admin.post(
                "/account/",
                {
                    "action": "password",
                    "current_password": "wrong",
                    "new_password": CANARY,
                    "repeated_password": CANARY,
                    **words,
                },
            )

    def test_is_in_no_log_line(self, log, typed_everywhere):
        assert "AXES" in log.getvalue()
        assert CANARY not in log.getvalue()

    def test_is_in_no_row_of_the_database(self, typed_everywhere):
        assert CANARY not in database_dump()
