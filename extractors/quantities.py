"""Quantities: numeric targets, results and funding (``thêm 05 xã``, ``đạt 72,4% kế hoạch``, ``kinh phí: 645 triệu đồng``).

Evidence runs from the first of the cue words, the indicator or the number itself to the last of the indicator or
the number with its unit, within one paragraph. Source of the distinctions: the record contract, "quantities".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extractors import quantity_kinds as kinds
from extractors.fold import fold_chars
from extractors.quantity_clauses import Amount, Peeled, find_amounts, may_hold_amount, peel, until
from extractors.quantity_periods import UNSAID, Mark, Period, headings_period, marks, period_in_sentence
from extractors.quantity_phrases import Said, Span, as_written, indicator, same_words, subject
from extractors.quantity_scopes import Area, areas, group, headings_scope, is_issuer, topic
from models.reading import Block, Context, Reading
from models.record import Change, Quantity, QuantityKind

RULES = frozenset(
    {
        "quantity/count",
        "quantity/done-for",
        "quantity/share",
        "quantity/rate",
        "quantity/chained",
        "quantity/funding",
        "quantity/none-below",
    }
)

_LEGAL_BASIS = re.compile(r"(?:căn cứ|thực hiện|theo|xét) (?!.{0,200}(?:phấn đấu|yêu cầu|mục tiêu(?! quốc gia)|chỉ tiêu))")
_NONE_BELOW = re.compile(r"(?<!\w)không (?:còn|để|có) (?:[^\s,;.]+ ){1,6}dưới $")
_FOR_GROUP = re.compile(r"\s(?:đối với|cho) (?=\S)")


@dataclass(frozen=True, slots=True)
class Tools:
    """What is worked out once for a whole reading."""

    reading: Reading
    context: Context
    period_above: Callable[[int], str | None]
    scope_above: Callable[[int], str | None]


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph: its words as written and folded, its numbers, dates, areas and cues."""

    index: int
    block: Block
    text: str
    low: str
    amounts: Sequence[Amount]
    peeled: Sequence[Peeled]
    dates: Sequence[Mark]
    date_spans: Sequence[Span]
    areas: Sequence[Area]
    cues: list[kinds.Cue]
    topic: Span | None


@dataclass(frozen=True, slots=True)
class Found:
    """One quantity under way; what later ones of its paragraph may take over from it."""

    amount: Amount
    kind: QuantityKind
    change: Change | None
    said: Said
    indicator: str | None
    period: Period
    value_of_period: str | None
    scope: str | None
    shared_scope: str | None


def quantities(reading: Reading, context: Context) -> list[Quantity]:
    """Every numeric target, result and sum of funding of the body and its annexes, in order."""
    clean = reading.text.clean
    tools = Tools(reading, context, headings_period(reading, context, fold_chars), headings_scope(reading, context, fold_chars))
    found: list[Quantity] = []
    for index, block in enumerate(reading.blocks):
        if may_hold_amount(clean, block.content, block.end):
            found.extend(_in_block(tools, index, block))
    return found


def _in_block(tools: Tools, index: int, block: Block) -> list[Quantity]:
    text = tools.reading.words(block)
    low = fold_chars(text)
    dates, spans = marks(text, low, tools.context.year)
    amounts = find_amounts(text, low, spans)
    if not amounts:
        return []
    passage = Passage(
        index, block, text, low, amounts, [peel(low, a.lead, a.start) for a in amounts], dates, spans, areas(text, low), kinds.cues(low), topic(low)
    )  # fmt: skip
    taken: list[Found] = []
    for k in range(len(amounts)):
        found = _read(tools, passage, k, taken)
        if found is not None:
            taken.append(found)
    return [_entry(tools, passage, found) for found in taken]


def _read(tools: Tools, passage: Passage, k: int, taken: Sequence[Found]) -> Found | None:
    amount, peeled, low = passage.amounts[k], passage.peeled[k], passage.low
    earlier = taken[-1] if taken else None
    period = period_in_sentence(low, passage.amounts, k, passage.dates)
    kind = _kind(tools, passage, k, earlier, period)
    if kind is None:
        return None
    said = indicator(low, amount, peeled, passage.date_spans, [(a.start, a.end) for a in passage.areas])
    none_below = _NONE_BELOW.search(low, amount.sentence[0], amount.start)
    if none_below is not None:
        said = Said(((none_below.start(), amount.end),), "quantity/none-below")
    outer = _outer(passage, amount, taken)
    written = as_written(passage.text, said.spans)
    if not said.spans:
        written = _carried(passage, k, taken, outer)
    value = _period(tools, passage, k, period, taken, outer, kind)
    scope, shared = _scope(tools, passage, k, said, written, taken, outer, kind)
    return Found(amount, kind, _change(passage, k, earlier, none_below is not None), said, written, period, value, scope, shared)


