"""What stands on a page beside the dispatch's own text: page numbers, running heads, the ĐẾN stamp, signature stamps.

Signature stamps that print a number or a date into a blank of the page are the exception: they are put back there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from extractors.page_cues import arrival_label, is_date_line, opens_stamp, page_cues, plain
from models.page import Box, RawPage, RawWord
from pipeline.pages.rows import Row, bounds, row_of, rows_of, runs_of

_PAGE_NUMBER = re.compile(r"[-–—\s.]*(?:trang\s*)?\d{1,4}(?:\s*/\s*\d{1,4})?[-–—\s.]*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_DOTS = re.compile(r"(?:[._…]\s*){2,}|…")
_CLOCK = re.compile(r"\d{1,2}\s?[:h]\s?\d{2}")
_FILL = re.compile(
    r"\d{1,6}[a-zđ]?|\d{1,6}[a-zđ]?\s?[/-]\s?[^\W\d_][\w&./-]*|\d{1,2}\s?[/.-]\s?\d{1,2}(?:\s?[/.-]\s?\d{4})?|"
    r"(?:ngày\s)?\d{1,2}\stháng\s\d{1,2}(?:\snăm\s\d{4})?|tháng\s\d{1,2}(?:\snăm\s\d{4})?|(?:19|20)\d\d",
    re.IGNORECASE,
)
_NUMBER_LINE = re.compile(r"số\s?:?\s?\d{1,6}[a-zđ]?\s?[/-]\s?[^\W\d_]\S*", re.IGNORECASE)
_OPENS_BLANK = re.compile(r"(?:số|ngày|tháng|năm)\s?:?$|[:,]$", re.IGNORECASE)
_CLOSES_BLANK = re.compile(r"[/-]|tháng$|năm$", re.IGNORECASE)
_LABELLED = re.compile(r"(?:^|\s)(?:số|ngày|tháng|năm|n°)\s?:?$", re.IGNORECASE)
_EDGE = 0.095
"""Share of the page's height, at the top and at the foot, where page numbers and running lines stand."""
_REACH = (60.0, 50.0, 200.0, 95.0)
"""How far the ĐẾN stamp reaches from its title to the left, up, right and down: 35 × 50 mm, and room for skew."""


def without_arrival(words: Sequence[RawWord]) -> list[RawWord]:
    """The words without the receiver's ĐẾN stamps (Nghị định 30/2020/NĐ-CP, Phụ lục IV)."""
    title = plain(page_cues().arrival.title)
    titles = [w for w in words if len(w.text) <= 6 and plain(w.text) == title and w.text.upper() == w.text]
    if not titles:
        return list(words)
    gone: set[int] = set()
    for word in titles:
        x0, y0, x1, y1 = word.bbox
        area = (x0 - _REACH[0], y0 - _REACH[1], x1 + _REACH[2], y1 + _REACH[3])
        near = [w for w in words if _inside(w.bbox, area)]
        runs = [run for row in rows_of(near) for run in runs_of(row, 0.9 * row.size)]
        labels = {label for run in runs if (label := _arrival_part(run)) not in (None, "")}
        if len(labels) < 2:
            continue
        parts = [run for run in runs if _arrival_part(run) is not None or run.words[0] is word]
        box = bounds([(r.x0, r.y0, r.x1, r.y1) for r in parts])
        for run in runs:
            above = (
                0 <= box[1] - run.y1 + 3 < 14 and run.x0 >= box[0] - 60 and run.x1 <= box[2] + 60 and run.text.isupper()
            )
            if run in parts or above:
                gone.update(id(w) for w in run.words)
    return [w for w in words if id(w) not in gone]


