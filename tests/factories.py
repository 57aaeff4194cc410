"""Test data: small factories, each a valid row by default."""

from datetime import timedelta

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from connections import encryption
from connections.models import Access, Connection, StoredKey, folded
from connections.secret import Secret
from imports.models import CleverTapAccount, Import, Run


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@shop.example")
    role = User.Role.MEMBER
    password = factory.LazyFunction(lambda: make_password(None))

    class Params:
        admin = factory.Trait(role=User.Role.ADMIN)
        creator = factory.Trait(role=User.Role.CREATOR)


class StoredKeyFactory(factory.django.DjangoModelFactory):
    """A stored key whose sealed text is not a key: enough for whoever never opens it."""

    class Meta:
        model = StoredKey

    client_email = "importer@shop-4711.iam.gserviceaccount.com"
    project_id = "shop-4711"
    private_key_id = factory.Sequence(lambda n: f"{n:040x}")
    public_fingerprint = factory.Sequence(lambda n: f"{n:064x}")
    uploaded_by = factory.SubFactory(UserFactory, admin=True)
    sealed_key = factory.LazyAttribute(
        lambda key: encryption.seal(Secret("{}"), StoredKey.seal_context(key.id))
    )

    @factory.lazy_attribute
    def id(self):
        return StoredKey._meta.get_field("id").default()


class ConnectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Connection

    name = factory.Sequence(lambda n: f"Warehouse {n}")
    name_key = factory.LazyAttribute(lambda connection: folded(connection.name))
    project_id = "shop-4711"
    dataset_id = "shop"
    location = "EU"
    access = Access.READ_WRITE
    key = factory.SubFactory(StoredKeyFactory)
    created_by = factory.SubFactory(UserFactory, admin=True)

    class Params:
        deleting = factory.Trait(
            state=Connection.State.DELETING,
            deletion_requested_at=factory.LazyFunction(timezone.now),
        )


class CleverTapAccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CleverTapAccount

    name = factory.Sequence(lambda n: f"Shop {n}")
    name_key = factory.LazyAttribute(lambda account: folded(account.name))
    region = "eu1"
    account_id = "ABC-123-456Z"
    created_by = factory.SubFactory(UserFactory, admin=True)
    sealed_passcode = factory.LazyAttribute(
        lambda account: encryption.seal(
            Secret("passcode"), CleverTapAccount.seal_context(account.id)
        )
    )

    @factory.lazy_attribute
    def id(self):
        return CleverTapAccount._meta.get_field("id").default()


COLUMNS = [
    {"name": "customer_id", "type": "STRING", "mode": "NULLABLE", "fields": []},
    {"name": "email", "type": "STRING", "mode": "NULLABLE", "fields": []},
]
MAPPING = {
    "kind": "profile",
    "identity": {"column": "customer_id", "as": "identity"},
    "updated_on": None,
    "created_on": None,
    "event_name": None,
    "properties": [{"column": "email", "name": "Email", "type": "string", "nulls": "omit"}],
    "skipped": [],
}


class ImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Import

    nickname = factory.Sequence(lambda n: f"Customers {n}")
    nickname_key = factory.LazyAttribute(lambda found: folded(found.nickname))
    connection = factory.SubFactory(ConnectionFactory)
    account = factory.SubFactory(CleverTapAccountFactory)
    table_id = "customers"
    columns = factory.LazyFunction(lambda: COLUMNS)
    mapping = factory.LazyFunction(lambda: MAPPING)
    status = Import.Status.READY
    next_slot_at = factory.LazyAttribute(
        lambda found: timezone.now() + timedelta(days=1) if found.status == "scheduled" else None
    )
    created_by = factory.SubFactory(UserFactory, creator=True)
    updated_by = factory.SelfAttribute("created_by")

    class Params:
        draft = factory.Trait(status=Import.Status.DRAFT, mapping={}, columns=[])
        stopped = factory.Trait(status=Import.Status.STOPPED)


class RunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Run

    parent = factory.SubFactory(ImportFactory)
    connection = factory.SelfAttribute("parent.connection")
    requested_by = factory.SelfAttribute("parent.created_by")
    snapshot = factory.LazyFunction(
        lambda: {
            "table_id": "customers",
            "columns": COLUMNS,
            "mapping": MAPPING,
            "unknown_policy": "resend",
        }
    )

    class Params:
        succeeded = factory.Trait(
            state=Run.State.SUCCEEDED, finished_at=factory.LazyFunction(timezone.now)
        )
        stopped = factory.Trait(
            state=Run.State.STOPPED, finished_at=factory.LazyFunction(timezone.now)
        )
