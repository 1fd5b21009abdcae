"""The gazetteer: provinces, districts and communes of Việt Nam, before and after 01/7/2025.

The map of the country changed on 01/7/2025 (Nghị quyết 202/2025/QH15: 63 provinces became 34, the district level
ended). A name of before is never rewritten: a :class:`Place` says when it held and what came after.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from extractors import tables
from extractors.fold import bare, fold

PlaceLevel = Literal["province", "district", "commune"]

LAST_DAY_OF_DISTRICTS = "2025-06-30"

_KIND_LEVEL: dict[str, PlaceLevel] = {
    "tỉnh": "province", "thành phố": "district", "thị xã": "district", "quận": "district", "huyện": "district",
    "xã": "commune", "phường": "commune", "thị trấn": "commune", "đặc khu": "commune",
}  # fmt: skip
_SHORT_KIND = {
    "tp": "thành phố", "t.p": "thành phố", "tx": "thị xã", "t.x": "thị xã", "tt": "thị trấn", "q": "quận", "h": "huyện",
    "p": "phường", "x": "xã", "t": "tỉnh", "thủ đô": "thành phố", "thành phố trực thuộc trung ương": "thành phố",
}  # fmt: skip
_KIND = re.compile(
    r"(?P<long>thành phố(?: trực thuộc trung ương)?|thủ đô|tỉnh|thị xã|thị trấn|huyện|quận|xã|phường|đặc khu)\s+(?=\S)"
    r"|(?P<short>t\.?p|t\.x|tx|tt|[qhpxt])(?:\s?\.\s?|(?<=p)\s+|(?<=x)\s+|(?<=q)(?=\d))(?=\S)"
)
_PRINTED = re.compile(
    r"\b(?P<kind>tỉnh|huyện|thành phố|thị xã|quận|tp|tx)(?P<dot>\s?\.\s?|\s{1,3})(?=\w)", re.IGNORECASE
)
_NAME_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|(?<=\s)[-–](?=\s)|(?<=\w)-(?=\w)")
_NEXT_IN_LIST = re.compile(r"\s?,\s{1,2}(?:và\s)?|\svà\s")
_IN_PROVINCE = re.compile(r"\s?[,\-–]\s?(?:tỉnh|thành phố|TP\.?)\s{1,2}(?=\w)|\s?[(,\-–]\s?(?=\w)", re.IGNORECASE)
_LONGEST_NAME, _WINDOW = 6, 48


@dataclass(frozen=True, slots=True)
class Place:
    """One unit over one span of time.

    ``name`` without its kind (``Đô Lương``; ``1`` for Quận 1), ``kind`` in lower case. ``province`` is the name of
    the province it is in (its own for a province), None where several share the name and nothing tells which.
    ``valid_from``, ``valid_to``: ISO dates, possibly partial, None where open or unknown. ``successor``: what it
    became, several joined by ``; ``.
    """

    name: str
    kind: str
    level: PlaceLevel
    province: str | None
    valid_from: str | None = None
    valid_to: str | None = None
    successor: str | None = None
    district: str | None = None

    @property
    def full(self) -> str:
        """Kind and name as in the middle of a sentence: ``huyện Đô Lương``, ``Quận 1``, ``Thành phố Hồ Chí Minh``."""
        capital = self.name.isdigit() or (self.level == "province" and self.name == "Hồ Chí Minh")
        return f"{self.kind[0].upper() + self.kind[1:] if capital else self.kind} {self.name}"

    def held(self, on: str | None) -> bool:
        """Whether the unit existed on an ISO date, possibly partial; with None, whether it still does."""
        if on is None:
            return self.valid_to is None
        return self.began(on) and (self.valid_to is None or on[: len(self.valid_to)] <= self.valid_to)

    def began(self, on: str) -> bool:
        """Whether the unit had come to be by an ISO date, possibly partial."""
        return (self.valid_from or "")[: len(on)] <= on


def split_kind(name: str) -> tuple[str | None, str]:
    """The kind a name is written with and the rest, folded: ``TP.Đà Lạt`` → (``thành phố``, ``cần thơ``)."""
    key = fold(name)
    match = _KIND.match(key)
    if match is None:
        return None, key
    word = match["long"] or match["short"]
    return _SHORT_KIND.get(word, word), key[match.end() :]


def province(name: str, on: str | None = None) -> Place | None:
    """The province or central city called so, whatever its kind is written like (``TP.HCM``, ``tỉnh Bắc Giang``).

    Of several over time, that which held ``on`` the ISO date, else the latest. ``thành phố Bắc Giang`` is none: it
    names the city in the province.
    """
    kind, key = split_kind(name)
    if kind not in (None, "tỉnh", "thành phố"):
        return None
    found = _provinces().get(key, [])
    if not found and key.isascii():
        found = _bare_provinces().get(key, [])
    if on is not None:
        found = [p for p in found if p.began(on)]
    if not found:
        return None
    if kind is not None:
        of_kind = [p for p in found if p.kind == kind and (on is None or p.held(on))]
        if not of_kind and kind == "thành phố" and any(d.kind == kind for d in _districts().get(key, ())):
            return None
        found = of_kind or found
    return next((p for p in found if p.held(on)), found[-1])


def district(name: str, province: str | None = None) -> list[Place]:
    """The districts called so, of the province if one is given; the kind only orders them (huyện became thị xã).

    A district is also found under the province that came before or after its own (Chương Mỹ in Hà Tây).
    """
    kind, key = split_kind(name)
    if kind is not None and _KIND_LEVEL[kind] != "district":
        return []
    found = list(_districts().get(key, ()))
    if province is not None:
        found = _within(found, province)
    if kind is not None:
        exact = [d for d in found if d.kind == kind]
        found = exact or [replace(d, kind=kind) for d in found]
    return found


def commune(name: str, province: str | None = None, district: str | None = None) -> list[Place]:
    """The communes called so, before and after the merger, of the province and district if given."""
    kind, key = split_kind(name)
    found = list(_communes().get(key, ()))
    if kind is not None:
        found = [c for c in found if c.kind == kind]
    if province is not None:
        found = _within(found, province)
    if district is not None:
        wanted = split_kind(district)[1]
        found = [c for c in found if c.district is not None and fold(c.district) == wanted]
    return found


def locate(place_line: str, mentioned: Collection[str] = (), on: str | None = None) -> Place | None:
    """The unit meant by the địa danh before a date (``Đô Lương``, ``TP.Đà Lạt``), or None where it cannot be told.

    A province first, else the only district of that name, else the one in a province among the ``mentioned`` place
    names. On or after 01/7/2025 (``on``) communes take the place of districts.
    """
    text = place_line.strip(" ,.;:")
    kind, key = split_kind(text)
    if not key:
        return None
    if kind is None or kind in ("tỉnh", "thành phố"):
        found = province(text, on)
        if found is not None:
            return found
    provinces_named = {found.name for m in mentioned if (found := province(m)) is not None}
    if on is not None and on > LAST_DAY_OF_DISTRICTS or (kind is not None and _KIND_LEVEL[kind] == "commune"):
        units = [c for c in commune(text) if c.held(on) or on is None]
    else:
        units = district(text)
    if len({u.province for u in units}) > 1:
        own = [u for u in units if u.province in provinces_named]
        units = own or [u for u in units if any(_same_province(u.province, p) for p in provinces_named)]
    if not units or len({(u.province, u.district) for u in units}) > 1:
        return None
    wanted = {fold(m) for m in mentioned}
    return next((u for u in units if fold(u.full) in wanted), units[0])


def find_places(text: str) -> Iterator[tuple[int, int, Place]]:
    """(start, end, place) of every ``tỉnh X``, ``huyện X``, ``thành phố X``, ``thị xã X``, ``quận X`` of a known name.

    A list after one kind word gives each of its names (``các huyện Đô Lương, Yên Thành``); its later spans hold the
    name alone. Linear in the length of ``text``.
    """
    end = 0
    while (match := _PRINTED.search(text, end)) is not None:
        end = match.end()
        short = match["kind"].lower()
        if "." in match["dot"] and short not in _SHORT_KIND:
            continue
        kind = _SHORT_KIND.get(short, short)
        start, at = match.start(), match.end()
        while (hit := name_at(text, at, kind)) is not None:
            stop, found = hit
            yield start, stop, _settle(text, stop, found)
            end = stop
            following = _NEXT_IN_LIST.match(text, stop)
            if following is None:
                break
            start = at = following.end()


def name_at(text: str, start: int, kind: str) -> tuple[int, tuple[Place, ...]] | None:
    """The longest known name of that kind at ``start``: its end and the places called so."""
    if start >= len(text) or not (text[start].isupper() or text[start].isdigit()):
        return None
    ends: list[int] = []
    for token in _NAME_TOKEN.finditer(text, start, start + _WINDOW):
        if text[ends[-1] if ends else start : token.start()].strip(" \n") or len(ends) == _LONGEST_NAME:
            break
        if token[0][0].isalpha() and not token[0][0].isupper():
            break
        ends.append(token.end())
    for stop in reversed(ends):
        found = _named(kind, text[start:stop])
        if found:
            return stop, found
    return None


@lru_cache(maxsize=4096)
def _named(kind: str, name: str) -> tuple[Place, ...]:
    """The places of that kind called exactly so. A document names the same few again and again."""
    key = fold(name)
    if kind in ("tỉnh", "thành phố") and key in _provinces() and (hit := province(f"{kind} {key}")) is not None:
        return (hit,)
    return () if kind == "tỉnh" else tuple(district(f"{kind} {key}"))


def _settle(text: str, stop: int, found: Sequence[Place]) -> Place:
    """One place for a name several provinces have: that of the province named next, else without a province."""
    if len({p.province for p in found}) == 1:
        return found[0]
    following = _IN_PROVINCE.match(text, stop)
    if following is not None and (hit := name_at(text, following.end(), "tỉnh")) is not None:
        for place in _within(found, hit[1][0].name):
            return place
    return replace(found[0], province=None, successor=None)


def _within(found: Sequence[Place], province: str) -> list[Place]:
    """Those in the province; where there are none, those in one it came from or became."""
    exact = [p for p in found if p.province is not None and fold(p.province) == split_kind(province)[1]]
    return exact or [p for p in found if _same_province(p.province, province)]


def _same_province(mine: str | None, wanted: str) -> bool:
    if mine is None:
        return False
    _, key = split_kind(wanted)
    return fold(mine) == key or key in _relatives().get(fold(mine), ())


@cache
def _provinces() -> dict[str, list[Place]]:
    index: dict[str, list[Place]] = {}
    for row in sorted(tables.provinces(), key=lambda r: r.valid_from or "0"):
        place = Place(
            row.name, row.kind, "province", row.name, row.valid_from or None, row.valid_to or None,
            row.successor.replace(";", "; ") or None,
        )  # fmt: skip
        for spelling in (row.name, *filter(None, row.aliases.split("|"))):
            known = index.setdefault(fold(spelling), [])
            if place not in known:
                known.append(place)
    return index


@cache
def _bare_provinces() -> dict[str, list[Place]]:
    return {bare(key): found for key, found in _provinces().items()}


@cache
def _relatives() -> dict[str, frozenset[str]]:
    """Folded name of a province → those it came from or became."""
    links: dict[str, set[str]] = {}
    for row in tables.provinces():
        for successor in filter(None, row.successor.split(";")):
            links.setdefault(fold(row.name), set()).add(fold(successor))
            links.setdefault(fold(successor), set()).add(fold(row.name))
    return {name: frozenset(others) for name, others in links.items()}


@cache
def _districts() -> dict[str, list[Place]]:
    index: dict[str, list[Place]] = {}
    for row in tables.districts():
        place = Place(
            row.name, row.kind, "district", row.province, row.valid_from or None, row.valid_to or None,
            row.successor.replace(";", "; ") or None,
        )  # fmt: skip
        for spelling in (row.name, *filter(None, row.aliases.split("|"))):
            known = index.setdefault(fold(spelling), [])
            if place not in known:
                known.append(place)
    for found in index.values():  # the city of a name before the huyện around it
        found.sort(key=lambda p: (p.province or "", p.valid_to != LAST_DAY_OF_DISTRICTS, p.kind != "thành phố"))
    return index


@cache
def _communes() -> dict[str, list[Place]]:
    index: dict[str, list[Place]] = {}
    keys: dict[str, str] = {}
    for row in tables.communes():
        place = Place(
            row.name, row.kind, "commune", row.province, row.valid_from or None, row.valid_to or None,
            row.successor.replace(";", "; ") or None, row.district or None,
        )  # fmt: skip
        if (key := keys.get(row.name)) is None:
            key = keys[row.name] = fold(row.name)
        index.setdefault(key, []).append(place)
    return index
