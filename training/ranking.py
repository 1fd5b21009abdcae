"""A ranker trained: of several readings of one thing, weights under which the right ones come first.

Conditional maximum likelihood with a quadratic penalty, whole-batch steps in a fixed order on one core, so that the
same labels give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Group = Sequence[tuple[Sequence[str], bool]]
"""The readings of one thing: features, and whether it is right. At least one must be."""


def train(groups: Sequence[Group], *, penalty: float, steps: int = 150, least: int = 2) -> dict[str, float]:
    """Weights by feature; features seen in fewer than ``least`` groups are left out."""
    seen: dict[str, int] = {}
    for group in groups:
        for name in sorted({name for features, _ in group for name in features}):
            seen[name] = seen.get(name, 0) + 1
    rows = {name: i for i, name in enumerate(sorted(name for name, count in seen.items() if count >= least))}
    columns: list[int] = []
    lines: list[int] = []
    good: list[float] = []
    starts: list[int] = []
    for group in groups:
        starts.append(len(good))
        for features, is_right in group:
            found = [rows[name] for name in features if name in rows]
            columns.extend(found)
            lines.extend([len(good)] * len(found))
            good.append(float(is_right))
    column, line = np.array(columns), np.array(lines)
    right, start = np.array(good), np.array(starts)
    sizes = np.diff([*starts, len(good)])
    weights, moment, spread = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
    best, least_loss = weights, np.inf
    rate = 0.1
    for step in range(1, steps + 1):
        scores = np.bincount(line, weights[column], minlength=len(good))
        scores -= np.repeat(np.maximum.reduceat(scores, start), sizes)
        raised = np.exp(scores)
        total, hit = np.add.reduceat(raised, start), np.add.reduceat(raised * right, start)
        loss = float(np.log(total / hit).sum() + 0.5 * penalty * (weights @ weights))
        if loss < least_loss:
            best, least_loss = weights.copy(), loss
        slope_of_line = raised / np.repeat(total, sizes) - raised * right / np.repeat(hit, sizes)
        slope = np.bincount(column, slope_of_line[line], minlength=len(rows)) + penalty * weights
        moment = 0.9 * moment + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope * slope
        pace = rate * (1 - (step - 1) / steps)
        weights = weights - pace * (moment / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return {name: float(best[i]) for name, i in rows.items()}
