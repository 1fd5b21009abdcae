"""Where the name of a body that begins at a given place of a running text ends."""

from __future__ import annotations

import re
from functools import cache

from extractors import places, tables
from extractors.body_words import Head, Phrases, Tokens, fields, head_at, levels, lower_words, tokenise

_MAX_DEPTH = 4
_BREAK = re.compile(r"[\n;:()\[\]{}“”\"…]")
_PUNCTUATION = frozenset(",.;:()[]{}\"'/…|*+=<>?!%")
_TAIL = frozenset(("và", "các", "-", "của", ",", "&", "cho", "về"))
# Behind these a known field makes the name complete: no further words of its own follow.
_FIELD_COMPLETES = frozenset(("Sở", "Bộ", "Phòng", "Vụ"))
_MAX_OWN_WORDS = 14


@cache
def _stops() -> Phrases[None]:
    return Phrases((word, None) for word in tables.bodies().stops)


@cache
def _soft_stops() -> Phrases[None]:
    return Phrases((word, None) for word in tables.bodies().soft_stops)


@cache
def _function_words() -> frozenset[str]:
    return frozenset(tables.bodies().function_words)


def match_body(text: str, start: int, limit: int = 120) -> int | None:
    """End offset of the body's name that begins at ``start`` of an NFC text, or None where none does.

    The longest plausible: head word, its field of work, its place, and a joint issuer behind ``và`` or a dash. At
    most ``limit`` characters are looked at.
    """
    window = text[start : start + limit]
    broken = _BREAK.search(window)
    if broken is not None:
        window = window[: broken.start()]
    tokens = tokenise(window)
    if not len(tokens) or tokens.starts[0] > 1:
        return None
    stop = _body(tokens, 0, 0)
    if stop is None:
        return None
    while stop > 1 and tokens.folds[stop - 1] in _TAIL:
        stop -= 1
    return start + tokens.ends[stop - 1]


def _body(tokens: Tokens, index: int, depth: int) -> int | None:
    """Index behind the name that begins at ``index``; a joint issuer included."""
    found = head_at(tokens, index)
    if found is None or depth > _MAX_DEPTH:
        return None
    count, head = found
    stop = _single(tokens, index, count, head, depth)
    if stop is None:
        return None
    return _joint(tokens, stop, head, depth)


def _single(tokens: Tokens, index: int, count: int, head: Head, depth: int) -> int | None:
    after = index + count
    if head.shape == "closed":
        return after
    if head.shape == "local":
        return _place(tokens, after, bare_name=True)
    if head.shape == "seat":
        return _name(tokens, after, ("tỉnh", "thành phố", "huyện"))
    stop = after
    if head.shape == "office":
        inner = _inner(tokens, after, depth)
        stop = inner if inner is not None else _place(tokens, after, bare_name=False)
        if stop == after:
            stop = _own_words(tokens, index, after, head, depth)
    else:
        stop = _own_words(tokens, index, after, head, depth)
    generic = count == 1 or head.shape != "unit"
    if generic and not any(tokens.capital(k) for k in range(index, stop)):
        return None  # "của trung tâm", "của doanh nghiệp" names nobody
    return stop


def _inner(tokens: Tokens, index: int, depth: int) -> int | None:
    """The body an office belongs to: ``Chủ tịch`` UBND tỉnh, ``Phó Chủ tịch`` Thường trực UBND tỉnh."""
    return _body(tokens, index, depth + 1)


def _own_words(tokens: Tokens, index: int, after: int, head: Head, depth: int) -> int:
    """Index behind field of work, qualifiers and place of an open name."""
    at, in_field, folds = after, False, tokens.folds
    if at < len(tokens) and folds[at].isdigit() and len(folds[at]) <= 3 and not _slash(tokens, at + 1):
        at += 1
    while at < len(tokens) and at - after <= _MAX_OWN_WORDS:
        word = folds[at]
        first = at == after or folds[at - 1] == "các"
        field = fields().longest(folds, at)
        soft = _soft_stops().length(folds, at)
        hard = _stops().length(folds, at)
        if field is not None and field[0] >= hard and (tokens.capital(at) or first or field[0] > soft):
            at, in_field = at + field[0], True
            continue
        if hard or word in _PUNCTUATION:
            break
        if soft and (in_field or not (tokens.capital(at) or (first and head.shape == "unit"))):
            break
        if soft:
            at += soft
            continue
        if levels().length(folds, at):
            return _place(tokens, at, bare_name=False)
        if word in ("-", "và", "&"):
            if not _goes_on(tokens, at + 1):
                break
            at += 1
            continue
        if not tokens.capital(at) and word in _function_words():
            break
        if not first and (inner := head_at(tokens, at)) is not None and (tokens.capital(at) or inner[0] > 1):
            stop = _body(tokens, at, depth + 1)
            if stop is not None:
                return stop
        if in_field and head.words in _FIELD_COMPLETES:
            return _name(tokens, at, ("tỉnh", "thành phố", "huyện"))
        if in_field and not tokens.capital(at) and not lower_words().length(folds, at):
            break
        at += 1
    return at


