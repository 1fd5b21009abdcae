"""Makes PDFs of invented dispatches as word processors print them.

``draw`` lays a :class:`Paper` out: letterhead and foot each in a borderless table of two columns, drawn cell by cell;
justified paragraphs; page numbers from page 2. ``{number}``, ``{day}`` and ``{month}`` in its lines are left blank
and their places returned, for the functions of :mod:`tests.pdf_signer` to fill; ``m^2`` raises the 2.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

Box = tuple[float, float, float, float]

WIDTH, HEIGHT = 595.0, 842.0
LEFT, RIGHT, TOP, BOTTOM = 85.0, 542.0, 57.0, 785.0
_STYLES = ("Regular", "Bold", "Italic", "BoldItalic")
_FAMILIES = (
    ("/usr/share/fonts/truetype/liberation2", "LiberationSerif-{}.ttf", _STYLES),
    ("/usr/share/fonts/truetype/liberation", "LiberationSerif-{}.ttf", _STYLES),
    ("/usr/share/fonts/liberation-serif", "LiberationSerif-{}.ttf", _STYLES),
    ("/usr/share/fonts/truetype/dejavu", "DejaVuSerif{}.ttf", ("", "-Bold", "-Italic", "-BoldItalic")),
    ("C:/Windows/Fonts", "times{}.ttf", ("", "bd", "i", "bi")),
    ("/System/Library/Fonts/Supplemental", "Times New Roman{}.ttf", ("", " Bold", " Italic", " Bold Italic")),
)
_BLANKS = {"{number}": 34.0, "{day}": 22.0, "{month}": 22.0}


@cache
def font_files() -> tuple[Path, Path, Path, Path]:
    """The files of a serif family with Vietnamese letters: regular, bold, italic, bold italic.

    Raises RuntimeError where no family of the list is installed.
    """
    for folder, pattern, styles in _FAMILIES:
        regular, *others = (Path(folder) / pattern.format(style) for style in styles)
        if regular.is_file() and ord("ỹ") in TTFont("Probe", str(regular)).face.charToGlyph:
            # Some packages leave the slanted faces out: the upright one then stands in.
            bold, italic, bold_italic = (path if path.is_file() else regular for path in others)
            return regular, bold, italic, bold_italic
    raise RuntimeError("no serif font with Vietnamese letters found: install fonts-liberation2 or fonts-dejavu")


@cache
def fonts() -> tuple[str, str, str, str]:
    """The names under which the faces of :func:`font_files` are registered with reportlab."""
    names = ("TestRegular", "TestBold", "TestItalic", "TestBoldItalic")
    for name, path in zip(names, font_files(), strict=True):
        pdfmetrics.registerFont(TTFont(name, str(path)))
    return names


@dataclass(frozen=True)
class Paper:
    """The pieces of a dispatch. ``notes``: a paragraph's footnote, by its index; ``table`` follows ``table_after``."""

    letterhead: tuple[str, ...]
    number_line: str
    place_date: str
    body: tuple[str, ...]
    recipients: tuple[str, ...]
    signature: tuple[str, ...]
    motto: tuple[str, ...] = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
    subject: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    notes: dict[int, str] = field(default_factory=dict)
    table: tuple[tuple[str, ...], ...] = ()
    table_after: int = 0
    annex: tuple[str, ...] = ()
    column_gap: float = 20.0


@dataclass(frozen=True)
class Drawn:
    """A PDF and its blanks: name → (page from 1, box in points, origin top left)."""

    pdf: bytes
    blanks: dict[str, tuple[int, Box]]


