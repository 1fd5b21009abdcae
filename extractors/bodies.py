"""Names of bodies: spelled out, resolved to the place of the issuing body, told from their notation.

The finding and the letterhead have modules of their own; everything others need is here.
"""

from __future__ import annotations

import re
from functools import cache

from extractors import places, tables
from extractors.body_match import match_body
from extractors.body_words import head_of, heads, is_caps, spell_out, tokenise
from extractors.fold import fold
from extractors.letterhead import Letterhead, classify, letterhead
from models.reading import Context

__all__ = [
    "Letterhead", "classify", "from_notation", "is_body", "known_group", "letterhead", "match_body", "resolve",
    "spell_out",
]  # fmt: skip

_LEVEL = re.compile(
    r"\b(tỉnh|thành phố|huyện|quận|thị xã|xã|phường|thị trấn|đặc khu)\b(?!\s(?:ủy|uỷ|đoàn|đội|hội)\b)", re.IGNORECASE
)
_SEAT = re.compile(r"\b(Tỉnh|Thành|Huyện|Quận|Thị|tỉnh|thành|huyện|quận|thị) (ủy|đoàn)\b|\bTU\b")
_NAMED = re.compile(r"\s+(?=\d)|\s+(?=[^\W\d_])")
_PLACE_IN_NAME = re.compile(
    r"\b(thành phố|huyện|quận|thị xã|xã|phường|thị trấn|đặc khu)\s+((?:[^\W\d_][\w'’]*|\d+)(?:\s[^\W\d_][\w'’]*)*)$",
    re.IGNORECASE,
)
_TERM = re.compile(r"^(QH|UBTVQH)\d{1,2}$", re.IGNORECASE)


def resolve(name: str, context: Context) -> str:
    """A cited body's name spelled out and given the place it leaves unsaid.

    In a dispatch of Sơn La ``UBND tỉnh`` is ``Ủy ban nhân dân tỉnh Sơn La``, ``Ban Thường vụ Tỉnh ủy`` is
    ``Ban Thường vụ Tỉnh ủy Sơn La``. Names that carry a place, plurals (``UBND các huyện``) and bodies without a
    level word (``Sở Xây dựng``, ``Chính phủ``) are spelled out only; so is all where the context knows no place.
    """
    spelled = spell_out(name)
    own = _own_places(context)
    if not own:
        return spelled
    city = own.get("tỉnh", "").startswith(("thành phố ", "Thành phố "))
    spelled = _SEAT.sub(lambda m: _seat(spelled, m, own, city), spelled)
    return _LEVEL.sub(lambda m: _placed(spelled, m, own, city), spelled)


def is_body(name: str) -> bool:
    """Whether a string can be the name of a body: it begins with the head word of one and goes on."""
    words = tokenise(name.strip(" -–+*•\"'“”")[:80])
    found = head_of(words.folds, 0)
    if found is None:
        return False
    count, head = found
    if count > 1 or head.shape in ("closed", "seat", "local"):
        return True
    return words.capital(0) and count < len(words) and words.folds[1][0].isalnum()


def from_notation(group: str) -> list[str]:
    """Names of the bodies a group of a notation stands for, the likeliest first; empty for an unknown group.

    ``UBND`` says neither level nor place. Doubtful rows of the table and mere drafting units (``KTN``) are left out.
    """
    return [name for row in _groups().get(_key(group), ()) for name in row.names.split("|") if row.role in _ISSUERS]


def known_group(group: str) -> bool:
    """Whether the group is an issuer's or unit's abbreviation, so that ``QĐUBND`` can be told apart."""
    key = _key(group)
    return key in _groups() or key in _doubtful()


_ISSUERS = frozenset(("issuer", "issuer_or_unit"))


def _key(group: str) -> str:
    key = fold(group).replace(" ", "")
    term = _TERM.match(key)
    return fold(term[1]) if term is not None else key


@cache
def _groups() -> dict[str, list[tables.NotationRow]]:
    found: dict[str, list[tables.NotationRow]] = {}
    rows = [row for row in tables.notation_bodies() if row.confidence != "low"]
    for row in rows:
        found.setdefault(_key(row.abbreviation), []).append(row)
    for row in rows:
        for variant in filter(None, row.variants.split("|")):
            found.setdefault(_key(variant), [row])
    return found


