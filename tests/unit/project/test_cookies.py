"""Cookies as production sets them: to this host only, by TLS only, unseen by scripts."""

import os
import subprocess
import sys
from pathlib import Path

from tests.harness.environment import for_checks, like_production

ROOT = Path(__file__).resolve().parents[3]
READ = """
import django; django.setup()
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.KNOWN_COOKIE_NAME)
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.HTTPS_ONLY)
print(s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY)
print(s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH)
print(s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE)
"""


def test_cookies_of_production_are_of_the_host_alone(tmp_path):
    environment = {**os.environ, **like_production(for_checks(tmp_path))}
    environment["DJANGO_SETTINGS_MODULE"] = "clevertap_bq.settings"
    ran = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.splitlines() == [
        "__Host-session __Host-csrf __Host-known",
        "True True True",
        "True True",
        "None None / /",
        "Lax Lax",
    ]
