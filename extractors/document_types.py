"""Kinds of document (tên loại) by name and by the code in a notation.

Codes are compared without case (``TTR`` is ``TTr``) and never without ``Đ``: HD and HĐ, DA and ĐA, CD and CĐ are
different kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractors import tables
from extractors.fold import fold

Family = Literal["administrative", "normative", "party", "copy", "other"]


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
