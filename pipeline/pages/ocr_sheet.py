"""One straightened sheet to lines of words: the page, then what stands about its seals, then its coloured stamps.

A seal covers the end of the titles above it and the start of the name below it; rubber stamps print titles, names
and marks of urgency in red. Both are read a second time with the ink apart, and the better reading of a line stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from PIL import Image

from pipeline.pages.handwriting import settle
from pipeline.pages.ocr_image import Pixels, Seal, Sheet, patches, skew, turn, without_disc, without_frame, without_ring
from pipeline.pages.ocr_words import (
    Area,
    Seen,
    agreed_number,
    area_of,
    better_reading,
    is_doubtful,
    is_filled_in,
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
# A second look: pixels round the line, sizes, lines a page at most, the part of the page that the pen fills in.
_REACH, _SIZES, _MOST_LOOKS, _HEAD = 12, (1.0, 0.8, 1.5), 12, 0.4


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
    lines = _looked_at_again(engine, sheet, lines)
    picture = sheet.black if sheet.colour is None else np.minimum(sheet.black, sheet.colour)
    lines = settle(lines, picture)
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


def _looked_at_again(engine: Eye, sheet: Sheet, lines: list[Line]) -> list[Line]:
    """The lines with those that were read with doubt read once more, each by itself and at more than one size.

    What Tesseract cannot make out in one size it often reads with certainty in another. A number counts only where two
    sizes agree on it; the lines that the pen writes in are left to those who read the pen.
    """
    millimetre = sheet.dpi / 25.4
    head = _HEAD * sheet.black.shape[0]
    doubtful = [line for line in lines if is_doubtful(line) and not (area_of(line)[1] < head and is_filled_in(line))]
    for line in sorted(doubtful, key=lambda line: -sum(len(word.text) for word in line))[:_MOST_LOOKS]:
        left, top, right, foot = area_of(line)
        if not 1.5 * millimetre < foot - top < 14 * millimetre or right - left < 3 * millimetre:
            continue
        if any(seal.holds((left + right) / 2, (top + foot) / 2, 1.3) for seal in sheet.seals):
            continue
        area = (left - _REACH, top - _REACH, right + _REACH, foot + _REACH)
        readings = [lines_of(_at_size(engine, sheet, area, size, _after(lines))) for size in _SIZES]
        number = agreed_number(readings)
        if number is not None:
            lines = [number if other is line else other for other in lines]
            continue
        better = better_reading(line, [merged([], reading, lambda _: True) for reading in readings])
        if better and not (top < head and any(map(is_filled_in, better))):
            lines = merged([other for other in lines if other is not line], better, lambda _: True)
    return lines


def _at_size(engine: Eye, sheet: Sheet, area: Area, size: float, first_line: int) -> list[Seen]:
    """The words of an area read at ``size`` times its resolution."""
    left, top = max(0, int(area[0])), max(0, int(area[1]))
    cut = Image.fromarray(sheet.black[top : int(area[3]), left : int(area[2])])
    if size != 1.0:
        cut = cut.resize((round(size * cut.width), round(size * cut.height)), Image.Resampling.BICUBIC)
    pixels = np.pad(np.asarray(cut), _MARGIN, constant_values=255)
    words = engine.words(pixels, size * sheet.dpi, BLOCK, first_line=first_line)
    words = [_shrunk(w, size) for w in words]
    return _moved(words, left, top)


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


def _shrunk(word: Seen, size: float) -> Seen:
    left, top, right, foot = ((edge - _MARGIN) / size for edge in word.box)
    return replace(word, box=(left, top, right, foot))


def _moved(words: Sequence[Seen], x: float, y: float) -> list[Seen]:
    return [replace(w, box=(w.box[0] + x, w.box[1] + y, w.box[2] + x, w.box[3] + y)) for w in words]


def _after(lines: Sequence[Line]) -> int:
    return 1 + max((w.line for line in lines for w in line), default=-1)


def _middle(word: Seen) -> tuple[float, float]:
    return (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2


def _overlaps(box: Area, area: Area) -> bool:
    return box[0] < area[2] and box[2] > area[0] and box[1] < area[3] and box[3] > area[1]
