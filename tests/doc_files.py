"""Word 97 files made for tests, byte by byte as [MS-DOC] and [MS-CFB] describe them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_SECTOR = 512
_TEXT_AT = 2048
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass(frozen=True)
class Para:
    """Runs of (surface characters, font name); how it ends; modifiers beside the style (raw)."""

    runs: tuple[tuple[str, str], ...]
    end: str = "\r"
    modifiers: bytes = b""
    hidden: bool = False


def para(text: str, font: str = "Times New Roman", **more: object) -> Para:
    """A paragraph of one run."""
    return Para(((text, font),), **more)  # type: ignore[arg-type]


def row(cells: Sequence[str], ruled: bool, font: str = "Times New Roman") -> list[Para]:
    """One row of a table: a paragraph a cell (several where the text has line feeds) and the row's end."""
    in_table = struct.pack("<HB", 0x2416, 1)
    made = []
    for cell in cells:
        lines = cell.split("\n")
        made += [para(line, font, modifiers=in_table) for line in lines[:-1]]
        made.append(para(lines[-1], font, end="\x07", modifiers=in_table))
    edges = struct.pack(f"<{len(cells) + 1}h", *(4000 * i for i in range(len(cells) + 1)))
    border = struct.pack("<BBBB", 4, 1 if ruled else 0, 0, 0)
    definition = bytes([len(cells)]) + edges + (b"\x00" * 4 + border * 4) * len(cells)
    defined = struct.pack("<HH", 0xD608, len(definition) + 1) + definition
    return [*made, Para((), "\x07", in_table + struct.pack("<HB", 0x2417, 1) + defined)]


