"""Rankers: files of whole-number weights that say which of several readings of one thing is the likeliest."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

SCALE = 256
"""Weights are kept in whole steps of ``1 / SCALE``."""
_MODELS = Path(__file__).parent / "models"
_LARGEST = 5_000_000

Weights = Mapping[str, int]


@cache
def ranker(name: str) -> Weights:
    """The weights of that name, loaded when first asked for. Raises FileNotFoundError where there are none."""
    return unpacked((_MODELS / f"{name}.json.gz").read_bytes())


def packed(weights: Mapping[str, float]) -> bytes:
    """Weights as their file holds them: in order of their names, byte for byte the same for the same weights."""
    steps = {name: round(weight * SCALE) for name, weight in sorted(weights.items())}
    body = json.dumps({name: step for name, step in steps.items() if step}, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(body.encode("utf-8"), 9, mtime=0)


def unpacked(content: bytes) -> Weights:
    """The weights of a file's bytes. Raises ValueError for a file that is none of ours."""
    if len(content) > _LARGEST:
        raise ValueError("a model of this size is none of ours")
    told = json.loads(gzip.decompress(content))
    if not isinstance(told, dict):
        raise ValueError("a model is a table of weights")
    return {str(name): int(weight) for name, weight in told.items()}


def probabilities(weights: Weights, readings: Sequence[Sequence[str]]) -> list[float]:
    """How likely each reading is, by its features; they sum to 1. Empty for no readings."""
    told = weights.get
    return shares([sum([told(name, 0) for name in features]) for features in readings])


def shares(steps: Sequence[int]) -> list[float]:
    """How likely each of several readings is, by its weight in whole steps; empty for none."""
    sums = [step / SCALE for step in steps]
    if not sums:
        return []
    top = max(sums)
    raised = [math.exp(value - top) for value in sums]
    total = sum(raised)
    return [value / total for value in raised]


_Table = dict[str, tuple[int, ...]]
_tables: dict[int, tuple[Weights, str, _Table]] = {}


def by_label(weights: Weights, labels: str) -> _Table:
    """The weights of features named ``label|feature`` by feature, one for each of the labels (single letters), kept."""
    known = _tables.get(id(weights))
    if known is not None and known[0] is weights and known[1] == labels:
        return known[2]
    table: dict[str, list[int]] = {}
    for name, weight in weights.items():
        label, _, feature = name.partition("|")
        table.setdefault(feature, [0] * len(labels))[labels.index(label)] = weight
    made = {feature: tuple(row) for feature, row in table.items()}
    _tables[id(weights)] = (weights, labels, made)
    return made


def spoke_for(weights: Weights, features: Sequence[str], most: int = 5) -> list[tuple[str, float]]:
    """The features of a reading that spoke for it, the strongest first, with their weights."""
    found = {name: weights[name] / SCALE for name in features if weights.get(name, 0) > 0}
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
