"""Whether a number is a target, a result or funding, or none of them, by the words that govern it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractors.quantity_clauses import Amount, Peeled
from extractors.quantity_words import alternation, any_of, words

Said = Literal["target", "result"]

REPORTING = frozenset({"báo cáo", "biên bản"})
NORMATIVE = frozenset({"quyết định", "quy chế", "quy định", "nghị định", "thông tư", "luật", "nghị quyết", "hướng dẫn"})

_OPEN_END = r"(?!\w)"
_PLAN_OF_PERCENT = re.compile(r"(?:%|so với|vượt|đạt|hoàn thành|bằng)\s*$")


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that says target or result, and where it stands."""

    start: int
    end: int
    kind: Said


@cache
def _strong() -> re.Pattern[str]:
    none = rf"{any_of('no_target')}|{alternation(words('compound') - words('result'))}|đã {any_of('no_result')}"
    target, result = any_of("target"), any_of("result")
    return re.compile(rf"(?<!\w)(?:(?P<none>{none})|(?P<target>{target})|(?P<result>{result})){_OPEN_END}")


@cache
def _after() -> re.Pattern[str]:
    target, result = any_of("target_after"), any_of("result_after")
    return re.compile(rf"(?<!\w)(?:(?P<target>{target})|(?P<result>{result})){_OPEN_END}")


@cache
def _weak() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('target_weak')}{_OPEN_END}")


@cache
def _heading() -> re.Pattern[str]:
    result, target = any_of("heading_result"), any_of("heading_target")
    return re.compile(rf"(?<!\w)(?:(?P<result>{result})|(?P<none>mục tiêu quốc gia)|(?P<target>{target})){_OPEN_END}")


@cache
def _any_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(name)}{_OPEN_END}")


@cache
def _norm() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('norm')}{_OPEN_END}")


@cache
def _condition() -> re.Pattern[str]:
    return re.compile(rf"(?:^|[,;:(]\s?|\s)(?:{any_of('condition')}){_OPEN_END}")


def cues(text: str, low: str) -> list[Cue]:
    """Every word of a paragraph that says target or result, in order. ``low`` is ``text`` folded."""
    found: list[Cue] = []
    for match in _strong().finditer(low):
        if match["none"] or _is_name(text, match.start()):
            continue
        if match["result"] in words("span_before") and low[match.end() + 1 : match.end() + 2].isdigit():
            continue  # trong tháng 3/2025: a date, past or to come
        of_percent = _PLAN_OF_PERCENT.search(low, max(0, match.start() - 24), match.start()) is not None
        if of_percent and match["target"] in words("plan"):
            continue
        found.append(Cue(match.start(), match.end(), "target" if match["target"] else "result"))
    return found


def _is_name(text: str, start: int) -> bool:
    """Whether the word is part of a proper name (Cần Thơ): a capital where no sentence begins."""
    return text[start].isupper() and start > 1 and text[start - 2 : start - 1].isalnum()


def nearest(found: Sequence[Cue], start: int, end: int) -> Cue | None:
    """The last cue in ``[start, end)``."""
    return next((cue for cue in reversed(found) if start <= cue.start and cue.end <= end), None)


def said_behind(low: str, amount: Amount, stop: int, planned: bool = True) -> Said | None:
    """What the words between the number and ``stop`` say; not ``planned``: ``theo kế hoạch`` says nothing."""
    for match in _after().finditer(low, amount.end, stop):
        if planned or match["target"] not in words("as_planned"):
            return "target" if match["target"] else "result"
    return None


def is_weak_target(low: str, start: int, end: int) -> bool:
    """Whether an order's verb stands in ``low[start:end]``."""
    return _weak().search(low, start, end) is not None


@cache
def _imperative() -> re.Pattern[str]:
    return re.compile(rf"[^\w]*(?:[a-zđ0-9][.)] )?{any_of('imperative')}(?!\w)")


def is_imperative(low: str, start: int, end: int) -> bool:
    """Whether the clause ``low[start:end]`` opens with an order."""
    return _imperative().match(low, start, end) is not None


def of_heading(low: str) -> Said | None:
    """What a heading or a lead says of the numbers under it."""
    for match in _heading().finditer(low):
        if not match["none"]:
            return "result" if match["result"] else "target"
    return None


