"""Numbers with their units in a paragraph, and the words that stand before and behind each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from extractors.numbers import WORD_NUMBER, Figure, find_figures, read_word_number
from extractors.quantity_words import any_of, before, opening, units, words
from extractors.sentences import sentences
from extractors.units import Unit, unit_after

_QUOTED = re.compile(r"\"[^\"]{1,600}\"|“[^“”]{1,600}”|'[^']{3,300}'")
_TRIGGER = re.compile(r"\d|nhất |thiểu |thêm |dưới ")
_UNTIL = re.compile(r"\s?(?:trở lên|trở xuống)(?!\w)")
_EXTRA_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit in the folded text of one paragraph.

    ``lead`` is where the words that belong to it begin, ``limit`` where what stands behind it must end, ``opened``
    the round bracket it stands in (-1 for none), ``sentence`` the span of its sentence.
    """

    figure: Figure
    unit: Unit
    lead: int
    limit: int
    opened: int
    sentence: tuple[int, int]

    @property
    def start(self) -> int:
        return self.figure.start

    @property
    def end(self) -> int:
        return max(self.figure.end, self.unit.end)


@dataclass(frozen=True, slots=True)
class Peeled:
    """What stands directly before a number, taken apart: kinds of words from the number outwards, and the rest's end."""

    kinds: tuple[str, ...]
    said: tuple[str, ...]
    rest: int


_KEPT = "kept"
_KINDS = ("at_least", "at_most", "more_than", "less_than", "about", "up", "down", "level", "exist", "filler")


@cache
def _kind_of_word() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in reversed(_KINDS):
        found.update(dict.fromkeys(words(kind), kind))
    for word in words("compound") - found.keys():
        found[word] = _KEPT
    return found


@cache
def _peel_one() -> re.Pattern[str]:
    return re.compile(rf"(?:(?<!\w){any_of(*_KINDS, 'compound')}|[:=≥≤<>~≈]=?)\s*$")


@cache
def _label() -> re.Pattern[str]:
    return before("label_before")


@cache
def _many() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('many')} (?P<number>{WORD_NUMBER})(?= \w)")


@cache
def _starting() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return before("starting_value"), re.compile(rf"[^\d;.]{{0,40}}?(?<!\w){any_of('reached')} (?:[^\d;.,]{{0,12}} )?\d")


@cache
def _new_clause() -> re.Pattern[str]:
    return opening("clause_start")


@cache
def _tail_end() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('tail_end')}(?!\w)(?! (?:cường|trưởng|tốc))")


def peel(low: str, start: int, end: int) -> Peeled:
    """Take comparators, verbs of measuring and filling words off the end of ``low[start:end]``."""
    kinds: list[str] = []
    said: list[str] = []
    while (match := _peel_one().search(low, max(start, end - 32), end)) is not None:
        word = match.group().strip()
        kind = _kind_of_word()[word]
        if kind == _KEPT:
            break
        kinds.append(kind)
        said.append(word)
        end = match.start()
        while end > start and low[end - 1] == " ":
            end -= 1
    return Peeled(tuple(kinds), tuple(said), end)


def may_hold_amount(text: str, start: int, end: int) -> bool:
    """A cheap test that spares most paragraphs."""
    return _TRIGGER.search(text, start, end) is not None


def find_amounts(text: str, low: str, dates: Sequence[tuple[int, int]]) -> list[Amount]:
    """The numbers with units of one paragraph in order, those in quotation marks, dates and labels left out.

    ``low`` is ``text`` folded character for character, ``dates`` the spans of the dates in it.
    """
    found = [*_digits(low, dates), *_spelled(low)]
    if not found:
        return []
    found.sort(key=lambda pair: pair[0].start)
    quoted = [m.span() for m in _QUOTED.finditer(low)]
    kept = [pair for pair in found if not any(a < pair[0].start < b for a, b in quoted)]
    if not kept:
        return []
    amounts = _with_leads(text, low, kept)
    whole = [k for k, amount in enumerate(amounts) if not _is_attribute(low, amounts[:k], amount)]
    if len(whole) < len(kept):
        amounts = _with_leads(text, low, [kept[k] for k in whole])
    return [_limited(amount, amounts[k + 1 :]) for k, amount in enumerate(amounts)]