def word_file(
    paragraphs: Sequence[Para], wide: bool = False, notes: Sequence[str] = (), encrypted: bool = False
) -> bytes:
    """A compound file with a main text, its fonts and footnotes. ``wide``: two bytes a character."""
    fonts = sorted({font for p in paragraphs for _, font in p.runs} | {"Times New Roman"})
    width = 2 if wide else 1
    text = ""
    runs: list[tuple[int, int, bytes]] = []
    ends: list[tuple[int, int, bytes]] = []
    for p in paragraphs:
        first = len(text)
        for piece, font in p.runs:
            chpx = struct.pack("<HH", 0x4A51, fonts.index(font)) + (struct.pack("<HB", 0x083C, 1) if p.hidden else b"")
            runs.append((len(text), len(text) + len(piece), chpx))
            text += piece
        runs.append((len(text), len(text) + 1, b""))
        text += p.end
        ends.append((first, len(text), p.modifiers))
    main_length = len(text)
    bounds = [0]
    for note in notes:
        first = len(text)
        text += note + "\r"
        bounds.append(len(text) - main_length)
        runs.append((first, len(text), b""))
        ends.append((first, len(text), b""))
    data = text.encode("utf-16-le") if wide else text.encode("latin-1")

    def place(character: int) -> int:
        return _TEXT_AT + character * width

    main = bytearray(_TEXT_AT) + data
    main += b"\x00" * (-len(main) % _SECTOR)
    character_pages = _formatted_pages(main, [(place(a), place(b), x) for a, b, x in runs if a < b], _chpx_page)
    paragraph_pages = _formatted_pages(main, [(place(a), place(b), x) for a, b, x in ends], _papx_page)
    table = bytearray()
    pairs: dict[int, tuple[int, int]] = {}

    def add(index: int, piece: bytes) -> None:
        pairs[index] = (len(table), len(piece))
        table.extend(piece)

    where = _TEXT_AT if wide else 0x40000000 | _TEXT_AT * 2
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, where, 0)
    add(33, b"\x02" + struct.pack("<I", len(pieces)) + pieces)
    add(12, _plc(character_pages))
    add(13, _plc(paragraph_pages))
    add(15, _font_table(fonts))
    if notes:
        add(3, struct.pack(f"<{len(bounds) + 1}I", *bounds, bounds[-1] + 1))
    struct.pack_into("<HH", main, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", main, 10, 0x0200 | (0x0100 if encrypted else 0))
    struct.pack_into("<H", main, 32, 14)
    struct.pack_into("<H", main, 62, 22)
    struct.pack_into("<ii", main, 0x4C, main_length, len(text) - main_length)
    struct.pack_into("<H", main, 152, 93)
    for index, pair in pairs.items():
        struct.pack_into("<II", main, 0x9A + 8 * index, *pair)
    return compound_file({"WordDocument": bytes(main), "1Table": bytes(table)})


def _formatted_pages(main: bytearray, runs: list[tuple[int, int, bytes]], make: object) -> list[tuple[int, int, int]]:
    pages = []
    for at in range(0, len(runs), 4):
        group = runs[at : at + 4]
        pages.append((group[0][0], group[-1][1], len(main) // _SECTOR))
        main += make(group)  # type: ignore[operator]
    return pages


def _chpx_page(group: list[tuple[int, int, bytes]]) -> bytes:
    page = bytearray(_SECTOR)
    struct.pack_into(f"<{len(group) + 1}I", page, 0, *[g[0] for g in group], group[-1][1])
    at = 510
    for index, (_, _, modifiers) in enumerate(group):
        if modifiers:
            at -= len(modifiers) + 1
            at -= at % 2
            page[at] = len(modifiers)
            page[at + 1 : at + 1 + len(modifiers)] = modifiers
            page[4 * (len(group) + 1) + index] = at // 2
    page[511] = len(group)
    return bytes(page)


def _papx_page(group: list[tuple[int, int, bytes]]) -> bytes:
    page = bytearray(_SECTOR)
    struct.pack_into(f"<{len(group) + 1}I", page, 0, *[g[0] for g in group], group[-1][1])
    at = 510
    for index, (_, _, modifiers) in enumerate(group):
        properties = b"\x00\x00" + modifiers
        properties += b"\x00" * (len(properties) % 2)
        at -= len(properties) + 2
        at -= at % 2
        page[at : at + 2] = bytes([0, len(properties) // 2])
        page[at + 2 : at + 2 + len(properties)] = properties
        page[4 * (len(group) + 1) + 13 * index] = at // 2
    page[511] = len(group)
    return bytes(page)


def _plc(pages: list[tuple[int, int, int]]) -> bytes:
    starts = [page[0] for page in pages] + [pages[-1][1]]
    return struct.pack(f"<{len(starts)}I", *starts) + struct.pack(f"<{len(pages)}I", *(page[2] for page in pages))


def _font_table(fonts: list[str]) -> bytes:
    made = struct.pack("<HH", len(fonts), 0)
    for font in fonts:
        name = font.encode("utf-16-le") + b"\x00\x00"
        made += bytes([39 + len(name)]) + b"\x00" * 39 + name
    return made


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A compound file of these streams, each padded past the size at which streams go to the mini stream."""
    padded = {name: data + b"\x00" * max(0, 4096 - len(data)) for name, data in streams.items()}
    sectors: list[bytes] = []
    chain: list[int] = []

    def store(data: bytes) -> int:
        first = len(sectors)
        count = -(-len(data) // _SECTOR)
        for index in range(count):
            sectors.append(data[index * _SECTOR : (index + 1) * _SECTOR].ljust(_SECTOR, b"\x00"))
            chain.append(first + index + 1 if index + 1 < count else _END)
        return first

    places = {name: (store(data), len(data)) for name, data in padded.items()}
    directory = _entry("Root Entry", 5, _END, 0)
    for name, (start, size) in places.items():
        directory += _entry(name, 2, start, size)
    first_directory = store(directory.ljust(-(-len(directory) // _SECTOR) * _SECTOR, b"\x00"))
    tables = 1
    while tables * 128 < len(sectors) + tables:
        tables += 1
    table_places = list(range(len(sectors), len(sectors) + tables))
    chain += [_FAT] * tables
    chain += [_FREE] * (tables * 128 - len(chain))
    fat = struct.pack(f"<{len(chain)}I", *chain)
    header = bytearray(_SECTOR)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II", header, 44, tables, first_directory)
    struct.pack_into("<IIIII", header, 56, 4096, _END, 0, _END, 0)
    struct.pack_into("<109I", header, 76, *(table_places + [_FREE] * 109)[:109])
    return bytes(header) + b"".join(sectors) + fat


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    entry = bytearray(128)
    encoded = name.encode("utf-16-le")
    entry[: len(encoded)] = encoded
    struct.pack_into("<HB", entry, 64, len(encoded) + 2, kind)
    struct.pack_into("<III", entry, 68, _FREE, _FREE, _FREE)
    struct.pack_into("<II", entry, 116, start, size)
    return bytes(entry)
