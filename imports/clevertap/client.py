"""One CleverTap account: is it ours, and take this batch.

Never retries, waits, stores or logs; the caller decides what a failure means for its run.
"""

import http.client
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Self
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from connections.secret import Secret
from imports.clevertap.answers import Answer, failure_of, is_success, verdicts_of
from imports.clevertap.errors import (
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
)
from imports.clevertap.wire import AnswerTooLong, Buffer, Line, Reply, TlsLine


class CleverTap:
    """One account over kept-open connections: one for each thread that asks at the same moment.

    ``timeout_seconds`` is for a whole request, from connecting to the last byte of the
    answer, however slowly they come (only the name look-up is the system's).
    """

    def __init__(
        self, *, base_url: str, account_id: str, passcode: Secret, timeout_seconds: float = 12.0
    ) -> None:
        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("base_url must be an http or https address")
        self._path = address.path.rstrip("/")
        self._account_id, self._passcode = account_id, passcode
        self._timeout = timeout_seconds
        self._host = address.hostname
        self._new_line = _maker_of_lines(address.scheme, address.hostname, address.port)
        # The last one used is taken first, so what is not needed grows old and is closed.
        self._idle: deque[Line] = deque()

    def __repr__(self) -> str:
        return f"CleverTap({self._host!r}, {self._account_id!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that nobody uses; the next request opens another one."""
        while self._idle:
            self._idle.pop().close()

    def check(self) -> None:
        """Ask whether region, account ID and passcode fit together; sends no data.

        https://developer.clevertap.com/docs/authentication
        Raises: CleverTapUnavailable, CleverTapRefused.
        """
        try:
            reply = self._exchange("GET", "/v1/connect?partner=clevertap-bq", (), {})
        except CleverTapOutcomeUnknown as error:  # nothing was to be stored
            raise CleverTapUnavailable(error.reason) from None
        if is_success(reply.status):
            return
        failure = failure_of(reply.status)
        if isinstance(failure, CleverTapOutcomeUnknown):
            raise CleverTapUnavailable(failure.reason)
        raise failure

    def upload(
        self,
        body: bytes | Sequence[Buffer],
        *,
        count: int,
        run: str,
        batch: int,
        dry_run: bool = False,
    ) -> Answer:
        """Send ``{"d": [...]}`` with ``count`` records; ``dry_run`` validates, stores nothing.

        ``body``: whole, or in pieces that are sent one behind the other from where they lie.
        ``run`` and ``batch`` go into headers of ours, so that a request can be traced.
        https://developer.clevertap.com/docs/upload-user-profiles-api
        Raises: CleverTapUnavailable, CleverTapOutcomeUnknown, CleverTapRefused.
        """
        started = time.monotonic()
        path = "/1/upload?dryRun=1" if dry_run else "/1/upload"
        traced = {"X-Clevertap-Bq-Run": run, "X-Clevertap-Bq-Batch": str(batch)}
        pieces = [body] if isinstance(body, bytes) else body
        reply = self._exchange("POST", path, pieces, traced)
        if not is_success(reply.status):
            raise failure_of(reply.status, retry_after=reply.retry_after)
        processed, refused = verdicts_of(reply.content, pieces, count)
        return Answer(processed, refused, round((time.monotonic() - started) * 1000))

    def _exchange(
        self, method: str, path: str, body: Sequence[Buffer], extra: dict[str, str]
    ) -> Reply:
        # Counted from here: a process that stands still before it sends, sends nothing afterwards.
        deadline = time.monotonic() + self._timeout
        headers = self._headers() | extra
        line = self._free_line()
        try:
            line.open(deadline)
        except (HTTPError, OSError, UnicodeError):
            line.close()
            raise CleverTapUnavailable(Reason.NO_CONNECTION) from None
        finished = False
        try:
            reply = line.exchange(method, self._path + path, body, headers)
            finished = True
        except TimeoutError:
            raise CleverTapOutcomeUnknown(Reason.TIMED_OUT) from None
        except AnswerTooLong:
            raise CleverTapOutcomeUnknown(Reason.UNREADABLE) from None
        except (HTTPError, http.client.HTTPException, OSError):
            raise CleverTapOutcomeUnknown(Reason.CONNECTION_LOST) from None
        finally:
            if finished:
                self._idle.append(line)
            else:
                line.close()
        return reply

    def _free_line(self) -> Line:
        try:
            return self._idle.pop()
        except IndexError:
            return self._new_line()

    def _headers(self) -> dict[str, str]:
        """Raises: CleverTapRefused for credentials that no header can carry."""
        try:
            values = self._account_id, self._passcode.reveal()
        except ValueError:
            raise CleverTapRefused(Reason.CREDENTIALS) from None
        if not all(value.isascii() and value.isprintable() and value for value in values):
            raise CleverTapRefused(Reason.CREDENTIALS)
        return {
            "X-CleverTap-Account-Id": values[0],
            "X-CleverTap-Passcode": values[1],
            "Content-Type": "application/json",
            "User-Agent": "clevertap-bq",
        }


def _maker_of_lines(scheme: str, host: str, port: int | None) -> Callable[[], Line]:
    if scheme != "https":
        return lambda: Line(host, port)
    trusted = ssl.create_default_context()
    return lambda: TlsLine(host, port, ssl_context=trusted)
