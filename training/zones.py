"""Zones where the layout is broken: each cell of a page named by what it looks like, and the page laid out anew.

A cell is a run of words with wide gaps round it. The tagger is trained on generated dispatches in broken layouts with
letters damaged. What it names is printed again in the order that the rules expect; the rules then read that.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.blocks import is_caps
from extractors.fold import fold
from extractors.persons import is_person_name
from models.record import Dispatch
from models.source import Source
from pipeline.normalise import normalise
from tests.making import make
from training.generated import Broken, broken, noisy
from training.tagger import Items, Tagger, train

_GAP = re.compile(r"\s{3,}|\t+")
_DAY = re.compile(r"ng[aà]y.{0,6}th[aá]ng.{0,6}n[aă]m")
_ORDER = (
    "letterhead", "motto", "number_line", "subject_line", "place_date", "title", "subject", "addressees", "body",
    "recipients", "position", "name",
)  # fmt: skip
_NOISE = (0.0, 0.0, 0.01, 0.03, 0.06)
PENALTY = 1.0
NEAR_THE_EDGE = 45
"""How many cells from the top and from the bottom may be other than body."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand together: on which row, the how manieth of how many there, and the empty lines above."""

    text: str
    row: int
    column: int
    columns: int
    gap: int


def cells_of(text: str) -> list[Cell]:
    """The cells of a text, row by row."""
    found: list[Cell] = []
    gap = 0
    for row, line in enumerate(text.split("\n")):
        words = [part for part in _GAP.split(line.strip()) if part]
        found += [Cell(part, row, k, len(words), gap) for k, part in enumerate(words)]
        gap = 0 if words else gap + 1
    return in_columns(found)


def in_columns(cells: Sequence[Cell]) -> list[Cell]:
    """The cells in the order they are read: where rows have several, one column after the other."""
    out: list[Cell] = []
    block: list[Cell] = []
    for cell in [*cells, None]:
        if cell is not None and (cell.columns > 1 or (block and cell.row - block[-1].row <= 2 and len(cell.text) < 50)):
            block.append(cell)
            continue
        # Rows of one cell at the end of a block stand under it, not in it.
        last = max((k for k, c in enumerate(block) if c.columns > 1), default=-1)
        inside, after = block[: last + 1], block[last + 1 :]
        out += [c for c in inside if c.column == 0] + [c for c in inside if c.column > 0] + after
        block = []
        if cell is not None:
            out.append(cell)
    return out


def features(cells: Sequence[Cell]) -> Items:
    """What can be seen of each cell and of its neighbours."""
    looks = [_look(cell) for cell in cells]
    made = []
    for k, cell in enumerate(cells):
        own = [*looks[k], f"col={cell.column}of{cell.columns}", f"gap={min(cell.gap, 2)}"]
        own.append(f"top={_place(k)}")
        own.append(f"end={_place(len(cells) - 1 - k)}")
        for name, j in (("<", k - 1), (">", k + 1)):
            near = looks[j] if 0 <= j < len(cells) else ("edge",)
            own += [f"{name}{look}" for look in near if look.startswith(("w1=", "shape=", "sign=", "edge", "day"))]
        made.append(own)
    return made


def _place(steps: int) -> str:
    return str(steps) if steps < 4 else "4-7" if steps < 8 else "8-15" if steps < 16 else "16-31" if steps < 32 else "+"


def _look(cell: Cell) -> tuple[str, ...]:
    low = fold(cell.text)
    words = low.split()
    shape = "caps" if is_caps(cell.text) else "person" if is_person_name(cell.text.strip("|_~'“*=» ")) else "words"
    bare = low.lstrip("-–+* ")
    looks = [
        f"shape={shape}", f"n={min(len(words), 9)}", f"w1={words[0][:6]}", f"w2={' '.join(words[:2])}",
        f"e={words[-1][-4:]}", f"sign={cell.text[0] if not cell.text[0].isalnum() else 'a'}",
        f"last={cell.text[-1] if not cell.text[-1].isalnum() else 'a'}", f"digits={sum(c.isdigit() for c in low) > 0}",
        f"slash={'/' in low}", f"long={len(low) > 90}",
    ]  # fmt: skip
    if _DAY.search(low):
        looks.append("day")
    if len(words) <= 12:
        looks += [f"w={word}" for word in words if not word[0].isdigit()]
        looks += [f"3={bare[i : i + 3]}" for i in range(min(len(bare) - 2, 16))]
    return tuple(looks)


def examples(first: int, count: int) -> Iterator[tuple[Items, list[str]]]:
    """Generated dispatches with the zone of each cell."""
    for seed in range(first, first + count):
        paper = broken(make(seed, paragraphs=4), seed)
        rng = random.Random(seed)
        cells, labels = _labelled(paper, _NOISE[seed % len(_NOISE)], rng)
        edges = [k for k in range(len(cells)) if k < NEAR_THE_EDGE or k >= len(cells) - NEAR_THE_EDGE]
        told = features(cells)
        yield [told[k] for k in edges], [labels[k] for k in edges]


def _labelled(paper: Broken, rate: float, rng: random.Random) -> tuple[list[Cell], list[str]]:
    found: list[Cell] = []
    zones: dict[tuple[int, int], str] = {}
    gap = 0
    for row, cells in enumerate(paper.rows):
        told = [(noisy(words, rate, rng).strip(), zone) for words, zone in cells]
        told = [(words, zone) for words, zone in told if words]
        for k, (words, zone) in enumerate(told):
            found.append(Cell(words, row, k, len(told), gap))
            zones[row, k] = zone
        gap = 0 if told else gap + 1
    ordered = in_columns(found)
    return ordered, [zones[cell.row, cell.column] for cell in ordered]


def trained(first: int, count: int) -> Tagger:
    """A tagger of cells."""
    return train(list(examples(first, count)), penalty=PENALTY)


def zones_of(tagger: Tagger, text: str) -> list[tuple[Cell, str]]:
    """Each cell of a text and its zone; all far from both ends is body."""
    cells = cells_of(normalise(text).clean if "   " not in text else text)
    told = features(cells)
    edges = [k for k in range(len(cells)) if k < NEAR_THE_EDGE or k >= len(cells) - NEAR_THE_EDGE]
    named = dict(zip(edges, tagger.tag([told[k] for k in edges]), strict=True))
    return [(cell, named.get(k, "body")) for k, cell in enumerate(cells)]


def relaid(tagger: Tagger, source: Source) -> Source:
    """The source with its text laid out anew, zone after zone; offsets count in the new text."""
    zones: dict[str, list[Cell]] = {name: [] for name in _ORDER}
    for cell, zone in zones_of(tagger, source.text):
        if zone in zones:
            zones[zone].append(cell)
    lines: list[str] = []
    for name in _ORDER:
        for cell in zones[name]:
            if cell.gap and name == "body":
                lines.append("")
            lines.append(cell.text)
        if name not in ("position", "number_line", "title"):
            lines.append("")
    text = "\n".join(lines) + "\n"
    return replace(source, text=text, words=(), pages=(), regions=(), characters=None)


def lacking(dispatch: Dispatch | None) -> int:
    """How many of the parts that nearly every dispatch has are missing."""
    if dispatch is None:
        return 6
    parts = (dispatch.issuing_body, dispatch.notation, dispatch.issued_on, dispatch.subject, dispatch.signer)
    return sum(part is None for part in parts)