class _Pen:
    """A canvas that counts from the top and keeps what it is to be asked about later."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(WIDTH, HEIGHT), invariant=1)
        self.y = TOP
        self.page = 1
        self.blanks: dict[str, tuple[int, Box]] = {}
        self.notes: list[str] = []

    def words(self, line: str, x: float, y: float, font: str, size: float, space: float | None = None) -> float:
        """Draw a line word by word, each with its space, as word processors do. Where it ends."""
        gap = pdfmetrics.stringWidth(" ", font, size) if space is None else space
        for word in line.split(" "):
            before, blank, after = _parted(word)
            before, _, raised = before.partition("^")
            if raised:
                self.canvas.setFont(font, size)
                self.canvas.drawString(x, HEIGHT - y, before)
                x += pdfmetrics.stringWidth(before, font, size)
                self.canvas.setFont(font, 0.64 * size)
                self.canvas.drawString(x, HEIGHT - y + 0.36 * size, raised + " ")
                x += pdfmetrics.stringWidth(raised, font, 0.64 * size) + gap
                continue
            if before:
                self.canvas.setFont(font, size)
                self.canvas.drawString(x, HEIGHT - y, before + ("" if blank else " "))
                x += pdfmetrics.stringWidth(before, font, size)
            if blank:
                self.blanks[blank] = (self.page, (x, y - size, x + _BLANKS[blank], y + 3))
                x += _BLANKS[blank]
            if after:
                self.canvas.setFont(font, size)
                self.canvas.drawString(x, HEIGHT - y, after + " ")
                x += pdfmetrics.stringWidth(after, font, size)
            x += gap
        return x - gap

    def centred(self, line: str, middle: float, y: float, font: str, size: float) -> None:
        self.words(line, middle - _width(line, font, size) / 2, y, font, size)

    def room(self, height: float) -> None:
        if self.y + height > BOTTOM - 14 * len(self.notes):
            self.turn()

    def turn(self) -> None:
        y = BOTTOM
        regular = fonts()[0]
        for number, note in enumerate(self.notes, start=1):
            if number == 1:
                self.canvas.line(LEFT, HEIGHT - y + 16, LEFT + 144, HEIGHT - y + 16)
            self.words(str(number), LEFT, y - 3, regular, 6.5)
            self.words(note, LEFT + 5, y, regular, 10)
            y += 12
        self.notes = []
        self.canvas.showPage()
        self.page += 1
        self.y = TOP + 12
        self.centred(str(self.page), WIDTH / 2, 45, regular, 13)

    def close(self) -> bytes:
        if self.notes:
            self.turn()
        else:
            self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()


def _parted(word: str) -> tuple[str, str, str]:
    for blank in _BLANKS:
        if blank in word:
            before, after = word.split(blank, 1)
            return before, blank, after
    return word, "", ""


def _width(line: str, font: str, size: float) -> float:
    total = 0.0
    for blank, wide in _BLANKS.items():
        if blank in line:
            line = line.replace(blank, "")
            total += wide
    return total + float(pdfmetrics.stringWidth(line, font, size))


def draw(paper: Paper) -> Drawn:
    """The paper as PDF."""
    regular, bold, italic, bold_italic = fonts()
    pen = _Pen()
    _head(pen, paper)
    for index, line in enumerate(paper.title):
        pen.centred(line, (LEFT + RIGHT) / 2, pen.y, bold, 14)
        pen.y += 17 if index + 1 < len(paper.title) else 34
    if len(paper.addressees) == 1:
        pen.centred(f"Kính gửi: {paper.addressees[0]}", (LEFT + RIGHT) / 2, pen.y, regular, 14)
        pen.y += 34
    elif paper.addressees:
        pen.words("Kính gửi:", 160, pen.y, regular, 14)
        for line in paper.addressees:
            pen.y += 18
            pen.words(line, 222, pen.y, regular, 14)
        pen.y += 34
    for index, paragraph in enumerate(paper.body):
        _paragraph(pen, paragraph, regular, paper.notes.get(index))
        if paper.table and paper.table_after == index:
            _table(pen, paper.table, regular)
    _foot(pen, paper)
    if paper.annex:
        pen.turn()
        for line in paper.annex[:2]:
            pen.centred(line, (LEFT + RIGHT) / 2, pen.y, bold, 14)
            pen.y += 18
        pen.y += 10
        for paragraph in paper.annex[2:]:
            _paragraph(pen, paragraph, regular, None)
    return Drawn(pen.close(), pen.blanks)


def _head(pen: _Pen, paper: Paper) -> None:
    regular, bold, italic, _ = fonts()
    widest = max(_width(line, bold, 13) for line in paper.motto)
    right = RIGHT - widest / 2
    edge = RIGHT - widest - paper.column_gap
    left = (LEFT - 10 + edge) / 2
    # Cell by cell: the whole left column first, its baselines a little off those of the right one.
    y = TOP + 11
    for index, line in enumerate(paper.letterhead):
        for piece in _wrapped(line, bold, 13, edge - LEFT + 10):
            pen.centred(piece, left, y, bold if index + 1 == len(paper.letterhead) else regular, 13)
            y += 15
    pen.canvas.line(left - 25, HEIGHT - y + 8, left + 25, HEIGHT - y + 8)
    y = max(y + 12, TOP + 53)
    level = y
    pen.centred(paper.number_line, left, y, regular, 13)
    for line in paper.subject:
        for piece in _wrapped(line, regular, 12, edge - LEFT + 10):
            y += 14
            pen.centred(piece, left, y, regular, 12)
    low = y
    y = TOP + 11
    for line, size in zip(paper.motto, (13, 14), strict=True):
        pen.centred(line, right, y, bold, size)
        y += 16
    pen.canvas.line(right - 80, HEIGHT - y + 11, right + 80, HEIGHT - y + 11)
    pen.centred(paper.place_date, right, level + 0.6, italic, 14)
    pen.y = low + 38


def _foot(pen: _Pen, paper: Paper) -> None:
    regular, bold, _, bold_italic = fonts()
    signed = [line for line in paper.signature if line]
    pen.room(max(14 * len(paper.recipients), 17 * len(signed) + 60) + 20)
    y = pen.y
    for index, line in enumerate(paper.recipients):
        pen.words(line, LEFT + 5, y, bold_italic if index == 0 else regular, 12 if index == 0 else 11)
        y += 14 if index == 0 else 13
    low, y = y, pen.y
    for index, line in enumerate(signed):
        if index + 1 == len(signed):
            y += 60
        pen.centred(line, 425, y, bold, 14)
        y += 17
    pen.y = max(low, y) + 12


def _paragraph(pen: _Pen, text: str, font: str, note: str | None) -> None:
    size, lead, indent = 14.0, 18.0, 35.0
    space = pdfmetrics.stringWidth(" ", font, size)
    lines = _wrapped(text, font, size, RIGHT - LEFT, indent)
    for index, line in enumerate(lines):
        pen.room(lead + (20 if note else 0))
        x = LEFT + (indent if index == 0 else 0)
        words = line.split(" ")
        gap = space
        if index + 1 < len(lines) and len(words) > 1:
            gap = space + (RIGHT - x - _width(line, font, size)) / (len(words) - 1)
        end = pen.words(line, x, pen.y, font, size, gap)
        if note and index + 1 == len(lines):
            pen.notes.append(note)
            pen.words(str(len(pen.notes)), end, pen.y - 5, font, 9)
        pen.y += lead
    pen.y += 6


def _table(pen: _Pen, rows: tuple[tuple[str, ...], ...], font: str) -> None:
    columns = max(map(len, rows))
    wide = (RIGHT - LEFT) / columns
    for row in rows:
        cells = [_wrapped(cell, font, 11, wide - 8) for cell in row]
        high = 14 * max(map(len, cells)) + 6
        pen.room(high)
        for index, lines in enumerate(cells):
            x = LEFT + index * wide
            pen.canvas.rect(x, HEIGHT - pen.y - high + 10, wide, high)
            for number, line in enumerate(lines):
                pen.words(line, x + 4, pen.y + 14 * number + 4, font, 11)
        pen.y += high
    pen.y += 18


def _wrapped(text: str, font: str, size: float, wide: float, indent: float = 0.0) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and _width(longer, font, size) > wide - (indent if not lines else 0):
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def with_blanks(paper: Paper, number: str, day: str) -> Paper:
    """The paper with the number and the day of issue left out of its number and date lines."""
    number_line = paper.number_line.replace(number, "{number}", 1)
    return replace(
        paper, number_line=number_line, place_date=paper.place_date.replace(f"ngày {day} ", "ngày {day} ", 1)
    )
