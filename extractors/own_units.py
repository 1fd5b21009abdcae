"""The units a dispatch is at home in, and the units its names mean: ``huyện``, ``tỉnh BG``, ``xã X, huyện Y``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from extractors import place_identities as units
from extractors import places
from extractors.body_words import spell_out
from extractors.fold import fold
from extractors.place_identities import Unit
from extractors.tables import Level

DISTRICTS = ("quận", "huyện", "thị xã", "thành phố")
COMMUNES = ("xã", "phường", "thị trấn", "đặc khu")
PROVINCES = ("tỉnh", "thành phố")

_KIND = "thành phố|thị xã|thị trấn|tỉnh|huyện|quận|xã|phường|đặc khu"
_KIND_WORD = re.compile(rf"(?<!\w)(?:{_KIND})(?!\w)(?!\s(?:hội|ủy|uỷ|đoàn|đội)\b)", re.IGNORECASE)
_PIECE = re.compile(rf"^(?:(?P<kind>{_KIND}|thủ đô)(?!\w))?\s*(?P<name>.*)$", re.IGNORECASE | re.DOTALL)
_BETWEEN = re.compile(rf"\s*,\s*|\s+[-–]\s+(?=(?:{_KIND})\b)|\s+(?:thuộc|của)\s+", re.IGNORECASE)
_NAME = re.compile(r"[^\W_](?:[\w\s'’\-–]{0,40}\w)?")
_AND = r"\s?[,/]\s?|\s(?:và|hoặc)\s"
_PLURAL = re.compile(
    rf"^(?:(?:tất cả\s)?các|từng)\s(?P<kinds>(?:{_KIND})(?:(?:{_AND}|\s)(?:{_KIND}|thị))*)(?!\w)(?P<rest>.*)$"
    rf"|^(?P<bare>(?:{_KIND})(?:(?:{_AND})(?:{_KIND}|thị))+)(?!\w)(?P<bare_rest>.*)$"
    r"|^cấp\s(?P<level>tỉnh|huyện|xã)(?P<level_rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_EACH_KIND = re.compile(rf"{_KIND}|thị", re.IGNORECASE)
_INSIDE = re.compile(
    r"^(?:trực thuộc\s|thuộc\s|của\s|trong\s|trên địa bàn\s|toàn\s)?(?=(?:tỉnh|thành phố|huyện|thị xã|quận)\b)",
    re.IGNORECASE,
)
_CENTRAL = re.compile(r"^(?:trực thuộc\s(?:trung ương|tw)|cả nước|trong cả nước)$", re.IGNORECASE)
_LEVEL_KINDS = {"tỉnh": PROVINCES, "huyện": DISTRICTS, "xã": COMMUNES}


@dataclass(frozen=True, slots=True)
class BodyContext:
    """What a dispatch says of itself: the issuing body's name, superior, province and level, the day of the document
    (ISO, possibly partial) and the place line before it. All optional: what is unknown resolves less.
    """

    issuer: str | None = None
    superior: str | None = None
    province: str | None = None
    day: str | None = None
    place: str | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """The issuing body's own units on the day; ``said`` is the name its province is printed with."""

    province: Unit | None = None
    district: Unit | None = None
    commune: Unit | None = None
    said: str | None = None

    @property
    def inmost(self) -> Unit | None:
        """The smallest of them."""
        return self.commune or self.district or self.province


@dataclass(frozen=True, slots=True)
class Plural:
    """Units of some kinds together: ``các huyện, thị xã``. ``rest`` names what they lie in, empty where unsaid;
    ``central`` where it is the country.
    """

    kinds: tuple[str, ...]
    rest: str
    central: bool


@lru_cache(maxsize=1024)
def own_units(context: BodyContext) -> Own:
    """The units the issuing body governs or lies in; none for a central one."""
    if context.level == "central":
        return Own()
    day = context.day
    name, superior = spell_out(context.issuer or ""), spell_out(context.superior or "")
    province = _province_of(context, name, superior)
    district = commune = None
    for text in (name, superior):
        found = _unit_in(text, province, day)
        if found is None:
            continue
        if found.level == "district" and district is None:
            district = found
        elif found.level == "commune" and commune is None:
            commune = found
        elif found.level == "province" and province is None:
            province = found
    if commune is not None and district is None and commune.district is not None:
        district = units.named(None, commune.district, province, day) if province else None
        district = district if district is not None and district.level == "district" else None
    if district is None and context.level in ("district", "other") and context.place and province is not None:
        kind, _ = places.split_kind(context.place)
        among = units.districts(_without_kind(context.place), kind, province.name)
        district = units.choose(among, day)
    if commune is not None and district is not None and commune.district is None and not commune.valid_to:
        district = None
    if province is None and (inner := district or commune) is not None:
        province = units.province(units.province_then(inner, day), None, day)
    return Own(province, district, commune, context.province)


def parse_plural(text: str) -> Plural | None:
    """Units of several kinds at the end of a name, or None."""
    match = _PLURAL.match(text)
    if match is None:
        return None
    rest = (match["rest"] or match["bare_rest"] or match["level_rest"] or "").strip(" ,;")
    central = _CENTRAL.match(rest) is not None
    rest = "" if central else _INSIDE.sub("", rest)
    if match["level"]:
        return Plural(_LEVEL_KINDS[fold(match["level"])], rest, central)
    kinds = (fold(m[0]) for m in _EACH_KIND.finditer(match["kinds"] or match["bare"]))
    return Plural(tuple("thị xã" if kind == "thị" else kind for kind in kinds), rest, central)


