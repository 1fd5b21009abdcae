"""The units of the map as identities: one province, district or commune over its whole life, and what it became.

The gazetteer has one row for each name and span of time. Here a province that the merger of 01/7/2025 (Nghị quyết
202/2025/QH15) left as it was is one unit, and one that took in others is another under the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from extractors import places, tables
from extractors.fold import fold
from extractors.places import LAST_DAY_OF_DISTRICTS, PlaceLevel

__all__ = ["LAST_DAY_OF_DISTRICTS", "Unit"]

FIRST_DAY_OF_TODAY = "2025-07-01"

_NOT_IN_SLUG = re.compile(r"[^\w]+")
# A unit is raised, never lowered: huyện → thị xã → thành phố, xã → thị trấn → phường.
_RANK = {"huyện": 0, "thị xã": 1, "thành phố": 2, "quận": 2, "xã": 0, "thị trấn": 1, "phường": 2, "đặc khu": 3}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit over its life. ``id``: province/district/commune in folded words, ``@`` and the first day where an
    older unit had the name. ``kind`` and ``name`` apart; ``valid_from``, ``valid_to`` as in the gazetteer, None where
    open or unknown. ``became``: names of its successors, in their order in the gazetteer.
    """

    id: str
    name: str
    kind: str
    level: PlaceLevel
    province: str
    district: str | None
    valid_from: str | None
    valid_to: str | None
    became: tuple[str, ...]

    @property
    def full(self) -> str:
        """Kind and name inside a sentence: ``huyện Đô Lương``, ``Thành phố Hồ Chí Minh``."""
        return places.Place(self.name, self.kind, self.level, self.province).full


def slug(text: str) -> str:
    """Folded words joined by hyphens, accents kept, since they tell names apart: ``sở-y-tế``."""
    return _NOT_IN_SLUG.sub("-", fold(text)).strip("-_")


def ended_before(valid_to: str | None, day: str) -> bool:
    """Whether the span was over before the day; both may be partial, a partial one counts as a whole span."""
    return valid_to is not None and day[: len(valid_to)] > valid_to[: len(day)]


def begins_after(valid_from: str | None, day: str) -> bool:
    """Whether the span begins after the day; both may be partial."""
    return valid_from is not None and valid_from[: len(day)] > day[: len(valid_from)]


def held(valid_from: str | None, valid_to: str | None, day: str | None) -> bool:
    """Whether the span touches the day, which may be partial; with None any does."""
    return day is None or not (ended_before(valid_to, day) or begins_after(valid_from, day))


def choose(found: Sequence[Unit], day: str | None) -> Unit | None:
    """The one unit meant on the day: that which held, else the last that had ended; None where several could be."""
    now = [unit for unit in found if held(unit.valid_from, unit.valid_to, day)]
    if not now and day is not None:
        past = [unit for unit in found if ended_before(unit.valid_to, day)]
        latest = max((unit.valid_to or "" for unit in past), default="")
        now = [unit for unit in past if unit.valid_to == latest]
    return now[0] if len({unit.id for unit in now}) == 1 else None


def province(name: str, kind: str | None, day: str | None) -> Unit | None:
    """The province or central city called so on the day; ``kind`` None where the text gives none."""
    found = _provinces_called(name)
    exact = [unit for unit in found if kind is None or unit.kind == kind]
    if exact:
        return choose(exact, day)
    if kind == "thành phố" and day is not None and day >= FIRST_DAY_OF_TODAY and not districts(name, kind, None):
        # Raised to a central city since the gazetteer was made: the text knows better.
        unit = choose(found, day)
        return None if unit is None or unit.valid_to is not None else replace(unit, kind=kind)
    return None


@lru_cache(maxsize=4096)
def districts(name: str, kind: str | None, within: str | None) -> tuple[Unit, ...]:
    """The districts called so, of the province ``within`` or one it came from or became."""
    return _of_kind([_district(row) for row in _district_rows().get(fold(name), ())], kind, within)


