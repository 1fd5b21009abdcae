"""Dispatches that the tests make: what went in must come out, from the text as from a PDF of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from models.record import Dispatch
from models.source import Source
from pipeline.extract import extract
from pipeline.read import read_bytes
from tests.making import Made, make
from tests.pdf_maker import Paper, draw, with_blanks
from tests.pdf_signer import identity, sign

HANOI = timezone(timedelta(hours=7))
BY_THE_PAGE = {"source", "evidence", "signatures", "flags", "mentions", "start", "end", "bbox", "page"}


def source_of(data: bytes, name: str) -> Source:
    sources, failures = read_bytes(data, name)
    assert not failures and len(sources) == 1, failures
    return sources[0]


def record_of(made: Made) -> Dispatch:
    return extract(source_of(made.text.encode("utf-8"), "made.txt"))


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
    canonical = source_of(made.text.encode("utf-8"), "made.txt").text
    spans = [e.evidence for e in record.references]
    spans += [e.evidence for e in record.quantities]
    spans += [e.evidence for e in record.deadlines]
    spans += [e.evidence for e in record.copies]
    for span in spans:
        assert canonical[span.start : span.end] == span.text


def paper_of(made: Made) -> Paper:
    return Paper(
        letterhead=tuple(made.letterhead),
        number_line=made.number_line,
        place_date=made.place_date,
        body=tuple(made.body),
        recipients=tuple(made.recipients),
        signature=tuple(line for line in made.signature if line),
        motto=tuple(made.motto),
        subject=tuple(made.subject_lines),
        title=tuple(made.title),
        addressees=("Kính gửi:", *made.addressees) if made.addressees else (),
    )


def signed_pdf(made: Made) -> bytes:
    """The dispatch printed with number and day left blank, signed by a person, then stamped by the office."""
    day = re.search(r"ngày (\d+) ", made.place_date)
    assert day is not None
    number = str(made.expected["number"])
    drawn = draw(with_blanks(paper_of(made), number, day[1]))
    signer = str(made.expected["signer.name"])
    pdf = sign(drawn.pdf, identity(signer), "nguoi-ky", datetime(2026, 1, 5, 8, 0, tzinfo=HANOI))
    office = identity(str(made.expected["issuing_body.name"]))
    for name, text in (("number", number), ("day", day[1])):
        page, box = drawn.blanks[f"{{{name}}}"]
        moment = datetime(2026, 1, 5, 9, 0, tzinfo=HANOI)
        pdf = sign(pdf, office, name, moment, page=page, box=box, lines=(text,))
    return pdf


def without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_places(v) for k, v in value.items() if k not in BY_THE_PAGE}
    return [without_places(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(200))
def test_a_signed_pdf_gives_the_record_of_its_text(seed: int) -> None:
    made = make(seed)
    text_record = record_of(made)
    record = extract(source_of(signed_pdf(made), "made.pdf"))
    assert without_places(record.model_dump()) == without_places(text_record.model_dump())
    assert [s.signer for s in record.signatures][0] == made.expected["signer.name"]
    assert len(record.signatures) == 3
    assert not [f for f in record.flags if f.code == "altered-after-signing"]
    assert record.evidence["number"].page == 1 and record.evidence["number"].bbox is not None
