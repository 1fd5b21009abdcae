"""Kinds of document by name and by code."""

from __future__ import annotations

import pytest

from extractors import document_types, tables


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("TTR", "tờ trình"),
        ("HD", "hướng dẫn"),
        ("HĐ", "hợp đồng"),
        ("DA", "dự án"),
        ("ĐA", "đề án"),
        ("CĐ", "công điện"),
    ],
)
def test_codes_that_differ_by_a_stroke(code: str, name: str) -> None:
    found = document_types.by_code(code)
    assert found is not None and found.name == name


@pytest.mark.parametrize("code", ["CD", "QH15", "UBTVQH14", "UBND", "SYT", ""])
def test_no_code_of_a_kind(code: str) -> None:
    assert document_types.by_code(code) is None


def test_the_29_kinds_of_the_decree() -> None:
    [group] = [g for g in tables.document_types().groups if g.family == "administrative"]
    assert len(group.kinds) == 29 and sum(1 for code in group.kinds.values() if not code) == 2
    names = document_types.title_names()
    assert all(document_types.by_name(name) is not None for name in names)
    assert [len(n) for n in names] == sorted((len(n) for n in names), reverse=True)
