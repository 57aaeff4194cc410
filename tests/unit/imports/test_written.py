"""Records in one piece of memory: what is hashed is what would be sent."""

import hashlib

import pyarrow as pa
import pytest

from imports.mapping import Made
from imports.mapping.columnar import Written
from imports.mapping.encoding import body_of
from imports.runner.parcels import whole_of

TEXTS = ['{"a":1}', '{"b":"ü"}', "{}"]


def written(texts):
    return Written(pa.array([text + "," for text in texts]), None)


@pytest.mark.parametrize(("begin", "end"), [(0, 3), (1, 3), (0, 1), (2, 2), (0, 0)])
def test_the_hash_is_that_of_the_body_wherever_it_is_cut(begin, end):
    part = written(TEXTS)[begin:end]
    body = body_of([text.encode() for text in TEXTS[begin:end]])
    assert part.body() == body
    assert part.sha256() == hashlib.sha256(body).hexdigest()


def test_a_parcel_of_refused_rows_has_one_hash_whatever_lies_behind_it():
    """Else an owner who reads other blocks would find that the rows have changed."""
    parcels = [
        whole_of(Made(written(texts), [5, 6, 7], []), first_row=0, end_row=9).part(0, 5)
        for texts in (TEXTS, ["{}"] * 3)
    ]
    assert parcels[0].sha256 == parcels[1].sha256 == hashlib.sha256(b'{"d":[]}').hexdigest()
