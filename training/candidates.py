"""What a number may count and whose it may be: the spans of its paragraph that come into question, and their features.

The rules decide by the first that fits; here every reading of the clause is laid out and a ranker weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from extractors.quantity_passages import Passage
from extractors.quantity_phrases import as_written, noun_phrase
from training.tokens import Tokens, any_layout_word, distance, layout_words

Span = tuple[int, int]
_SIGNS = frozenset(",;:().–-")
_LEFT_STEPS, _RIGHT_STEPS = 6, 7


@cache
def _strip() -> re.Pattern[str]:
    return re.compile(rf"{any_layout_word('scope_strip')}(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading: ``way`` names how it was found; ``text`` is what it says (None: nothing is said)."""

    way: str
    spans: tuple[Span, ...]
    text: str | None


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a number stands among the tokens of its paragraph: token indices."""

    number: tuple[int, int]
    behind: int
    sentence: tuple[int, int]
    limit: int
    rest: int
    lead: int


def clause(passage: Passage, found: Tokens, k: int) -> Clause:
    """The clause of number ``k``."""
    amount = passage.amounts[k]
    number = found.span(amount.figure.start, amount.figure.end)
    behind = found.first_from(amount.end)
    sentence = found.span(*amount.sentence)
    others = [a.start for a in passage.amounts[k + 1 :]]
    limit = min([sentence[1], *(found.first_from(start) for start in others[:1])])
    rest = found.first_from(passage.peeled[k].rest)
    return Clause(number, behind, sentence, max(limit, behind), min(rest, number[0]), found.first_from(amount.lead))


def whats(passage: Passage, found: Tokens, at: Clause, k: int, before: Sequence[str | None]) -> list[Candidate]:
    """What number ``k`` may count; ``before``: what the numbers of its sentence before it count, the nearest last."""
    low, text, amount = passage.low, passage.text, passage.amounts[k]
    edges = [(a.start, a.end) for a in passage.areas]
    candidates: list[Candidate] = []
    lefts: list[Span] = []
    rest = passage.peeled[k].rest
    for start in _left_starts(found, at):
        span, _ = noun_phrase(low, found.starts[start], rest, passage.date_spans, edges)
        if span[0] < span[1] and span not in lefts:
            lefts.append(span)
            candidates.append(Candidate(f"left{min(len(lefts), 4)}", (span,), as_written(text, [span])))
    unit = (amount.unit.start, amount.unit.end)
    counted = amount.unit.kind == "count"
    rights: list[Span] = []
    for stop in _right_stops(found, at):
        end = found.ends[stop - 1]
        if at.behind < stop:
            rights.append((found.starts[at.behind], end))
    for place, span in enumerate(rights):
        step = min(place + 1, 5)
        with_unit = (unit[0], span[1]) if unit[0] <= span[0] else span
        if counted:
            candidates.append(Candidate(f"unit+right{step}", (with_unit,), as_written(text, [with_unit])))
        else:
            candidates.append(Candidate(f"right{step}", (span,), as_written(text, [span])))
            if amount.unit.kind == "measure":
                candidates.append(Candidate(f"measure+right{step}", (with_unit,), as_written(text, [with_unit])))
        if place == 0 and lefts:
            candidates.append(Candidate("left+right", (lefts[0], span), as_written(text, [lefts[0], span])))
    if counted:
        candidates.append(Candidate("unit", (unit,), as_written(text, [unit])))
        for place, span in enumerate(lefts[:2]):
            if span[1] <= unit[0]:
                candidates.append(Candidate(f"left{place + 1}+unit", (span, unit), as_written(text, [span, unit])))
    for back, said in enumerate(reversed(before[-3:])):
        if said is not None:
            candidates.append(Candidate(f"same{back + 1}", (), said))
    return _distinct(candidates)


def _left_starts(found: Tokens, at: Clause) -> Iterator[int]:
    """Where the words before a number may begin, from the nearest outwards."""
    given, depth = 0, 0
    joints = layout_words("joints")
    seen: set[int] = set()
    for i in range(at.rest - 1, at.sentence[0] - 1, -1):
        word = found.words[i]
        if word == ")":
            depth += 1
        elif word == "(":
            depth = max(0, depth - 1)
        begins = i == at.sentence[0] or i == at.lead
        if word in _SIGNS or word in joints or word[0].isdigit():
            if depth == 0 and i + 1 < at.rest and i + 1 not in seen:
                seen.add(i + 1)
                given += 1
                yield i + 1
        elif begins and i not in seen:
            seen.add(i)
            given += 1
            yield i
        if given >= _LEFT_STEPS:
            return


def _right_stops(found: Tokens, at: Clause) -> Iterator[int]:
    """Where the words behind a number may end (exclusive), from the nearest outwards."""
    given = 0
    stops = layout_words("right_stops")
    for i in range(at.behind, at.limit + 1):
        ends = i == at.limit
        if not ends:
            classes = found.classes[i]
            ends = found.words[i] in _SIGNS or "tail" in classes or found.words[i] in stops
        if ends and i > at.behind:
            given += 1
            yield i
            if found.words[i - 1] not in _SIGNS and given >= _RIGHT_STEPS:
                return


def whoses(
    passage: Passage,
    found: Tokens,
    at: Clause,
    k: int,
    before: Sequence[str | None],
    above: str | None,
    earlier: str | None,
) -> list[Candidate]:
    """Whose number ``k`` may be. ``before``: as the numbers before it in its sentence have it, the nearest last;
    ``earlier``: as the last number of the sentences before has it; ``above``: what the headings say."""
    text, low, words = passage.text, passage.low, found.words
    candidates = [Candidate("none", (), None)]
    if above is not None:
        candidates.append(Candidate("above", (), above))
    for back, said in enumerate(reversed(before[-2:])):
        if said is not None:
            candidates.append(Candidate(f"same{back + 1}", (), said))
    if earlier is not None:
        candidates.append(Candidate("earlier", (), earlier))
    begin, end = at.sentence[0], min(at.sentence[1], at.limit + 12)
    for area in passage.areas:
        side = "before" if area.end <= passage.amounts[k].start else "behind"
        first = found.first_from(area.start)
        if begin <= first < end:
            candidates.append(Candidate(f"area-{side}", ((area.start, area.end),), text[area.start : area.end]))
    leads, heads = layout_words("scope_leads"), layout_words("scope_heads")
    clause_open = True
    for i in range(max(begin, at.number[0] - 60), end):
        if at.number[0] <= i < at.behind:
            clause_open = False
            continue
        side = "before" if i < at.number[0] else "behind"
        word = words[i]
        starts: str | None = None
        if clause_open and word not in _SIGNS:
            starts = "subject"
        if word in leads:
            starts = f"lead-{word}"
        elif word in heads and (i == 0 or words[i - 1] not in heads or i in found.capital):
            starts = starts or "place"
        if starts is not None:
            for how, stop in _phrase_stops(found, i, end):
                a, b = found.starts[i], found.ends[stop - 1]
                stripped = _strip().match(low, a, b)
                while stripped is not None:
                    a = stripped.end()
                    stripped = _strip().match(low, a, b)
                if a < b:
                    candidates.append(Candidate(f"{starts}-{how}-{side}", ((a, b),), text[a:b]))
        clause_open = word in _SIGNS or (clause_open and ("strip" in found.classes[i] or "+strip" in found.classes[i]))
    return _distinct(candidates)


def _phrase_stops(found: Tokens, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Ends (exclusive) of a short phrase that begins at ``start``: its first verb or sign, and a few words."""
    for i in range(start + 1, min(end, start + 14) + 1):
        stop = i == end or i == start + 14
        if not stop:
            word, classes = found.words[i], found.classes[i]
            stop = word in _SIGNS or word[0].isdigit() or "stop" in classes or "lvl" in classes or "act" in classes
        if stop:
            yield "sign" if i < end and found.words[i] in _SIGNS else "verb", i
            if i < end and found.words[i] == ",":
                for j in range(i + 1, min(end, i + 8)):
                    if found.words[j] in _SIGNS or found.words[j][0].isdigit() or "stop" in found.classes[j]:
                        yield "list", j
                        break
            break
    for size in (2, 3, 4):
        if start + size < end and all(found.words[j] not in _SIGNS for j in range(start, start + size)):
            yield f"{size}words", start + size


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One of each text, in order; the first way it was found."""
    seen: set[str | None] = set()
    kept: list[Candidate] = []
    for candidate in candidates:
        key = candidate.text.lower() if candidate.text is not None else None
        if key not in seen and (candidate.text or candidate.way == "none"):
            seen.add(key)
            kept.append(candidate)
    return kept[:40]


def span_features(
    passage: Passage,
    found: Tokens,
    at: Clause,
    k: int,
    candidate: Candidate,
    field: str,
    around: dict[str, list[str]],
) -> list[str]:
    """What can be seen of one reading: how it was found, what it begins and ends with, what lies between.

    ``around`` keeps, for one number, what stands round it by the way a reading was found.
    """
    kind, way = passage.amounts[k].unit.kind, candidate.way
    words = found.words
    short = way.rstrip("0123456789")
    if short not in around:
        around[short] = _around(found, at, kind, short)
    features = [f"way={way}", f"kw={kind}_{way}", *around[short]]
    if candidate.text is None:
        return features
    size = len(candidate.text.split())
    features += [f"n={min(size, 12)}", f"wn={short}_{distance(size)}"]
    if not candidate.spans:
        inner = words[at.sentence[0] : at.number[0]]
        features.append(f"gap={short}_{''.join(sorted({w for w in inner[-8:] if w in _SIGNS}))}")
        features.append(f"near={short}_{at.rest <= at.lead + 1}")
        return features
    first = found.first_from(candidate.spans[0][0])
    last = found.first_from(candidate.spans[-1][1])
    features += [f"f={words[first]}", f"sf={short}_{words[first]}"]
    features += [f"fc={name}" for name in found.classes[first]]
    features += [f"sfc={short}_{name}" for name in found.classes[first]]
    if first + 1 < last:
        features += [f"ff={words[first]}_{words[first + 1]}", f"f2={words[first + 1]}"]
        features += [f"f2c={name}" for name in found.classes[first + 1]]
    features += [f"e={words[last - 1]}", f"ee={words[last - 2] if last > 1 else '<'}_{words[last - 1]}"]
    features += [f"ec={name}" for name in found.classes[last - 1]]
    features.append(f"x={words[last] if last < len(words) else '>'}")
    if last < len(words):
        features += [f"xc={short}_{name}" for name in found.classes[last]]
    features.append(f"y={words[first - 1] if first else '<'}")
    if first:
        features += [f"yc={name}" for name in found.classes[first - 1]]
    inside = words[first:last]
    inside_digits = found.digits
    features.append(f"in,={short}_{min(2, inside.count(','))}")
    features.append(f"in0={short}_{not inside_digits.isdisjoint(range(first, last))}")
    features.append(f"cap={short}_{first in found.capital}_{first == at.sentence[0]}")
    if last - 1 in found.capital:
        features.append(f"ecap={short}")
    held = {name for classes in found.classes[first + 1 : last] for name in classes}
    for name in ("act", "lvl", "has", "did", "aim", "stop", "cnt", "head", "fund", "place", "hand"):
        if name in held:
            features.append(f"holds={short}_{name}")
    left = last <= at.number[0]
    between = range(last, at.number[0]) if left else range(at.behind, first)
    signs = "".join(sorted({words[i] for i in between if words[i] in _SIGNS}))
    features.append(f"gap={short}_{signs}")
    features.append(f"far={short}_{distance(len(between)) if len(between) else 0}")
    numbers = len(found.digits.intersection(between))
    features.append(f"over={short}_{min(numbers, 2)}")
    if len(between) <= 3:
        features.append(f"mid={short}_{'_'.join(words[i] for i in between)}")
    for i in list(between)[:6]:
        features += [f"midc={short}_{name}" for name in found.classes[i]]
    if field == "whose":
        for i in range(first, last):
            features.append(f"has={words[i]}")
    return features


def _around(found: Tokens, at: Clause, kind: str, short: str) -> list[str]:
    """The words and classes next to a number, with the way a reading was found."""
    words = found.words
    prior = words[at.number[0] - 1] if at.number[0] else "<"
    after = words[at.behind] if at.behind < len(words) else ">"
    features = [f"sp={short}_{prior}", f"sa={short}_{after}", f"kspa={kind}_{short}_{after in _SIGNS or after == '>'}"]
    features += [f"spc={short}_{name}" for name in (found.classes[at.number[0] - 1] if at.number[0] else ())]
    if at.behind < len(words):
        features += [f"sac={short}_{name}" for name in found.classes[at.behind]]
    if at.rest > at.sentence[0]:
        features += [f"sr={short}_{words[at.rest - 1]}"]
        features += [f"src={short}_{name}" for name in found.classes[at.rest - 1]]
    return features
