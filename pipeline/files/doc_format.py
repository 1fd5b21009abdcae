"""The tables inside a Word 97 to 2003 file: pieces of text, fonts, styles, lists, formatted runs ([MS-DOC])."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.files.numbering import Level, Numbering

# Property modifiers ([MS-DOC] 2.6).
FONT_ASCII, FONT_OTHER = 0x4A4F, 0x4A51
HIDDEN, DELETED, CAPS, SYMBOL = 0x083C, 0x0800, 0x083B, 0x6A09
IN_TABLE, ROW_END, LIST, LIST_LEVEL = 0x2416, 0x2417, 0x460B, 0x260A
DEFINE_TABLE, TABLE_BORDERS, TABLE_BORDERS_80 = 0xD608, 0xD613, 0xD605
_TWO_BYTE_LENGTHS = (DEFINE_TABLE, 0xD606)
_OPERAND_SIZES = (1, 1, 2, 4, 2, 2, -1, 3)
_MAX_PIECES = 200_000
_NO_STYLE = 0xFFF
# Kinds of numbers ([MS-OSHARED] MSONFC) by their OOXML names.
_KINDS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 22: "decimalZero",
    23: "bullet", 255: "none",
}  # fmt: skip


class BadDoc(ValueError):
    """The file is no whole Word document."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says itself; ``base`` is the style it builds on."""

    base: int
    font: int | None
    list_id: int
    list_level: int


@dataclass(frozen=True, slots=True)
class Look:
    """What the properties of a run of characters say."""

    font: int | None = None
    hidden: bool = False
    caps: bool = False
    symbol: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``first`` to ``last`` stand at ``position`` of the main stream, ``width`` bytes each."""

    first: int
    last: int
    position: int
    width: int


@dataclass(slots=True)
class DocTables:
    """The parts of the file that runs are looked up in."""

    main: bytes
    table: bytes
    pieces: list[Piece]
    fonts: list[str]
    styles: list[Style]
    default_font: int | None
    numbering: Numbering
    overrides: list[int]
    run_starts: list[int]
    runs: list[Look]
    paragraph_starts: list[int]
    paragraphs: list[bytes]

    def look(self, position: int) -> tuple[Look, int]:
        """The properties of the character at a position of the main stream, and where the next run begins."""
        index = bisect_right(self.run_starts, position) - 1
        following = self.run_starts[index + 1] if index + 1 < len(self.run_starts) else 1 << 40
        return (self.runs[index] if index >= 0 else Look()), following

    def properties(self, position: int) -> bytes:
        """Style number and modifiers of the paragraph whose mark is at a position of the main stream."""
        index = bisect_right(self.paragraph_starts, position) - 1
        return self.paragraphs[index] if index >= 0 else b""

    def font(self, number: int | None) -> str | None:
        """A font's name."""
        return self.fonts[number] if number is not None and number < len(self.fonts) else None

    def style(self, number: int) -> tuple[int | None, int, int]:
        """Font, list and list level of a style, from the styles it builds on where it does not say."""
        font: int | None = None
        list_id = level = 0
        for _ in range(16):
            if number >= len(self.styles):
                break
            style = self.styles[number]
            font = style.font if font is None else font
            if not list_id:
                list_id, level = style.list_id, style.list_level
            number = style.base
        return (self.default_font if font is None else font), list_id, level


def _part(main: bytes, index: int) -> tuple[int, int]:
    """Position and length in the table stream of the ``index``-th pair of the file information block."""
    position, length = struct.unpack_from("<II", main, 0x9A + 8 * index)
    return position, length


def open_tables(main: bytes, table: bytes) -> DocTables:
    """Read all tables. Raises :class:`BadDoc`, struct.error or IndexError where the file is damaged."""
    styles, default_font = _styles(table, *_part(main, 1))
    fonts = _fonts(table, *_part(main, 15))
    numbering, overrides = _lists(main, table, fonts)
    run_starts, runs = _character_runs(main, table, *_part(main, 12))
    paragraph_starts, paragraphs = _paragraph_runs(main, table, *_part(main, 13))
    pieces = _pieces(table, *_part(main, 33))
    return DocTables(
        main, table, pieces, fonts, styles, default_font, numbering, overrides,
        run_starts, runs, paragraph_starts, paragraphs,
    )  # fmt: skip


