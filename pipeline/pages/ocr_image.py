"""Pictures of pages made ready for reading: colour set apart, straightened, seals found and taken out, blanks known.

Pixels are ``uint8`` arrays of (rows, columns), 255 white; boxes and seals count in those pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_POINTS = 72.0
_MM = 25.4
# Seals of the State measure 32 to 42 mm across (Thông tư 21/2012/TT-BCA, Art. 4 to 7); scans shrink a little.
_SEAL_RADII_MM = (15.3, 21.4)
_SEAL_DPI = 40.0
_SEAL_SCORE = 0.6
_WEAKER_SEAL = 0.75
_SKEW_DPI = 75.0
_MOST_SKEW = 5.0
_LEAST_SKEW, _SLIGHT_SKEW = 0.15, 1.6
_COLOURFUL, _BLACK = 70, 100
_PATCH_DPI, _PATCH_LEVEL, _PATCH_SIZE = 25.0, 235.0, (12, 5)
_DARK = 0.62
_BLANK_SHARE = 0.00035
_RIM = 0.03
_GRAINY, _SOFTLY = 5.0, 0.8


@dataclass(frozen=True, slots=True)
class Seal:
    """A round seal: centre and radius of its outer ring in pixels."""

    x: float
    y: float
    radius: float

    def holds(self, x: float, y: float, share: float = 1.0) -> bool:
        """Whether the point lies within ``share`` of the radius."""
        return (x - self.x) ** 2 + (y - self.y) ** 2 <= (share * self.radius) ** 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page ready for reading.

    ``black`` shows the page without its coloured inks, ``colour`` the coloured inks alone (dark on white; None where
    there are none). ``turned``: degrees it was turned by, counter-clockwise; ``tilt``: degrees it ought to be turned by
    still. A slight tilt is left to Tesseract, because turning pixels costs accents; only the boxes are turned.
    """

    black: Pixels
    colour: Pixels | None
    dpi: float
    turned: float = 0.0
    tilt: float = 0.0
    seals: tuple[Seal, ...] = ()


def prepare(pixels: Pixels, dpi: float) -> Sheet:
    """Separate the colours of ``pixels`` ((rows, columns) grey or (rows, columns, 3) RGB), straighten, find seals."""
    black, colour = separate(pixels)
    if grain(black) > _GRAINY:
        # Tesseract takes a page full of grain for a photograph and reads nothing.
        black = np.asarray(Image.fromarray(black).filter(ImageFilter.GaussianBlur(_SOFTLY * dpi / 250)))
    angle = skew(black, dpi)
    tilt, angle = (angle, 0.0) if abs(angle) <= _SLIGHT_SKEW else (0.0, angle)
    if angle:
        black = turn(black, angle)
        colour = None if colour is None else turn(colour, angle)
    return Sheet(
        black, colour, dpi, angle, tilt, find_seals(black if colour is None else np.minimum(black, colour), dpi)
    )


def separate(pixels: Pixels) -> tuple[Pixels, Pixels | None]:
    """(the page without coloured inks, the coloured inks alone). Seal red and pen blue are whitened.

    A page whose own text is coloured stays whole.
    """
    if pixels.ndim == 2:
        return pixels, None
    image = Image.fromarray(pixels)
    grey = np.asarray(image.convert("L"))
    red, green, blue = image.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    chroma = np.asarray(ImageChops.subtract(most, ImageChops.darker(ImageChops.darker(red, green), blue)))
    colourful = chroma > _COLOURFUL
    coloured = int(np.count_nonzero(colourful))
    if coloured < 2e-5 * chroma.size:
        return grey, None
    if coloured > np.count_nonzero((grey < 120) & ~colourful):
        return grey, None
    near = np.flatnonzero(_spread(colourful))
    # Inks keep their share of colour however faint a stroke is; black letters have next to none, even where scanners
    # and JPEG give them a fringe.
    levels = grey.flat[near].astype(np.uint16)
    ink = near[chroma.flat[near] * np.where(levels < _BLACK, 3, 6).astype(np.uint16) > 265 - levels]
    black, colour = grey.copy(), np.full_like(grey, 255)
    black.flat[ink], colour.flat[ink] = 255, grey.flat[ink]
    return black, colour


def grain(grey: Pixels) -> float:
    """How much neighbouring pixels of the paper differ, in levels of grey."""
    rows = grey[::10].astype(np.int16)
    return float(np.median(np.abs(rows[:, 1:] - rows[:, :-1])))


