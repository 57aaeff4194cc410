"""What the tests of an import's pages have in common: runs as they end, and the page's words."""

from datetime import timedelta
from html import unescape

from imports.models import Run
from tests.factories import RunFactory

CENTER = "/settings/partners/import-center/"


def a_run(parent, at, *, state="succeeded", refused=0, skipped=0, unknown=0, accepted=0, **more):
    """A run that is over two minutes after ``at``, unless it is at work."""
    is_final = state in Run.State.final()
    return RunFactory(
        parent=parent,
        state=state,
        queued_at=at,
        started_at=at,
        finished_at=at + timedelta(minutes=2) if is_final else None,
        read_count=accepted + refused + skipped + unknown,
        accepted_count=accepted,
        refused_count=refused,
        skipped_count=skipped,
        unknown_count=unknown,
        **more,
    )


def page(client, subject, tab="", **query):
    answer = client.get(f"{subject.get_absolute_url()}{tab}", query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def part(text, begin, end):
    """What stands between two marks of the page."""
    assert begin in text
    return text.partition(begin)[2].partition(end)[0]
