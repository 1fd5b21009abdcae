"""The labelled sets beside the project, scored with the project's own scorer: no figure may fall below its mark."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.extract import extract
from pipeline.read import read
from pipeline.score import Tally, score
from tests.shared import gold, shared

FIVE = [
    "000_c5a3af7bed1891dc",
    "001_29f1b7b7db62c20b",
    "002_606e91b4e7225ba8",
    "003_c655d5c9af73b433",
    "004_6c7ae8ca71b1cfee",
]
TEXTS = [
    "vpcp_636_tb_phutho",
    "hatinh_624_kh_mamnon",
    "hcm_4085_cv_sonha",
    "ttg_234_cd_quangtrung",
    "web_1277_BGDDT_QLCL",
]
WITH_TEXT = [
    "bthuan_108_TTr_SNV", "bthuan_788_STP_HCBT", "bthuan_2114_TTr_SNV", "bthuan_519_SNV_TCCC",
    "vku_67_TB_dang_ky_thi_TA_CDR_2021", "web_1277_BGDDT_QLCL", "tcvn3_2005_QD_256",
    "tcvn3_2006_19412_QD115_04TTg_BLTch_DNNVV",
]  # fmt: skip
MARKS: dict[str, tuple[list[str], dict[str, float]]] = {
    "five": (
        FIVE,
        {
            "ALL HEADER": 0.98,
            "addressees found": 1.0,
            "copies found": 1.0,
            "references found": 1.0,
            "references exact": 0.95,
            "signatures found": 1.0,
            "quantities found": 0.97,
            "quantities exact": 0.85,
            "deadlines found": 0.95,
            "deadlines exact": 0.85,
        },
    ),
    "texts": (
        TEXTS,
        {
            "ALL HEADER": 0.95,
            "references found": 0.97,
            "references exact": 0.80,
            "quantities found": 0.85,
            "deadlines found": 0.80,
            "addressees found": 0.93,
            "copies found": 0.93,
        },
    ),
    "with-text": (
        WITH_TEXT,
        {"ALL HEADER": 0.97, "number": 1.0, "issued_on": 1.0, "references found": 0.95, "signatures found": 1.0},
    ),
}


def input_of(stem: str) -> Path:
    """The file a set of labels belongs to."""
    found = [*shared("seeds").glob(f"{stem}.*"), *shared("corpus").glob(f"{stem}.*")]
    assert len(found) == 1, found
    return found[0]


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Tally]]:
    """The scorer's figures by set."""
    found = {}
    for name, (stems, _) in MARKS.items():
        records = {}
        for stem in stems:
            (source,) = read(input_of(stem))
            records[stem] = json.loads(extract(source).model_dump_json())
        found[name] = score({stem: gold(stem) for stem in stems}, records).tallies
    return found


@pytest.mark.parametrize(
    ("name", "field", "mark"), [(n, f, m) for n, (_, marks) in MARKS.items() for f, m in marks.items()]
)
def test_mark(figures: dict[str, dict[str, Tally]], name: str, field: str, mark: float) -> None:
    f1 = figures[name][field].f1
    assert f1 is not None and f1 >= mark


@pytest.mark.parametrize("stem", [*FIVE, *TEXTS])
def test_every_evidence_is_a_slice_of_the_canonical_text(stem: str) -> None:
    (source,) = read(input_of(stem))
    record = extract(source)
    spans = [*record.evidence.values()]
    spans += [e.evidence for e in record.addressees]
    spans += [e.evidence for e in record.copies]
    spans += [e.evidence for e in record.references]
    spans += [e.evidence for e in record.quantities]
    spans += [e.evidence for e in record.deadlines]
    spans += [m for r in record.references for m in r.mentions]
    spans += [e.evidence for e in record.signatures if e.evidence is not None]
    spans += [e.evidence for e in record.flags if e.evidence is not None]
    assert len(spans) > 5
    for span in spans:
        assert source.text[span.start : span.end] == span.text
        if source.characters is not None and span.source_start is not None:
            assert source.characters.raw[span.source_start : span.source_end]


def flags_of(stem: str) -> list[tuple[str, str]]:
    (source,) = read(input_of(stem))
    return [(f.code, f.evidence.text if f.evidence else "") for f in extract(source).flags]


@pytest.mark.parametrize(
    ("stem", "code", "words"),
    [
        ("000_c5a3af7bed1891dc", "missing-header", ""),
        ("000_c5a3af7bed1891dc", "missing-number", ""),
        ("000_c5a3af7bed1891dc", "missing-signer", "CHỦ TỊCH"),
        ("001_29f1b7b7db62c20b", "unidentified-signature", "2024-10-31"),
        ("001_29f1b7b7db62c20b", "incomplete-date", ""),
        ("002_606e91b4e7225ba8", "missing-number", "/UBND-PNN"),
        ("002_606e91b4e7225ba8", "suspected-misspelling", "đơn độc"),
        ("003_c655d5c9af73b433", "duplicate-section", "2."),
        ("004_6c7ae8ca71b1cfee", "suspected-misspelling", "phân đầu"),
        ("004_6c7ae8ca71b1cfee", "suspected-misspelling", "phần đấu"),
        ("004_6c7ae8ca71b1cfee", "missing-annex", "phụ lục"),
    ],
)
def test_what_a_careful_archivist_would_question(stem: str, code: str, words: str) -> None:
    assert any(found == code and words in text for found, text in flags_of(stem)), flags_of(stem)


@pytest.mark.parametrize(
    ("stem", "code"),
    [
        ("001_29f1b7b7db62c20b", "repaired-code"),
        ("004_6c7ae8ca71b1cfee", "impossible-date"),
        ("004_6c7ae8ca71b1cfee", "conflicting-citation"),
    ],
)
def test_a_questioned_citation_is_one_the_labels_question(stem: str, code: str) -> None:
    quotes = [flag["quote"] for flag in gold(stem)["flags"] if flag["code"] == code]
    printed = [found for quote in quotes for found in re.findall(r"\d+/\S+", quote)[:1]]
    texts = [text for found, text in flags_of(stem) if found == code]
    assert printed and any(citation in text for citation in printed for text in texts), texts


def test_sums_that_add_up_raise_no_flag() -> None:
    assert not [code for code, _ in flags_of("004_6c7ae8ca71b1cfee") if code == "sum-mismatch"]
