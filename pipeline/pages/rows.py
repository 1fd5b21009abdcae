"""Words of a page to printed rows, by their boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from models.page import Box, RawWord

_SAME_ROW = 0.45
"""How far two middles may stand apart, in heights of the smaller, and still be one row."""


@dataclass(frozen=True, slots=True)
class Row:
    """Words on one baseline, from left to right; ``size`` in points. The box leaves raised words out where it can.

    ``base`` is the level most words stand on: recognised words have tight boxes, and only some reach below the line.
    """

    words: tuple[RawWord, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    base: float

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(w.text for w in self.words)

    @property
    def middle(self) -> float:
        """The middle of the row, from left to right."""
        return (self.x0 + self.x1) / 2


def row_of(words: Iterable[RawWord]) -> Row:
    """One row of these words (at least one)."""
    ordered = tuple(sorted(words, key=lambda w: w.bbox[0]))
    solid = [w for w in ordered if not w.raised] or ordered
    bottoms = sorted(w.bbox[3] for w in solid)
    heights = [w.size or (w.bbox[3] - w.bbox[1]) * 0.75 for w in solid]
    return Row(
        ordered,
        ordered[0].bbox[0],
        min(w.bbox[1] for w in solid),
        max(w.bbox[2] for w in ordered),
        bottoms[-1],
        heights[0] if len(heights) == 1 else median(heights),
        bottoms[len(bottoms) // 4],
    )


def rows_of(words: Iterable[RawWord]) -> list[Row]:
    """Words to rows, from top to bottom. Words that the engine puts on one line stay together."""
    units: dict[int, list[RawWord]] = {}
    for index, word in enumerate(words):
        units.setdefault(word.line if word.line >= 0 else -2 - index, []).append(word)
    measured = []
    for unit in units.values():
        solid = [w for w in unit if not w.raised] or unit
        tops = [w.bbox[1] for w in solid]
        bottoms = [w.bbox[3] for w in solid]
        height = max(1.0, median(bottoms) - median(tops))
        measured.append(((median(tops) + median(bottoms)) / 2, height, unit))
    measured.sort(key=lambda m: m[0])
    rows: list[list[RawWord]] = []
    middle = height = 0.0
    for unit_middle, unit_height, unit in measured:
        if rows and abs(unit_middle - middle) < _SAME_ROW * min(height, unit_height):
            rows[-1] += unit
            if unit_height > height:
                middle, height = unit_middle, unit_height
        else:
            rows.append(list(unit))
            middle, height = unit_middle, unit_height
    return [row_of(row) for row in rows]


def runs_of(row: Row, gap: float) -> list[Row]:
    """The row cut wherever two words stand at least ``gap`` points apart."""
    runs: list[list[RawWord]] = [[row.words[0]]]
    reach = row.words[0].bbox[2]
    for word in row.words[1:]:
        if word.bbox[0] - reach >= gap:
            runs.append([])
        runs[-1].append(word)
        reach = max(reach, word.bbox[2])
    return [row] if len(runs) == 1 else [row_of(run) for run in runs]


def within(box: Box, outer: Box) -> bool:
    """Whether the middle of ``box`` stands in ``outer``."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def bounds(boxes: Sequence[Box]) -> Box:
    """The box around boxes (at least one)."""
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


@dataclass(frozen=True, slots=True)
class Measure:
    """The type area of a page: margins, distance of baselines and size of the running text, in points."""

    left: float
    right: float
    lead: float
    size: float

    @property
    def middle(self) -> float:
        """The middle of the type area."""
        return (self.left + self.right) / 2


def measure_of(rows: Sequence[Row], width: float, otherwise: Measure | None = None) -> Measure:
    """Measure a page by its wide rows; ``otherwise`` (or a common page) where it has too few."""
    wide = [row for row in rows if row.x1 - row.x0 > 0.55 * width]
    if len(wide) < 3:
        if otherwise is not None:
            return otherwise
        size = median(row.size for row in rows) if rows else 13.0
        if not wide:
            return Measure(0.14 * width, 0.92 * width, 1.35 * size, size)
    size = median(row.size for row in wide)
    edges = sorted(row.x0 for row in wide)
    # The margin is the leftmost edge that more than one row keeps; indented first lines stand to its right.
    left = next((x for x, y in zip(edges, edges[1:], strict=False) if y - x < 3), edges[0])
    ends = sorted(row.x1 for row in wide)
    right = ends[min(len(ends) - 1, int(0.85 * len(ends)))]
    steps = [b.base - a.base for a, b in zip(rows, rows[1:], strict=False) if a.x1 > right - 0.1 * width]
    steps = sorted(step for step in steps if 0.5 * size < step < 2.5 * size)
    lead = steps[len(steps) // 3] if steps else 1.35 * size
    return Measure(left, right, max(lead, 1.05 * size), size)
