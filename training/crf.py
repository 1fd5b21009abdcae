"""underthesea's CRF on the same labels, for comparison: what a number counts and whose it is as spans of syllables."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.quantity_passages import Passage
from extractors.quantity_phrases import as_written
from training.labelled import Labelled, Span
from training.nlp import train_crf
from training.passages import Case, cases
from training.quantities import labelled
from training.quantity_judge import overlap
from training.samples import folds
from training.tokens import Tokens, distance, tokens

_BEFORE, _BEHIND = 70, 45
_ITERATIONS, _PENALTY = 60, 0.1


def figures(documents: Sequence[Labelled]) -> dict[str, tuple[int, int]]:
    """Right spans and all of them for ``what`` and ``whose``, each dispatch tagged by models that never saw it."""
    parts = [[case for document in part for case in cases(document)] for part in folds(documents)]
    counts: dict[str, list[int]] = {"what": [0, 0], "whose": [0, 0]}
    for held in range(len(parts)):
        others = [case for k, part in enumerate(parts) if k != held for case in part]
        for name, count in counts.items():
            made = [(f, y) for case in others for f, y, _ in sequences(case, name)]
            tag = train_crf([f for f, _ in made], [y for _, y in made], iterations=_ITERATIONS, penalty=_PENALTY)
            for case in parts[held]:
                found = tokens(case.passage.text, case.passage.low)
                for features, _, k in sequences(case, name):
                    spans = spans_of(tag(features), found, window(case.passage, found, k)[0])
                    right = labelled(case, case.labels[k])[name == "whose"]
                    count[0] += overlap(right, as_written(case.passage.text, spans)) >= 0.5
                    count[1] += 1
    return {name: (count[0], count[1]) for name, count in counts.items()}


def sequences(case: Case, name: str) -> list[tuple[list[list[str]], list[str], int]]:
    """Features and labels (``B``, ``I``, ``O``) of the tokens round each labelled number, and its index."""
    found = tokens(case.passage.text, case.passage.low)
    near = [near_features(found, i) for i in range(len(found))]
    made = []
    for k, mark in sorted(case.labels.items()):
        if mark.kind == "n" or not mark.what:
            continue
        spans = mark.what if name == "what" else mark.whose
        features = token_features(case.passage, found, near, k)
        made.append((features, _labels(found, window(case.passage, found, k), spans), k))
    return made


def window(passage: Passage, found: Tokens, k: int) -> tuple[int, int]:
    """The tokens that number ``k`` is looked at with."""
    begin, end = found.span(passage.amounts[k].figure.start, passage.amounts[k].figure.end)
    return max(0, begin - _BEFORE), min(len(found), end + _BEHIND)


def _labels(found: Tokens, window: tuple[int, int], spans: Sequence[Span]) -> list[str]:
    labels, last = [], -1
    for i in range(*window):
        inside = next((n for n, (a, b) in enumerate(spans) if a <= found.starts[i] and found.ends[i] <= b), -1)
        labels.append("O" if inside < 0 else "I" if inside == last else "B")
        last = inside
    return labels


def token_features(passage: Passage, found: Tokens, near: Sequence[list[str]], k: int) -> list[list[str]]:
    """What each token of a window is, by itself and from where number ``k`` stands."""
    amount = passage.amounts[k]
    begin, end = found.span(amount.figure.start, amount.figure.end)
    unit, kind = found.span(amount.unit.start, amount.unit.end), amount.unit.kind
    made: list[list[str]] = []
    for i in range(*window(passage, found, k)):
        place = "N" if begin <= i < end else "U" if unit[0] <= i < unit[1] else "L" if i < begin else "R"
        gap = between(found, i + 1, begin) if place == "L" else between(found, end, i) if place == "R" else ""
        step = distance(begin - i) if place == "L" else distance(i - end + 1) if place == "R" else "0"
        lo, hi = (i, begin) if i < begin else (end, i)
        others = sum(found.words[j][0].isdigit() for j in range(lo + 1, hi))
        where = f"{place}{min(others, 2)}"
        told = [*near[i], f"p={where}", f"pd={place}{step}", f"pg={where}{gap}", f"ku={kind}{where}"]
        told += [f"kg={kind}{where}{gap}", f"pw={where}_{found.words[i]}", f"kw={kind}{place}_{found.words[i]}"]
        told += [f"pc={where}_{name}" for name in found.classes[i]]
        made.append(told + [f"pgc={where}{gap}_{name}" for name in found.classes[i]])
    return made


def near_features(found: Tokens, i: int) -> list[str]:
    """What a token and its neighbours are, wherever the number or the time limit in question stands."""
    size, said = len(found), found.words
    here = said[i]
    left = said[i - 1] if i else "<"
    right = said[i + 1] if i + 1 < size else ">"
    features = ["b", f"w={here}", f"l={left}", f"r={right}", f"lw={left}_{here}", f"wr={here}_{right}"]
    features.append(f"ll={said[i - 2] if i > 1 else '<'}_{left}")
    features.append(f"rr={right}_{said[i + 2] if i + 2 < size else '>'}")
    if i in found.capital:
        features.append("cap" if i else "cap0")
        if i + 1 < size and i + 1 in found.capital:
            features.append("capcap")
    features.extend([f"c={name}" for name in found.classes[i]])
    if i:
        features.extend([f"cl={name}" for name in found.classes[i - 1]])
    if i + 1 < size:
        features.extend([f"cr={name}" for name in found.classes[i + 1]])
    return features


def between(found: Tokens, start: int, end: int) -> str:
    """The signs and joints between two tokens, ``start`` and ``end`` exclusive, each once, commas counted to two."""
    signs: list[str] = []
    for i in range(start, end):
        word = found.words[i]
        if word in ",;:.()" or word in ("và", "trong", "gồm", "riêng"):
            if word not in signs or (word == "," and signs.count(",") < 2):
                signs.append(word)
    return "".join(sorted(signs))


def spans_of(labels: Sequence[str], found: Tokens, first: int = 0) -> tuple[tuple[int, int], ...]:
    """Character spans of the runs tagged ``B`` and ``I`` in ``labels``, which begin at token ``first``."""
    runs: list[list[int]] = []
    for offset, label in enumerate(labels):
        if label == "B" or (label == "I" and not (runs and runs[-1][1] == offset)):
            runs.append([offset, offset + 1])
        elif label == "I":
            runs[-1][1] = offset + 1
    return tuple((found.starts[first + a], found.ends[first + b - 1]) for a, b in runs)