def is_funding(low: str, start: int, end: int) -> bool:
    """Whether the words before a sum of money say that it is provided or paid, not earned, spent or lost."""
    if _any_of("funding").search(low, start, end) is None:
        return False
    return _any_of("money_result").search(low, start, end) is None


@cache
def _source() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:(?:trong đó|gồm|và)[ :]*)?{any_of('fund_source')}(?!\w)")


def is_source_of_funds(low: str, start: int) -> bool:
    """Whether a clause opens with where money comes from: ``ngân sách tỉnh``, ``vốn đối ứng``."""
    return _source().match(low, start) is not None


@cache
def _provides() -> re.Pattern[str]:
    funds = any_of("fund_source")
    return re.compile(rf"(?<!\w){any_of('provide')} (?:đủ |phần |từ )?{funds}(?: [^\W\d_]+){{0,4}} $")


def provides_funds(low: str, start: int, end: int) -> bool:
    """Whether a share of money is to be provided: ``bố trí vốn đối ứng | không dưới 10%``."""
    return _provides().search(low[start:end].rsplit(" không ", 1)[0].rstrip() + " ") is not None


def is_money_result(low: str, start: int, end: int) -> bool:
    """Whether the words before a sum of money say that it was earned, spent or lost."""
    return _any_of("money_result").search(low, start, end) is not None


_SUM = re.compile(r"\d (?:nghìn |ngàn )?(?:tỷ|tỉ|triệu)(?: đồng)?(?!\w)")


def is_sum_of_funds(low: str) -> bool:
    """Whether a lead-in gives the sum whose parts its list names: ``hỗ trợ 19 tỷ đồng, gồm:``."""
    return _SUM.search(low) is not None and is_funding(low, 0, len(low))


def names_funding(low: str) -> bool:
    """Whether a heading speaks of funds."""
    return _any_of("heading_funding").search(low) is not None


@cache
def _attending() -> re.Pattern[str]:
    return re.compile(rf"(?:[^,;:.()\d]{{0,30}} )?{any_of('attending')}(?!\w)")


# Đề án trồng | 1 tỷ cây xanh: what a programme is called, up to two words behind the kind of paper.
_NAMED = re.compile(r"(?<!\w)(?:đề án|chương trình|phong trào|chiến dịch|cuộc vận động|dự án) (?:[^\W\d_]+ ){1,2}$")
_IN_TITLE = re.compile(r"/[^\W\d_][\w&.-]*(?: (?!về )[^;]{0,90}?)? về (?:việc )?[^,;.]*$")


def is_in_title(low: str, start: int, end: int) -> bool:
    """Whether ``end`` stands in the title of a document cited: ``Công văn số 12/BYT-DP về việc tiêm cho 500 trẻ``."""
    if _NAMED.search(low, max(start, end - 40), end) is not None:
        return True
    return "/" in low[start:end] and _IN_TITLE.search(low, start, end) is not None


def is_attendance(low: str, end: int) -> bool:
    """Whether the words behind a number say that people attend a meeting."""
    return _attending().match(low, end + 1) is not None


def is_norm(low: str, start: int, end: int) -> bool:
    """Whether the words before a number make it a rate, a norm or a quota."""
    return _norm().search(low, start, end) is not None


def is_condition(low: str, start: int, end: int) -> bool:
    """Whether the words before a number open a condition."""
    return _condition().search(low, start, end) is not None


def comparator(peeled: Peeled, until: str) -> Literal["=", ">=", ">", "<=", "<", "~"]:
    """The comparator that the words around a number say."""
    if until:
        return ">=" if until == "trở lên" else "<="
    signs = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<", "about": "~"}
    for kind in ("at_least", "at_most", "more_than", "less_than", "about"):
        if kind in peeled.kinds:
            return signs[kind]  # type: ignore[return-value]
    return "="


def change(peeled: Peeled) -> Literal["increase", "decrease"] | None:
    """The change that the words directly before a number say: none where a word of level stands nearer (giảm còn)."""
    for kind in peeled.kinds:
        if kind == "level":
            return None
        if kind in ("up", "down"):
            return "increase" if kind == "up" else "decrease"
    return None
