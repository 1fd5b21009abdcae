"""What a word processor's file holds, paragraphs and tables in a row, to canonical text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from models.source import Region
from pipeline.files import legacy
from pipeline.files.flow_cues import cues, holds
from pipeline.files.tab_columns import unfold_columns

_DROPPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_EDGE = " \t\u00a0\u3000"
_BULLETS = re.compile(r"[\uf0a7\uf0b7\uf0d8\uf0fc\uf0a8\uf0e0\uf076]")
_SAMPLE = 60_000
_NESTING = 12


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs of (text, font name); a line break inside is ``\\n``."""

    runs: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell and where its left edge is (any unit, the same within a table)."""

    left: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. ``bordered`` is None where the file does not say."""

    rows: tuple[tuple[Cell, ...], ...]
    bordered: bool | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote or endnote, placed behind the paragraph that calls it."""

    items: tuple[Item, ...]


Item = Paragraph | Table | Note


@dataclass(slots=True)
class Block:
    """A paragraph as a reader meets it: its runs, and its place in a table.

    ``cell_end`` and ``row_end``: a cell or a row ends with it. ``edges`` (left edges of the cells) and ``bordered``
    are known at the end of a row.
    """

    runs: list[tuple[str, str | None]] = field(default_factory=list)
    in_table: bool = False
    cell_end: bool = False
    row_end: bool = False
    edges: tuple[int, ...] = ()
    bordered: bool | None = None


def gather(blocks: Iterable[Block | Note]) -> list[Item]:
    """Paragraphs one after the other, those of rows gathered to tables. Text of a row without an end is kept.

    Two tables with nothing between them are told apart by their rules and their number of columns.
    """
    items: list[Item] = []
    rows: list[tuple[Cell, ...]] = []
    cells: list[list[Item]] = []
    cell: list[Item] = []
    bordered = False
    for block in blocks:
        if isinstance(block, Note) and (rows or cells or cell):
            cell.append(block)
        elif isinstance(block, Note):
            items.append(block)
        elif block.row_end:
            count = len(cells) + bool(cell)
            if rows and bordered != bool(block.bordered) and len(rows[-1]) != count:
                items.append(Table(tuple(rows), bordered))
                rows.clear()
            _row(rows, cells, cell, block.edges)
            bordered = bool(block.bordered) or (bordered and len(rows) > 1)
        elif block.in_table:
            cell.append(Paragraph(tuple(block.runs)))
            if block.cell_end:
                cells.append(list(cell))
                cell.clear()
        else:
            _row(rows, cells, cell, ())
            if rows:
                items.append(Table(tuple(rows), bordered))
                rows.clear()
            items.append(Paragraph(tuple(block.runs)))
    _row(rows, cells, cell, ())
    if rows:
        items.append(Table(tuple(rows), bordered))
    return items


def _row(rows: list[tuple[Cell, ...]], cells: list[list[Item]], cell: list[Item], edges: Sequence[int]) -> None:
    """Close a row: what stands in the open cell is its last one."""
    if cell:
        cells.append(list(cell))
    if cells:
        places = edges if len(edges) == len(cells) else range(len(cells))
        rows.append(tuple(Cell(place, tuple(inner)) for place, inner in zip(places, cells, strict=True)))
    cells.clear()
    cell.clear()


def capitals(text: str, font: str | None) -> tuple[str, str | None]:
    """A run that is shown in capitals, whatever was typed. TCVN3 has its capitals in a font of their own."""
    if font and legacy.is_tcvn3_font(font):
        return text, font if legacy.is_capital_font(font) else font + "H"
    return text.upper(), font


@dataclass(frozen=True, slots=True)
class Laid:
    """Canonical text, its regions, the characters without a meaning, and the encoding where its fonts did not say."""

    text: str
    regions: tuple[Region, ...]
    lost: int
    legacy: legacy.Encoding | None


class _Page:
    """Lines being written, with the spans of tables and notes."""

    def __init__(self, encoding: legacy.Encoding | None) -> None:
        self.encoding = encoding
        self.lines: list[str] = []
        self.regions: list[tuple[Literal["table", "footnote"], int, int]] = []
        self.lost = 0

    def words(self, paragraph: Paragraph) -> str:
        """A paragraph's characters as Unicode, NFC, without control characters."""
        text, lost = legacy.decode_runs(paragraph.runs)
        if self.encoding is not None:
            lost = legacy.unmapped(text, self.encoding)
            text = legacy.DECODERS[self.encoding](text)
        self.lost += lost
        return unicodedata.normalize("NFC", _DROPPED.sub("", _BULLETS.sub("•", text)))

    def write(self, items: Sequence[Item], depth: int = 0) -> None:
        """The items one after the other."""
        pending: list[str] = []
        for item in items:
            if isinstance(item, Paragraph):
                pending += self.words(item).split("\n")
                continue
            self._flush(pending, depth)
            if isinstance(item, Note):
                self._note(item, depth)
            elif depth >= _NESTING or self._is_layout(item):
                self._layout(item, depth)
            else:
                self._table(item)
        self._flush(pending, depth)

    def _flush(self, pending: list[str], depth: int) -> None:
        for line in unfold_columns(pending) if depth == 0 else pending:
            self.line(line)
        pending.clear()

    def line(self, line: str) -> None:
        """One line; of several empty ones only the first."""
        line = line.strip(_EDGE)
        if line or (self.lines and self.lines[-1]):
            self.lines.append(line)

    def _note(self, note: Note, depth: int) -> None:
        first = len(self.lines)
        self.write(note.items, depth + 1)
        if len(self.lines) > first:
            self.regions.append(("footnote", first, len(self.lines)))

    def _layout(self, table: Table, depth: int) -> None:
        """A table without rules that only sets text side by side: column by column."""
        lefts = sorted({cell.left for cell in max(table.rows, key=len)}) if table.rows else []
        if depth >= _NESTING:
            self.line(" ".join(self._flat(item) for row in table.rows for cell in row for item in cell.items))
            return
        columns: list[list[Item]] = [[] for _ in lefts]
        slack = (lefts[-1] - lefts[0]) // 20 if lefts else 0
        for row in table.rows:
            if len(row) == 1 and len(lefts) > 1:
                self._columns(columns, depth)
                columns = [[] for _ in lefts]
                self._columns([list(row[0].items)], depth)
                continue
            for cell in row:
                column = max(0, bisect_right(lefts, cell.left + slack) - 1)
                columns[column] += cell.items
        self._columns(columns, depth)

    def _columns(self, columns: Sequence[Sequence[Item]], depth: int) -> None:
        for column in columns:
            if column:
                self.line("")
                self.write(column, depth + 1)
                self.line("")

    def _table(self, table: Table) -> None:
        self.line("")
        first = len(self.lines)
        for row in table.rows:
            cells = [" ".join(" ".join(self._flat(item) for item in cell.items).split()) for cell in row]
            if any(cells):
                self.line(" | ".join(cells))
        if len(self.lines) > first:
            self.regions.append(("table", first, len(self.lines)))
        self.line("")

    def _is_layout(self, table: Table) -> bool:
        """Whether a table only sets text side by side: a letterhead, a foot, a frame around text."""
        widest = max((len(row) for row in table.rows), default=0)
        if widest <= 1:
            return True
        if widest > 3:
            return False
        if len(table.rows) <= 12:
            page = _Page(self.encoding)
            text = "\n".join(page.words(paragraph) for paragraph in paragraphs_of([table]))
            if holds(text, cues().motto):
                return True
            lines = [line.strip() for line in text.split("\n")]
            if not table.bordered and any(line.endswith(":") and holds(line, cues().recipients) for line in lines):
                return True
        return not table.bordered and len(table.rows) <= 2

    def _flat(self, item: Item) -> str:
        return " ".join(self.words(paragraph) for paragraph in paragraphs_of([item]))

    def finish(self) -> Laid:
        """The text, with regions as offsets."""
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        text = "\n".join(self.lines) + "\n" if self.lines else ""
        regions = []
        for kind, first, last in self.regions:
            last = min(last, len(self.lines))
            if first < last:
                start, end = starts[first], starts[last] - 1
                regions.append(Region(kind, start, end))
        regions.sort(key=lambda region: (region.start, -region.end))
        return Laid(text, tuple(regions), self.lost, self.encoding)