def _with_leads(text: str, low: str, pairs: Sequence[tuple[Figure, Unit]]) -> list[Amount]:
    spans = list(sentences(text, 0, len(text)))
    opened = openings(low, [figure.start for figure, _ in pairs])
    amounts: list[Amount] = []
    for index, (figure, unit) in enumerate(pairs):
        sentence = next((s for s in spans if s[0] <= figure.start < s[1]), (0, len(low)))
        ends = [other.end for earlier, (_, other) in zip(opened[:index], pairs, strict=False) if earlier == opened[index]]
        floor = max([sentence[0], *ends[-1:]])
        lead = lead_of(low, floor, figure.start, floor > sentence[0])
        amounts.append(Amount(figure, unit, lead, sentence[1], opened[index], sentence))
    return amounts


def _limited(amount: Amount, following: Sequence[Amount]) -> Amount:
    """The amount with what stands behind it ended before the words of the next one outside brackets of its own."""
    later = next((other for other in following[:8] if other.opened == amount.opened or other.opened < amount.start), None)
    limit = amount.limit if later is None else max(amount.end, min(amount.limit, later.lead))
    return replace(amount, limit=limit)


_PART_OF = re.compile(r" (?:[^,;:.()\d]{0,28} )?(?:đạt|đạt từ|đạt dưới|đạt trên|có dưới|đạt đủ|đạt được|hoàn thành) (?:ít nhất |tối thiểu |đủ |từ |dưới |trên )?")
_LABEL_OF = re.compile(r"\s?:\s?\d")
_PER = re.compile(r"(?:trên|trên mỗi|tính trên|bình quân|mỗi|cho mỗi|/)\s*$")


def _is_attribute(low: str, earlier: Sequence[Amount], amount: Amount) -> bool:
    """Whether the number says what kind of thing another one counts: ``06 xã đạt dưới 10 tiêu chí``, ``trên 1 ha``."""
    figure = amount.figure
    if figure.value in (1, 100, 1000, 10000, 100000) and amount.unit.kind != "money" and _PER.search(low[max(0, figure.start - 12) : figure.start]):
        return low.startswith(("trên ", "tính trên"), max(0, low.rfind("trên", 0, figure.start))) and figure.value == 1 or figure.value > 100
    if _LABEL_OF.match(low, amount.end) is not None:
        return True
    if amount.unit.kind != "count" or not earlier or earlier[-1].opened != amount.opened:
        return False
    gap = low[earlier[-1].end : amount.start]
    return _PART_OF.fullmatch(gap) is not None


def _digits(low: str, dates: Sequence[tuple[int, int]]) -> list[tuple[Figure, Unit]]:
    found: list[tuple[Figure, Unit]] = []
    for figure in find_figures(low, 0, len(low)):
        listed = bool(found) and low[found[-1][1].end : figure.start].endswith((", ", " và "))
        unit = unit_after(low, figure.end) or _unit_of_label(low, figure) or _unknown_unit(low, figure, listed)
        if unit is None or unit.kind == "other" or any(a < figure.end and figure.start < b for a, b in dates):
            continue
        head = low[max(0, figure.start - 24) : figure.start]
        labelled = unit.kind in ("count", "measure") and _label().search(head) is not None
        if labelled and not head.rstrip().endswith(("tổng số", "dứt điểm", "thời điểm")):
            continue
        first, then = _starting()
        if first.search(head) and figure.value_max is None and then.match(low, figure.end):
            continue
        found.append((figure, unit))
    return found


_ALONE = re.compile(r"\s?(?:[.;,)]|$)")
_NUMBER_OF = re.compile(r"(?<!\w)(?:tổng )?số (?:lượng )?(?=[^\W\d_])(?P<noun>[^.;:\d]{2,90}?)(?::| là| đạt)\s*$")


def _unit_of_label(low: str, figure: Figure) -> Unit | None:
    """``Số xã đạt chuẩn: 15/22``: the unit stands in the label; the unit's span is then that of the noun there."""
    if _ALONE.match(low, figure.end) is None:
        return None
    match = _NUMBER_OF.search(low, max(0, figure.start - 120), figure.start)
    unit = unit_after(low, match.start("noun")) if match is not None else None
    return unit if unit is not None and unit.kind == "count" and unit.start == match.start("noun") else None  # type: ignore[union-attr]


_TWO_SYLLABLES = re.compile(r" ([^\W\d_]+)(?: ([^\W\d_]+))?")
_TELLING = frozenset({"at_least", "more_than", "about", "up", "down"})


