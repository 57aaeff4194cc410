"""Uploads stay small and in memory, and a file that is too large does not cost the form."""

import tempfile

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views.decorators.csrf import csrf_exempt

from connections import uploads
from connections.service_account import MAX_BYTES, KeyRefused


def request_with(**fields: object) -> HttpRequest:
    return RequestFactory().post("/", fields)


def file_of(size: int, name: str = "key.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"x" * size, content_type="application/json")


@pytest.mark.parametrize("size", [1, 2400, MAX_BYTES, MAX_BYTES + 1024])
def test_reads_a_small_file_whole(size: int):
    request = request_with(key_file=file_of(size))

    assert uploads.read_small(request, "key_file") == b"x" * size
    assert not uploads.was_too_large(request)


def test_gives_nothing_for_no_file_and_for_an_empty_one():
    assert uploads.read_small(request_with(other="x"), "key_file") == b""
    assert uploads.read_small(request_with(key_file=file_of(0)), "key_file") == b""


@pytest.mark.parametrize("size", [MAX_BYTES + 1025, 3_000_000])
def test_refuses_a_large_file_with_the_words_of_the_lint(size: int):
    request = request_with(key_file=file_of(size))

    assert uploads.was_too_large(request)
    with pytest.raises(KeyRefused) as caught:
        uploads.read_small(request, "key_file")
    assert caught.value.code == "too_large"


def test_keeps_the_rest_of_the_form_with_a_large_file():
    request = request_with(before="1", key_file=file_of(1_000_000), name="Shop", project="p")

    assert request.POST.dict() == {"before": "1", "name": "Shop", "project": "p"}


def test_holds_nothing_of_a_large_file():
    upload = request_with(key_file=file_of(1_000_000)).FILES["key_file"]

    assert upload.size == 1_000_000
    assert upload.read() == b""


def test_a_small_file_after_a_large_one_is_read():
    request = request_with(first=file_of(1_000_000), second=file_of(10))

    assert uploads.read_small(request, "second") == b"x" * 10
    assert uploads.was_too_large(request)


def test_writes_nothing_to_the_disk(monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)

    assert uploads.was_too_large(request_with(key_file=file_of(4_000_000)))


def test_ignores_the_name_and_the_type_of_the_file():
    upload = request_with(key_file=file_of(3, name="../../etc/<b>passwd.html")).FILES["key_file"]

    assert (upload.name, upload.content_type) == ("upload", "application/octet-stream")


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST["name"])


def test_does_not_read_an_absurd_request_at_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_REQUEST_BYTES", 2_000_000)

    with pytest.raises(RequestDataTooBig):
        echo(request_with(name="Shop", key_file=file_of(2_000_000)))


def test_refuses_what_another_handler_took():
    request = RequestFactory().get("/")
    request.FILES["key_file"] = file_of(10)

    assert uploads.was_too_large(request)
    with pytest.raises(KeyRefused):
        uploads.read_small(request, "key_file")
