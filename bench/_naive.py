"""The record that the other ways of ``bench.import_engine`` make of a row; they check nothing."""

from typing import Any


def record_of(row: dict[str, Any]) -> dict[str, Any]:
    """What CleverTap's documents show."""
    day = row["dob"]
    return {
        "type": "profile",
        "identity": row["customer_id"],
        "ts": 1_700_000_000,
        "profileData": {
            "Age": row["age"],
            "Orders": row["orders"],
            "Score": row["score"],
            "Spent": row["spent"],
            "Name": row["name"],
            "Email": row["email"],
            "City": row["city"],
            "VIP": row["vip"],
            "Signed Up": f"$D_{int(row['signed_up'].timestamp())}",
            "DOB": f"$D_{(day.toordinal() - 719_163) * 86_400 + 43_200}",
        },
    }
