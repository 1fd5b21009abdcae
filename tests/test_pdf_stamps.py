"""What stamps, annotations and fields print on a page, and where it goes in the text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from tests.pdf_cases import HEAD, MORNING, PAPER, Read, box_on, reader
from tests.pdf_maker import draw, font_files, with_blanks
from tests.pdf_signer import identity, rewritten, sign, write_on


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader(tmp_path)


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
        font = str(font_files()[0])
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
