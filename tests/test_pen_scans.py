"""Scans whose number and day are written by pen, drawn here: what annex, arrival stamp and signature make of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from PIL import ImageDraw, ImageFont

from benchmarks.pen_digits import Writer, glyph
from models.record import Dispatch
from pipeline.extract import extract
from pipeline.read import read_bytes
from tests.pdf_maker import Drawn, Paper, draw, font_files
from tests.pdf_signer import identity, sign
from tests.scan_maker import DPI, as_pdf, pictures

HANOI = timezone(timedelta(hours=7))
NUMBER, DAY = "1435", "24"
PAPER = Paper(
    letterhead=("UBND TỈNH SƠN LA", "SỞ XÂY DỰNG"),
    number_line="Số: {number}/SXD-QH",
    place_date="Sơn La, ngày {day} tháng 10 năm 2024",
    subject=("V/v rà soát bảng tên đường",),
    addressees=tuple(f"- Phòng thử nghiệm {k};" for k in ("một", "hai", "ba", "bốn", "năm")),
    body=("Sở Xây dựng đề nghị các huyện rà soát bảng tên đường, gửi kết quả về Sở./.",),
    recipients=("Nơi nhận:", "- Như trên;", "- Lưu: VT, QH."),
    signature=("GIÁM ĐỐC", "Vũ Thị Lan"),
)
ANNEX = ("PHỤ LỤC", f"(Kèm theo Công văn số {NUMBER}/SXD-QH ngày {DAY}/10/2024 của Sở Xây dựng)", "Đường thứ nhất.")


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """OCR keeps what it reads in a folder of these tests."""
    folder = str(tmp_path_factory.mktemp("ocr"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        patch.setenv("LOCALAPPDATA", folder)
        yield


def written(drawn: Drawn, seed: int, arrival: Sequence[str] = (), day: str = DAY) -> bytes:
    """The pages as a scan, number and day written into their blanks by pen; a black ĐẾN stamp on the first."""
    images = pictures(drawn.pdf)
    scale = DPI / 72
    pens = (("{number}", NUMBER, Writer(0.25, 4.0, 0.6, "strokes")), ("{day}", day, Writer(0.4, 7.0, 0.45, "strokes")))
    for name, text, writer in pens:
        rng = random.Random(seed)
        page, box = drawn.blanks[name]
        x, foot = scale * box[0] + 6, scale * box[3] - 4
        for digit in text:
            mark = glyph(int(digit), 0.36 / 2.54 * DPI, writer, rng)
            images[page - 1].paste((25, 35, 110), (round(x), round(foot - mark.height)), mark)
            x += mark.width + 1
    font = ImageFont.truetype(str(font_files()[1]), 28)
    for index, line in enumerate(arrival):
        ImageDraw.Draw(images[0]).text((70, 470 + 34 * index), line, fill=(40, 40, 40), font=font)
    return as_pdf(images)


def record_of(pdf: bytes) -> Dispatch:
    (source,), failures = read_bytes(pdf, "scan.pdf")
    assert not failures
    assert source.text_origin == "ocr"
    return extract(source)


def signed_on(pdf: bytes, day: int) -> bytes:
    return sign(pdf, identity("SỞ XÂY DỰNG"), "S", datetime(2024, 10, day, 16, 5, tzinfo=HANOI))


def messages(record: Dispatch) -> str:
    return " ".join(flag.message for flag in record.flags)


@pytest.fixture(scope="module")
def doubtful_day() -> int:
    """A seed with which the day is not read with certainty."""
    return next(s for s in range(8, 20) if record_of(written(draw(PAPER), s)).issued_on is None)


def test_the_annex_names_the_number_that_the_pen_left_in_doubt() -> None:
    doubtful = []
    for seed in (1, 2, 5, 7):
        alone = record_of(written(draw(PAPER), seed))
        assert alone.number in (None, NUMBER)
        if alone.number is None:
            doubtful.append(seed)
            assert "not read with certainty" in messages(alone) and NUMBER in messages(alone)
    assert len(doubtful) >= 2
    for seed in doubtful[:2]:
        record = record_of(written(draw(replace(PAPER, annex=ANNEX)), seed))
        assert (record.code, record.issued_on) == (f"{NUMBER}/SXD-QH", f"2024-10-{DAY}")
        assert "not read with certainty" not in messages(record)
    cites = replace(PAPER, body=(f"Thực hiện Công văn số {NUMBER}/SXD-QH của Sở Xây dựng, đề nghị rà soát./.",))
    assert record_of(written(draw(cites), doubtful[0])).number is None


def test_the_day_of_signature_settles_a_doubtful_day(doubtful_day: int) -> None:
    pdf = written(draw(PAPER), doubtful_day)
    for day in (24, 25):
        record = record_of(signed_on(pdf, day))
        assert (record.issued_on, record.issued_on_source) == ("2024-10-24", "header")


def test_the_arrival_stamp_settles_a_day_that_may_come_after_it() -> None:
    assert record_of(written(draw(PAPER), 14, day="20")).issued_on is None
    stamp = ("PHÒNG MẪU", "ĐẾN", "Số: 4415", "Ngày: 20/10/2024", "Chuyển: ..........")
    assert record_of(written(draw(PAPER), 14, stamp, day="20")).issued_on == "2024-10-20"


def test_a_day_after_the_signature_is_given_up_with_a_flag() -> None:
    pdf = written(draw(PAPER), 0)
    assert record_of(pdf).issued_on == "2024-10-24"
    record = record_of(signed_on(pdf, 22))
    assert record.issued_on is None
    assert "contradict" in messages(record)