@cache
def _doubtful() -> frozenset[str]:
    return frozenset(_key(row.abbreviation) for row in tables.notation_bodies() if row.confidence == "low")


@cache
def _plurals() -> re.Pattern[str]:
    words = sorted(map(fold, tables.bodies().plurals), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, words))})(?:\s(?:{_LEVEL.pattern})\s?,?(?:\svà)?)*\s?$")


def _own_places(context: Context) -> dict[str, str]:
    """Kind of place → the issuing body's own place of that kind with its kind: ``huyện`` → ``huyện Đô Lương``.

    A central city stands under ``thành phố`` and, for the words that mean the province, under ``tỉnh``.
    """
    own: dict[str, str] = {}
    body = context.issuing_body
    named = _PLACE_IN_NAME.search(body.name) if body is not None else None
    if context.province is not None:
        province = places.province(context.province, context.issued_on) or places.province(context.province)
        city = province is not None and province.kind == "thành phố"
        if named is not None and f"{fold(named[1])} {fold(named[2])}" == f"thành phố {fold(context.province)}":
            # Raised to a central city since the gazetteer was made, unless it is the seat of the tỉnh of its name.
            city = city or not places.district(named[0])
        kind = ("Thành phố" if fold(context.province) == "hồ chí minh" else "thành phố") if city else "tỉnh"
        own["tỉnh"] = f"{kind} {context.province}"
        if city:
            own["thành phố"] = own["tỉnh"]
    if context.district is not None:
        for unit in _kinds_of_district(context, named):
            own[unit] = f"{unit} {context.district}"
    elif named is not None:
        own.setdefault(fold(named[1]), f"{fold(named[1])} {named[2]}")
    if named is not None and fold(named[1]) in ("xã", "phường", "thị trấn", "đặc khu"):
        own[fold(named[1])] = f"{fold(named[1])} {named[2]}"
    return own


def _kinds_of_district(context: Context, named: re.Match[str] | None) -> list[str]:
    if named is not None and context.district is not None and fold(named[2]) == fold(context.district):
        return [fold(named[1])]
    units = places.district(context.district or "", context.province)
    kinds = list(dict.fromkeys(unit.kind for unit in units))
    # A huyện may have become a thị xã or city since: only a clear kind is used.
    return kinds if len(kinds) == 1 else ["huyện"] if not kinds else []


def _placed(text: str, match: re.Match[str], own: dict[str, str], city: bool) -> str:
    """The level word with the issuing body's own place, or as it is where it is not meant."""
    word = fold(match[1])
    before, after = text[: match.start()], text[match.end() :]
    if _carries_name(after) or _plurals().search(fold(before)) or not before.strip():
        return match[0]
    if word == "tỉnh" and city:
        return match[0]
    return own.get(word, match[0])


def _seat(text: str, match: re.Match[str], own: dict[str, str], city: bool) -> str:
    """``Tỉnh ủy`` with the name of its place."""
    words = match[0]
    if words == "TU":
        words = ("Thành ủy" if city else "Tỉnh ủy") if "tỉnh" in own else words
    if _carries_name(text[match.end() :]) or _plurals().search(fold(text[: match.start()])) or words == "TU":
        return words
    lead = fold(words).split(" ")[0]
    kind = {"tỉnh": "tỉnh", "thành": "thành phố", "huyện": "huyện", "quận": "quận", "thị": "thị xã"}[lead]
    place = own.get(kind)
    if place is None or (kind == "tỉnh" and city):
        return words
    return f"{words[:1].upper()}{words[1:]} {place[len(kind) + 1 :]}"


def _carries_name(after: str) -> bool:
    """Whether a proper name (or a number: quận 1) follows the level word."""
    found = _NAMED.match(after)
    if found is None:
        return False
    following = after[found.end() :]
    return following[0].isdigit() or (following[0].isupper() and not _another_body(following))


def _another_body(following: str) -> bool:
    hit = heads().longest(tokenise(following[:40]).folds, 0)
    return hit is not None and not is_caps(following)
