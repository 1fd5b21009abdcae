"""The ranker of who must act trained from the labels, and from the same dispatches with other bodies put in."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors import deadlines as rules
from extractors.tasks import Task
from models.reading import Reading
from training.labelled import LABELS, Labelled, Mark, Paragraph
from training.passages import read_document
from training.ranking import Group, train
from training.responsible_judge import names_of, readings_of

BODIES = tuple((LABELS / "bodies.txt").read_text(encoding="utf-8").split("\n")[:-1])
"""Invented bodies and offices, known to the word tables and not, for the varied copies."""
_COPIES = 4
PENALTY = 1.5


@dataclass(frozen=True, slots=True)
class Who:
    """One time limit as the rules read it, and who is labelled to act (empty: nobody)."""

    document: str
    reading: Reading
    index: int
    task: Task
    rule: tuple[str, ...]
    right: tuple[str, ...]


def limits(document: Labelled) -> Iterator[Who]:
    """The labelled time limits that the rules take for tasks."""
    reading, context = read_document(document.text)
    calls: list[tuple[int, Task, tuple[str, ...]]] = []
    table = vars(rules)
    own = table["responsible"]

    def recorded(reading: Reading, low: str, index: int, task: Task) -> tuple[str, ...]:
        names: tuple[str, ...] = own(reading, low, index, task)
        calls.append((index, task, names))
        return names

    table["responsible"] = recorded
    try:
        found = rules.deadlines(reading, context)
    finally:
        table["responsible"] = own
    clean, at = reading.text.clean, 0
    for paragraph in document.paragraphs:
        here = clean.find(paragraph.text, at)
        at = here + len(paragraph.text)
        for mark in paragraph.marks:
            first, last = here + mark.start, here + mark.end
            for deadline, (index, task, names) in zip(found, calls, strict=True):
                left = deadline.evidence.start
                overlaps = _clean_at(reading, left) < last and first < _clean_at(reading, deadline.evidence.end)
                if overlaps and reading.blocks[index].start <= first < reading.blocks[index].end:
                    if len(paragraph.marks) == 1 or _of_mark(mark, here, task):
                        yield Who(document.name, reading, index, task, names, _right(paragraph, mark))


def _clean_at(reading: Reading, raw: int) -> int:
    """A place of the canonical text in the clean text, by bisection."""
    low, high = 0, len(reading.text.clean)
    while low < high:
        middle = (low + high) // 2
        if reading.text.span(middle, middle)[0] < raw:
            low = middle + 1
        else:
            high = middle
    return low


def _of_mark(mark: Mark, here: int, task: Task) -> bool:
    return any(here + a < task.end and task.start < here + b for a, b in mark.what)


def _right(paragraph: Paragraph, mark: Mark) -> tuple[str, ...]:
    names = tuple(paragraph.text[a:b] for a, b in mark.whose)
    return names or ((mark.inherited,) if mark.inherited else ())


def varied(document: Labelled, seed: int) -> Labelled:
    """The dispatch with other bodies in place of its own: every one that is labelled to act, the same everywhere."""
    rng = random.Random(seed)
    own = {p.text[a:b] for p in document.paragraphs for m in p.marks for a, b in m.whose}
    own |= {m.inherited for p in document.paragraphs for m in p.marks if m.inherited}
    others = dict(zip(sorted(own), rng.sample(BODIES, len(own)), strict=True)) if len(own) <= len(BODIES) else {}
    return replace(document, paragraphs=tuple(_with(p, others) for p in document.paragraphs))


def _with(paragraph: Paragraph, others: dict[str, str]) -> Paragraph:
    edits: list[tuple[int, int, str]] = []
    for name, other in others.items():
        at = paragraph.text.find(name)
        while at >= 0:
            if not any(a < at + len(name) and at < b for a, b, _ in edits):
                edits.append((at, at + len(name), other))
            at = paragraph.text.find(name, at + 1)
    edits.sort()

    def moved(position: int, is_end: bool) -> int:
        shift = 0
        for a, b, other in edits:
            if position >= b or (is_end and position == b):
                shift += len(other) - (b - a)
            elif position > a:
                return a + shift + (len(other) if is_end else 0)
        return position + shift

    text, done = "", 0
    for a, b, other in edits:
        text += paragraph.text[done:a] + other
        done = b
    text += paragraph.text[done:]
    marks = tuple(
        replace(
            m,
            start=moved(m.start, False),
            end=moved(m.end, True),
            what=tuple((moved(a, False), moved(b, True)) for a, b in m.what),
            whose=tuple((moved(a, False), moved(b, True)) for a, b in m.whose),
            inherited=others.get(m.inherited, m.inherited) if m.inherited else None,
        )
        for m in paragraph.marks
    )
    return Paragraph(text, marks)


def groups(found: Sequence[Who], alone: bool) -> list[Group]:
    """One group a time limit: the readings of who acts, those that name the same people right."""
    made: list[Group] = []
    for one in found:
        readings, features = readings_of(one.reading, one.index, one.task, one.rule, alone)
        right = [
            agree(one.right, names_of(reading.text) if reading.way != "rule" else one.rule) for reading in readings
        ]
        if any(right):
            made.append(list(zip(features, right, strict=True)))
    return made


def agree(right: Sequence[str], got: Sequence[str]) -> bool:
    """Whether two lists name the same, ``mỗi`` and how they are joined aside."""
    return _key(right) == _key(got)


def _key(names: Sequence[str]) -> str:
    text = "; ".join(names).lower().replace("mỗi ", "").replace(" và ", " ")
    return " ".join(text.replace(";", "").replace(",", "").split())


def all_limits(documents: Sequence[Labelled], copies: int = _COPIES) -> list[Who]:
    """The time limits of the dispatches and of their varied copies, in order."""
    found: list[Who] = []
    for number, document in enumerate(documents):
        found.extend(limits(document))
        for copy in range(copies):
            found.extend(limits(varied(document, 1000 * number + copy)))
    return found


def who_ranker(found: Sequence[Who], alone: bool) -> dict[str, float]:
    """Weights for who must act."""
    return train(groups(found, alone), penalty=PENALTY)