@lru_cache(maxsize=8192)
def communes(name: str, kind: str | None, within: str | None, district: str | None) -> tuple[Unit, ...]:
    """The communes called so, of the province and, where given, of the old district."""
    rows = _commune_rows().get(fold(name), ())
    if district is not None:
        wanted = fold(district)
        rows = tuple(row for row in rows if fold(row.district) == wanted)
    return _of_kind([_commune(row) for row in rows], kind, within)


def named(kind: str | None, name: str, own: Unit | None, day: str | None) -> Unit | None:
    """The unit a text means by ``kind`` and ``name`` in a dispatch from the province ``own`` (None: from the centre).

    A district of another province is meant where the own one has none called so, and the country has only one; a
    commune of another province is never meant without a word of it.
    """
    if kind in (None, "tỉnh", "thành phố"):
        found = province(name, kind, day)
        if found is not None or kind == "tỉnh":
            return found
    if kind in (None, "huyện", "quận", "thị xã", "thành phố"):
        if own is not None and (among := districts(name, kind, own.name)):
            return choose(among, day)
        return choose(districts(name, kind, None), day)
    return choose(communes(name, kind, own.name if own is not None else None, None), day)


def inside(kind: str, name: str, around: Unit, day: str | None) -> Unit | None:
    """The district or commune called so in a province, or the commune in a district; None where it is not there."""
    if around.level == "district":
        return choose(communes(name, kind, around.province, around.name), day)
    if kind in ("huyện", "quận", "thị xã", "thành phố"):
        return choose(districts(name, kind, around.name), day)
    return choose(communes(name, kind, around.name, None), day) if kind != "tỉnh" else None


@lru_cache(maxsize=8192)
def successors(unit: Unit) -> tuple[Unit, ...]:
    """What the unit directly became; empty where it still exists or nothing is known."""
    if unit.valid_to is None:
        return ()
    if unit.level == "province":
        found = [u for name in unit.became for u in _provinces_called(name) if _follows(unit, u)]
        return tuple(_earliest(found))
    now = _chain(unit.province)
    found = []
    for name in unit.became:
        if not ended_before(unit.valid_to, LAST_DAY_OF_DISTRICTS):
            found += [c for c in communes(name, None, None, None) if c.valid_to is None and c.province in now]
        else:
            later = [d for d in districts(name, None, unit.province) if d.id != unit.id and _follows(unit, d)]
            found += later or [c for c in communes(name, None, unit.province, None) if _follows(unit, c)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=8192)
def heirs(unit: Unit) -> tuple[Unit, ...]:
    """The units of today that the unit became, through all that lay between; itself where it still exists."""
    if unit.valid_to is None:
        return (unit,)
    return tuple(dict.fromkeys(last for following in successors(unit) for last in heirs(following)))


def within(unit: Unit, kinds: Iterable[str], day: str | None) -> tuple[Unit, ...]:
    """The units of those kinds that lay in a province or district on the day, in the order of their names."""
    wanted = frozenset(kinds)
    found: list[Unit] = []
    if unit.level == "province":
        found += [_district(row) for rows in _district_rows().values() for row in rows if row.province == unit.province]
    if not wanted.isdisjoint(("xã", "phường", "thị trấn", "đặc khu")):
        for rows in _commune_rows().values():
            for row in rows:
                if row.province == unit.province and (unit.level == "province" or row.district == unit.name):
                    found.append(_commune(row))
    kept = {u.id: u for u in found if u.kind in wanted and held(u.valid_from, u.valid_to, day)}
    return tuple(kept[key] for key in sorted(kept))


def kinds_within(unit: Unit, level: PlaceLevel, day: str | None) -> frozenset[str]:
    """The kinds of districts or communes a province, or of communes a district, had on the day."""
    spans = _kinds().get((level, unit.province, unit.name if unit.level == "district" else ""), ())
    return frozenset(kind for kind, since, until in spans if held(since or None, until or None, day))


