"""What a number counts or measures, as written: the noun phrase before it, behind it, or that of the number before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from extractors.quantity_clauses import Amount, Peeled, is_counted, tail
from extractors.quantity_words import any_of, opening, words

Span = tuple[int, int]

_SPACE = re.compile(r"[\s,:;-]*")
_WHO = re.compile(r"(?:mỗi|các|những|toàn|từng)(?!\w)")
_FROM = re.compile(r"\s(?:tăng |giảm |nâng )?từ (?:mức )?\d[\d.,]*\s?[^\s\d]*(?: [^\s\d]+){0,2}$")
_FROM_FUNDS = re.compile(r"(?:được )?(?:bố trí |trích |lấy )?từ (?:các )?(?:nguồn|ngân sách|vốn|quỹ)(?!\w)")
_FOR = re.compile(r" (?:cho|tại|ở)$")


@dataclass(frozen=True, slots=True)
class Said:
    """What is counted: the spans that say it, in order (none: what the number before counted), and how it was found."""

    spans: tuple[Span, ...]
    rule: str


@cache
def _strip() -> re.Pattern[str]:
    longer = "trưởng|cường|tốc|hút|ra (?:ngoài|khỏi)|vào quy hoạch"  # tăng trưởng; đưa ra ngoài quy hoạch
    return re.compile(rf"\s*{any_of('strip_before')}(?!\w)(?! (?:{longer})(?!\w))")


@cache
def _head() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('indicator_head')}(?!\w)")


@cache
def _date_link() -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=\s)){any_of('date_preposition')}\s*$")


@cache
def _generic() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of('generic_verb')}(?: |$))+")


@cache
def _base() -> re.Pattern[str]:
    return opening("base_after")


@cache
def _whole() -> re.Pattern[str]:
    return re.compile(rf"(?:(?:trên|trong|so với) |(?!tổng )){any_of('whole_of')}(?!\w)")


@cache
def _soft_base() -> re.Pattern[str]:
    return opening("soft_base")


def noun_phrase(low: str, start: int, end: int, dates: Sequence[Span], areas: Sequence[Span]) -> tuple[Span, bool]:
    """The noun phrase in ``low[start:end]``, cue words, dates and areas at its edges left out; whether it is headed.

    Headed: it begins with a word of measuring (tỷ lệ, tổng số, thu nhập …), and so names what is measured.
    """
    edges = [*dates, *areas]
    done = low.rfind(" đã ", start, end)
    if done >= 0:
        start = done + 4
    start, end = _narrowed(low, start, end, edges)
    for match in _head().finditer(low, start, end):
        if match.group() == "số" and not _is_number_of(low, match.end(), end):
            continue
        if match.group() == "bình quân" and match.start() > start:
            continue
        if low.count("(", start, match.start()) == low.count(")", start, match.start()):
            return _narrowed_right(low, match.start(), end, edges), True
    return (start, end), False


def _is_number_of(low: str, start: int, end: int) -> bool:
    return is_counted(low[start:end]) or low.startswith(tuple(words("of_money")), start + 1)


def _narrowed(low: str, start: int, end: int, edges: Sequence[Span]) -> Span:
    moved = True
    while moved and start < end:
        moved = False
        start = min(end, _end_of(_SPACE, low, start))
        if (match := _strip().match(low, start, end)) is not None and match.end() > start:
            start, moved = match.end(), True
            continue
        for a, b in edges:
            if a <= start < b <= end or (a == start + 5 and b <= end and low.startswith("trên ", start)):
                start, moved = b, True
    return _narrowed_right(low, start, end, edges)


def _narrowed_right(low: str, start: int, end: int, edges: Sequence[Span]) -> Span:
    moved = True
    while moved and start < end:
        moved = False
        while end > start and low[end - 1] in " ,:-":
            end -= 1
        if (began := _FROM.search(low, start, end)) is not None:
            end = began.start()
        for a, b in edges:
            if start <= a < end <= b:
                end, moved = a, True
                link = _date_link().search(low, start, end)
                end = link.start() if link is not None else end
    return start, end


def _end_of(pattern: re.Pattern[str], low: str, at: int) -> int:
    match = pattern.match(low, at)
    return at if match is None else match.end()


def indicator(low: str, amount: Amount, peeled: Peeled, dates: Sequence[Span], areas: Sequence[Span]) -> Said:
    """The words that say what ``amount`` counts or measures."""
    before, headed = noun_phrase(low, amount.lead, peeled.rest, dates, areas)
    if low.startswith("so với ", before[0]):
        before, headed = (before[1], before[1]), False
    if not headed:
        before, headed = _over_comma(low, amount, before, dates, areas)
    behind = _before_place(low, tail(low, amount), areas)
    named = before[0] < before[1] and _generic().fullmatch(low, *before) is None
    if named and amount.unit.kind == "money" and _FROM_FUNDS.match(low, *behind) is not None:
        behind = (behind[1], behind[1])
    verbs = zip(peeled.kinds, peeled.said, strict=True)
    measured = any(kind in ("level", "up", "down") and not word.endswith("thêm") for kind, word in verbs)
    if peeled.said[:1] == (":",) and behind[0] < behind[1] and _base().match(low, *behind) is None:
        before, headed, measured = (before[1], before[1]), False, False  # a colon before a list of things
    if amount.unit.kind == "percent":
        return _share(low, before, headed, behind, measured, frozenset(peeled.said))
    if amount.unit.kind == "count":
        return _count(low, amount, before, headed, behind, measured, peeled)
    return _measure(low, amount, before, headed, behind, measured)


_LIST_COMMA = re.compile(r"(?<=[^\W\d_]), $")


def _before_place(low: str, behind: Span, areas: Sequence[Span]) -> Span:
    """``ổ dịch | tại xã A, huyện B``: where it is ends what is counted."""
    for a, b in areas:
        if behind[0] <= a and b >= behind[1] > a and low.endswith((" tại ", " ở "), behind[0] - 1, a):
            return behind[0], max(behind[0], low.rfind(" ", behind[0] - 1, a - 1))
    return behind


def _over_comma(
    low: str, amount: Amount, before: Span, dates: Sequence[Span], areas: Sequence[Span]
) -> tuple[Span, bool]:
    """``tỷ lệ lao động qua đào tạo nghề, | có chứng chỉ đạt 28%``: what is measured began before the comma."""
    start = amount.lead
    if not 0 < len(low[before[0] : before[1]].split()) <= 4 or before[0] != start:
        return before, False
    if _LIST_COMMA.search(low, amount.sentence[0], start) is None:
        return before, False
    floor = max(low.rfind(sign, amount.sentence[0], start - 2) for sign in (", ", "; ", ": ", "(", ". "))
    floor = amount.sentence[0] if floor < 0 else floor + 1
    while floor < start and low[floor] in " +-–":
        floor += 1
    span, headed = noun_phrase(low, floor, before[1], dates, areas)
    opens = headed and span[0] < start - 2 and not any(c.isdigit() for c in low[floor:start])
    stated = opens and _stated().search(low, span[0], start) is not None
    return (span, True) if opens and not stated else (before, False)


@cache
def _stated() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('level', 'up', 'down')}(?!\w)")


def _share(low: str, before: Span, headed: bool, behind: Span, measured: bool, said: frozenset[str]) -> Said:
    said_behind = behind[0] < behind[1]
    base = said_behind and _base().match(low, *behind) is not None
    bare = low[before[0] : before[1]] in words("bare_rate")
    if headed and not bare and before[0] < before[1] and low.startswith(("tỷ trọng", "tỷ lệ", "tỉ lệ"), before[0]):
        return Said((before,), "quantity/rate")
    if said_behind and not said.isdisjoint({"chiếm", "chiêm"}) and _whole().match(low, *behind) is not None:
        return Said((before,), "quantity/rate") if before[0] < before[1] else Said((), "quantity/chained")
    if said_behind and not said.isdisjoint({"chiếm", "chiêm"}):
        start = behind[0] + 5 if low.startswith(("trên ", "trong "), behind[0]) else behind[0]
        return Said(((start, behind[1]),), "quantity/share")
    if low[before[0] : before[1]] in words("bare_rate"):
        before = (before[1], before[1])
    named = before[0] < before[1]
    plan = said_behind and low.startswith(("kế hoạch vốn", "kế hoạch", "dự toán", "chỉ tiêu"), behind[0])
    if named and plan and low.count(" ", *before) < 2:
        return Said((before, behind), "quantity/rate")
    if headed and named:
        return Said((before,), "quantity/rate")
    things = said_behind and (is_counted(low[behind[0] : behind[1]]) or low.startswith("số ", behind[0]))
    if said_behind and not base and (not measured or not named or things):
        return Said((behind,), "quantity/share")
    if named:
        return Said((before,), "quantity/rate")
    whole = "hoàn thành" in said or _soft_base().match(low, *behind) is not None
    if whole and low.count(" ", *behind) >= 3:
        return Said((behind,), "quantity/share")
    return Said((), "quantity/chained")


def _count(low: str, amount: Amount, before: Span, headed: bool, behind: Span, measured: bool, peeled: Peeled) -> Said:
    unit = (amount.unit.start, amount.unit.end)
    labelled = ":" in peeled.said[:1]
    if headed and before[0] < before[1] and (measured or behind[0] == behind[1]):
        short = behind[0] == behind[1] and low.count(" ", *before) < 2 and not labelled
        return Said((before, unit), "quantity/done") if short else Said((before,), "quantity/rate")
    if behind[0] < behind[1]:
        if behind[0] <= unit[1] + 1:
            return Said(((unit[0], behind[1]),), "quantity/count")
        return Said((unit, behind), "quantity/count")  # a bracket stands between them
    named = before[0] < before[1] and _generic().fullmatch(low, *before) is None and _WHO.match(low, *before) is None
    made = "mới" in peeled.said and before[0] < before[1] and low.startswith(" mới", before[1])
    if made:  # thành lập mới 10 HTX
        return Said(((before[0], before[1] + len(" mới")), unit), "quantity/done")
    if not words("reaching").isdisjoint(peeled.said):
        return Said((unit,), "quantity/count")
    if named and labelled:
        return Said((before,), "quantity/rate")
    if named and (low.count(" ", *before) < 7 or _FOR.search(low, *before) is not None):
        return Said((before, unit), "quantity/done")
    return Said((unit,), "quantity/count")


def _measure(low: str, amount: Amount, before: Span, headed: bool, behind: Span, measured: bool) -> Said:
    named = before[0] < before[1]
    base = _base().match(low, *behind) is not None
    funds = low.startswith(("vốn", "kinh phí", "ngân sách", "nguồn vốn", "tiền"), behind[0], behind[1])
    if named and funds and low.count(" ", *before) < 3:
        return Said((before, behind), "quantity/rate")
    clause = low.count(" ", *before) >= 7 and not headed and behind[0] < behind[1] and not base
    if named and (headed or measured) and not clause:
        return Said((before,), "quantity/rate")
    if low.startswith("từ ", behind[0], behind[1]):
        behind = (behind[0] + 3, behind[1])
    if behind[0] < behind[1] and not base:
        return Said((behind,), "quantity/count")
    if named and _generic().fullmatch(low, *before) is None:
        return Said((before,), "quantity/rate")
    return Said((), "quantity/chained")


@cache
def _subject_end() -> re.Pattern[str]:
    return re.compile(rf"\s(?:{any_of('area_end')}|diễn ra)(?!\w)|[,;:.(]")


def subject(low: str, start: int, end: int) -> Span:
    """The noun phrase a sentence opens with, up to its first verb: ``Hoạt động du lịch`` of ``… với nhiều …``."""
    match = _subject_end().search(low, start, end)
    stop = end if match is None else match.start()
    return _narrowed(low, start, stop, ())


def as_written(text: str, spans: Sequence[Span]) -> str | None:
    """The words of the spans, joined; a comma alone between two of them stays."""
    written, end = "", -1
    for a, b in spans:
        if a < b:
            joint = "" if not written else ", " if text[end:a] == ", " else " "
            written, end = written + joint + text[a:b].strip(" ,;:-–"), b
    return written or None


def same_words(part: str, whole: str) -> bool:
    """Whether nearly all words of ``part`` stand in ``whole``."""
    mine, theirs = part.split(), set(whole.split())
    return bool(mine) and sum(word in theirs for word in mine) >= 0.8 * len(mine)
