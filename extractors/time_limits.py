"""Time limits as printed: ``chậm nhất ngày 15/6/2025``, ``định kỳ hàng quý``, ``trong 05 ngày kể từ ngày …``.

A limit is a date or a period with the words that make it one. Whether it binds anybody is for the clause it stands
in to say (``extractors.tasks``). Recurrences are RFC 5545 rules.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from extractors.dates import PrintedDate, find_dates
from extractors.deadline_words import any_of, words
from extractors.numbers import WORD_NUMBER, read_word_number
from extractors.recurrences import Recurring, find_recurrences, may_recur
from models.record import Bound, Granularity, RelativeLimit, RelativeUnit

Strength = Literal["strong", "weak", "horizon", "range", "label", "recurring", "relative"]


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: ``clean[start:end]`` with its cue words.

    ``strength``: ``strong`` says by itself that something is due, ``weak`` (``trong năm 2025``) and ``horizon``
    (``đến năm 2025``) only beside a task. ``first`` and ``last`` bound the period, None for recurrences and relative
    limits. ``label``: the words after ``Thời gian``, ``Hạn`` where the limit is a labelled one, else None.
    """

    start: int
    end: int
    rule: str
    strength: Strength
    bound: Bound | None
    granularity: Granularity | None
    due_on: str | None = None
    first: date | None = None
    last: date | None = None
    recurrence: str | None = None
    relative: RelativeLimit | None = None
    label: str | None = None
    asks: bool = False
    """Whether a word of the limit says that something is due by it (trước, chậm nhất, xong)."""


_WINDOW = 80
_LABEL_WINDOW = 130
_SENSES = ("before", "by", "horizon", "within", "filler")
_CUE = any_of(*(f"cue_{sense}" for sense in _SENSES))
_RUN = re.compile(rf"(?<!\w)(?:{_CUE}[ :,]{{1,2}})+$")
_ONE_CUE = re.compile(rf"(?<!\w){_CUE}(?!\w)")
_SENSE_OF = {word: sense for sense in _SENSES for word in words(f"cue_{sense}")}
_DAY_LIKE = (
    r"(?:\d{1,2} ?(?:giờ|h|:) ?\d{0,2}(?: phút)?,? )?(?:ngày |tháng |quý |năm )?[\divx]{1,4}"
    r"(?: ?(?:[/.-]|tháng|năm) ?\d{1,4}){0,2}"
)
_FROM = re.compile(
    rf"(?<!\w)(?:kể |bắt đầu )?từ (?:nay|{_DAY_LIKE}|(?:ngày|khi) (?:ra|ký|ban hành|đăng|có|phát hành|nhận|thông báo)\b"
    r"[^,;.:\d]{0,40}) ?,? ?$"
)
_FROM_DASH = re.compile(rf"(?<!\w)(?:kể )?từ {_DAY_LIKE} ?[-–] ?$")
_LABEL = re.compile(
    rf"(?:^|[(;.,:“\"–-] ?)(?P<label>{any_of('labels')})(?P<rest>(?: (?!là\b)[^\s:;.,()]+){{0,9}}?)"
    r"(?P<colon> ?:| là)? ?(?P<brackets>\()?$"
)
_OWN_LABEL = re.compile(r"(?:thời hạn|thời gian)(?P<rest>(?: [^\s:;.,()]+){1,6}?) ?:")
_ALSO = re.compile(r" ?(?:,|;|và|hoặc|,? và)? ?(?:ngày )?")
_RESULT = re.compile(rf"(?<!\w){any_of('result')} ?(?:hết |nay |ngày )*$")
# Cheap tests: a date with something before it that could be a cue, a number of days or months.
_DATED = re.compile(
    r"(?:trước|nhất|đến|tới|hết|trong|vào|xong|quá|hạn|gian|nay|là|điểm|lúc|chót|cuối|,|:|-|–|và)[ (]{1,2}"
    r"(?:(?:ngày|tháng|quý|năm|qúy|giai đoạn|các năm) ?(?:\d|[iv])|cuối|giữa|sáu tháng|\d)|[-–]\d"
)
_COUNTED = re.compile(r"(?:\d|\)|một|hai|ba|bốn|sáu|bảy|tám|chín|mười|mươi|lăm) (?:ngày|giờ|tháng|năm|tuần)(?!\w)")
_LAST_WORDS = frozenset(word.split()[-1] for sense in _SENSES for word in words(f"cue_{sense}"))

