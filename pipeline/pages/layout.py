"""Pages of words to canonical text, by geometry.

The order of a page: letterhead (left column, then right), body, foot (Nơi nhận, then the signature block). One
printed line is one line of text; an empty line parts blocks: paragraphs, columns, tables, footnotes, pages that end
with a sentence. Left out are page numbers, running heads and feet, rules, the receiver's ĐẾN stamp, and the numbers
that call footnotes. Stamps of digital signatures stand at the very end, each a block, unless they fill a blank.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from extractors.page_cues import glyphs, holds, motto_start, opens
from models.page import RawPage, RawTable, RawWord
from models.source import Beside, Page, Region, Word
from pipeline.pages.columns import Columns, feet, letterheads
from pipeline.pages.page_marks import fill_blanks, furniture, is_arrival, printed_stamps, without_arrival
from pipeline.pages.rows import Measure, Row, measure_of, row_of, rows_of, within

_MARKER = re.compile(
    r"[-–—+•●▪■◦*➢✓❖](?:\s|$|[^\W\d_])|\d{1,2}(?:\.\d{1,2})+\.?(?:\s|$)|\d{1,2}[.)](?:\s|$)|[a-zđ]\)|[IVX]{1,5}\.(?:\s|$)|"
    r"(?:Điều|Chương|Mục|Phần|ĐIỀU|CHƯƠNG|MỤC|PHẦN)\s\w{1,4}\b"
)
_ENDED = re.compile(r"[.;:!?…][\"”’)\]]*$|/\.$")
_CALL = re.compile(r"\(?\d{1,2}\)?|\*{1,3}")
_RULE = re.compile(r"[\s_=*~–—-]{3,}")


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The canonical text of a file and where its words, pages and special regions stand in it."""

    text: str
    words: tuple[Word, ...]
    pages: tuple[Page, ...]
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class _Footnote:
    number: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    y: float
    rows: tuple[tuple[tuple[RawWord, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page, sorted out: what stays in the flow, and what goes elsewhere."""

    page: RawPage
    rows: tuple[Row, ...]
    tables: tuple[_Table, ...]
    stamps: tuple[tuple[Row, ...], ...]
    arrival: tuple[Row, ...]


def lay_out(pages: Sequence[RawPage]) -> LaidOut:
    """Lay out the pages of one file, in their order."""
    if not pages:
        return LaidOut("", (), (), ())
    sheets = [_sheet(page) for page in pages]
    kept = furniture([(s.page, s.rows) for s in sheets])
    common = _common_measure(kept, pages)
    writer = _Writer()
    spans: list[tuple[RawPage, int]] = []
    stamps: list[tuple[RawPage, tuple[Row, ...]]] = [(s.page, stamp) for s in sheets for stamp in s.stamps]
    state = _State()
    for sheet, rows in zip(sheets, kept, strict=True):
        measure = measure_of(rows, sheet.page.width, common)
        flow, printed = printed_stamps(rows, measure.size, sheet.page.height)
        stamps += [(sheet.page, tuple(stamp)) for stamp in printed]
        flow, notes = _footnotes(flow, measure.size)
        spans.append((sheet.page, len(writer.words)))
        _page(writer, state, sheet, flow, notes, measure)
    _flush(writer, state)
    end = len(writer)
    annex = () if state.annex is None else (Region("annex", state.annex, end),)
    for page, stamp in stamps:
        for index, row in enumerate(stamp):
            writer.line(row.words, page.number, blank=index == 0)
    text = writer.text()
    starts = [writer.words[first].start if first < len(writer.words) else end for _, first in spans]
    bounds = [
        Page(page.number, start, following, page.text_origin, page.reason, _beside(sheet, rows))
        for (page, _), start, following, sheet, rows in zip(
            spans, starts, [*starts[1:], end], sheets, kept, strict=True
        )
    ]
    return LaidOut(
        text, tuple(writer.words), tuple(bounds), tuple(sorted((*writer.regions, *annex), key=lambda r: r.start))
    )


def _beside(sheet: _Sheet, kept: Sequence[Row]) -> tuple[Beside, ...]:
    """The lines of a page that its text leaves out and that may say something about number and day."""

    def line(kind: Literal["arrival", "running"], row: Row) -> Beside:
        seen = [w.confidence for w in row.words if w.confidence is not None and any(c.isdigit() for c in w.text)]
        return Beside(kind, row.text, min(seen, default=1.0))

    stays = {id(row) for row in kept}
    running = [row for row in sheet.rows if id(row) not in stays and any(c.isalpha() for c in row.text)]
    return (*(line("arrival", row) for row in sheet.arrival), *(line("running", row) for row in running))


def _sheet(page: RawPage) -> _Sheet:
    own: list[RawWord] = []
    stamps: dict[int, list[RawWord]] = {}
    for word in page.words:
        if word.stamped and word.stamp >= 0:
            stamps.setdefault(word.stamp, []).append(word)
        else:
            own.append(word)
    rest = without_arrival(own)
    stays = {id(word) for word in rest}
    arrival = rows_of([word for word in own if id(word) not in stays])
    own, tables = _tables(page, rest)
    rows = [row for row in rows_of(own) if not _RULE.fullmatch(row.text)]
    left: list[tuple[Row, ...]] = []
    for stamp in stamps.values():
        if is_arrival(stamp):
            arrival += rows_of(stamp)
            continue
        filled = fill_blanks(rows, stamp, page.height)
        if filled is None:
            left.append(tuple(rows_of(stamp)))
        else:
            rows = filled
    return _Sheet(page, tuple(rows), tables, tuple(left), tuple(arrival))


def _tables(page: RawPage, words: list[RawWord]) -> tuple[list[RawWord], tuple[_Table, ...]]:
    """Ruled tables with their words; a letterhead or a foot that somebody ruled is none."""
    found: list[_Table] = []
    for table in page.tables:
        inside = [w for w in words if within(w.bbox, table.bbox)]
        rows = rows_of(inside)
        is_layout = any(
            motto_start([w.text for w in row.words]) is not None or opens(row.text, "foot", "recipients")
            for row in rows
        )
        if is_layout or not inside:
            continue
        cells = _cells(table, inside)
        used = {id(w) for row in cells for cell in row for w in cell}
        words = [w for w in words if id(w) not in used]
        found.append(_Table(table.bbox[1], cells))
    return words, tuple(sorted(found, key=lambda t: t.y))


def _cells(table: RawTable, words: Sequence[RawWord]) -> tuple[tuple[tuple[RawWord, ...], ...], ...]:
    if table.cells:
        grid = []
        for boxes in table.cells:
            top = min((b[1] for b in boxes if b is not None), default=0.0)
            foot = max((b[3] for b in boxes if b is not None), default=0.0)
            band = [w for w in words if top <= (w.bbox[1] + w.bbox[3]) / 2 <= foot]
            grid.append(
                tuple(() if box is None else _in_order([w for w in band if within(w.bbox, box)]) for box in boxes)
            )
        return tuple(grid)
    waiting = [w for row in rows_of(words) for w in row.words]
    rows = []
    for row in table.rows:
        cells: list[tuple[RawWord, ...]] = []
        for text in row:
            taken: list[RawWord] = []
            for token in (text or "").split():
                match = next((k for k, w in enumerate(waiting) if w.text == token), None)
                taken.append(waiting.pop(match) if match is not None else RawWord(token, table.bbox))
            cells.append(tuple(taken))
        rows.append(tuple(cells))
    return tuple(rows)


def _in_order(words: Sequence[RawWord]) -> tuple[RawWord, ...]:
    return tuple(w for row in rows_of(words) for w in row.words)


def _common_measure(kept: Sequence[Sequence[Row]], pages: Sequence[RawPage]) -> Measure | None:
    if not pages:
        return None
    fullest = max(range(len(pages)), key=lambda k: len(kept[k]))
    return measure_of(kept[fullest], pages[fullest].width) if kept[fullest] else None


def _footnotes(rows: Sequence[Row], size: float) -> tuple[list[Row], list[_Footnote]]:
    """Footnotes cut off the end of a page: small print that opens with a raised number which the page calls."""
    calls = {w.text for row in rows for w in row.words[1:] if w.raised and _CALL.fullmatch(w.text)}
    if not calls:
        return list(rows), []
    start = next(
        (
            k
            for k, row in enumerate(rows)
            if row.words[0].raised and row.words[0].text in calls and row.size <= 0.92 * size
        ),
        None,
    )
    if start is None:
        return list(rows), []
    notes: list[_Footnote] = []
    rest: list[Row] = list(rows[:start])
    for row in rows[start:]:
        if row.size > 0.92 * size:
            rest.append(row)
        elif row.words[0].raised and row.words[0].text in calls and len(row.words) > 1:
            notes.append(_Footnote(row.words[0].text, (row_of(row.words[1:]),)))
        else:
            notes[-1] = _Footnote(notes[-1].number, (*notes[-1].rows, row))
    return rest, notes


class _Writer:
    """Lines to text, with the place of every word."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.regions: list[Region] = []
        self._parts: list[str] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def text(self) -> str:
        return "".join(self._parts) + ("\n" if self._parts else "")

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def line(self, words: Sequence[RawWord], page: int, blank: bool, omit: frozenset[int] = frozenset()) -> int:
        """Write one line, after an empty one if ``blank``; ``omit`` holds ids of words to leave out. Its start."""
        if self._length:
            self._add("\n\n" if blank else "\n")
        start = self._length
        self._words(words, page, omit)
        return start

    def cells(self, cells: Sequence[Sequence[RawWord]], page: int, blank: bool) -> int:
        """Write the cells of one row of a table. Where it starts."""
        if self._length:
            self._add("\n\n" if blank else "\n")
        start = self._length
        for index, cell in enumerate(cells):
            if index:
                self._add(" |" if not cell else " | ")
            self._words(cell, page, frozenset())
        return start

    def _words(self, words: Sequence[RawWord], page: int, omit: frozenset[int]) -> None:
        first = True
        previous: RawWord | None = None
        for word in words:
            if id(word) in omit:
                continue
            text = _clean(word.text)
            if not text or (previous is not None and _printed_twice(previous, word)):
                continue
            if not first and not word.glued:
                self._add(" ")
            first = False
            self.words.append(Word(self._length, self._length + len(text), page, word.bbox, word.confidence))
            self._add(text)
            previous = word


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(glyphs())
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _printed_twice(a: RawWord, b: RawWord) -> bool:
    """Programs without a bold font print a word twice, a hair apart."""
    return a.text == b.text and abs(a.bbox[0] - b.bbox[0]) < 1.5 and abs(a.bbox[1] - b.bbox[1]) < 1.5


@dataclass(slots=True)
class _State:
    """What the flow remembers from page to page."""

    waiting: list[tuple[_Footnote, int]] = field(default_factory=list)
    last: Row | None = None
    """The last body row of the page before, while its paragraph may go on."""
    last_full: bool = False
    signed: bool = False
    """A foot was seen: what follows may be an annex."""
    annex: int | None = None


def _flush(writer: _Writer, state: _State) -> None:
    """Write the footnotes that wait for their paragraph to end."""
    for note, page in state.waiting:
        start = writer.line(note.rows[0].words, page, blank=True)
        for row in note.rows[1:]:
            writer.line(row.words, page, blank=False)
        writer.regions.append(Region("footnote", start, len(writer)))
    state.waiting.clear()


def _page(
    writer: _Writer, state: _State, sheet: _Sheet, rows: Sequence[Row], notes: Sequence[_Footnote], measure: Measure
) -> None:
    number, width = sheet.page.number, sheet.page.width
    heads = letterheads(rows, measure, width)
    bands = sorted([*heads, *feet(rows, measure, width, heads)], key=lambda band: band.first)
    calls = {note.number: note for note in notes}
    tables = list(sheet.tables)
    previous: Row | None = None
    opening = number > 1 or state.signed
    index = 0
    while index < len(rows):
        row = rows[index]
        while tables and tables[0].y < (row.y0 + row.y1) / 2:
            _write_table(writer, state, tables.pop(0), number)
            previous = None
        band = bands[0] if bands and bands[0].first == index else None
        if band is not None:
            bands.pop(0)
            _write_columns(writer, state, band, number)
            previous, opening = None, False
            index = band.last + 1
            continue
        blank = _starts_block(state, previous, row, measure)
        if blank:
            _flush(writer, state)
        if state.annex is None and _opens_annex(rows, index, measure, blank, opening, state.signed):
            _flush(writer, state)
            blank = True
            state.annex = _after_break(writer)
        called = [w for w in row.words if w.raised and w.text in calls]
        writer.line(row.words, number, blank, frozenset(id(w) for w in called))
        for word in called:
            state.waiting.append((calls.pop(word.text), number))
        state.signed = state.signed or opens(row.text, "foot", "recipients")
        state.last = previous = row
        state.last_full = row.x1 > measure.right - 0.03 * width
        opening = False
        index += 1
    for table in tables:
        _write_table(writer, state, table, number)
    # A footnote whose call was in a column or a table: after the page.
    state.waiting += [(note, number) for note in calls.values()]


def _after_break(writer: _Writer) -> int:
    return len(writer) + (2 if len(writer) else 0)


def _write_table(writer: _Writer, state: _State, table: _Table, page: int) -> None:
    _flush(writer, state)
    start = None
    for cells in table.rows:
        if any(cells):
            begun = writer.cells(cells, page, blank=start is None)
            start = begun if start is None else start
    if start is not None:
        writer.regions.append(Region("table", start, len(writer)))
    state.last = None


def _write_columns(writer: _Writer, state: _State, band: Columns, page: int) -> None:
    _flush(writer, state)
    if not band.foot and state.signed and state.annex is None:
        # A letterhead after a signature: an attached draft or another dispatch.
        state.annex = _after_break(writer)
    for column in (band.left, band.right):
        for index, row in enumerate(column):
            writer.line(row.words, page, blank=index == 0)
    state.signed = state.signed or band.foot
    state.last = None


def _starts_block(state: _State, previous: Row | None, row: Row, measure: Measure) -> bool:
    if previous is not None:
        return starts_paragraph(previous, row, measure)
    if state.last is None:
        return True
    # Over a page break: the sentence goes on where it was not ended and the next row neither is indented nor opens.
    if _ENDED.search(state.last.text) or _MARKER.match(row.text):
        return True
    first = next((c for c in row.text if c.isalnum()), " ")
    return not (first.islower() or (state.last_full and row.x0 < measure.left + 8 and not _is_centred(row, measure)))


def _is_centred(row: Row, measure: Measure) -> bool:
    apart = abs(row.middle - measure.middle)
    inset = min(row.x0 - measure.left, measure.right - row.x1)
    if _MARKER.match(row.text):
        return False
    return (inset > 12 and apart < 0.7 * row.size) or (inset > 4 and apart < 0.25 * row.size)


def _goes_on(before: Row, row: Row) -> bool:
    """Whether a sentence is under way: it was not ended, and the row begins with a small letter."""
    if _ENDED.search(before.text) or _MARKER.match(row.text):
        return False
    return next((c for c in row.text if c.isalpha()), " ").islower() and not row.text[0].isdigit()


def _is_bold(row: Row) -> bool:
    return all(w.bold for w in row.words)


def starts_paragraph(before: Row, row: Row, measure: Measure) -> bool:
    """Whether ``row``, right under ``before``, opens a paragraph: by the white between, the indent, room left over."""
    step = row.base - before.base
    if _is_centred(before, measure) and _is_centred(row, measure):
        return step > 1.75 * max(row.size, before.size, measure.lead / 1.35)
    slack = 1.17 if row.words[0].confidence is None else 1.3
    if _goes_on(before, row) and step < 1.8 * measure.lead:
        return False
    if step > slack * max(measure.lead, 1.1 * min(row.size, before.size)):
        return True
    if _is_centred(before, measure) != _is_centred(row, measure) and abs(before.x0 - row.x0) > 3:
        # A line of a title may be as wide as the page.
        return not (_is_bold(before) and _is_bold(row))
    first = row.words[0]
    room = before.x1 + 0.25 * row.size + (first.bbox[2] - first.bbox[0]) < measure.right - 2
    if room:
        return True
    indent = row.x0 - before.x0
    if indent > 8:
        return True
    opens_item = _MARKER.match(row.text) is not None
    if indent > -3 and row.x0 > measure.left + 8:
        return opens_item
    return opens_item and _ENDED.search(before.text) is not None


def _opens_annex(rows: Sequence[Row], index: int, measure: Measure, blank: bool, opening: bool, signed: bool) -> bool:
    """Whether an annex starts at this row.

    Its word opens a block; or a page opens with ``(Ban hành kèm theo …)`` under its title, or with any title once the
    dispatch is signed.
    """
    row = rows[index]
    if not (blank or opening) or not (signed or opening):
        return False
    if opens(row.text, "annex", "openers") and row.words[0].text[:1].isupper() and len(row.words) <= 14:
        return True
    if not opening:
        return False
    if signed and (row.text.isupper() or _is_centred(row, measure)):
        return True
    near = rows[index + 1 : index + 7]
    return any(r.text.startswith("(") and holds(r.text, "annex", "attached") for r in near)
