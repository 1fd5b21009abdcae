"""Scans that the tests make: printed, photographed by the renderer, damaged, read again."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from models.source import Source
from pipeline.extract import extract
from pipeline.pages import ocr
from pipeline.read import read_bytes
from tests.making import make
from tests.pdf_maker import draw
from tests.scan_maker import Damage, as_it_is, blurred, photocopied, scanned, sealed, tilted
from tests.test_generated import paper_of

MADE = make(12, paragraphs=4)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """OCR keeps what it reads in a folder of these tests."""
    folder = tmp_path_factory.mktemp("ocr")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv("LOCALAPPDATA", str(folder))
        yield folder


def read_scan(damage: Damage) -> Source:
    (source,), failures = read_bytes(scanned(draw(paper_of(MADE)).pdf, damage), "scan.pdf")
    assert not failures
    return source


def words_lost(source: Source) -> float:
    """The share of the page's words that the scan's text does not hold, in order."""
    (clean,), _ = read_bytes(draw(paper_of(MADE)).pdf, "clean.pdf")
    wanted, got = clean.text.split(), source.text.split()
    kept = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    return 1 - sum(block.size for block in kept) / len(wanted)


@pytest.mark.parametrize(
    ("damage", "most"),
    [(as_it_is, 0.03), (tilted(1.2), 0.05), (blurred(1.0), 0.06), (photocopied, 0.15), (sealed(0.62, 0.80), 0.08)],
    ids=["as it is", "tilted", "blurred", "photocopied", "sealed"],
)
def test_the_words_survive(damage: Damage, most: float) -> None:
    source = read_scan(damage)
    assert source.text_origin == "ocr"
    assert all(page.text_origin == "ocr" and page.reason for page in source.pages)
    assert words_lost(source) <= most


def test_a_clean_scan_gives_the_record_and_never_a_wrong_number() -> None:
    record = extract(read_scan(as_it_is))
    assert record.document_type == MADE.expected["document_type"]
    assert record.notation == MADE.expected["notation"]
    assert record.issuing_body is not None and record.issuing_body.name == MADE.expected["issuing_body.name"]
    assert record.number in (None, MADE.expected["number"])
    assert record.issued_on in (None, MADE.expected["issued_on"])
    assert [r.code for r in record.references] == MADE.codes
    assert all(r.evidence.page == 1 and r.evidence.bbox is not None for r in record.references)


def test_the_same_page_is_not_read_twice(own_cache: Path) -> None:
    first = read_scan(as_it_is)
    kept = sorted(path for path in own_cache.rglob("*") if path.is_file())
    assert kept
    times = [path.stat().st_mtime_ns for path in kept]
    assert read_scan(as_it_is).text == first.text
    assert [path.stat().st_mtime_ns for path in kept] == times
    kept[0].write_text("damaged", encoding="utf-8")
    assert read_scan(as_it_is).text == first.text


def test_without_tesseract_a_scan_is_set_aside_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert ocr.reader_or_none() is None
    assert "tesseract-ocr-vie" in str(ocr.why_not())
    sources, failures = read_bytes(scanned(draw(paper_of(MADE)).pdf, as_it_is), "scan.pdf")
    assert not sources
    assert failures[0][1].reason == "scan-needs-ocr"
    assert "tesseract-ocr-vie" in failures[0][1].message
