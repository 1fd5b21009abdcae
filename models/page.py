"""Raw pages: what the PDF reader and the OCR reader hand to the layout room."""

from __future__ import annotations

from dataclasses import dataclass

from models.record import TextOrigin

Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in PDF points, origin top left."""


@dataclass(frozen=True, slots=True)
class RawWord:
    """One word as printed on a page.

    ``size`` is the font size in points (0 where unknown), ``line`` groups words that the engine says stand on
    one line of one column (-1 where unknown), ``confidence`` 0..1 for OCR, else ``None``. ``stamped``: the word
    comes from the appearance of a signature field or an annotation, not from the page's own text; ``stamp`` then
    numbers the appearances of a page (-1: the value of a form field, which is read as the page's own text).
    ``raised``: superscript. ``glued``: no space stands before it.
    """

    text: str
    bbox: Box
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    line: int = -1
    confidence: float | None = None
    stamped: bool = False
    stamp: int = -1
    raised: bool = False
    glued: bool = False


@dataclass(frozen=True, slots=True)
class RawTable:
    """One ruled table: its box and its cells, row by row (``None`` for a cell swallowed by a merge).

    Where ``cells`` gives the boxes of the cells, the words that stand in them are their text and ``rows`` may be
    empty.
    """

    bbox: Box
    rows: tuple[tuple[str | None, ...], ...] = ()
    cells: tuple[tuple[Box | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page before layout: words in any order, with the page's size in points."""

    number: int
    width: float
    height: float
    words: tuple[RawWord, ...]
    text_origin: TextOrigin
    reason: str
    tables: tuple[RawTable, ...] = ()
    ruled_lines: tuple[Box, ...] = ()
