"""How sure a value is, learned from values that are known to be right or wrong: weights, then a table of steps."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors.learned_confidence import ANY, COMMON, SCALE
from training.ranking import Group, train

PENALTY = 2.0
_LEAST_IN_STEP = 20
_FOLDS = 5
MADE = 0.1
"""What a generated value counts beside one that a person labelled: its sentences come from few patterns."""
Model = dict[str, tuple[dict[str, float], Sequence[float], Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value: its field, features, whether it was right, the document it is from, and how much it counts."""

    field: str
    features: tuple[str, ...]
    right: bool
    document: str
    counts: float = 1.0


def weights(samples: Sequence[Sample]) -> dict[str, float]:
    """Weights of features, of one field: the logarithm of the odds that a value is right."""
    groups: list[Group] = [[(s.features, s.right), ([], not s.right)] for s in samples]
    return train(groups, penalty=PENALTY, least=5)


def score(weighed: dict[str, float], sample: Sample) -> float:
    """The weight of one value, in whole steps as the shipped file has them."""
    return sum(round(weighed.get(name, 0) * SCALE) for name in sample.features) / SCALE


def steps(pairs: Sequence[tuple[float, bool, float]]) -> tuple[list[float], list[float]]:
    """Shares of right values that rise with the weight (pool adjacent violators), held off 0 and 1 by half a value.

    ``pairs``: weight, whether right, how much it counts. Returns the weights at which a share begins, and the shares,
    one more of them.
    """
    ordered = sorted(pairs)
    pools: list[tuple[float, float, float]] = []
    at = 0
    while at < len(ordered):
        stop = min(len(ordered), at + _LEAST_IN_STEP)
        while stop < len(ordered) and ordered[stop][0] == ordered[stop - 1][0]:
            stop += 1
        if len(ordered) - stop < _LEAST_IN_STEP:
            stop = len(ordered)
        good = sum(count for _, right, count in ordered[at:stop] if right)
        pools.append((ordered[at][0], good, sum(count for _, _, count in ordered[at:stop])))
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            start, more, size = pools[-2]
            pools[-2:] = [(start, more + pools[-1][1], size + pools[-1][2])]
        at = stop
    shares = [round((good + 0.5) / (size + 1), 4) for _, good, size in pools]
    shares = [max(shares[: k + 1]) for k in range(len(shares))]  # what the half value took from a small pool
    bounds = [round(start, 6) for start, _, _ in pools[1:]]
    assert all(a <= b for a, b in pairwise(bounds))
    return bounds, shares or [0.5]


def fitted(samples: Sequence[Sample]) -> Model:
    """For each field its weights from all samples, and its steps from samples weighed by models that never saw them."""
    by_field: dict[str, list[Sample]] = {}
    for s in samples:
        by_field.setdefault(s.field, []).append(s)
        common = tuple(f for f in s.features if f.startswith(COMMON))
        by_field.setdefault(ANY, []).append(Sample(ANY, common, s.right, s.document, s.counts))
    documents = sorted({s.document for s in samples})
    random.Random(2).shuffle(documents)
    fold = {name: k % _FOLDS for k, name in enumerate(documents)}
    made: Model = {}
    for name, own in sorted(by_field.items()):
        weighed: list[tuple[float, bool, float]] = []
        for k in range(_FOLDS):
            found = weights([s for s in own if fold[s.document] != k])
            weighed += [(score(found, s), s.right, s.counts) for s in own if fold[s.document] == k]
        made[name] = (weights(own), *steps(weighed))
    return made


def expected_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: how far, on average, the share of right values lies from what was said of them."""
    total = 0.0
    for number in range(bins):
        inside = [p for p in pairs if min(int(p[0] * bins), bins - 1) == number]
        if inside:
            said = sum(p for p, _ in inside) / len(inside)
            total += len(inside) * abs(said - sum(right for _, right in inside) / len(inside))
    return total / len(pairs) if pairs else 0.0


def acceptable(pairs: Sequence[tuple[float, bool]], precision: float = 0.99) -> float:
    """The largest share of the values, the surest first, of which at least ``precision`` were right; 0 for none.

    Values of one confidence are taken together.
    """
    ordered = sorted(pairs, reverse=True)
    right, best = 0, 0
    for number, (said, is_right) in enumerate(ordered, 1):
        right += is_right
        ends = number == len(ordered) or ordered[number][0] != said
        if ends and right >= precision * number:
            best = number
    return best / len(ordered) if ordered else 0.0
