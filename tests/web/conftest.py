"""What every page test stands in."""

import pytest


@pytest.fixture(autouse=True)
def plain_surroundings(settings):
    """Static files that nobody has collected, and hashes that do not take half a second each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True
    settings.SIGN_IN_REMEMBERED_SECONDS = 0  # what one test was refused is not the next one's
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
