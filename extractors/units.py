"""Units behind numbers: per cent, money, measures, things that are counted, and those that make no quantity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractors.quantity_words import alternation, units

UnitKind = Literal["percent", "money", "measure", "count", "other"]

_WORD = re.compile(r"[^\W\d_][\w²³]*|%|‰|°")
# 05 (năm) xã: the number said again in words.
_AGAIN = re.compile(r"\s?\([^\W\d_]+(?: [^\W\d_]+){0,4}\)")

_COMPOUND = re.compile(r" (?:lệ|trọng|suất|số)(?!\w)")  # tỷ lệ is no tỷ


@dataclass(frozen=True, slots=True)
class Unit:
    """``start`` and ``end`` of the unit as written; ``other``: a word of time or rating, or no known unit."""

    start: int
    end: int
    kind: UnitKind


@cache
def _by_first_word() -> dict[str, list[tuple[str, UnitKind]]]:
    kinds: tuple[tuple[str, UnitKind], ...] = (
        ("time", "other"), ("percent", "percent"), ("money", "money"), ("measure", "measure"), ("count", "count"),
    )  # fmt: skip
    found: dict[str, list[tuple[str, UnitKind]]] = {}
    for name, kind in kinds:
        for word in units(name):
            first = _WORD.match(word)
            found.setdefault(first.group() if first else word, []).append((word, kind))
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return found


@cache
def _scale() -> re.Pattern[str]:
    return re.compile(rf"\s?{alternation(units('scale'))}(?!\w)")


@cache
def _per() -> re.Pattern[str]:
    return re.compile(rf"\s?/\s?(?:0?1 )?{alternation(units('per'))}(?!\w)")


def unit_after(low: str, position: int) -> Unit | None:
    """The unit that begins at ``position`` of folded text, white space aside, or None where no known unit does."""
    again = _AGAIN.match(low, position)
    if again is not None:
        position = again.end()
    start = position + (low[position : position + 1] == " ")
    if low.startswith("số ", start):  # 20 số bản, for số 20 bản; 60% số thôn never comes here
        start += 3
    scale = _scale().match(low, position)
    found = _named(low, start if scale is None else scale.end() + (low[scale.end() : scale.end() + 1] == " "))
    if scale is not None:
        if found is not None and found[1] in ("money", "count", "measure"):
            return Unit(start, _with_per(low, found[0], found[1]), found[1])
        bare = low[start : scale.end()] in units("bare_money") and _COMPOUND.match(low, scale.end()) is None
        return Unit(start, _with_per(low, scale.end(), "money"), "money") if bare else None
    return None if found is None else Unit(start, _with_per(low, found[0], found[1]), found[1])


def _with_per(low: str, end: int, kind: UnitKind) -> int:
    while kind != "other" and (per := _per().match(low, end)) is not None:
        end = per.end()
    return end


def _named(low: str, start: int) -> tuple[int, UnitKind] | None:
    first = _WORD.match(low, start)
    if first is None:
        return None
    for word, kind in _by_first_word().get(first.group(), ()):
        if low.startswith(word, start) and not low[start + len(word) : start + len(word) + 1].isalnum():
            return start + len(word), kind
    return None