def lay_out(items: Sequence[Item]) -> Laid:
    """Canonical text: tables that only set text side by side column by column, other tables a row a line.

    Where no font tells the encoding, the text itself is asked (:func:`pipeline.files.legacy.looks_like`).
    """
    page = _Page(_encoding(items))
    page.write(items)
    return page.finish()


def _encoding(items: Sequence[Item]) -> legacy.Encoding | None:
    sample: list[str] = []
    size = 0
    for paragraph in paragraphs_of(items):
        for text, font in paragraph.runs:
            if font and (legacy.is_tcvn3_font(font) or legacy.is_vni_font(font)) and not text.isascii():
                return None
            sample.append(text)
            size += len(text)
        sample.append("\n")
        if size > _SAMPLE:
            break
    return legacy.looks_like("".join(sample))


def words_of(items: Iterable[Item]) -> list[str]:
    """The characters of every paragraph as the file has them."""
    return ["".join(text for text, _ in paragraph.runs) for paragraph in paragraphs_of(items)]


def paragraphs_of(items: Iterable[Item]) -> Iterator[Paragraph]:
    """Every paragraph, in tables and notes too, without recursion deeper than the file's own nesting."""
    stack: list[Iterator[Item]] = [iter(items)]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, Paragraph):
            yield item
        elif isinstance(item, Note):
            stack.append(iter(item.items))
        else:
            stack.append(iter([inner for row in item.rows for cell in row for inner in cell.items]))
