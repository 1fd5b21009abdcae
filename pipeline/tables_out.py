"""Rows of a query as a table for people, CSV or JSON."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import Any, TextIO

_WIDEST = 60
_ROWS_MEASURED = 1_000

Rows = Iterator[tuple[Any, ...]]

# Control characters as their pictures, as a screen, a spreadsheet or a printer would obey them; what turns the
# direction of writing, and half of a pair of surrogates, as a question mark in a diamond.
_VISIBLE = (
    {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"}
    | {0x7F: 0x2421}
    | dict.fromkeys(chain(range(0x80, 0xA0), range(0x202A, 0x202F), range(0x2066, 0x206A), (0xFFFE, 0xFFFF)), 0xFFFD)
)
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
_NOT_ONE_WIDE = re.compile("[\u0300-\u036f\u1100-\u11ff\u200b-\u200f\u2060-\u206f\u2300-\u27bf\u2e80-\U0010ffff]")

# What makes a spreadsheet take a cell of a CSV file for a formula; a plain number with a sign is none.
_FORMULA = re.compile(r"[=@\t\r\n＝＠＋－]|[+-](?!\d+(?:[.,]\d+)*\Z)")
_QUOTED = re.compile(r'[",\r\n]|\A\s|\s\Z')


def as_text(value: Any) -> str:
    """One value as a cell: nothing for null, ISO 8601 for times, JSON for lists and structures."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float):
        return str(value).removesuffix(".0")
    if isinstance(value, (list, tuple, dict)):
        return _json(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    return str(value)


def visible(text: str) -> str:
    """``text`` with control characters (but tab and line ends) as pictures: ``ESC`` is ``␛``, and cannot be obeyed."""
    if _INVISIBLE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_VISIBLE)


def width(text: str) -> int:
    """How many columns of a terminal ``text`` takes: an accent of its own none, a Chinese character two."""
    if text.isascii() or _NOT_ONE_WIDE.search(text) is None:
        return len(text)
    return sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def guarded(text: str) -> str:
    """``text``, with an apostrophe before what a spreadsheet would take for a formula: ``'=1+1``, ``'- Như trên``."""
    return "'" + text if _FORMULA.match(text) else text


def write_csv(columns: Sequence[str], rows: Rows, out: TextIO) -> None:
    """Comma separated, a heading first; lines end in a line feed.

    Text that begins like a formula (``=``, ``+``, ``-``, ``@``, tab, line end) gets an apostrophe before it, so that a
    spreadsheet shows it and does not run it; numbers stay numbers. JSON and Parquet have the text as it is.
    """
    out.write(",".join(map(_csv_cell, columns)) + "\n")
    lone = len(columns) == 1
    for row in rows:
        out.write((",".join(map(_csv_cell, row)) or ('""' if lone else "")) + "\n")


def _csv_cell(value: Any) -> str:
    text = as_text(value)
    if isinstance(value, (bool, int, float, Decimal, date, time)) or not text:
        return text
    text = guarded(visible(text))
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def write_json(columns: Sequence[str], rows: Rows, out: TextIO) -> None:
    """One JSON array of objects, a row a line; the second of two columns of one name gets a number."""
    names = [n if n not in columns[:i] else f"{n}_{columns[:i].count(n) + 1}" for i, n in enumerate(columns)]
    out.write("[")
    for number, row in enumerate(rows):
        out.write(",\n " if number else "\n ")
        out.write(_json(dict(zip(names, row, strict=True))))
    out.write("\n]\n")


def _json(value: Any) -> str:
    plain = _plain(value)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False)
    return text if _encodable(text) else json.dumps(plain, allow_nan=False)


def _plain(value: Any) -> Any:
    """``value`` in what JSON has: null for what is no number, text for times and bytes."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            return None
        return int(value) if isinstance(value, Decimal) and value == int(value) else float(value)
    if isinstance(value, dict):
        return {as_text(key): _plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return as_text(value)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def write_table(columns: Sequence[str], rows: Rows, out: TextIO) -> None:
    """Aligned columns, each value on one line; on a terminal, and only there, a long one is cut with an ellipsis."""
    widest = _WIDEST if out.isatty() else None
    measured = list(islice(rows, _ROWS_MEASURED))
    first = [[_cell(v, widest) for v in row] for row in measured]
    heads = [_cell(c, widest) for c in columns]
    widths = [max(map(width, cells)) for cells in zip(heads, *first, strict=True)]
    right = [_are_numbers([row[i] for row in measured]) for i in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for cell, wide, is_right in zip(cells, widths, right, strict=True):
            blanks = " " * (wide - width(cell))
            padded.append(blanks + cell if is_right else cell + blanks)
        return "  ".join(padded).rstrip() + "\n"

    out.write(line(heads))
    out.write("  ".join("─" * w for w in widths) + "\n")
    for cells in first:
        out.write(line(cells))
    for row in rows:
        out.write(line([_cell(v, widest) for v in row]))


def _cell(value: Any, widest: int | None) -> str:
    text = visible(" ".join(as_text(value).split()))
    if widest is None or width(text) <= widest:
        return text
    kept = text[: widest - 1]
    while width(kept) > widest - 1:
        kept = kept[:-1]
    return kept + "…"


def _are_numbers(values: Sequence[Any]) -> bool:
    known = [v for v in values if v is not None]
    return bool(known) and all(isinstance(v, (int, float, Decimal)) and not isinstance(v, bool) for v in known)


WRITERS: dict[str, Callable[[Sequence[str], Rows, TextIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
}
