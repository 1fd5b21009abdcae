"""Digits written by pen into a blank of a printed line: cut apart in every likely way, told by a small network.

The network is two layers in NumPy over directions of strokes; ``benchmarks/pen_digits.py`` draws what it learns from
and writes the weights beside this file. A reading's certainty is the share of all ways to cut and to read the blank,
over several thresholds and slants, that end in the same digits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("pen_digits.npz")
SIZE, _FILLED = 28, 22
NO_DIGIT = 10
_DIRECTIONS, _CELL = 8, 4
ABOVE, BELOW, ASIDE = 1.0, 0.8, 0.6
"""How far strokes may reach beyond the blank, in heights of a printed capital."""
_BIASES = (0.0, 0.2)
_SHEARS = (-0.12, 0.0, 0.12)
_SLANTS = tuple(np.arange(-0.1, 0.75, 0.07))
_NOTHING = 0.02
_LEAST_SHARE, _DOUBT = 0.3, 0.1
_WIDEST_DIGIT, _MOST_CUTS, _MOST_READINGS = 1.6, 40, 30
_MOST_PIXELS = 120_000
_AROUND = tuple((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x)


@dataclass(frozen=True, slots=True)
class Blank:
    """Where digits are written, in pixels: left and right edge, top and foot of a printed capital beside it."""

    left: float
    right: float
    top: float
    foot: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A blank's strokes set upright by ``slant``, and the columns they may be cut at (first and last included)."""

    ink: Mask
    columns: tuple[int, ...]
    slant: float = 0.0

    def pieces(self, high: float) -> Iterator[tuple[int, int]]:
        """Every run of neighbouring parts no wider than a digit, as indices into ``columns``."""
        for i, left in enumerate(self.columns):
            for j in range(i + 1, len(self.columns)):
                if self.columns[j] - left > _WIDEST_DIGIT * high:
                    break
                yield i, j


def read_blank(grey: Pixels, blank: Blank, most: int, possible: Callable[[str], bool]) -> list[tuple[str, float]]:
    """What the digits in the blank may be, ``most`` of them at the most, each with its chance (0..1), likeliest first.

    ``possible`` says which digits may stand there at all. Nothing where no reading stands out.
    """
    shares: defaultdict[str, float] = defaultdict(float)
    high = blank.foot - blank.top
    for done, bias in enumerate(_BIASES, start=1):
        for share in _readings(cuts(grey, blank, bias), high, most, possible):
            for text, part in share.items():
                shares[text] += part / (len(_BIASES) * len(_SHEARS))
        if max(shares.values(), default=0.0) < _LEAST_SHARE * done / len(_BIASES):
            return []
    whole = sum(shares.values()) + _DOUBT
    return sorted(((text, share / whole) for text, share in shares.items()), key=lambda found: -found[1])


def cuts(grey: Pixels, blank: Blank, bias: float) -> list[Cut]:
    """The strokes in the blank at one threshold, upright by as many guesses as there are shears; [] for none."""
    ink = strokes_in(grey, blank, bias)
    high = blank.foot - blank.top
    if ink is None or ink.sum() < 0.05 * high * high:
        return []
    rows = np.flatnonzero(ink.any(axis=1))
    ink = ink[rows[0] : rows[-1] + 1]
    slant = max(_SLANTS, key=lambda s: float(np.square(sheared(ink, s).sum(axis=0), dtype=np.float64).sum()))
    found = []
    for shear in _SHEARS:
        upright = sheared(ink, slant + shear)
        columns = np.flatnonzero(upright.any(axis=0))
        upright = upright[:, columns[0] : columns[-1] + 1]
        found.append(Cut(upright, _columns(upright, high), slant + shear))
    return [cut for cut in found if len(cut.columns) <= _MOST_CUTS]


