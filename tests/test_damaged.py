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
