"""Vietnamese number notation is read as written, and only numbers are read."""

from __future__ import annotations

import time

import pytest

from extractors.numbers import find_figures, read_number, read_word_number
from extractors.units import unit_after


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("07", 7.0),
        ("15,8", 15.8),
        ("812.340", 812340.0),
        ("1.347,26", 1347.26),
        ("1.250.000", 1250000.0),
        ("1,347.26", 1347.26),
        ("1,250,000", 1250000.0),
        ("9.5", 9.5),
        ("0,16", 0.16),
    ],
)
def test_a_number_as_printed(printed: str, value: float) -> None:
    assert read_number(printed) == value


@pytest.mark.parametrize("printed", ["", "8.9.1", "01/7", "1.2345", "12a", "-", "1.23.456", "0912345678901"])
def test_what_is_no_number(printed: str) -> None:
    assert read_number(printed) is None


@pytest.mark.parametrize(
    ("printed", "value"),
    [("một", 1), ("ba", 3), ("mười", 10), ("mười lăm", 15), ("hai mươi", 20), ("hai mươi lăm", 25)],
)
def test_a_number_in_words(printed: str, value: int) -> None:
    assert read_word_number(printed) == value


@pytest.mark.parametrize("printed", ["mươi", "xã", "mười xã", "một mươi", "hai mươi lăm ba"])
def test_words_that_are_no_number(printed: str) -> None:
    assert read_word_number(printed) is None


@pytest.mark.parametrize(
    ("text", "low", "high", "total", "words"),
    [
        ("thêm 01 đến 02 tiêu chí", 1, 2, None, "01 đến 02"),
        ("thêm 1-2 tiêu chí", 1, 2, None, "1-2"),
        ("có 04 - 05 xã", 4, 5, None, "04 - 05"),
        ("từ 1 đến 1,2 tiêu chí", 1, 1.2, None, "1 đến 1,2"),
        ("giảm 5% - 7%", 5, 7, None, "5% - 7"),
        ("từ 05 xã đến 07 xã", 5, 7, None, "05 xã đến 07"),
        ("đạt 13/17 xã", 13, None, 17, "13/17"),
        ("dài 25km", 25, None, None, "25"),
        ("chi 500.000đ", 500000, None, None, "500.000"),
        ("đạt 63,5%...", 63.5, None, None, "63,5"),
        ("(48,2%)", 48.2, None, None, "48,2"),
    ],
)
def test_ranges_and_fractions(text: str, low: float, high: float | None, total: float | None, words: str) -> None:
    (figure,) = find_figures(text, 0, len(text))
    assert (figure.value, figure.value_max, figure.total) == (low, high, total)
    assert text[figure.start : figure.end] == words


@pytest.mark.parametrize(
    "text",
    ["27/2022/NĐ-CP", "chỉ tiêu 8.9", "lúc 17:30", "02973.872.704", "Covid-19", "mục 3.4.1", "000.00.00.H02", "3x4"],
)
def test_codes_and_labels_hold_no_figure(text: str) -> None:
    assert list(find_figures(text, 0, len(text))) == []


def test_a_range_needs_the_same_unit_at_both_ends() -> None:
    text = "hỗ trợ 500 lao động đến 2025"
    assert [figure.value_max for figure in find_figures(text, 0, len(text))] == [None, None]


@pytest.mark.parametrize(
    ("behind", "unit", "kind"),
    [
        (" triệu đồng/người/năm, tăng", "triệu đồng/người/năm", "money"),
        (" nghìn tỷ đồng", "nghìn tỷ đồng", "money"),
        (" tỷ, ước", "tỷ", "money"),
        ("% dân số", "%", "percent"),
        (" triệu căn hộ", "triệu căn hộ", "count"),
        (" (năm) xã", "xã", "count"),
        (" số bản đạt chuẩn", "bản", "count"),
        (" m2 đất", "m2", "measure"),
        (" tháng tuổi", "tháng tuổi", "other"),
        (" sao", "sao", "other"),
    ],
)
def test_the_unit_behind_a_number(behind: str, unit: str, kind: str) -> None:
    found = unit_after(behind, 0)
    assert found is not None
    assert (behind[found.start : found.end], found.kind) == (unit, kind)


@pytest.mark.parametrize("behind", [" tỷ lệ hộ nghèo", " của tỉnh", ", 7", ""])
def test_no_unit_behind_a_number(behind: str) -> None:
    assert unit_after(behind, 0) is None


@pytest.mark.parametrize("piece", ["1.", "1 - ", "1/", "1%-", "1 xã đến ", "1" * 40 + " "])
def test_the_search_is_linear_in_the_length(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    begin = time.process_time()
    list(find_figures(text, 0, len(text)))
    assert time.process_time() - begin < 5
