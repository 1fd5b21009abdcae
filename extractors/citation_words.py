"""The word tables of citations, checked on reading: kinds named before a code, words round a title, governing words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Literal

from extractors import document_types
from extractors.fold import fold
from extractors.tables import RESOURCES, Row
from models.record import Relation

Reach = Literal["near", "noun", "clause"]


class CitationWords(Row):
    """``citations.toml``: what stands before a code, and where a cited document's title begins and ends."""

    generic: list[str]
    never_cited: list[str]
    modifiers: list[str]
    form_words: list[str]
    short_issuers: list[str]
    issuing_kinds: list[str]
    title_verbs: list[str]
    bare_title_verbs: list[str]
    clause_openings: list[str]
    telling_verbs: list[str]
    saying_verbs: list[str]
    planning_verbs: list[str]
    planning_kinds: list[str]
    carrying_verbs: list[str]
    carrying_kinds: list[str]
    title_ends_after_comma: list[str]
    title_ends: list[str]
    actions: list[str]
    subject_verbs: list[str]
    plain_verbs: list[str]
    remarks: list[str]
    pinpoints: list[str]
    dated_kinds: list[str]
    abbreviated: dict[str, str]
    sources: dict[str, str]


class Cue(Row):
    """Governing words of one relation; ``none`` for words that only look like a cue."""

    relation: Relation | Literal["none"]
    reach: Reach
    words: list[str]
    source: str
    weak: bool = False
    own_act: bool = False


class Passive(Row):
    """Words by which a citation says that the cited document changes another one."""

    verbs: list[str]
    signs: list[str]
    source: str


class WordList(Row):
    """Plain words with their source."""

    words: list[str]
    source: str


class RelationWords(Row):
    """``relations.toml``: the words that govern a citation."""

    cues: list[Cue]
    passive: Passive
    others: WordList
    subjects: WordList


@cache
def words() -> CitationWords:
    """Words round citations. Raises pydantic.ValidationError where the file is not as described."""
    return CitationWords.model_validate(tomllib.loads((RESOURCES / "citations.toml").read_text(encoding="utf-8")))


@cache
def relation_words() -> RelationWords:
    """Governing words. Raises pydantic.ValidationError where the file is not as described."""
    return RelationWords.model_validate(tomllib.loads((RESOURCES / "relations.toml").read_text(encoding="utf-8")))


def either(entries: Iterable[str]) -> str:
    """A regular expression for any of the entries, folded, longest first."""
    return "|".join(re.escape(entry) for entry in sorted({fold(e) for e in entries}, key=lambda e: (-len(e), e)))


@cache
def lead_names() -> tuple[str, ...]:
    """Folded words that name a kind before a code, longest first: kinds, their abbreviations, generic words."""
    table = words()
    never = {fold(name) for name in table.never_cited}
    names = {name for name in document_types.title_names() if name not in never}
    names |= {fold(name) for name in (*table.generic, *table.abbreviated)}
    return tuple(sorted(names, key=lambda n: (-len(n), n)))


@cache
def kind_named(name: str) -> str | None:
    """The kind a folded lead word means; None for a generic one (``văn bản``)."""
    full = words().abbreviated.get(name, name)
    kind = document_types.by_name(full)
    return None if kind is None else kind.name
