"""Records compared with labelled ones, field by field: precision, recall and F1.

A list field counts twice: ``found`` (the right entries and no others) and ``exact`` (found, and every attribute of the
entry right too). A value that is null on both sides counts for nothing; a field that a labelled record does not have
was not labelled and is passed over; only entries of the main text count.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from pipeline import messages
from pipeline.exits import WrongUse

Record = Mapping[str, Any]
Equal = Callable[[Any, Any], bool]
Likeness = Callable[[Record, Record], float]

HEADER = "ALL HEADER"
WHOLE = "WHOLE HEADER"

_PLAIN = str.maketrans({"–": "-", "—": "-", "‑": "-", "“": '"', "”": '"', "’": "'", "*": " ", "_": " "})
# The two ways to place a tone mark on an open diphthong (hoà, hòa) spell the same word.
_TONE_PLACES = {
    unicodedata.normalize("NFC", pair + tone): unicodedata.normalize("NFC", pair[0] + tone + pair[1])
    for pair in ("oa", "oe", "uy")
    for tone in "\u0300\u0301\u0303\u0309\u0323"
}
_OLD_TONE = re.compile(rf"(?<!q)({'|'.join(_TONE_PLACES)})(?!\w)")
_EDGES = " .,;:/-+\"'()[]"


class NoRecord(WrongUse):
    """A file in a folder of records that holds none; the message names it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many values were right, labelled, and given."""

    right: int = 0
    gold: int = 0
    got: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.gold + other.gold, self.got + other.got)

    @property
    def precision(self) -> float | None:
        """Of what was given, the share that was right."""
        return self.right / self.got if self.got else None

    @property
    def recall(self) -> float | None:
        """Of what was labelled, the share that was given."""
        return self.right / self.gold if self.gold else None

    @property
    def f1(self) -> float | None:
        """Both in one figure."""
        return 2 * self.right / (self.gold + self.got) if self.gold + self.got else None


@dataclass(frozen=True, slots=True)
class Miss:
    """One difference: the document, the field, what was labelled and what was given."""

    document: str
    field: str
    want: Any
    have: Any


@dataclass(frozen=True, slots=True)
class Result:
    """The tally of each field, and every difference."""

    tallies: dict[str, Tally]
    misses: tuple[Miss, ...]

    def only(self, start: str) -> Result:
        """The fields whose names start so."""
        kept = {k: v for k, v in self.tallies.items() if k.startswith(start)}
        return Result(kept, tuple(m for m in self.misses if m.field.startswith(start)))


def fold(value: Any) -> str:
    """A value as compared: NFC, one case, one space, plain dashes and quotes, one tone placement, bare edges."""
    text = unicodedata.normalize("NFC", str(value)).translate(_PLAIN).casefold()
    text = _OLD_TONE.sub(lambda m: _TONE_PLACES[m[1]], text)
    return " ".join(text.split()).strip(_EDGES)


def same(a: Any, b: Any) -> bool:
    """Equal numbers, equal truth values, or equal text once folded; null only equals null."""
    if a is None or b is None:
        return a is b
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) < 1e-9
    return fold(a) == fold(b)


def like(a: Any, b: Any, floor: float) -> bool:
    """Texts that differ by a few characters at most."""
    if a is None or b is None:
        return a is b
    left, right = fold(a), fold(b)
    return left == right or SequenceMatcher(None, left, right, autojunk=False).ratio() >= floor


def overlap(a: Any, b: Any) -> float:
    """F1 of the words two texts share; 1 where both are empty."""
    if not a or not b:
        return float(not a and not b)
    left, right = fold(a).split(), fold(b).split()
    common = (Counter(left) & Counter(right)).total()
    return 2 * common / (len(left) + len(right)) if common else 0.0


def _closely(floor: float) -> Equal:
    return lambda a, b: like(a, b, floor)


def _in_words(floor: float) -> Equal:
    return lambda a, b: overlap(a, b) >= floor


def _as_sets(a: Sequence[Any] | None, b: Sequence[Any] | None) -> bool:
    left, right = a or [], b or []
    return all(any(like(x, y, 0.85) for y in right) for x in left) and all(
        any(like(x, y, 0.85) for x in left) for y in right
    )


def _joined(a: Sequence[str] | None, b: Sequence[str] | None) -> bool:
    return like(" ".join(a or []), " ".join(b or []), 0.95)


def _as_many(a: Sequence[Any] | None, b: Sequence[Any] | None) -> bool:
    return len(a or []) == len(b or [])


def _instant(value: Any) -> float | str:
    try:
        return datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", str(value))).timestamp()
    except ValueError:
        return str(value)


def _agree(gold: Record, got: Record, fields: Iterable[str]) -> int:
    return sum(same(gold.get(f), got.get(f)) for f in fields)


def _named(gold: Record, got: Record) -> float:
    return float(like(gold.get("name"), got.get("name"), 0.9))


def _reference(gold: Record, got: Record) -> float:
    if gold.get("code") or got.get("code"):
        return float(bool(gold.get("code") and got.get("code")) and fold(gold["code"]) == fold(got["code"]))
    shared = overlap(gold.get("name"), got.get("name"))
    return shared if shared >= 0.7 else 0.0


def _quantity(gold: Record, got: Record) -> float:
    if _agree(gold, got, ("value", "value_max", "total")) < 3 or overlap(gold.get("unit"), got.get("unit")) < 0.5:
        return 0.0
    rest = _agree(gold, got, ("kind", "comparator", "change", "period"))
    return 0.2 + 0.4 * overlap(gold.get("indicator"), got.get("indicator")) + 0.1 * rest


def _deadline(gold: Record, got: Record) -> float:
    if _agree(gold, got, ("due_on", "recurrence")) < 2:
        return 0.0
    if _agree(gold.get("relative") or {}, got.get("relative") or {}, ("amount", "unit", "working_days")) < 3:
        return 0.0
    task = overlap(gold.get("task"), got.get("task"))
    return 0.2 + 0.6 * task + 0.2 * _as_sets(gold.get("responsible"), got.get("responsible"))


def _signature(gold: Record, got: Record) -> float:
    return float(_instant(gold.get("signed_at")) == _instant(got.get("signed_at")))


SCALARS: dict[str, Equal] = {
    "document_type": same, "document_type_code": same, "number": same, "notation": same, "code": same,
    "subject": _closely(0.95), "issuing_body.name": same, "issuing_body.superior": same, "issuing_body.level": same,
    "issuing_body.province": same, "place": same, "issued_on": same, "issued_on_source": same, "urgency": same,
    "secrecy": same, "same_as_addressees": same, "archived_at": _closely(0.9), "signer.authority": _joined,
    "signer.position": same, "signer.name": same,
}  # fmt: skip
"""Header fields, and when two values of each are one."""

LISTS: dict[str, tuple[Likeness, dict[str, Equal]]] = {
    "addressees": (_named, {}),
    "copies": (_named, {"purpose": _closely(0.8)}),
    "references": (_reference, {
        "document_type": same, "issued_on": same, "issuing_body": _closely(0.95), "title": _closely(0.8),
        "relation": same, "mentions": _as_many,
    }),
    "quantities": (_quantity, {
        "kind": same, "comparator": same, "change": same, "period": same, "indicator": _in_words(0.5),
        "scope": _in_words(0.5),
    }),
    "deadlines": (_deadline, {
        "kind": same, "bound": same, "granularity": same, "task": _in_words(0.5), "responsible": _as_sets,
        "submit_to": _in_words(0.5),
    }),
    "signatures": (_signature, {"kind": same, "signer": _closely(0.9), "organisation": _closely(0.9)}),
}  # fmt: skip
"""List fields: how like two entries are (0: not the same thing), and the attributes that make them exact."""


def pairs(golds: Sequence[Record], gots: Sequence[Record], likeness: Likeness) -> list[tuple[int, int]]:
    """Which entry is which: the likest pair first, each entry once."""
    scored = [(likeness(g, p), i, j) for i, g in enumerate(golds) for j, p in enumerate(gots)]
    chosen: list[tuple[int, int]] = []
    left, right = set(range(len(golds))), set(range(len(gots)))
    for value, i, j in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if value > 0 and i in left and j in right:
            left.remove(i)
            right.remove(j)
            chosen.append((i, j))
    return chosen


def score(gold: Mapping[str, Record], got: Mapping[str, Record]) -> Result:
    """Every labelled document against the record of the same name; one that is missing gave nothing."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    misses: list[Miss] = []
    for name, labelled in sorted(gold.items()):
        record = got.get(name) or {}
        before = len(misses)
        for field, equal in SCALARS.items():
            _score_scalar(name, field, equal, labelled, record, tallies, misses)
        tallies[WHOLE] += Tally(len(misses) == before, 1, 1)
        for field, (likeness, attributes) in LISTS.items():
            if field in labelled:
                _score_list(name, field, likeness, attributes, labelled, record, tallies, misses)
    # The sum over whole documents reads best last.
    ordered = {k: v for k, v in tallies.items() if k != WHOLE} | {WHOLE: tallies[WHOLE]}
    return Result(ordered, tuple(misses))


