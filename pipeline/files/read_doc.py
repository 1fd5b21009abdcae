"""Word 97 to 2003 (.doc) to paragraphs and tables, with the font of every run ([MS-DOC], public specification).

LibreOffice is not needed. Word 6 and 95 files give their text without fonts.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.files import doc_format
from pipeline.files.compound import Compound
from pipeline.files.doc_format import BadDoc, DocTables
from pipeline.files.paragraphs import Block, Item, Note, Paragraph, capitals, gather

# 0D ends a paragraph, 07 a cell or a row, 0C a page or section, 02 calls a footnote; 13, 14, 15 bound a field.
_MARK = re.compile("[\x02\x07\x0c\r]")
_FIELD_MARK = re.compile("[\x13\x14\x15]")
_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
_PLAIN: dict[int, str | None] = dict.fromkeys(range(0x20))
_PLAIN |= {0x09: "\t", 0x0A: "\n", 0x0B: "\n", 0x0C: "\n", 0x0E: "\n", 0x1E: "-"}
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_NESTED_LEVEL = 0x6649


class EncryptedDoc(ValueError):
    """The document asks for a password."""


@dataclass(slots=True)
class _Field:
    """An open field: its code so far, and whether its result has begun."""

    code: str = ""
    in_result: bool = False

    @property
    def shows(self) -> bool:
        return self.in_result and _PAGE_FIELD.match(self.code) is None


def read_doc(compound: Compound) -> list[Item]:
    """The main text of a Word document with its footnotes. Raises :class:`BadDoc`, :class:`EncryptedDoc`."""
    main = compound.stream("WordDocument")
    if main is None or len(main) < 0x200:
        raise BadDoc("no text stream")
    version, flags = struct.unpack_from("<H", main, 2)[0], struct.unpack_from("<H", main, 10)[0]
    if flags & 0x0100:
        raise EncryptedDoc("encrypted")
    if version < 0x00C0:
        return _old_text(main)
    table = compound.stream("1Table" if flags & 0x0200 else "0Table")
    if table is None:
        raise BadDoc("no table stream")
    try:
        tables = doc_format.open_tables(main, table)
        text_length, note_length = struct.unpack_from("<2i", main, 0x4C)
        if text_length < 0 or note_length < 0:
            raise BadDoc("a part has a negative length")
        notes = _notes(tables, text_length, note_length)
        return gather(_blocks(tables, 0, text_length, iter(notes)))
    except (struct.error, IndexError) as error:
        raise BadDoc(str(error)) from error


def _old_text(main: bytes) -> list[Item]:
    """Word 6 and 95: one byte a character between two positions of the stream, fonts left out."""
    first, last = struct.unpack_from("<ii", main, 0x18)
    if not 0 < first < last <= len(main):
        raise BadDoc("no text")
    fields: list[_Field] = []
    found = []
    for part in _MARK.split(_shown(main[first:last])):
        text = "".join(piece for piece, shows in _field_pieces(part, fields) if shows)
        found.append(Paragraph(((text.translate(_PLAIN), None),)))
    return list(found)


def _shown(data: bytes) -> str:
    """Bytes as cp1252 shows them; the five bytes it does not define stay themselves."""
    return data.decode("latin-1").translate(_CP1252)


def _field_pieces(text: str, fields: list[_Field]) -> Iterator[tuple[str, bool]]:
    """The text between field marks and whether it is shown; ``fields`` keeps the open ones from call to call."""
    at = 0
    while at <= len(text):
        mark = _FIELD_MARK.search(text, at)
        stop = mark.start() if mark else len(text)
        if stop > at:
            piece = text[at:stop]
            if fields and not fields[-1].in_result and len(fields[-1].code) < 200:
                fields[-1].code += piece
            yield piece, all(open_field.shows for open_field in fields[-8:])
        if mark is None:
            return
        if mark.group() == "\x13":
            fields.append(_Field())
        elif fields and mark.group() == "\x14":
            fields[-1].in_result = True
        elif fields:
            fields.pop()
        at = stop + 1


def _notes(tables: DocTables, start: int, length: int) -> list[list[Item]]:
    """The footnotes: the part behind the main text, cut at its table of positions."""
    position, size = struct.unpack_from("<II", tables.main, 0x9A + 8 * 3)
    count = size // 4 - 2  # positions, one more than notes, and the end of the last
    if not length or count <= 0:
        return []
    bounds = struct.unpack_from(f"<{count + 1}I", tables.table, position)
    return [
        gather(_blocks(tables, start + first, start + last, iter(()))) if first < last <= length else []
        for first, last in zip(bounds, bounds[1:], strict=False)
    ]


def _blocks(tables: DocTables, first: int, last: int, notes: Iterator[list[Item]]) -> Iterator[Block | Note]:
    """The paragraphs between two character positions; a note behind the paragraph (or the table) that calls it."""
    raw: list[tuple[str, int, int]] = []  # text, its position in the stream, bytes a character
    fields: list[_Field] = []
    called: list[Note] = []
    for text, position, width in _stretches(tables, first, last):
        at = 0
        while at < len(text):
            mark = _MARK.search(text, at)
            stop = mark.start() if mark else len(text)
            if stop > at:
                raw.append((text[at:stop], position + at * width, width))
            if mark is None:
                break
            at = stop + 1
            if mark.group() == "\x02":
                note = next(notes, None)
                if note:
                    called.append(Note(tuple(note)))
                continue
            block = _block(tables, raw, position + stop * width, mark.group(), fields)
            raw = []
            yield block
            if called and not block.in_table:
                yield from called
                called = []
    if raw:
        yield _block(tables, raw, raw[-1][1], "\r", fields)
    yield from called


def _stretches(tables: DocTables, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    for piece in tables.pieces:
        begin, stop = max(piece.first, first), min(piece.last, last)
        if begin < stop:
            position = piece.position + (begin - piece.first) * piece.width
            data = tables.main[position : position + (stop - begin) * piece.width]
            text = _shown(data) if piece.width == 1 else data.decode("utf-16-le", "surrogatepass")
            yield text, position, piece.width


def _block(
    tables: DocTables, raw: list[tuple[str, int, int]], position: int, mark: str, fields: list[_Field]
) -> Block:
    properties = tables.properties(position)
    block = Block()
    font, list_id, level = tables.style(int.from_bytes(properties[:2], "little") if len(properties) >= 2 else 0)
    for code, operand in doc_format.modifiers(properties[2:]):
        value = doc_format.number(operand)
        if code == doc_format.IN_TABLE:
            block.in_table = bool(value)
        elif code == _NESTED_LEVEL:
            block.in_table = block.in_table or value > 0
        elif code == doc_format.ROW_END:
            block.row_end = bool(value)
        elif code == doc_format.LIST:
            list_id = value
        elif code == doc_format.LIST_LEVEL:
            level = value
        elif code == doc_format.DEFINE_TABLE:
            block.edges, block.bordered = _row(operand)
        elif code in (doc_format.TABLE_BORDERS, doc_format.TABLE_BORDERS_80):
            block.bordered = block.bordered or _has_borders(operand, code)
    block.cell_end = mark == "\x07"
    for text, start, width in raw:
        _add_runs(tables, block, text, start, width, font, fields)
    shown = any(text.strip() for text, _ in block.runs)
    if shown and 0 < list_id <= len(tables.overrides):
        label, label_font = tables.numbering.label(tables.overrides[list_id - 1], level)
        if label:
            block.runs.insert(0, (label + " ", label_font or block.runs[0][1]))
    return block


def _add_runs(
    tables: DocTables, block: Block, text: str, start: int, width: int, style_font: int | None, fields: list[_Field]
) -> None:
    at = 0
    while at < len(text):
        look, following = tables.look(start + at * width)
        stop = min(len(text), max(at + 1, at + -(-(following - start - at * width) // width)))
        part = "•" if look.symbol else text[at:stop]
        for piece, shows in _field_pieces(part, fields):
            if shows and not look.hidden:
                font = None if look.symbol else tables.font(style_font if look.font is None else look.font)
                run = (piece.translate(_PLAIN), font)
                block.runs.append(capitals(*run) if look.caps else run)
        at = stop


def _row(operand: bytes) -> tuple[tuple[int, ...], bool]:
    """Left edges of a row's cells and whether any cell has a rule ([MS-DOC] 2.9.328 TDefTableOperand)."""
    count = operand[0] if operand else 0
    edges = struct.unpack_from(f"<{count + 1}h", operand, 1)
    bordered = False
    for index in range(count):
        cell = operand[1 + 2 * (count + 1) + 20 * index :][4:20]
        for side in range(0, len(cell) - 3, 4):
            bordered = bordered or (cell[side + 1] not in (0, 0xFF))
    return edges[:-1], bordered


def _has_borders(operand: bytes, code: int) -> bool:
    size, kind = (8, 5) if code == doc_format.TABLE_BORDERS else (4, 1)
    return any(operand[at + kind] not in (0, 0xFF) for at in range(0, len(operand) - size + 1, size))
