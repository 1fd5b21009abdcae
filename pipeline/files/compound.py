"""The streams of an OLE compound file, the container of Word 97 to 2003 ([MS-CFB], public specification)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFA  # this and above are no sectors
_DIRECTORY_ENTRIES = 20_000


class BadCompound(ValueError):
    """The file claims to be a compound file and is not a whole one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream: its name, its first sector and its length in bytes."""

    name: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Compound:
    """A compound file in memory, with its tables of sectors read."""

    data: bytes
    sector: int
    mini_sector: int
    mini_cutoff: int
    table: tuple[int, ...]
    mini_table: tuple[int, ...]
    mini: bytes
    entries: tuple[Entry, ...]

    def names(self) -> frozenset[str]:
        """Names of all streams and storages."""
        return frozenset(entry.name for entry in self.entries)

    def stream(self, name: str) -> bytes | None:
        """The bytes of the first stream of that name, or None. Raises :class:`BadCompound` where its chain breaks."""
        entry = next((e for e in self.entries if e.name == name and e.size), None)
        if entry is None:
            return None
        if entry.size < self.mini_cutoff:
            return _chain(self.mini, self.mini_table, entry.start, self.mini_sector, 0, entry.size)
        return _chain(self.data, self.table, entry.start, self.sector, self.sector, entry.size)


def open_compound(data: bytes) -> Compound:
    """Read the tables and the directory of a compound file. Raises :class:`BadCompound`."""
    if len(data) < 512 or data[:8] != MAGIC:
        raise BadCompound("no compound file header")
    sector_shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if sector_shift not in (9, 12) or mini_shift != 6:
        raise BadCompound("unknown sector size")
    sector = 1 << sector_shift
    first_directory = struct.unpack_from("<I", data, 48)[0]
    cutoff, first_mini, _mini_count, first_more, more_count = struct.unpack_from("<IIIII", data, 56)
    numbers = [n for n in struct.unpack_from("<109I", data, 76) if n < _FREE]
    at, seen = first_more, 0
    while at < _FREE and seen < min(more_count, len(data) // sector):
        offset = sector + at * sector
        if offset + sector > len(data):
            break
        chunk = struct.unpack_from(f"<{sector // 4}I", data, offset)
        numbers += [n for n in chunk[:-1] if n < _FREE]
        at, seen = chunk[-1], seen + 1
    if len(numbers) > len(data) // sector + 1:
        raise BadCompound("more tables than sectors")
    table: list[int] = []
    for number in numbers:
        offset = sector + number * sector
        piece = data[offset : offset + sector]
        table += struct.unpack(f"<{len(piece) // 4}I", piece[: len(piece) // 4 * 4])
    fat = tuple(table)
    entries = []
    root = Entry("", _FREE, 0)
    directory = _chain(data, fat, first_directory, sector, sector, None)
    for offset in range(0, min(len(directory), _DIRECTORY_ENTRIES * 128) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, offset + 64)
        start, size = struct.unpack_from("<II", directory, offset + 116)
        name = directory[offset : offset + min(max(length, 2), 64) - 2].decode("utf-16-le", "replace")
        if kind == 5:
            root = Entry(name, start, size)
        elif kind in (1, 2):
            entries.append(Entry(name, start, size if kind == 2 else 0))
    mini_table: tuple[int, ...] = ()
    mini = b""
    if first_mini < _FREE and root.start < _FREE:
        piece = _chain(data, fat, first_mini, sector, sector, None)
        mini_table = struct.unpack(f"<{len(piece) // 4}I", piece)
        mini = _chain(data, fat, root.start, sector, sector, None)
    return Compound(data, sector, 1 << mini_shift, cutoff, fat, mini_table, mini, tuple(entries))


def _chain(data: bytes, table: tuple[int, ...], start: int, sector: int, base: int, size: int | None) -> bytes:
    """The sectors from ``start`` on, one after the other, cut to ``size`` bytes where it is known."""
    parts: list[bytes] = []
    at, room = start, len(data) // sector + 1
    want = room if size is None else -(-size // sector)
    while at < _FREE and want > 0:
        offset = base + at * sector
        if offset >= len(data) or at >= len(table) or len(parts) >= room:
            raise BadCompound("a chain of sectors leads out of the file")
        parts.append(data[offset : offset + sector])
        at, want = table[at], want - 1
    whole = b"".join(parts)
    if size is not None and len(whole) < size:
        raise BadCompound("a stream is shorter than it says")
    return whole if size is None else whole[:size]
