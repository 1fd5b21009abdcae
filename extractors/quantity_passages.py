"""One paragraph as the rules of quantities look at it, and what has been read of it so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extractors.quantity_clauses import Amount, Peeled, lead_of
from extractors.quantity_kinds import Cue
from extractors.quantity_periods import Mark, Period
from extractors.quantity_phrases import Said, Span
from extractors.quantity_scopes import Area
from models.reading import Block, Context, Reading
from models.record import Change, QuantityKind


@dataclass(frozen=True, slots=True)
class Tools:
    """What is worked out once for a whole reading."""

    reading: Reading
    context: Context
    period_above: Callable[[int], str | None]
    scope_above: Callable[[int], str | None]


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph: its words as written and folded, its numbers, dates, areas and cues.

    ``start`` is where ``text`` begins in the clean text; all other offsets count in ``text``.
    """

    index: int
    block: Block
    start: int
    text: str
    low: str
    amounts: Sequence[Amount]
    peeled: Sequence[Peeled]
    dates: Sequence[Mark]
    date_spans: Sequence[Span]
    areas: Sequence[Area]
    cues: Sequence[Cue]
    topic: Span | None


@dataclass(frozen=True, slots=True)
class Found:
    """One quantity under way; what later ones of its paragraph may take over from it."""

    index: int
    amount: Amount
    kind: QuantityKind
    change: Change | None
    said: Said
    indicator: str | None
    period: Period
    value_of_period: str | None
    scope: str | None
    shared_scope: str | None


def before_bracket(passage: Passage, k: int) -> int | None:
    """For a number that stands alone in its bracket, ``(48,2%)``: where the words before the bracket begin."""
    amount, low = passage.amounts[k], passage.low
    if amount.opened < 0 or passage.peeled[k].rest > amount.opened + 1:
        return None
    if amount.unit.kind == "count" and passage.peeled[k].kinds:
        return None
    if low[amount.end : amount.end + 1] not in (")", ","):
        return None
    floor = max([amount.sentence[0], *(a.end for a in passage.amounts[:k] if a.end <= amount.opened)])
    return lead_of(low, floor, amount.opened, floor > amount.sentence[0])


def outer_of(passage: Passage, amount: Amount, taken: Sequence[Found]) -> Found | None:
    """The quantity before the bracket that ``amount`` stands in."""
    if amount.opened < 0:
        return None
    for found in reversed(taken):
        if found.amount.sentence != amount.sentence:
            return None
        if found.amount.end <= amount.opened:
            return found
    return None
