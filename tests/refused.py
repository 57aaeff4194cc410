"""Refused rows and held batches for tests, as the runner writes them."""

from imports import contents
from imports.contents import Content
from imports.models import Batch, KeptRows, RefusedRow

SENTENCE = "The value is not an e-mail address."


def refuse(run, *rows, refused_by="rules", code="email_invalid", **facts):
    """Keep rows of the run: each a row number and its ``Content``."""
    facts = {"sentence": SENTENCE, **facts}
    made = [
        (RefusedRow(run=run, row_number=number, refused_by=refused_by, code=code, **facts), content)
        for number, content in rows
    ]
    KeptRows.objects.bulk_create(contents.seal_rows(made))
    RefusedRow.objects.bulk_create(row for row, _ in made)
    return [row for row, _ in made]


def person(number, email="nobody"):
    """What a refused customer held."""
    identity = f"customer-{number}"
    return number, Content(identity, cells={"customer_id": identity, "email": email})


def hold(run, first_row, *records, **facts):
    """A batch of the run whose answer was lost."""
    batch = Batch(
        run=run,
        first_row=first_row,
        end_row=first_row + len(records),
        record_count=len(records),
        state=Batch.State.UNKNOWN,
        **facts,
    )
    batch.sealed_records = contents.seal_records(batch.pk, records)
    batch.save()
    return batch
