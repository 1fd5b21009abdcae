"""Who must act, where the rules know no such body: readings of the clause's opening and the headings above, ranked.

The rules tell a body by its head word (``Sở``, ``Phòng``); abbreviations of a company's own and offices that no table
holds (``CNTT``, ``Tổ chuyên môn``, ``Thú y viên cơ sở``) they pass over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from extractors.actors import actors_at
from extractors.fold import fold_chars
from extractors.sentences import sentences
from extractors.tasks import Task
from models.reading import Reading
from training.quantity_judge import Heard, same_text
from training.rankers import probabilities, ranker, spoke_for
from training.tokens import Tokens, any_layout_word, layout_words, tokens

MARGIN = 0.6
"""How much likelier than the rules' reading another must be; set on the labels of ``training/`` alone."""
_CLOSING = re.compile(r"[:(,;.]| là | - ")
_LONGEST_NAME = 12
_HIGHEST = 4


@cache
def _order() -> re.Pattern[str]:
    return re.compile(rf"^(?:[-–+•*\s\"]*(?:{any_layout_word('orders')}|\d{{1,2}}[.)]|[a-zđ]\))[ :]+)+")


@dataclass(frozen=True, slots=True)
class Naming:
    """One reading of who acts: how it was found, the words, and the token that follows them."""

    way: str
    text: str | None
    follows: str
    follows_classes: tuple[str, ...]


@dataclass
class WhoJudge:
    """Hears the ranker of who must act, and remembers what it said of each time limit."""

    alone: bool = False
    margin: float = MARGIN
    heard: list[Heard] = field(default_factory=list)
    """One for each deadline, in the order of the record."""

    def by_entry(self) -> dict[int, dict[str, Heard]]:
        """What was heard of each deadline of the record, by its index."""
        return {number: {"who": heard} for number, heard in enumerate(self.heard)}

    def who(self, reading: Reading, index: int, task: Task, rule: Sequence[str]) -> tuple[str, ...]:
        """The names of those who must act; ``rule``: as the rules have them."""
        readings, features = readings_of(reading, index, task, rule, self.alone)
        weights = ranker("deadline_who_alone" if self.alone else "deadline_who")
        likely = probabilities(weights, features)
        best = max(range(len(readings)), key=likely.__getitem__)
        said = "; ".join(rule) or None
        own = next((i for i, r in enumerate(readings) if same_text(r.text, said)), None)
        of_rules = likely[own] if own is not None else 0.0
        taken = best != own and (self.alone or likely[best] - of_rules >= self.margin)
        reasons = tuple(spoke_for(weights, features[best]))
        self.heard.append(Heard("who", said, readings[best].text, of_rules, likely[best], taken, reasons))
        return names_of(readings[best].text) if taken else tuple(rule)


def names_of(text: str | None) -> tuple[str, ...]:
    """The names in a list of them as written; a list that the rules cannot part is one name."""
    if text is None:
        return ()
    found = actors_at(text, text.lower(), 0, len(text), opening=True) if len(text) == len(text.lower()) else None
    return found.names if found is not None and found.end >= len(text.rstrip()) else (text,)


def readings_of(
    reading: Reading, index: int, task: Task, rule: Sequence[str], alone: bool
) -> tuple[list[Naming], list[list[str]]]:
    """Every reading of who acts on a task of block ``index``, each with its features."""
    said = "; ".join(rule) or None
    readings = [Naming("none", None, ">", ())]
    readings.extend(_in_block(reading, index, task))
    readings.extend(_above(reading, index))
    kept: list[Naming] = []
    for one in readings:
        if not any(same_text(one.text, other.text) for other in kept):
            kept.append(one)
    if not alone and said is not None and not any(same_text(said, one.text) for one in kept):
        kept.append(Naming("rule", said, "?", ()))
    return kept, [_features(one, said, alone) for one in kept]


