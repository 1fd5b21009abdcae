"""PDF to canonical text: the order of the page, blanks filled by stamps, what is left out, and files that are refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from models.page import RawPage, RawWord
from models.source import Source
from pipeline.errors import SetAside
from pipeline.limits import DEFAULT, Limits
from pipeline.read_pdf import read_pdf
from tests.making import Made, make
from tests.pdf_maker import VIETNAM, Drawn, Paper, draw, identity, rewritten, sign, with_blanks, write_on
from tests.shared import shared

PAPER = Paper(
    letterhead=("UBND TỈNH THỬ NGHIỆM", "SỞ THỬ NGHIỆM"),
    number_line="Số: 57/STN-QLTN",
    subject=("V/v kiểm kê giếng khoan", "không còn sử dụng"),
    place_date="Thử Nghiệm, ngày 09 tháng 4 năm 2024",
    addressees=("- Ủy ban nhân dân các xã, phường;", "- Trung tâm Quan trắc môi trường."),
    body=(
        "Thực hiện Kế hoạch số 12/KH-UBND ngày 03/01/2024 của Ủy ban nhân dân tỉnh về bảo vệ nước dưới đất, Sở Thử nghiệm đề "
        "nghị các đơn vị thực hiện một số nội dung sau:",
        "1. Kiểm kê giếng khoan không còn sử dụng trên địa bàn, hoàn thành trước ngày 30/6/2024.",
        "2. Trám lấp ít nhất 45 giếng trong năm 2024.",
        "Đề nghị các đơn vị quan tâm thực hiện./.",
    ),
    recipients=("Nơi nhận:", "- Như trên;", "- UBND tỉnh (để b/c);", "- Lưu: VT, QLTN."),
    signature=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Trần Thử Bút"),
)
MORNING = datetime(2024, 4, 9, 8, 30, tzinfo=VIETNAM)

HEAD = """\
UBND TỈNH THỬ NGHIỆM
SỞ THỬ NGHIỆM
Số: 57/STN-QLTN
V/v kiểm kê giếng khoan
không còn sử dụng

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Thử Nghiệm, ngày 09 tháng 4 năm 2024

Kính gửi:

- Ủy ban nhân dân các xã, phường;

- Trung tâm Quan trắc môi trường.
"""
FOOT = """
Nơi nhận:
- Như trên;
- UBND tỉnh (để b/c);
- Lưu: VT, QLTN.

KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC
Trần Thử Bút
"""

Read = Callable[..., Source]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reads(pdf: bytes | Drawn, limits: Limits = DEFAULT, **options: Any) -> Source:
        data = pdf.pdf if isinstance(pdf, Drawn) else pdf
        path = tmp_path / "tep.pdf"
        path.write_bytes(data)
        source = read_pdf(path, hashlib.sha256(data).hexdigest(), limits, **options)
        holds_together(source)
        return source

    return reads


def holds_together(source: Source) -> None:
    """Every word and page of a source stands where it says it does."""
    for word in source.words:
        piece = source.text[word.start : word.end]
        assert piece and piece == piece.strip()
        x0, y0, x1, y1 = word.bbox
        assert x0 < x1 and y0 < y1
    starts = [page.start for page in source.pages]
    assert starts == sorted(starts)
    assert [page.number for page in source.pages] == list(range(1, len(source.pages) + 1))
    for region in source.regions:
        assert 0 <= region.start < region.end <= len(source.text)
        assert source.text[region.start : region.end].strip()


def region(source: Source, kind: str) -> list[str]:
    return [source.text[r.start : r.end] for r in source.regions if r.kind == kind]


def refused(read: Read, pdf: bytes, reason: str, **options: Any) -> str:
    with pytest.raises(SetAside) as caught:
        read(pdf, **options)
    assert (caught.value.stage, caught.value.reason) == ("read", reason)
    assert "tep.pdf" in caught.value.message
    return caught.value.message


def box_on(source: Source, text: str, page: int = 1) -> tuple[float, float, float, float]:
    start = source.text.index(text)
    return next(w.bbox for w in source.words if w.start == start and w.page == page)


# Order of the page


@pytest.mark.parametrize("gap", [9, 20, 28])
def test_letterhead_and_foot_are_read_column_by_column(read: Read, gap: float) -> None:
    text = read(draw(replace(PAPER, column_gap=gap))).text
    assert text.startswith(HEAD)
    assert text.endswith(FOOT)


def test_a_long_name_in_the_left_column_stays_there(read: Read) -> None:
    long = replace(
        PAPER, letterhead=("TRƯỜNG ĐẠI HỌC KỸ THUẬT VÀ CÔNG NGHỆ", "PHÒNG ĐẢM BẢO CHẤT LƯỢNG GIÁO DỤC"), column_gap=10
    )
    lines = read(draw(long)).text.splitlines()
    assert " ".join(lines[: lines.index("Số: 57/STN-QLTN")]) == " ".join(long.letterhead)


def test_body_paragraphs_are_blocks_of_printed_lines(read: Read) -> None:
    text = read(draw(PAPER)).text
    blocks = [block.replace("\n", " ") for block in text[len(HEAD) + 1 : -len(FOOT)].split("\n\n")]
    assert [b.strip() for b in blocks] == list(PAPER.body)


def test_boxes_lead_back_to_the_page(read: Read) -> None:
    drawn = draw(PAPER)
    source = read(drawn)
    page = pymupdf.open(stream=drawn.pdf, filetype="pdf")[0]
    for word in source.words:
        if word.page == 1:
            assert (
                page.get_textbox(pymupdf.Rect(word.bbox) + (1, 3, -1, -3)).strip() in source.text[word.start : word.end]
            )


def pieces(made: Made) -> Paper:
    return Paper(
        letterhead=tuple(made.letterhead),
        number_line=made.number_line,
        place_date=made.place_date,
        subject=tuple(made.subject_lines),
        title=tuple(made.title),
        addressees=tuple(made.addressees),
        body=tuple(made.body),
        recipients=tuple(made.recipients),
        signature=tuple(made.signature),
    )


@pytest.mark.parametrize("seed", range(60))
def test_every_word_comes_out_in_order(read: Read, seed: int) -> None:
    paper = pieces(make(seed, paragraphs=4 + seed % 20))
    number = paper.number_line.split()[1].split("/")[0]
    day = paper.place_date.split("ngày ")[1][:2]
    drawn = draw(with_blanks(paper, number, day))
    pdf = sign(drawn.pdf, identity("Trần Thử Bút"), "Nguoi ky", MORNING)
    for blank, text in (("{number}", number), ("{day}", day)):
        page, box = drawn.blanks[blank]
        pdf = sign(
            pdf, identity("SỞ THỬ NGHIỆM"), blank, MORNING + timedelta(hours=1), page=page, box=box, lines=(text,)
        )
    to = ("Kính gửi:", *paper.addressees) if paper.addressees else ()
    body = (*to, *paper.body)
    expected = (
        *paper.letterhead, paper.number_line, *paper.subject, *paper.motto, paper.place_date, *paper.title, *body,
        *paper.recipients, *paper.signature,
    )  # fmt: skip
    source = read(pdf)
    assert source.text.split() == " ".join(expected).split()
    assert paper.number_line in source.text and paper.place_date in source.text
    assert len(source.signatures) == 3


def test_a_sentence_goes_on_over_the_page_break(read: Read) -> None:
    filler = tuple(f"{k}. Nội dung thứ {k} của văn bản thử nghiệm." for k in range(1, 23))
    long = "Câu này " + "dài qua hai trang giấy và không dừng lại " * 12 + "cho đến đây."
    source = read(draw(replace(PAPER, body=(*filler, *[long] * 3))))
    paragraphs = [" ".join(block.split()) for block in source.text.split("\n\n")]
    assert paragraphs.count(long) == 3
    assert source.page_count == 2
    second = source.pages[1]
    assert source.text[second.start :].split(" ", 1)[0] != "2", "the page number is left out"


def test_a_raised_unit_is_no_footnote(read: Read) -> None:
    notes = {1: "Kể cả giếng đã trám lấp."}
    source = read(draw(replace(PAPER, body=("Đã kiểm kê 300 m^2 đất ven sông.", *PAPER.body), notes=notes)))
    assert "Đã kiểm kê 300 m2 đất ven sông." in source.text
    assert region(source, "footnote") == [notes[1]]


def test_a_footnote_stands_after_the_paragraph_that_calls_it(read: Read) -> None:
    note = "Thay thế Kế hoạch số 9/KH-UBND ngày 05/01/2023 của Ủy ban nhân dân tỉnh."
    source = read(draw(replace(PAPER, notes={1: note})))
    assert region(source, "footnote") == [note]
    paragraphs = [" ".join(block.split()) for block in source.text.split("\n\n")]
    assert paragraphs[paragraphs.index(note) - 1] == PAPER.body[1]
    assert paragraphs[paragraphs.index(note) + 1] == PAPER.body[2]


def test_a_ruled_table_is_read_row_by_row(read: Read) -> None:
    rows = (
        ("STT", "Đơn vị", "Số giếng phải trám lấp"),
        ("1", "Xã Thử Một", "20"),
        ("2", "Xã Thử Hai có tên rất dài để xuống dòng", "25"),
    )
    source = read(draw(replace(PAPER, table=rows, table_after=1)))
    assert region(source, "table") == ["\n".join(" | ".join(row) for row in rows)]
    assert source.text.startswith(HEAD) and source.text.endswith(FOOT)
    start = source.text.index("25", source.text.index("Xã Thử Hai"))
    assert any(w.start == start and w.bbox[0] > 380 for w in source.words)


def test_an_annex_runs_to_the_end(read: Read) -> None:
    annex = (
        "PHỤ LỤC",
        "Danh sách giếng khoan phải trám lấp",
        "Giếng số 1 tại thôn Thử Một.",
        "Giếng số 2 tại thôn Thử Hai.",
    )
    source = read(draw(replace(PAPER, annex=annex)))
    (found,) = region(source, "annex")
    assert " ".join(found.split()) == " ".join(annex)
    assert source.text[: source.text.index("PHỤ LỤC")].endswith(FOOT + "\n")


def test_an_attached_draft_with_its_own_letterhead_is_an_annex(read: Read) -> None:
    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    draft = replace(
        PAPER, letterhead=("ỦY BAN NHÂN DÂN", "TỈNH THỬ NGHIỆM"), number_line="Số: /QĐ-UBND", addressees=(), subject=()
    )
    document.insert_pdf(pymupdf.open(stream=draw(draft).pdf, filetype="pdf"))
    source = read(document.tobytes())
    (found,) = region(source, "annex")
    assert found.startswith("ỦY BAN NHÂN DÂN\nTỈNH THỬ NGHIỆM\nSố: /QĐ-UBND\n\nCỘNG HÒA")


def test_running_heads_are_left_out(read: Read) -> None:
    filler = tuple(f"{k}. Nội dung thứ {k} của văn bản thử nghiệm." for k in range(1, 60))
    document = pymupdf.open(stream=draw(replace(PAPER, body=filler)).pdf, filetype="pdf")
    for number, page in enumerate(document, start=1):
        page.insert_text((380, 25), f"Trang {number} Sao y tu he thong", fontsize=9)
    assert document.page_count >= 3
    source = read(document.tobytes())
    assert "he thong" not in source.text
    assert source.text.startswith(HEAD[:40])


# Stamps


def test_the_number_comes_from_a_signature_field(read: Read) -> None:
    drawn = draw(with_blanks(PAPER, "57", "09"))
    assert "Số: /STN-QLTN" in read(drawn).text
    pdf = drawn.pdf
    for blank, text in (("{number}", "57"), ("{day}", "09")):
        page, box = drawn.blanks[blank]
        pdf = sign(pdf, identity("SỞ THỬ NGHIỆM"), blank, MORNING, page=page, box=box, lines=(text,))
    source = read(pdf)
    assert source.text.startswith(HEAD)
    evidence = {s.field: s.evidence for s in source.signatures}
    number = evidence["{number}"]
    assert number is not None and (number.text, number.page) == ("57", 1)
    assert source.text[number.start : number.end] == "57" and number.bbox is not None
    x0, y0, x1, y1 = drawn.blanks["{number}"][1]
    assert x0 - 2 <= number.bbox[0] < number.bbox[2] <= x1 + 2 and y0 - 3 <= number.bbox[1] < number.bbox[3] <= y1 + 3


@pytest.mark.parametrize("whole", [False, True])
def test_the_number_comes_from_an_annotation(read: Read, whole: bool) -> None:
    drawn = draw(with_blanks(PAPER, "57", "09"))
    pdf = drawn.pdf
    for blank, text in (("{number}", "57"), ("{day}", "09")):
        page, box = drawn.blanks[blank]
        pdf = write_on(pdf, text, page, box)
    if whole:
        pdf = rewritten(pdf)
    assert read(pdf).text.startswith(HEAD)


def test_a_stamp_over_dots_takes_their_place(read: Read) -> None:
    drawn = draw(replace(PAPER, number_line="Số: ............/STN-QLTN"))
    x0, y0, x1, y1 = box_on(read(drawn), "............")
    pdf = sign(drawn.pdf, identity("SỞ THỬ NGHIỆM"), "So", MORNING, box=(x0 + 8, y0, x1, y1), lines=("57",))
    assert "\nSố: 57/STN-QLTN\n" in read(pdf).text


def test_digits_that_cover_print_are_no_filling(read: Read) -> None:
    drawn = draw(PAPER)
    box = box_on(read(drawn), "57")
    source = read(write_on(drawn.pdf, "99", 1, box))
    assert source.text == read(drawn).text + "\n99\n"


def test_the_text_of_a_signature_stamp_stands_at_the_end(read: Read) -> None:
    stamp = ("Người ký: Sở Thử nghiệm", "Thời gian ký: 09.04.2024", "08:30:00 +07:00")
    pdf = sign(draw(PAPER).pdf, identity("SỞ THỬ NGHIỆM"), "S", MORNING, box=(400, 5, 560, 45), lines=stamp, size=9)
    source = read(pdf)
    assert source.text == read(draw(PAPER)).text + "\n" + "\n".join(stamp) + "\n"
    assert all(page.end <= source.text.index("Người ký") for page in source.pages)
    (signature,) = source.signatures
    assert signature.evidence is not None and signature.evidence.text == "\n".join(stamp)


def test_a_stamp_flattened_into_the_page_stands_at_the_end_too(read: Read) -> None:
    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    page = document[0]
    for index, line in enumerate(("Signed by: SO THU NGHIEM", "Date: 2024.04.09 08:30:00")):
        page.insert_text((420, 20 + 10 * index), line, fontsize=8)
    text = read(document.tobytes()).text
    assert text == read(draw(PAPER)).text + "\nSigned by: SO THU NGHIEM\nDate: 2024.04.09 08:30:00\n"


def test_the_value_of_a_form_field_is_text_of_the_page(read: Read) -> None:
    drawn = draw(with_blanks(PAPER, "57", "99"))
    document = pymupdf.open(stream=drawn.pdf, filetype="pdf")
    field = pymupdf.Widget()
    field.field_name, field.field_type, field.field_value = "so", pymupdf.PDF_WIDGET_TYPE_TEXT, "57"
    field.rect, field.text_fontsize = pymupdf.Rect(drawn.blanks["{number}"][1]), 11
    document[0].add_widget(field)
    assert "Số: 57" in read(document.tobytes()).text


@pytest.mark.parametrize("as_annotation", [False, True])
def test_the_arrival_stamp_is_left_out(read: Read, as_annotation: bool) -> None:
    lines = ("VP. UBND TINH", "ĐẾN", "Số: 4415", "Ngày: 11/04/2024", "Chuyển: ............")
    drawn = draw(PAPER)
    if as_annotation:
        pdf = sign(drawn.pdf, identity("VĂN PHÒNG"), "Den", MORNING, box=(20, 10, 160, 80), lines=lines, size=9)
    else:
        document = pymupdf.open(stream=drawn.pdf, filetype="pdf")
        font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
        for index, line in enumerate(lines):
            document[0].insert_text((20, 14 + 9 * index), line, fontsize=8, fontname="F9", fontfile=font)
        pdf = document.tobytes()
    assert read(pdf).text == read(drawn).text


def test_hidden_annotations_print_nothing(read: Read) -> None:
    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    annot = document[0].add_freetext_annot((200, 600, 300, 620), "an di")
    annot.set_flags(pymupdf.PDF_ANNOT_IS_HIDDEN)
    document[0].add_text_annot((300, 700), "ghi chu rieng")
    text = read(document.tobytes()).text
    assert "an di" not in text and "ghi chu" not in text


# Pages without usable text


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


# Files that are refused, and what is in others


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


def test_a_turned_page_is_read_as_shown(read: Read) -> None:
    document = pymupdf.open(stream=draw(PAPER).pdf, filetype="pdf")
    wide = pymupdf.open()
    page = wide.new_page(width=842, height=595)
    page.show_pdf_page(page.rect, document, 0, rotate=90)
    page.set_rotation(90)
    source = read(wide.tobytes())
    assert source.text.split() == read(draw(PAPER)).text.split()
    assert all(0 <= w.bbox[0] < w.bbox[2] <= 596 and 0 <= w.bbox[1] < w.bbox[3] <= 843 for w in source.words)


def test_old_fonts_are_decoded_by_their_names(read: Read) -> None:
    old = replace(PAPER, body=("C¨n cø §iÒu 5 cña Quy chÕ lµm viÖc, Së Thö nghiÖm ®Ò nghÞ c¸c ®¬n vÞ phèi hîp./.",))
    pdf = draw(old).pdf
    assert b"Serif" in pdf
    for name in (b"LiberationSerif", b"DejaVuSerif"):
        pdf = pdf.replace(name, b".VnTime".ljust(len(name), b"x"))
    assert "Căn cứ Điều 5 của Quy chế làm việc, Sở Thử nghiệm đề nghị các đơn vị" in " ".join(read(pdf).text.split())


# Files of the real world


@pytest.mark.parametrize(
    ("stem", "head", "foot"),
    [
        ("bthuan_108_TTr_SNV", "\nSố: 108/TTr-SNV\n", "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC\n"),
        ("bthuan_519_SNV_TCCC", "\nSố: 519/SNV-TCCC\n", "\nGIÁM ĐỐC\n"),
        ("bthuan_788_STP_HCBT", "\nSố: 788/STP-HCBT\nV/v ", "- Lưu: VT, HCBT.\n\nGIÁM ĐỐC\n"),
        ("bthuan_2114_TTr_SNV", "\nSố: 2114/TTr-SNV\n", "\n\nGIÁM ĐỐC\n"),
        ("vku_67_TB_dang_ky_thi_TA_CDR_2021", "\nSố: 67/TB-KT&ĐBCL\n", "PHÓ TRƯỞNG PHÒNG PHỤ TRÁCH\n(Đã ký)\n"),
    ],
)
def test_real_files(stem: str, head: str, foot: str) -> None:
    path = shared("corpus", f"{stem}.pdf")
    source = read_pdf(path, "0" * 64, DEFAULT)
    holds_together(source)
    top, _, rest = source.text.partition("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập")
    assert head in top and rest
    assert foot in source.text[source.text.index("Nơi nhận:") :]
    assert source.text.count("Nơi nhận:") == 1


def test_a_real_file_in_old_fonts() -> None:
    source = read_pdf(shared("corpus", "tcvn3_2006_19412_QD115_04TTg_BLTch_DNNVV.pdf"), "0" * 64, DEFAULT)
    holds_together(source)
    assert "NGÀY 25 THÁNG 6 NĂM 2004" in source.text
    assert "\n\nĐiều 2. Quyết định này có hiệu lực sau 15 ngày kể từ ngày đăng Công báo.\n\n" in source.text