def _goes_on(tokens: Tokens, index: int) -> bool:
    """Whether the words behind ``và`` or a dash still belong to the name."""
    if index >= len(tokens) or _stops().length(tokens.folds, index):
        return False
    if tokens.capital(index):
        return head_at(tokens, index) is None
    return fields().length(tokens.folds, index) > 0


def _place(tokens: Tokens, index: int, bare_name: bool) -> int:
    """Index behind a level word with or without its name; plural and general forms as well.

    ``tỉnh Lạng Sơn``, ``huyện``, ``các huyện, thị xã, thành phố``, ``cấp xã``; with ``bare_name`` also a province's
    name without its level word (``Công an Bắc Giang``).
    """
    folds = tokens.folds
    if index >= len(tokens):
        return index
    if folds[index] in ("các", "cấp"):
        return _plural(tokens, index)
    level = levels().longest(folds, index)
    if level is None:
        return _name(tokens, index, ("tỉnh", "thành phố")) if bare_name else index
    after = index + level[0]
    if after < len(tokens) and folds[after] == "." and folds[index] in ("tp", "tx", "t"):
        after += 1
    stop = _name(tokens, after, (level[1],))
    if stop > after or level[1] not in ("xã", "phường", "thị trấn", "đặc khu"):
        return stop
    while stop < len(tokens) and stop - after < 4 and tokens.capital(stop) and folds[stop].isalnum():
        if _stops().length(folds, stop):
            break
        stop += 1
    return stop


def _name(tokens: Tokens, index: int, kinds: tuple[str, ...]) -> int:
    """Index behind the longest known place name of one of the kinds, ``index`` itself where there is none."""
    if index >= len(tokens) or not (tokens.capital(index) or tokens.folds[index].isdigit()):
        return index
    ends = [hit[0] for kind in kinds if (hit := places.name_at(tokens.text, tokens.starts[index], kind)) is not None]
    return tokens.at(max(ends)) if ends else index


def _plural(tokens: Tokens, index: int) -> int:
    folds, at = tokens.folds, index + 1
    stop = index
    while at < len(tokens):
        level = levels().longest(folds, at)
        if level is None:
            break
        stop = at + level[0]
        at = stop
        if at < len(tokens) and folds[at] in (",", "và"):
            at += 1
    if folds[stop : stop + 4] == ("trực", "thuộc", "trung", "ương"):
        return stop + 4
    return stop if stop > index else index


def _joint(tokens: Tokens, stop: int, head: Head, depth: int) -> int:
    """Take in the other issuer of a joint document: ``và Bộ Y tế``, ``- Bộ Y tế``."""
    if stop + 1 >= len(tokens) or depth > 1:
        return stop
    word = tokens.folds[stop]
    both_local = word == "," and head.shape == "local" and tokens.folds[stop - 1] not in _TAIL
    following = head_at(tokens, stop + 1)
    if following is None or not tokens.capital(stop + 1):
        return stop
    if word in ("và", "-", "&") or (both_local and following[1].shape == "local" and not _placed(tokens, stop)):
        inner = _body(tokens, stop + 1, depth + 1)
        return inner if inner is not None else stop
    return stop


def _placed(tokens: Tokens, stop: int) -> bool:
    """Whether the name before ``stop`` already ends with a place."""
    return any(levels().length(tokens.folds, k) for k in range(max(0, stop - 6), stop))


def _slash(tokens: Tokens, index: int) -> bool:
    return index < len(tokens) and tokens.folds[index] in ("/", "-")
