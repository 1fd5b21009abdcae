"""How sure each value of a record is: the share of values that looked like it and were right, where it was trained.

What can be seen of a value (its rule, where the text is from, how sure OCR was of its words, its length, flags on it)
is weighed, and the weight turned into a share by steps that never fall. ``docs/accuracy.md`` shows how true the shares
are; ``resources/models/confidence.md`` is the model's card.
"""

from __future__ import annotations

import gzip
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.record import Dispatch, Evidence

MODEL = Path(__file__).parent / "resources" / "models" / "confidence.json.gz"
_LARGEST = 5_000_000
SCALE = 256
"""Weights are kept in whole steps of ``1 / SCALE``."""
HEADER = (
    "document_type", "document_type_code", "number", "notation", "code", "subject", "place", "issued_on", "urgency",
    "secrecy", "archived_at",
)  # fmt: skip
ANY = "*"
"""The field that stands for all of them: a field that was never seen in training takes its steps."""
COMMON = ("all", "origin=", "ocr=", "flag", "lacks=")
"""How the names of features begin that every field has."""

Certainty = Callable[[int, int], float]
"""The least certainty (0..1) that OCR gave a word of a span of the canonical text."""
_ODD = re.compile(r"[^\w\s.,;:()\[\]/&%\-–—“”\"'’+…]|\d[A-Za-zđĐ]\d|[a-zà-ỹđ][A-ZĐ]|\b[lIO]\d|\d[lIO]\b|_")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a record: its field as the record names it without numbers, its entry (from 1; 0 in the head), its
    words, and what can be seen of it.

    The name of a list alone (``quantities``) stands for the entry itself: that it belongs there, with its number and
    unit, its day, its code or its name.
    """

    field: str
    entry_no: int
    evidence: Evidence | None
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure one value is, 0..1; ``ocr`` the least certainty of its words, None for text that was in the file."""

    field: str
    entry_no: int
    confidence: float
    ocr: float | None


@dataclass(frozen=True, slots=True)
class _Field:
    weights: dict[str, int]
    bounds: tuple[float, ...]
    shares: tuple[float, ...]


def confidences(dispatch: Dispatch, certainty: Certainty | None) -> tuple[Confidence, ...]:
    """One for each value that the record holds: head first, then list by list.

    ``certainty``: None for a text that no OCR had a part in.
    """
    found = []
    for value in values_of(dispatch):
        ocr = least(value, certainty)
        found.append(Confidence(value.field, value.entry_no, share(value.field, features_of(value, ocr)), ocr))
    return tuple(found)


def least(value: Value, certainty: Certainty | None) -> float | None:
    """The least certainty of the words that a value stands on; None where OCR had no part in them."""
    if certainty is None or value.evidence is None:
        return None
    return round(certainty(value.evidence.start, value.evidence.end), 4)


def features_of(value: Value, ocr: float | None) -> list[str]:
    """All that is weighed of a value; ``ocr``: the least certainty of its words."""
    if ocr is None:
        return ["all", *value.seen]
    return ["all", *value.seen, f"ocr={min(int(ocr * 10), 9)}", "ocr=unsure" if ocr < 0.8 else "ocr=sure"]


def share(field: str, features: Sequence[str]) -> float:
    """The share of such values of that field that were right; of all values for a field never seen in training."""
    known, told = _of(field, features)
    score = sum([known.weights.get(name, 0) for name in told]) / SCALE
    return known.shares[bisect_right(known.bounds, score)]


def reasons(field: str, features: Sequence[str]) -> list[tuple[str, float]]:
    """The features of a value that have a weight, the heaviest first: above 0 they speak for it, below against it."""
    known, told = _of(field, features)
    weighed = [(name, known.weights[name] / SCALE) for name in told if name in known.weights and name != "all"]
    return sorted(weighed, key=lambda pair: (-abs(pair[1]), pair[0]))


def _of(field: str, features: Sequence[str]) -> tuple[_Field, Sequence[str]]:
    known = model().get(field)
    if known is not None:
        return known, features
    return model()[ANY], [name for name in features if name.startswith(COMMON)]


@cache
def model() -> dict[str, _Field]:
    """Weights and steps of each field, loaded when first asked for. Raises ValueError for a file that is none."""
    return unpacked(MODEL.read_bytes())