_NUMBER = rf"(?P<n>\d{{1,3}}|{WORD_NUMBER})(?: ?\([^()\d]{{1,20}}\))?"
_UNIT = r"(?P<unit>ngày|giờ|tháng|năm|tuần)(?P<working> làm việc)?(?: hành chính)?(?!\w)"
_RELATIVE = re.compile(
    rf"(?<!\w)(?P<cue>(?:(?:trong thời hạn|trong khoảng thời gian|trong thời gian|trong vòng|trong|chậm nhất|muộn nhất|"
    rf"không quá|tối đa|thời hạn|(?:thời hạn|thời gian)(?: [^\s:;.,()]+){{1,6}}? ?:|thời gian|là|sau|ngay|tối thiểu|"
    rf"ít nhất|trước)[ :]{{1,2}})+){_NUMBER} {_UNIT}"
    r"(?P<tail>,? (?:(?:kể từ|tính từ|từ|sau) (?P<after>(?:khi |lúc |thời điểm )?[^,;.()]{2,200}?)"
    r"|trước (?P<ahead>(?:ngày|khi|thời điểm|kỳ|phiên|cuộc) [^,;.()]{2,80}?)|so với (?P<than>[^,;.()]{2,80}?))"
    r"(?=[,;()]|\.(?:[\s/]|$)|$| (?:phải|có trách nhiệm|thì|để|các (?:cơ quan|đơn vị|địa phương|xã|sở|phòng))(?!\w)))?"
)
_AHEAD_FIRST = re.compile(
    rf"(?<!\w)trước (?P<ahead>(?:ngày|khi|thời điểm|kỳ|phiên|cuộc) [^,;.()\d]{{2,60}}?) "
    rf"(?:(?:ít nhất|tối thiểu|chậm nhất|là) )*{_NUMBER} {_UNIT}"
)
_NO_RELATIVE = re.compile(rf" (?:{any_of('stretch_goes_on')}|\d|\(\d)")
_OVER = re.compile(rf"{any_of('stretch_changed')} $")
_UNBOUND = re.compile(rf"(?<!\w){any_of('no_limit')}(?: [\w,]+){{0,3}} ?$")


def may_hold_limit(low: str, start: int, end: int) -> bool:
    """A cheap test: whether small-letter text has anything a limit could be made of."""
    return (
        _DATED.search(low, start, end) is not None
        or may_recur(low[start:end])
        or _COUNTED.search(low, start, end) is not None
    )


def find_limits(clean: str, low: str, start: int, end: int, year: int | None, issued: date | None) -> list[Limit]:
    """Limits in ``clean[start:end]`` in order, none overlapping another but those of one recurring phrase.

    ``low`` is ``clean`` in small letters, character for character. ``year`` stands in where none is printed;
    ``issued`` turns it to the next one for January limits in a dispatch of December.
    """
    recurring = list(find_recurrences(low, start, end)) if may_recur(low[start:end]) else []
    relative = list(_relative(clean, low, start, end)) if _COUNTED.search(low, start, end) else []
    taken = sorted({(r.start, r.end) for r in recurring})
    dated = list(_dated(clean, low, start, end, year, issued, taken)) if _DATED.search(low, start, end) else []
    taken = sorted({(r.start, r.end) for r in relative})
    dated = [d for d in dated if not _overlaps(d.start, d.end, taken)]
    merged = _merged(low, recurring, dated)
    rest = [
        _with_label(low, start, found) if found.label is None and found.strength in ("recurring", "relative") else found
        for found in (*merged, *relative)
    ]
    return sorted(rest, key=lambda found: (found.start, found.end))


