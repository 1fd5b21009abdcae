"""The bodies that the tables know: found by the words of a name, named on a day, followed to those of today."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from extractors import place_identities as units
from extractors.body_words import tokenise
from extractors.identity_tables import CentralRow, LocalRow, central_bodies, identity_words, local_bodies
from extractors.place_identities import Unit, slug
from extractors.tables import Level

CENTRE = "trung-ương"
SEAT, YOUTH, BARE = "{ủy}", "{đoàn}", "{tên}"

_SEATS = {"tỉnh": "tỉnh", "thành": "thành phố", "huyện": "huyện", "quận": "quận", "thị": "thị xã"}
_SEAT_WORDS = {kind: word for word, kind in _SEATS.items()}
_MARKS = {"ủy": SEAT, "đoàn": YOUTH}
_OF_OTHERS = frozenset(("bệnh viện", "trường", "doanh nghiệp"))
_AS_OLD_AS_THE_UNIT = frozenset(("ủy ban nhân dân", "hội đồng nhân dân", "cấp ủy"))
_SLOT = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is meant by a name on the day of the document.

    ``id``: readable and stable: the unit's id and the body's words (``yên-bái/sở-y-tế``), ``trung-ương/…`` for a body
    of the whole country. ``name``: the canonical name on that day. ``kind``: of body, in lower case; ``nhóm`` for a
    group, whose ``ranges_over`` says ``body | kinds of unit | id of the unit``. ``province``: its name on that day,
    None for the country. ``valid_from``, ``valid_to``: ISO dates, possibly partial, None where open or unknown.
    ``successors``: ids of the bodies of today that carry it on; empty where it exists, or where nobody can be named.
    ``how``: what told.
    """

    id: str
    name: str
    kind: str
    level: Level
    province: str | None
    valid_from: str | None
    valid_to: str | None
    successors: tuple[str, ...]
    how: str
    ranges_over: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a name, its signs and ``và`` left out.

    ``Tỉnh ủy`` is one word, ``{ủy}``, whose kind of unit is in ``seats``.
    """

    text: str
    keys: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    seats: tuple[str | None, ...]

    def rest(self, count: int) -> str:
        """The text behind the first ``count`` words."""
        return self.text[self.ends[count - 1] :] if count else self.text


@dataclass(slots=True)
class _Node:
    """A step in the tree of known names."""

    following: dict[str, _Node] = field(default_factory=dict)
    rows: list[LocalRow] = field(default_factory=list)


@lru_cache(maxsize=8192)
def words_of(text: str) -> Words:
    """The words of an NFC name that is spelled out."""
    tokens = tokenise(text)
    keys: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    seats: list[str | None] = []
    for index, key in enumerate(tokens.folds):
        if not key[0].isalnum() or key == "và":
            continue
        mark = _MARKS.get(key)
        before = _SEATS.get(keys[-1]) if mark is not None and keys else None
        if mark is not None and before is not None and ends[-1] + 1 == tokens.starts[index]:
            keys[-1], ends[-1], seats[-1] = mark, tokens.ends[index], before
            continue
        seat = "" if key == "tu" else None
        keys.append(SEAT if seat == "" else key)
        starts.append(tokens.starts[index])
        ends.append(tokens.ends[index])
        seats.append(seat)
    return Words(text, tuple(keys), tuple(starts), tuple(ends), tuple(seats))


def key_of(text: str) -> str:
    """A name's words as one string, for comparing."""
    return " ".join(words_of(text).keys)


def central(text: str, day: str | None) -> Identity | None:
    """The body of the whole country of that name; one that was not there yet on the day is none."""
    rows = _central().get(key_of(text), ())
    found = [row for row in rows if day is None or not units.begins_after(row.valid_from or None, day)]
    now = [row for row in found if units.held(row.valid_from or None, row.valid_to or None, day)] or found
    if len(now) != 1:
        return None
    row = now[0]
    ended = day is not None and units.ended_before(row.valid_to or None, day)
    how = "a body of the whole country" + (", ended before the day" if ended else "")
    return Identity(
        f"{CENTRE}/{slug(row.name)}", row.name, row.kind, "central", None, row.valid_from or None, row.valid_to or None,
        tuple(dict.fromkeys(_central_today(row))) if row.valid_to else (), how,
    )  # fmt: skip


def local_cores(words: Words) -> Iterator[tuple[int, tuple[LocalRow, ...]]]:
    """(number of words, rows) of the local bodies whose name the words begin with, the longest first."""
    node, found = _locals(), []
    for count, key in enumerate(words.keys, start=1):
        following = node.following.get(key)
        if following is None:
            break
        node = following
        if node.rows:
            found.append((count, tuple(node.rows)))
    yield from reversed(found)


def is_local(text: str) -> bool:
    """Whether the whole of a text is the name of a body that units have."""
    words = words_of(text)
    return any(count == len(words.keys) for count, _ in local_cores(words))


