"""Many small files become one where static files are collected."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage
from django.template import Context, Template
from whitenoise.storage import CompressedManifestStaticFilesStorage

from clevertap_bq import bundles

SOURCES = Path(settings.BASE_DIR) / "static"
PAGE = '{% load bundles static %}{% bundle "js/all.js" %}{% static "js/copy.js" %}{% endbundle %}'


def collect(folder, *, without=()):
    """As collectstatic does, our own files only."""
    sources = FileSystemStorage(location=SOURCES)
    names = [p.relative_to(SOURCES).as_posix() for p in SOURCES.rglob("*") if p.is_file()]
    storage = bundles.BundlingStorage(location=folder, base_url="/static/")
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    paths = {name: (sources, name) for name in names if name not in without}
    results = list(storage.post_process(paths))
    assert [error for *_, error in results if isinstance(error, Exception)] == []
    return storage


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    return collect(tmp_path_factory.mktemp("static"))


@pytest.mark.parametrize("name", list(bundles.listed()))
def test_a_bundle_holds_every_file_of_its_list_in_order(collected, name):
    text = (Path(collected.location) / name).read_text()
    heads = [(SOURCES / part).read_text().splitlines()[0] for part in bundles.listed()[name]]

    places = [text.index(head) for head in heads]
    assert len(places) > 1
    assert places == sorted(places)


def test_what_a_sheet_points_to_is_found_from_the_bundle(collected):
    hashed = Path(collected.location) / collected.hashed_files["css/all.css"]
    targets = re.findall(r'url\("([^"]+)"\)', hashed.read_text())

    assert targets
    assert all((hashed.parent / target).exists() for target in targets)


def test_a_bundle_is_served_compressed(collected):
    hashed = Path(collected.location) / collected.hashed_files["css/all.css"]

    assert hashed.with_suffix(".css.gz").stat().st_size < hashed.stat().st_size / 3


def test_a_listed_file_that_is_missing_stops_the_collection(tmp_path):
    with pytest.raises(KeyError, match=r"js/copy\.js"):
        collect(tmp_path, without=("js/copy.js",))


def test_a_page_names_the_bundle_once_it_is_collected(monkeypatch):
    names = {"js/all.js": "js/all.123.js"}
    monkeypatch.setattr(staticfiles_storage, "hashed_files", names, raising=False)
    monkeypatch.setattr(staticfiles_storage, "url", lambda name: f"/static/{names[name]}")

    line = Template(PAGE).render(Context()).strip()
    assert line == '<script src="/static/js/all.123.js" defer></script>'


def test_a_page_names_each_file_while_nothing_is_collected(settings):
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}

    assert Template(PAGE).render(Context()) == "/static/js/copy.js"


def test_the_settings_build_on_what_names_and_compresses():
    assert issubclass(bundles.BundlingStorage, CompressedManifestStaticFilesStorage)
    assert settings.STORAGES["staticfiles"]["BACKEND"].endswith("BundlingStorage")
