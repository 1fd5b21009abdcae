"""Text that remembers where it came from.

``Text(raw, clean, …)`` keeps, for every character of ``clean``, the span of ``raw`` it stands for. Only two
operations make one from another, :meth:`Text.replace` and :meth:`Text.compose`, so nothing is ever diffed
or guessed afterwards. The map is piecewise: a list of pieces, each either copied one to one from ``raw`` or
standing as a whole for a span of it, found again by bisection.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from models.record import Evidence

Edit = tuple[int, int, str]
"""Replace ``clean[start:end]`` by the string: (start, end, new)."""

# Runs that NFC can change: anything outside the blocks that are composed by definition, with its base letter.
_DECOMPOSED = re.compile(r"[^\u0300-\u036f\u1100-\u11ff\u3099\u309a]?[\u0300-\u036f]+")


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
        first = bisect_right(self.starts, start) - 1
        left = self.raw_starts[first] + (start - self.starts[first] if self.copied[first] else 0)
        if start == end:
            return left, left
        last = bisect_right(self.starts, end - 1) - 1
        right = self.raw_starts[last] + (end - self.starts[last]) if self.copied[last] else self.raw_ends[last]
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
        composed = self.replace(_DECOMPOSED, lambda m: unicodedata.normalize("NFC", m.group()))
        if unicodedata.is_normalized("NFC", composed.clean):
            return composed
        return composed.edit(_singletons(composed.clean))

    def edit(self, edits: Iterable[Edit]) -> Text:
        """The edits done, which must be in order and apart; an edit that changes nothing is passed over."""
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
                parts.append(new)
                add(left, right, len(new), False)
            position = end
        if not changed:
            return self
        keep(position, len(self.clean))
        if not starts:
            return Text(self.raw, "", (0,), (0,), (0,), (True,))
        return Text(self.raw, "".join(parts), tuple(starts), tuple(raw_starts), tuple(raw_ends), tuple(copied))


def _singletons(clean: str) -> Iterator[Edit]:
    """Edits for the rare characters that NFC replaces by others without any combining mark in sight."""
    for index, character in enumerate(clean):
        composed = unicodedata.normalize("NFC", character)
        if composed != character:
            yield index, index + 1, composed
