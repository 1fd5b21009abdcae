"""Who is meant by a name in a dispatch: one identity, valid on the document's day, with those of today that follow it.

``UBND tỉnh``, ``UBND tỉnh BG`` and ``Ủy ban nhân dân tỉnh Bắc Giang`` in a dispatch of Bắc Giang are one. A name that
could mean several bodies, or none the tables and the context can tell, resolves to None.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Literal

from extractors import body_identities as known
from extractors import place_identities as units
from extractors.body_identities import CENTRE, Identity, Words, key_of, words_of
from extractors.body_words import spell_out
from extractors.fold import fold
from extractors.identity_tables import GroupRow, LocalRow, identity_words
from extractors.institutions import company, open_body, school, starts, unspelled
from extractors.own_units import (
    COMMUNES,
    DISTRICTS,
    PROVINCES,
    BodyContext,
    Own,
    Plural,
    meant,
    own_units,
    parse_plural,
    split_place,
)  # fmt: skip
from extractors.place_identities import Unit, slug

GROUP = "nhóm"

_EDGE = " \t\n;,.:/-–+*•\"'“”"
_LOOKALIKE = str.maketrans("ÐƉ—–", "ĐĐ--")
_PURPOSE = re.compile(r"\s*\([^()]{0,80}\)\s*$")
_INSIDE = re.compile(r"\s*(?:\s[-–]\s|,\s|\sthuộc\s|\scủa\s)(?=Bộ\s)")
_NAMED_UNIT = re.compile(r"(?:tỉnh|thành phố|huyện|thị xã|quận|xã|phường|thị trấn|đặc khu)\s(?=\S)", re.IGNORECASE)
_LEAD = re.compile(r"^(?:cấp|của|thuộc|trong|trên địa bàn|toàn|trực thuộc)\s", re.IGNORECASE)
_COMMITTEE = "Ủy ban nhân dân"
_OWN_PLACE = "the issuing body's own place"
_LONGEST = 160
_MAX_DEPTH = 3


def resolve(name: str, context: BodyContext) -> Identity | None:
    """The identity of a body as printed, or None where it cannot be told, or where the name names several bodies.

    ``Văn phòng UBND tỉnh: LĐVP, TH`` is the office; :func:`extractors.identities.resolve_parts` gives its parts.
    """
    return _resolve(name, context)


@lru_cache(maxsize=65536)
def _resolve(name: str, context: BodyContext) -> Identity | None:
    text = cleaned(name)
    if not text or len(text) > _LONGEST:
        return None
    head, colon, _ = text.partition(":")
    if colon:
        return _single(spell_out(office_spelled(head)), context, 0) if not fold(head).startswith("các ") else None
    spelled = spell_out(office_spelled(text))
    return _single(spelled, context, 0) or _under_superior(spelled, context)


def _under_superior(text: str, context: BodyContext) -> Identity | None:
    """The issuing body itself, where only its superior tells whose it is: ``Thanh tra`` of ``Sở Y tế``."""
    if not context.issuer or not context.superior or fold(spell_out(context.issuer)) != fold(text) or _unsure(text):
        return None
    outer = _single(spell_out(context.superior), replace(context, issuer=context.superior, superior=None), 0)
    if outer is None or outer.kind in (GROUP, "ủy ban nhân dân", "bộ"):
        return None
    office = key_of(text) in known.offices()
    return replace(
        outer, id=f"{outer.id}/{slug(text)}", name=f"{text}{' ' if office else ', '}{outer.name}",
        kind=fold(text).split()[0], successors=(), how=f"the issuing body, under: {outer.how}",
    )  # fmt: skip


def _unsure(text: str) -> bool:
    return unspelled(text) or not text.replace(" ", "").replace("-", "").replace(",", "").isalpha()


def cleaned(name: str) -> str:
    """A printed name without bullets, closing signs and its purpose in brackets."""
    return _PURPOSE.sub("", name.translate(_LOOKALIKE).strip(_EDGE)).strip(_EDGE)


def office_spelled(text: str) -> str:
    """A name whose first word is a short form of an office, spelled out: ``các PCT UBND tỉnh``, ``TT. HĐND``."""
    short = identity_words().short_offices.names
    first, space, rest = text.partition(" ")
    if first == "các" and space:
        second, behind, more = rest.partition(" ")
        return f"các {short[second]} {more}".rstrip() if second in short and (behind or len(second) > 2) else text
    if first in short:
        return f"{short[first]} {rest}".rstrip()
    # TT.HĐND
    lead, dot, more = first.partition(".")
    return f"{short[lead]} {more}{space}{rest}" if dot and more[:1].isupper() and lead in short else text


def _single(text: str, context: BodyContext, depth: int) -> Identity | None:
    words = words_of(text)
    if not words.keys or depth > _MAX_DEPTH:
        return None
    own = own_units(context)
    group = _group(words, own, context)
    if group is not None:
        return group
    if words.keys[0] == "các" and len(words.keys) > 1:
        return _several(words.rest(1).strip(), context, depth)
    if not (own.province is not None and known.is_local(text)):
        if (whole := known.central(text, context.day)) is not None:
            return whole
    certain, identity = _local(words, own, context)
    if identity is not None or certain:
        return identity
    return (
        _office(words, context, depth)
        or _inner(text, words, context, depth)
        or school(text, words, own, context)
        or company(text, words)
        or open_body(text, words, own, context)
        or _unit(text, own, context)
    )


def _unit(text: str, own: Own, context: BodyContext) -> Identity | None:
    """A unit itself, where it is named in full: ``huyện Tân Kỳ`` that must act."""
    if not _NAMED_UNIT.match(text):
        return None
    unit = meant(text, own, context.day)
    if unit is None or (context.day is None and len(units.epochs(unit.name)) > 1):
        return None
    return Identity(
        unit.id, unit.full, unit.kind, unit.level, units.province_then(unit, context.day, own.said), unit.valid_from,
        unit.valid_to, tuple(u.id for u in units.heirs(unit)) if unit.valid_to else (), "a unit named in full",
    )  # fmt: skip


def _local(words: Words, own: Own, context: BodyContext) -> tuple[bool, Identity | None]:
    """(whether nothing else can be meant, the identity) of a body that units have."""
    day = context.day
    for count, rows in known.local_cores(words):
        rest = words.rest(count).strip()
        if not rest:
            return True, _implied(words, count, rows, own, context)
        plural = parse_plural(rest)
        if plural is not None:
            return True, _plural_of(rows, plural, own, context)
        levels = {level for row in rows for level in row.levels.split("|")}
        unit = meant(rest, own, day, tuple(sorted(levels & {"province", "district"})))
        if unit is None or not known.fits_seat(words, count, unit):
            seat = next((s for s in words.seats[:count] if s), None)
            if seat is None:
                continue
            unit = meant(f"{seat} {rest}", own, day)
            if unit is None or not known.fits_seat(words, count, unit):
                continue
        identity = _of(rows, unit, own, day, "its place is printed" if _says(rest, unit) else _OWN_PLACE)
        if identity is None and unit.level == "province" and _says(rest, unit):
            older = [u for u in units.all_provinces() if u.name == unit.name and u.id != unit.id]
            past = [_of(rows, u, own, day, "its place is printed") for u in dict.fromkeys(older)]
            there = [found for found in past if found is not None]
            identity = there[0] if len(there) == 1 else None
        return True, identity
    return False, None


def _implied(words: Words, count: int, rows: tuple[LocalRow, ...], own: Own, context: BodyContext) -> Identity | None:
    """The issuing body's own, for a name that prints no place."""
    by_level = {"province": own.province, "district": own.district, "commune": own.commune}
    found: list[Identity] = []
    mine = spell_out(context.issuer or "")
    if own.inmost is not None and mine == f"{_COMMITTEE} {own.inmost.full}":
        # Văn phòng UBND, without more, in a dispatch of a UBND
        rows_of_it = tuple(row for row in rows if row.name.endswith(f" {_COMMITTEE}"))
        if rows_of_it and (identity := _of(rows_of_it, own.inmost, own, context.day, _OWN_PLACE)):
            return identity
    for row in rows:
        for level in filter(None, row.implied.split("|")):
            unit = by_level[level]
            if unit is not None and known.fits_seat(words, count, unit):
                identity = _of((row,), unit, own, context.day, _OWN_PLACE)
                if identity is not None:
                    found.append(identity)
    return found[0] if len({identity.id for identity in found}) == 1 else None


