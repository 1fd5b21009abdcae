"""Kinds of document (tên loại) by name, by title line and by the code in a notation.

Codes are compared without case (``TTR`` is ``TTr``) and never without ``Đ``: HD and HĐ, DA and ĐA, CD and CĐ are
different kinds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractors import tables
from extractors.fold import fold

Family = Literal["administrative", "normative", "party", "copy", "other"]

_SPACED = re.compile(r"^(?:\w{1,2} )+\w{1,2}$")
_PARTY = re.compile(r"^([^\s/\-]+)/(?:[^/]*(?:TW|TƯ|[THQĐ]U|Th\.?U)|ĐU[^/]*)$", re.IGNORECASE)
_YEAR = re.compile(r"^(?:19|20)\d\d\s?/\s?")


@dataclass(frozen=True, slots=True)
class DocumentType:
    """``name`` in lower case; ``code`` its official abbreviation, None for a kind that has none."""

    name: str
    code: str | None
    family: Family


def by_name(name: str) -> DocumentType | None:
    """The kind called exactly so, whatever its case: ``KẾ HOẠCH``, ``Thông báo kết luận`` (a thông báo)."""
    return _names().get(fold(name))


def by_code(code: str) -> DocumentType | None:
    """The kind of a State code (``TTr``, ``QĐ``, ``TTLT``), None for what is no code of a kind.

    ``QH15`` and ``UBTVQH15`` are none: a law and a resolution carry the same notation.
    """
    return _codes().get(fold(code))


def by_party_code(code: str) -> DocumentType | None:
    """The kind of a Party code; None for ``QĐ``, which is a quyết định or a quy định."""
    key = fold(code)
    special = _party_codes()
    return special[key] if key in special else _codes().get(key)


def by_notation(notation: str) -> DocumentType | None:
    """The kind a notation without its number names: ``KH-UBND``, ``2004/QĐ-TTg``, ``KL/TU``, ``CV-HNDN``.

    None where its first group is no code of a kind. Whether that makes it a công văn is for the caller, who knows
    whether the group is a body.
    """
    rest = _YEAR.sub("", notation.strip())
    party = _PARTY.match(rest)
    if party is not None and by_code(party[1]) is not None:
        return by_party_code(party[1])
    return by_code(re.split(r"[-/‐‑–]", rest, maxsplit=1)[0])


def by_title(line: str) -> DocumentType | None:
    """The kind a title line names, alone or with words that leave it that kind (``BÁO CÁO TÓM TẮT``), else None.

    Letters set apart (``Q U Y Ế T  Đ Ị N H``) are put together. Meant for lines set as titles: a sentence that
    opens with the name of a kind may pass.
    """
    key = fold(line).strip(" .:*-_\"'")
    if not key or len(key) > 160:
        return None
    if _SPACED.match(key):
        return _spaced().get(key.replace(" ", ""))
    exact = _names().get(key)
    if exact is not None:
        return exact
    for name in _openings().get(key.split(" ", 1)[0], ()):
        if key.startswith(name + " ") and _tail().match(key, len(name) + 1):
            return _names()[name]
    return None


def title_names() -> tuple[str, ...]:
    """Every name of a kind, folded, longest first."""
    return _title_names()


@cache
def _title_names() -> tuple[str, ...]:
    return tuple(sorted(_names(), key=lambda n: (-len(n), n)))


@cache
def _names() -> dict[str, DocumentType]:
    table = tables.document_types()
    found = {
        fold(name): DocumentType(name, code or None, group.family)
        for group in table.groups
        for name, code in group.kinds.items()
    }
    for title, name in table.titles.items():
        found.setdefault(fold(title), found[name])
    return found


@cache
def _codes() -> dict[str, DocumentType]:
    """The first group of the table that has a code keeps it: NQ, QĐ, QC, TC, TB, TT are those of the State."""
    found: dict[str, DocumentType] = {}
    for kind in _names().values():
        if kind.code is not None:
            found.setdefault(fold(kind.code), kind)
    for code, name in tables.document_types().codes.items():
        found.setdefault(fold(code), _names()[name])
    return found


@cache
def _party_codes() -> dict[str, DocumentType | None]:
    return {fold(code): _names()[name] if name else None for code, name in tables.document_types().party_codes.items()}


@cache
def _spaced() -> dict[str, DocumentType]:
    return {name.replace(" ", ""): kind for name, kind in _names().items()}


@cache
def _openings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in _title_names():
        found.setdefault(name.split(" ", 1)[0], []).append(name)
    return found


@cache
def _tail() -> re.Pattern[str]:
    tails = sorted(map(fold, tables.document_types().title_tails), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, tails))})(?!\w)|\(|\d")
