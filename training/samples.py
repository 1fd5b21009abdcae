"""Values known to be right or wrong, of labelled dispatches and of generated ones: clean, damaged, badly laid out."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

from extractors.learned_confidence import features_of, least, values_of
from models.record import Dispatch
from models.source import Source
from pipeline.errors import SetAside
from pipeline.extract import certainty_of, extract
from pipeline.read import read_bytes
from tests.making import make
from training import quantity_judge, responsible_judge
from training.confidence import MADE, Sample
from training.generated import DAMAGES, broken, damaged
from training.judged import judged
from training.judgements import Key, judgements, paired_entries
from training.labelled import Labelled, Mark, joined
from training.passages import cases
from training.quantities import rankers
from training.quantity_judge import Judge, overlap
from training.rankers import Weights, packed, unpacked
from training.responsible_judge import WhoJudge
from training.responsibles import agree, all_limits, who_ranker

FOLDS = 5
_KINDS = {"target": "t", "result": "r", "funding": "f"}


@contextmanager
def weights_from(table: Mapping[str, Weights]) -> Iterator[None]:
    """Within, the judges use these weights in place of the shipped ones."""
    with ExitStack() as stack:
        for module in (quantity_judge, responsible_judge):
            names = vars(module)
            stack.callback(names.__setitem__, "ranker", names["ranker"])
            names["ranker"] = table.__getitem__
        yield


def read_with_judges(source: Source, judge: Judge | None, who: WhoJudge | None) -> Dispatch:
    """A record, the judges heard on its quantities and deadlines."""
    with judged(judge, who):
        return extract(source)


def folds(documents: Sequence[Labelled]) -> list[list[Labelled]]:
    """The dispatches parted at random, always alike."""
    names = sorted(d.name for d in documents)
    random.Random(1).shuffle(names)
    return [[d for d in documents if d.name in names[k::FOLDS]] for k in range(FOLDS)]


Mode = Literal["rules", "alone", "both"]
Verdicts = dict[Key, bool]


def labelled_verdicts(quantities: Sequence[Labelled], tasks: Sequence[Labelled], mode: Mode) -> Iterator[Verdicts]:
    """What is right in the labelled dispatches, each read by rankers trained without it (not at all in ``rules``)."""
    if mode == "rules":
        for document in quantities:
            yield of_quantities(document, _read(document, None, None))
        for document in tasks:
            yield of_tasks(document, _read(document, None, None))
        return
    alone, tail = mode == "alone", "_alone" if mode == "alone" else ""
    for held, held_tasks in zip(folds(quantities), folds(tasks), strict=True):
        others = [case for d in quantities if d not in held for case in cases(d)]
        table = {f"quantity_{name}{tail}": unpacked(packed(w)) for name, w in rankers(others, alone).items()}
        limits = all_limits([d for d in tasks if d not in held_tasks])
        table[f"deadline_who{tail}"] = unpacked(packed(who_ranker(limits, alone)))
        with weights_from(table):
            for document in held:
                yield of_quantities(document, _read(document, Judge(alone), WhoJudge(alone)))
            for document in held_tasks:
                yield of_tasks(document, _read(document, Judge(alone), WhoJudge(alone)))


def _read(document: Labelled, judge: Judge | None, who: WhoJudge | None) -> tuple[Source, Dispatch]:
    ((source,), _) = read_bytes(document.text.encode("utf-8"), "labelled.txt")
    return source, read_with_judges(source, judge, who)


def of_quantities(document: Labelled, read: tuple[Source, Dispatch]) -> Verdicts:
    """Which values of the quantities are right, as labelled."""
    source, dispatch = read
    text, at = source.text, 0
    marks: list[tuple[int, str, Mark]] = []
    for paragraph in document.paragraphs:
        here = text.find(paragraph.text, at)
        at = here + len(paragraph.text)
        marks.extend((here + m.start, paragraph.text, m) for m in paragraph.marks)
    right: Verdicts = {}
    for number, entry in enumerate(dispatch.quantities, 1):
        span = entry.evidence
        inside = [
            x for x in marks if span.start <= x[0] < span.end and _value(x[1][x[2].start : x[2].end]) == entry.value
        ]
        mark = inside[0] if inside else None
        is_one = mark is not None and mark[2].kind != "n"
        right["quantities", number] = is_one
        if mark is None or not is_one:
            continue
        _, words, label = mark
        right["quantities.kind", number] = _KINDS[entry.kind] == label.kind
        if label.what:
            right["quantities.indicator", number] = overlap(joined(words, label.what), entry.indicator) >= 0.5
            whose = joined(words, label.whose) or label.inherited
            right["quantities.scope", number] = overlap(whose, entry.scope) >= 0.5
    return right


def _value(number: str) -> float | None:
    whole = number.split("/")[0].replace("một", "1")
    parts = whole.split(",")
    try:
        return float(parts[0].replace(".", "") + ("." + parts[1] if len(parts) > 1 else ""))
    except ValueError:
        return None


def of_tasks(document: Labelled, read: tuple[Source, Dispatch]) -> Verdicts:
    """Which values of the deadlines are right, as labelled."""
    source, dispatch = read
    text, at = source.text, 0
    marks: list[tuple[int, str, Mark]] = []
    for paragraph in document.paragraphs:
        here = text.find(paragraph.text, at)
        at = here + len(paragraph.text)
        marks.extend((here, paragraph.text, m) for m in paragraph.marks)
    right: Verdicts = {}
    for number, entry in enumerate(dispatch.deadlines, 1):
        span = entry.evidence
        inside = [x for x in marks if x[0] + x[2].start < span.end and span.start < x[0] + x[2].end]
        right["deadlines", number] = bool(inside)
        if inside:
            best = max(inside, key=lambda x: overlap(joined(x[1], x[2].what), entry.task))
            right["deadlines.task", number] = overlap(joined(best[1], best[2].what), entry.task) >= 0.5
            names = tuple(best[1][a:b] for a, b in best[2].whose) or ((best[2].inherited,) if best[2].inherited else ())
            right["deadlines.responsible", number] = agree(names, entry.responsible)
    return right


# ---------------------------------------------------------------- values for the confidence


def labelled_samples(quantities: Sequence[Labelled], tasks: Sequence[Labelled]) -> Iterator[Sample]:
    """Values of the labelled dispatches, as the rules read them: from the clean text and from damaged copies."""
    known = [(d, of_quantities) for d in quantities] + [(d, of_tasks) for d in tasks]
    for number, (document, verdicts) in enumerate(known):
        source, clean = _read(document, None, None)
        right = verdicts(document, (source, clean))
        yield from _samples(clean, source, right, document.name)
        for copy, rate in enumerate(DAMAGES):
            damaged_source = damaged(document.text, rate, 97 * number + copy)
            yield from _transferred(clean, right, damaged_source, document.name, 0.5)


def generated_samples(first: int, count: int) -> Iterator[Sample]:
    """Values of generated dispatches, damaged in letters and in layout: right where they are as the clean text says.

    What the rules read of the clean text is right by construction (``tests/test_generated.py``), and checked here.
    """
    for seed in range(first, first + count):
        made = make(seed, paragraphs=4)
        ((source,), _) = read_bytes(made.text.encode("utf-8"), "made.txt")
        clean = extract(source)
        told = clean.model_dump()
        if any(not _same(_get(told, path), value) for path, value in made.expected.items()):
            continue
        name = f"made/{seed}"
        rate = DAMAGES[seed % len(DAMAGES)]
        if seed % 2:
            text = broken(made, seed).text if seed % 8 == 1 else made.text
            yield from _transferred(clean, None, damaged(text, rate, seed), name, MADE)
        elif seed % 8 == 2:
            ((bent,), _) = read_bytes(broken(made, seed).text.encode("utf-8"), "made.txt")
            yield from _transferred(clean, None, bent, name, MADE)
        else:
            yield from _transferred(clean, None, source, name, MADE)


def _transferred(
    clean: Dispatch, verdicts: Verdicts | None, source: Source, name: str, counts: float
) -> Iterator[Sample]:
    """Values of another printing of a dispatch: right where the clean reading says the same and is right itself.

    ``verdicts``: what is known of the clean reading, None if all of it is right.
    """
    try:
        dispatch = extract(source)
    except SetAside:
        return
    gold, got = json.loads(clean.model_dump_json()), json.loads(dispatch.model_dump_json())
    right = dict(judgements(gold, got))
    if verdicts is not None:
        twins = {(n, j): i for n in ("quantities", "deadlines") for j, i in paired_entries(n, gold, got).items()}
        known: Verdicts = {}
        for (field, entry), is_right in right.items():
            twin = twins.get((field.partition(".")[0], entry))
            if twin is not None and (field, twin) in verdicts:
                known[field, entry] = is_right and verdicts[field, twin]
            elif twin is None and field in ("quantities", "deadlines") and (field, 1) in verdicts:
                known[field, entry] = False
        right = known
    yield from _samples(dispatch, source, right, name, counts)


def _samples(
    dispatch: Dispatch, source: Source, right: Mapping[Key, bool], name: str, counts: float = 1.0
) -> Iterator[Sample]:
    certainty = certainty_of(source) if source.text_origin == "ocr" else None
    for value in values_of(dispatch):
        if (value.field, value.entry_no) in right:
            features = tuple(features_of(value, least(value, certainty)))
            yield Sample(value.field, features, right[value.field, value.entry_no], name, counts)


def _same(one: Any, other: Any) -> bool:
    return " ".join(str(one).casefold().split()) == " ".join(str(other).casefold().split())


def _get(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