def _of(rows: tuple[LocalRow, ...], unit: Unit, own: Own, day: str | None, how: str) -> Identity | None:
    if day is None and unit.level == "province" and len(units.epochs(unit.name)) > 1 and unit.valid_to is None:
        return None
    return known.of_unit(rows, unit, day, units.province_then(unit, day, own.said), how)


def _says(rest: str, unit: Unit) -> bool:
    return fold(unit.name) in fold(rest)


def _plural_of(rows: tuple[LocalRow, ...], plural: Plural, own: Own, context: BodyContext) -> Identity | None:
    """The bodies of several units as one group."""
    day = context.day
    row: LocalRow | None = rows[0]
    assert row is not None
    core = row.name.replace(known.SEAT, "Đảng ủy")
    if "tỉnh" in plural.kinds:
        if plural.rest:
            return None
        kinds = [kind for kind in PROVINCES if kind in plural.kinds]
        if set(plural.kinds) - set(PROVINCES) or "province" not in row.levels:
            return None
        tail = "các tỉnh, thành phố trực thuộc trung ương" if len(kinds) == 2 else "các tỉnh"
        return Identity(
            f"{CENTRE}/{slug(core)}:{'+'.join(map(slug, kinds))}", f"{core} {tail}", GROUP, "central", None,
            row.valid_from or None, row.valid_to or None, (), "a group of bodies of provinces",
            f"{core} | {', '.join(kinds)} | {CENTRE}",
        )  # fmt: skip
    level: Literal["district", "commune"] = "district" if set(plural.kinds) <= set(DISTRICTS) else "commune"
    if plural.central or (level == "commune" and not set(plural.kinds) <= set(COMMUNES)):
        return None
    row = next((r for r in rows if level in r.levels.split("|")), None)
    if row is None:
        return None
    if plural.rest:
        scope = meant(plural.rest, own, day)
    elif level == "commune" and own.district is not None and context.level in ("district", "commune"):
        scope = own.district
    else:
        scope = own.province
    if scope is None or scope.level == "commune" or (scope.level == "district" and level == "district"):
        return None
    there = units.kinds_within(scope, level, day)
    order = DISTRICTS if level == "district" else COMMUNES
    kinds = [kind for kind in order if kind in plural.kinds and kind in there]
    if not kinds:
        return None
    last = units.LAST_DAY_OF_DISTRICTS if level == "district" else None
    return Identity(
        f"{scope.id}/{slug(core)}:{'+'.join(map(slug, kinds))}", f"{core} các {', '.join(kinds)} {scope.full}", GROUP,
        level, units.province_then(scope, day, own.said), scope.valid_from,
        min(filter(None, (row.valid_to, scope.valid_to, last)), default=None), (),
        f"a group of bodies within {scope.full}", f"{core} | {', '.join(kinds)} | {scope.id}",
    )  # fmt: skip


