"""Cơ quan ban hành: from the letterhead, else from whom the signer signs for, else from what the text gives away.

A letterhead is taken as printed. Without one the body is said to be found elsewhere (``signature``, ``inferred``), and
only where its kind and its place both follow from the text; a place comes from the gazetteer, never from a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from extractors.blocks import is_caps
from extractors.bodies import letterhead, spell_out
from extractors.cues import any_of
from extractors.fold import fold
from extractors.places import Place, commune, district, find_places, locate
from extractors.signer import SignerFound
from models.reading import Reading
from models.record import Evidence, IssuingBody

_PEOPLES_COMMITTEE = "Ủy ban nhân dân"
_LEVEL_WORD = "tỉnh|huyện|thị xã|quận|xã|phường|thị trấn|thành phố"
_ON_BEHALF = re.compile(r"^(?:TM|T/M)\s?\.?\s?(?P<body>.+)$")
_SPEAKS = re.compile(
    rf"(?:UBND|[UỦ][ỷyủ]\sban\snhân\sdân)\s(?P<level>{_LEVEL_WORD})\s{any_of('speaks')}", re.IGNORECASE
)
_BY_ORDER = re.compile(
    r"(?:Thừa lệnh|TL\.?|thay mặt|Thừa ủy quyền)\s(?:Chủ tịch\s)?(?:UBND|Ủy ban nhân dân)\s"
    rf"(?P<level>{_LEVEL_WORD})\b",
    re.IGNORECASE,
)
_LEVELS = {
    "tỉnh": "province", "huyện": "district", "quận": "district", "thị xã": "district",
    "xã": "commune", "phường": "commune", "thị trấn": "commune",
}  # fmt: skip
_OWN_UNIT = re.compile(r"\b(?P<kind>xã|phường|thị trấn|huyện|quận|thị xã)\s(?P<name>[^,;()]+)$", re.IGNORECASE)
_COMMUNE_KINDS = ("xã", "phường", "thị trấn")
_LEAST_SHARE = 0.7
"""Of the places a text names, the share one province must have before the text is taken to be that province's."""


@dataclass(frozen=True, slots=True)
class IssuerFound:
    """The issuing body with its evidence and rule, and the place it governs."""

    body: IssuingBody
    rule: str
    evidence: Evidence
    place: Place | None = None


def find_issuer(
    reading: Reading,
    signer: SignerFound | None,
    place_line: str | None,
    issued_on: str | None,
    gazette_body: str | None,
) -> IssuerFound | None:
    """The issuing body, or None where the text does not give it away.

    ``place_line`` is the địa danh before the date; ``gazette_body`` the body a Công báo title names.
    """
    from_head = _from_letterhead(reading, place_line, issued_on, gazette_body)
    if from_head is not None:
        return from_head
    return _from_signature(reading, signer, place_line, issued_on) or _inferred(reading, signer, place_line, issued_on)


def _from_letterhead(
    reading: Reading, place_line: str | None, issued_on: str | None, gazette_body: str | None
) -> IssuerFound | None:
    zones = [z for z in reading.zones if z.name == "letterhead"]
    mottoes = [z for z in reading.zones if z.name == "motto"]
    # Read row by row, the letterhead's lines stand between those of the motto; read by columns, before them.
    if mottoes and any(z.start < mottoes[0].start for z in zones):
        zones = [z for z in zones if z.start < mottoes[-1].start]
    lines = [line.strip() for z in zones for line in reading.text.clean[z.start : z.end].split("\n") if line.strip()]
    start, end = (zones[0].start, zones[-1].end) if zones else (0, 0)
    rule = "issuer/letterhead"
    if not lines and gazette_body:
        zone = reading.zone("subject") or reading.zone("title")
        assert zone is not None
        lines, start, end, rule = [gazette_body.upper()], zone.start, zone.end, "issuer/gazette-title"
    found = letterhead(lines) if lines else None
    if found is None:
        return None
    province, level, name = found.province, found.level, found.name
    place = locate(place_line, [found.name, found.superior or ""], issued_on) if place_line else None
    namesake = _namesake(name, place) if level in ("commune", "district") else None
    if namesake is not None:
        province, place = _province_of_namesake(reading, namesake, issued_on), None
    if province is None and level != "central" and place is not None:
        province = place.province
    if name == _PEOPLES_COMMITTEE and place is not None:
        name, level = f"{name} {place.full}", place.level
    if province is None and level == "commune":
        province = _province_of_districts(reading)
    own = _own_place(name, province, issued_on) or place
    body = IssuingBody(name=name, superior=found.superior, level=level, province=province, source="header")
    return IssuerFound(body, rule, reading.text.evidence(start, end), own)