@cache
def _kinds() -> dict[tuple[PlaceLevel, str, str], frozenset[tuple[str, str, str]]]:
    """(level, province, district or nothing) → (kind, first day, last day) of what lies there."""
    index: dict[tuple[PlaceLevel, str, str], set[tuple[str, str, str]]] = {}
    for row in tables.districts():
        index.setdefault(("district", row.province, ""), set()).add((row.kind, row.valid_from, row.valid_to))
    for commune in tables.communes():
        span = (commune.kind, commune.valid_from, commune.valid_to)
        for district in {"", commune.district}:
            index.setdefault(("commune", commune.province, district), set()).add(span)
    return {key: frozenset(spans) for key, spans in index.items()}


def all_provinces() -> tuple[Unit, ...]:
    """Every province of every time."""
    return tuple(unit for found in _provinces().values() for unit in found)


@lru_cache(maxsize=1024)
def unit_of(identifier: str) -> Unit | None:
    """The province or district of that id."""
    found = [unit for unit in all_provinces() if unit.id == identifier]
    if not found:
        at = identifier.partition("/")[0]
        rows = (row for rows in _district_rows().values() for row in rows if slug(row.province) == at)
        found = [unit for row in rows if (unit := _district(row)).id == identifier]
    return found[0] if found else None


@lru_cache(maxsize=256)
def epochs(name: str) -> frozenset[str]:
    """Ids of the provinces that have had a name: two where the merger made another of the same name."""
    return frozenset(unit.id for unit in all_provinces() if unit.name == name)


def merged(unit: Unit) -> bool:
    """Whether a province is one of those that took in others on 01/7/2025."""
    return unit.level == "province" and unit.valid_from == FIRST_DAY_OF_TODAY


def province_then(unit: Unit, day: str | None, said: str | None = None) -> str:
    """The name of a unit's province on the day: Phú Vang lies in Huế, and in 2020 lay in Thừa Thiên Huế.

    The gazetteer has districts and communes in the provinces of 30/6/2025 or of today. ``said`` is the province the
    document names: of several former ones it is taken.
    """
    if unit.level == "province" or unit.valid_from == FIRST_DAY_OF_TODAY:
        return unit.province
    former = [u for u in _former(unit.province) if day is not None and held(u.valid_from, u.valid_to, day)]
    there = any(held(u.valid_from, u.valid_to, day) for u in _provinces_called(unit.province))
    if said is not None and any(u.name == said for u in former):
        return said
    return former[0].name if len(former) == 1 and not there else unit.province


@lru_cache(maxsize=256)
def _former(name: str) -> tuple[Unit, ...]:
    """The provinces gone before the merger of 2025 that the province came from."""
    gone = [u for u in all_provinces() if u.name != name and u.valid_to and u.valid_to < "2025"]
    return tuple(dict.fromkeys(u for u in gone if name in _chain(u.name)))


def _of_kind(found: Sequence[Unit], kind: str | None, within: str | None) -> tuple[Unit, ...]:
    if within is not None:
        exact = [u for u in found if fold(u.province) == fold(within)]
        related = _chain(within) | _before(within)
        found = exact or [u for u in found if u.province in related]
    if kind is None:
        return tuple(found)
    exact = [u for u in found if u.kind == kind]
    if exact:
        return tuple(exact)
    lower = [u for u in found if _RANK.get(kind, 9) < _RANK.get(u.kind, -1)]
    return tuple(replace(u, kind=kind) for u in lower)


def _follows(unit: Unit, other: Unit) -> bool:
    """Whether ``other`` outlived ``unit`` and was there no later than just behind its end."""
    return other.valid_to is None or (unit.valid_to is not None and ended_before(unit.valid_to, other.valid_to))


def _earliest(found: Sequence[Unit]) -> list[Unit]:
    """For each name the first unit that follows: the others come after it."""
    first: dict[str, Unit] = {}
    for unit in found:
        known = first.get(unit.name)
        if known is None or (unit.valid_from or "") < (known.valid_from or ""):
            first[unit.name] = unit
    return list(first.values())