def _spread(mask: Mask, factor: int = 4) -> Mask:
    """The mask widened by about ``factor`` pixels to every side."""
    high, wide = mask.shape
    even = np.pad(mask, ((0, -high % factor), (0, -wide % factor)))
    # One direction after the other: both at once takes five times as long.
    small = even.reshape(-1, factor, even.shape[1]).max(axis=1)
    small = small.reshape(len(small), -1, factor).max(axis=2)
    image = Image.fromarray(small.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(3))
    grown = np.asarray(image) > 0
    return np.repeat(np.repeat(grown, factor, axis=0), factor, axis=1)[:high, :wide]


def skew(grey: Pixels, dpi: float) -> float:
    """Degrees the page must be turned counter-clockwise for its lines to lie level; 0 where it is as good as level."""
    factor = max(1, round(dpi / _SKEW_DPI))
    ink = pooled(grey, factor) < _threshold(grey)
    rows, columns = np.nonzero(ink)
    if len(rows) < 300 or len(rows) > 0.35 * ink.size:
        return 0.0
    columns = columns - ink.shape[1] / 2

    def sharpness(degrees: float) -> float:
        level = rows + columns * np.tan(np.radians(degrees))
        profile = np.bincount(np.rint(level - level.min()).astype(np.int64))
        return float(np.square(np.diff(profile.astype(np.float64))).sum())

    coarse = np.arange(-_MOST_SKEW, _MOST_SKEW + 0.1, 0.5)
    best = max(coarse, key=sharpness)
    best = max(np.arange(best - 0.4, best + 0.45, 0.1), key=sharpness)
    return -float(round(best, 2)) if abs(best) >= _LEAST_SKEW else 0.0


def turn(pixels: Pixels, degrees: float) -> Pixels:
    """The picture turned counter-clockwise about its middle, same size, white where nothing was."""
    image = Image.fromarray(pixels)
    return np.asarray(image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255))


def is_blank(grey: Pixels) -> bool:
    """Whether nothing dark stands on the page: paper, its rim, and ink that shines through from the other side."""
    high, wide = grey.shape
    rim_y, rim_x = int(_RIM * high), int(_RIM * wide)
    inner = grey[rim_y : high - rim_y, rim_x : wide - rim_x]
    if inner.size == 0:
        return True
    paper = float(np.percentile(inner[::4, ::4], 90))
    return int(np.count_nonzero(inner < _DARK * paper)) < _BLANK_SHARE * inner.size


def find_seals(grey: Pixels, dpi: float) -> tuple[Seal, ...]:
    """Round seals, the clearest first: circles of a seal's size drawn in ink, with white round them."""
    factor = max(1, round(dpi / _SEAL_DPI))
    ink = (pooled(grey, factor) < 225).astype(np.float32)
    scale = dpi / factor / _MM
    pad = int(_SEAL_RADII_MM[1] * scale) + 4
    radii = tuple(np.arange(_SEAL_RADII_MM[0] * scale, _SEAL_RADII_MM[1] * scale, 0.8))
    shape = (_smooth(ink.shape[0] + pad), _smooth(ink.shape[1] + pad))
    spectrum = np.fft.rfft2(ink, shape)
    every = np.stack([np.fft.irfft2(spectrum * ring, shape) for ring in _rings(shape, radii)])
    scores = every.max(axis=0)
    found: list[Seal] = []
    while len(found) < 4:
        row, column = np.unravel_index(int(np.argmax(scores)), shape)
        best = float(scores[row, column])
        if best < _SEAL_SCORE or (found and best < _WEAKER_SEAL):
            break
        wide = float(radii[int(np.argmax(every[:, row, column]))])
        if row < ink.shape[0] and column < ink.shape[1]:
            found.append(Seal(float(column + 0.5) * factor, float(row + 0.5) * factor, wide * factor))
        reach = int(1.6 * wide)
        scores[max(0, row - reach) : row + reach, max(0, column - reach) : column + reach] = -1.0
    return tuple(found)


@lru_cache(maxsize=4)
def _rings(shape: tuple[int, int], radii: tuple[float, ...]) -> tuple[NDArray[np.complex64], ...]:
    """For each radius the spectrum of a circle, less the white that must stand round it."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    distance = np.hypot(np.minimum(rows, shape[0] - rows), np.minimum(columns, shape[1] - columns))
    kernels = []
    for radius in radii:
        line = (np.abs(distance - radius) < 0.6).astype(np.float64)
        outside = (np.abs(distance - radius - 2.0) < 0.6).astype(np.float64)
        kernels.append(np.fft.rfft2(line / line.sum() - 0.6 * outside / outside.sum()).astype(np.complex64))
    return tuple(kernels)


def _smooth(length: int) -> int:
    """The next length that a Fourier transform takes quickly."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1