def _group(words: Words, own: Own, context: BodyContext) -> Identity | None:
    """A group that the tables name: Các sở, ban, ngành tỉnh."""
    for count in range(len(words.keys), 1, -1):
        row = _groups().get(" ".join(words.keys[:count]))
        if row is None:
            continue
        rest = _LEAD.sub("", words.rest(count).strip(" ,"))
        if row.level == "central":
            if rest and fold(rest) not in ("trung ương", "ở trung ương"):
                return None
            return Identity(
                f"{CENTRE}/{slug(row.name)}", row.name, GROUP, "central", None, None, None, (),
                "a group of bodies of the whole country", f"{row.name} | | {CENTRE}",
            )  # fmt: skip
        by_level = {"province": own.province, "district": own.district, "commune": own.commune}
        levels = row.level.split("|")
        unit = meant(rest, own, context.day) if rest else by_level[levels[0]] if len(levels) == 1 else None
        if unit is None or unit.level not in levels:
            return None
        return Identity(
            f"{unit.id}/{slug(row.name)}", f"{row.name} {unit.full}", GROUP, unit.level,
            units.province_then(unit, context.day, own.said), unit.valid_from, unit.valid_to, (),
            f"a group of bodies of {unit.full}", f"{row.name} | | {unit.id}",
        )  # fmt: skip
    return None