def strokes_in(grey: Pixels, blank: Blank, bias: float) -> Mask | None:
    """What is written in the blank and reaches out of it, without print, dots and rules; None for no usable blank."""
    high = blank.foot - blank.top
    top, left = max(0, int(blank.top - ABOVE * high)), max(0, int(blank.left - ASIDE * high))
    part = grey[top : int(blank.foot + BELOW * high), left : int(blank.right + ASIDE * high)]
    if part.size == 0 or part.size > _MOST_PIXELS or high < 8:
        return None
    dark, paper = np.percentile(part, 2), np.percentile(part, 85)
    mask = part < min((dark + paper) / 2 + (paper - dark) * bias, 215)
    kept = np.zeros_like(mask)
    first, last = blank.left - left, blank.right - left
    for ys, xs in components(mask):
        tall, wide = int(ys.max() - ys.min()) + 1, int(xs.max() - xs.min()) + 1
        if (tall < 0.3 * high and wide < 0.35 * high) or tall < 0.12 * high:
            continue
        if ys.max() < 0.5 * high + blank.top - top - 0.4 * high or ys.min() > blank.foot - top - 0.1 * high:
            continue
        inside = float(((xs >= first) & (xs <= last)).mean())
        if inside > 0.85:
            kept[ys, xs] = True
        elif inside > 0.15:
            # Pen and print touch: what lies in the blank is taken, the network says whether it is a digit.
            own = (xs >= first) & (xs <= last)
            kept[ys[own], xs[own]] = True
    return kept


def components(mask: Mask) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """(rows, columns) of each patch of ink that hangs together, corners included."""
    waiting = set(zip(*(axis.tolist() for axis in np.nonzero(mask)), strict=True))
    found = []
    while waiting:
        edge = [waiting.pop()]
        points = []
        while edge:
            y, x = edge.pop()
            points.append((y, x))
            for down, across in _AROUND:
                near = (y + down, x + across)
                if near in waiting:
                    waiting.remove(near)
                    edge.append(near)
        array = np.array(points)
        found.append((array[:, 0], array[:, 1]))
    return found


def sheared(mask: Mask, slant: float) -> Mask:
    """The mask with each row moved aside by ``slant`` times its height above the middle, wider by what that takes."""
    high, wide = mask.shape
    pad = int(abs(slant) * high) + 2
    rows = np.arange(high)
    moved = np.rint(slant * (rows - high / 2)).astype(np.intp) + pad
    out = np.zeros((high, wide + 2 * pad), np.bool_)
    out[rows[:, None], moved[:, None] + np.arange(wide)] = mask
    return out