def _pieces(table: bytes, position: int, length: int) -> list[Piece]:
    clx = table[position : position + length]
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise BadDoc("no piece table")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    count = (size - 4) // 12
    if not 0 < count <= _MAX_PIECES:
        raise BadDoc("bad piece table")
    characters = struct.unpack_from(f"<{count + 1}I", clx, at + 5)
    pieces = []
    for index in range(count):
        where = struct.unpack_from("<I", clx, at + 5 + 4 * (count + 1) + 8 * index + 2)[0]
        narrow = bool(where & 0x40000000)
        where &= 0x3FFFFFFF
        pieces.append(
            Piece(characters[index], characters[index + 1], where // 2 if narrow else where, 1 if narrow else 2)
        )
    return pieces


def _fonts(table: bytes, position: int, length: int) -> list[str]:
    end = position + length
    if length < 4:
        return []
    count = struct.unpack_from("<H", table, position)[0]
    at = position + 4
    names: list[str] = []
    while at < end and len(names) < count:
        size = table[at]
        name = table[at + 40 : at + 1 + size].decode("utf-16-le", "replace").split("\x00")[0]
        names.append(name)
        at += 1 + size
    return names


def modifiers(properties: bytes) -> Iterator[tuple[int, bytes]]:
    """(code, operand) of each property modifier in a list of them."""
    at = 0
    while at + 2 <= len(properties):
        code = properties[at] | properties[at + 1] << 8
        at += 2
        size = _OPERAND_SIZES[code >> 13]
        if size < 0:
            if at >= len(properties):
                return
            if code in _TWO_BYTE_LENGTHS and at + 2 <= len(properties):
                size = (properties[at] | properties[at + 1] << 8) - 1
                at += 2
            else:
                size = properties[at]
                at += 1
        yield code, properties[at : at + size]
        at += max(size, 0)


def number(operand: bytes) -> int:
    return int.from_bytes(operand, "little")


def _styles(table: bytes, position: int, length: int) -> tuple[list[Style], int | None]:
    if length < 20:
        return [], None
    header = struct.unpack_from("<H", table, position)[0]
    count, base_size = struct.unpack_from("<HH", table, position + 2)
    default = struct.unpack_from("<H", table, position + 2 + 12)[0] if header >= 14 else None
    at, end = position + 2 + header, position + length
    styles: list[Style] = []
    while at + 2 <= end and len(styles) < count:
        size = struct.unpack_from("<H", table, at)[0]
        styles.append(_style(table[at + 2 : at + 2 + size], base_size))
        at += 2 + size + size % 2
    return styles, default


def _style(data: bytes, base_size: int) -> Style:
    none = Style(_NO_STYLE, None, 0, 0)
    if len(data) < base_size + 2 or base_size < 10:
        return none
    kind_and_base, counts = struct.unpack_from("<HH", data, 2)
    kind, based, counted = kind_and_base & 0xF, kind_and_base >> 4, counts & 0xF
    name = struct.unpack_from("<H", data, base_size)[0]
    at = base_size + 2 + 2 * name + 2
    at += at % 2
    font: int | None = None
    list_id = level = 0
    for index in range(counted):
        if at + 2 > len(data):
            break
        size = struct.unpack_from("<H", data, at)[0]
        piece = data[at + 2 : at + 2 + size]
        if kind == 1 and index == 0:
            for code, operand in modifiers(piece[2:]):
                if code == LIST:
                    list_id = number(operand)
                elif code == LIST_LEVEL:
                    level = number(operand)
        else:
            for code, operand in modifiers(piece):
                if code == FONT_OTHER or (code == FONT_ASCII and font is None):
                    font = number(operand)
        at += 2 + size + size % 2
    return Style(based, font, list_id, level)


def _pages(table: bytes, position: int, length: int) -> Iterator[tuple[int, int, int]]:
    """(first position, last position, page number) of each page of formatted runs."""
    count = (length - 4) // 8
    if count <= 0 or count > _MAX_PIECES:
        return
    bounds = struct.unpack_from(f"<{count + 1}I", table, position)
    numbers = struct.unpack_from(f"<{count}I", table, position + 4 * (count + 1))
    for index in range(count):
        yield bounds[index], bounds[index + 1], numbers[index] & 0x3FFFFF


def _character_runs(main: bytes, table: bytes, position: int, length: int) -> tuple[list[int], list[Look]]:
    starts: list[int] = []
    looks: list[Look] = []
    for _first, _last, number in _pages(table, position, length):
        page = main[512 * number : 512 * number + 512]
        if len(page) < 512:
            break
        count = min(page[511], 101)
        bounds = struct.unpack_from(f"<{count + 1}I", page, 0)
        for index in range(count):
            offset = 2 * page[4 * (count + 1) + index]
            properties = page[offset + 1 : offset + 1 + page[offset]] if offset else b""
            starts.append(bounds[index])
            looks.append(_look(properties))
    return starts, looks


def _look(properties: bytes) -> Look:
    font: int | None = None
    hidden = caps = symbol = False
    for code, operand in modifiers(properties):
        if code == FONT_OTHER or (code == FONT_ASCII and font is None):
            font = number(operand)
        elif code in (HIDDEN, DELETED):
            hidden = hidden or number(operand) == 1
        elif code == CAPS:
            caps = number(operand) == 1
        elif code == SYMBOL:
            symbol = True
    return Look(font, hidden, caps, symbol)


def _paragraph_runs(main: bytes, table: bytes, position: int, length: int) -> tuple[list[int], list[bytes]]:
    starts: list[int] = []
    found: list[bytes] = []
    for _first, _last, number in _pages(table, position, length):
        page = main[512 * number : 512 * number + 512]
        if len(page) < 512:
            break
        count = min(page[511], 29)
        bounds = struct.unpack_from(f"<{count + 1}I", page, 0)
        for index in range(count):
            offset = 2 * page[4 * (count + 1) + 13 * index]
            properties = b""
            if offset:
                size = page[offset]
                if size:
                    properties = page[offset + 1 : offset + 2 * size]
                else:
                    properties = page[offset + 2 : offset + 2 + 2 * page[offset + 1]]
            starts.append(bounds[index])
            found.append(properties)
    return starts, found


def _lists(main: bytes, table: bytes, fonts: list[str]) -> tuple[Numbering, list[int]]:
    """Lists with their levels ([MS-DOC] 2.9.131, 2.9.150), and which override means which list."""
    numbering = Numbering()
    position, length = _part(main, 73)
    if length >= 2:
        count = struct.unpack_from("<H", table, position)[0]
        heads = [table[position + 2 + 28 * i : position + 30 + 28 * i] for i in range(min(count, length // 28))]
        at = position + length
        for head in heads:
            levels = []
            for _ in range(1 if head[26] & 1 else 9):
                start, kind = struct.unpack_from("<IB", table, at)
                character_size, paragraph_size = table[at + 24], table[at + 25]
                at += 28 + paragraph_size
                look = _look(table[at : at + character_size])
                at += character_size
                size = struct.unpack_from("<H", table, at)[0]
                template = table[at + 2 : at + 2 + 2 * size].decode("utf-16-le", "replace")
                at += 2 + 2 * size
                font = fonts[look.font] if look.font is not None and look.font < len(fonts) else None
                # Level numbers stand in the template as the characters 0 to 8.
                text = "".join(f"%{ord(c) + 1}" if ord(c) < 9 else c.replace("%", "") for c in template)
                levels.append(Level(start, _KINDS.get(kind, "decimal"), text, font))
            numbering.define(struct.unpack_from("<i", head, 0)[0], levels)
    position, length = _part(main, 74)
    overrides = []
    if length >= 4:
        count = struct.unpack_from("<I", table, position)[0]
        for index in range(min(count, length // 16)):
            overrides.append(struct.unpack_from("<i", table, position + 4 + 16 * index)[0])
    return numbering, overrides
