"""Lines of head and foot as OCR leaves them, put right only where nothing is invented."""

from __future__ import annotations

import pytest

from extractors.damaged import fixed_phrase, repaired
from models.text import Text


def read(line: str, confidence: float = 0.96) -> str:
    return repaired(Text.of(line), lambda _start, _end: confidence).clean


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("KÉ HOẠCH", "KẾ HOẠCH"),
        ("GIẦY MỜI", "GIẤY MỜI"),
        ("SIÁM ĐỒC", "GIÁM ĐỐC"),
        ("CHU TỊCH", "CHỦ TỊCH"),
        ("Độc lập — Tự đo - Hạnh phúc", "Độc lập - Tự do - Hạnh phúc"),
    ],
)
def test_fixed_lines(line: str, phrase: str) -> None:
    assert fixed_phrase(line) == phrase
    assert read(line) == phrase


@pytest.mark.parametrize("line", ["SỞ XÂY DỰNG", "Trần Minh An", "BẢO TÀNG TỈNH", "GIÁM SÁT THI CÔNG", "Hà Nội"])
def test_other_lines_stay_as_read(line: str) -> None:
    assert fixed_phrase(line) is None
    assert read(line) == line


@pytest.mark.parametrize(
    ("line", "confidence", "expected"),
    [
        ("Số: 123/GM-SYT", 0.96, "Số: 123/GM-SYT"),
        ("Số: 123/GM-SYT", 0.60, "Số: /GM-SYT"),
        ("Só{†2 /GM-SYT", 0.96, "Số: /GM-SYT"),
        ("Tây Ninh, ngày 18 tháng 12 năm 2023", 0.96, "Tây Ninh, ngày 18 tháng 12 năm 2023"),
        ("Tây Ninh, ngày 18 tháng 12 năm 2023", 0.50, "Tây Ninh, ngày  tháng  năm 2023"),
        ("Tây Ninh, ngày ÍÍ tháng 12 năm 2023", 0.96, "Tây Ninh, ngày  tháng 12 năm 2023"),
        ("Tây Ninh, ngày 2 tháng 12 năm 2023", 0.96, "Tây Ninh, ngày  tháng 12 năm 2023"),
    ],
)
def test_digits_in_doubt_give_way_to_a_blank(line: str, confidence: float, expected: str) -> None:
    assert read(line, confidence) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("UBND TỈNH LÀO CAI\nXÂY DỰNG\n.SỞ\nSố: /SXD-QH", "UBND TỈNH LÀO CAI\nSỞ XÂY DỰNG\nSố: /SXD-QH"),
        ("SỞ XÂY DỰNG\nPHÒNG\nSố: /PQH", "SỞ XÂY DỰNG\nPHÒNG\nSố: /PQH"),
    ],
)
def test_a_slanted_line_of_the_letterhead_is_put_together(lines: str, expected: str) -> None:
    assert read(lines) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [("-¿ /SXD-QH", "Số: /SXD-QH"), ("/ SXD-QH", "/ SXD-QH"), ("và/HOẶC", "và/HOẶC"), ("12/SXD-QH", "12/SXD-QH")],
)
def test_a_number_line_that_lost_its_label(line: str, expected: str) -> None:
    assert read(line) == expected


def cleared(text: str, scraps: tuple[str, ...]) -> str:
    spans = [(text.index(scrap), text.index(scrap) + len(scrap)) for scrap in scraps]
    return repaired(Text.of(text), lambda s, e: min([0.4 for a, b in spans if a < e and s < b], default=0.96)).clean


SPOILED = "CHỈ THỊ\nZRùNG ai HọC Về việc quản lý nước sạch\n\n7T! trên địa bàn thị trấn\n\nThời gian qua\n"
CLEARED = "CHỈ THỊ\nVề việc quản lý nước sạch\ntrên địa bàn thị trấn\n\nThời gian qua\n"


def test_what_a_stamp_left_before_the_subject_is_cleared() -> None:
    assert cleared(SPOILED, ("ZRùNG ai HọC", "7T!")) == CLEARED
    assert cleared(SPOILED.replace("7T! ", ""), ("ZRùNG ai HọC",)) == CLEARED
    assert cleared("ai HọC V/v quản lý nước sạch\n", ("ai HọC",)) == "V/v quản lý nước sạch\n"


@pytest.mark.parametrize(
    ("text", "scraps"),
    [
        (SPOILED, ("7T!",)),  # words read with certainty stand before the cue
        ("QUYẾT ĐỊNH Về việc quản lý nước sạch\n", ("QUYẾT ĐỊNH",)),
        ("Số: 12/SXD-QH V/v quản lý nước sạch\n", ("12/SXD-QH",)),
        ("CHỈ THỊ\nVề việc quản lý nước sạch\n\n7T! trên địa bàn thị trấn\n", ("7T!",)),
    ],
)
def test_what_is_no_scrap_before_the_subject_stays(text: str, scraps: tuple[str, ...]) -> None:
    assert cleared(text, scraps) == text
