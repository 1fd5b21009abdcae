"""The words of quantities and their units, as pieces of regular expressions for folded text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from extractors.fold import fold
from models.record import Shape

_SIGNS = ":=≥≤<>~≈"
_MARKS = "(),;:.\"/=≥≤<>~≈"
_RESOURCES = Path(__file__).parent / "resources"


class WordList(Shape):
    """Words that do the same work, and where they were found."""

    source: str
    words: tuple[str, ...]


@cache
def _table(name: str) -> dict[str, WordList]:
    table = tomllib.loads((_RESOURCES / name).read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, WordList]).validate_python(table)


@cache
def words(name: str) -> frozenset[str]:
    """The cue words of that name, folded. Raises KeyError for a name the table has not."""
    return frozenset(fold(word) for word in _table("quantity_cues.toml")[name].words)


@cache
def units(name: str) -> frozenset[str]:
    """The units of that name, folded. Raises KeyError for a name the table has not."""
    return frozenset(fold(word) for word in _table("units.toml")[name].words)


def alternation(found: frozenset[str]) -> str:
    """The words as one group, longest first, spaces matching one space."""
    return "(?:" + "|".join(re.escape(w).replace(r"\ ", " ") for w in sorted(found, key=lambda w: (-len(w), w))) + ")"


def any_of(*names: str) -> str:
    """An alternation of the cue words of the lists. Raises KeyError."""
    return alternation(frozenset().union(*(words(name) for name in names)))


def phrase_before(low: str, start: int, end: int, table: Container[str]) -> tuple[str, int] | None:
    """The longest phrase of the table at the very end of ``low[start:end]``, white space aside, and where it begins.

    Phrases are whole words, of at most six; a sign (``:``, ``≥``, ``>=``) is a phrase of its own.
    """
    while end > start and low[end - 1] in " \n":
        end -= 1
    if end > start and low[end - 1] in _SIGNS:
        begin = end - 2 if low[end - 2 : end] in (">=", "<=") and end - 2 >= start else end - 1
        return (low[begin:end], begin) if low[begin:end] in table else None
    found: tuple[str, int] | None = None
    at = end
    for _ in range(6):
        begin = max(start, low.rfind(" ", start, at) + 1)
        stops = False
        for sign in range(at - 1, begin - 1, -1):
            if low[sign] in _MARKS:
                begin, stops = sign + 1, True
                break
        if low[begin:end] in table and not (begin == start and start > 0 and low[start - 1].isalnum()):
            found = (low[begin:end], begin)
        if stops or begin <= start:
            break
        at = begin - 1
    return found


def opening(*names: str) -> re.Pattern[str]:
    """A pattern that matches a word of the lists where a piece of folded text begins."""
    return re.compile(rf"\s*{any_of(*names)}(?!\w)")
