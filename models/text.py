"""Text that remembers where it came from.

``Text(raw, clean, …)`` keeps, for every character of ``clean``, the span of ``raw`` it stands for. Only three
operations make one from another, :meth:`Text.replace`, :meth:`Text.compose` and :meth:`Text.arrange` (columns put
into reading order, the one that moves anything), so nothing is ever diffed or guessed afterwards. The map is
piecewise: a list of pieces, each either copied one to one from ``raw`` or standing as a whole for a span of it, found
again by bisection.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from models.record import Evidence

Edit = tuple[int, int, str]
"""Replace ``clean[start:end]`` by the string: (start, end, new)."""

_MARKS = re.compile(r"[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class Text:
    """``clean`` and the map of its characters to spans of ``raw``.

    Piece ``k`` covers ``clean[starts[k]:starts[k + 1]]`` and stands for ``raw[raw_starts[k]:raw_ends[k]]``;
    the two spans are equally long and correspond character by character when ``copied[k]``.
    """

    raw: str
    clean: str
    starts: tuple[int, ...]
    raw_starts: tuple[int, ...]
    raw_ends: tuple[int, ...]
    copied: tuple[bool, ...]

    @classmethod
    def of(cls, raw: str) -> Text:
        """``raw`` standing for itself."""
        return cls(raw, raw, (0,), (0,), (len(raw),), (True,))

    def __len__(self) -> int:
        return len(self.clean)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of ``raw`` that ``clean[start:end]`` stands for. ``start <= end`` within ``clean``."""
        if not 0 <= start <= end <= len(self.clean):
            raise IndexError(f"no span {start}:{end} in a text of {len(self.clean)} characters")
        if start == len(self.clean):
            return self.raw_ends[-1], self.raw_ends[-1]
        first = bisect_right(self.starts, start) - 1
        left = self.raw_starts[first] + (start - self.starts[first] if self.copied[first] else 0)
        if start == end:
            return left, left
        last = bisect_right(self.starts, end - 1) - 1
        right = self.raw_starts[last] + (end - self.starts[last]) if self.copied[last] else self.raw_ends[last]
        if right < left:  # from one column into another that stands before it
            left, right = min(self.raw_starts[first : last + 1]), max(self.raw_ends[first : last + 1])
        return left, max(left, right)

    def evidence(self, start: int, end: int) -> Evidence:
        """Evidence in ``raw`` for ``clean[start:end]``, without white space at its edges."""
        piece = self.clean[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        left, right = self.span(start, max(start, end))
        return Evidence(start=left, end=right, text=self.raw[left:right])

    def replace(self, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str]) -> Text:
        """Every match of ``pattern`` in ``clean`` replaced by ``new`` (a literal, or made from the match)."""
        make = (lambda _match: new) if isinstance(new, str) else new
        return self.edit((m.start(), m.end(), make(m)) for m in pattern.finditer(self.clean))

    def compose(self) -> Text:
        """NFC. Only runs with combining marks are touched, so the map stays exact."""
        if unicodedata.is_normalized("NFC", self.clean):
            return self
        composed = self.edit(_marked(self.clean))
        if unicodedata.is_normalized("NFC", composed.clean):
            return composed
        return composed.edit(_compositions(composed.clean))

    def edit(self, edits: Iterable[Edit]) -> Text:
        """The edits done, which must be in order and apart; an edit that changes nothing is passed over."""
        if len(self.starts) == 1 and self.copied[0]:
            return self._edit_whole(edits)
        starts: list[int] = []
        raw_starts: list[int] = []
        raw_ends: list[int] = []
        copied: list[bool] = []
        parts: list[str] = []
        length = 0

        def add(raw_start: int, raw_end: int, size: int, is_copy: bool) -> None:
            nonlocal length
            if is_copy and copied and copied[-1] and raw_ends[-1] == raw_start:
                raw_ends[-1] = raw_end
            else:
                starts.append(length)
                raw_starts.append(raw_start)
                raw_ends.append(raw_end)
                copied.append(is_copy)
            length += size

        def keep(start: int, end: int) -> None:
            if start == end:
                return
            parts.append(self.clean[start:end])
            k = bisect_right(self.starts, start) - 1
            while start < end:
                piece_end = self.starts[k + 1] if k + 1 < len(self.starts) else len(self.clean)
                stop = min(end, piece_end)
                if self.copied[k]:
                    shift = self.raw_starts[k] - self.starts[k]
                    add(start + shift, stop + shift, stop - start, True)
                else:
                    add(self.raw_starts[k], self.raw_ends[k], stop - start, False)
                start, k = stop, k + 1

        position = 0
        changed = False
        for start, end, new in edits:
            if start < position:
                raise ValueError(f"edits overlap at {start}")
            if self.clean[start:end] == new:
                continue
            changed = True
            keep(position, start)
            if new:
                left, right = self.span(start, end)
                if start == end and start < len(self.clean):
                    k = bisect_right(self.starts, start) - 1
                    # Inside a piece that stands as a whole, an insertion stands for the whole too.
                    if not self.copied[k] and start > self.starts[k]:
                        right = self.raw_ends[k]
                parts.append(new)
                add(left, right, len(new), False)
            position = end
        if not changed:
            return self
        keep(position, len(self.clean))
        if not starts:
            return Text(self.raw, "", (0,), (0,), (0,), (True,))
        return Text(self.raw, "".join(parts), tuple(starts), tuple(raw_starts), tuple(raw_ends), tuple(copied))

    def arrange(self, pieces: Sequence[tuple[int, int] | str]) -> Text:
        """The pieces one after the other: spans of ``clean`` in any order, and strings (line ends) between them.

        A string stands for no character of ``raw``. Where spans are left out or change places, ``raw`` is not told.
        """
        parts: list[str] = []
        found: list[tuple[int, int, int, bool]] = []
        length = at = 0
        for piece in pieces:
            if isinstance(piece, str):
                if piece:
                    found.append((length, at, at, False))
                    parts.append(piece)
                    length += len(piece)
                continue
            start, stop = piece
            if start == stop:
                continue
            parts.append(self.clean[start:stop])
            k = bisect_right(self.starts, start) - 1
            while start < stop:
                piece_end = self.starts[k + 1] if k + 1 < len(self.starts) else len(self.clean)
                end = min(stop, piece_end)
                shift = self.raw_starts[k] - self.starts[k]
                whole = (self.raw_starts[k], self.raw_ends[k])
                left, at = (start + shift, end + shift) if self.copied[k] else whole
                found.append((length, left, at, self.copied[k]))
                length += end - start
                start, k = end, k + 1
        if not found:
            return Text(self.raw, "", (0,), (0,), (0,), (True,))
        starts, raw_starts, raw_ends, copied = zip(*found, strict=True)
        return Text(self.raw, "".join(parts), starts, raw_starts, raw_ends, copied)

    def _edit_whole(self, edits: Iterable[Edit]) -> Text:
        """:meth:`edit` for a text of one copied piece, as files are first read: no piece need be looked for."""
        clean, shift = self.clean, self.raw_starts[0]
        starts: list[int] = []
        raw_starts: list[int] = []
        raw_ends: list[int] = []
        copied: list[bool] = []
        parts: list[str] = []
        length = position = 0
        changed = False
        for start, end, new in edits:
            if start < position:
                raise ValueError(f"edits overlap at {start}")
            if clean[start:end] == new:
                continue
            changed = True
            if position < start:
                starts.append(length)
                raw_starts.append(position + shift)
                raw_ends.append(start + shift)
                copied.append(True)
                parts.append(clean[position:start])
                length += start - position
            if new:
                starts.append(length)
                raw_starts.append(start + shift)
                raw_ends.append(end + shift)
                copied.append(False)
                parts.append(new)
                length += len(new)
            position = end
        if not changed:
            return self
        if position < len(clean):
            starts.append(length)
            raw_starts.append(position + shift)
            raw_ends.append(len(clean) + shift)
            copied.append(True)
            parts.append(clean[position:])
        if not starts:
            return Text(self.raw, "", (0,), (0,), (0,), (True,))
        return Text(self.raw, "".join(parts), tuple(starts), tuple(raw_starts), tuple(raw_ends), tuple(copied))


def _marked(clean: str) -> Iterator[Edit]:
    """Edits that compose each run of combining marks with the letter before it, which is all that Latin text needs."""
    for match in _MARKS.finditer(clean):
        start, end = max(0, match.start() - 1), match.end()
        yield start, end, unicodedata.normalize("NFC", clean[start:end])


def _compositions(clean: str) -> Iterator[Edit]:
    """Edits for the rare characters of other scripts: each starter with all that may join it, composed as one."""
    start = 0
    for index in range(1, len(clean) + 1):
        if index < len(clean) and (unicodedata.combining(clean[index]) or clean[index] in _joiners()):
            continue
        composed = unicodedata.normalize("NFC", clean[start:index])
        if composed != clean[start:index]:
            yield start, index, composed
        start = index


@cache
def _joiners() -> frozenset[str]:
    """Characters of combining class 0 that NFC joins to the one before: vowel signs, Hangul vowels and finals."""
    joiners = {chr(code) for first, last in ((0x1161, 0x1175), (0x11A8, 0x11C2)) for code in range(first, last + 1)}
    for code in range(0x300, sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0][0] != "<" and not unicodedata.combining(chr(int(parts[1], 16))):
            joiners.add(chr(int(parts[1], 16)))
    return frozenset(joiners)