def _arrival_part(run: Row) -> str | None:
    """The label a run of the ĐẾN stamp carries, ``""`` for its filled-in values, None for what is not the stamp's."""
    text = run.text
    label = arrival_label(text)
    if label is not None:
        values = plain(text)[len(label) :]
        if label in ("so", "ngay") and re.search(r"[a-z]", values.replace(" den", "")):
            return None  # the dispatch's own number or date line
        return label
    if plain(text) == plain(page_cues().arrival.title) or re.fullmatch(r"[\d\s/.:…_-]+", text):
        return ""
    return None


def _inside(box: Box, area: Box) -> bool:
    return box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3]


def is_arrival(words: Sequence[RawWord]) -> bool:
    """Whether a stamp's text is a receiver's: it says ĐẾN, or carries two of that stamp's labels."""
    runs = [run for row in rows_of(words) for run in runs_of(row, 0.9 * row.size)]
    labels = {label for run in runs if (label := _arrival_part(run))}
    title = plain(page_cues().arrival.title)
    return len(labels) >= 2 or any(plain(w.text) == title and w.text.isupper() for w in words)


def fill_blanks(rows: Sequence[Row], stamp: Sequence[RawWord], height: float) -> list[Row] | None:
    """The rows with the stamp's number or date put into the blank it covers; None where it covers none.

    A stamp fills a blank when its text is a number, a date or a part of one, it stands on a row's baseline, where the
    page itself prints nothing or dots, and the words beside it leave something open (``Số:`` … ``/TTr``).
    """
    lines = rows_of(stamp)
    text = " ".join(line.text for line in lines)
    if len(lines) != 1 or len(text) > 60 or _CLOCK.search(text):
        return None
    box = bounds([w.bbox for w in stamp])
    if _FILL.fullmatch(text):
        best = max(rows, key=lambda row: _overlap(row, box), default=None)
        if best is not None and _overlap(best, box) > 0.45 * min(box[3] - box[1], best.y1 - best.y0):
            filled = _filled(best, stamp, box)
            if filled is not None:
                return [filled if row is best else row for row in rows]
    whole = _NUMBER_LINE.fullmatch(text) or (is_date_line(text) and re.search(r"\d{4}$", text))
    if whole and box[3] < 0.45 * height and not any(_overlap(row, box) > 0 and _covers(row, box) for row in rows):
        return sorted([*rows, row_of(stamp)], key=lambda row: row.y0 + row.y1)
    return None


def _overlap(row: Row, box: Box) -> float:
    return min(row.y1, box[3]) - max(row.y0, box[1])


def _covers(row: Row, box: Box) -> bool:
    return any(min(w.bbox[2], box[2]) - max(w.bbox[0], box[0]) > 0.3 * (box[2] - box[0]) for w in row.words)


def _filled(row: Row, stamp: Sequence[RawWord], box: Box) -> Row | None:
    middle, wide = (box[0] + box[2]) / 2, box[2] - box[0]
    words: list[RawWord] = []
    before: RawWord | None = None
    after: RawWord | None = None
    for word in row.words:
        x0, _, x1, _ = word.bbox
        shared = min(x1, box[2]) - max(x0, box[0])
        dots = _DOTS.search(word.text) if shared > 0 else None
        if dots is not None:
            left, right = _around(word, dots.start(), dots.end())
            if left is not None:
                words.append(left)
                before = left
            if right is not None:
                words.append(right)
                after = after or right
            continue
        if shared > 0.35 * min(wide, x1 - x0):
            return None
        words.append(word)
        if (x0 + x1) / 2 <= middle:
            before = word
        elif after is None:
            after = word
    opened = before is not None and _OPENS_BLANK.search(before.text) is not None
    closed = after is not None and _CLOSES_BLANK.match(after.text) is not None
    labelled = before is not None and _LABELLED.search(before.text) is not None
    if not (labelled or (closed and (before is None or opened or before.bbox[2] < box[0]))):
        return None
    if after is not None and after.text.startswith("/"):
        words = [replace(w, glued=True) if w is after else w for w in words]
    # On one line with its neighbour, however its baseline lies: the columns are put into rows once more.
    line = next(w.line for w in (before, after) if w is not None)
    return row_of([*words, *(replace(w, line=line) for w in stamp)])


