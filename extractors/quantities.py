"""Quantities: numeric targets, results and funding (``thêm 05 xã``, ``đạt 68,5% kế hoạch``, ``kinh phí 6 tỷ đồng``).

Evidence runs from the first of the cue words, the indicator or the number itself to the last of the indicator or
the number with its unit, within one paragraph. Source of the distinctions: the record contract, "quantities".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractors import quantity_kinds as kinds
from extractors.fold import fold_chars
from extractors.quantity_clauses import (
    Amount,
    Peeled,
    find_amounts,
    may_hold_amount,
    numbers_with_units,
    peel,
    tail,
    until,
    until_end,
)
from extractors.quantity_owners import alike, scope_of
from extractors.quantity_passages import Found, Passage, Tools, before_bracket, outer_of
from extractors.quantity_periods import Period, headings_period, marks, period_in_sentence
from extractors.quantity_phrases import Said, as_written, indicator, noun_phrase, subject
from extractors.quantity_scopes import areas, headings_scope, topic
from extractors.quantity_verdicts import kind_of
from models.reading import Block, Context, Reading
from models.record import Change, Comparator, Quantity, QuantityKind

RULES = frozenset(
    {
        "quantity/count",
        "quantity/done",
        "quantity/share",
        "quantity/rate",
        "quantity/chained",
        "quantity/funding",
        "quantity/none-below",
    }
)

_LONGEST = 4000
_NONE_BELOW = re.compile(r"(?<!\w)không (?:còn|để|có) (?:[^\s,;.]+ ){1,6}dưới $")
_BEYOND = re.compile(r"(?<!\w)(?:đạt và )?vượt (?:mức |kế hoạch|mục tiêu|chỉ tiêu|dự toán)")
_IN_ORDER_TO = re.compile(r"[^;:()]{0,80}? để (?P<purpose>[^;:()]{8,200})")
_STANDS = re.compile(r" (?:còn|ở mức|đạt|là|tăng|giảm|chiếm) ")
_BEYOND_BARE = re.compile(r"(?<!\w)vượt (?:mức|kế hoạch|mục tiêu|chỉ tiêu|dự toán)(?: \w+){0,3} $")
_COMPARED = re.compile(r"(?<!\w)(?:so với|bình quân chung)(?!\w)")


def quantities(reading: Reading, context: Context) -> list[Quantity]:
    """Every numeric target, result and sum of funding of the body and its annexes, in order."""
    clean = reading.text.clean
    above = headings_period(reading, context, fold_chars)
    tools = Tools(reading, context, above, headings_scope(reading, context, fold_chars))
    found: list[Quantity] = []
    for index, block, last in _paragraphs(reading):
        if may_hold_amount(clean, block.content, last):
            for start, end in _pieces(clean, block.content, last):
                found.extend(_in_piece(tools, index, block, start, end))
    return found


def _paragraphs(reading: Reading) -> Iterator[tuple[int, Block, int]]:
    """Blocks, their indices and ends; one that begins with a number goes on with the one before (``là: | 812 …``)."""
    clean, blocks = reading.text.clean, reading.blocks
    index = 0
    while index < len(blocks):
        first = last = index
        while last + 1 < len(blocks) and _goes_on(clean, blocks[last], blocks[last + 1]):
            last += 1
        yield first, blocks[first], blocks[last].end
        index = last + 1


def _goes_on(clean: str, block: Block, following: Block) -> bool:
    if following.marker or following.part != block.part or following.start != block.end + 1:
        return False
    first, last = clean[following.start], clean[block.end - 1]
    if first in "(≥≤%" or first.isdigit():
        return last not in ".!?/"
    return first.isalpha() and last.isdigit() and clean[block.end - 2] == " "


def _pieces(clean: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The paragraph, cut where clauses end if it is longer than any that people write: the work stays linear."""
    while end - start > _LONGEST:
        cut = max(clean.rfind(sign, start + _LONGEST // 2, start + _LONGEST) for sign in (". ", "; ", " ")) + 1
        yield start, cut or start + _LONGEST
        start = cut or start + _LONGEST
    yield start, end


def _in_piece(tools: Tools, index: int, block: Block, start: int, end: int) -> list[Quantity]:
    text = tools.reading.text.clean[start:end].replace("\n", " ")
    low = fold_chars(text)
    numbers = numbers_with_units(low)
    if not numbers:
        return []
    dates, spans = marks(text, low, tools.context.year)
    amounts = find_amounts(text, low, numbers, spans)
    if not amounts:
        return []
    peeled = [peel(low, a.lead, a.start) for a in amounts]
    found_areas, cues = areas(text, low), kinds.cues(text, low)
    passage = Passage(index, block, start, text, low, amounts, peeled, dates, spans, found_areas, cues, topic(low))
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
    kind = kind_of(tools, passage, k, earlier, period)
    if kind is None:
        return None
    said = indicator(low, amount, peeled, passage.date_spans, [(a.start, a.end) for a in passage.areas])
    if (begin := before_bracket(passage, k)) is not None:
        said = _said_before(passage, begin, amount.opened, taken)
    if said.rule == "quantity/count" and said.spans[-1][1] == amount.unit.end:
        said = _with_shared_tail(passage, k, said)
    if _is_change_alone(passage, k, said, earlier):
        said = Said((), "quantity/chained")
    if kind == "funding" and amount.unit.kind == "money" and (purpose := _purpose(passage, k, said)) is not None:
        said = Said((purpose,), "quantity/funding")
    none_below = _NONE_BELOW.search(low, max(amount.sentence[0], amount.start - 80), amount.start)
    if none_below is not None:
        said = Said(((none_below.start(), amount.end),), "quantity/none-below")
    outer = outer_of(passage, amount, taken)
    written = as_written(passage.text, said.spans)
    if not said.spans:
        written = _carried(passage, k, taken, outer)
    value = _period(tools, passage, k, period, taken, outer, kind)
    scope, shared = scope_of(tools, passage, k, said, written, taken, outer, kind)
    changed = None if none_below is not None else _change(passage, k, earlier)
    return Found(k, amount, kind, changed, said, written, period, value, scope, shared)


def _purpose(passage: Passage, k: int, said: Said) -> tuple[int, int] | None:
    """``bố trí 90 tỷ đồng để | gia cố đê``: what money is for, where no fund is named before it."""
    low, amount = passage.low, passage.amounts[k]
    if any(kinds.names_funding(low[a:b]) for a, b in said.spans):
        return None
    stop = passage.amounts[k + 1].lead if k + 1 < len(passage.amounts) else amount.sentence[1]
    match = _IN_ORDER_TO.match(low, amount.end, min(stop, amount.sentence[1]))
    if match is None:
        return None
    end = match.end("purpose")
    while end > match.start("purpose") and low[end - 1] in " .,/":
        end -= 1
    return match.start("purpose"), end


def _is_change_alone(passage: Passage, k: int, said: Said, earlier: Found | None) -> bool:
    """``xảy ra 18 vụ cháy nhà, giảm | 4 vụ so với cùng kỳ``: the second counts what the first counted."""
    amount = passage.amounts[k]
    if earlier is None or earlier.index != k - 1 or earlier.amount.sentence != amount.sentence:
        return False
    if not {"up", "down"}.intersection(passage.peeled[k].kinds) or "thêm" in passage.peeled[k].said:
        return False
    units = [passage.low[a.unit.start : a.unit.end] for a in (earlier.amount, amount)]
    return units[0] == units[1] and said.spans == ((amount.unit.start, amount.unit.end),)


def _with_shared_tail(passage: Passage, k: int, said: Said) -> Said:
    """``10 xã và 1 huyện được công nhận``: what stands behind the second holds for the first."""
    low, amounts = passage.low, passage.amounts
    while k + 1 < len(amounts) and low[amounts[k].end : amounts[k + 1].start].strip() == "và":
        k += 1
        behind = tail(low, amounts[k])
        if behind[0] < behind[1]:
            return Said((*said.spans, behind), said.rule)
    return said


def _said_before(passage: Passage, begin: int, opened: int, taken: Sequence[Found]) -> Said:
    low = passage.low
    if any(begin <= f.amount.start < opened for f in taken):
        return Said((), "quantity/chained")
    beyond = _BEYOND.search(low, begin, opened)
    edges = [(a.start, a.end) for a in passage.areas]
    verb = _STANDS.search(low, begin, opened)
    end = beyond.start() if beyond is not None else opened if verb is None else verb.start()
    span, headed = noun_phrase(low, begin, end, passage.date_spans, edges)
    if (headed or beyond is not None) and _COMPARED.search(low, begin, opened) is None and span[0] < span[1]:
        return Said((span,), "quantity/rate")
    return Said((), "quantity/chained")


# ---------------------------------------------------------------- change, indicator, period, scope


def _change(passage: Passage, k: int, earlier: Found | None) -> Change | None:
    amount, peeled = passage.amounts[k], passage.peeled[k]
    own = kinds.change(peeled)
    if own is not None or peeled.kinds:
        verbs = [kind for kind in peeled.kinds if kind in ("up", "down", "level", "exist")]
        if own is None and verbs and set(peeled.said) <= {"là", ":"}:
            return _change_of_phrase(passage.low, amount.lead, peeled.rest)
        if own is not None or verbs:
            return own
    if earlier is not None and amount.unit.kind == "percent" and before_bracket(passage, k) is not None:
        sign = passage.low[amount.start - 1]
        return {"-": "decrease", "+": "increase"}.get(sign, earlier.change)  # type: ignore[return-value]
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


_CHANGING = re.compile(
    r"(?<!\w)(?<!tỷ lệ )(?<!tốc độ )(?<!mức )(?<!số )"
    r"(?:tăng(?! trưởng| cường| tốc)|giảm(?! nghèo| phát| nhẹ)|thêm)(?!\w)"
)
_LEVEL = re.compile(r"(?<!\w)(?:lên|xuống|còn|đạt)(?!\w)")


def _change_of_phrase(low: str, start: int, end: int) -> Change | None:
    """``giảm tỷ lệ hộ nghèo 1,5%``: the verb stands before what is measured."""
    verbs = list(_CHANGING.finditer(low, start, end))
    if not verbs or _LEVEL.search(low, verbs[-1].end(), end) is not None:
        return None
    return "decrease" if verbs[-1].group() == "giảm" else "increase"


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
    tools: Tools,
    passage: Passage,
    k: int,
    period: Period,
    taken: Sequence[Found],
    outer: Found | None,
    kind: QuantityKind,
) -> str | None:
    if period.said:
        return period.value
    if outer is not None:
        return outer.value_of_period
    sentence = passage.amounts[k].sentence
    same = [f for f in taken if f.amount.sentence != sentence and f.period.lasting and alike(f.kind, kind)]
    if same:
        return same[-1].value_of_period
    above, year = tools.period_above(passage.index), tools.context.year
    if kind == "result" and above is not None and year is not None and int(above[:4]) > year:
        return None  # what was reached was not reached in a year to come
    return above


# ---------------------------------------------------------------- entry


def _entry(tools: Tools, passage: Passage, found: Found) -> Quantity:
    amount, text, peeled = found.amount, passage.text, passage.peeled[found.index]
    following = passage.amounts[found.index + 1].start if found.index + 1 < len(passage.amounts) else len(text)
    end = max([until_end(passage.low, amount), *(b for a, b in found.said.spans if a < following)])
    begin = min([_first_word(passage, amount, peeled), *(a for a, _ in found.said.spans)])
    if text.count("(", begin, end) > text.count(")", begin, end) and text.startswith(")", end):
        end += 1
    figure = amount.figure
    return Quantity(
        kind=found.kind,
        value=figure.value,
        value_max=figure.value_max,
        total=figure.total,
        unit=text[amount.unit.start : amount.unit.end],
        comparator=_comparator(passage, found, peeled),
        change=found.change,
        indicator=found.indicator,
        scope=found.scope,
        period=found.value_of_period,
        part=passage.block.part,
        rule="quantity/funding" if found.kind == "funding" else found.said.rule,
        evidence=tools.reading.text.evidence(passage.start + begin, passage.start + end),
    )


def _comparator(passage: Passage, found: Found, peeled: Peeled) -> Comparator:
    if found.said.rule == "quantity/none-below":
        return ">="
    begin = before_bracket(passage, found.index)
    if begin is not None and _BEYOND.search(passage.low, begin, found.amount.opened):
        return ">"
    if _BEYOND_BARE.search(passage.low, found.amount.lead, found.amount.start):
        return ">"
    return kinds.comparator(peeled, until(passage.low, found.amount))


def _first_word(passage: Passage, amount: Amount, peeled: Peeled) -> int:
    """Where the cue words before the number begin."""
    cue = kinds.nearest(passage.cues, amount.lead, amount.start)
    begin = min(cue.start if cue is not None else amount.start, peeled.rest if peeled.kinds else amount.start)
    while begin < amount.start and passage.low[begin] in " ,;:-":
        begin += 1
    return begin
