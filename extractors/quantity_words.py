"""The words of quantities and their units, as pieces of regular expressions for folded text."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from extractors.fold import fold
from models.record import Shape

_RESOURCES = Path(__file__).parent / "resources"


class WordList(Shape):
    """Words that do the same work, and where they were found."""

    source: str
    words: tuple[str, ...]


@cache
def _table(name: str) -> dict[str, WordList]:
    return TypeAdapter(dict[str, WordList]).validate_python(tomllib.loads((_RESOURCES / name).read_text(encoding="utf-8")))


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


def before(*names: str) -> re.Pattern[str]:
    """A pattern that finds a word of the lists at the very end of a piece of folded text, white space aside."""
    return re.compile(rf"(?<!\w){any_of(*names)}\s*$")


def opening(*names: str) -> re.Pattern[str]:
    """A pattern that matches a word of the lists where a piece of folded text begins."""
    return re.compile(rf"\s*{any_of(*names)}(?!\w)")
