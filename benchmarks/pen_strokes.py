"""How the ten digits are written by pen: each a few strokes, laid down anew at random every time.

They follow how digits are taught and run together in Vietnam: a 1 with a long flag, a crossed 7, an open 4 or one like
an A, a 2 with a loop at its foot, a 5 whose bar stands apart.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

Point = tuple[float, float]
Stroke = list[Point]
Draw = Callable[[float, float], float]


def strokes(digit: int, rng: random.Random) -> list[Stroke]:
    """One way to write the digit, in a box from (0, 0) at the top left to (1, 1)."""
    u, way = rng.uniform, rng.random()
    if digit == 0:
        start, gap = u(-130, -40), u(-30, 40) if way < 0.7 else 0
        turn = 360 if rng.random() < 0.4 else -360
        return [_arc(0.5, 0.5, u(0.32, 0.5), 0.5, start, start + turn + gap)]
    if digit == 1:
        return _one(way, u)
    if digit == 2:
        return _two(way, u)
    if digit == 3:
        return _three(way, u)
    if digit == 4:
        return _four(way, u)
    if digit == 5:
        return _five(way, u)
    if digit == 6:
        return _six(way, u)
    if digit == 7:
        return _seven(way, u)
    if digit == 8:
        return _eight(way, u)
    return _nine(way, u)


def _one(way: float, u: Draw) -> list[Stroke]:
    if way < 0.12:
        return [[(0.5, 0), (0.5, 1)]]
    flag, low = u(0.15, 0.6), u(0.12, 0.95)
    end = (0.5 + u(-0.06, 0.1), 1.0)
    if way < 0.5:
        return [[(0.5 - flag, low), (0.5 - 0.5 * flag, low * u(0.45, 0.6)), (0.5, 0), (0.5, 0.02), end]]
    if way < 0.9:
        return [[(0.5 - flag, low), (0.5, 0), (0.5, 0.01), end]]
    return [[(0.5 - flag, u(0.1, 0.35)), (0.5, 0), (0.5, 0.01), (0.5, 1)], [(u(0.15, 0.3), 1), (u(0.7, 0.85), 1)]]


def _two(way: float, u: Draw) -> list[Stroke]:
    foot = [(u(0.9, 1.3), u(0.85, 1.03))]
    if way < 0.3:
        return [[(0.05, u(0.15, 0.3)), (0.3, 0), (0.75, 0.05), (0.85, u(0.25, 0.35)), (0.5, 0.65), (0.05, 1), *foot]]
    if way < 0.55:
        loop = [
            (u(0.2, 0.45), u(0.2, 0.4)),
            (u(0.05, 0.2), u(0.12, 0.28)),
            (u(0.25, 0.5), 0),
            (u(0.7, 0.85), u(0.1, 0.25)),
        ]
        tail = [
            (u(0.5, 0.7), 0.55),
            (0.25, u(0.85, 0.95)),
            (0.02, u(0.9, 1)),
            (0.1, u(0.72, 0.85)),
            (0.5, u(0.85, 0.95)),
        ]
        return [[*loop, *tail, *foot]]
    if way < 0.88:
        top = [(u(0.0, 0.15), u(0.12, 0.3)), (0.4, 0), (u(0.7, 0.85), u(0.1, 0.2)), (0.7, 0.5), (0.3, u(0.8, 0.9))]
        return [[*top, (u(-0.15, 0.08), u(0.9, 1)), (u(-0.05, 0.1), u(0.72, 0.82)), (0.45, u(0.8, 0.95)), *foot]]
    return [[(0.1, 0.05), (0.8, 0.03), (0.8, 0.1), (0.1, 0.95), (0.1, 1), (0.95, 1)]]


def _three(way: float, u: Draw) -> list[Stroke]:
    if way < 0.4:
        waist = u(0.35, 0.55)
        top = [
            (u(0.1, 0.45), u(0.06, 0.2)),
            (u(0.2, 0.4), u(-0.02, 0.08)),
            (u(0.45, 0.6), 0),
            (u(0.65, 0.85), u(0.06, 0.18)),
        ]
        low = [(u(0.75, 0.95), u(0.52, 0.66)), (u(0.6, 0.85), u(0.78, 0.9)), (u(0.05, 0.35), u(0.95, 1.05))]
        return [[*top, (waist, u(0.36, 0.46)), (waist + 0.02, u(0.4, 0.48)), *low]]
    if way < 0.7:
        low = [(0.5, 0.47), (0.9, 0.7), (0.5, 1), (0.05, u(0.8, 0.95))]
        return [[(0.1, u(0.05, 0.2)), (0.5, 0), (0.85, 0.2), (u(0.35, 0.5), 0.45), *low]]
    if way < 0.88:
        low = [(0.5, 0.4), (0.88, 0.66), (0.55, 1), (0.05, u(0.85, 0.95))]
        return [[(0.1, 0.03), (0.85, u(0, 0.05)), (0.85, 0.03), (0.4, 0.4), *low]]
    curl = [(0.6, 0.98), (0.1, u(0.75, 0.9)), (u(0, 0.2), u(0.6, 0.8))]
    return [[(0.15, u(0.05, 0.2)), (0.5, -0.02), (0.8, 0.2), (0.55, 0.42), (0.6, 0.44), (0.92, 0.65), *curl]]


def _four(way: float, u: Draw) -> list[Stroke]:
    right, bar = u(0.5, 0.85), u(0.5, 0.75)
    if way < 0.4:
        left = u(0.15, 0.45)
        hook = [(left, 0), (left, 0.02), (0.05, bar), (0.07, bar), (1, bar + u(-0.06, 0.04))]
        return [hook, [(right, u(0.05, 0.4)), (right + u(-0.08, 0.05), 1)]]
    if way < 0.65:
        return [
            [
                (right + u(-0.05, 0.06), 1),
                (right, 0),
                (right, 0.02),
                (0.03, bar),
                (0.05, bar),
                (1, bar + u(-0.06, 0.04)),
            ]
        ]
    tip = u(0.4, 0.75)
    down = [(u(-0.05, 0.1), u(0.65, 1.0)), (tip, 0), (tip + 0.01, 0.01), (tip + u(0.0, 0.2), 1)]
    return [down, [(u(-0.05, 0.15), bar), (u(0.85, 1.1), bar + u(-0.08, 0.04))]]


def _five(way: float, u: Draw) -> list[Stroke]:
    left = u(0.12, 0.3)
    waist = [(left - 0.03, u(0.38, 0.46)), (left, u(0.38, 0.44)), (0.6, u(0.32, 0.44))]
    bowl = [(u(0.75, 0.92), 0.66), (0.6, u(0.9, 1)), (u(-0.05, 0.2), u(0.85, 1.0))]
    if way < 0.35:
        return [[(u(0.8, 1.05), u(-0.04, 0.05)), (left + 0.02, 0.03), (left + 0.01, 0.05), *waist, *bowl]]
    if way < 0.5:
        return [[(u(0.8, 1.05), u(-0.04, 0.05)), (left + 0.1, 0.05), (left, 0.42), *bowl]]
    lift = u(-0.1, 0.04)
    return [[(left, 0.08), *waist, *bowl], [(left + u(-0.05, 0.2), 0.03 + lift), (u(0.8, 1.2), u(-0.1, 0.05) + lift)]]


def _six(way: float, u: Draw) -> list[Stroke]:
    if way < 0.4:
        head = [(u(0.4, 0.9), u(-0.02, 0.06)), (u(0.15, 0.3), u(0.3, 0.5)), (0.05, u(0.7, 0.85)), (0.3, 1.0)]
        return [[*head, (u(0.55, 0.75), u(0.78, 0.88)), (u(0.4, 0.6), u(0.55, 0.7)), (u(0.1, 0.25), u(0.75, 0.95))]]
    head = [(u(0.5, 0.85), u(0, 0.08)), (0.3, u(0.25, 0.4)), (0.1, 0.72), (0.4, 1.0), (0.82, 0.8)]
    return [[*head, (u(0.5, 0.65), u(0.45, 0.6)), (u(0.1, 0.25), u(0.65, 0.8))]]


def _seven(way: float, u: Draw) -> list[Stroke]:
    start = [(0.02, u(0.02, 0.2)), (0.1, 0.03), (0.5, u(0.0, 0.08))] if way < 0.5 else [(0.03, u(0.0, 0.1))]
    written = [[*start, (u(0.85, 1.0), u(-0.02, 0.05)), (0.9, 0.06), (u(0.45, 0.65), 0.5), (u(0.25, 0.5), 1.0)]]
    if u(0, 1) < 0.65:
        height = u(0.38, 0.56)
        written.append([(u(0.1, 0.35), height + u(-0.02, 0.06)), (u(0.75, 1.1), height - u(-0.02, 0.06))])
    return written


def _eight(way: float, u: Draw) -> list[Stroke]:
    if way < 0.15:
        low = [(0.15, u(0.75, 0.85)), (0.45, 1), (0.8, 0.78), (0.5, 0.5), (0.2, 0.22)]
        return [[(u(0.9, 1.25), u(-0.12, 0.05)), (0.55, 0.4), *low, (0.45, u(0, 0.05)), (0.72, 0.15), (0.5, 0.42)]]
    if way < 0.4:
        low = [(u(0.7, 0.85), 0.75), (0.4, 1), (0.1, u(0.78, 0.9)), (0.45, 0.5), (u(0.8, 1.1), u(-0.05, 0.2))]
        return [[(u(0.7, 1.05), u(-0.02, 0.12)), (0.45, u(0, 0.05)), (0.2, 0.2), (0.5, 0.48), *low]]
    if way < 0.7:
        low = [(0.86, 0.74), (0.5, 1), (0.12, 0.77), (0.5, 0.47), (0.84, 0.2), (u(0.6, 0.8), u(0.0, 0.1))]
        return [[(0.78, u(0.08, 0.15)), (0.45, 0), (0.17, 0.2), (0.5, 0.46), *low]]
    return [_arc(0.5, 0.24, u(0.25, 0.36), 0.24, -90, 275), _arc(0.5, 0.73, u(0.32, 0.45), 0.27, -90, 275)]


def _nine(way: float, u: Draw) -> list[Stroke]:
    if way < 0.3:
        loop = [
            (u(0.75, 0.95), u(0.02, 0.2)),
            (u(0.4, 0.6), 0),
            (u(0.08, 0.2), u(0.2, 0.3)),
            (u(0.3, 0.45), u(0.42, 0.52)),
        ]
        tail = [(u(0.7, 0.9), 0.6), (u(0.4, 0.75), u(0.85, 0.95)), (u(0.0, 0.6), u(0.95, 1.05))]
        return [[*loop, (u(0.75, 0.88), u(0.15, 0.3)), (u(0.72, 0.9), u(0.1, 0.2)), *tail]]
    loop = [(0.85, 0.22), (0.5, 0), (0.12, 0.25), (0.42, u(0.44, 0.55)), (0.85, u(0.15, 0.3))]
    if way < 0.55:
        return [[*loop, (u(0.78, 0.88), 0.6), (u(0.5, 0.85), 1)]]
    return [[*loop, (0.84, 0.65), (u(0.5, 0.7), 0.97), (u(0.0, 0.3), u(0.85, 1.0))]]


def _arc(x: float, y: float, wide: float, high: float, start: float, end: float) -> Stroke:
    angles = [math.radians(start + (end - start) * t / 14) for t in range(15)]
    return [(x + wide * math.cos(a), y + high * math.sin(a)) for a in angles]


def smooth(points: Stroke) -> Stroke:
    """The curve through the points (Catmull-Rom)."""
    if len(points) < 3:
        return points
    p = np.array([points[0], *points, points[-1]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    curve = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        curve.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return [*map(tuple, np.concatenate(curve).tolist()), points[-1]]