def _in_block(reading: Reading, index: int, task: Task) -> Iterator[Naming]:
    """Words that open the clause of the task, or its block before a colon."""
    clean, block = reading.text.clean, reading.blocks[index]
    inside = block.content <= task.start < block.end
    begin, end = block.content, block.end
    if inside:
        for start, stop in sentences(clean, block.content, block.end):
            if start <= task.start < stop:
                begin, end = start, stop
    text = clean[begin : min(end, begin + 600)]
    low = fold_chars(text)
    at = task.start - begin if inside else len(text)
    cuts = [0, *(m.end() for m in re.finditer(r"[;:,] ", low) if m.end() <= at + 40)]
    for number, cut in enumerate(cuts[-4:]):
        yield from _openings(text, low, cut, "clause" if number or cut else "sentence", at)


def _openings(text: str, low: str, cut: int, way: str, at: int) -> Iterator[Naming]:
    order = _order().match(low[cut : cut + 60])
    start = cut + (order.end() if order is not None else 0)
    if order is not None:
        way += "+order"
    window = tokens(text[start : start + 160], low[start : start + 160])
    for size in range(1, min(_LONGEST_NAME, len(window) - 1) + 1):
        follows = window.words[size]
        if follows[0].isdigit() or window.words[size - 1] in ",;:.(":
            break
        classes = window.classes[size]
        ends = follows in ",;:(." or {"act", "soft", "hand", "lvl"} & set(classes) or follows in layout_words("duties")
        if ends or start + window.starts[size] == at:
            where = "@" if start + window.starts[size] == at else ""
            yield Naming(way + where, text[start : start + window.ends[size - 1]], follows, classes)
        if follows in ";:.":
            break


def _above(reading: Reading, index: int) -> Iterator[Naming]:
    """What the headings above name, the nearest first."""
    parent, height = reading.blocks[index].parent, 1
    while parent is not None and height <= _HIGHEST:
        text = reading.words(reading.blocks[parent])[:240]
        low = fold_chars(text)
        order = _order().match(low)
        start = order.end() if order is not None else 0
        closing = _CLOSING.search(low, start)
        stops = [closing.start()] if closing is not None else []
        if len(text) <= 120 or not stops:
            stops.append(len(text.rstrip(" :;.")))
        for stop in dict.fromkeys(stops):
            name = text[start:stop].strip(' .,;:*"')
            if name and len(name.split()) <= _LONGEST_NAME + 6:
                sign = low[stop : stop + 1].strip() or ">"
                whole = "+order" if order is not None else ""
                yield Naming(f"above{height}{whole}", name, sign, ())
        parent, height = reading.blocks[parent].parent, height + 1


def _features(one: Naming, said: str | None, alone: bool) -> list[str]:
    features = [f"way={one.way}"]
    if not alone:
        agree = "same" if same_text(one.text, said) else _part(one.text, said)
        features += [f"rule={agree}", f"rnone={agree}_{said is None}", f"rw={agree}_{one.way}"]
    if one.text is None:
        return features
    found: Tokens = tokens(one.text, fold_chars(one.text))
    if not len(found):
        return features
    first, last, size = found.words[0], found.words[-1], len(found)
    features += [f"f={first}", f"e={last}", f"n={min(size, 12)}", f"wn={one.way}_{min(size, 6)}"]
    features += [f"ff={first}_{found.words[1] if size > 1 else '>'}", f"x={one.follows}", f"wx={one.way}_{one.follows}"]
    features += [f"fc={name}" for name in found.classes[0]] + [f"wfc={one.way}_{name}" for name in found.classes[0]]
    features += [f"xc={name}" for name in one.follows_classes] + [
        f"wxc={one.way}_{name}" for name in one.follows_classes
    ]
    features += [f"ec={name}" for name in found.classes[-1]]
    inner = {name for classes in found.classes[1:] for name in classes if not name.startswith("+")}
    features += [
        f"holds={name}" for name in sorted(inner & {"act", "hand", "who", "aim", "lvl", "stop", "paper", "did"})
    ]
    features.append(f"caps={one.text.isupper()}_{size == 1}")
    features.append(f"cap={one.text[:1].isupper()}_{one.way.startswith('above')}")
    features.append(f"digit={any(word[0].isdigit() for word in found.words)}")
    features.append(f"sign={any(word in ',;:()' for word in found.words)}")
    if not found.classes[0]:
        features.append("fc=unknown")
    return features


def _part(one: str | None, said: str | None) -> str:
    if one is None or said is None:
        return "no"
    short, long = sorted((one.lower(), said.lower()), key=len)
    return "part" if short in long else "no"