@cache
def _groups() -> dict[str, GroupRow]:
    return {key_of(text): row for row in identity_words().groups for text in (*row.written, row.name)}


def _several(rest: str, context: BodyContext, depth: int) -> Identity | None:
    """``các Phó Chủ tịch UBND tỉnh``, ``các Sở Y tế`` (of a ministry's dispatch)."""
    spelled = spell_out(rest)
    words = words_of(spelled)
    if context.level == "central" and known.is_local(spelled):
        rows = next(rows for count, rows in known.local_cores(words) if count == len(words.keys))
        return _plural_of(rows, Plural(PROVINCES, "", False), Own(), context) if rows[0].implied else None
    identity = _single(spelled, context, depth + 1)
    if identity is None or identity.kind != "chức danh":
        return None
    name = f"Các {identity.name}"
    return replace(
        identity, id=f"{identity.id}:các", name=name, kind=GROUP,
        successors=tuple(f"{s}:các" for s in identity.successors),
        ranges_over=f"{identity.name} | | {identity.id}",
    )  # fmt: skip


def _office(words: Words, context: BodyContext, depth: int) -> Identity | None:
    """``Giám đốc Sở Y tế``, ``Thanh tra Sở``: an office and the body it belongs to."""
    for count in (4, 3, 2, 1):
        if len(words.keys) <= count or " ".join(words.keys[:count]) not in known.offices():
            continue
        rest = words.rest(count).strip()
        if not rest[0].isalnum():
            return None
        inner = _own_body(rest, context, depth) or _single(rest, context, depth + 1)
        if inner is None or inner.kind in (GROUP, "chức danh"):
            return None
        title = words.text[: words.ends[count - 1]]
        return replace(
            inner, id=f"{inner.id}/{slug(title)}", name=f"{title} {inner.name}", kind="chức danh",
            successors=tuple(f"{s}/{slug(title)}" for s in inner.successors), how=f"an office of: {inner.how}",
        )  # fmt: skip
    return None


def _own_body(text: str, context: BodyContext, depth: int) -> Identity | None:
    """The issuing body, called by its kind alone: ``Sở``."""
    key = key_of(text)
    if context.issuer is None or key not in _own_words():
        return None
    issuer = spell_out(context.issuer)
    return _single(issuer, context, depth + 1) if key_of(issuer).startswith(key + " ") else None


@cache
def _own_words() -> frozenset[str]:
    return known.phrases(identity_words().own.words)


def _inner(text: str, words: Words, context: BodyContext, depth: int) -> Identity | None:
    """An organ inside a body: ``Vụ Pháp chế, Bộ Nội vụ``; ``Phòng Nghiệp vụ Y`` in a dispatch of its Sở."""
    inner = identity_words().inner
    if (cut := _INSIDE.search(text)) is not None:
        title, outer = text[: cut.start()].strip(), known.central(text[cut.end() :], context.day)
        if outer is None or outer.kind != "bộ" or not starts(words, inner.of_ministry):
            return None
    elif context.issuer is not None and split_place(text) is None:
        issuer = spell_out(context.issuer)
        of_ministry = inner.of_ministry if issuer.startswith("Bộ ") else []
        heads = inner.of_department if issuer.startswith("Sở ") else of_ministry
        if not starts(words, heads) or fold(issuer) == fold(text) or "," in text:
            return None
        title, outer = text, _single(issuer, context, depth + 1)
    else:
        return None
    if outer is None or len(words_of(title).keys) < 2 or unspelled(title):
        return None
    return replace(
        outer, id=f"{outer.id}/{slug(title)}", name=f"{title}, {outer.name}", kind=words.keys[0], successors=(),
        how=f"an organ of: {outer.how}",
    )  # fmt: skip