def _get(record: Any, path: str) -> Any:
    for key in path.split("."):
        record = record.get(key) if isinstance(record, Mapping) else None
    return None if record in ("", []) else record


def _score_scalar(
    name: str, field: str, equal: Equal, gold: Record, got: Record, tallies: dict[str, Tally], misses: list[Miss]
) -> None:
    root, _, leaf = field.partition(".")
    if root not in gold or (leaf and gold[root] is not None and leaf not in gold[root]):
        return
    want, have = _get(gold, field), _get(got, field)
    right = want is not None and have is not None and equal(want, have)
    tally = Tally(right, want is not None, have is not None)
    tallies[field] += tally
    tallies[HEADER] += tally
    if not right and (want is not None or have is not None):
        misses.append(Miss(name, field, want, have))


def _score_list(
    name: str,
    field: str,
    likeness: Likeness,
    attributes: Mapping[str, Equal],
    gold: Record,
    got: Record,
    tallies: dict[str, Tally],
    misses: list[Miss],
) -> None:
    golds, gots = _main_part(gold.get(field)), _main_part(got.get(field))
    paired = pairs(golds, gots, likeness)
    tallies[f"{field} found"] += Tally(len(paired), len(golds), len(gots))
    exact = 0
    for i, j in paired:
        wrong = [a for a, equal in attributes.items() if not equal(golds[i].get(a), gots[j].get(a))]
        exact += not wrong
        for attribute in attributes:
            tallies[f"{field}.{attribute}"] += Tally(attribute not in wrong, 1, 1)
        misses += [Miss(name, f"{field}.{a}", golds[i].get(a), gots[j].get(a)) for a in wrong]
    tallies[f"{field} exact"] += Tally(exact, len(golds), len(gots))
    given, taken = {i for i, _ in paired}, {j for _, j in paired}
    misses += [Miss(name, f"{field} MISSED", g, None) for i, g in enumerate(golds) if i not in given]
    misses += [Miss(name, f"{field} SPURIOUS", None, p) for j, p in enumerate(gots) if j not in taken]


