"""`make screenshots`: what it refuses, and what it must never touch."""

import os
import subprocess
import sys

import pytest

from tests.harness.steps import ROOT
from tests.screenshots import __main__ as command
from tests.screenshots import product


def run(**variables):
    return subprocess.run(
        [sys.executable, "-m", "tests.screenshots"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_without_a_browser_it_says_in_one_sentence_what_to_name():
    answer = run(CHROMIUM="/nowhere/chromium")

    assert answer.returncode == 2
    assert "CHROMIUM=/nowhere/chromium is not a program." in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_made_up_company_never_gets_into_a_database_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://shop@db.example/shop")
    monkeypatch.setenv("REDIS_URL", "redis://db.example/0")

    given = product._given(tmp_path)

    assert {"DATABASE_URL", "REDIS_URL"} & given.keys() == set()
    assert given["DATA_DIR"] == str(tmp_path)


class Page:
    """A page on which nothing is found."""

    url = "http://127.0.0.1:1/settings/partners/"

    def screenshot(self, **options):
        self.shown = options["path"]


def test_a_step_that_fails_is_named_with_its_page_and_what_was_looked_for():
    def open_the_map(page, product, camera):
        raise AssertionError('waiting for get_by_label("Identity column")')

    page = Page()
    with pytest.raises(command.StepFailed) as failure:
        command._take(open_the_map, page, None, None)

    said = str(failure.value)
    assert "“open the map” failed on the page /settings/partners/" in said
    assert 'get_by_label("Identity column")' in said
    assert str(page.shown) in said


def test_pictures_are_kept_only_when_all_were_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "FOLDER", tmp_path)

    with pytest.raises(FileNotFoundError):
        command._keep(tmp_path / "none")

    assert list(tmp_path.iterdir()) == []
