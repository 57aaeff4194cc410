"""The last net under secrets in logs."""

import logging

import pytest

from clevertap_bq.logs import MaskedFormatter, masked

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"refused {KEY} at once", "MIIEvQ"),
        ("cut off: -----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkq", "MIIEvQ"),
        ("Authorization: Bearer ya29.a0AfH6SMC-x_y.z", "a0AfH6"),
        ("assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJh.c2lnbmF0dXJl", "eyJpc3Mi"),
        ("X-CleverTap-Passcode: ABC-XYZ-1234", "ABC-XYZ"),
        ("redis://:hunter2hunter2@127.0.0.1:6379/0", "hunter2"),
        ("postgresql://app:hunter2@db/app", "hunter2"),
        ("GET /sign-in/link/AbC_dEf-123/ 200", "AbC_dEf"),
    ],
)
def test_masks(text, secret):
    assert secret not in masked(text)


def test_leaves_other_text_alone():
    text = "run 12 ended: read=3 accepted=3, see /settings/partners/"
    assert masked(text) == text


def test_masks_a_traceback_that_is_rendered_late():
    formatter = MaskedFormatter(processor=lambda *_: f"Traceback: {KEY}")
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", None, None)
    assert "MIIEvQ" not in formatter.format(record)
