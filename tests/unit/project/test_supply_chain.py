"""The bill of materials is the lock's, and a look-up that did not happen is not called a success."""

import json
import re

from tests.harness.audit import verdict
from tests.harness.sbom import LOCK, bill


def test_the_bill_names_every_locked_package_with_its_hashes():
    lock = LOCK.read_text()
    components = bill(lock, {"name": "x", "version": "1"})["components"]

    assert len(components) == len(re.findall(r"^[A-Za-z0-9]", lock, re.M)) > 30
    assert all(one["hashes"] for one in components)
    assert sum(len(one["hashes"]) for one in components) == lock.count("--hash=sha256:")


def test_a_known_weakness_fails_and_names_the_package():
    found = {"name": "django", "version": "1.0", "vulns": [{"id": "CVE-1"}]}

    assert verdict(json.dumps({"dependencies": [found]}), "") == (
        False,
        "Packages with known weaknesses:\ndjango 1.0: CVE-1",
    )


def test_no_weakness_passes_and_says_how_many_were_looked_up():
    found = {"name": "django", "version": "1.0", "vulns": []}

    assert verdict(json.dumps({"dependencies": [found]}), "") == (
        True,
        "1 packages, no known weakness",
    )


def test_a_source_that_cannot_be_reached_is_said_loudly():
    passes, sentence = verdict("", "ERROR: amqp could not be audited")

    assert passes
    assert sentence.startswith("NOT LOOKED UP")
    assert "amqp could not be audited" in sentence
