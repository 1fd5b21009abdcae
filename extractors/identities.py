"""Names that name several bodies, taken apart, and every name of a record with whom it means.

``Các Bộ: Kế hoạch và Đầu tư, Tư pháp`` are two ministries; ``Huyện ủy, HĐND, UBND huyện`` three bodies of one place;
``Văn phòng UBND tỉnh: LĐVP, TH`` two units of one office.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from extractors.bodies import is_body
from extractors.body_identities import CENTRE, Identity, key_of, offices, words_of
from extractors.body_words import spell_out
from extractors.fold import fold
from extractors.identity_names import GROUP, cleaned, office_spelled, resolve
from extractors.identity_tables import identity_words
from extractors.own_units import BodyContext, parse_plural, split_place
from extractors.place_identities import all_provinces, held, slug, unit_of, within
from models.record import Dispatch

__all__ = [
    "BodyContext", "Identity", "NamedIdentity", "context_of", "identities_of", "members_of", "resolve", "resolve_parts",
]  # fmt: skip

_SHARED = re.compile(r"^(?:các\s|liên\s)?(?P<head>bộ|sở|phòng|vụ|chi cục)(?:\s?:\s?|\s)(?=\S)", re.IGNORECASE)
_SHARED_ALONE = re.compile(r"^(?:các\s|liên\s)?(?P<head>bộ|sở|phòng|vụ|chi cục)$", re.IGNORECASE)
_KINDS = re.compile(r"\s(?:các\s)(?P<kinds>[^:]{2,60})$", re.IGNORECASE)
_ALL_OF = re.compile(r"\s(?P<units>(?:các|cấp)\s.{2,60})$", re.IGNORECASE)
_ONE_KIND = re.compile(r"^(?:tỉnh|huyện|thị xã|thành phố|quận|xã|phường|thị trấn)$", re.IGNORECASE)
_STANDING = re.compile(r"^(?:thường trực|tt|ttr)(?:[.:]|\s)\s*", re.IGNORECASE)
_HAS_STANDING = re.compile(r"^(?:\{ủy\}|hội đồng nhân dân|đảng ủy)")
_CODE = re.compile(r"[A-ZĐƯ][A-ZĐƯ&-]{0,7}")
_CUT = re.compile(r"\s*[,;]\s*|\s+và\s+")
_MOST_PIECES = 24


@dataclass(frozen=True, slots=True)
class NamedIdentity:
    """A name of a record and whom it means.

    ``where``: ``issuing_body``, ``addressee 2``, ``copy 1``, ``reference 3 issuing_body``,
    ``deadline 1 responsible 2``, entries counted from 1; ``role`` is its first word and ``entry_no`` its first number
    (0 for the issuing body).
    ``part_no`` counts the bodies of that role and entry from 1. ``name`` is as the record has it.
    """

    where: str
    role: str
    entry_no: int
    part_no: int
    name: str
    identity: Identity


def resolve_parts(name: str, context: BodyContext) -> tuple[Identity, ...]:
    """The bodies a name names, in their order; those that cannot be told are left out."""
    return _parts(name, context)


@lru_cache(maxsize=32768)
def _parts(name: str, context: BodyContext) -> tuple[Identity, ...]:
    text = cleaned(name)
    if not text or len(text) > 400:
        return ()
    if ":" not in text and (whole := resolve(text, context)) is not None:
        return (whole,)
    head, colon, tail = (piece.strip() for piece in text.partition(":"))
    if colon:
        return tuple(dict.fromkeys(_behind_colon(head, tail, context)))
    shared = _SHARED.match(text)
    if shared is not None:
        found = tuple(_joined(_pieces(text[shared.end() :]), f"{shared['head'].capitalize()} ", context))
        if len(found) > 1:
            return tuple(dict.fromkeys(found))
    return tuple(dict.fromkeys(_listed(_pieces(text), context)))


def _pieces(text: str) -> list[tuple[str, str]]:
    """(piece, the sign behind it) of a list."""
    found: list[tuple[str, str]] = []
    end = 0
    for match in _CUT.finditer(text):
        found.append((text[end : match.start()], match[0]))
        end = match.end()
    found.append((text[end:], ""))
    pieces: list[tuple[str, str]] = []
    for piece, sign in found[:_MOST_PIECES]:
        # các huyện, thị xã: a piece in lower case goes on with the one before
        if pieces and piece[:1].islower() and not piece.startswith("các "):
            before, cut = pieces.pop()
            piece = f"{before}{cut}{piece}"
        if piece.strip():
            pieces.append((piece.strip(), sign))
    return pieces


def _behind_colon(head: str, tail: str, context: BodyContext) -> Iterator[Identity]:
    pieces = _pieces(tail)
    lead = _SHARED_ALONE.match(head)
    if lead is not None:
        yield from _joined(pieces, f"{lead['head'].capitalize()} ", context)
        return
    if _STANDING.fullmatch(f"{head}:"):
        yield from _listed([(f"Thường trực {pieces[0][0]}", pieces[0][1]), *pieces[1:]], context) if pieces else ()
        return
    kinds = _KINDS.search(head)
    if kinds is not None and not fold(head).startswith("các "):
        one = f"{kinds['kinds']} " if _ONE_KIND.match(kinds["kinds"]) else ""
        core = head[: kinds.start()].strip()
        for piece, _ in pieces:
            found = resolve(f"{core} {one}{piece}", context) or resolve(f"{core} {piece}", context)
            if found is not None:
                yield found
        return
    office = resolve(head, context)
    if office is None or office.kind == GROUP:
        yield from _listed(pieces, context)
        return
    names = identity_words().units.names
    units = [piece for piece, _ in pieces if _CODE.fullmatch(piece) is not None or piece in names]
    if not units or not office.name.startswith("Văn phòng "):
        yield office
        return
    for piece in units:
        yield replace(
            office, id=f"{office.id}/{slug(piece)}", name=f"{names.get(piece, piece)}, {office.name}", kind="đơn vị",
            successors=(), how=f"a unit of: {office.how}",
        )  # fmt: skip


def _joined(pieces: list[tuple[str, str]], lead: str, context: BodyContext) -> Iterator[Identity]:
    """Pieces behind a shared head word, the longest name first: ``Văn hóa, Thể thao và Du lịch`` is one."""
    at = 0
    while at < len(pieces):
        for stop in range(min(len(pieces), at + 4), at, -1):
            run = pieces[at:stop]
            text = "".join(piece + sign for piece, sign in run[:-1]) + run[-1][0]
            name = text if fold(text).startswith(fold(lead)) else lead + text
            found = resolve(name, context)
            if found is not None:
                yield found
                at = stop
                break
        else:
            at += 1


def _listed(pieces: list[tuple[str, str]], context: BodyContext) -> Iterator[Identity]:
    """Pieces with heads of their own; what one leaves unsaid (place, office, body) the last or the one before says."""
    if not pieces:
        return
    texts = [office_spelled(piece) for piece, _ in pieces]
    last = spell_out(texts[-1])
    at = split_place(last)
    plural = _ALL_OF.search(last)
    place = at[1] if at is not None else plural["units"] if plural is not None and parse_plural(plural["units"]) else ""
    standing = _STANDING.match(texts[0]) is not None
    before = ""
    index = 0
    while index < len(texts):
        found, used = None, 1
        for stop in range(min(len(texts), index + 4), index, -1):
            if any("," in pieces[k][1] and is_body(texts[k + 1]) for k in range(index, stop - 1)):
                continue  # Đảng ủy, HĐND: another body begins behind the comma
            signs = [sign for _, sign in pieces[index : stop - 1]] + [""]
            joined = "".join(t + sign for t, sign in zip(texts[index:stop], signs, strict=True))
            found = _leaning(joined, last, place, standing and index > 0, before, context, index < len(texts) - 1)
            if found is not None:
                used, before = stop - index, joined
                break
        if found is not None:
            yield found
        index += used


def _leaning(
    text: str, last: str, place: str, standing: bool, before: str, context: BodyContext, leans: bool
) -> Identity | None:
    spelled = spell_out(text)
    if standing and _HAS_STANDING.match(key_of(spelled)):
        text = spelled = f"Thường trực {spelled}"
    key = key_of(spelled)
    if leans and key in offices():
        words = words_of(last)
        for count in (5, 4, 3, 2, 1):
            lead = [w for w in words.keys[:count] if w != "các"]
            if len(words.keys) > count and " ".join(lead) in offices():
                return resolve(f"{spelled}{words.rest(count)}", context)
    if leans and place and split_place(spelled) is None and _ALL_OF.search(spelled) is None:
        kind, _, name = place.partition(" ")
        name = name.removeprefix("xã ").removeprefix("phố ") if kind in ("thị", "thành") else name
        seat = key.endswith(("{ủy}", "{đoàn}"))
        found = resolve(f"{spelled} {name}".strip() if seat else f"{spelled} {place}", context)
        if found is not None:
            return found
    found = resolve(text, context)
    if found is None and before:
        at = split_place(spell_out(before))
        if at is not None and (kind_match := re.match(r"thành phố|thị xã|thị trấn|\S+", at[1])) is not None:
            core = spell_out(before)[: at[0]]
            if text[:1].isupper() and len(at[1]) > len(kind_match[0]):
                found = resolve(f"{core}{kind_match[0]} {text}", context)
    return found


def members_of(group: Identity, day: str | None) -> tuple[str, ...]:
    """Ids of the bodies of units that a group ranged over on the day; empty where the gazetteer does not list them.

    ``UBND các xã, thị trấn`` of a district gives each of its communes' committees.
    """
    if group.ranges_over is None:
        return ()
    core, kinds, scope = (part.strip() for part in group.ranges_over.split("|"))
    wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    body = slug(core.replace("Đảng ủy", "cấp ủy"))
    if scope == CENTRE:
        found = [u for u in all_provinces() if u.kind in wanted and held(u.valid_from, u.valid_to, day)]
    else:
        unit = unit_of(scope)
        found = list(within(unit, wanted, day)) if unit is not None and wanted else []
    return tuple(sorted({f"{unit.id}/{body}" for unit in found}))


def context_of(dispatch: Dispatch) -> BodyContext:
    """What a record says of its dispatch, as far as names hang on it."""
    body = dispatch.issuing_body
    return BodyContext(
        issuer=body.name if body else None,
        superior=body.superior if body else None,
        province=body.province if body else None,
        day=dispatch.issued_on,
        place=dispatch.place,
        level=body.level if body else None,
    )


def identities_of(dispatch: Dispatch) -> tuple[NamedIdentity, ...]:
    """Every body a record names and the tables can tell. A cited document's body is taken on that document's day."""
    context = context_of(dispatch)
    found: list[NamedIdentity] = []
    counts: dict[tuple[str, int], int] = {}

    def add(where: str, name: str | None, within: BodyContext) -> None:
        role, _, rest = where.partition(" ")
        entry = int(rest.split(" ")[0]) if rest else 0
        for identity in resolve_parts(name, within) if name else ():
            part = counts[role, entry] = counts.get((role, entry), 0) + 1
            found.append(NamedIdentity(where, role, entry, part, name or "", identity))

    if dispatch.issuing_body is not None:
        add("issuing_body", dispatch.issuing_body.name, context)
    for number, addressee in enumerate(dispatch.addressees, start=1):
        add(f"addressee {number}", addressee.name, context)
    for number, copy in enumerate(dispatch.copies, start=1):
        add(f"copy {number}", copy.name, context)
    for number, reference in enumerate(dispatch.references, start=1):
        then = replace(context, day=reference.issued_on) if _earlier(reference.issued_on, context.day) else context
        add(f"reference {number} issuing_body", reference.issuing_body, then)
    for number, deadline in enumerate(dispatch.deadlines, start=1):
        for place, name in enumerate(deadline.responsible, start=1):
            add(f"deadline {number} responsible {place}", name, context)
    return tuple(found)


def _earlier(day: str | None, today: str | None) -> bool:
    """Whether a cited day is known and not after the document's own (a slip of the pen may say so)."""
    return day is not None and (today is None or day[: len(today)] <= today)