def _around(word: RawWord, start: int, end: int) -> tuple[RawWord | None, RawWord | None]:
    """What stands before and after the dots of a word, each with its share of the box."""
    x0, y0, x1, y1 = word.bbox
    step = (x1 - x0) / len(word.text)
    left, right = word.text[:start], word.text[end:].lstrip("._… ")
    cut = x1 - step * len(right)
    return (
        replace(word, text=left, bbox=(x0, y0, x0 + step * start, y1)) if left else None,
        replace(word, text=right, bbox=(cut, y0, x1, y1)) if right else None,
    )


def printed_stamps(rows: Sequence[Row], size: float, height: float) -> tuple[list[Row], list[list[Row]]]:
    """Signature stamps that were flattened into the page: (the other rows, the stamps, each with its rows).

    A stamp opens with ``Người ký:`` or its like, in small print or at the head of the page, and goes on downwards
    while rows follow closely in its column.
    """
    stamps: list[list[Row]] = []
    pieces = [run for row in rows for run in _pieces(row)]
    taken: set[int] = set()
    for index, piece in enumerate(pieces):
        if id(piece) in taken or not opens_stamp(piece.text) or (piece.size > 0.92 * size and piece.y0 > 0.16 * height):
            continue
        stamp = [piece]
        taken.add(id(piece))
        for other in pieces[index + 1 :]:
            last = stamp[-1]
            shared = min(other.x1, max(r.x1 for r in stamp)) - max(other.x0, min(r.x0 for r in stamp))
            close = -0.3 * last.size < other.y0 - last.y1 < 0.8 * last.size
            alike = abs(other.size - piece.size) <= 0.3 * piece.size and len(stamp) < 9
            if close and alike and id(other) not in taken and shared > 0.5 * (other.x1 - other.x0):
                stamp.append(other)
                taken.add(id(other))
        stamps.append(stamp)
    if not stamps:
        return list(rows), []
    rest: list[Row] = []
    for row in rows:
        kept = [run for run in _pieces(row) if not any(run.words == s.words for stamp in stamps for s in stamp)]
        if kept:
            rest.append(row_of([w for run in kept for w in run.words]))
    return rest, stamps


def _pieces(row: Row) -> list[Row]:
    return runs_of(row, 1.1 * row.size)


def furniture(pages: Sequence[tuple[RawPage, Sequence[Row]]]) -> list[list[Row]]:
    """For each page its rows without page numbers and without the heads and feet that run through the file."""
    repeated: Counter[tuple[str, int]] = Counter()
    for page, rows in pages:
        repeated.update({_running_key(row) for row in _edges(page, rows)})
    needed = max(2, (len(pages) + 1) // 2)
    kept: list[list[Row]] = []
    for page, rows in pages:
        edge = {id(row) for row in _edges(page, rows)}
        outer = {id(row) for row in (*rows[:1], *rows[-1:])}
        kept.append(
            [
                row
                for row in rows
                if id(row) not in edge
                or not (
                    (id(row) in outer and _PAGE_NUMBER.fullmatch(row.text))
                    or (repeated[_running_key(row)] >= needed and len(pages) > 1 and _is_running(row, page))
                )
            ]
        )
    return kept


def _edges(page: RawPage, rows: Sequence[Row]) -> Iterable[Row]:
    top, foot = _EDGE * page.height, (1 - _EDGE) * page.height
    return [row for row in rows if row.y1 < top or row.y0 > foot]


def _running_key(row: Row) -> tuple[str, int]:
    return _DIGITS.sub("#", plain(row.text)), round(row.y0 / 6)


def _is_running(row: Row, page: RawPage) -> bool:
    """A letterhead repeated on every page is none; neither is a short word that happens to recur."""
    return len(plain(row.text)) >= 6 and (row.y1 < 0.075 * page.height or row.y0 > 0.925 * page.height)
