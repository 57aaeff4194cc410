"""What is too long for its place is cut there and told whole in a title; it is a look of the page."""

import re

import pytest
from django.urls import reverse

from tests.factories import ConnectionFactory, ImportFactory

LONG = "x" * 90


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ("connections:list", f'<code class="clamp muted" title="{LONG}">{LONG}</code>'),
        ("connections:detail", f'<li title="{LONG}" aria-current="page">{LONG}</li>'),
    ],
)
def test_long_names_are_told_whole_in_a_title(route, words, as_member, db):
    connection = ConnectionFactory(name=LONG, dataset_id=LONG)
    arguments = [connection.pk] if route.endswith("detail") else []
    assert words in as_member.get(reverse(route, args=arguments)).content.decode()


def test_the_name_in_a_breadcrumb_that_leads_on_has_its_title_too(as_creator, db):
    subject = ImportFactory(nickname=LONG)
    text = as_creator.get(reverse("imports:schedule", args=[subject.pk])).content.decode()
    assert f'title="{LONG}">{LONG}</a>' in text


def test_the_own_address_is_told_whole_in_the_side_bar(as_member, member):
    text = as_member.get(reverse("accounts:account")).content.decode()
    assert re.search(
        rf'class="shell__email"[^>]*title="Your account: {re.escape(member.email)}"', text
    )


def test_the_gallery_gives_no_id_that_the_frame_has(as_admin, settings):
    text = as_admin.get(reverse("gallery")).content.decode()
    for name in ("dialog", "pane", "announcer", "live-note", "main"):
        assert len(re.findall(rf'\sid="{name}"', text)) == 1, name
