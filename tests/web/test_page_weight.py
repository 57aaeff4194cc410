"""What a first visit loads: CSS and JavaScript under 100 KB, compressed as they are sent."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from clevertap_bq import bundles

LIMIT = 100 * 1024
OF_ONE_ANSWER = 300  # bytes of headers that come with each file


def files_of(answer):
    text = answer.content.decode()
    found = re.findall(r'<(?:link rel="stylesheet" href|script src)="/static/([^"]+)"', text)
    return {name: finders.find(name) for name in found}


def weight(files):
    """What is sent: the files of a bundle as the one file that they are where they are collected."""
    answers = [
        [files.pop(part) for part in parts if part in files] for parts in bundles.listed().values()
    ] + [[path] for path in files.values()]
    joined = [b"".join(Path(path).read_bytes() for path in paths) for paths in answers if paths]
    return sum(len(gzip.compress(text, 9)) + OF_ONE_ANSWER for text in joined)


@pytest.mark.parametrize(
    "address",
    [
        "/settings/partners/",
        "/settings/partners/bigquery/add/",
        "/settings/partners/import-center/",
        "/settings/partners/import-connections/",
    ],
)
def test_a_first_page_stays_below_the_limit(as_admin, address):
    files = files_of(as_admin.get(address))
    assert {"bootstrap/css/bootstrap.min.css", "django_htmx/htmx-2.min.js"} <= set(files)
    assert None not in files.values()
    assert weight(files) < LIMIT


def test_who_signs_in_loads_no_script_that_only_other_pages_need(anonymous, db):
    files = files_of(anonymous.get("/sign-in/"))
    assert not {"django_htmx/htmx-2.min.js", "js/poll.js", "js/key-drop.js"} & set(files)
    assert weight(files) < 0.75 * LIMIT


def test_no_page_loads_a_file_twice(as_admin):
    text = as_admin.get("/settings/partners/import-connections/").content.decode()
    found = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', text)
    assert len(found) == len(set(found))


def test_a_page_is_sent_compressed_to_who_can_read_it(as_admin):
    answer = as_admin.get("/settings/partners/", headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"Import Connections" in gzip.decompress(answer.content)
