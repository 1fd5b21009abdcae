"""Rows of a query as a table for people, CSV or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, TextIO

_WIDEST = 60
_ROWS_MEASURED = 1_000

Rows = Iterator[tuple[Any, ...]]


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
        return json.dumps(value, ensure_ascii=False, default=as_text)
    return str(value)


def write_csv(columns: Sequence[str], rows: Rows, out: TextIO) -> None:
    """Comma separated, a heading first; lines end in a line feed."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(map(as_text, row))


def write_json(columns: Sequence[str], rows: Rows, out: TextIO) -> None:
    """One JSON array of objects, a row a line; the second of two columns of one name gets a number."""
    names = [n if n not in columns[:i] else f"{n}_{columns[:i].count(n) + 1}" for i, n in enumerate(columns)]
    out.write("[")
    for number, row in enumerate(rows):
        out.write(",\n " if number else "\n ")
        out.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=as_text))
    out.write("\n]\n")


def write_table(columns: Sequence[str], rows: Rows, out: TextIO) -> None:
    """Aligned columns; a long value is cut with an ellipsis and stays on its line."""
    first: list[list[str]] = []
    for row in rows:
        first.append([_cell(v) for v in row])
        if len(first) == _ROWS_MEASURED:
            break
    heads = [_cell(c) for c in columns]
    widths = [max(map(len, cells)) for cells in zip(heads, *first, strict=True)]
    right = [all(_numeric(cells[i]) for cells in first) and bool(first) for i in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        aligned = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True))
        return "  ".join(aligned).rstrip() + "\n"

    out.write(line(heads))
    out.write("  ".join("─" * w for w in widths) + "\n")
    for cells in first:
        out.write(line(cells))
    for row in rows:
        out.write(line([_cell(v) for v in row]))


def _cell(value: Any) -> str:
    text = " ".join(as_text(value).split())
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _numeric(text: str) -> bool:
    return not text or text.lstrip("-").replace(".", "", 1).isdigit()


WRITERS: dict[str, Callable[[Sequence[str], Rows, TextIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
}
