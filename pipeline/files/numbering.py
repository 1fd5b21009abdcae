"""Automatic numbers of word processors (``1.``, ``a)``, ``Điều 3.``), which paper shows and the text does not hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_PLACE = re.compile(r"%([1-9])")
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: where it starts, how its number is written, the text around it (``%1.%2.``), its font.

    ``kind`` is the OOXML name: ``decimal``, ``decimalZero``, ``lowerLetter``, ``upperLetter``, ``lowerRoman``,
    ``upperRoman``, ``bullet``, ``none``; another is written as ``decimal``.
    """

    start: int
    kind: str
    text: str
    font: str | None = None


@dataclass(slots=True)
class Numbering:
    """Lists and how far each has counted."""

    levels: dict[int, list[Level]] = field(default_factory=dict)
    counts: dict[int, dict[int, int]] = field(default_factory=dict)

    def define(self, list_id: int, levels: Sequence[Level]) -> None:
        """A list by its levels, the first one first."""
        self.levels[list_id] = list(levels)

    def label(self, list_id: int, level: int) -> tuple[str, str | None]:
        """The next number of a list, as printed, and its font; ``("", None)`` where the list is not known."""
        levels = self.levels.get(list_id)
        if not levels:
            return "", None
        level = min(level, len(levels) - 1)
        counts = self.counts.setdefault(list_id, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [known for known in counts if known > level]:
            del counts[deeper]
        shown = levels[level]
        if shown.kind == "none":
            return "", None
        if shown.kind == "bullet":
            return shown.text, shown.font

        def number(match: re.Match[str]) -> str:
            wanted = int(match.group(1)) - 1
            if wanted >= len(levels):
                return ""
            return written(counts.get(wanted, levels[wanted].start), levels[wanted].kind)

        return _PLACE.sub(number, shown.text), shown.font


def written(value: int, kind: str) -> str:
    """A number in the way of a level."""
    if kind in ("lowerLetter", "upperLetter") and value > 0:
        letter = chr(ord("a") + (value - 1) % 26) * min(1 + (value - 1) // 26, 8)
        return letter.upper() if kind == "upperLetter" else letter
    if kind in ("lowerRoman", "upperRoman") and 0 < value < 4000:
        roman = ""
        for worth, sign in _ROMAN:
            roman += sign * (value // worth)
            value %= worth
        return roman if kind == "upperRoman" else roman.lower()
    return f"{value:02d}" if kind == "decimalZero" else str(value)
