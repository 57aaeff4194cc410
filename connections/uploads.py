"""Uploaded files: small, in memory, never on disk; their names and types are ignored.

Django caps neither an upload's size nor keeps it off the disk, so this handler does
(reliability-security §1.4). A file past the limit is dropped while it arrives; the rest
of the form is kept, and ``read_small`` refuses in the same words as the key lint.
"""

from io import BytesIO
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from connections.service_account import MAX_BYTES, too_large

_MARGIN: Final = 1024
# A whole request past this is not read at all; the proxy in front should stop it earlier.
MAX_REQUEST_BYTES: Final = 16 * 1024 * 1024
_NAME: Final = "upload"
_TYPE: Final = "application/octet-stream"


class SmallUpload(InMemoryUploadedFile):
    """One uploaded file, held in memory. ``too_large``: it was dropped, nothing is in it."""

    def __init__(self, content: BytesIO, field: str | None, size: int, *, too_large: bool) -> None:
        super().__init__(content, field, _NAME, _TYPE, size, None)
        self.too_large = too_large


class SmallMemoryUploadHandler(FileUploadHandler):
    """Keeps up to 64 KiB of each file and counts, but does not keep, what is beyond."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > MAX_REQUEST_BYTES:
            raise RequestDataTooBig("The request is larger than 16 MiB.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._content = BytesIO()
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._is_too_large:
            self._content = BytesIO()
        else:
            self._content.write(raw_data)

    def file_complete(self, file_size: int) -> SmallUpload:
        self._content.seek(0)
        return SmallUpload(self._content, self.field_name, self._size, too_large=self._is_too_large)

    @property
    def _is_too_large(self) -> bool:
        return self._size > MAX_BYTES + _MARGIN


def read_small(request: HttpRequest, field: str) -> bytes:
    """What was uploaded in ``field``; empty if nothing was.

    Raises: KeyRefused (code too_large), if the file was dropped for its size.
    """
    upload = request.FILES.get(field)
    if upload is None:
        return b""
    if not isinstance(upload, SmallUpload) or upload.too_large:
        raise too_large()
    content: bytes = upload.read()
    return content


def was_too_large(request: HttpRequest) -> bool:
    """Whether any file of the request was dropped for its size."""
    return any(getattr(upload, "too_large", True) for upload in request.FILES.values())