def without_ring(grey: Pixels, seal: Seal, width: float = 0.045) -> Pixels:
    """A copy with the seal's outer ring painted white: what is printed across it keeps most of its strokes."""
    copy = grey.copy()
    band, distance = _around(copy, seal, 1.0 + width)
    band[np.abs(distance - seal.radius) < width * seal.radius] = 255
    return copy


def without_disc(grey: Pixels, seal: Seal) -> Pixels:
    """A copy with the whole seal painted white."""
    copy = grey.copy()
    band, distance = _around(copy, seal, 1.05)
    band[distance < 1.04 * seal.radius] = 255
    return copy


def _around(grey: Pixels, seal: Seal, share: float) -> tuple[Pixels, NDArray[np.float64]]:
    reach = share * seal.radius + 1
    top, left = max(0, int(seal.y - reach)), max(0, int(seal.x - reach))
    band = grey[top : max(top, int(seal.y + reach) + 1), left : max(left, int(seal.x + reach) + 1)]
    rows, columns = np.ogrid[: band.shape[0], : band.shape[1]]
    return band, np.hypot(rows + top - seal.y, columns + left - seal.x)


def patches(grey: Pixels, dpi: float, most: int = 8) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, right, foot) of what is printed close together, large enough for a word; the largest first."""
    factor = max(1, round(dpi / _PATCH_DPI))
    ink = pooled(grey, factor) < _PATCH_LEVEL
    joined = np.asarray(Image.fromarray(ink.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(3))) > 0
    found: list[tuple[int, int, int, int]] = []
    for left, top, right, foot in _joined(joined):
        if right - left >= _PATCH_SIZE[0] and foot - top >= _PATCH_SIZE[1]:
            found.append((left * factor, top * factor, right * factor, foot * factor))
    found.sort(key=lambda b: (b[0] - b[2]) * (b[3] - b[1]))
    return found[:most]


def _joined(mask: Mask) -> list[tuple[int, int, int, int]]:
    """The boxes (left, top, right, foot) of what hangs together in a mask, side by side or one upon the other."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = (axis.tolist() for axis in np.nonzero(edges > 0))
    ends: list[int] = np.nonzero(edges < 0)[1].tolist()
    boxes = [(start, row, end, row + 1) for row, start, end in zip(rows, starts, ends, strict=True)]
    parents = list(range(len(boxes)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = parents[parents[run]]
            run = parents[run]
        return run

    above = 0
    for run, row in enumerate(rows):
        # Runs come by row and column, so those above that end before this one begins touch none of the later ones.
        while rows[above] < row - 1 or (rows[above] == row - 1 and ends[above] <= starts[run]):
            above += 1
        other = above
        while rows[other] == row - 1 and starts[other] < ends[run]:
            a, b = root(other), root(run)
            if a != b:
                parents[a] = b
                boxes[b] = _around_both(boxes[a], boxes[b])
            other += 1
    return [boxes[run] for run, parent in enumerate(parents) if run == parent]


def _around_both(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def without_frame(grey: Pixels) -> Pixels:
    """A cut-out of a stamp with the frame round its words painted white (two frames, where it has two)."""
    ink = grey < 160
    for _ in range(2):
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        if len(rows) < 20 or len(columns) < 20:
            break
        top, foot, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        reach = max(4, (foot - top) // 8)
        box = ink[top:foot, left:right]
        sides = (box[:reach].any(axis=0), box[-reach:].any(axis=0), box[:, :reach].any(axis=1), box[:, -reach:].any(1))
        if min(float(side.mean()) for side in sides) < 0.8:
            break
        frame = np.zeros_like(box)
        frame[:reach] = frame[-reach:] = True
        frame[:, :reach] = frame[:, -reach:] = True
        box &= ~frame
    return np.where(ink, grey, 255).astype(np.uint8)


def pooled(grey: Pixels, factor: int) -> NDArray[np.float32]:
    """Means of ``factor`` × ``factor`` squares; what is left over at the right and the foot is dropped."""
    if factor == 1:
        return grey.astype(np.float32)
    image = Image.fromarray(grey).reduce(factor)
    high, wide = grey.shape[0] // factor, grey.shape[1] // factor
    return np.asarray(image, dtype=np.float32)[:high, :wide]


def _threshold(grey: Pixels) -> float:
    """A level between paper and ink."""
    return 0.8 * float(np.percentile(grey[::4, ::4], 90))
