"""Dates as printed: every form, what is no date, and what the year is taken from."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.dates import PrintedDate, find_dates, last_day

DAYS = st.dates(min_value=date(1901, 1, 1), max_value=date(2099, 12, 31))


def only(text: str, year: int | None = None) -> PrintedDate:
    found = list(find_dates(text, default_year=year))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "printed", "value"),
    [
        ("họp ngày 04/11/2024 tại", "ngày 04/11/2024", "2024-11-04"),
        ("họp 4/11/2024 tại", "4/11/2024", "2024-11-04"),
        ("ngày 04.11.2024", "ngày 04.11.2024", "2024-11-04"),
        ("ngày 04-11-2024", "ngày 04-11-2024", "2024-11-04"),
        ("ngày 04 / 11 / 2024", "ngày 04 / 11 / 2024", "2024-11-04"),
        ("ngày 05 tháng 3 năm 2024", "ngày 05 tháng 3 năm 2024", "2024-03-05"),
        ("ngày 5 tháng 3, năm 2024", "ngày 5 tháng 3, năm 2024", "2024-03-05"),
        ("Ngày 05 tháng 12/2025", "Ngày 05 tháng 12/2025", "2025-12-05"),
        ("ngày mùng 3 tháng 2 năm 2025", "ngày mùng 3 tháng 2 năm 2025", "2025-02-03"),
        ("ngày 10 tháng giêng năm 2024", "ngày 10 tháng giêng năm 2024", "2024-01-10"),
        ("ngày 10 tháng tư năm 2024", "ngày 10 tháng tư năm 2024", "2024-04-10"),
        ("ngày 10 tháng bốn năm 2024", "ngày 10 tháng bốn năm 2024", "2024-04-10"),
        ("ngày 10 tháng sáu năm 2024", "ngày 10 tháng sáu năm 2024", "2024-06-10"),
        ("ngày 23 tháng chạp năm 2024", "ngày 23 tháng chạp năm 2024", "2024-12-23"),
        ("ngày 10 tháng mười hai năm 2024", "ngày 10 tháng mười hai năm 2024", "2024-12-10"),
        ("ngày 17/1 1/2017", "ngày 17/1 1/2017", "2017-11-17"),  # OCR
        ("ngày 17 tháng 1 0 năm 2017", "ngày 17 tháng 1 0 năm 2017", "2017-10-17"),
    ],
)
def test_days(text: str, printed: str, value: str) -> None:
    found = only(text)
    assert (text[found.start : found.end], found.value) == (printed, value)
    assert found.first == found.last == date.fromisoformat(value)
    assert found.granularity == "day"
    assert found.year_given


@pytest.mark.parametrize(
    ("text", "value", "first", "last", "granularity"),
    [
        ("trong tháng 9/2024", "2024-09", "2024-09-01", "2024-09-30", "month"),
        ("tháng 02 năm 2024", "2024-02", "2024-02-01", "2024-02-29", "month"),
        ("tháng 12 - 2025", "2025-12", "2025-12-01", "2025-12-31", "month"),
        ("Tháng 6-8/2025", "2025-08", "2025-06-01", "2025-08-31", "month"),
        ("tháng 6, 7 năm 2025", "2025-07", "2025-06-01", "2025-07-31", "month"),
        ("quý IV/2024", "2024-12", "2024-10-01", "2024-12-31", "quarter"),
        ("quý 2 năm 2025", "2025-06", "2025-04-01", "2025-06-30", "quarter"),
        ("qúy I/2025", "2025-03", "2025-01-01", "2025-03-31", "quarter"),
        ("Quý II-III/2026", "2026-09", "2026-04-01", "2026-09-30", "quarter"),
        ("6 tháng đầu năm 2025", "2025-06", "2025-01-01", "2025-06-30", "half-year"),
        ("sáu tháng cuối năm 2025", "2025-12", "2025-07-01", "2025-12-31", "half-year"),
        ("giữa năm 2025", "2025-06", "2025-01-01", "2025-06-30", "half-year"),
        ("cuối năm 2025", "2025", "2025-01-01", "2025-12-31", "year"),
        ("vào năm 2025", "2025", "2025-01-01", "2025-12-31", "year"),
    ],
)
def test_periods(text: str, value: str, first: str, last: str, granularity: str) -> None:
    found = only(text)
    assert (found.value, str(found.first), str(found.last), found.granularity) == (value, first, last, granularity)
    assert not found.span


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("giai đoạn 2021-2025", 2021, 2025),
        ("giai đoạn 2021 – 2025", 2021, 2025),
        ("nhiệm kỳ 2020 - 2025", 2020, 2025),
        ("trong các năm 2023-2024", 2023, 2024),
        ("Chương trình 2016-2020 của", 2016, 2020),
    ],
)
def test_spans_of_years_count_by_their_last(text: str, first: int, last: int) -> None:
    found = only(text)
    assert found.span
    assert found.value == str(last)
    assert (found.first, found.last) == (date(first, 1, 1), date(last, 12, 31))


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("trước 17h00 ngày 05/9/2024", "17:00"),
        ("trước 17 giờ 30 phút ngày 05/9/2024", "17:30"),
        ("trước 16 giờ, ngày 05/9/2024", "16:00"),
        ("lúc 8:15 ngày 05 tháng 9 năm 2024", "08:15"),
        ("trước 16h30’ chiều thứ Năm (ngày 05/9/2024)", "16:30"),
        ("trước 10 giờ thứ Năm, ngày 05/9/2024", "10:00"),
        ("trước 10 giờ ngày 05/9", "10:00"),
    ],
)
def test_hours(text: str, hour: str) -> None:
    found = only(text, 2024)
    assert (found.hour, found.granularity, found.value) == (hour, "hour", "2024-09-05")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("trước ngày 30/6", "2025-06-30"),
        ("trước 30/9 phải", "2025-09-30"),
        ("chậm nhất 15/6", "2025-06-15"),
        ("ngày 5 tháng 6", "2025-06-05"),
        ("trong tháng 6", "2025-06"),
        ("trong quý III", "2025-09"),
        ("6 tháng cuối năm", "2025-12"),
        ("cuối năm", "2025"),
    ],
)
def test_a_missing_year_comes_from_the_default(text: str, value: str) -> None:
    assert list(find_dates(text)) == []
    found = only(text, 2025)
    assert (found.value, found.year_given) == (value, False)


@pytest.mark.parametrize(
    "text",
    [
        "công nhận 13/17 xã",
        "trước 13/17 thành viên",
        "Điều 30 khoản 2",
        "Quyết định 115/2004/QĐ-TTg",
        "số 12/2024/NĐ-CP",
        "Nghị quyết 70/2025/UBTVQH15",
        "trẻ từ 06 tháng tuổi đến tháng 36 tuổi",
        "điện thoại 0123.456.789",
        "chỉ tiêu 8.9",
        "tháng 13/2024",
        "tháng 10-9/2025",
        "định mức 2021",
        "645.451 triệu đồng",
        "Tháng hành động",
    ],
)
def test_no_dates(text: str) -> None:
    assert list(find_dates(text, default_year=2025)) == []


@pytest.mark.parametrize(
    ("text", "value"), [("ngày 31/6/2024", "2024-06-31"), ("29/02/2023", "2023-02-29"), ("12/13/2024", "2024-13-12")]
)
def test_an_impossible_day_keeps_its_print(text: str, value: str) -> None:
    found = only(text)
    assert found.value == value
    assert not found.possible
    assert found.first is None and found.last is None


def test_dates_come_in_order_and_inside_the_bounds() -> None:
    text = "từ ngày 01/3/2025 đến ngày 15/4/2025, xong trong quý III/2025; năm 2026"
    found = list(find_dates(text))
    assert [d.value for d in found] == ["2025-03-01", "2025-04-15", "2025-09", "2026"]
    middle = list(find_dates(text, found[0].end, found[2].start))
    assert [(d.start, d.end) for d in middle] == [(found[1].start, found[1].end)]


def test_labelled_says_whether_the_word_stands_there() -> None:
    assert only("ngày 05/3/2024").labelled
    assert not only("05/3/2024").labelled
    assert not only("trước 05/3", 2024).labelled


def test_last_day() -> None:
    assert last_day(2024, 2) == date(2024, 2, 29)
    assert last_day(2025, 12) == date(2025, 12, 31)


@given(
    DAYS,
    st.sampled_from(
        [
            "ngày {0.day:02d}/{0.month}/{0.year}",
            "ngày {0.day} tháng {0.month} năm {0.year}",
            "{0.day}-{0.month:02d}-{0.year}",
        ]
    ),
)
def test_every_day_is_read_back(day: date, form: str) -> None:
    found = only(f"trước {form.format(day)} để tổng hợp")
    assert found.value == day.isoformat()
    assert found.last == day


@given(DAYS)
def test_every_month_ends_on_its_last_day(day: date) -> None:
    found = only(f"trong tháng {day.month}/{day.year}")
    assert found.last is not None
    assert found.last.month == day.month
    assert (found.last + timedelta(days=1)).day == 1


@given(st.text(alphabet="ngàyháquýTIV năm0123456789/.-,:()hgiờ ", max_size=60))
def test_any_text_gives_spans_of_itself(text: str) -> None:
    end = 0
    for found in find_dates(text, default_year=2025):
        assert end <= found.start < found.end <= len(text)
        end = found.end
