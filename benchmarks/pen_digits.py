"""Makes pipeline/pages/pen_digits.npz: writes numbers into printed lines as a pen does, and trains on what is cut out.

Run as ``PYTHONPATH=. python benchmarks/pen_digits.py`` in an environment that also has scikit-learn (training only); it
takes about twenty minutes on two cores, draws the same for the same ``--seed`` (weights differ by rounding alone), and
prints for lines kept apart how often a reading is wrong at each certainty: from that table come the thresholds in
``extractors/pen.py``. Judging alone (``--judge-only``) takes two minutes.

Nothing scanned of an office goes in. A digit is a few strokes (``benchmarks/pen_strokes.py``); or, one in six, one of
the 1,797 of scikit-learn's ``load_digits`` (credit and licence: ``pipeline/pages/pen_digits.md``); or a printed one.
What is no digit comes from the same lines: every piece that the reader may cut out and that is not just one digit.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.pen_strokes import smooth, strokes
from pipeline.pages import pen_digits
from pipeline.pages.pen_digits import ABOVE, NO_DIGIT, WEIGHTS, Blank, Floats, Mask, Pixels
from tests.pdf_maker import font_files

_FINE = 2
_LABELS = (
    ("Số:", "/AB-CDE"),
    ("Số:", "/GHK"),
    ("Số :", "/QT-LMN"),
    ("ngày", "tháng"),
    ("ngày", "tháng"),
    ("tháng", "năm"),
)
_HIDDEN, _NETWORKS, _ROUNDS, _BATCH = 200, 3, 14, 256
_EDGES = (0.5, 0.6, 0.7, 0.73, 0.76, 0.8, 0.82, 0.84, 0.86, 0.88, 0.9)


@dataclass(frozen=True)
class Written:
    """A printed line with a number written into its blank, and which pixels belong to which digit."""

    text: str
    grey: Pixels
    blank: Blank
    owners: tuple[Mask, ...]


@dataclass(frozen=True)
class Writer:
    """What stays the same through one number."""

    slant: float
    pen: float
    aspect: float
    source: str


def glyph(digit: int, high: float, writer: Writer, rng: random.Random) -> Image.Image:
    """A digit ``high`` pixels tall, its ink bright, cut to the ink."""
    side = int(3 * high) + 20
    image = Image.new("L", (side, side), 0)
    if writer.source == "strokes":
        pen = ImageDraw.Draw(image)
        wide = high * writer.aspect * rng.uniform(0.85, 1.15) * (rng.uniform(0.6, 1.0) if digit == 1 else 1)
        turned = math.radians(rng.gauss(0, 4))
        for stroke in strokes(digit, rng):
            shaken = [(x + rng.gauss(0, 0.035), y + rng.gauss(0, 0.035)) for x, y in stroke]
            line = []
            for x, y in smooth(shaken):
                x, y = (x - 0.5) * wide + writer.slant * (0.5 - y) * high, (y - 0.5) * high
                x, y = x * math.cos(turned) - y * math.sin(turned), x * math.sin(turned) + y * math.cos(turned)
                line.append((side / 2 + x, side / 2 + y))
            width = max(2, round(writer.pen * rng.uniform(0.9, 1.1)))
            pen.line(line, fill=255, width=width, joint="curve")
            for x, y in (line[0], line[-1]):
                pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    elif writer.source == "print":
        face = ImageFont.truetype(str(font_files()[int(4 * writer.aspect) % 4]), round(high / 0.68))
        ImageDraw.Draw(image).text((high, high), str(digit), fill=255, font=face)
    else:
        small = Image.fromarray(rng.choice(_kept_digits()[digit]))
        tall = round(high)
        large = small.resize((max(4, round(tall * 0.8)), tall), Image.Resampling.BICUBIC)
        large = large.point([0 if level < 110 else 255 for level in range(256)])
        shear = (1, writer.slant * 0.6, -writer.slant * 0.3 * tall - high, 0, 1, -high)
        image = large.transform((side, side), Image.Transform.AFFINE, shear, Image.Resampling.BILINEAR)
    box = image.getbbox()
    return image.crop(box) if box else image


@cache
def _kept_digits() -> dict[int, list[Pixels]]:
    from sklearn.datasets import load_digits

    kept = load_digits()
    levels = np.clip(kept.images * 16, 0, 255).astype(np.uint8)
    return {digit: [np.pad(i, 1) for i in levels[kept.target == digit]] for digit in range(10)}


def written(rng: random.Random) -> Written:
    """A line with a number in its blank, scanned."""
    u = rng.uniform
    before, behind = rng.choice(_LABELS)
    is_number = before.startswith("S")
    number = (
        rng.choice([rng.randint(1, 31), rng.randint(1, 999), rng.randint(1000, 9999)])
        if is_number
        else rng.randint(1, 31)
    )
    text = str(number).zfill(2 if rng.random() < 0.6 else 1)
    cap = _FINE * u(27, 36)
    italic = not is_number
    face = font_files()[(2 if italic else 0) + (rng.random() < 0.2)]
    font = ImageFont.truetype(str(face), round(cap / 0.662))
    source = rng.choices(("strokes", "kept", "print"), (80, 15, 5))[0]
    writer = Writer(u(-0.1, 0.45), _FINE * rng.choice([u(2.5, 5), u(3, 8)]), u(0.42, 0.9), source)
    tall, spread = cap * u(0.85, 1.75), rng.choice([u(-0.15, 0.1), u(0, 0.4)])
    high, base = int((ABOVE + 2.4) * cap), int((ABOVE + 1.4) * cap)
    page = np.zeros((high, int(26 * cap)), np.float32)
    x = cap * u(0.5, 1.0)
    end = x + font.getlength(before)
    _print(page, before, font, x, base)
    x = left = end
    x += cap * rng.choice([u(-0.1, 0.2), u(0, 0.9)])
    layers = []
    centre = base - cap / 2 - cap * u(-0.15, 0.35)
    for digit in text:
        mark = np.asarray(glyph(int(digit), tall * u(0.85, 1.12), writer, rng), np.float32)
        y = max(0, int(centre - len(mark) / 2 + cap * rng.gauss(0, 0.06)))
        mark = mark[: high - y]
        layer = np.zeros_like(page)
        layer[y : y + len(mark), int(x) : int(x) + mark.shape[1]] = mark
        layers.append(layer)
        x += mark.shape[1] + cap * (spread + u(-0.1, 0.12)) - 0.25 * writer.slant * len(mark)
    x = max(x, left + 0.3 * cap)
    right = x + cap * (rng.choice([u(-0.1, 0.15), u(0, 1.2)]) - spread)
    right = max(right, np.flatnonzero(np.maximum.reduce(layers).any(axis=0))[-1] - 0.15 * cap)
    stop = int(right + font.getlength(behind) + cap)
    _print(page, behind, font, right, base)
    if rng.random() < 0.2:
        for at in range(int(left), int(right), max(3, round(cap * u(0.12, 0.25)))):
            page[base - 3 : base + 2, at : at + 4] = 255
    ink = np.maximum(page, np.maximum.reduce(layers) * (1 if rng.random() < 0.5 else u(0.5, 1)))[:, :stop]
    grey = _scanned(ink, rng)
    scale = 1 / _FINE
    shake = 0.08 * cap * scale
    blank = Blank(
        left * scale + rng.gauss(0, shake), right * scale + rng.gauss(0, shake), (base - cap) * scale, base * scale
    )
    halves = [Image.fromarray(layer[:, :stop].astype(np.uint8)).reduce(_FINE) for layer in layers]
    owners = tuple(
        np.asarray(half.filter(ImageFilter.MaxFilter(3)))[: grey.shape[0], : grey.shape[1]] > 60 for half in halves
    )
    return Written(text, grey, blank, owners)


def _print(page: NDArray[np.float32], text: str, font: ImageFont.FreeTypeFont, x: float, base: int) -> None:
    image = Image.new("L", (page.shape[1], page.shape[0]), 0)
    ImageDraw.Draw(image).text((x, base), text, fill=255, font=font, anchor="ls")
    np.maximum(page, np.asarray(image, np.float32), out=page)


def _scanned(ink: NDArray[np.float32], rng: random.Random) -> Pixels:
    u = rng.uniform
    image = Image.fromarray(ink.astype(np.uint8)).filter(ImageFilter.GaussianBlur(_FINE * u(0.2, 1.1))).reduce(_FINE)
    grey = 255 - np.asarray(image, np.float32) * u(0.6, 1)
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, u(1, 12), grey.shape)
    grey = np.clip(grey + grain, 0, 255)
    if rng.random() < 0.5:
        size = (image.width, image.height)
        coarse = (max(1, round(size[0] * u(0.6, 1.2))), max(1, round(size[1] * u(0.8, 1.2))))
        coarse = (coarse[0], max(1, round(coarse[0] * size[1] / size[0])))
        level = u(110, 215)
        two = Image.fromarray(grey.astype(np.uint8)).resize(coarse).point([0 if v < level else 255 for v in range(256)])
        grey = np.asarray(two.resize(size, Image.Resampling.BICUBIC), np.float32)
    return grey.astype(np.uint8)


def examples(line: Written, rng: random.Random) -> list[tuple[Pixels, Floats, int]]:
    """Pieces that the reader cuts out of the line: (picture, place, which digit or ``NO_DIGIT``)."""
    high = line.blank.foot - line.blank.top
    bias = rng.uniform(-0.05, 0.25)
    ink = pen_digits.strokes_in(line.grey, line.blank, bias)
    if ink is None or not ink.any():
        return []
    rows = np.flatnonzero(ink.any(axis=1))
    top = max(0, int(line.blank.top - pen_digits.ABOVE * high)) + rows[0]
    left = max(0, int(line.blank.left - pen_digits.ASIDE * high))
    found = []
    all_cuts = pen_digits.cuts(line.grey, line.blank, bias)
    for cut in rng.sample(all_cuts, min(1, len(all_cuts))):
        whole = pen_digits.sheared(ink[rows[0] : rows[-1] + 1], cut.slant)
        first = np.flatnonzero(whole.any(axis=0))[0]
        owned = []
        for owner in line.owners:
            part = np.zeros((rows[-1] + 1 - rows[0], ink.shape[1]), np.bool_)
            seen = owner[top : top + len(part), left : left + ink.shape[1]]
            part[: len(seen), : seen.shape[1]] = seen
            owned.append(pen_digits.sheared(part, cut.slant)[:, first : first + cut.ink.shape[1]] & cut.ink)
        for i, j in cut.pieces(high):
            columns = slice(cut.columns[i], cut.columns[j])
            amount = int(cut.ink[:, columns].sum())
            if amount <= 0.02 * high * high:
                continue
            label = _label(line.text, [int(o[:, columns].sum()) for o in owned], [int(o.sum()) for o in owned], amount)
            if label is not None and (label != NO_DIGIT or rng.random() < 0.5):
                found.append((*pen_digits.framed(cut.ink[:, columns]), label))
    return found


def _label(text: str, inside: list[int], whole: list[int], amount: int) -> int | None:
    """Which digit a piece is: nearly all of one and little else; ``NO_DIGIT`` if clearly none; None between."""
    best = max(range(len(text)), key=lambda k: inside[k])
    share, foreign = inside[best] / max(1, whole[best]), 1 - inside[best] / amount
    if share > 0.92 and foreign < 0.1:
        return int(text[best])
    return NO_DIGIT if share < 0.8 or foreign > 0.2 else None


def _examples_of(task: tuple[int, int]) -> tuple[Pixels, Floats, NDArray[np.int64]]:
    seed, lines = task
    rng = random.Random(seed)
    found = [e for _ in range(lines) for e in examples(written(rng), rng)]
    return np.stack([f for f, _, _ in found]), np.stack([g for _, g, _ in found]), np.array([d for _, _, d in found])


def train(shown: Floats, digits: NDArray[np.int64], seed: int) -> tuple[Floats, ...]:
    """One network: Adam on softened labels, a share of inputs and of hidden cells left out."""
    rng = np.random.default_rng(seed)
    inputs = shown.shape[1]
    sizes = ((inputs, _HIDDEN), (_HIDDEN,), (_HIDDEN, NO_DIGIT + 1), (NO_DIGIT + 1,))
    net = [
        rng.normal(0, np.sqrt(2 / s[0]), s).astype(np.float32) if len(s) == 2 else np.zeros(s, np.float32)
        for s in sizes
    ]
    mean, square = [np.zeros_like(p) for p in net], [np.zeros_like(p) for p in net]
    step = 0
    for turn in range(_ROUNDS):
        rate = 1.5e-3 * 0.5 ** (turn / 3)
        order = rng.permutation(len(shown))
        for start in range(0, len(order) - _BATCH + 1, _BATCH):
            chosen = order[start : start + _BATCH]
            x = shown[chosen] * (rng.random((_BATCH, inputs), np.float32) > 0.1)
            hidden = np.maximum(x @ net[0] + net[1], 0)
            kept = (rng.random(hidden.shape, np.float32) > 0.25).astype(np.float32) / 0.75
            hidden *= kept
            out = hidden @ net[2] + net[3]
            out = np.exp(out - out.max(axis=1, keepdims=True))
            out /= out.sum(axis=1, keepdims=True)
            wanted = np.full_like(out, 0.02 / out.shape[1])
            wanted[np.arange(_BATCH), digits[chosen]] += 0.98
            slope = (out - wanted) / _BATCH
            back = (slope @ net[2].T) * kept * (hidden > 0)
            slopes = (x.T @ back, back.sum(axis=0), hidden.T @ slope, slope.sum(axis=0))
            step += 1
            for k, g in enumerate(slopes):
                mean[k] += 0.1 * (g - mean[k])
                square[k] += 0.001 * (g * g - square[k])
                size = np.sqrt(square[k] / (1 - 0.999**step)) + 1e-8
                net[k] -= (rate * (mean[k] / (1 - 0.9**step)) / size).astype(np.float32)
    return tuple(net)


def _judged(task: tuple[int, int]) -> list[tuple[bool, float, bool]]:
    """For lines never learnt from: (number or day, certainty, right or not)."""
    from pipeline.pages.handwriting import can_be_day, can_be_number

    seed, lines = task
    rng = random.Random(seed)
    found = []
    for _ in range(lines):
        line = written(rng)
        is_number = len(line.text) > 2 or int(line.text) > 31
        read = pen_digits.read_blank(
            line.grey, line.blank, 5 if is_number else 2, can_be_number if is_number else can_be_day
        )
        if read:
            digits, sure = read[0]
            found.append((is_number, sure, digits == line.text or not is_number and int(digits) == int(line.text)))
    return found


def main() -> int:
    """Draw, train, keep, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=32_000, help="lines to learn from")
    parser.add_argument("--judge-only", action="store_true", help="leave the weights as they are")
    arguments = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        if not arguments.judge_only:
            tasks = [(1000 * arguments.seed + n, 500) for n in range(arguments.lines // 500)]
            frames, stands, digits = map(np.concatenate, zip(*pool.map(_examples_of, tasks), strict=True))
            starts = range(0, len(frames), 2000)
            shown = np.concatenate([pen_digits.features(frames[s : s + 2000], stands[s : s + 2000]) for s in starts])
            print(f"{len(digits):,} pieces, {np.bincount(digits).tolist()} of each kind")
            networks = [train(shown, digits, arguments.seed + n) for n in range(_NETWORKS)]
            parts = {
                f"{k}{n}": part.astype(np.float16)
                for n, net in enumerate(networks)
                for k, part in zip("abcd", net, strict=True)
            }
            np.savez_compressed(WEIGHTS, **parts)  # type: ignore[arg-type]
            print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size:,} bytes")
        tasks = [(10**6 * arguments.seed + n, 100) for n in range(20)]
        judged = [j for part in pool.map(_judged, tasks) for j in part]
    for name, kind in (("numbers", True), ("days", False)):
        own = [(sure, right) for is_number, sure, right in judged if is_number is kind]
        print(f"{name}: {len(own)} read, {sum(right for _, right in own)} of them right")
        for edge in _EDGES:
            given = [right for sure, right in own if sure >= edge]
            print(f"  certainty {edge:.2f}: {len(given)} given, {len(given) - sum(given)} wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
