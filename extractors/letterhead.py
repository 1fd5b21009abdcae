"""Cơ quan chủ quản and cơ quan ban hành from the lines at the top left of a dispatch (NĐ 30/2020 PL I, ô số 2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from extractors import places, tables
from extractors.body_words import (
    LEVEL_WORDS,
    Head,
    Phrases,
    Tokens,
    compounds,
    fields,
    head_at,
    heads,
    levels,
    lower_words,
    repaired,
    spell_out,
    tokenise,
)
from extractors.fold import bare, fold
from extractors.places import Place
from extractors.tables import Level

_MOTTO = re.compile(r"^(?:cong hoa\b|xa hoi chu nghia\b|.*\bchu nghia viet nam$|doc lap\b|dang cong san viet nam$)")
_NO_NAME = re.compile(r"^(?:so\b\s?[:.]?\s?\d|so\s?[:.]|so\s+/|v/v|ve viec\b|kinh gui\b|ngay\b)")
_OPENS_NOTHING = ("-", "&", "và", "của", ",")
_EDGES = " \t*-–—_=.,;:|~'\"“”•·"
_WANTS_MORE = frozenset(("và", "các", "của", "cho", "về", "với", "thuộc"))
_MAX_LINES, _MAX_LINE = 12, 120


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who issued, as the letterhead prints it: names spelled out and in ordinary case.

    ``level`` is that of the issuer; ``province`` and ``district`` are proper names without their kind, from the
    words of the letterhead alone (None for central bodies and where no place is printed).
    """

    name: str
    superior: str | None
    level: Level | None
    province: str | None
    district: str | None = None


def letterhead(lines: Sequence[str]) -> Letterhead | None:
    """:func:`_letterhead`, kept for the letterheads that come again and again."""
    return _letterhead(tuple(lines))


@lru_cache(maxsize=1024)
def _letterhead(lines: tuple[str, ...]) -> Letterhead | None:
    """The letterhead's lines, wrapped anywhere, read as superior and issuer; None where no body is named.

    A line opens another body where it begins with the head word of one and what stands before is a whole name.
    """
    kept = [line for raw in lines[:_MAX_LINES] if (line := _line(raw)) is not None]
    while len(kept) > 1 and not _opens(kept[0]) and not _opens(f"{kept[0]} {kept[1]}") and _opens(kept[1]):
        kept = kept[1:]
    if not kept:
        return None
    text, opens_line = _joined(kept)
    tokens = tokenise(text)
    if head_at(tokens, 0) is None:
        return None
    bounds = [0, *_bounds(tokens, {tokens.at(offset) for offset in opens_line}), len(tokens)]
    parts = [text[tokens.starts[a] : tokens.ends[b - 1]] for a, b in zip(bounds, bounds[1:], strict=False)]
    names = _put_joint_together([spell_out(part.strip(_EDGES)) for part in parts])
    name, superior = names[-1], names[-2] if len(names) > 1 else None
    level, province, district = classify(name, superior)
    return Letterhead(name, superior, level, province, district)


def classify(name: str, superior: str | None = None) -> tuple[Level | None, str | None, str | None]:
    """(level, province, district) of a body by its spelled-out name and its superior's."""
    tokens = tokenise(name)
    found = head_at(tokens, 0)
    if found is None:
        return None, None, None
    head = found[1]
    place = _place_of(name, tokens, head)
    above = classify(superior) if superior else (None, None, None)
    level: Level | None
    if head.level == "other" or above[0] == "other":
        level = "other"
    elif place is not None and (head.level in ("place", "district") or head.words not in ("Sở", "Bộ")):
        level = place.level
    elif head.level == "place":
        inner = _inner_level(tokens, found[0])
        level = inner or above[0]
    else:
        level = _plain_level(head.level)
    if level == "central":
        return level, None, None
    province = (place.province if place is not None else None) or above[1]
    district = place.name if place is not None and place.level == "district" else None
    if place is None or place.level == "commune":
        district = (place.district if place is not None else None) or above[2]
    return level, province, district


def _line(raw: str) -> str | None:
    """A line of the letterhead in NFC, or None for a rule, the motto or a line of another box."""
    line = " ".join(unicodedata.normalize("NFC", raw[:_MAX_LINE]).split()).strip(_EDGES)
    if raw.rstrip(" *_.").endswith(("-", "–")) and line:
        line += " -"  # a name that goes on behind a dash
    if not any(c.isalpha() for c in line):
        return None
    plain = bare(line)
    return None if _MOTTO.match(plain) or _NO_NAME.match(plain) else line


def _opens(line: str) -> bool:
    return head_at(tokenise(line), 0) is not None or head_at(tokenise(repaired(line)), 0) is not None


def _joined(lines: Sequence[str]) -> tuple[str, list[int]]:
    """One string and the offsets at which its lines begin."""
    text, starts = "", []
    for line in lines:
        starts.append(len(text) + 1 if text else 0)
        text = f"{text} {line}" if text else line
    return repaired(text), starts


