"""Rows of any query as a file: CSV, JSON, XLSX, or a plain table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.exports.files import replacing
from pipeline.tables_out import WRITERS

FORMS = ("table", "csv", "json", "xlsx", "parquet")
"""What a query can become; the last two need a file, and ``parquet`` is :func:`pipeline.store.access.copy_query`'s."""


def write_table(columns: Sequence[str], rows: Iterator[tuple[Any, ...]], out: Path, form: str) -> None:
    """The rows as a file of that form: ``table``, ``csv``, ``json`` or ``xlsx``.

    CSV begins with a byte order mark: without it spreadsheets take UTF-8 for something else. Raises
    :class:`~pipeline.exits.WrongUse` and :class:`~pipeline.exports.files.NotWritten`.
    """
    with replacing(out) as fresh:
        if form == "xlsx":
            from pipeline.exports.xlsx import write_xlsx

            write_xlsx(columns, rows, fresh)
            return
        encoding = "utf-8-sig" if form == "csv" else "utf-8"
        with fresh.open("w", encoding=encoding, newline="") as file:
            WRITERS[form](columns, rows, file)
