"""Pictures of pages to words (the only door to Tesseract)."""

from __future__ import annotations

import os

# Before Tesseract is loaded: its threads only get in each other's way, one process a core is faster.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.page import RawPage, RawWord
from models.source import Source
from pipeline import ocr_cache
from pipeline.errors import SetAside
from pipeline.limits import Limits
from pipeline.ocr_image import Pixels, Seal, Sheet, is_blank, prepare, without_disc, without_ring
from pipeline.ocr_words import (
    Area,
    Seen,
    area_of,
    can_be_word,
    from_tsv,
    is_noise,
    is_text,
    lines_of,
    merged,
    numbered,
    type_size,
    worth,
)

LANGUAGE = "vie"
DPI = 250
"""Measured on the scans at hand: 250 reads best, 200 and 300 lose accents."""
_SETTINGS = "1"
_MOST_PIXELS = 60_000_000
_A4_WIDTH = 595.0
_WIDEST_PAGE = 900.0
_PAGE, _BLOCK, _SPARSE = 3, 6, 11

Reader = Callable[[Any, int, str], RawPage]


@dataclass(frozen=True, slots=True)
class _Engine:
    """Tesseract with its Vietnamese data. ``sideways``: whether it has the data to tell which way is up."""

    api: Any
    tessdata: Path
    version: str

    def words(self, pixels: Pixels, dpi: float, mode: int, area: Area | None = None, first_line: int = 0) -> list[Seen]:
        """The words on the picture, or in one area of it; boxes count on the whole picture."""
        left = top = 0
        if area is not None:
            left, top, right, foot = _within(area, pixels)
            if right - left < 30 or foot - top < 15:
                return []
            pixels = np.pad(pixels[top:foot, left:right], _MARGIN, constant_values=255)
            left, top = left - _MARGIN, top - _MARGIN
        self.api.SetPageSegMode(mode)
        self.api.SetImage(Image.fromarray(np.ascontiguousarray(pixels)))
        self.api.SetSourceResolution(round(dpi))
        try:
            return from_tsv(unicodedata.normalize("NFC", self.api.GetTSVText(0)), (left, top), first_line)
        finally:
            self.api.Clear()


_MARGIN = 20


def _within(area: Area, pixels: Pixels) -> tuple[int, int, int, int]:
    high, wide = pixels.shape
    return max(0, int(area[0])), max(0, int(area[1])), min(wide, int(area[2])), min(high, int(area[3]))


def _read(engine: _Engine, sheet: Sheet) -> list[tuple[Seen, ...]]:
    lines = lines_of(engine.words(sheet.black, sheet.dpi, _PAGE))
    if sheet.colour is not None:
        lines = _with_colour(engine, sheet, sheet.colour, lines)
    for seal in sheet.seals:
        lines = _round_seal(engine, sheet, seal, lines)
    return [line for line in lines if not is_noise(line)]


def _with_colour(engine, sheet, colour, lines):
    for seal in sheet.seals:
        colour = without_ring(colour, seal)
    area = _inked(colour)
    if area is None:
        return lines
    second = lines_of(engine.words(colour, sheet.dpi, _SPARSE, area, _after(lines)))
    return merged(lines, second, lambda w: not any(s.holds(*_middle(w), 0.82) for s in sheet.seals))


def _inked(pixels: Pixels) -> Area | None:
    ink = pixels < 160
    rows = np.flatnonzero(np.count_nonzero(ink, axis=1) >= 2)
    columns = np.flatnonzero(np.count_nonzero(ink, axis=0) >= 2)
    if len(rows) < 12 or len(columns) < 12:
        return None
    return columns[0] - 10, rows[0] - 10, columns[-1] + 10, rows[-1] + 10


def _round_seal(engine, sheet, seal, lines):
    above = (seal.x - 1.3 * seal.radius, seal.y - 2.6 * seal.radius, seal.x + 5 * seal.radius, seal.y - 0.15 * seal.radius)
    below = (seal.x - 1.3 * seal.radius, seal.y + 0.35 * seal.radius, seal.x + 5 * seal.radius, seal.y + 2.3 * seal.radius)

    def outside(word: Seen) -> bool:
        return not seal.holds(*_middle(word), 0.82)

    lines = [line for line in lines if is_text(line) or any(outside(w) for w in line)]
    if sheet.colour is not None:
        return lines
    for picture, mode in ((without_ring(sheet.black, seal), _SPARSE), (without_disc(sheet.black, seal), _BLOCK)):
        for area in (above, below):
            second = lines_of(engine.words(picture, sheet.dpi, mode, area, _after(lines)))
            lines = merged(lines, second, outside)
    return lines


def _after(lines):
    return 1 + max((w.line for line in lines for w in line), default=-1)


def _middle(word: Seen) -> tuple[float, float]:
    return (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
