"""People for the tests of services."""

from datetime import UTC, datetime

import pytest

from accounts.models import User


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def now():
    return datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def admin(db):
    return User.objects.create_user(email="ana@example.com", role="admin")


@pytest.fixture
def member(db):
    return User.objects.create_user(email="max@example.com", role="member")