def _outer(passage: Passage, amount: Amount, taken: Sequence[Found]) -> Found | None:
    """The quantity before the bracket that ``amount`` stands in."""
    if amount.opened < 0:
        return None
    return next((f for f in reversed(taken) if f.amount.end <= amount.opened and f.amount.sentence == amount.sentence), None)


# ---------------------------------------------------------------- kind


def _kind(tools: Tools, passage: Passage, k: int, earlier: Found | None, period: Period) -> QuantityKind | None:
    amount, low = passage.amounts[k], passage.low
    begin = amount.sentence[0]
    if kinds.is_norm(low, amount.lead, amount.start):
        return None
    stop = passage.amounts[k + 1].lead if k + 1 < len(passage.amounts) else amount.sentence[1]
    behind = kinds.said_behind(low, amount, max(amount.end, min(stop, amount.sentence[1])))
    cue = kinds.nearest(passage.cues, begin, amount.start)
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
    year = int(period.value[:4])
    return None if year == context.year else ("target" if year > context.year else "result")


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


# ---------------------------------------------------------------- change, indicator, period, scope


def _change(passage: Passage, k: int, earlier: Found | None, level: bool) -> Change | None:
    amount, peeled = passage.amounts[k], passage.peeled[k]
    if level:
        return None
    own = kinds.change(peeled)
    if own is not None or peeled.kinds:
        verbs = [kind for kind in peeled.kinds if kind in ("up", "down", "level", "exist")]
        if own is not None or verbs:
            return own
    bare = passage.low[amount.lead : peeled.rest].strip(" ,-+") in ("", "và")
    if not bare:
        return _change_of_phrase(passage.low, amount.lead, peeled.rest)
    if earlier is None or earlier.change is None or earlier.amount.opened != amount.opened:
        return None
    if earlier.amount.sentence != amount.sentence or passage.amounts[k - 1] is not earlier.amount:
        return None
    whole = amount.unit.kind == "percent" and amount.figure.value == 100
    alike = (earlier.amount.unit.kind == "percent") == (amount.unit.kind == "percent")
    return earlier.change if alike and not whole else None


def _change_of_phrase(low: str, start: int, end: int) -> Change | None:
    """``giảm tỷ lệ hộ nghèo 1,5%``: the verb stands before what is measured."""
    match = None
    for match in re.finditer(r"(?<!\w)(tăng(?! trưởng| cường| tốc)|giảm(?! nghèo| phát| nhẹ)|thêm)(?!\w)", low[start:end]):
        pass
    if match is None or re.search(r"(?<!\w)(?:lên|xuống|còn|đạt)(?!\w)", low[start + match.end() : end]):
        return None
    return "decrease" if match.group() == "giảm" else "increase"


def _carried(passage: Passage, k: int, taken: Sequence[Found], outer: Found | None) -> str | None:
    """The indicator of a number that names none: that of the number before, or what its sentence speaks of."""
    amount = passage.amounts[k]
    if outer is not None:
        return outer.indicator
    earlier = [f for f in taken if f.amount.sentence == amount.sentence]
    if earlier:
        return earlier[-1].indicator
    opened = subject(passage.low, amount.sentence[0], amount.start)
    return as_written(passage.text, [opened])


def _period(
    tools: Tools, passage: Passage, k: int, period: Period, taken: Sequence[Found], outer: Found | None, kind: QuantityKind
) -> str | None:
    if period.said:
        return period.value
    if outer is not None:
        return outer.value_of_period
    same = [f for f in taken if f.amount.sentence != passage.amounts[k].sentence and f.period.lasting]
    if same:
        return same[-1].value_of_period
    return tools.period_above(passage.index)


