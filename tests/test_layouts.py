"""One dispatch, many layouts: whatever the lines look like, head, addressees, copies and signer are the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from extractors.fold import fold
from models.record import Dispatch
from pipeline.extract import extract
from pipeline.read import read_bytes
from tests.layouts import LAYOUTS, as_company, as_party, as_school, as_youth_union
from tests.making import Made, make

FIELDS = (
    "document_type", "document_type_code", "number", "notation", "code", "subject", "place", "issued_on",
    "issued_on_source", "archived_at", "same_as_addressees",
)  # fmt: skip


def record_of(text: str) -> Dispatch:
    sources, failures = read_bytes(text.encode("utf-8"), "made.txt")
    assert not failures and len(sources) == 1, failures
    record = extract(sources[0])
    for name, span in record.evidence.items():
        assert sources[0].text[span.start : span.end] == span.text, name
    return record


def frame_of(record: Dispatch) -> dict[str, Any]:
    """What letterhead, Kính gửi and foot say, without the places where they say it."""
    frame: dict[str, Any] = {name: getattr(record, name) for name in FIELDS}
    body, signer = record.issuing_body, record.signer
    frame["issuing_body"] = (body.name, body.superior, body.level, body.province, body.source) if body else None
    frame["signer"] = (signer.authority, signer.position, signer.name) if signer else None
    frame["addressees"] = [a.name for a in record.addressees]
    frame["copies"] = [(c.name, c.purpose) for c in record.copies]
    return frame


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@pytest.mark.parametrize("seed", range(24))
def test_the_layout_changes_nothing(layout: Callable[[Made], str], seed: int) -> None:
    made = make(seed, paragraphs=4)
    wanted = record_of(made.text)
    found = record_of(layout(made))
    assert frame_of(found) == frame_of(wanted)
    assert [r.code for r in found.references] == made.codes
    assert sorted(d.due_on for d in found.deadlines if d.due_on) == sorted(made.due)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_no_word_is_lost_and_each_is_found_again(layout: Callable[[Made], str]) -> None:
    printed = layout(make(3, paragraphs=4))
    sources, _ = read_bytes(printed.encode("utf-8"), "made.txt")
    text, characters = sources[0].text, sources[0].characters
    assert characters is not None and characters.raw == printed
    words = re.compile(r"[^\W_]+")
    assert sorted(words.findall(text)) == sorted(words.findall(re.sub("<br>", " ", printed)))
    for match in words.finditer(text):
        assert characters.evidence(*match.span()).text == match[0]


HOUSES: dict[Callable[[Made], Made], tuple[str, str, str | None, str, list[str], str, str]] = {
    as_party: ("17-CT/TU", "Tỉnh ủy Sơn La", None, "2021-08-06", ["T/M BAN THƯỜNG VỤ"], "PHÓ BÍ THƯ", "Lò Văn Giang"),
    as_youth_union: (
        "45-KH/TĐTN-TTN", "Tỉnh đoàn Sơn La", None, "2021-08-06", ["TM. BAN THƯỜNG VỤ"], "PHÓ BÍ THƯ", "Lò Thị Mai",
    ),
    as_school: (
        "1472/QĐ-ĐHHV", "Trường Đại học Hùng Vương", "Ủy ban nhân dân tỉnh Phú Thọ", "2021-09-27",
        [], "HIỆU TRƯỞNG", "Trịnh Văn Khánh",
    ),
    as_company: (
        "215/TCTLT-KH", "Tổng công ty Lương thực Miền Bắc", None, "2022-07-18",
        ["KT. TỔNG GIÁM ĐỐC"], "PHÓ TỔNG GIÁM ĐỐC", "Đỗ Minh Phúc",
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.__name__)
def test_other_houses_too(layout: Callable[[Made], str], house: Callable[[Made], Made]) -> None:
    made = house(make(1, paragraphs=4))
    found = record_of(layout(made))
    body, signer = found.issuing_body, found.signer
    assert body is not None and signer is not None
    values = (found.code, fold(body.name), body.superior, found.issued_on)
    code, name, superior, day, authority, position, person = HOUSES[house]
    # Which of a company's words are written large is its own affair.
    assert values == (code, fold(name), superior, day)
    assert (signer.authority, signer.position, signer.name) == (authority, position, person)
    assert frame_of(found) == frame_of(record_of(made.text))