def _bounds(tokens: Tokens, line_starts: set[int]) -> list[int]:
    """Indexes at which another body begins."""
    found: list[int] = []
    begin = 0
    for index in range(1, len(tokens)):
        if head_at(tokens, index) is None or not _free(tokens, begin, index):
            continue
        if index in line_starts:
            whole = not _incomplete(tokens, begin, index)
        else:
            whole = _surely_whole(tokens, begin, index)
        if whole:
            found.append(index)
            begin = index
    return found


def _free(tokens: Tokens, begin: int, index: int) -> bool:
    """Whether no known phrase, compound or place name reaches over ``index`` from before it."""
    pair = tokens.folds[index - 1 : index + 1]
    if pair in compounds() or pair[0] in _OPENS_NOTHING:
        return False
    for earlier in range(max(begin, index - 8), index):
        reach = max(table.length(tokens.folds, earlier) for table in (heads(), fields(), lower_words()))
        if earlier + reach > index:
            return False
    return True


@cache
def _incomplete_tails() -> Phrases[None]:
    return Phrases((words, None) for words in tables.bodies().incomplete)


def _incomplete(tokens: Tokens, begin: int, index: int) -> bool:
    """Whether ``[begin:index)`` cannot be a whole name: it ends with a word that wants another."""
    if tokens.folds[index - 1] in LEVEL_WORDS or tokens.folds[index - 1] == "-":
        return head_at(tokens, index) is None
    found = head_at(tokens, begin)
    if found is not None and begin + found[0] == index:
        return found[1].shape not in ("closed", "seat", "local")
    if tokens.folds[index - 1] in _WANTS_MORE:
        return True
    return begin + _incomplete_tails().length(tokens.folds, begin) == index


def _surely_whole(tokens: Tokens, begin: int, index: int) -> bool:
    """Whether ``[begin:index)`` is a whole name even though no line ends there."""
    found = head_at(tokens, begin)
    if found is None:
        return False
    after, head = begin + found[0], found[1]
    if head.shape == "closed":
        return after == index and head.words not in ("Chủ tịch nước", "Thủ tướng")
    if head.shape == "local" and (level := levels().longest(tokens.folds, after)) is not None:
        name = after + level[0]
        hit = places.name_at(tokens.text, tokens.starts[name], level[1]) if name < index else None
        return hit is not None and tokens.at(hit[0]) == index
    if head.words == "Sở":
        return after + fields().length(tokens.folds, after) == index > after
    return False


def _put_joint_together(names: list[str]) -> list[str]:
    """Two bodies of one rank are joint issuers, not one under the other."""
    joined: list[str] = []
    for name in names:
        if joined and _rank(joined[-1]) is not None and _rank(joined[-1]) == _rank(name):
            joined[-1] = f"{joined[-1]} - {name}"
        else:
            joined.append(name)
    return joined


def _rank(name: str) -> str | None:
    folded = fold(name)
    if folded.startswith(("bộ chỉ huy", "bộ tư lệnh")):
        return None
    return next((lead for lead in ("bộ ", "sở ") if folded.startswith(lead)), None)


def _place_of(name: str, tokens: Tokens, head: Head) -> Place | None:
    """The place a body's name says it governs."""
    for _, end, place in places.find_places(name):
        if place.level == "province" or place.province is not None or end >= len(name) - 1:
            return place
    commune = next((k for k in range(len(tokens)) if _commune_word(tokens, k)), None)
    if commune is not None:
        kind = levels().longest(tokens.folds, commune)
        if kind is not None and commune + kind[0] < len(tokens):
            own = name[tokens.starts[commune + kind[0]] :]
            return Place(own, kind[1], "commune", None)
    if head.level == "other":
        return None
    for start in range(max(1, len(tokens) - 5), len(tokens)):
        rest = name[tokens.starts[start] :]
        if (found := places.province(rest)) is not None and fold(rest) == fold(found.name):
            return found
        if head.shape == "seat" and head.level == "district" and (units := places.district(rest)):
            certain = len({u.province for u in units}) == 1
            return units[0] if certain else Place(units[0].name, "huyện", "district", None)
    return None


def _commune_word(tokens: Tokens, index: int) -> bool:
    kind = levels().longest(tokens.folds, index)
    if kind is None or index == 0 or tokens.folds[index : index + 2] == ("xã", "hội"):
        return False
    return kind[1] in ("xã", "phường", "thị trấn", "đặc khu")


def _plain_level(level: str) -> Level | None:
    return level if level in ("central", "province", "district", "commune", "other") else None  # type: ignore[return-value]


def _inner_level(tokens: Tokens, after: int) -> Level | None:
    """The level of the body an office or unit names as its own: ``Văn phòng`` Bộ Y tế, ``Ban Thường vụ`` Tỉnh ủy."""
    for index in range(after, len(tokens)):
        word = tokens.folds[index]
        if word == "trung" and tokens.folds[index : index + 2] == ("trung", "ương"):
            return "central"
        level = levels().longest(tokens.folds, index)
        if level is not None and tokens.folds[index : index + 2] != ("xã", "hội"):
            return tables.bodies().levels[level[1]]
        found = head_at(tokens, index)
        if found is not None and found[1].level not in ("place", "other") and (index == after or found[0] > 1):
            return _plain_level(found[1].level)
    return None
