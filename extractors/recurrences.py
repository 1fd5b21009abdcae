"""Recurring limits as RFC 5545 rules: ``định kỳ hàng tháng, hàng quý``, ``trước ngày 15 hằng tháng``."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.deadline_words import any_of
from extractors.numbers import read_word_number
from models.record import Bound, Granularity


@dataclass(frozen=True, slots=True)
class Recurring:
    """One recurrence in small-letter text; several share a span where one phrase names several periods."""

    start: int
    end: int
    rule: str
    rrule: str
    granularity: Granularity | None
    bound: Bound | None
    regular: bool
    """Whether the phrase says ``định kỳ`` or a day, and not only ``hàng năm``."""


_EACH = r"(?:hàng|hằng|mỗi)"
_COUNT = r"(?:\d{1,2}|một|hai|ba|sáu)"
_TIMES = r"(?: ?/ ?(?:0?1 ?)?lần| (?:0?1|một) lần)"
_ITEM = (
    rf"(?:(?:{_EACH}|theo) )?(?:{_COUNT} )?(?:tháng|quý|năm|tuần|ngày)(?! ?\d| (?:học|nay|qua|sau|trước|tới)\b)"
    rf"(?: đầu năm| cuối năm)?{_TIMES}?"
)
_FILLER = any_of("period_fillers")
_JOINT = r"(?: ?[,;/] ?| và | hoặc |, và )"
_MORE = rf"(?:{_JOINT}(?:{_ITEM}|{_FILLER}))*"
_REGULAR = re.compile(rf"(?<!\w)(?:theo )?đ[ịi]nh k[ỳì] ?[:(]? ?(?P<list>{_ITEM}{_MORE})")
_EVERY = re.compile(
    rf"(?<!\w)(?P<list>(?:(?:hàng|hằng) (?:tháng|quý|năm|tuần|ngày)|{_COUNT} (?:tháng|năm|tuần){_TIMES}"
    rf"|mỗi (?:tháng|quý|năm|tuần) (?:0?1|một) lần)(?!\w){_MORE})"
)
_ONE = re.compile(rf"(?:{_EACH} |theo )?(?:(?P<n>{_COUNT}) )?(?P<unit>tháng|quý|năm|tuần|ngày)(?: đầu năm| cuối năm)?")
_BEFORE = r"(?P<cue>(?:(?:trước|chậm nhất|muộn nhất|vào|là) )+)"
_HOUR = r"(?:(?P<hour>\d{1,2}) ?(?:giờ|h)(?: ?\d\d)?(?: phút)?,? )?"
_CUE = rf"(?:đ[ịi]nh k[ỳì] )?(?:(?P<cue>(?:(?:trước|chậm nhất|muộn nhất|vào|là|xong|đến|hết|trong) )+){_HOUR})?"
_DAY = r"(?P<day>\d{1,2})"
_MONTH = r" ?(?:/|tháng) ?(?P<month>\d{1,2})"
_IN_QUARTER = r"tháng (?:cuối cùng|đầu tiên|cuối|đầu|thứ nhất) (?:của )?(?:mỗi )?"
_NEXT = r"(?: liền kề| tiếp theo| sau| kế tiếp)*"
_DAY_OF_MONTH = re.compile(
    rf"(?<!\w){_CUE}(?:từ ngày \d{{1,2}} đến (?:hết )?)?ngày {_DAY}(?:(?: và|,) (?:ngày )?(?P<day2>\d{{1,2}}))? "
    rf"(?:của )?(?:{_EACH} (?P<unit>tháng|quý)|(?:các )?{_IN_QUARTER}(?P<quarter>quý)"
    rf"|tháng (?P<next>sau|tiếp theo|kế tiếp|liền kề|báo cáo))(?!\w){_NEXT}"
)
_DAY_OF_YEAR = re.compile(
    rf"(?<!\w){_CUE}(?:từ ngày [\d/]{{1,5}} đến (?:hết )?)?(?:ngày )?(?<![\d/]){_DAY}{_MONTH}"
    r"(?:(?: và|,) (?:trước )?(?:ngày )?(?P<day2>\d{1,2}) ?(?:/|tháng) ?(?P<month2>\d{1,2}))?,? (?:của )?"
    rf"(?:(?:{_EACH}|các) năm|năm (?:sau|tiếp theo|kế tiếp|liền kề))(?!\w){_NEXT}"
)
_DAYS = {
    "hai": "MO", "ba": "TU", "tư": "WE", "năm": "TH", "sáu": "FR", "bảy": "SA",
    "2": "MO", "3": "TU", "4": "WE", "5": "TH", "6": "FR", "7": "SA",
}  # fmt: skip
_WEEKDAY = re.compile(
    rf"(?<!\w){_CUE}(?:sáng |chiều )?(?:ngày )?"
    rf"(?:thứ (?P<weekday>hai|ba|tư|năm|sáu|bảy|[2-7])|(?P<sunday>chủ nhật)) (?:của )?{_EACH} tuần"
)
_TIME = r"\d{1,2} ?(?:giờ|h)(?: ?\d\d)?(?: phút)?"
_DAILY = re.compile(
    rf"(?<!\w)(?P<cue>(?:(?:trước|chậm nhất|muộn nhất|vào|là|lúc) )+){_TIME} (?:{_EACH}|các) ngày(?!\w)"
    rf"|(?<!\w){_EACH} ngày,? \(?(?P<cue2>(?:(?:trước|chậm nhất|muộn nhất|vào|là|lúc) )+){_TIME}"
)
_END_OF_MONTH = re.compile(
    rf"(?<!\w){_CUE}ngày (?:cuối cùng|cuối) (?:của )?(?:(?P<each>{_EACH}) )?(?P<unit>tháng|quý)(?! \d)"
    r"(?P<quarter> (?:cuối|đầu)(?: tiên)? (?:của )?(?:mỗi )?quý(?: sau| tiếp theo| kế tiếp)?)?"
)
_NO_MONTH = r"(?! ?[\d/]| ?tháng ?\d)"
_NO_YEAR = r"(?! ?[/.\d-]| ?năm \d)"
_DAY_BEHIND = re.compile(
    rf" ?[,(]? ?(?:và )?{_BEFORE}ngày {_DAY}{_NO_MONTH}"
    rf"(?: (?:của )?(?:các )?{_IN_QUARTER}quý(?: sau| tiếp theo)?| của tháng| (?:hàng|hằng) tháng)?\)?"
)
_DATE_BEHIND = re.compile(rf" ?[,(]? ?(?:và )?{_BEFORE}(?:ngày )?{_DAY}{_MONTH}{_NO_YEAR}\)?")
_LATER_DAY = re.compile(rf"(?<!\w){_BEFORE}ngày {_DAY}{_NO_MONTH}(?: của tháng| trong tháng)?")
_LATER_DATE = re.compile(rf"(?<!\w){_BEFORE}ngày {_DAY}{_MONTH}{_NO_YEAR}(?! (?:hàng|hằng) )")
# 26/3 hằng năm là Ngày …: a day that is kept, no limit.
_IS_A_DAY = re.compile(r",? (?:được )?(?:chọn |lấy )?(?:là|làm) " + any_of("kept_days") + r"(?!\w)")
_AND_YEAR = re.compile(rf" ?(?:,|;| và|, và) ?(?:báo cáo )?(?:{_EACH} |cả )?năm(?! ?\d)")
_AND_DATE = re.compile(rf" ?(?:,|;| và|, và) ?(?:trước )?(?:ngày )?{_DAY}{_MONTH}{_NO_YEAR}\)?")
_CLAUSE_END = re.compile(r"[.;](?!\d)")


_SIGNS = (
    "định k",
    "đinh k",
    "hàng ",
    "hằng ",
    "mỗi ",
    " lần",
    "/lần",
    "tháng cuối",
    "tháng đầu",
    "tháng thứ",
    "tháng sau",
    "năm sau",
    " tiếp",
    "liền kề",
    "tháng báo",
    "các năm",
)
_SIGN = re.compile(
    r"đ[ịi]nh k[ỳì] |(?:hàng|hằng|mỗi|các) (?:ngày|tuần|tháng|quý|năm)|"
    r"(?:tháng|năm|tuần) ?(?:/ ?|(?:0?1|một) )(?:0?1 ?)?lần|"
    r"tháng (?:cuối|đầu|thứ|sau|tiếp|kế|liền|báo)|năm (?:sau|tiếp|kế|liền)"
)


def may_recur(low: str) -> bool:
    """A cheap test: whether small-letter text says anything that recurs."""
    return any(sign in low for sign in _SIGNS) and _SIGN.search(low) is not None


def find_recurrences(low: str, start: int, end: int) -> Iterator[Recurring]:
    """Recurrences in ``low[start:end]``, in the order of the patterns; none overlaps one of an earlier pattern."""
    taken: list[tuple[int, int]] = []
    for match, found in _all(low, start, end):
        at = bisect_left(taken, match)
        beside = taken[max(0, at - 1) : at + 1]
        if match[0] < match[1] and not any(match[0] < right and match[1] > left for left, right in beside):
            taken.insert(at, match)
            yield from found


def _all(low: str, start: int, end: int) -> Iterator[tuple[tuple[int, int], Sequence[Recurring]]]:
    for match in _REGULAR.finditer(low, start, end):
        yield _listed(low, end, match, True)
    for match in _DAY_OF_YEAR.finditer(low, start, end):
        if match["cue"] is None and _IS_A_DAY.match(low, match.end()) is not None:
            continue
        days = [(match["day"], match["month"]), (match["day2"], match["month2"])]
        rules = [
            f"FREQ=YEARLY;BYMONTH={int(m)};BYMONTHDAY={int(d)}"
            for d, m in days
            if d and m and 1 <= int(m) <= 12 and 1 <= int(d) <= 31
        ]
        yield match.span(), [_day(match, rule) for rule in rules]
    for match in _DAY_OF_MONTH.finditer(low, start, end):
        every = "FREQ=MONTHLY;INTERVAL=3" if match["quarter"] or match["unit"] == "quý" else "FREQ=MONTHLY"
        rules = [f"{every};BYMONTHDAY={int(d)}" for d in (match["day"], match["day2"]) if d and 1 <= int(d) <= 31]
        yield match.span(), [_day(match, rule) for rule in rules]
    for match in _WEEKDAY.finditer(low, start, end):
        yield match.span(), [_day(match, f"FREQ=WEEKLY;BYDAY={_DAYS[match['weekday']] if match['weekday'] else 'SU'}")]
    for match in _DAILY.finditer(low, start, end):
        bound = _bound(match["cue"] or match["cue2"])
        yield match.span(), [Recurring(*match.span(), "recurring-day", "FREQ=DAILY", "hour", bound, True)]
    for match in _END_OF_MONTH.finditer(low, start, end):
        if match["each"] or match["quarter"]:
            every = "FREQ=MONTHLY;INTERVAL=3" if match["unit"] == "quý" or match["quarter"] else "FREQ=MONTHLY"
            yield match.span(), [_day(match, f"{every};BYMONTHDAY=-1")]
    for match in _EVERY.finditer(low, start, end):
        yield _listed(low, end, match, False)


def _bound(cue: str | None) -> Bound:
    if cue is not None and "trước" in cue:
        return "before"
    if cue is not None and re.search(r"chậm nhất|muộn nhất|xong|đến|hết", cue):
        return "by"
    return "within"


def _day(match: re.Match[str], rrule: str) -> Recurring:
    ranged = " đến " in match.group()
    granularity: Granularity = "hour" if match["hour"] else "day"
    return Recurring(
        match.start(), match.end(), "recurring-day", rrule, granularity, "by" if ranged else _bound(match["cue"]), True
    )


def _listed(low: str, end: int, match: re.Match[str], regular: bool) -> tuple[tuple[int, int], list[Recurring]]:
    """The periods of a list, and the day of the month where one is printed behind a single period."""
    periods = list(_periods(match["list"]))
    if len(periods) == 1:
        rrule, granularity = periods[0]
        if granularity in ("month", "quarter"):
            behind = _DAY_BEHIND.match(low, match.end(), end)
            if behind is not None and 1 <= int(behind["day"]) <= 31:
                rrule = f"{rrule};BYMONTHDAY={int(behind['day'])}"
                span = (match.start(), behind.end())
                return span, [Recurring(*span, "recurring-day", rrule, "day", _bound(behind["cue"]), True)]
        if rrule in ("FREQ=YEARLY", "FREQ=MONTHLY;INTERVAL=6"):
            dated = _dated(low, match.start(), match.end(), end)
            if dated is not None:
                return dated
        later = _later(low, match.end(), end, rrule)
        if later is not None:
            return later
    span = match.span()
    rule = "recurring" if regular else "every"
    return span, [Recurring(*span, rule, rrule, granularity, None, regular) for rrule, granularity in periods]


def _dated(low: str, start: int, at: int, end: int) -> tuple[tuple[int, int], list[Recurring]] | None:
    """The days behind a period, each of which comes once a year: ``6 tháng (trước ngày 15/6), năm (trước 15/12)``."""
    days: list[tuple[int, int]] = []
    bound: Bound | None = None
    while (behind := _DATE_BEHIND.match(low, at, end)) is not None:
        days.append((int(behind["month"]), int(behind["day"])))
        bound, at = bound or _bound(behind["cue"]), behind.end()
        while (also := _AND_DATE.match(low, at, end)) is not None:
            days.append((int(also["month"]), int(also["day"])))
            at = also.end()
        year = _AND_YEAR.match(low, at, end)
        if year is None or _DATE_BEHIND.match(low, year.end(), end) is None:
            break
        at = year.end()
    if not days or not all(1 <= month <= 12 and 1 <= day <= 31 for month, day in days):
        return None
    rules = [f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}" for month, day in days]
    return (start, at), [Recurring(start, at, "recurring-day", rule, "day", bound, True) for rule in rules]


def _later(low: str, at: int, end: int, rrule: str) -> tuple[tuple[int, int], list[Recurring]] | None:
    """The day that stands later in the same clause: ``Hằng năm, Sở … tổng hợp, báo cáo trước ngày 15/3``.

    An empty list where a day with a recurrence of its own stands there, which then says it all.
    """
    stop = _CLAUSE_END.search(low, at, end)
    edge = stop.start() if stop is not None else end
    if _DAY_OF_MONTH.search(low, at, edge) or _DAY_OF_YEAR.search(low, at, edge):
        return (at, at), []
    pattern = {"FREQ=YEARLY": _LATER_DATE, "FREQ=MONTHLY": _LATER_DAY, "FREQ=MONTHLY;INTERVAL=3": _LATER_DAY}.get(rrule)
    day = pattern.search(low, at, edge) if pattern is not None else None
    if day is None or not 1 <= int(day["day"]) <= 31:
        return None
    if pattern is _LATER_DATE:
        if not 1 <= int(day["month"]) <= 12:
            return None
        rrule = f"{rrule};BYMONTH={int(day['month'])}"
    rrule = f"{rrule};BYMONTHDAY={int(day['day'])}"
    return day.span(), [Recurring(*day.span(), "recurring-day", rrule, "day", _bound(day["cue"]), True)]


def _periods(listed: str) -> Iterator[tuple[str, Granularity | None]]:
    seen = set()
    for part in re.split(_JOINT, listed):
        match = _ONE.match(part.strip())
        if match is None:
            continue
        number = match["n"]
        amount = 1 if number is None else int(number) if number.isdigit() else read_word_number(number) or 0
        found = _period(amount, match["unit"])
        if found is not None and found[0] not in seen:
            seen.add(found[0])
            yield found


def _period(amount: int, unit: str) -> tuple[str, Granularity | None] | None:
    if amount == 0:
        return None
    if unit == "quý":
        amount, unit = amount * 3, "tháng"
    if unit == "tháng":
        if amount == 12:
            return "FREQ=YEARLY", "year"
        if amount not in (1, 2, 3, 4, 6):
            return None  # 9 tháng: the report of nine months comes once a year
        kinds: dict[int, Granularity] = {3: "quarter", 6: "half-year"}
        return "FREQ=MONTHLY" + (f";INTERVAL={amount}" if amount > 1 else ""), kinds.get(amount, "month")
    freq, granularity = {"năm": ("YEARLY", "year"), "tuần": ("WEEKLY", "day"), "ngày": ("DAILY", "day")}[unit]
    result: Granularity = "year" if granularity == "year" else "day"
    return f"FREQ={freq}" + (f";INTERVAL={amount}" if amount > 1 else ""), result
