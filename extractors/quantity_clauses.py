"""Numbers with their units in a paragraph, and the words that stand before and behind each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
    in_words: bool = False

    @property
    def start(self) -> int:
        return self.figure.start

    @property
    def end(self) -> int:
        return self.unit.end


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
    spans = list(sentences(text, 0, len(text)))
    opened = openings(low, [figure.start for figure, _ in kept])
    amounts: list[Amount] = []
    for index, (figure, unit) in enumerate(kept):
        sentence = next((s for s in spans if s[0] <= figure.start < s[1]), (0, len(low)))
        ends = [other.end for earlier, (_, other) in zip(opened[:index], kept, strict=False) if earlier == opened[index]]
        floor = max([sentence[0], *ends[-1:]])
        lead = _lead(low, floor, figure.start, floor > sentence[0])
        amounts.append(Amount(figure, unit, lead, sentence[1], opened[index], sentence, low[figure.start].isalpha()))
    return [_limited(amount, amounts[k + 1] if k + 1 < len(amounts) else None) for k, amount in enumerate(amounts)]


def _limited(amount: Amount, following: Amount | None) -> Amount:
    limit = amount.limit if following is None else max(amount.end, min(amount.limit, following.lead))
    return Amount(amount.figure, amount.unit, amount.lead, limit, amount.opened, amount.sentence, amount.in_words)


def _digits(low: str, dates: Sequence[tuple[int, int]]) -> list[tuple[Figure, Unit]]:
    found: list[tuple[Figure, Unit]] = []
    for figure in find_figures(low, 0, len(low)):
        unit = unit_after(low, figure.end)
        if unit is None or unit.kind == "other" or any(a < figure.end and figure.start < b for a, b in dates):
            continue
        head = low[max(0, figure.start - 24) : figure.start]
        if _label().search(head) and not head.rstrip().endswith("tổng số"):
            continue
        first, then = _starting()
        if first.search(head) and figure.value_max is None and then.match(low, figure.end):
            continue
        found.append((figure, unit))
    return found


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


def _lead(low: str, floor: int, position: int, follows: bool) -> int:
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
    joint = low.rfind(" và ", floor, peeled.rest + 1)
    return joint + 1 if joint >= floor else peeled.rest


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