@lru_cache(maxsize=256)
def _chain(name: str) -> frozenset[str]:
    """The names of a province and of all it became."""
    names, queue = {name}, [name]
    while queue:
        for unit in _provinces_called(queue.pop()):
            fresh = [n for n in unit.became if n not in names]
            names.update(fresh)
            queue += fresh
    return frozenset(names)


@lru_cache(maxsize=256)
def _before(name: str) -> frozenset[str]:
    """The names of the provinces that a province came from."""
    return frozenset(unit.name for unit in all_provinces() if unit.name != name and name in _chain(unit.name))


@lru_cache(maxsize=1024)
def _provinces_called(name: str) -> tuple[Unit, ...]:
    return _provinces().get(fold(name), ())


@cache
def _provinces() -> dict[str, tuple[Unit, ...]]:
    """Folded name or other spelling → the units called so, oldest first."""
    rows = sorted(tables.provinces(), key=lambda row: (row.name, row.valid_from or "0"))
    into: dict[str, set[str]] = {}
    for row in rows:
        if row.valid_to == LAST_DAY_OF_DISTRICTS:
            into.setdefault(row.successor, set()).add(row.name)
    units: dict[str, list[Unit]] = {}
    spellings: dict[str, set[str]] = {}
    for row in rows:
        known = units.setdefault(row.name, [])
        spellings.setdefault(row.name, set()).update((row.name, *filter(None, row.aliases.split("|"))))
        same = known and row.valid_from == FIRST_DAY_OF_TODAY and into.get(row.name) == {row.name}
        if same and known[-1].kind == row.kind:  # the merger left it as it was
            known[-1] = replace(known[-1], valid_to=None, became=())
            continue
        mark = f"@{row.valid_from}" if known else ""
        known.append(
            Unit(
                slug(row.name) + mark, row.name, row.kind, "province", row.name, None,
                row.valid_from or None, row.valid_to or None, tuple(filter(None, row.successor.split(";"))),
            )
        )  # fmt: skip
    index: dict[str, tuple[Unit, ...]] = {}
    for name, found in units.items():
        for spelling in spellings[name]:
            index[fold(spelling)] = tuple(found)
    return index


@cache
def _district_rows() -> dict[str, tuple[tables.DistrictRow, ...]]:
    index: dict[str, list[tables.DistrictRow]] = {}
    for row in tables.districts():
        for spelling in (row.name, *filter(None, row.aliases.split("|"))):
            known = index.setdefault(fold(spelling), [])
            if row not in known:
                known.append(row)
    return {key: tuple(found) for key, found in index.items()}


@cache
def _commune_rows() -> dict[str, tuple[tables.CommuneRow, ...]]:
    keys: dict[str, str] = {}
    index: dict[str, list[tables.CommuneRow]] = {}
    for row in tables.communes():
        if (key := keys.get(row.name)) is None:
            key = keys[row.name] = fold(row.name)
        index.setdefault(key, []).append(row)
    return {key: tuple(found) for key, found in index.items()}


def _district(row: tables.DistrictRow) -> Unit:
    return Unit(
        f"{slug(row.province)}/{slug(f'{row.kind} {row.name}')}", row.name, row.kind, "district", row.province, None,
        row.valid_from or None, row.valid_to or None, tuple(filter(None, row.successor.split(";"))),
    )  # fmt: skip


def _commune(row: tables.CommuneRow) -> Unit:
    parent = slug(row.province)
    if row.district:
        at = [r for r in _district_rows().get(fold(row.district), ()) if r.province == row.province]
        # The city of a name before the huyện around it would be a guess: the mapping does not say which of the two.
        parent += f"/{slug(at[0].kind + ' ' + at[0].name) if len(at) == 1 else slug(row.district)}"
    elif units := [u for u in _provinces_called(row.province) if u.valid_to is None]:
        parent = units[0].id
    return Unit(
        f"{parent}/{slug(f'{row.kind} {row.name}')}", row.name, row.kind, "commune", row.province, row.district or None,
        row.valid_from or None, row.valid_to or None, tuple(filter(None, row.successor.split(";"))),
    )  # fmt: skip