def of_unit(rows: Sequence[LocalRow], unit: Unit, day: str | None, province: str, how: str) -> Identity | None:
    """The body of a unit on the day, None where the unit had none such or it was not there yet."""
    for row in rows:
        if unit.level not in row.levels.split("|") or not _meet(row, unit):
            continue
        since = max(filter(None, (row.valid_from, unit.valid_from)), default=None)
        until = min(filter(None, (row.valid_to, unit.valid_to)), default=None)
        if day is not None and units.begins_after(since, day):
            continue
        if row.kind not in _AS_OLD_AS_THE_UNIT and since == unit.valid_from and since != units.FIRST_DAY_OF_TODAY:
            since = row.valid_from or None  # a Sở may be younger than its tỉnh
        level: Level = "other" if row.kind in _OF_OTHERS else unit.level
        ended = ", ended before the day" if day is not None and units.ended_before(until, day) else ""
        return Identity(
            _id(row.name, unit), rendered(row.name, unit), row.kind, level, province, since, until,
            local_today(row, unit) if until is not None else (), how + ended,
        )  # fmt: skip
    return None


def rendered(name: str, unit: Unit) -> str:
    """The canonical name of a body of a unit: ``Sở Y tế tỉnh Yên Bái``, ``Tỉnh ủy Yên Bái``."""
    if SEAT in name:
        commune = unit.level == "commune"
        return name.replace(SEAT, f"Đảng ủy {unit.full}" if commune else f"{_seat(unit)} ủy {unit.name}")
    if YOUTH in name:
        return name.replace(YOUTH, f"{_seat(unit)} đoàn {unit.name}")
    if BARE in name:
        return name.replace(BARE, unit.name)
    return f"{name} {unit.full}"


@lru_cache(maxsize=16384)
def local_today(row: LocalRow, unit: Unit) -> tuple[str, ...]:
    """Ids of the bodies of today that carry on a unit's body that ended."""
    names = row.became.split("|") if row.became else [row.name] if row.follows and not row.valid_to else []
    found: list[str] = []
    for name in names:
        for later in units.heirs(unit):
            for other in _named().get(name, ()):
                if later.level not in other.levels.split("|"):
                    continue
                found += [_id(other.name, later)] if not other.valid_to else local_today(other, later)
                break
    return tuple(dict.fromkeys(found))


def fits_seat(words: Words, count: int, unit: Unit) -> bool:
    """Whether the ``Tỉnh ủy`` or ``Huyện ủy`` among the first words can be that unit's."""
    for key, seat in zip(words.keys[:count], words.seats[:count], strict=True):
        if key in (SEAT, YOUTH) and seat is not None:
            if seat == "":
                return unit.level == "province"
            if seat != unit.kind:
                return False
    return True


def phrases(entries: Iterable[str]) -> frozenset[str]:
    """Keys of names."""
    return frozenset(key_of(entry) for entry in entries)


@cache
def offices() -> frozenset[str]:
    """Keys of the words that stand before the body they belong to."""
    return phrases(identity_words().offices.words)


def _seat(unit: Unit) -> str:
    word = _SEAT_WORDS.get(unit.kind, "Đảng")
    return word[:1].upper() + word[1:]


def _meet(row: LocalRow, unit: Unit) -> bool:
    """Whether the body and the unit were ever there together."""
    if row.valid_to and unit.valid_from and units.ended_before(row.valid_to, unit.valid_from):
        return False
    return not (row.valid_from and unit.valid_to and units.begins_after(row.valid_from, unit.valid_to))


def _id(name: str, unit: Unit) -> str:
    return f"{unit.id}/{slug(name.replace(SEAT, 'cấp ủy').replace(YOUTH, 'đoàn thanh niên').replace(BARE, ''))}"


def _central_today(row: CentralRow) -> Iterator[str]:
    for name in filter(None, row.became.split("|")):
        for later in _central().get(key_of(name), ()):
            if later.name == name:
                yield from _central_today(later) if later.valid_to else (f"{CENTRE}/{slug(name)}",)


@cache
def _central() -> dict[str, tuple[CentralRow, ...]]:
    index: dict[str, list[CentralRow]] = {}
    for row in central_bodies():
        for spelling in (row.name, *filter(None, row.aliases.split("|"))):
            known = index.setdefault(key_of(spelling), [])
            if row not in known:
                known.append(row)
    return {key: tuple(found) for key, found in index.items()}


@cache
def _named() -> dict[str, tuple[LocalRow, ...]]:
    index: dict[str, list[LocalRow]] = {}
    for row in local_bodies():
        index.setdefault(row.name, []).append(row)
    # Of several rows for a level the one that still holds comes first.
    return {name: tuple(sorted(found, key=lambda row: row.valid_to)) for name, found in index.items()}


@cache
def _locals() -> _Node:
    root = _Node()
    for row in local_bodies():
        for spelling in (row.name, *filter(None, row.aliases.split("|"))):
            _enter(root, _keys(spelling), row)
            if SEAT in spelling and "commune" in row.levels:
                _enter(root, _keys(spelling.replace(SEAT, "đảng ủy")), row.model_copy(update={"levels": "commune"}))
    return root


def _keys(spelling: str) -> tuple[str, ...]:
    slots: list[str] = []
    for piece in re.split(r"(\{\w+\})", spelling):
        if _SLOT.fullmatch(piece):
            slots += [] if piece == BARE else [piece]
        elif piece.strip():
            slots += words_of(piece.strip()).keys
    return tuple(slots)


def _enter(root: _Node, keys: Sequence[str], row: LocalRow) -> None:
    node = root
    for key in keys:
        node = node.following.setdefault(key, _Node())
    if row not in node.rows:
        node.rows.append(row)
