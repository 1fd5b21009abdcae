"""By when or in what time a number holds: the dates of its sentence, its headings, the document's title."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from extractors.dates import find_dates
from extractors.quantity_clauses import Amount, openings
from extractors.quantity_words import any_of, phrase_before, words
from models.reading import Context, Reading

_CITED = re.compile(r"(?:/\s?[^\W\d_][\w&.\-/]*|(?<!\w)số \d[\w./\-]*),?\s?$")
_MONTHS = re.compile(
    r"(?<!\d)(?<!dưới )(?<!trên )(?<!hơn )(?<!từ )(?<!đến )(?<!kỳ )(?<!sau )(?<!hạn )"
    r"(?:0?[2-9]|1[01]) tháng(?: đầu năm(?! \d)|(?! đầu năm))(?!\w| tuổi| \d| năm \d|/)"
)
# so với trung bình hằng năm giai đoạn …; what is measured against a plan of the year is that year's (so với kế hoạch).
_COMPARED = re.compile(
    r"(?<!\w)so với (?!(?:\S+ ){0,2}(?:kế hoạch|mục tiêu|dự toán|chỉ tiêu))"
    r"(?:[^\s,;.()\d]+ ){0,6}(?:năm|giai đoạn|kỳ)\s?$"
)
# so với mùa khô | năm 2022-2023: whatever the figure is compared with, its date is not the figure's.
_COMPARED_WITH = re.compile(
    r"(?<!\w)so với (?!(?:\S+ ){0,2}(?:kế hoạch|mục tiêu|dự toán|chỉ tiêu))"
    r"(?:(?!(?:vào|đến|tới|trong|hết|và|của|từ)\s)[^\s,;.()\d]+ ){1,4}$"
)
_HORIZON = re.compile(r"(?:định hướng|tầm nhìn)(?: đến)?(?: năm)?\s?$")
_SINCE = re.compile(r"(?<!\w)(?:kể )?từ đầu (?:[^\W\d_]+ ){1,3}(?:đến|tới) nay(?!\w)")
_OF_LAW = re.compile(r"(?<!\w)(?:luật|bộ luật|pháp lệnh|hiến pháp)(?: [^\W\d_]+){0,7}(?: năm)? $")
_BOUNDARY = re.compile(r"[,;:.(](?=\s|$)|\((?=\S)")


@cache
def _leading() -> re.Pattern[str]:
    since = r"(?:kể )?từ (?:ngày )?\d{1,2}(?: ?(?:/|tháng|năm) ?\d{1,4}){0,2} (?:đến(?: hết)?|[-–])(?: ngày)?"
    return re.compile(rf"[\s\"(-]*(?:(?:{since}|{any_of('date_links')}|\d{{1,2}} (?:tháng|quý))(?!\w)[\s,:]*)*$")


@cache
def _leads_on() -> re.Pattern[str]:
    return re.compile(
        rf"\s?(?: (?:tại|ở) |,? (?:trong đó|như sau|cụ thể)|(?: của| trên địa bàn)? ?(?:toàn|cả) "
        rf"|(?: trên địa bàn \w+)? {any_of('date_verb')}(?!\w)|\s?:)"
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """One date of a paragraph: ``value`` is None for ``đến nay``; ``opening``: it stands before what is said."""

    start: int
    end: int
    value: str | None
    opening: bool
    opened: int


@cache
def _no_period() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('no_period')}(?!\w)")


def marks(text: str, low: str, year: int | None) -> tuple[list[Mark], list[tuple[int, int]]]:
    """The dates that may say when a number holds, and the spans of all dates, of both in order.

    Left out of the first: days of documents cited, and what a figure is compared with.
    """
    found: list[tuple[int, int, str | None]] = []
    spans: list[tuple[int, int]] = []
    for date in find_dates(text, 0, len(text), year or 2000):
        spans.append((date.start, date.end))
        head = low[max(0, date.start - 44) : date.start]
        if not date.possible or (year is None and not date.year_given) or _HORIZON.search(head):
            continue
        if date.granularity == "day" and _CITED.search(head) is not None:
            continue
        if _COMPARED.search(head) is not None or _COMPARED_WITH.search(head) is not None:
            continue
        if date.granularity == "year" and _OF_LAW.search(head) is not None:
            continue
        base = phrase_before(low, 0, date.start, words("base_date"))
        if base is not None and not low.endswith(("tháng ", "quý "), 0, base[1]):
            continue
        if date.span and phrase_before(low, 0, date.start, words("base_title")) is not None:
            continue
        value = date.value[:4] if date.granularity in ("quarter", "half-year", "year") else date.value
        found.append((date.start, date.end, value))
    for match in _MONTHS.finditer(low) if year is not None else ():
        if not any(a < match.end() and match.start() < b for a, b in spans):
            spans.append(match.span())
            found.append((match.start(), match.end(), str(year)))
    found.extend((m.start(), m.end(), None) for m in _no_period().finditer(low))
    spans.extend(m.span() for m in _SINCE.finditer(low))
    found.sort(key=lambda entry: entry[0])
    opened = openings(low, [entry[0] for entry in found])
    entries = zip(found, opened, strict=True)
    return [Mark(a, b, v, _opens(low, a, b, "-" in low[a:b]), bracket) for (a, b, v), bracket in entries], sorted(spans)


def _opens(low: str, start: int, end: int, span: bool) -> bool:
    floor = max(0, start - 60)
    begin = max((m.end() for m in _BOUNDARY.finditer(low, floor, start)), default=floor)
    if (begin > floor or floor == 0) and _leading().match(low[begin:start]):
        return True
    if span:
        return False
    return _leads_on().match(low, end) is not None or phrase_before(low, floor, start, words("aim")) is not None


@dataclass(frozen=True, slots=True)
class Period:
    """``value`` holds where ``said``; ``lasting``: it holds for the numbers of the sentences that follow, too."""

    value: str | None
    said: bool
    lasting: bool = False


UNSAID = Period(None, False)


def period_in_sentence(low: str, amounts: Sequence[Amount], index: int, dates: Sequence[Mark]) -> Period:
    """What the sentence says of when ``amounts[index]`` holds."""
    amount = amounts[index]
    begin_end = begin, end = amount.sentence
    here = [m for m in dates if begin <= m.start < end and m.opened in (-1, amount.opened)]
    own = [m for m in here if amount.lead <= m.start < amount.start]
    if own:
        return Period(own[-1].value, True, own[-1].value is not None and len(own[-1].value) == 4)
    behind = _behind(low, amounts, index, here)
    if behind is not None:
        return Period(behind.value, True)
    if amount.opened >= 0:
        here = [m for m in here if m.opened == amount.opened or m.start < amount.opened]
    clause = low.rfind(";", begin, amount.lead) + 1
    opening = [m for m in here if _governs(low, m, begin, clause) and m.end <= amount.lead]
    if opening:
        first = _BOUNDARY.search(low, begin, opening[-1].start) is None or len(opening[-1].value or "") == 4
        return Period(opening[-1].value, True, first and opening[-1].value is not None)
    for later in range(index + 1, min(index + 9, len(amounts))):
        gap, other = low[amounts[later - 1].end : amounts[later].start], amounts[later]
        if (other.sentence, other.opened) != (begin_end, amount.opened) or ";" in gap or "đối với" in gap:
            break
        shared = _behind(low, amounts, later, here)
        if shared is not None:
            return Period(shared.value, True)
    return UNSAID


def _governs(low: str, mark: Mark, begin: int, clause: int) -> bool:
    """Whether a date holds for the numbers behind it: that of another clause only where it opens the sentence."""
    first = len(low[begin : mark.start].split()) <= 5
    if mark.value is None:
        return mark.start >= clause or first
    return mark.opening and (mark.start >= clause or len(mark.value) == 4 or first)


@cache
def _hands_in() -> re.Pattern[str]:
    return re.compile(rf", (?:và )?{any_of('hand_in')}(?!\w)")


def _behind(low: str, amounts: Sequence[Amount], index: int, here: Sequence[Mark]) -> Mark | None:
    amount = amounts[index]
    stop = amounts[index + 1].lead if index + 1 < len(amounts) else amount.sentence[1]
    stop = min(stop, amount.sentence[1])
    cut = low.find(";", amount.end, stop)
    stop = cut if cut >= 0 else stop
    for mark in here:
        if amount.end <= mark.start < stop and not (mark.opening and ", " in low[amount.end : mark.start]):
            handed = _hands_in().search(low, amount.end, mark.start) is not None
            return None if handed else mark
    return None


def headings_period(reading: Reading, context: Context, fold: Callable[[str], str]) -> Callable[[int], str | None]:
    """A function from a block to the period its headings or its lead say, or else the document's title."""
    seen: dict[int, str | None] = {}
    title = _of_title(context.subject, context.year, fold)
    if title is not None and context.document_type != "báo cáo":
        title = title[:4]  # the month of a meeting is not the month of what was said there

    def of(index: int) -> str | None:
        parent = reading.blocks[index].parent
        if parent is None:
            return title
        if parent not in seen:
            words = reading.words(reading.blocks[parent])
            now = words.rstrip().endswith(":") and _no_period().search(fold(words[-80:])) is not None
            seen[parent] = _of_title(words[-400:], context.year, fold) or (None if now else of(parent))
        return seen[parent]

    return of


def _of_title(words: str | None, year: int | None, fold: Callable[[str], str]) -> str | None:
    if not words:
        return None
    found, _ = marks(words, fold(words), year)
    return next((m.value for m in found if m.value is not None), None)