def _overlaps(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether any of the spans, sorted and apart, touches ``start..end``."""
    at = bisect_left(spans, (end, end)) - 1
    return any(spans[k][0] < end and spans[k][1] > start for k in (at, at - 1) if k >= 0)


def _dated(
    clean: str, low: str, start: int, end: int, year: int | None, issued: date | None, taken: Sequence[tuple[int, int]]
) -> Iterator[Limit]:
    above: Limit | None = None
    dates = [d for d in find_dates(clean, start, end, year) if not _overlaps(d.start, d.end, taken)]
    for number, found in enumerate(dates):
        found = _with_year(found, dates[number + 1] if number + 1 < len(dates) else None, low, issued)
        limit = _limit_of(low, start, found)
        if (
            limit is None
            and above is not None
            and _ALSO.fullmatch(low, above.end, found.start)
            and found.granularity == above.granularity
        ):
            limit = replace(_plain(found, above.bound), strength=above.strength, rule=above.rule, asks=above.asks)
        if limit is not None:
            yield limit
        above = limit


def _with_year(found: PrintedDate, later: PrintedDate | None, low: str, issued: date | None) -> PrintedDate:
    """``ngày 15/6 và ngày 15/12/2025``: the year printed after the last counts for all."""
    if found.year_given or found.last is None or found.first is None:
        return found
    target = found.last.year
    if (
        later is not None
        and later.year_given
        and later.last is not None
        and _ALSO.fullmatch(low, found.end, later.start)
    ):
        target = later.last.year
    elif issued is not None and issued.month >= 11 and found.last.month <= 2:
        target = issued.year + 1
    if target == found.last.year:
        return found
    try:
        first, last = found.first.replace(year=target), found.last.replace(year=target)
    except ValueError:
        return found
    return replace(found, first=first, last=last, value=f"{target:04d}{found.value[4:]}")


def _plain(found: PrintedDate, bound: Bound | None) -> Limit:
    due = found.last.isoformat() if found.last is not None else found.value
    span = found.start, found.end
    return Limit(*span, "deadline/within", "weak", bound, found.granularity, due, found.first, found.last)


def _limit_of(low: str, start: int, found: PrintedDate) -> Limit | None:
    """The limit a date makes with the words before it, or None where they make none."""
    near = low[max(start, found.start - 12) : found.start].rstrip(" (")
    if near and near[-1] not in ":,-–" and near.rsplit(" ", 1)[-1].lstrip('(“"') not in _LAST_WORDS:
        return None
    window = low[max(start, found.start - _WINDOW) : found.start]
    run = _RUN.search(window)
    begin = found.start - (len(window) - run.start() if run is not None else 0)
    senses = {_SENSE_OF[word] for word in _ONE_CUE.findall(run.group())} if run is not None else set()
    before = low[max(start, begin - _LABEL_WINDOW) : begin]
    if _RESULT.search(low[max(start, begin - 20) : found.start]) or _RESULT.search(before):
        return None
    from_day = _FROM.search(before) if "horizon" in senses else _FROM_DASH.search(before) if not senses else None
    if from_day is not None:
        begin -= len(before) - from_day.start()
        before = before[: from_day.start()]
        limit = replace(_plain(found, "by"), start=begin, rule="deadline/range", strength="range")
    else:
        limit = replace(_plain(found, _bound(senses)), start=begin)
        if "before" in senses:
            limit = replace(limit, rule="deadline/before", strength="strong", asks=True)
        elif "by" in senses:
            limit = replace(limit, rule="deadline/by", strength="strong", asks=True)
        elif "horizon" in senses:
            limit = replace(limit, rule="deadline/by", strength="horizon")
    labelled = _LABEL.search(before)
    if labelled is not None and not (labelled["colon"] is None and not senses and from_day is None):
        return _labelled(
            limit, labelled, begin - (len(before) - labelled.start("label")), bool(senses) or from_day is not None
        )
    if not senses - {"filler"} and from_day is None:
        return None
    if found.span and from_day is None and limit.strength != "horizon":
        return None  # giai đoạn 2021-2025: when, not by when
    return limit


def _bound(senses: set[str]) -> Bound | None:
    if "before" in senses:
        return "before"
    return "by" if senses & {"by", "horizon"} else "within"


def _labelled(limit: Limit, labelled: re.Match[str], begin: int, cued: bool) -> Limit | None:
    """``Thời gian thực hiện: Tháng 12/2025``; None for the hours of an event."""
    rest = labelled["rest"].strip()
    day = limit.granularity in ("day", "hour")
    first = next((w for w in _by_length("label_event") if rest == w or rest.startswith(w + " ")), None)
    if first is not None and not limit.asks and rest not in words("label_generic"):
        return None
    bare = not rest and labelled["label"] in ("thời gian", "thời điểm")
    if bare and day and not limit.asks:
        return None
    if labelled["label"] == "tiến độ" and not cued and labelled["colon"] is None:
        return None
    bound = limit.bound
    if not cued:
        bound = "by" if day or labelled["label"].startswith("hạn") else "within"
    return replace(limit, start=begin, bound=bound, label=rest, strength="label", rule="deadline/label")


def _by_length(name: str) -> list[str]:
    return sorted(words(name), key=len, reverse=True)


def _relative(clean: str, low: str, start: int, end: int) -> Iterator[Limit]:
    covered = start
    for pattern in (_AHEAD_FIRST, _RELATIVE):
        for match in pattern.finditer(low, start, end):
            if match.start() < covered and pattern is _RELATIVE:
                continue
            limit = _relative_of(clean, low, start, match)
            if limit is not None:
                covered = max(covered, match.end()) if pattern is _AHEAD_FIRST else covered
                yield limit


def _relative_of(clean: str, low: str, start: int, match: re.Match[str]) -> Limit | None:
    group = match.groupdict()
    cue = group.get("cue") or "trước"
    if _NO_RELATIVE.match(low, match.end()) or _UNBOUND.search(low[max(start, match.start() - 60) : match.start()]):
        return None
    if _UNBOUND.search(cue.rstrip(" :")) or _OVER.search(low, start, match.start()):
        return None
    amount = int(group["n"]) if group["n"].isdigit() else read_word_number(group["n"]) or 0
    unit: RelativeUnit
    if group["unit"] == "tuần":
        amount, unit = amount * 7, "day"
    else:
        units: dict[str, RelativeUnit] = {"ngày": "day", "giờ": "hour", "tháng": "month", "năm": "year"}
        unit = units[group["unit"]]
    working = bool(group["working"])
    ahead = group.get("ahead") or group.get("than")
    name = "ahead" if group.get("ahead") else "than" if group.get("than") else "after"
    anchor = clean[match.start(name) : match.end(name)].strip() if group.get(name) else None
    strict = bool(re.search(r"thời hạn|vòng|chậm nhất|muộn nhất|không quá|tối đa", cue))
    if amount == 0 or (anchor is None and not (unit in ("day", "hour") and (strict or working))):
        return None
    if "trước " in cue and ahead is None and anchor is None and not working:
        return None
    if not strict and "trong" not in cue and ahead is None and not ("trước " in cue and working):
        return None
    if re.search(r"(?<!\w)sau ", cue) and not strict:
        return None
    if unit == "year" and anchor is None:
        return None
    bound: Bound = "within"
    if ahead is not None or "trước " in cue:
        bound = "before" if "chậm nhất" not in cue and "muộn nhất" not in cue else "by"
    elif re.search(r"chậm nhất|muộn nhất", cue) or ("không quá" in cue and "trong" not in cue):
        bound = "by"
    limit = RelativeLimit(amount=amount, unit=unit, working_days=working, anchor=anchor)
    granularity: Granularity = unit
    return Limit(
        match.start(), match.end(), "deadline/relative", "relative", bound, granularity, relative=limit, asks=True
    )


def _with_label(low: str, start: int, limit: Limit) -> Limit:
    """A recurring or relative limit with the label before it: ``Thời hạn gửi báo cáo: trước ngày 25 hằng tháng``."""
    own = _OWN_LABEL.match(low, limit.start, limit.end)
    if own is not None:
        return replace(limit, label=own["rest"].strip())
    window = low[max(start, limit.start - _LABEL_WINDOW) : limit.start]
    labelled = _LABEL.search(window)
    if labelled is None or labelled["colon"] is None:
        return limit
    return replace(limit, start=limit.start - (len(window) - labelled.start("label")), label=labelled["rest"].strip())


_GLUE = re.compile(r" ?[,(:]? ?(?:và )?")


def _merged(low: str, recurring: Sequence[Recurring], dated: Sequence[Limit]) -> Iterator[Limit]:
    """Recurrences and dates, ``định kỳ 6 tháng (trước 20/01/2026)`` as one."""
    used: set[int] = set()
    last_of = {r.end: r for r in recurring}
    starts = [d.start for d in dated]
    for found in recurring:
        limit = Limit(
            found.start, found.end, f"deadline/{found.rule}", "recurring", found.bound, found.granularity,
            recurrence=found.rrule, asks=found.bound is not None,
        )  # fmt: skip
        index = bisect_left(starts, found.end)
        if found.bound is None and last_of[found.end] is found and index < len(dated):
            day = dated[index]
            if day.strength == "strong" and _GLUE.fullmatch(low, found.end, day.start):
                used.add(index)
                limit = replace(
                    limit, end=day.end, due_on=day.due_on, bound=day.bound, granularity=day.granularity,
                    last=day.last, asks=True,
                )  # fmt: skip
        yield limit
    yield from (d for index, d in enumerate(dated) if index not in used)
