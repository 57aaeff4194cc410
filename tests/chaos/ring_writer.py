"""Keeps sealing while the ring is rotated: python -m tests.chaos.ring_writer <file>.

New keys, replaced keys and destroyed keys, one after the other, until the file is there.
Prints one line for each committed value: the row and the number that is sealed in it.
"""

import sys
import time
import uuid
from pathlib import Path

import django

PAUSE_SECONDS = 0.01


def main(stop: Path) -> None:
    django.setup()
    from accounts.models import User  # noqa: PLC0415 - the apps are loaded only now
    from connections.models import StoredKey  # noqa: PLC0415

    by = User.objects.order_by("pk").first()
    rows = list(StoredKey.objects.filter(sealed_key__isnull=False).values_list("pk", flat=True))
    number = 0
    while not stop.exists():
        number += 1
        if number % 3 == 0:
            made = StoredKey.objects.create(uploaded_by=by, **described(uuid.uuid4(), number))
            said(made.pk, number)
        elif number % 3 == 1:
            row = rows[(number * 7919) % len(rows)]
            kept = StoredKey.objects.filter(pk=row, destroyed_at__isnull=True)
            if kept.update(sealed_key=described(row, number)["sealed_key"]):
                said(row, number)
        else:
            row = rows[(number * 104_729) % len(rows)]
            if number % 15 == 2 and StoredKey.objects.get(pk=row).destroy():
                said(row, 0)
        time.sleep(PAUSE_SECONDS)


def described(row: uuid.UUID, number: int) -> dict[str, object]:
    """A row whose sealed text says which row it is and how often it was written."""
    from connections import encryption  # noqa: PLC0415
    from connections.models import StoredKey  # noqa: PLC0415
    from connections.secret import Secret  # noqa: PLC0415

    # About as long as a key.
    plain = Secret(f"{row} {number} {'x' * 2300}")
    return {
        "id": row,
        "sealed_key": encryption.seal(plain, StoredKey.seal_context(row)),
        "client_email": "importer@shop-4711.iam.gserviceaccount.com",
        "project_id": "shop-4711",
        "private_key_id": row.hex,
        "public_fingerprint": row.hex,
    }


def said(row: uuid.UUID, number: int) -> None:
    sys.stdout.write(f"{row} {number}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
