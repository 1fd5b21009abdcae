"""The rules of quantities and deadlines with judges beside them, until they take one as an argument themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from extractors import deadlines as deadline_rules
from extractors import quantities as rules
from extractors.quantity_passages import Found, Passage, Tools
from extractors.quantity_periods import Period
from extractors.quantity_phrases import Said
from extractors.tasks import Task
from models.reading import Reading
from models.record import QuantityKind
from training.quantity_judge import Judge
from training.responsible_judge import WhoJudge

LEARNED = "quantity/learned"


@contextmanager
def judged(judge: Judge | None, who: WhoJudge | None = None) -> Iterator[None]:
    """Within, ``quantities`` hears the judge, and ``deadlines`` that of who must act."""
    table, deadline_table = vars(rules), vars(deadline_rules)
    own_read, own_kind, own_who = table["_read"], table["kind_of"], deadline_table["responsible"]
    before: list[Sequence[Found]] = [()]

    def kind_of(tools: Tools, passage: Passage, k: int, earlier: Found | None, period: Period) -> QuantityKind | None:
        assert judge is not None
        return judge.kind(tools, passage, k, before[0], own_kind(tools, passage, k, earlier, period))

    def read(tools: Tools, passage: Passage, k: int, taken: Sequence[Found]) -> Found | None:
        assert judge is not None
        before[0] = taken
        found: Found | None = own_read(tools, passage, k, taken)
        if found is None:
            return None
        words = judge.words(tools, passage, found, taken)
        said = found.said if words.what_spans is None else Said(words.what_spans, LEARNED)
        return replace(found, said=said, indicator=words.what, scope=words.whose)

    def responsible(reading: Reading, low: str, index: int, task: Task) -> tuple[str, ...]:
        names: tuple[str, ...] = own_who(reading, low, index, task)
        return names if who is None else who.who(reading, index, task, names)

    if judge is not None:
        table["_read"], table["kind_of"] = read, kind_of
    deadline_table["responsible"] = responsible
    try:
        yield
    finally:
        table["_read"], table["kind_of"], deadline_table["responsible"] = own_read, own_kind, own_who
