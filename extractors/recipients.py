"""Kính gửi and Nơi nhận: who gets the dispatch, who gets a copy and what for, where it is filed.

Nghị định 30/2020/NĐ-CP, Phụ lục I.II.9. A line is split only where every part stands alone as written: ``Bộ Chỉ huy
Quân sự tỉnh, Công an tỉnh`` is two recipients, ``UBND các huyện, thị xã, thành phố`` is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.blocks import marker_of
from extractors.bodies import from_notation
from extractors.cues import any_of
from extractors.fold import fold
from extractors.letters import UPPER
from models.reading import Reading, Zone
from models.record import Addressee, Copy, Evidence

_KINH_GUI = re.compile(r"^(?:[-–]\s?)?(?:đồng\s)?kính\s?(?:gửi|gởi|trình)\s?[:;]?\s*", re.IGNORECASE)
_DIEN = re.compile(r"^[^\n]{0,80}\bđiện\s?:\s*", re.IGNORECASE)
_NOI_NHAN = re.compile(r"^(?:[-–*]\s?)?n[ơo]i\s?nh[ậa]n\b\s?[:;.]?\s*", re.IGNORECASE)
_ARCHIVE = re.compile(r"^(?:[-–+•]\s?)*lưu\b\s?[:;.]?\s*", re.IGNORECASE)
_AS_ABOVE = re.compile(r"^như\s(?:trên|kính\sgửi|kg)\b", re.IGNORECASE)
_PURPOSE = re.compile(rf"[;,]?\s*\(\s?(?P<bracketed>{any_of('purposes')}[^()]*)\)\s*$", re.IGNORECASE)
_BARE_PURPOSE = re.compile(
    rf",?\s(?P<bare>(?:để|thay)\s{any_of('purposes_without_brackets')}\b[^()]{{0,40}})$", re.IGNORECASE
)
# Drafts carry the path of their file under the archive line.
_FILE_PATH = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\)\S")
_EDGE = " ;,.:/-–+"

# A part that is a bare role or organ, which leans on a qualifier that only a later part carries.
_LEANS = re.compile(
    r"^(?:các\s|đ/c\s|đồng chí\s|tt[.:]?\s?|ttr\.?\s|thường trực\s|lãnh đạo\s)?"
    rf"(?:{any_of('leaders')}|{any_of('leaning_bodies')})$"
)
# A Party committee carries its level in its name; it leans only on a place name that the last part gives.
_COMMITTEE = re.compile(
    r"^(?:tt[.:]?\s?|ttr\.?\s|thường trực\s|btv\s|ban thường vụ\s)?(?:tỉnh|huyện|thành|quận|thị|đảng)\sủy$"
)
_STANDING = re.compile(rf"^{any_of('standing')}\b")
# TT. Tỉnh ủy, UBND tỉnh: the second has no standing committee that it could share with the first.
_STANDING_WHOLE = re.compile(rf"^{any_of('standing')}\b.*\s(?:ủy|(?:hđnd|hội đồng nhân dân)\s\w.*)$")
_HAS_NO_STANDING = re.compile(rf"^{any_of('without_standing')}\s\w")
_LEADER = re.compile(rf"^(?:các\s|đ/c\s|đồng chí\s)?{any_of('leaders')}\b")
# Vụ TC, PC: the second abbreviation leans on the noun before the first.
_HEAD_NOUN = re.compile(rf"^(?:[Cc]ác\s)?{any_of('nouns_of_units')}\s[{UPPER}&-]{{2,8}}$")
_ABBREVIATION = re.compile(rf"[{UPPER}&-]{{2,8}}")
_SCHOOL_LEVEL = re.compile(rf"^{any_of('school_levels')}\b(?!-)")
_QUALIFIER = re.compile(rf"\b{any_of('qualifiers')}\b")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list, its wrapped lines and sub-list joined; ``pieces`` are spans of the clean text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CopiesFound:
    """What Nơi nhận says."""

    copies: list[Copy]
    same_as_addressees: bool
    same_evidence: Evidence | None
    archived_at: str | None
    archived_evidence: Evidence | None


def addressees(reading: Reading) -> list[Addressee]:
    """The entries of Kính gửi, or of the list after ``điện:`` in a công điện."""
    zone = reading.zone("addressees")
    if zone is None:
        return []
    opening = reading.text.clean[zone.start : zone.end]
    rule = "addressees/kinh-gui" if _KINH_GUI.match(opening) else "addressees/dien"
    found = []
    for item in _items(reading, zone, (_KINH_GUI, _DIEN)):
        for name, start, end in _split(item):
            name, _, length = _without_purpose(name)
            if name and not _AS_ABOVE.match(name):
                found.append(
                    Addressee(name=name, rule=rule, evidence=reading.text.evidence(start, min(end, start + length)))
                )
    return found


def copies(reading: Reading) -> CopiesFound:
    """The entries of Nơi nhận; the archive line and ``Như trên`` apart."""
    zone = reading.zone("recipients")
    if zone is None:
        return CopiesFound([], False, None, None, None)
    found: list[Copy] = []
    same: Evidence | None = None
    archived: str | None = None
    archived_evidence: Evidence | None = None
    for item in _items(reading, zone, (_NOI_NHAN,)):
        filed = _ARCHIVE.match(item.text)
        if filed is not None:
            archived = item.text[filed.end() :].strip().rstrip(" .;/") or None
            archived_evidence = reading.text.evidence(item.start, item.end)
            continue
        shared: str | None = None
        parts: list[tuple[str, str | None, int, int]] = []
        whole, shared, _ = _without_purpose(item.text.rstrip(_EDGE))
        for name, start, end in _split(Item(whole, item.start, item.end)):
            name, own, length = _without_purpose(name)
            parts.append((name, own or shared, start, min(end, start + length)))
        for name, purpose, start, end in parts:
            if _AS_ABOVE.match(name):
                same = same or reading.text.evidence(start, end)
            elif name:
                evidence = reading.text.evidence(start, end)
                found.append(Copy(name=name, purpose=purpose, rule="copies/noi-nhan", evidence=evidence))
    return CopiesFound(found, same is not None, same, archived, archived_evidence)


def _items(reading: Reading, zone: Zone, openings: tuple[re.Pattern[str], ...]) -> Iterator[Item]:
    """The zone's list items: a bullet opens one, a wrapped line goes on with it, a ``+`` is part of the ``-`` above."""
    lines = _lines(reading, zone, openings)
    items: list[Item] = []
    bulleted = any(bullet for _, _, _, bullet in lines)
    for text, start, end, bullet in lines:
        archive = _ARCHIVE.match(text) is not None
        above = items[-1] if items else None
        if above is None or archive:
            items.append(Item(text, start, end))
        elif bullet == "+":
            joint = " " if above.text.endswith((":", ";", ",")) else ", "
            items[-1] = Item(
                above.text.rstrip(";") + ("" if above.text.endswith((":", ",")) else ",") + joint[-1] + text,
                above.start,
                end,
            )
        elif bullet or (_ends_item(above.text, text, bulleted) and not _ARCHIVE.match(above.text)):
            items.append(Item(text, start, end))
        else:
            items[-1] = Item(f"{above.text} {text}", above.start, end)
    for item in items:
        if item.text.strip(_EDGE):
            yield item


