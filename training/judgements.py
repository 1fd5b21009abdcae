"""Whether each value of a record is right, as far as it was labelled: by the scorer's own measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.score import LISTS, SCALARS, pairs

Key = tuple[str, int]
"""A value: its field as :mod:`extractors.learned_confidence` names it, and its entry from 1; 0 in the head."""
_ENTRY = {"addressees": "addressees.name", "copies": "copies.name"}
_OTHER = ("same_as_addressees", "issued_on_source")


def judgements(gold: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[tuple[Key, bool]]:
    """Each value of ``got`` that ``gold`` has an opinion on, and whether it is right; main text only."""
    for name, equal in SCALARS.items():
        root, _, leaf = name.partition(".")
        if root not in gold or name in _OTHER or (leaf and gold[root] is not None and leaf not in gold[root]):
            continue
        want = (gold[root] or {}).get(leaf) if leaf else gold[root]
        have = (got.get(root) or {}).get(leaf) if leaf else got.get(root)
        if have not in (None, [], ""):
            yield (name, 0), want is not None and equal(want, have)
    for name, (_, attributes) in LISTS.items():
        if name not in gold or name not in got:
            continue
        paired = paired_entries(name, gold, got)
        for number, entry in enumerate(got[name], 1):
            if entry.get("part", "main") != "main":
                continue
            yield (_ENTRY.get(name, name), number), number in paired
            if number in paired:
                for attribute, equal in attributes.items():
                    want = gold[name][paired[number] - 1].get(attribute)
                    yield (f"{name}.{attribute}", number), equal(want, entry.get(attribute))


def paired_entries(name: str, gold: Mapping[str, Any], got: Mapping[str, Any]) -> dict[int, int]:
    """The entries of one list of ``got`` that are those of ``gold``, both numbered from 1; main text only."""
    mine = [j for j, entry in enumerate(got[name]) if entry.get("part", "main") == "main"]
    theirs = [i for i, entry in enumerate(gold[name] or []) if entry.get("part", "main") == "main"]
    likeness = LISTS[name][0]
    found = pairs([gold[name][i] for i in theirs], [got[name][j] for j in mine], likeness)
    return {mine[j] + 1: theirs[i] + 1 for i, j in found}
