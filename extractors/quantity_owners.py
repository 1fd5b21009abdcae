"""Whose number a quantity is: from its own words, what stands before or behind them, its sentence or its headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.fold import fold_chars
from extractors.quantity_clauses import Amount
from extractors.quantity_passages import Found, Passage, Tools, before_bracket
from extractors.quantity_phrases import Said, same_words
from extractors.quantity_scopes import Area, group, is_body_place, is_issuer
from models.record import QuantityKind

_FOR = re.compile(r" đối với (?=\S)")
_FROM_FUND = re.compile(
    r" (?:được )?(?:bố trí |trích |lấy )?từ"
    r" (?:(?:nguồn )?((?:vốn )?ngân sách (?:[^\s,;.()]+ ?){1,2}?)"
    r"|(nguồn (?!vốn|ngân sách|kinh phí)(?:[^\s,;.()]+ ?){1,4}?))"
    r"(?= (?:cho|để|năm|theo|và)(?!\w)|[,;.()]|$)"
)
_FUND = re.compile(r"ngân sách.*|quỹ.*", re.IGNORECASE)


def _depth(low: str, start: int, end: int) -> int:
    return low.count("(", start, end) - low.count(")", start, end)


def alike(one: QuantityKind, other: QuantityKind) -> bool:
    """Whether two quantities speak of one thing: not of what was reached here and what is asked for there."""
    return one == other or "funding" in (one, other)


def scope_of(
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
    here = [a for a in passage.areas if begin <= a.start < amount.start and _is_said(low, a, issuer)]
    opening = [a for a in here if a.opening and _depth(low, begin, a.start) <= (amount.opened >= 0)]
    shared = text[opening[-1].start : opening[-1].end] if opening else None
    if shared is None:
        earlier = [f for f in taken if f.amount.sentence != amount.sentence and alike(f.kind, kind)]
        shared = earlier[-1].shared_scope if earlier and not _starts_anew(passage, begin) else None
        shared = None if shared is not None and fold_chars(shared) == "cả nước" else shared
    bracket = before_bracket(passage, k)
    own = [a for a in here if a.end > (amount.lead if bracket is None else bracket)]
    if own:
        return text[own[-1].start : own[-1].end], shared
    stop = passage.amounts[k + 1].lead if k + 1 < len(passage.amounts) else amount.sentence[1]
    behind = _behind(passage, amount, stop)
    if behind is None and kind == "funding":
        source = _FROM_FUND.match(low, amount.end, stop)
        behind = text[slice(*source.span(source.lastindex or 0))] if source is not None else None
    if behind is not None:
        return behind, shared
    if outer is not None and kind == "funding":
        fund = _FUND.search(outer.indicator or "")
        return (fund.group() if fund else outer.scope), shared
    if outer is not None:
        return outer.scope, shared
    if opening:
        return shared, shared
    who = group(low, max(begin, low.rfind(";", begin, amount.start) + 1), amount.start)
    if who is not None:
        return text[who[0] : who[1]], shared
    inside = _among(low, begin, amount.start)
    if inside >= 0:
        here_before = [f for f in taken if f.amount.sentence == amount.sentence and f.amount.end <= inside]
        whole = here_before[-1] if here_before else None
        if whole is not None and whole.scope is not None:
            return whole.scope, shared
    chained = [f for f in taken if f.amount.sentence == amount.sentence]
    if chained and inside >= 0:
        return chained[-1].scope, shared
    if chained and not said.spans and chained[-1].index == k - 1:
        return chained[-1].scope, shared
    if shared is not None:
        return shared, shared
    if passage.topic is not None:
        named = text[passage.topic[0] : passage.topic[1]].strip()
        if passage.topic[1] <= amount.start:
            return (None if same_words(fold_chars(named), fold_chars(written or "")) else named), None
    return tools.scope_above(passage.index), None


def _starts_anew(passage: Passage, begin: int) -> bool:
    """Whether a sentence opens with a time of its own (``Hiện nay, …``): the area before it says nothing of it."""
    return any(begin <= mark.start < begin + 6 for mark in passage.dates)


def _is_said(low: str, area: Area, issuer: str) -> bool:
    """The issuer's own area counts where a sentence opens with it as a place, not as a body."""
    own = is_issuer(low[area.start : area.end], issuer)
    return not own or (area.opening and not is_body_place(low, area.start))


def _among(low: str, begin: int, end: int) -> int:
    """Where ``trong đó`` stands that still holds at ``end``: behind a semicolon only one that opened a list does."""
    inside = low.rfind("trong đó", begin, end)
    if inside < 0 or low.startswith(":", inside + len("trong đó")) or ";" not in low[inside:end]:
        return inside
    return -1


def _behind(passage: Passage, amount: Amount, stop: int) -> str | None:
    low, text = passage.low, passage.text
    cut = min([stop, *(at for sign in ",;(" if (at := low.find(sign, amount.end, stop)) >= 0)])
    match = _FOR.match(low, amount.end)
    if match is not None:
        following = next((a for a in passage.amounts if a.start >= match.end()), None)
        if following is not None and following.start - match.end() < 8:
            end = following.limit
            return text[match.end() : end].split(" trong ")[0].strip(" ,;.") or None
        return text[match.end() : cut].strip(" ,;.") or None
    for area in passage.areas:
        behind = low.startswith(("trên", "địa bàn", "toàn", "cả nước", "vùng ", "khu vực "), area.start)
        if amount.end <= area.start < cut and (behind or low.endswith((" tại ", " ở "), amount.end, area.start)):
            return text[area.start : area.end]
    return None
