"""The tables that bodies are told apart by: who there was, from when to when, and what became of it."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Literal, TypeVar

from extractors.tables import RESOURCES, Row, csv_rows

Life = TypeVar("Life", bound=Row)


class CentralRow(Row):
    """A body of the whole country over its life; ``aliases``, ``became`` joined by ``|``, dates possibly partial."""

    name: str
    kind: str
    superior: str
    aliases: str
    valid_from: str
    valid_to: str
    became: str
    source: str


class LocalRow(Row):
    """A body that every unit of the levels has.

    ``name`` goes before the unit's (``Sở Y tế`` tỉnh Yên Bái), unless ``{ủy}``, ``{đoàn}`` or ``{tên}`` in it stand
    for ``Tỉnh ủy Yên Bái``, ``Tỉnh đoàn Yên Bái``, ``Yên Bái``. ``implied``: levels at which the issuing body's own
    unit is meant where none is printed. ``follows``: whether the same body of the unit's successor carries it on.
    """

    name: str
    kind: str
    levels: str
    implied: str
    follows: Literal["yes", ""]
    aliases: str
    valid_from: str
    valid_to: str
    became: str
    source: str


class WordList(Row):
    """Words of one use."""

    source: str
    words: list[str]


class OpenWords(WordList):
    """Heads of bodies known by their work alone, and names too bare to be one."""

    kinds_only: list[str]


class InnerWords(Row):
    """Heads of organs inside a body."""

    source: str
    of_ministry: list[str]
    of_department: list[str]


class SchoolWords(Row):
    """Heads of schools by how far their names reach."""

    source: str
    of_province: list[str]
    of_district: list[str]
    of_country: list[str]


class CompanyWords(Row):
    """What names of companies are made of."""

    source: str
    heads: list[str]
    forms: list[str]
    common: list[str]


class UnitNames(Row):
    """Short forms of the units of an office, or of offices, spelled out."""

    source: str
    names: dict[str, str]


class GroupRow(Row):
    """Bodies addressed as one; ``level`` of the place it takes, several joined by ``|``; central takes none."""

    name: str
    level: str
    source: str
    written: list[str]


class IdentityWords(Row):
    """identity_words.toml."""

    offices: WordList
    own: WordList
    inner: InnerWords
    open: OpenWords
    schools: SchoolWords
    companies: CompanyWords
    groups: list[GroupRow]
    units: UnitNames
    short_offices: UnitNames


@cache
def central_bodies() -> tuple[CentralRow, ...]:
    """Bodies of the whole country. Raises pydantic.ValidationError where the file is not as described."""
    return csv_rows(CentralRow, "central_bodies.csv")


@cache
def local_bodies() -> tuple[LocalRow, ...]:
    """Bodies of units."""
    return csv_rows(LocalRow, "local_bodies.csv")


@cache
def identity_words() -> IdentityWords:
    """Words that identities are told by."""
    with (RESOURCES / "identity_words.toml").open("rb") as handle:
        return IdentityWords.model_validate(tomllib.load(handle))
