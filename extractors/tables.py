"""The tables of ``resources/``, checked on reading and read once, when first asked for."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

RESOURCES = Path(__file__).parent / "resources"

Level = Literal["central", "province", "district", "commune", "other"]


class Row(BaseModel):
    """One row or entry: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProvinceRow(Row):
    """A province or city under the central government over a span of time; dates ISO, possibly partial."""

    name: str
    kind: str
    valid_from: str
    valid_to: str
    successor: str
    aliases: str
    source: str


class DistrictRow(ProvinceRow):
    """A huyện, quận, thị xã or city of a province."""

    province: str


class CommuneRow(Row):
    """A xã, phường, thị trấn or đặc khu; no ``district`` from 01/7/2025 on."""

    name: str
    kind: str
    district: str
    province: str
    valid_from: str
    valid_to: str
    successor: str


class NotationRow(Row):
    """One reading of a group of a notation (``UBND``, ``SYT``); ``variants`` and ``names`` joined by ``|``."""

    abbreviation: str
    names: str
    level: str
    role: str
    status: Literal["current", "historic"]
    valid_from: str
    valid_to: str
    variants: str
    ambiguous: Literal["", "yes"]
    confidence: Literal["high", "medium", "low"]
    source: str


class KindGroup(Row):
    """Kinds of document of one family."""

    family: Literal["administrative", "normative", "party", "copy", "other"]
    source: str
    kinds: dict[str, str]
    """Name in lower case → official abbreviation, empty where the kind has none."""


class DocumentTypes(Row):
    """Kinds of document and the words and codes they are known by."""

    groups: list[KindGroup]
    titles: dict[str, str]
    """Other title words → name of the kind."""
    codes: dict[str, str]
    """Codes in use beside the official ones → name of the kind."""
    party_codes: dict[str, str]
    """What a code means in a Party notation where that differs; empty: cannot be told."""
    sources: dict[str, str]


class AbbreviationTable(Row):
    """Short forms spelled out in names of bodies, and where they hold.

    ``anywhere``; ``whole``: only where the short form is the whole name; ``after``: only after one of the words.
    """

    context: Literal["anywhere", "whole", "after"]
    after: list[str] = Field(default_factory=list)
    source: str
    entries: dict[str, str]


class Abbreviations(Row):
    """All tables of short forms."""

    tables: list[AbbreviationTable]


Shape = Literal["closed", "local", "seat", "office", "open", "unit"]


class HeadGroup(Row):
    """Words a body's name begins with.

    ``shape`` says what may follow: ``closed`` is a whole name; ``local`` takes a level and a place (``Ủy ban nhân
    dân`` tỉnh …); ``seat`` takes the place itself (``Tỉnh ủy`` …); ``office`` takes another body's name
    (``Chủ tịch`` …); ``open`` takes its field of work and perhaps a place (``Sở`` …); ``unit`` is an ``open``
    one inside another body, with that body's level (``Phòng`` …). ``level`` is the level of such a body;
    ``place``: that of its place.
    """

    shape: Shape
    level: Level | Literal["place"]
    source: str
    words: list[str]


class Bodies(Row):
    """Words and names that names of bodies are made of, in their standard capitals."""

    heads: list[HeadGroup]
    fields: dict[str, list[str]]
    """Fields of work, by source."""
    words: list[str]
    """Common words that stay in lower case inside an all-caps name put into ordinary case."""
    incomplete: list[str]
    """Words that cannot end a name: what follows belongs to it."""
    not_heads: list[str]
    """Phrases that begin like a body and are none (``phòng chống``)."""
    compounds: list[str]
    """Words whose last syllable looks like the beginning of a body (``xã hội``)."""
    stops: list[str]
    """Words after which running text has left the name, whatever their case."""
    soft_stops: list[str]
    """The same, unless the word stands right behind the word the name begins with."""
    function_words: list[str]
    """Words that end a name when in lower case."""
    plurals: list[str]
    """Words before a level word that keep it from meaning the issuing body's own place (``các huyện``)."""
    levels: dict[str, Level]
    """Kinds of place → level of government."""
    sources: dict[str, str]


_Entry = TypeVar("_Entry", bound=Row)


def csv_rows(model: type[_Entry], name: str) -> tuple[_Entry, ...]:
    """The lines of a CSV table in ``resources/``. Raises pydantic.ValidationError where one is not as described."""
    with (RESOURCES / name).open(encoding="utf-8", newline="") as handle:
        return tuple(model.model_validate(row) for row in csv.DictReader(handle))


def _toml(model: type[_Entry], name: str) -> _Entry:
    with (RESOURCES / name).open("rb") as handle:
        return model.model_validate(tomllib.load(handle))


@cache
def provinces() -> tuple[ProvinceRow, ...]:
    """Provinces, old and new. Raises pydantic.ValidationError where the file is not as described."""
    return csv_rows(ProvinceRow, "provinces.csv")


@cache
def districts() -> tuple[DistrictRow, ...]:
    """Districts, which ended on 30/6/2025."""
    return csv_rows(DistrictRow, "districts.csv")


@cache
def communes() -> tuple[CommuneRow, ...]:
    """Communes before and after 01/7/2025. Large: ask only when needed."""
    return csv_rows(CommuneRow, "communes.csv")


@cache
def notation_bodies() -> tuple[NotationRow, ...]:
    """Groups of notations and the bodies they stand for."""
    return csv_rows(NotationRow, "notation_bodies.csv")


@cache
def document_types() -> DocumentTypes:
    """Kinds of document."""
    return _toml(DocumentTypes, "document_types.toml")


@cache
def abbreviations() -> Abbreviations:
    """Short forms in names of bodies."""
    return _toml(Abbreviations, "abbreviations.toml")


@cache
def bodies() -> Bodies:
    """Words of names of bodies."""
    return _toml(Bodies, "bodies.toml")
