"""One straightened sheet to lines of words: the page, then what stands about its seals, then its coloured stamps.

A seal covers the end of the titles above it and the start of the name below it; rubber stamps print titles, names
and marks of urgency in red. Both are read a second time with the ink apart, and the better reading of a line stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from pipeline.pages.handwriting import read_digits, settle
from pipeline.pages.ocr_image import Pixels, Seal, Sheet, patches, skew, turn, without_disc, without_frame, without_ring
from pipeline.pages.ocr_words import (
    Area,
    Seen,
    area_of,
    is_name,
    is_noise,
    is_text,
    is_title,
    label_restored,
    lines_of,
    merged,
)

Line = tuple[Seen, ...]

# Tesseract's page segmentation modes.
PAGE, BLOCK, SPARSE = 3, 6, 11
# Shares of a seal's radius: within the first is the seal's own device, up to the second its lettering.
_INSIDE, _LETTERING = 0.82, 1.05
_MARGIN = 40


class Eye(Protocol):
    """What reads the words of a picture, or of one area of it; boxes count on the whole picture."""

    def words(
        self, pixels: Pixels, dpi: float, mode: int, area: Area | None = None, first_line: int = 0
    ) -> list[Seen]: ...


def read_sheet(engine: Eye, sheet: Sheet) -> list[Line]:
    """The lines of a sheet, each from left to right; dirt and scribbles left out."""
    lines = lines_of(engine.words(sheet.black, sheet.dpi, PAGE))
    lines = _with_missed(engine, sheet, lines)
    for seal in sheet.seals:
        lines = _around_seal(engine, sheet, seal, lines)
    if sheet.colour is not None:
        lines = _with_colour(engine, sheet, sheet.colour, lines)
    picture = sheet.black if sheet.colour is None else np.minimum(sheet.black, sheet.colour)
    lines = settle(lines, picture.shape[0], lambda area, most: read_digits(picture, area, most))
    return [label_restored(line) for line in lines if not is_noise(line)]


def _with_missed(engine: Eye, sheet: Sheet, lines: list[Line]) -> list[Line]:
    """The lines with those that Tesseract's page analysis passed over: ink as high as a line that no word covers."""
    rest = sheet.black.copy()
    for line in lines:
        left, top, right, foot = (int(edge) for edge in area_of(line))
        rest[max(0, top - 4) : foot + 4, max(0, left - 4) : right + 4] = 255
    millimetre = sheet.dpi / 25.4
    for left, top, right, foot in patches(rest, sheet.dpi):
        if foot - top < 2.5 * millimetre or foot - top > 14 * millimetre or right - left < 10 * millimetre:
            continue
        if any(seal.holds((left + right) / 2, (top + foot) / 2, 1.3) for seal in sheet.seals):
            continue
        area = (left - 8, top - 8, right + 8, foot + 8)
        lines = merged(
            lines, lines_of(engine.words(sheet.black, sheet.dpi, BLOCK, area, _after(lines))), lambda _: True
        )
    return lines


def _around_seal(engine: Eye, sheet: Sheet, seal: Seal, lines: list[Line]) -> list[Line]:
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
        (without_ring(ink, seal), BLOCK),
        (sheet.black, SPARSE if sheet.colour is None else BLOCK),
        (without_disc(sheet.black, seal) if sheet.colour is None else np.minimum(sheet.black, ink), SPARSE),
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


def _with_colour(engine: Eye, sheet: Sheet, colour: Pixels, lines: list[Line]) -> list[Line]:
    """The lines with those that are stamped in colour anywhere but about a seal."""
    colour = colour.copy()
    for seal in sheet.seals:
        reach = 2.4 * seal.radius
        rows = slice(max(0, int(seal.y - reach)), max(0, int(seal.y + reach)))
        columns = slice(max(0, int(seal.x - reach)), max(0, int(seal.x + 2 * reach)))
        colour[rows, columns] = 255
    for left, top, right, foot in patches(colour, sheet.dpi):
        cut = np.pad(colour[top:foot, left:right], _MARGIN, constant_values=255)
        # Stamps are put down by hand: each has a slant of its own, and most have a frame.
        slant = skew(cut, sheet.dpi)
        cut = without_frame(turn(cut, slant) if slant else cut)
        second = engine.words(cut, sheet.dpi, BLOCK, first_line=_after(lines))
        lines = merged(lines, lines_of(_moved(second, left - _MARGIN, top - _MARGIN)), lambda _: True)
    return lines


def _moved(words: Sequence[Seen], x: float, y: float) -> list[Seen]:
    return [replace(w, box=(w.box[0] + x, w.box[1] + y, w.box[2] + x, w.box[3] + y)) for w in words]


def _after(lines: Sequence[Line]) -> int:
    return 1 + max((w.line for line in lines for w in line), default=-1)


def _middle(word: Seen) -> tuple[float, float]:
    return (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2


def _overlaps(box: Area, area: Area) -> bool:
    return box[0] < area[2] and box[2] > area[0] and box[1] < area[3] and box[3] > area[1]
