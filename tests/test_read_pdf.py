"""PDF to canonical text: the order of the page and where its words stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pymupdf
import pytest

from pipeline.limits import DEFAULT
from pipeline.pages.read_pdf import read_pdf
from tests.making import Made, make
from tests.pdf_cases import FOOT, HEAD, MORNING, PAPER, Read, holds_together, reader, region
from tests.pdf_maker import Paper, draw, with_blanks
from tests.pdf_signer import identity, sign
from tests.shared import gold, shared


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader(tmp_path)


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


@pytest.mark.parametrize(
    "stem",
    [
        "bthuan_108_TTr_SNV",
        "bthuan_519_SNV_TCCC",
        "bthuan_788_STP_HCBT",
        "bthuan_2114_TTr_SNV",
        "vku_67_TB_dang_ky_thi_TA_CDR_2021",
    ],
)
def test_real_files(stem: str) -> None:
    labels = gold(stem)
    source = read_pdf(shared("corpus", f"{stem}.pdf"), "0" * 64, DEFAULT)
    holds_together(source)
    left, right, *_ = source.text.split("\n\n")
    assert labels["code"] in left and right.startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n")
    assert f"ngày {labels['issued_on'][-2:]} tháng" in right
    recipients, signature = source.text.rstrip().split("\n\n")[-2:]
    assert recipients.startswith("Nơi nhận:\n") and labels["archived_at"] in recipients
    assert labels["signer"]["position"] in signature and signature.endswith(labels["signer"]["name"])
    for code in (reference["code"] for reference in labels["references"] if reference.get("code")):
        assert code in source.text.replace("-\n", "-").replace("\n", " ")


def test_a_real_file_in_old_fonts() -> None:
    stem = "tcvn3_2006_19412_QD115_04TTg_BLTch_DNNVV"
    source = read_pdf(shared("corpus", f"{stem}.pdf"), "0" * 64, DEFAULT)
    holds_together(source)
    text = " ".join(source.text.split()).casefold()
    for reference in gold(stem)["references"]:
        assert str(reference.get("code") or reference.get("name")).casefold() in text
        assert (reference.get("title") or "").casefold() in text
    assert source.pages[0].reason.endswith("decoded from tcvn3")
