"""Syllables of a paragraph with what the word tables know of each, as the learned taggers see them."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from models.record import Shape

_TOKEN = re.compile(r"\d+(?:[.,/]\d+)*|\w+|[^\w\s]")
_LONGEST = 4

_MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Syllables, numbers and signs of a text: spans in it, words as compared, and classes by the tables."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[str, ...]
    capital: frozenset[int]
    classes: tuple[tuple[str, ...], ...]
    digits: frozenset[int]
    """Indices of the numbers."""

    def __len__(self) -> int:
        return len(self.words)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Indices of the first token that ends behind ``start`` and of the one that begins at ``end`` or behind."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def first_from(self, start: int) -> int:
        """Index of the first token that begins at ``start`` or behind."""
        return bisect_left(self.starts, start)


class WordList(Shape):
    """Words that do the same work, and where they were found."""

    source: str
    words: tuple[str, ...]


@cache
def layout_words(name: str) -> frozenset[str]:
    """The words of that name by which readings are laid out. Raises KeyError for a name the table has not."""
    table = tomllib.loads((_MODELS / "words.toml").read_text(encoding="utf-8"))
    return frozenset(TypeAdapter(dict[str, WordList]).validate_python(table)[name].words)


def any_layout_word(name: str) -> str:
    """The words of that name as one group of a regular expression, longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, layout_words(name)), key=lambda w: (-len(w), w))) + ")"


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    """Phrases and what they are, as the tables had them when the models were trained (``training/word_classes.py``)."""
    told: dict[str, list[str]] = json.loads(gzip.decompress((_MODELS / "word_classes.json.gz").read_bytes()))
    return {phrase: tuple(names) for phrase, names in told.items()}


def pieces(text: str) -> list[str]:
    """The syllables, numbers and signs of a folded text."""
    return _TOKEN.findall(text)


def tokens(text: str, low: str) -> Tokens:
    """The tokens of ``text``; ``low`` is it folded character for character."""
    spans = [match.span() for match in _TOKEN.finditer(low)]
    said = [low[a:b] for a, b in spans]
    capital = frozenset(i for i, (a, _) in enumerate(spans) if text[a].isupper())
    table = _classes()
    classes: list[list[str]] = [[] for _ in said]
    for i, word in enumerate(said):
        phrase = word
        for size in range(1, _LONGEST + 1):
            if size > 1:
                if i + size > len(said):
                    break
                phrase = f"{phrase} {said[i + size - 1]}"
            names = table.get(phrase)
            if names is not None:
                for name in names:
                    if name not in classes[i]:
                        classes[i].append(name)
                    for j in range(i + 1, i + size):
                        if "+" + name not in classes[j]:
                            classes[j].append("+" + name)
    shown = tuple("0" * min(len(word), 4) if word[0].isdigit() else word for word in said)
    starts, ends = tuple(a for a, _ in spans), tuple(b for _, b in spans)
    digits = frozenset(i for i, word in enumerate(shown) if word[0].isdigit())
    return Tokens(starts, ends, shown, capital, tuple(map(tuple, classes)), digits)


def distance(steps: int) -> str:
    """How far away in words, in few steps."""
    for bound in (1, 2, 3, 5, 8, 13, 21, 34):
        if steps <= bound:
            return str(bound)
    return "far"