def _lines(reading: Reading, zone: Zone, openings: tuple[re.Pattern[str], ...]) -> list[tuple[str, int, int, str]]:
    """The zone's lines: text without its bullet, span, and the bullet (``-`` for any but ``+``)."""
    clean = reading.text.clean
    found = []
    position = zone.start
    for number, raw in enumerate(clean[zone.start : zone.end].split("\n")):
        text, start = raw, position
        position += len(raw) + 1
        if number == 0 or _KINH_GUI.match(text):
            for opening in openings:
                match = opening.match(text)
                if match is not None:
                    text, start = text[match.end() :], start + match.end()
        marker, _, content = marker_of(text)
        bullet = ""
        if marker and not marker[0].isalnum():
            bullet = "+" if marker == "+" else "-"
            text, start = text[content:], start + content
        lead = len(text) - len(text.lstrip())
        text = text.strip()
        if text and not _FILE_PATH.match(text):
            found.append((text, start + lead, start + lead + len(text), bullet))
    return found


def _ends_item(above: str, text: str, bulleted: bool) -> bool:
    """Whether a line without a bullet begins an item of its own: the one above was closed and is no open sub-list."""
    if ":" in above:
        return False
    if bulleted:
        return above.endswith((";", "."))
    return above.endswith((";", ".")) or (
        text[:1].isupper() and not above.endswith((",", " và", " -", " các")) and len(above) > 3
    )