def _namesake(name: str, place: Place | None) -> re.Match[str] | None:
    """The unit a body is of, where a province is called like it: xã Quảng Trị, whose địa danh tells no province."""
    unit = _OWN_UNIT.search(name)
    return unit if unit and place and place.level == "province" and fold(unit["name"]) == fold(place.name) else None


def _province_of_namesake(reading: Reading, unit: re.Match[str], issued_on: str | None) -> str | None:
    """The only province with such a unit, or the only one of those that the text names as ``tỉnh …``; else None."""
    units = commune(unit.group()) if unit["kind"].lower() in _COMMUNE_KINDS else district(unit.group())
    held = [u for u in units if issued_on is None or u.held(issued_on)] or units
    provinces = {u.province for u in held if u.province is not None}
    if len(provinces) > 1:
        provinces &= {p.name for _, _, p in find_places(reading.text.clean) if p.level == "province"}
    return provinces.pop() if len(provinces) == 1 else None


def _own_place(name: str, province: str | None, issued_on: str | None) -> Place | None:
    """The unit a body's name ends in: ``Ủy ban nhân dân huyện Mộc Châu`` → huyện Mộc Châu."""
    found = [p for _, _, p in find_places(name)]
    if found:
        return found[-1]
    return locate(province, (), issued_on) if province else None


def _from_signature(
    reading: Reading, signer: SignerFound | None, place_line: str | None, issued_on: str | None
) -> IssuerFound | None:
    if signer is None or "authority" not in signer.evidence:
        return None
    for line in signer.signer.authority:
        match = _ON_BEHALF.match(line)
        if match is None:
            continue
        found = letterhead([match["body"] if is_caps(match["body"]) else match["body"].upper()])
        if found is None:
            continue
        name, level, province = found.name, found.level, found.province
        place = locate(place_line, [name], issued_on) if place_line else None
        if fold(spell_out(name)) == fold(_PEOPLES_COMMITTEE):
            place = place or _home(reading, "province")
            if place is None:
                return None
            name, level, province = f"{_PEOPLES_COMMITTEE} {place.full}", place.level, place.province
        elif province is None and place is not None and level != "central":
            province = place.province
        body = IssuingBody(name=name, superior=None, level=level, province=province, source="signature")
        return IssuerFound(
            body,
            "issuer/signed-on-behalf",
            signer.evidence["authority"],
            place or _own_place(name, province, issued_on),
        )
    return None


def _inferred(
    reading: Reading, signer: SignerFound | None, place_line: str | None, issued_on: str | None
) -> IssuerFound | None:
    """A people's committee whose chairman signs, whose level the text speaks of and whose place the gazetteer knows."""
    if signer is None:
        return None
    titles = " ".join([*signer.signer.authority, signer.signer.position or ""])
    if "CHỦ TỊCH" not in titles.upper():
        return None
    clean = reading.text.clean
    spoken = Counter(m["level"].lower() for pattern in (_SPEAKS, _BY_ORDER) for m in pattern.finditer(clean))
    if not spoken:
        return None
    word = spoken.most_common(1)[0][0]
    match = next(m for pattern in (_BY_ORDER, _SPEAKS) for m in pattern.finditer(clean) if m["level"].lower() == word)
    level = _LEVELS.get(word)
    if level is None:
        return None  # a thành phố may be a province's equal or a district: the text alone does not tell
    place = locate(place_line, _mentioned(reading), issued_on) if place_line else None
    if place is None or place.level != level:
        place = _home(reading, level)
    if place is None or place.level != level:
        return None
    name = f"{_PEOPLES_COMMITTEE} {place.full}"
    body = IssuingBody(name=name, superior=None, level=place.level, province=place.province, source="inferred")
    return IssuerFound(body, "issuer/inferred", reading.text.evidence(match.start(), match.end()), place)


def _mentioned(reading: Reading) -> list[str]:
    return [place.full for _, _, place in find_places(reading.text.clean)]


def _province_of_districts(reading: Reading) -> str | None:
    """The province of the districts that a commune's dispatch names, where they are all of one."""
    named = [place for _, _, place in find_places(reading.text.clean) if place.level == "district"]
    provinces = {place.province for place in named}
    return provinces.pop() if len(provinces) == 1 else None


def _home(reading: Reading, level: str) -> Place | None:
    """The province in which most of the districts lie that the text names; None for other levels or no clear winner.

    Provinces that are named do not count: a dispatch names others' (``kinh nghiệm của tỉnh …``) as often as its own.
    """
    if level != "province":
        return None
    named = (place for _, _, place in find_places(reading.text.clean) if place.level == "district")
    votes = Counter(place.province for place in named if place.province)
    if not votes:
        return None
    name, count = votes.most_common(1)[0]
    if count < 2 or count < _LEAST_SHARE * votes.total():
        return None
    return locate(name)
