"""What the tests of the mapping page have in common: columns, and the form as it is posted."""

COLUMNS = [
    {"name": "customer_id", "type": "STRING", "mode": "NULLABLE", "fields": []},
    {"name": "email", "type": "STRING", "mode": "NULLABLE", "fields": []},
    {"name": "last_seen", "type": "DATETIME", "mode": "NULLABLE", "fields": []},
    {
        "name": "address",
        "type": "RECORD",
        "mode": "NULLABLE",
        "fields": [{"name": "city", "type": "STRING", "mode": "NULLABLE", "fields": []}],
    },
]


def mapped(lookup, *, email="Email", **changes):
    rows = [
        ("customer_id", "", "", "string"),
        ("email", "on" if email else "", email, "string"),
        ("last_seen", "on", "Last seen", "date"),
        ("address.city", "", "", "string"),
    ]
    values = {
        "lookup": lookup.pk,
        "identity_column": "customer_id",
        "identity_as": "identity",
        "time_zone": "Europe/Berlin",
        "columns-TOTAL_FORMS": "4",
        "columns-INITIAL_FORMS": "4",
        "action": "save",
    }
    for number, (column, use, name, kind) in enumerate(rows):
        values |= {
            f"columns-{number}-column": column,
            f"columns-{number}-name": name,
            f"columns-{number}-type": kind,
        }
        if use:
            values[f"columns-{number}-use"] = use
    return {**values, **changes}