def packed(fields: dict[str, tuple[dict[str, float], Sequence[float], Sequence[float]]]) -> bytes:
    """Weights, bounds and shares of each field as their file holds them: the same for the same, byte for byte."""
    told = {}
    for name, (weights, bounds, shares) in sorted(fields.items()):
        steps = {feature: round(weight * SCALE) for feature, weight in sorted(weights.items())}
        told[name] = {"weights": {f: w for f, w in steps.items() if w}, "bounds": list(bounds), "shares": list(shares)}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(body.encode("utf-8"), 9, mtime=0)


def unpacked(content: bytes) -> dict[str, _Field]:
    """What :func:`packed` wrote. Raises ValueError for a file that is none of ours."""
    if len(content) > _LARGEST:
        raise ValueError("a model of this size is none of ours")
    told = json.loads(gzip.decompress(content))
    if not isinstance(told, dict) or ANY not in told:
        raise ValueError("a model is a table of fields")
    return {
        name: _Field(
            {str(f): int(w) for f, w in field["weights"].items()}, tuple(field["bounds"]), tuple(field["shares"])
        )
        for name, field in told.items()
    }


# ---------------------------------------------------------------- what can be seen


def values_of(dispatch: Dispatch) -> Iterator[Value]:
    """Every value of the record with what can be seen of it, ``ocr`` aside."""
    flagged = _Flagged(dispatch)
    common = (f"origin={dispatch.source.text_origin}", f"lacks={_lacks(dispatch)}")
    for name in HEADER:
        value = getattr(dispatch, name)
        if value is not None:
            yield _head(dispatch, name, name, str(value), common, flagged)
    body = dispatch.issuing_body
    if body is not None:
        for part in ("name", "superior", "level", "province"):
            said = getattr(body, part)
            if said is not None:
                value = _head(dispatch, f"issuing_body.{part}", "issuing_body", said, common, flagged)
                more = (f"level={body.level}", f"known={body.source}_{body.province is not None}")
                yield Value(value.field, 0, value.evidence, value.seen + more)
    signer = dispatch.signer
    if signer is not None:
        for part in ("authority", "position", "name"):
            said = "\n".join(signer.authority) if part == "authority" else getattr(signer, part)
            if said:
                value = _head(dispatch, f"signer.{part}", "signer", said, common, flagged)
                shape = (f"words={_words(said)}", f"first={_first(said)}")
                yield Value(value.field, 0, value.evidence, value.seen + shape)
    for field in ("addressees", "copies"):
        for number, entry in enumerate(getattr(dispatch, field), 1):
            base = (*common, *flagged.on(entry.evidence), f"rule={entry.rule}", *_look(entry.name))
            yield Value(f"{field}.name", number, entry.evidence, (*base, f"first={_first(entry.name)}"))
    yield from _references(dispatch, common, flagged)
    yield from _quantities(dispatch, common, flagged)
    yield from _deadlines(dispatch, common, flagged)
    for number, entry in enumerate(dispatch.signatures, 1):
        named = f"named={entry.signer is not None}"
        seen = (*common, *flagged.on(entry.evidence), f"rule={entry.rule}", f"kind={entry.kind}", named)
        yield Value("signatures", number, entry.evidence, seen)


def _head(dispatch: Dispatch, field: str, root: str, said: str, common: tuple[str, ...], flagged: _Flagged) -> Value:
    evidence = dispatch.evidence.get(root)
    rule = dispatch.rules.get(root)
    return Value(field, 0, evidence, (*common, *flagged.on(evidence), f"rule={rule}", *_look(said)))


def _references(dispatch: Dispatch, common: tuple[str, ...], flagged: _Flagged) -> Iterator[Value]:
    for number, entry in enumerate(dispatch.references, 1):
        named = entry.code or entry.name or ""
        base = (
            *common, *flagged.on(entry.evidence), f"rule={entry.rule}", f"coded={entry.code is not None}",
            f"part={entry.part}", f"dated={_size(entry.issued_on)}", f"by={entry.issuing_body is not None}",
        )  # fmt: skip
        yield Value("references", number, entry.evidence, (*base, *_look(named), f"relation={entry.relation}"))
        for name in ("document_type", "issued_on", "issuing_body", "title", "relation"):
            said = getattr(entry, name)
            if said is not None:
                own = (f"relation={said}",) if name == "relation" else _look(said)
                yield Value(f"references.{name}", number, entry.evidence, (*base, *own))


