"""Where sentences of a paragraph end. Dispatches are full of dots that end nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.letters import UPPER

_END = re.compile(rf"[.!?…]+[\"”’)]*(?=\s+[\"“‘(\-–+]?\s?[{UPPER}]|\s*$)|\./\.")
_NO_END = re.compile(
    r"(?:^|[\s(/.])(?:TT|TP|Tp|tp|KT|TM|TL|TUQ|Q|H|P|X|GS|PGS|TS|ThS|Ths|BS|KS|CN|ĐT|Tr|tr|St|No|v\.v|VT|NN|đ/c|Đ/c|[A-ZĐ]|\d{1,2})\.$"
)


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the sentences in ``text[start:end]``, white space at their edges left out."""
    begin = start
    for match in _END.finditer(text, start, end):
        if _NO_END.search(text, max(begin, match.end() - 8), match.end()) and match.end() < end:
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    left, right = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
    if left < right:
        yield left, right
