"""Dry runs as a page meets them: at work, judged, failed, and no longer kept."""

import json

from connections import encryption
from connections.secret import Secret
from imports.clevertap import RECORD_CODES, RecordVerdict
from imports.dry_run.verdict import result_of
from imports.mapping import Column, Mapping, compile_mapping
from imports.models import DryRun, Import
from tests.browser.scenes.rows_of_people import HOUR, MINUTE, NOW, SOON
from tests.browser.scenes.scene import row

LONG = "property_" + "p" * 100
MAPPING = {
    "kind": "event",
    "identity": {"column": "customer_id", "as": "identity"},
    "created_on": {"column": "event_time"},
    "event_name": {"fixed": "Order Placed"},
    "properties": [
        {"column": "amount", "name": "Amount", "type": "float"},
        {"column": "product.sku", "name": "SKU", "type": "string"},
        {"column": "note", "name": LONG, "type": "string"},
    ],
}
COLUMNS = [
    Column("customer_id", "STRING"),
    Column("event_time", "TIMESTAMP"),
    Column("amount", "NUMERIC"),
    Column("product.sku", "STRING"),
    Column("note", "STRING"),
]


def all_of_them(by):
    parent = Import.objects.get(pk=row("import draft events"))
    common = {"parent": parent, "mapping": MAPPING, "sample_rows": 250, "requested_by": by}
    DryRun.objects.create(id=row("dry run at work"), requested_at=SOON, **common)
    whole = {"scope": DryRun.Scope.WHOLE, "sample_rows": 0, "estimated_bytes": 3_400_000_000}
    DryRun.objects.create(id=row("dry run cost"), requested_at=SOON, **{**common, **whole})
    done = {**common, "requested_at": NOW - 2 * MINUTE, "finished_at": NOW - MINUTE}
    sentence = "The table shop.events is gone or was renamed. Choose another one."
    DryRun.objects.create(id=row("dry run failed"), failure_sentence=sentence, **done)
    DryRun.objects.create(
        id=row("dry run gone"), bytes_billed=0, **{**done, "requested_at": NOW - 2 * HOUR}
    )
    _judged("good", [["c1", "1700000000000000", "12.5", "S-1", "长" * 40]] * 250, **done)
    bad = [[None, "1700000000000000", "1", "S-1", None], ["null", None, "1", None, None]]
    bad += [["c3", "1700000000000000", "1", "S-1", "long " * 200]]
    good = [[f"customer-{n:07}", "1700000000000000", "9.25", "S-2", None] for n in range(90)]
    _judged("all rows", bad * 3 + good, is_whole=True, bytes_billed=10_485_760, **{**done, **whole})
    _judged("refused", bad * 3 + good, verdicts=2, bytes_billed=10_485_760, **done)


def _judged(kind, rows, *, verdicts=0, is_whole=False, bytes_billed=0, **facts):
    mapping = Mapping.from_json(MAPPING)
    made = compile_mapping(mapping, COLUMNS, run_ts=1).make(rows, 0)
    refused = [RecordVerdict(number, 522, RECORD_CODES[522]) for number in range(verdicts)]
    numbers = list(range(100_000, 100_000 + len(rows)))
    result = result_of(mapping, made, refused, numbers=numbers, not_asked="")
    result |= {"is_whole": is_whole, "unchecked": ["note"] if is_whole else []}
    dry_run = DryRun(id=row(f"dry run {kind}"), bytes_billed=bytes_billed, **facts)
    sealed = Secret(json.dumps(result))
    dry_run.sealed_result = encryption.seal(sealed, DryRun.seal_context(dry_run.pk))
    dry_run.save(force_insert=True)