def _unknown_unit(low: str, figure: Figure, listed: bool) -> Unit | None:
    """A noun that no table has, where the words before the number, or a list, leave no doubt that it is counted."""
    match = _TWO_SYLLABLES.match(low, figure.end)
    if match is None or match[1] in words("no_noun") or len(match[1]) < 2:
        return None
    peeled = peel(low, max(0, figure.start - 60), figure.start)
    if _TELLING.isdisjoint(peeled.kinds) and not listed:
        return None
    alone = match[2] is None or match[2] in words("no_unit") or match[2] in words("no_noun")
    return Unit(match.start(1), match.end(1) if alone else match.end(2), "count")


def _spelled(low: str) -> list[tuple[Figure, Unit]]:
    found: list[tuple[Figure, Unit]] = []
    for match in _many().finditer(low):
        value = read_word_number(match["number"])
        unit = unit_after(low, match.end("number"))
        if value and unit is not None and unit.kind == "count":
            found.append((Figure(match.start("number"), match.end("number"), float(value)), unit))
    return found


def openings(low: str, positions: Sequence[int]) -> list[int]:
    """For each position the innermost round bracket open there, or -1."""
    stack: list[int] = []
    found: list[int] = []
    at = 0
    for position in positions:
        for k in range(at, position):
            if low[k] == "(":
                stack.append(k)
            elif low[k] == ")" and stack:
                stack.pop()
        at = position
        found.append(stack[-1] if stack else -1)
    return found


_JOINT = re.compile(r" và (?=\S)|(?<!đối)(?<!so)(?<!cùng) với (?=\S)| trong đó (?=\S)")


def lead_of(low: str, floor: int, position: int, follows: bool) -> int:
    """Where the words that belong to the number at ``position`` begin: behind a comma, a bracket, a joining word."""
    peeled = peel(low, floor, position)
    labelled = ":" in peeled.said
    at, depth = peeled.rest - 1, 0
    while at >= floor:
        sign = low[at]
        if sign == ")":
            depth += 1
        elif sign == "(":
            if depth == 0:
                return at + 1
            depth -= 1
        elif depth == 0 and (sign == ";" or (sign in ",:" and not labelled and not _in_number(low, at))):
            return _EXTRA_SPACE.match(low, at + 1).end()  # type: ignore[union-attr]
        at -= 1
    if not follows:
        return floor
    joints = [m.start() + 1 for m in _JOINT.finditer(low, floor, peeled.rest + 1)]
    return joints[-1] if joints else peeled.rest


def _in_number(low: str, at: int) -> bool:
    return low[at - 1 : at].isdigit() and low[at + 1 : at + 2].isdigit()


def tail(low: str, amount: Amount) -> tuple[int, int]:
    """The span of the phrase behind the unit, which says what is counted; empty where the clause ends there."""
    start, stop = amount.end, amount.limit
    if low.startswith(" (", start):
        closing = low.find(")", start, stop)
        start = closing + 1 if 0 <= closing else start
    if not low.startswith(" ", start):
        return start, start
    at = start
    while at < stop:
        sign = low[at]
        if sign in ";:()…" or (sign == "." and not _in_number(low, at)):
            stop = at
        elif sign == "," and not _in_number(low, at) and _new_clause().match(low, at + 1):
            stop = at
        at += 1
    end = _tail_end().search(low, start, stop)
    if end is not None:
        stop = end.start()
    return _trimmed(low, start, stop)


_JOINING = re.compile(r"(?:\s|,|-)+(?:và|với|hoặc|cùng|là|của|trong|các|đạt|cũng như|đồng thời|tại|ở|từ)?\s*$|\s(?:và|với|hoặc)$")


def _trimmed(low: str, start: int, stop: int) -> tuple[int, int]:
    while start < stop and low[start] in " ,":
        start += 1
    while (match := _JOINING.search(low, start, stop)) is not None and match.start() < stop:
        stop = match.start()
    return start, max(start, stop)


def until(low: str, amount: Amount) -> str:
    """``trở lên`` or ``trở xuống`` behind the unit, else nothing."""
    match = _UNTIL.match(low, amount.end)
    return match.group().strip() if match else ""


def is_counted(word: str) -> bool:
    """Whether a phrase begins with the name of something that is counted."""
    pieces = word.split()
    return any(" ".join(pieces[:size]) in units("count") for size in (3, 2, 1))
