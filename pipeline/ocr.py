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
    is_name,
    is_noise,
    is_text,
    is_title,
    lines_of,
    merged,
    numbered,
    type_size,
    worth,
)

LANGUAGE = "vie"
DPI = 250
"""Measured on the scans at hand: 250 reads best, 200 and 300 lose accents."""
Line = tuple[Seen, ...]
# Shares of a seal's radius: within the first is the seal's own device, up to the second its lettering.
_INSIDE, _LETTERING = 0.82, 1.05
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


def _read(engine: _Engine, sheet: Sheet) -> list[Line]:
    lines = lines_of(engine.words(sheet.black, sheet.dpi, _PAGE))
    for seal in sheet.seals:
        lines = _around_seal(engine, sheet, seal, lines)
    if sheet.colour is not None:
        lines = _with_colour(engine, sheet, sheet.colour, lines)
    return [line for line in lines if not is_noise(line)]


def _around_seal(engine: _Engine, sheet: Sheet, seal: Seal, lines: list[Line]) -> list[Line]:
    """The lines with what stands about a seal read again: the titles it touches above, the name it touches below."""
    radius = seal.radius
    left, right = seal.x - 1.3 * radius, seal.x + 5.0 * radius
    above = (left, seal.y - 2.6 * radius, right, seal.y - 0.15 * radius)
    below = (left, seal.y + 0.35 * radius, right, seal.y + 2.3 * radius)

    def outside(word: Seen) -> bool:
        return not seal.holds(*_middle(word), _INSIDE)

    lines = [line for line in lines if is_text(line) or any(map(outside, line))]
    ink = sheet.black if sheet.colour is None else sheet.colour
    passes = (
        (without_ring(ink, seal), _BLOCK),
        (sheet.black, _SPARSE if sheet.colour is None else _BLOCK),
        (without_disc(sheet.black, seal) if sheet.colour is None else np.minimum(sheet.black, ink), _SPARSE),
    )
    for area, is_settled in ((above, is_title), (below, is_name)):
        for number, (picture, mode) in enumerate(passes):
            # A second title may be stamped close under the first, so one pass is made in any case.
            if (number > 1 or is_settled is is_name) and _has(lines, area, is_settled):
                break
            second = lines_of(engine.words(picture, sheet.dpi, mode, area, _after(lines)))
            lines = merged(lines, second, outside)
    return [line for line in lines if len(line) > 1 or not seal.holds(*_middle(line[0]), _LETTERING)]


def _has(lines: Iterable[Line], area: Area, is_it: Callable[[Sequence[Seen]], bool]) -> bool:
    return any(is_it(line) and _overlaps(area_of(line), area) for line in lines)


def _with_colour(engine: _Engine, sheet: Sheet, colour: Pixels, lines: list[Line]) -> list[Line]:
    """The lines with those that are stamped in colour anywhere but about a seal."""
    colour = colour.copy()
    for seal in sheet.seals:
        reach = 2.4 * seal.radius
        left, top, right, foot = _within((seal.x - reach, seal.y - reach, seal.x + 2 * reach, seal.y + reach), colour)
        colour[top:foot, left:right] = 255
    area = _inked(colour)
    if area is None:
        return lines
    second = lines_of(engine.words(colour, sheet.dpi, _SPARSE, area, _after(lines)))
    return merged(lines, second, lambda _: True)


def _inked(pixels: Pixels) -> Area | None:
    """The box around the dark pixels, where there are enough for a word."""
    ink = pixels < 160
    rows = np.flatnonzero(np.count_nonzero(ink, axis=1) >= 3)
    columns = np.flatnonzero(np.count_nonzero(ink, axis=0) >= 3)
    if len(rows) < 12 or len(columns) < 24:
        return None
    return columns[0] - 10, rows[0] - 10, columns[-1] + 10, rows[-1] + 10


def _after(lines: Sequence[Line]) -> int:
    return 1 + max((w.line for line in lines for w in line), default=-1)


def _middle(word: Seen) -> tuple[float, float]:
    return (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2


def _overlaps(box: Area, area: Area) -> bool:
    return box[0] < area[2] and box[2] > area[0] and box[1] < area[3] and box[3] > area[1]
