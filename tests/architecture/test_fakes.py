"""The fakes answer to the same calls as the real gateways, or they prove nothing."""

import inspect

import pytest

from connections.bigquery import BigQuery
from imports.clevertap import CleverTap
from tests.fakes import FakeBigQuery, FakeCleverTap


def calls(cls):
    return {
        name: [
            (parameter.name, parameter.kind)
            for parameter in inspect.signature(function).parameters.values()
        ]
        for name, function in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }


@pytest.mark.parametrize(
    ("fake", "real"), [(FakeBigQuery, BigQuery), (FakeCleverTap, CleverTap)], ids=["bq", "ct"]
)
def test_every_call_of_the_fake_is_one_of_the_real_gateway(fake, real):
    really = calls(real)
    for name, parameters in calls(fake).items():
        assert name in really, f"the real gateway has no {name}()"
        assert parameters == really[name], name