def _columns(ink: Mask, high: float) -> tuple[int, ...]:
    """Columns where little ink stands, and both edges."""
    amount = ink.sum(axis=0)
    smooth = np.convolve(np.pad(amount.astype(np.float64), 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    found, x, wide = [0], 1, len(amount)
    while x < wide - 1:
        if smooth[x] <= smooth[x - 1] and smooth[x] <= smooth[x + 1] and amount[x] <= 0.4 * high:
            end = x
            while end + 1 < wide - 1 and smooth[end + 1] == smooth[x]:
                end += 1
            middle = (x + end) // 2
            if middle - found[-1] >= 0.08 * high:
                found.append(middle)
            x = end
        x += 1
    return (*found, wide)


def _readings(
    made: Sequence[Cut], high: float, most: int, possible: Callable[[str], bool]
) -> Iterator[dict[str, float]]:
    """For each way to cut: digits → their share of all ways to read the strokes."""
    frames: list[Pixels] = []
    stands: list[Floats] = []
    places: list[list[tuple[int, int, int]]] = []
    for cut in made:
        places.append([])
        for i, j in cut.pieces(high):
            part = cut.ink[:, cut.columns[i] : cut.columns[j]]
            if part.sum() > 0.02 * high * high:
                places[-1].append((j, i, len(frames)))
                frame, stand = framed(part)
                frames.append(frame)
                stands.append(stand)
    if not frames:
        return
    chances = probabilities(np.stack(frames), np.stack(stands)).tolist()
    for cut, pieces in zip(made, places, strict=True):
        ways: list[dict[str, float]] = [defaultdict(float) for _ in cut.columns]
        ways[0][""] = 1.0
        for j, i, number in sorted(pieces):
            likely = [(str(d), p) for d, p in enumerate(chances[number][:10]) if p > 0.005]
            if not likely:
                continue
            started = sorted(ways[i].items(), key=lambda way: -way[1])[:_MOST_READINGS]
            for text, share in started:
                if len(text) < most:
                    for digit, chance in likely:
                        ways[j][text + digit] += share * chance
        found = {text: share for text, share in ways[-1].items() if text and possible(text)}
        whole = sum(found.values()) + _NOTHING
        yield {text: share / whole for text, share in found.items()}


def framed(part: Mask) -> tuple[Pixels, Floats]:
    """A piece of strokes as a picture of ``SIZE``², ink bright, and where it stands among the strokes' full height."""
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    inner = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide = inner.shape
    scale = _FILLED / max(high, wide)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(inner.astype(np.uint8) * 255).resize(size, way))
    frame = np.zeros((SIZE, SIZE), np.uint8)
    y, x = (SIZE - size[1]) // 2, (SIZE - size[0]) // 2
    frame[y : y + size[1], x : x + size[0]] = small
    full = len(part)
    return frame, np.array([rows[0] / full, 1 - (rows[-1] + 1) / full, wide / full], np.float32)


def features(frames: Pixels, stands: Floats) -> Floats:
    """(n, SIZE, SIZE) pictures and (n, 3) places → (n, 591) what the network is shown: directions of edges, and ink."""
    ink = frames.astype(np.float32) / 255
    for axis in (1, 2):
        pad = np.pad(ink, [(0, 0), *((1, 1) if a == axis else (0, 0) for a in (1, 2))])
        ahead, behind = (pad[:, 2:], pad[:, :-2]) if axis == 1 else (pad[:, :, 2:], pad[:, :, :-2])
        ink = (ahead + behind + 2 * ink) / 4
    pad = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    down, across = pad[:, 2:, 1:-1] - pad[:, :-2, 1:-1], pad[:, 1:-1, 2:] - pad[:, 1:-1, :-2]
    strength = np.hypot(across, down)
    angle = (np.arctan2(down, across) / (2 * np.pi) * _DIRECTIONS) % _DIRECTIONS
    cells = SIZE // _CELL
    layers = []
    for direction in range(_DIRECTIONS):
        apart = np.abs(angle - direction)
        near = np.maximum(0, 1 - np.minimum(apart, _DIRECTIONS - apart)) * strength
        layers.append(near.reshape(-1, cells, _CELL, cells, _CELL).sum(axis=(2, 4)))
    edges = np.stack(layers, axis=1).reshape(len(ink), -1)
    edges = np.sqrt(edges / (np.linalg.norm(edges, axis=1, keepdims=True) + 1e-6))
    coarse = ink.reshape(-1, SIZE // 2, 2, SIZE // 2, 2).mean(axis=(2, 4)).reshape(len(ink), -1)
    shown: Floats = np.concatenate([edges, 0.15 * coarse, 0.5 * stands], axis=1).astype(np.float32)
    return shown


def probabilities(frames: Pixels, stands: Floats) -> Floats:
    """(n, 11): how likely each picture is each of the ten digits, or none."""
    shown = features(frames, stands)
    total = np.zeros((len(shown), NO_DIGIT + 1), np.float32)
    networks = _networks()
    for network in networks:
        total += forward(network, shown) / np.float32(len(networks))
    return total


def forward(network: tuple[Floats, ...], shown: Floats) -> Floats:
    """What one network (weights and biases of its two layers) makes of features."""
    first, first_bias, second, second_bias = network
    out = np.maximum(shown @ first + first_bias, 0) @ second + second_bias
    out = np.exp(out - out.max(axis=1, keepdims=True))
    chances: Floats = (out / out.sum(axis=1, keepdims=True)).astype(np.float32)
    return chances


@cache
def _networks() -> tuple[tuple[Floats, ...], ...]:
    with np.load(WEIGHTS, allow_pickle=False) as kept:
        number = len(kept.files) // 4
        return tuple(tuple(kept[f"{part}{n}"].astype(np.float32) for part in "abcd") for n in range(number))