def _quantities(dispatch: Dispatch, common: tuple[str, ...], flagged: _Flagged) -> Iterator[Value]:
    many = f"many={min(len(dispatch.quantities) // 10, 3)}"
    for number, entry in enumerate(dispatch.quantities, 1):
        base = (
            *common, *flagged.on(entry.evidence), f"rule={entry.rule}", f"kind={entry.kind}", f"part={entry.part}",
            f"doc={dispatch.document_type}", f"unit={_unit(entry.unit)}", f"is={entry.comparator}", many,
            f"change={entry.change}", f"counts={entry.indicator is not None}",
        )  # fmt: skip
        yield Value("quantities", number, entry.evidence, (*base, f"size={_size(entry.indicator)}"))
        yield Value("quantities.kind", number, entry.evidence, (*base, f"dk={dispatch.document_type}_{entry.kind}"))
        for name in ("indicator", "scope", "period"):
            said = getattr(entry, name)
            if said is None and name != "scope":
                continue
            own = (f"none={said is None}", f"size={_size(said)}", *_look(said or ""))
            if said is not None and name != "period":
                own = (*own, f"inside={said in entry.evidence.text}", f"first={_first(said)}")
            yield Value(f"quantities.{name}", number, entry.evidence, (*base, *own))


def _deadlines(dispatch: Dispatch, common: tuple[str, ...], flagged: _Flagged) -> Iterator[Value]:
    for number, entry in enumerate(dispatch.deadlines, 1):
        base = (
            *common, *flagged.on(entry.evidence), f"rule={entry.rule}", f"kind={entry.kind}", f"part={entry.part}",
            f"doc={dispatch.document_type}", f"bound={entry.bound}", f"exact={entry.granularity}",
        )  # fmt: skip
        yield Value("deadlines", number, entry.evidence, (*base, f"size={_size(entry.task)}"))
        if entry.task is not None:
            own = (*_look(entry.task), f"size={_size(entry.task)}", f"first={_first(entry.task)}")
            yield Value("deadlines.task", number, entry.evidence, (*base, *own))
        who = "; ".join(entry.responsible)
        named = (f"none={not who}", f"names={min(len(entry.responsible), 3)}", f"size={_size(who)}", *_look(who))
        inside = (f"inside={entry.responsible[0] in entry.evidence.text}",) if who else ()
        yield Value("deadlines.responsible", number, entry.evidence, (*base, *named, *inside))
        if entry.submit_to is not None:
            yield Value("deadlines.submit_to", number, entry.evidence, (*base, *_look(entry.submit_to)))


class _Flagged:
    """Which words of the record a flag stands on."""

    def __init__(self, dispatch: Dispatch) -> None:
        spans = [(f.evidence.start, f.evidence.end, f.code) for f in dispatch.flags if f.evidence is not None]
        self._spans = sorted(spans)
        self._starts = [start for start, _, _ in self._spans]
        self._longest = max((end - start for start, end, _ in self._spans), default=0)

    def on(self, evidence: Evidence | None) -> tuple[str, ...]:
        """The flags on these words, each as a feature; ``flag=none`` for none."""
        if evidence is None or not self._spans:
            return ("flag=none",)
        first = bisect_left(self._starts, evidence.start - self._longest)
        stop = bisect_left(self._starts, evidence.end)
        codes = {code for _, end, code in self._spans[first:stop] if end > evidence.start}
        return tuple(f"flag={code}" for code in sorted(codes)) or ("flag=none",)


def _lacks(dispatch: Dispatch) -> int:
    """How many of the parts that nearly every dispatch has were not found: a layout that was not understood."""
    parts = (dispatch.issuing_body, dispatch.notation, dispatch.issued_on, dispatch.subject, dispatch.signer)
    return sum(part is None for part in parts)


def _look(said: str) -> tuple[str, ...]:
    # No finer: the lengths of generated names and subjects are not those of real ones.
    fits = 0 < len(said.split()) <= 40
    return (f"fits={fits}", f"odd={_ODD.search(said) is not None}")


def _words(said: str) -> str:
    words = said.split()
    shape = "caps" if said.isupper() else "names" if all(w[:1].isupper() for w in words) else "mixed"
    return f"{'few' if 2 <= len(words) <= 6 else 'one' if len(words) < 2 else 'many'}{shape}"


def _size(value: str | None) -> str:
    count = len(value.split()) if value else 0
    return str(count) if count < 4 else "4-7" if count < 8 else "8-15" if count < 16 else "16+"


def _first(said: str) -> str:
    letter = said[:1]
    return "A" if letter.isupper() else "a" if letter.islower() else "0" if letter.isdigit() else "?"


def _unit(unit: str) -> str:
    return "%" if unit == "%" else "money" if "đồng" in unit else "1" if " " not in unit else "2"
