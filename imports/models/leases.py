"""Who may take what a worker holds for a time, by the database's clock (ADR 3)."""

from datetime import timedelta

from django.conf import settings
from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now


def lease_end() -> Combinable:
    """When a lease that is written now will end."""
    lease = timedelta(seconds=settings.RUN_LEASE_SECONDS)
    return ExpressionWrapper(Now() + lease, output_field=DateTimeField())


def is_free() -> Q:
    """Nobody's, or of somebody whose lease has ended."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=Now())


def is_due() -> Q:
    """Not waiting for its time."""
    return Q(not_before__isnull=True) | Q(not_before__lte=Now())
