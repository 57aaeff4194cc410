"""People with and without passwords, as the pages of accounts meet them."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import make_sign_in_link

PASSWORD = "seven quiet herons"


@pytest.fixture
def admin(db):
    return User.objects.create_user(email="ana@example.com", role="admin", password=PASSWORD)


@pytest.fixture
def creator(db):
    return User.objects.create_user(email="cleo@example.com", role="creator")


@pytest.fixture
def member(db):
    return User.objects.create_user(email="max@example.com", role="member")


@pytest.fixture
def link(member):
    return make_sign_in_link(user=member, now=timezone.now())
