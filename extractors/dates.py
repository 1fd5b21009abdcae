"""Dates as dispatches print them: ``04/11/2024``, ``ngày 05 tháng 3 năm 2024``, ``tháng 9/2024``, ``quý IV/2024``.

One grammar finds every span; nothing is read that the grammar did not find. dateparser is asked only about
month names written as words (``tháng giêng``), on the span the grammar found, and its answer is checked
against the digits printed there. It is this project's only door to dateparser.

Sources: Nghị định 30/2020/NĐ-CP, Phụ lục I (form of dates); Bộ luật Dân sự 2015, Art. 148 (giữa, cuối năm).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from models.record import Granularity

ROMAN_QUARTER = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4, "01": 1, "02": 2, "03": 3, "04": 4}

_YEAR = r"(?:19|20)\d\d"
_SEP = r"\s?[/.\-–]\s?"
_QUARTER = r"(?:IV|III|II|I|0?[1-4])"
_MONTH = r"(?:1\s[0-2]|\d{1,2})"  # OCR parts the two digits of 11: 17/1 1/2017
_CLOCK, _CLOCK_4 = (
    rf"(?:(?P<hour{k}>\d{{1,2}})\s?(?:giờ|h|g|:)\s?(?P<minute{k}>\d{{2}})?(?:\s?phút|['’′])?"
    r"(?:\s(?:sáng|trưa|chiều|tối))?,?\s?(?:thứ\s\w+,?\s|\(thứ\s\w+\),?\s)?\(?(?=ngày))?"
    for k in ("", "4")
)
_DATE = re.compile(
    rf"""(?=\d|(?<![^\W\d_])(?:ngày|tháng|quý|qúy|sáu|cuối|giữa|giai|thời|nhiệm|trong|các|năm))(?:
    {_CLOCK}
    (?P<ngay>\bngày\s?(?:mùng\s|mồng\s)?)?
    (?:
      (?<![\d/.,])(?P<d1>\d{{1,2}}){_SEP}(?P<m1>{_MONTH}){_SEP}(?P<y1>{_YEAR})(?![\d/])
    | (?<!\d)(?P<d2>\d{{1,2}})\s?tháng\s?(?P<m2>{_MONTH})\s?(?:,?\s?năm\s?|{_SEP}|\s)(?P<y2>{_YEAR})(?!\d)
    | (?<!\d)(?P<d3>\d{{1,2}})\s?tháng\s(?P<m3>giêng|một|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười(?:\smột|\shai)?|chạp)
        \snăm\s(?P<y3>{_YEAR})
    )
    | {_CLOCK_4}(?P<ngay4>\bngày\s?|(?<=\btrước\s)|(?<=\bnhất\s))(?P<d4>\d{{1,2}})(?:\s?/\s?|\s?tháng\s?)
      (?P<m4>\d{{1,2}})(?![\d/]|\s?/\s?\d|\stháng|\s?năm\s?\d)
    | \btháng\s?(?P<m14>\d{{1,2}})\s?(?:[-–,]|đến)\s?(?P<m14b>\d{{1,2}})\s?(?:/|năm\s)\s?(?P<y14>{_YEAR})(?!\d)
    | \b(?:quý|qúy)\s?(?P<q15>{_QUARTER})\s?(?:[-–,]|đến)\s?(?P<q15b>{_QUARTER})\s?(?:/|năm\s)\s?(?P<y15>{_YEAR})(?!\d)
    | (?<![\d/])\btháng\s?(?P<m5>\d{{1,2}})\s?(?:{_SEP}|,?\s?năm\s?|\s)(?P<y5>{_YEAR})(?!\d)
    | \btháng\s?(?P<m6>\d{{1,2}})(?![\d/]|\s?{_SEP}\d|\snăm\s\d|\stuổi)
    | \b(?:quý|qúy)\s?(?P<q7>{_QUARTER})\s?(?:{_SEP}|,?\s?năm\s?|\s)(?P<y7>{_YEAR})(?!\d)
    | \b(?:quý|qúy)\s?(?P<q8>{_QUARTER})(?![\dIV]|\s?{_SEP}\d|\snăm\s\d)
    | \b(?:0?6|sáu)\stháng\s(?P<half9>đầu|cuối)\snăm(?:\s(?P<y9>{_YEAR}))?
    | \b(?P<part10>cuối|giữa)\snăm(?:\s(?P<y10>{_YEAR}))?
    | \b(?:giai\sđoạn|thời\skỳ|nhiệm\skỳ|trong\scác\snăm|các\snăm|(?<!năm\shọc\s)năm)\s
        (?P<y11>{_YEAR})\s?[-–]\s?(?P<y11b>{_YEAR})(?!\d)
    | (?<![\d/.\-–,])(?P<y12>{_YEAR})\s?[-–]\s?(?P<y12b>{_YEAR})(?![\d/])
    | \bnăm\s?(?P<y13>{_YEAR})(?!\d|\s?[-–]\s?{_YEAR})
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_MONTHS_DATEPARSER_LACKS = {"giêng": "một", "chạp": "mười hai", "bốn": "tư", "sáu": "6"}
# A cheap test that spares the grammar most of the text.
_TRIGGER = re.compile(
    r"\d{4}|(?:ngày|tháng|quý|qúy)\s?\d|tháng\s(?:đầu|cuối)|(?:trước|nhất)\s\d|(?:quý|qúy)\s?[IV]|"
    r"(?:cuối|giữa)\snăm",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """One date or period found in a text.

    ``value`` is EDTF level 0 as printed (``2024-09-15``, ``2024-09``, ``2024``; a quarter or half-year gives its
    last month), and is kept even where no such day exists: then ``possible`` is False and ``first``/``last`` are
    None. ``first`` and ``last`` bound the period. ``year_given``: the year stands in the text, not taken from
    the default. ``span``: a span of years (``giai đoạn 2021-2025``), which counts by its last. ``labelled``: the
    word ``ngày`` stands before a day. ``hour`` is ``HH:MM`` where a time of day is printed.
    """

    start: int
    end: int
    value: str
    granularity: Granularity
    first: date | None
    last: date | None
    year_given: bool = True
    span: bool = False
    labelled: bool = False
    hour: str | None = None

    @property
    def possible(self) -> bool:
        """Whether the printed day exists."""
        return self.last is not None


def find_dates(
    text: str, start: int = 0, end: int | None = None, default_year: int | None = None
) -> Iterator[PrintedDate]:
    """Every date or period in ``text[start:end]``, in order; offsets count in ``text``.

    A date without a year (``ngày 30/6``, ``quý III``, ``tháng 6``, ``cuối năm``) is given only where there is a
    ``default_year`` to put it in, with ``year_given`` False.
    """
    stop = len(text) if end is None else end
    if _TRIGGER.search(text, start, stop) is None:
        return
    for match in _DATE.finditer(text, start, stop):
        found = _read(match, default_year)
        if found is not None:
            yield found


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def _read(match: re.Match[str], default_year: int | None) -> PrintedDate | None:
    group = match.group
    start, end = match.span()
    for suffix in "123":
        if group("d" + suffix):
            month = group("m" + suffix)
            digits = month.replace(" ", "")
            number = int(digits) if digits.isdigit() else _month_word(match.group(), int(group("d3")), int(group("y3")))
            if number is None:
                return None
            labelled = bool(group("ngay"))
            return _day(start, end, int(group("y" + suffix)), number, int(group("d" + suffix)), labelled, _clock(match))
    if group("d4"):
        if default_year is None:
            return None
        hour = _clock(match, "4")
        found = _day(start, end, default_year, int(group("m4")), int(group("d4")), bool(group("ngay4")), hour, False)
        return found if found is None or found.labelled or found.possible else None
    for suffix in "56":
        if group("m" + suffix):
            year = int(group("y5")) if suffix == "5" else default_year
            month_number = int(group("m" + suffix))
            if year is None or not 1 <= month_number <= 12:
                return None
            return _period(start, end, year, month_number, month_number, "month", suffix == "5")
    if group("m14"):
        months = int(group("m14")), int(group("m14b"))
        return _stretch(start, end, int(group("y14")), *months, "month")
    if group("q15"):
        quarters = ROMAN_QUARTER[group("q15").lower()], ROMAN_QUARTER[group("q15b").lower()]
        return _stretch(start, end, int(group("y15")), 3 * quarters[0] - 2, 3 * quarters[1], "quarter")
    for suffix in "78":
        if group("q" + suffix):
            year = int(group("y7")) if suffix == "7" else default_year
            if year is None:
                return None
            quarter = ROMAN_QUARTER[group("q" + suffix).lower()]
            return _period(start, end, year, 3 * quarter - 2, 3 * quarter, "quarter", suffix == "7")
    if group("half9"):
        year = int(group("y9")) if group("y9") else default_year
        if year is None:
            return None
        months = (1, 6) if group("half9").lower() == "đầu" else (7, 12)
        return _period(start, end, year, *months, "half-year", bool(group("y9")))
    if group("part10"):
        year = int(group("y10")) if group("y10") else default_year
        if year is None:
            return None
        if group("part10").lower() == "giữa":
            return _period(start, end, year, 1, 6, "half-year", bool(group("y10")))
        return PrintedDate(start, end, str(year), "year", date(year, 1, 1), date(year, 12, 31), bool(group("y10")))
    for suffix in ("11", "12"):
        if group("y" + suffix):
            first, last = int(group("y" + suffix)), int(group(f"y{suffix}b"))
            if not 0 < last - first <= 60:
                return None
            return PrintedDate(start, end, str(last), "year", date(first, 1, 1), date(last, 12, 31), span=True)
    year = int(group("y13"))
    return PrintedDate(start, end, str(year), "year", date(year, 1, 1), date(year, 12, 31))


def _clock(match: re.Match[str], suffix: str = "") -> str | None:
    hour, minute = match.group(f"hour{suffix}"), match.group(f"minute{suffix}")
    if hour is None or int(hour) > 24:
        return None
    return f"{int(hour):02d}:{int(minute or 0):02d}"


def _day(
    start: int, end: int, year: int, month: int, day: int, labelled: bool, hour: str | None, year_given: bool = True
) -> PrintedDate | None:
    value = f"{year:04d}-{month:02d}-{day:02d}"
    try:
        exact: date | None = date(year, month, day)
    except ValueError:
        exact = None
    granularity: Granularity = "hour" if hour else "day"
    return PrintedDate(start, end, value, granularity, exact, exact, year_given, labelled=labelled, hour=hour)


def _period(
    start: int, end: int, year: int, first_month: int, last_month: int, granularity: Granularity, year_given: bool
) -> PrintedDate:
    first, last = date(year, first_month, 1), last_day(year, last_month)
    return PrintedDate(start, end, f"{year:04d}-{last_month:02d}", granularity, first, last, year_given)


def _stretch(
    start: int, end: int, year: int, first_month: int, last_month: int, granularity: Granularity
) -> PrintedDate | None:
    """``tháng 6-8/2025``, ``quý II, III/2025``: one period, which counts by its last month."""
    if not 1 <= first_month < last_month <= 12:
        return None
    return _period(start, end, year, first_month, last_month, granularity, True)


def _month_word(phrase: str, day: int, year: int) -> int | None:
    """The month of a day whose month is written as a word, or None where dateparser's answer does not fit."""
    import dateparser  # 0.1 s, and only this rare form needs it

    words = phrase.lower()
    for name, known in _MONTHS_DATEPARSER_LACKS.items():
        words = re.sub(rf"\btháng {name}\b", f"tháng {known}", words)
    words = re.sub(r"\b(?:mùng|mồng)\s", "", words)
    found = dateparser.parse(
        words, languages=["vi"], settings={"DATE_ORDER": "DMY", "REQUIRE_PARTS": ["day", "month", "year"]}
    )
    return found.month if found is not None and (found.day, found.year) == (day, year) else None
