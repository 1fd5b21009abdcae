"""Ruled tables of a PDF page: PyMuPDF says whether lines are drawn, pdfplumber where the cells are.

The text of the cells is laid out from the page's own words: only the grid is taken from here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pdfplumber

from models.page import Box, RawTable

_LINES = re.compile(rb"(?<![\w.])(?:re|l)(?![\w.])")
_FEWEST = 5
_MOST = 20_000
"""Drawing more lines than this, a page is a map or a plan: nobody ruled a table by hand that fine."""
_THIN = 3.0
_LONG = 12.0


def may_have_grid(page: Any) -> bool:
    """Whether the PyMuPDF page draws at least two cells' worth of long lines both ways."""
    if not _FEWEST <= len(_LINES.findall(page.read_contents() or b"")) <= _MOST:
        return False
    across: set[int] = set()
    down: set[int] = set()
    for drawing in page.get_cdrawings():
        for item in drawing["items"]:
            if item[0] == "re":
                _add(item[1], across, down)
            elif item[0] == "l":
                (ax, ay), (bx, by) = item[1], item[2]
                _add((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), across, down)
    return len(across) >= 3 and len(down) >= 3


def _add(box: Any, across: set[int], down: set[int]) -> None:
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    if high <= _THIN and wide >= _LONG:
        across.add(round(y0 / 3))
    elif wide <= _THIN and high >= 0.6 * _LONG:
        down.add(round(x0 / 3))
    elif wide >= _LONG and high >= 0.6 * _LONG:
        across.update((round(y0 / 3), round(y1 / 3)))
        down.update((round(x0 / 3), round(x1 / 3)))


class Grids:
    """The grids of one file, opened by pdfplumber when first asked for."""

    def __init__(self, path: Path, password: str | None) -> None:
        self._path = path
        self._password = password or ""
        self._file: Any = None

    def of(self, number: int) -> list[RawTable]:
        """The ruled tables of page ``number`` (from 1) with at least two columns and two rows."""
        if self._file is None:
            self._file = pdfplumber.open(self._path, password=self._password)
        page = self._file.pages[number - 1]
        try:
            found = [_table(table) for table in page.find_tables()]
        finally:
            page.close()
        return [table for table in found if table is not None]

    def close(self) -> None:
        """Let the file go."""
        if self._file is None:
            return
        try:
            self._file.close()
        except Exception:  # it goes through the pages once more, and trips where it has tripped before
            self._file.stream.close()


def _table(table: Any) -> RawTable | None:
    rows = [tuple(None if cell is None else _box(cell) for cell in row.cells) for row in table.rows]
    if len(rows) < 2 or max(len(row) for row in rows) < 2:
        return None
    return RawTable(_box(table.bbox), cells=tuple(rows))


def _box(box: Any) -> Box:
    x0, y0, x1, y1 = map(float, box)
    return (x0, y0, x1, y1)
