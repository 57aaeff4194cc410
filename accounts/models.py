"""People, what they may do, how they are let in, and the trail of what they did."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Makes and finds people by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")

    def create_user(self, *, email: str, role: str, password: str | None = None) -> "User":
        user = self.model(email=email.strip(), role=role)
        user.set_password(password)  # None makes a password that never matches
        user.save()
        return user


class User(AbstractBaseUser):
    """One person. The roles are CleverTap's: Admin, Creator, Member."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Admin"
        CREATOR = "creator", "Creator"
        MEMBER = "member", "Member"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    time_zone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    # None: as the rules say for the role.
    has_bigquery = models.BooleanField(null=True, default=None)
    # Who single sign-on says this is: its issuer and its own id of the person.
    sso_subject = models.CharField(max_length=512, null=True, default=None, unique=True)  # noqa: DJ001
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_admin(self) -> bool:
        """May connect, repair and delete."""
        return self.role == self.Role.ADMIN

    @property
    def is_creator(self) -> bool:
        """May make and run imports; admins may too."""
        return self.role in {self.Role.ADMIN, self.Role.CREATOR}


class Rules(models.Model):
    """What an admin has decided for everybody: one row, or none while nothing is decided."""

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    is_second_step_required = models.BooleanField(default=False)
    bigquery_off_for = models.JSONField(default=list)  # roles

    class Meta:
        verbose_name_plural = "rules"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="rules_are_one_row"),
        ]

    def __str__(self) -> str:
        return "rules"

    @classmethod
    def now(cls) -> "Rules":
        """The rules in force."""
        return cls.objects.filter(pk=cls.THE_ONE).first() or cls()


class SignInLink(models.Model):
    """A link that lets one person in, once, until it expires. Only its hash is kept."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "Sign-in link"
        INVITATION = "invitation", "Invitation"
        RESET = "reset", "Password reset"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.SIGN_IN)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in link {self.pk}"


class Tally(models.Model):
    """How often something was tried of late: what sign-in is slowed by."""

    subject = models.CharField(max_length=64, primary_key=True)  # a hash: no address, no name
    count = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)  # after the one that is in the trail
    ends_at = models.DateTimeField(db_index=True)
    lock_id = models.UUIDField(null=True)  # the entry of the trail that tells of the lock

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"tally {self.subject[:8]}"


class Visit(models.Model):
    """One browser that a person is signed in with, beside Django's row of the session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="visits")
    session_key = models.CharField(max_length=40, unique=True)  # a hash, as of the session
    began_at = models.DateTimeField(default=timezone.now)
    ip_address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, default="")

    def __str__(self) -> str:
        return f"visit {self.pk}"


class SecondStep(models.Model):
    """The app on a person's phone whose codes are asked for at sign-in (ADR 27)."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="second_step"
    )
    boxed_seed = models.TextField()  # not the ring’s: accounts.services.seed_box
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    # The 30 seconds of the last code that was taken: no code works twice.
    last_turn = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"second step of {self.pk}"


class RecoveryCode(models.Model):
    """A code for the day the phone is lost. Only its hash is kept; it works once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class NotToBeChanged(TypeError):
    """Somebody tried to change or remove an entry of the trail."""

    def __init__(self) -> None:
        super().__init__("Entries of the audit trail are added, never changed and never removed.")


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Entries to read and to add to. The database refuses the rest as well (migration 0002)."""

    def update(self, **_: Any) -> int:
        raise NotToBeChanged

    def bulk_update(self, *_: Any, **__: Any) -> int:
        raise NotToBeChanged

    def delete(self) -> tuple[int, dict[str, int]]:
        raise NotToBeChanged


class AuditEntry(models.Model):
    """One thing that somebody did. Rows are added, never changed and never removed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now)
    email = models.CharField(max_length=254)
    action = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    object_name = models.CharField(max_length=255)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    ip_address = models.GenericIPAddressField(null=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="audit_newest_first"),
            models.Index(fields=["object_kind", "object_id", "-at"], name="audit_of_object"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.email} {self.action} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NotToBeChanged
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> tuple[int, dict[str, int]]:
        raise NotToBeChanged
