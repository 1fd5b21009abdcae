"""Cells and sheets of an XLSX workbook: text stays text, whatever it looks like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxFileError
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline import messages
from pipeline.exits import WrongUse
from pipeline.tables_out import as_text, visible, width

MOST_ROWS, MOST_COLUMNS, MOST_IN_CELL = 1_048_576, 16_384, 32_767
"""What Excel can hold; a cell counts UTF-16 units."""

_EXACT = 10**15
"""Integers from here on lose digits in a spreadsheet, so they are written as text."""
_FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets disagree on the days before: Excel believes in a 29 February 1900."""
_NARROWEST, _WIDEST = 6, 60
_ROWS_MEASURED = 200


@contextmanager
def workbook(path: Path) -> Iterator[Workbook]:
    """A workbook that is written at the end. A full disk and the like are ``OSError``.

    Rows must be written in order: each is on the disk before the next, so memory does not grow with them.
    """
    told = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "default_date_format": "dd/mm/yyyy",
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(path), told)
    try:
        yield book
        book.close()
    except XlsxFileError as error:
        cause = error.__cause__ or error.__context__ or (error.args[0] if error.args else None)
        raise cause if isinstance(cause, OSError) else OSError(str(error)) from error
    finally:
        book.fileclosed = 1  # or it writes itself when it is collected, after an error too


def fitted(text: str) -> str:
    """``text`` as a cell can hold it: control characters made visible, what is too long cut off with ``…``."""
    shown = visible(text)
    if len(shown) <= MOST_IN_CELL // 2:
        return shown
    units = shown.encode("utf-16-le")
    if len(units) <= 2 * MOST_IN_CELL:
        return shown
    return units[: 2 * (MOST_IN_CELL - 1)].decode("utf-16-le", "ignore") + "…"


def put(sheet: Worksheet, row: int, column: int, value: Any, style: Format, day: Format, moment: Format) -> None:
    """One value: numbers as numbers, dates as dates with the formats given, everything else as text."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, (int, float, Decimal)) and _is_exact(value):
        sheet.write_number(row, column, float(value), style)
    elif isinstance(value, datetime) and value.tzinfo is None and value.date() >= _FIRST_DAY:
        sheet.write_datetime(row, column, value, moment)
    elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
        sheet.write_datetime(row, column, value, day)
    else:
        sheet.write_string(row, column, fitted(as_text(value)), style)


def _is_exact(value: int | float | Decimal) -> bool:
    if isinstance(value, int):
        return abs(value) < _EXACT
    return math.isfinite(value) and (isinstance(value, float) or len(value.as_tuple().digits) <= 15)


def write_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Any]], path: Path) -> None:
    """Rows of a query as one sheet: a heading that stays in sight, columns as wide as their values.

    Raises :class:`~pipeline.exits.WrongUse` for more rows or columns than a sheet holds.
    """
    if len(columns) > MOST_COLUMNS:
        raise WrongUse(messages.too_much_for_sheet(MOST_ROWS - 1, MOST_COLUMNS))
    with workbook(path) as book:
        sheet = book.add_worksheet()
        heading = book.add_format({"bold": True, "valign": "top", "text_wrap": True, "bottom": 1})
        plain = book.add_format({"valign": "top", "text_wrap": True})
        day = book.add_format({"valign": "top", "num_format": "dd/mm/yyyy"})
        moment = book.add_format({"valign": "top", "num_format": "dd/mm/yyyy hh:mm:ss"})
        for column, name in enumerate(columns):
            sheet.write_string(0, column, fitted(name), heading)
        widths = [width(name) for name in columns]
        number = 0
        for number, row in enumerate(rows, 1):
            if number == MOST_ROWS:
                raise WrongUse(messages.too_much_for_sheet(MOST_ROWS - 1, MOST_COLUMNS))
            for column, value in enumerate(row):
                put(sheet, number, column, value, plain, day, moment)
            if number <= _ROWS_MEASURED:
                widths = [max(known, _shown_width(value)) for known, value in zip(widths, row, strict=True)]
        for column, known in enumerate(widths):
            sheet.set_column(column, column, min(max(known + 2, _NARROWEST), _WIDEST))
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        if columns:
            sheet.autofilter(0, 0, number, len(columns) - 1)


def _shown_width(value: Any) -> int:
    if isinstance(value, datetime):
        return 19
    if isinstance(value, (date, time, timedelta)):
        return 10
    return max(map(width, as_text(value)[:1000].splitlines()), default=0)