def split_place(text: str) -> tuple[int, str] | None:
    """(offset, text) of the place a name ends in, from its first word of a kind: ``huyện Ba Tri``; None for none, and
    for several (``các huyện``)."""
    match = _KIND_WORD.search(text)
    if match is None or text[: match.start()].rstrip().lower().endswith((" các", " cấp")):
        return None
    return match.start(), text[match.start() :]


def meant(text: str, own: Own, day: str | None, bare: tuple[str, ...] = ()) -> Unit | None:
    """The unit a text ends in: with its kind and name, or a kind alone, which is the issuing body's own, or, for the
    levels in ``bare``, a name alone. None where the text is anything else.
    """
    pieces = [piece.strip(" .;") for piece in _BETWEEN.split(text.strip(" ,.;:")) if piece.strip(" .;")]
    if not pieces or len(pieces) > 3:
        return None
    if len(pieces) == 1:
        return _one(pieces[0], own, day, bare)
    around = _one(pieces[-1], own, day, ("province",))
    for piece in reversed(pieces[:-1]):
        if around is None or around.level == "commune":
            return None
        kind, name = _kind_and_name(piece)
        inner = units.inside(kind, name, around, day) if kind is not None and name else None
        around = inner
    return around


def _kind_and_name(piece: str) -> tuple[str | None, str]:
    match = _PIECE.match(piece)
    if match is None or not match["kind"]:
        return None, piece.strip()
    kind = fold(match["kind"])
    return "thành phố" if kind == "thủ đô" else kind, match["name"].strip()


def _one(piece: str, own: Own, day: str | None, bare: tuple[str, ...]) -> Unit | None:
    """The unit of one piece: ``huyện Ba Tri``, ``huyện``, ``tỉnh BG``, ``Bắc Giang``."""
    kind, name = _kind_and_name(piece)
    if not name:
        return _own_of(kind, own)
    if _NAME.fullmatch(name) is None:
        return None
    if kind is None:
        if not (name[0].isupper() or name[0].isdigit()):
            return None
        found = units.province(name, None, day) if "province" in bare else None
        if "district" not in bare:
            return found
        if found is not None:  # the tỉnh, or the city in it of the same name
            return None if units.districts(name, None, found.name) else found
        return units.choose(units.districts(name, None, own.province.name), day) if own.province is not None else None
    if name.isupper() and name.isalpha() and 2 <= len(name) <= 3:
        own_unit = _own_of(kind, own)
        if own_unit is not None and _initials(own_unit.name) == name:
            return own_unit
    # Inside the issuing body's own district a commune is looked for first, then in its province.
    if kind in COMMUNES:
        if own.district is not None and (found := units.inside(kind, name, own.district, day)) is not None:
            return found
        return units.named(kind, name, own.province, day)
    return units.named(kind, name, own.province, day)


def _own_of(kind: str | None, own: Own) -> Unit | None:
    if kind == "tỉnh":
        return own.province if own.province is not None and own.province.kind == "tỉnh" else None
    if kind == "thành phố":
        found = [u for u in (own.district, own.province) if u is not None and u.kind == kind]
        return found[0] if len(found) == 1 else None
    unit = own.district if kind in DISTRICTS else own.commune
    return unit if unit is not None and unit.kind == kind else None


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", name)).upper()


def _without_kind(text: str) -> str:
    match = _PIECE.match(text.strip(" ,."))
    return (match["name"] if match else text).strip()


def _province_of(context: BodyContext, name: str, superior: str) -> Unit | None:
    if context.province:
        return units.province(_without_kind(context.province), None, context.day)
    for text in (name, superior, context.place or ""):
        last = _BETWEEN.split(text)[-1]
        at = split_place(last)
        kind, called = None, last.strip()
        if at is not None:
            match = _PIECE.match(at[1])
            kind, called = (fold(match["kind"]) if match and match["kind"] else None), (match["name"] if match else "")
        else:
            words = last.split()
            called = next((c for k in (4, 3, 2) if (c := " ".join(words[-k:])) and units.province(c, None, None)), "")
        if called and kind in (None, "tỉnh", "thành phố") and (found := units.province(called, kind, context.day)):
            return found
    return None


def _unit_in(text: str, province: Unit | None, day: str | None) -> Unit | None:
    """The unit the name of an issuing body ends in."""
    at = split_place(text)
    if at is not None:
        return meant(at[1], Own(province=province), day)
    words = text.split()
    for count in range(1, len(words)):  # Huyện ủy Đô Lương
        if words[count - 1].lower() in ("ủy", "uỷ", "đoàn") and count >= 2:
            kind = {"huyện": "huyện", "quận": "quận", "thị": "thị xã", "thành": "thành phố", "tỉnh": "tỉnh"}.get(
                words[count - 2].lower()
            )
            return units.named(kind, " ".join(words[count:]), province, day) if kind else None
    return None
