"""A tagger of sequences: a softmax over features of each item, and how labels follow one another.

Weights by whole-batch steps in a fixed order on one core, the best sequence by Viterbi: the same labels give the same
bytes. It serves the zones of a page and the words of a signature block (``zones.py``, ``signature_words.py``).
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.rankers import SCALE

Items = Sequence[Sequence[str]]
"""The features of each item of a sequence."""


@dataclass(frozen=True, slots=True)
class Tagger:
    """Labels, the weight of each feature for each of them, and of each label after each other (first: at the start)."""

    labels: tuple[str, ...]
    weights: dict[str, tuple[int, ...]]
    follows: tuple[tuple[int, ...], ...]

    def tag(self, items: Items) -> list[str]:
        """The likeliest labels of one sequence."""
        if not items:
            return []
        size = len(self.labels)
        best = [0] * size
        back: list[list[int]] = []
        for number, features in enumerate(items):
            rows = [self.weights[name] for name in features if name in self.weights]
            own = [sum(column) for column in zip(*rows, strict=True)] if rows else [0] * size
            if number == 0:
                best = [self.follows[0][k] + own[k] for k in range(size)]
                continue
            chosen, scores = [], []
            for k in range(size):
                j = max(range(size), key=lambda j: (best[j] + self.follows[j + 1][k], -j))
                chosen.append(j)
                scores.append(best[j] + self.follows[j + 1][k] + own[k])
            back.append(chosen)
            best = scores
        at = max(range(size), key=lambda k: (best[k], -k))
        path = [at]
        for chosen in reversed(back):
            at = chosen[at]
            path.append(at)
        return [self.labels[k] for k in reversed(path)]


def train(sequences: Sequence[tuple[Items, Sequence[str]]], *, penalty: float, steps: int = 120) -> Tagger:
    """A tagger for these sequences; features seen in fewer than three items are left out."""
    labels = sorted({label for _, said in sequences for label in said})
    number = {label: k for k, label in enumerate(labels)}
    seen: dict[str, int] = {}
    for items, _ in sequences:
        for features in items:
            for name in set(features):
                seen[name] = seen.get(name, 0) + 1
    rows = {name: i for i, name in enumerate(sorted(name for name, count in seen.items() if count >= 3))}
    column: list[int] = []
    line: list[int] = []
    right: list[int] = []
    follows = np.ones((len(labels) + 1, len(labels)))
    for items, said in sequences:
        before = -1
        for features, label in zip(items, said, strict=True):
            found = [rows[name] for name in features if name in rows]
            column += found
            line += [len(right)] * len(found)
            right.append(number[label])
            follows[before + 1, number[label]] += 1
            before = number[label]
    columns, lines, truth = np.array(column), np.array(line), np.array(right)
    wanted = np.zeros((len(right), len(labels)))
    wanted[np.arange(len(right)), truth] = 1
    weights = np.zeros((len(rows), len(labels)))
    moment, spread = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        scores = np.stack(
            [np.bincount(lines, weights[columns, k], minlength=len(right)) for k in range(len(labels))], axis=1
        )
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = raised / raised.sum(axis=1, keepdims=True) - wanted
        pull = np.stack(
            [np.bincount(columns, error[lines, k], minlength=len(rows)) for k in range(len(labels))], axis=1
        )
        slope: np.ndarray[Any, np.dtype[np.float64]] = pull + penalty * weights
        moment = 0.9 * moment + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope * slope
        pace = 0.1 * (1 - (step - 1) / steps)
        weights = weights - pace * (moment / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    # A label's share goes into its bias already: what follows counts beside what is usual.
    usual = follows[1:].sum(axis=0) / follows[1:].sum()
    chances = follows / follows.sum(axis=1, keepdims=True)
    told = tuple(tuple(round(math.log(p / u) * SCALE) for p, u in zip(row, usual, strict=True)) for row in chances)
    steps_of = {name: tuple(int(w) for w in np.round(weights[i] * SCALE)) for name, i in rows.items()}
    return Tagger(tuple(labels), {name: row for name, row in steps_of.items() if any(row)}, told)


def packed(tagger: Tagger) -> bytes:
    """The tagger as its file holds it, byte for byte the same for the same tagger."""
    told = {"labels": tagger.labels, "follows": tagger.follows, "weights": dict(sorted(tagger.weights.items()))}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(body.encode("utf-8"), 9, mtime=0)


def unpacked(content: bytes) -> Tagger:
    """What :func:`packed` wrote."""
    told = json.loads(gzip.decompress(content))
    weights = {str(name): tuple(row) for name, row in told["weights"].items()}
    return Tagger(tuple(told["labels"]), weights, tuple(tuple(row) for row in told["follows"]))
