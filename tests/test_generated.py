"""Dispatches that the tests make: what went in must come out, from the text as from a PDF of it."""

from __future__ import annotations

from typing import Any

import pytest
from pipeline.read import read_bytes

from models.record import Dispatch
from pipeline.extract import extract
from tests.making import Made, make


def record_of(made: Made) -> Dispatch:
    (source,) = read_bytes(made.text.encode("utf-8"), "made.txt")
    return extract(source)


def value_of(record: dict[str, Any], path: str) -> Any:
    for key in path.split("."):
        record = record[key]
    return record


@pytest.mark.parametrize("seed", range(200))
def test_what_went_in_comes_out(seed: int) -> None:
    made = make(seed)
    record = record_of(made)
    dumped = record.model_dump()
    found = {path: value_of(dumped, path) for path in made.expected}
    if isinstance(found["subject"], str):
        found["subject"] = found["subject"][:1].lower() + found["subject"][1:]
    assert found == made.expected
    assert [r.code for r in record.references] == made.codes
    assert sorted(d.due_on for d in record.deadlines if d.due_on) == sorted(made.due)
    assert sorted(q.value for q in record.quantities) == sorted(made.values)
    canonical = read_bytes(made.text.encode("utf-8"), "made.txt")[0].text
    for entry in (*record.references, *record.quantities, *record.deadlines, *record.copies, *record.addressees):
        assert canonical[entry.evidence.start : entry.evidence.end] == entry.evidence.text
