"""Pages without usable text, PDFs that are refused, and what else a PDF may hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from models.page import RawPage, RawWord
from pipeline.errors import SetAside
from pipeline.limits import DEFAULT
from tests.pdf_cases import FOOT, MORNING, PAPER, Read, reader, refused, region
from tests.pdf_maker import Drawn, draw
from tests.pdf_signer import identity, sign
from tests.scan_maker import as_it_is, scanned


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader(tmp_path)


def scan_of(drawn: Drawn) -> pymupdf.Document:
    scan = pymupdf.open()
    for page in pymupdf.open(stream=drawn.pdf, filetype="pdf"):
        scan.new_page(width=page.rect.width, height=page.rect.height).insert_image(
            page.rect, pixmap=page.get_pixmap(dpi=60)
        )
    return scan


def test_a_scan_without_ocr_is_set_aside(read: Read) -> None:
    message = refused(read, scan_of(draw(PAPER)).tobytes(), "scan-needs-ocr")
    assert "apt install tesseract-ocr tesseract-ocr-vie" in message


def test_a_scan_with_only_a_stamp_of_text_is_a_scan(read: Read) -> None:
    scan = scan_of(draw(PAPER))
    pdf = sign(
        scan.tobytes(),
        identity("SỞ THỬ NGHIỆM"),
        "S",
        MORNING,
        box=(400, 5, 560, 45),
        lines=("Ký bởi: Sở Thử nghiệm",),
        size=9,
    )
    refused(read, pdf, "scan-needs-ocr")


def test_a_scanned_page_among_others_is_flagged(read: Read) -> None:
    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    document.insert_pdf(scan_of(draw(PAPER)))
    source = read(document.tobytes())
    assert [(f.code, f.rule) for f in source.flags] == [("unread-page", "read/image-only")]
    assert [p.reason.startswith("image-only") for p in source.pages] == [False, True]
    assert source.text.endswith(FOOT)


def test_ocr_is_asked_only_for_pages_it_is_needed_for(read: Read) -> None:
    asked: list[tuple[int, str]] = []

    def ocr(page: Any, number: int, reason: str) -> RawPage:
        asked.append((number, reason))
        words = (
            RawWord("PHỤ", (90, 90, 120, 104), confidence=0.9),
            RawWord("LỤC", (124, 90, 150, 104), confidence=0.8),
        )
        return RawPage(number, page.rect.width, page.rect.height, words, "ocr", reason)

    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    document.insert_pdf(scan_of(draw(PAPER)))
    source = read(document.tobytes(), ocr=ocr)
    assert [number for number, _ in asked] == [2] and asked[0][1].startswith("image-only")
    assert region(source, "annex") == ["PHỤ LỤC"]
    assert [p.text_origin for p in source.pages] == ["born-digital", "ocr"]
    assert [w.confidence for w in source.words[-2:]] == [0.9, 0.8]
    assert source.flags == ()


def test_a_garbled_text_layer_is_not_used(read: Read) -> None:
    garbled = replace(
        PAPER,
        body=tuple("ƒß§Ð ÞþÿŒ øåæð ŠšŽž ßðÞ‡ †‰Œœ ÐðŠ " * 9 for _ in range(3)),
        letterhead=("ÐÞŠ ŽŒÆ",),
        addressees=(),
    )
    source = read(draw(garbled), ocr=lambda page, number, reason: RawPage(number, 595, 842, (), "ocr", reason))
    assert source.pages[0].reason.startswith("unreadable text layer")


@pytest.mark.parametrize(
    "words",
    [
        "SO THU NGHIEM kiem ke gieng khoan tren dja ban va bao cao ket qua ve tinh truoc han ",
        "S() THlr NGHltM ki~m k~ gi~ng khoan tr~n dja bl)n vA bAo cAo k~t qul) v~ t1nh trlrOc h?n ",
    ],
    ids=["without-accents", "accents-as-signs"],
)
def test_a_scanners_text_layer_without_accents_is_read_again(words: str, read: Read) -> None:
    with pymupdf.open(stream=scanned(draw(PAPER).pdf, as_it_is)) as document:
        for line in range(12):
            document[0].insert_text((60, 100 + 40 * line), words, fontsize=8, render_mode=3)
        pdf = document.tobytes()
    source = read(Drawn(pdf, {}), ocr=lambda page, number, reason: RawPage(number, 595, 842, (), "ocr", reason))
    assert source.pages[0].reason.startswith("unreadable text layer")


def encrypted(user: str) -> bytes:
    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    data: bytes = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=user, owner_pw="chủ")
    return data


def test_a_password_is_asked_for(read: Read) -> None:
    assert "--password-file" in refused(read, encrypted("mat-khau"), "password-needed")
    refused(read, encrypted("mat-khau"), "password-needed", password="sai")
    assert read(encrypted("mat-khau"), password="mat-khau").text == read(draw(PAPER)).text


def test_the_empty_password_is_tried_first(read: Read) -> None:
    assert read(encrypted("")).text == read(draw(PAPER)).text


def test_a_table_in_an_encrypted_file(read: Read) -> None:
    document = pymupdf.open(stream=draw(replace(PAPER, table=(("a", "b"), ("1", "2")))).pdf, filetype="pdf")
    pdf = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="mat-khau", owner_pw="chủ")
    assert region(read(pdf, password="mat-khau"), "table") == ["a | b\n1 | 2"]


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", b"no pdf at all", b"%PDF-1.4\n%%EOF"])
def test_damaged_files_are_refused(read: Read, pdf: bytes) -> None:
    with pytest.raises(SetAside) as caught:
        read(pdf)
    assert caught.value.reason in ("damaged-pdf", "no-pages")


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6, 0.8, 0.97])
def test_a_truncated_file_is_read_as_far_as_it_goes_or_refused(read: Read, share: float) -> None:
    pdf = draw(replace(PAPER, table=(("a", "b"), ("1", "2")))).pdf
    pdf = sign(pdf, identity("Trần Thử Bút"), "S", MORNING)
    try:
        source = read(pdf[: int(share * len(pdf))])
    except SetAside as aside:
        assert aside.reason in ("damaged-pdf", "no-pages", "scan-needs-ocr")
    else:
        assert source.extra.get("repaired")


def test_a_file_without_pages(read: Read) -> None:
    pages = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>"
    )
    refused(read, b"%PDF-1.4\n" + pages, "no-pages")


def test_limits(read: Read) -> None:
    document = pymupdf.open()
    for _ in range(12):
        document.new_page()
    refused(read, document.tobytes(), "too-many-pages", limits=replace(DEFAULT, pages=10))
    refused(read, draw(PAPER).pdf, "too-big", limits=replace(DEFAULT, file_bytes=1_000))
    refused(read, draw(PAPER).pdf, "too-big", limits=replace(DEFAULT, text_bytes=100))
    refused(read, draw(PAPER).pdf, "time-limit", limits=replace(DEFAULT, seconds=0.0))


def test_attachments_are_listed_and_scripts_are_not_run(read: Read) -> None:
    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    document.embfile_add("bang.xlsx", b"x", filename="bang.xlsx")
    document[0].add_file_annot((500, 800), b"y", "kem.docx")
    script = document.get_new_xref()
    document.update_object(script, "<</S/JavaScript/JS(app.alert\\(1\\))>>")
    document.xref_set_key(document.pdf_catalog(), "OpenAction", f"{script} 0 R")
    source = read(document.tobytes())
    assert sorted(source.attachments) == ["bang.xlsx", "kem.docx"]
    assert source.extra == {"javascript": "present, not run"}
    assert source.text == read(draw(PAPER)).text