def _split(item: Item) -> Iterator[tuple[str, int, int]]:
    """The item's parts with their spans; the whole where it is one."""
    text = item.text.strip()
    if ":" in text.rstrip(":"):
        yield _one(item, text, 0)
        return
    for piece, offset in _pieces(text, ";"):
        parts = list(_pieces(piece, ","))
        if len(parts) > 1 and _all_stand_alone([p for p, _ in parts]):
            for part, inner in parts:
                if part.strip(_EDGE):
                    yield _one(item, part, offset + inner)
        elif piece.strip(_EDGE):
            yield _one(item, piece, offset)


def _one(item: Item, part: str, offset: int) -> tuple[str, int, int]:
    lead = len(part) - len(part.lstrip(_EDGE))
    name = part.strip().strip(_EDGE) if not part.strip().endswith(")") else part.strip().lstrip(_EDGE)
    start = min(item.end, item.start + offset + lead)
    whole = item.text.strip(_EDGE) == name
    return name, start, item.end if whole else min(item.end, start + len(name))


def _pieces(text: str, separator: str) -> Iterator[tuple[str, int]]:
    """``text`` cut at separators outside brackets, with offsets."""
    depth = begin = 0
    for index, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character == separator and depth == 0:
            yield text[begin:index], begin
            begin = index + 1
    yield text[begin:], begin


def _all_stand_alone(parts: list[str]) -> bool:
    bare = [re.sub(r"\([^)]*\)", "", p).strip(_EDGE) for p in parts]
    folded = [fold(p) for p in bare]
    if not all(folded):
        return False
    if any(not (p[0].isupper() or p.startswith(("các ", "đ/c "))) for p in bare):
        return False
    if _HEAD_NOUN.match(bare[0]) and any(_ABBREVIATION.fullmatch(p) and not from_notation(p) for p in bare[1:]):
        return False
    if any(_SCHOOL_LEVEL.match(p) for p in bare[1:]):
        return False
    last = folded[-1]
    qualified = len(last.split()) > 1 and (
        _QUALIFIER.search(last.split(" ", 1)[1]) is not None or _ends_in_name(bare[-1])
    )
    leading = any(_LEADER.match(f) and _LEANS.match(f) for f in folded[:-1])
    if leading and _LEADER.match(last):
        return not qualified
    if _STANDING.match(folded[0]) and not all(_STANDING.match(f) for f in folded):
        return _STANDING_WHOLE.match(folded[0]) is not None and all(_HAS_NO_STANDING.match(f) for f in folded[1:])
    if (
        _ends_in_name(bare[-1])
        and any(_COMMITTEE.match(f) for f in folded[:-1])
        and _LEANS.match(fold(bare[-1].split()[0]))
    ):
        return False
    return not any(_LEANS.match(f) for f in folded[:-1])


def _ends_in_name(part: str) -> bool:
    words = part.split()
    return len(words) >= 2 and words[-1][:1].isupper() and words[-1][1:].islower()


def _without_purpose(name: str) -> tuple[str, str | None, int]:
    """The name without its purpose, the purpose, and the length of the name as it stood."""
    match = _PURPOSE.search(name)
    if match is not None:
        kept = name[: match.start()]
        return kept.strip(" ;,."), re.sub(r"\s+", " ", match["bracketed"]).strip(), len(kept)
    match = _BARE_PURPOSE.search(name)
    if match is not None:
        kept = name[: match.start()]
        return kept.strip(" ;,."), match["bare"].strip(), len(kept)
    return name.strip(" ;,"), None, len(name)