def _scope(
    tools: Tools,
    passage: Passage,
    k: int,
    said: Said,
    written: str | None,
    taken: Sequence[Found],
    outer: Found | None,
    kind: QuantityKind,
) -> tuple[str | None, str | None]:
    """The scope, and what of it later numbers of the paragraph share."""
    amount, low, text = passage.amounts[k], passage.low, passage.text
    begin = amount.sentence[0]
    issuer = fold_chars(tools.context.issuing_body.name) if tools.context.issuing_body else ""
    here = [a for a in passage.areas if begin <= a.start < amount.start and not is_issuer(low[a.start : a.end], issuer)]
    opening = [a for a in here if a.opening and low.count("(", begin, a.start) - low.count(")", begin, a.start) <= (amount.opened >= 0)]
    shared = text[opening[-1].start : opening[-1].end] if opening else None
    if shared is None:
        earlier = [f for f in taken if f.amount.sentence != amount.sentence]
        shared = earlier[-1].shared_scope if earlier else None
    own = [a for a in here if a.end > amount.lead]
    if own:
        return text[own[-1].start : own[-1].end], shared
    stop = passage.amounts[k + 1].lead if k + 1 < len(passage.amounts) else amount.sentence[1]
    behind = _behind(passage, amount, stop, written, issuer)
    if behind is not None:
        return behind, shared
    if outer is not None and kind == "funding":
        fund = re.search(r"(?i)ngân sách.*|quỹ.*", outer.indicator or "")
        return (fund.group() if fund else outer.scope), shared
    if outer is not None:
        return outer.scope, shared
    if opening:
        return shared, shared
    who = group(low, begin, amount.start)
    if who is not None:
        return text[who[0] : who[1]], shared
    inside = low.rfind("trong đó", begin, amount.start)
    if inside >= 0:
        whole = next((f for f in reversed(taken) if f.amount.sentence == amount.sentence and f.amount.end <= inside), None)
        if whole is not None and whole.scope is not None:
            return whole.scope, shared
    chained = [f for f in taken if f.amount.sentence == amount.sentence]
    if chained and inside >= 0:
        return chained[-1].scope, shared
    if shared is not None:
        return shared, shared
    if passage.topic is not None:
        named = text[passage.topic[0] : passage.topic[1]].strip()
        if passage.topic[1] <= amount.start:
            return (None if same_words(fold_chars(named), fold_chars(written or "")) else named), None
    return tools.scope_above(passage.index), None


def _behind(passage: Passage, amount: Amount, stop: int, written: str | None, issuer: str) -> str | None:
    low, text = passage.low, passage.text
    cut = min([stop, *(at for sign in ",;(" if (at := low.find(sign, amount.end, stop)) >= 0)])
    match = re.compile(r" đối với (?=\S)").match(low, amount.end)
    if match is not None:
        following = next((a for a in passage.amounts if a.start >= match.end()), None)
        if following is not None and following.start - match.end() < 8:
            end = following.limit
            return text[match.end() : end].split(" trong ")[0].strip(" ,;.") or None
        return text[match.end() : cut].strip(" ,;.") or None
    for area in passage.areas:
        if amount.end <= area.start < cut and low.startswith(("trên", "địa bàn", "toàn", "cả nước"), area.start):
            return text[area.start : area.end]
    return None


# ---------------------------------------------------------------- entry


def _entry(tools: Tools, passage: Passage, found: Found) -> Quantity:
    amount, text = found.amount, passage.text
    peeled = passage.peeled[passage.amounts.index(amount)]
    end = max([amount.end + len(_until_text(passage.low, amount)), *(b for _, b in found.said.spans)])
    begin = min([_first_word(passage, amount), *(a for a, _ in found.said.spans)])
    none_below = found.said.rule == "quantity/none-below"
    figure = amount.figure
    return Quantity(
        kind=found.kind,
        value=figure.value,
        value_max=figure.value_max,
        total=figure.total,
        unit=text[amount.unit.start : amount.unit.end],
        comparator=">=" if none_below else kinds.comparator(peeled, until(passage.low, amount)),
        change=found.change,
        indicator=found.indicator,
        scope=found.scope,
        period=found.value_of_period,
        part=passage.block.part,
        rule="quantity/funding" if found.kind == "funding" else found.said.rule,
        evidence=tools.reading.text.evidence(passage.block.content + begin, passage.block.content + end),
    )


def _until_text(low: str, amount: Amount) -> str:
    word = until(low, amount)
    return f" {word}" if word else ""


def _first_word(passage: Passage, amount: Amount) -> int:
    """Where the cue words before the number begin."""
    begin = amount.lead
    cue = kinds.nearest(passage.cues, amount.lead, amount.start)
    peeled = peel(passage.low, amount.lead, amount.start)
    begin = min(cue.start if cue is not None else amount.start, peeled.rest if peeled.kinds else amount.start)
    while begin < amount.start and passage.low[begin] in " ,;:-":
        begin += 1
    return begin
