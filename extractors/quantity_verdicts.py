"""What kind of quantity a number of a paragraph is, from its clause, its sentence, its headings and the document."""

from __future__ import annotations

import re
from functools import cache

from extractors import quantity_kinds as kinds
from extractors.fold import fold_chars
from extractors.quantity_clauses import until
from extractors.quantity_passages import Found, Passage, Tools
from extractors.quantity_periods import Period
from extractors.quantity_words import any_of
from models.reading import Context
from models.record import QuantityKind

def kind_of(tools: Tools, passage: Passage, k: int, earlier: Found | None, period: Period) -> QuantityKind | None:
    amount, low = passage.amounts[k], passage.low
    begin = amount.sentence[0]
    stop = passage.amounts[k + 1].lead if k + 1 < len(passage.amounts) else amount.sentence[1]
    behind = kinds.said_behind(low, amount, max(amount.end, min(stop, amount.sentence[1])))
    cue = kinds.nearest(passage.cues, begin, amount.start)
    done = cue is not None and cue.kind == "result" and cue.start >= amount.lead
    if not done and kinds.is_norm(low, amount.lead, amount.start):
        return None
    if kinds.is_attendance(low, amount.end) or kinds.is_in_title(low, begin, amount.lead if amount.lead > begin else amount.start):
        return None
    if cue is None and _LEGAL_BASIS.match(low, begin):
        return None
    if _bound_without_verb(passage, k) and not (cue is not None and cue.kind == "target" and cue.start >= amount.lead):
        return None
    if kinds.is_condition(low, amount.lead, amount.start) and not (cue is not None and cue.start >= amount.lead):
        return None
    if amount.unit.kind == "money" and _is_funding(tools, passage, k, earlier):
        return "funding"
    dated = _by_date(tools.context, period)
    same_sentence = earlier is not None and earlier.amount.sentence == amount.sentence
    before = earlier.kind if earlier is not None and earlier.kind != "funding" else None
    if behind is not None:
        return behind
    if "còn" in passage.peeled[k].said and _NOT_YET.match(low, amount.end) is not None:
        return "result"
    if _DONE.match(low, amount.end) is not None and (cue is None or cue.kind == "result"):
        return "result"
    if cue is not None and not (same_sentence and earlier is not None and cue.end <= earlier.amount.start):
        return cue.kind
    if same_sentence and before is not None:
        return before
    if dated is not None:
        return dated
    if cue is not None:
        return cue.kind
    above = _above(tools, passage.index)
    if before is not None and above is None:
        return before
    if above is None and _COMPARING.search(low, begin, amount.sentence[1]) is not None:
        return "result"
    weak = kinds.is_weak_target(low, begin, amount.start)
    kind = tools.context.document_type
    if above is not None:
        return above
    if kind in kinds.REPORTING:
        return "result"
    if kind in kinds.NORMATIVE or not weak:
        return None
    return "target"


def _bound_without_verb(passage: Passage, k: int) -> bool:
    """``có từ 10 lao động trở lên``, ``tối đa 03 người``: a condition or a norm, unless a verb of reaching stands there."""
    peeled = passage.peeled[k]
    if until(passage.low, passage.amounts[k]):
        return "level" not in peeled.kinds and "up" not in peeled.kinds and "down" not in peeled.kinds
    return False


def _by_date(context: Context, period: Period) -> kinds.Said | None:
    if period.value is None or context.year is None:
        return None
    issued = context.issued_on or ""
    size = min(len(issued), len(period.value))
    if period.value[:size] == issued[:size]:
        return None
    return "target" if period.value[:size] > issued[:size] else "result"


def _above(tools: Tools, index: int) -> kinds.Said | None:
    parent = tools.reading.blocks[index].parent
    while parent is not None:
        block = tools.reading.blocks[parent]
        said = kinds.of_heading(fold_chars(tools.reading.words(block)[:300]))
        if said is not None:
            return said
        parent = block.parent
    return None


def _is_funding(tools: Tools, passage: Passage, k: int, earlier: Found | None) -> bool:
    amount, low = passage.amounts[k], passage.low
    if amount.lead < passage.peeled[k].rest or earlier is None:
        begin = amount.lead if passage.peeled[k].rest - amount.lead > 3 else amount.sentence[0]
        if kinds.is_funding(low, begin, amount.start):
            return True
        if passage.peeled[k].rest - amount.lead > 3 and earlier is None:
            return kinds.names_funding(_heading_words(tools, passage.index)) and not kinds.is_money_result(low, amount.lead, amount.start)
    if earlier is not None and earlier.amount.unit.kind == "money":
        return earlier.kind == "funding" and not kinds.is_money_result(low, amount.lead, amount.start)
    return False


def _heading_words(tools: Tools, index: int) -> str:
    parent = tools.reading.blocks[index].parent
    return "" if parent is None else fold_chars(tools.reading.words(tools.reading.blocks[parent])[:300])
