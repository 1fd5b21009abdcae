"""What the words of a page say about its layout: quốc hiệu, Nơi nhận, the ĐẾN stamp, annexes, signature stamps."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from extractors.fold import bare
from models.record import Shape

_RESOURCE = Path(__file__).parent / "resources" / "page_cues.toml"
_LETTERS = re.compile(r"[^a-z0-9]+")
# OCR glues the words of a date that is filled in by hand.
_DATE = re.compile(r"\bngay.*(?:thang|\bnam\b)|thang.*\bnam\b")
_DAMAGED_LABEL = re.compile(r"\w{0,2}oi nha\w\b")
_TITLE_RUN = 4
"""How many words of the motto must stand in a row; OCR loses the rest."""


class Phrases(Shape):
    """A list of phrases."""

    source: str
    phrases: tuple[str, ...]


class Letterhead(Shape):
    """Words that cannot stand in a letterhead."""

    source: str
    ends: tuple[str, ...]


class Foot(Shape):
    """Words that open the left column of the foot."""

    source: str
    recipients: tuple[str, ...]


class Annex(Shape):
    """Words that open an annex, and words under the title of one."""

    source: str
    openers: tuple[str, ...]
    attached: tuple[str, ...]


class Arrival(Shape):
    """The words of the ĐẾN stamp."""

    source: str
    title: str
    labels: tuple[str, ...]


class Stamp(Shape):
    """Words that open the visible stamp of a digital signature."""

    source: str
    openers: tuple[str, ...]


class Glyphs(Shape):
    """Private code points (hexadecimal) of symbol fonts, and what they show."""

    source: str
    points: dict[str, str]


class Agency(Shape):
    """Words that the names of bodies begin with."""

    source: str
    heads: tuple[str, ...]


class PageCues(Shape):
    """The whole table."""

    motto: Phrases
    letterhead: Letterhead
    foot: Foot
    annex: Annex
    arrival: Arrival
    stamp: Stamp
    glyphs: Glyphs
    agency: Agency


@cache
def page_cues() -> PageCues:
    """The table. Raises pydantic.ValidationError where the file is not as described."""
    return PageCues.model_validate(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Letters and digits without accents and case, single spaces for the rest: ``ĐẾN:`` is ``den``."""
    return _LETTERS.sub(" ", bare(text)).strip()


@cache
def glyphs() -> dict[int, str]:
    """A table for :meth:`str.translate`: symbol glyphs, visible hyphens, characters that print nothing."""
    table: dict[int, str] = {int(point, 16): shown for point, shown in page_cues().glyphs.points.items()}
    table |= {0x00AD: "-", 0x2010: "-", 0x2011: "-"}
    table |= dict.fromkeys((*range(0x20), 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF), "")
    return table


@cache
def _plain_phrases(name: str, key: str) -> tuple[str, ...]:
    return tuple(plain(phrase) for phrase in getattr(getattr(page_cues(), name), key))


def motto_start(words: Sequence[str]) -> int | None:
    """The index of the word that opens quốc hiệu (or the Party's heading) in capitals in this row, or None."""
    capitals = [plain(w) if w.isupper() else "" for w in words]
    if sum(map(bool, capitals)) < _TITLE_RUN:
        return None
    for phrase in _plain_phrases("motto", "phrases"):
        wanted = phrase.split()
        for start, word in enumerate(capitals):
            if word not in wanted[:2]:
                continue
            run = capitals[start : start + len(wanted)]
            offset = wanted.index(word)
            hits = sum(a == b for a, b in zip(run, wanted[offset:], strict=False))
            if hits >= _TITLE_RUN:
                return start
    return None


def opens(text: str, name: str, key: str) -> bool:
    """Whether a line begins with one of the phrases of the table ``name.key``, as whole words."""
    start = plain(text[:80])
    return any(start == p or start.startswith(p + " ") for p in _plain_phrases(name, key))


def opens_recipients(text: str) -> bool:
    """Whether a line begins with the label of Nơi nhận, a stray or a lost first letter allowed for (``4Nơi nhận``)."""
    return opens(text, "foot", "recipients") or _DAMAGED_LABEL.match(plain(text[:40])) is not None


def holds(text: str, name: str, key: str) -> bool:
    """Whether one of the phrases of the table ``name.key`` stands anywhere in the text."""
    whole = plain(text)
    return any(p in whole for p in _plain_phrases(name, key))


def opens_stamp(text: str) -> bool:
    """Whether a line opens the visible stamp of a signature; the colon counts (``Người ký:``)."""
    firsts, openers = _stamp_openers()
    if not text.lower().startswith(firsts):
        return False
    return bare(text[:60]).startswith(openers)


@cache
def _stamp_openers() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A cheap test on the first letter, and the phrases as compared."""
    openers = tuple(bare(opener) for opener in page_cues().stamp.openers)
    return tuple({opener[0] for opener in openers} | {"đ"}), openers


def arrival_label(text: str) -> str | None:
    """The label of the ĐẾN stamp a line begins with, or None. A số with a notation behind it is none."""
    start = plain(text)
    for label in _plain_phrases("arrival", "labels"):
        if (
            start == label
            or start.startswith(label + " ")
            or (start.startswith(label) and ":" in text[: len(label) + 2])
        ):
            return label
    return None


def is_date_line(text: str) -> bool:
    """Whether the words can be địa danh, ngày … tháng … năm … (any of the numbers may be missing)."""
    return _DATE.search(plain(text)) is not None


@lru_cache(maxsize=1_000)
def is_agency(name: str) -> bool:
    """Whether a common name is a body's: it begins with a word that bodies' names begin with."""
    start = bare(name)
    return any(start == head or start.startswith(head + " ") for head in map(bare, page_cues().agency.heads))