def _main_part(entries: Sequence[Record] | None) -> list[Record]:
    return [e for e in entries or [] if e.get("part", "main") == "main"]


def load(folder: Path) -> dict[str, Record]:
    """The records in a folder by the stems of their names. Raises :class:`NoRecord`."""
    records: dict[str, Record] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            records[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise NoRecord(messages.not_json(path, str(error).splitlines()[0])) from error
        if not isinstance(records[path.stem], dict):
            raise NoRecord(messages.not_json(path, "not an object"))
    return records


def as_table(result: Result, documents: int) -> str:
    """The figures as a table for people."""

    def show(value: float | None) -> str:
        return "    -" if value is None else f"{value:5.3f}"

    lines = [f"{'field':30} {'P':>5} {'R':>5} {'F1':>5}  right/gold/got   ({messages.count(documents, 'document')})"]
    for name, t in result.tallies.items():
        lines.append(f"{name:30} {show(t.precision)} {show(t.recall)} {show(t.f1)}  {t.right}/{t.gold}/{t.got}")
    return "\n".join(lines)


def as_json(result: Result) -> str:
    """The figures for programs."""
    figures = {
        name: {"precision": t.precision, "recall": t.recall, "f1": t.f1, "right": t.right, "gold": t.gold, "got": t.got}
        for name, t in result.tallies.items()
    }
    return json.dumps(figures, ensure_ascii=False, indent=1)


def as_line(miss: Miss) -> str:
    """One difference on one line, evidence left out."""
    return f"{miss.document}\t{miss.field}\twant {_brief(miss.want)}\tgot {_brief(miss.have)}"


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        value = {k: v for k, v in value.items() if v is not None and k not in ("evidence", "mentions")}
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 260 else text[:257] + "..."
