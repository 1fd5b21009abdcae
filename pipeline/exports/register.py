"""The register of incoming documents as an archivist prints it: sổ đăng ký văn bản đến, NĐ 30/2020/NĐ-CP Phụ lục IV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline import messages
from pipeline.exits import WrongUse
from pipeline.exports.files import replacing
from pipeline.exports.xlsx import MOST_COLUMNS, MOST_ROWS, put, workbook
from pipeline.store.schema import literal

# Column of the view register, heading of Phụ lục IV, width in characters: together a landscape A4 with its margins.
_COLUMNS = (
    ("arrived_on", "Ngày đến", 11),
    ("arrival_number", "Số đến", 7),
    ("issuing_body", "Tác giả", 20),
    ("code", "Số, ký hiệu văn bản", 16),
    ("issued_on", "Ngày tháng văn bản", 11),
    ("kind_and_subject", "Tên loại và trích yếu nội dung văn bản", 38),
    ("receiver", "Đơn vị hoặc người nhận", 13),
    ("forwarded_on", "Ngày chuyển", 11),
    ("signed_for", "Ký nhận", 8),
    ("note", "Ghi chú", 17),
)
COLUMNS = tuple(name for name, *_ in _COLUMNS)
"""The columns of the view ``register`` that are printed, in their order."""

_HEADING_ROWS = 4
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def register_sql(since: date | None = None, until: date | None = None) -> str:
    """The query whose rows :func:`write_register` prints: what arrived on those days, both included."""
    days = _between("arrived_on", since, until)
    return f"SELECT {', '.join(COLUMNS)} FROM register{days} ORDER BY arrived_at, issued_date, code, path"


def _between(column: str, since: date | None, until: date | None) -> str:
    wanted = [f"{column} >= {literal(since.isoformat())}"] if since else []
    wanted += [f"{column} <= {literal(until.isoformat())}"] if until else []
    return f" WHERE {' AND '.join(wanted)}" if wanted else ""


def write_register(
    rows: Iterable[Sequence[Any]], out: Path, since: date | None = None, until: date | None = None
) -> int:
    """The register as one XLSX sheet for landscape A4; how many rows it has.

    ``rows`` hold :data:`COLUMNS`; ``since`` and ``until``, the days asked for, stand under the title. A whole day is a
    date, a part of one is text (``09/2024``). Raises :class:`~pipeline.exits.WrongUse` and
    :class:`~pipeline.exports.files.NotWritten`.
    """
    with replacing(out) as fresh, workbook(fresh) as book:
        book.set_properties({"title": "Sổ đăng ký văn bản đến"})
        sheet = book.add_worksheet("Sổ đăng ký văn bản đến")
        font = {"font_name": "Times New Roman", "font_size": 11}
        boxed = font | {"border": 1, "valign": "top", "text_wrap": True}
        title = book.add_format(font | {"bold": True, "font_size": 14, "align": "center"})
        period = book.add_format(font | {"italic": True, "align": "center"})
        heading = book.add_format(boxed | {"bold": True, "align": "center", "valign": "vcenter"})
        column_no = book.add_format(boxed | {"align": "center", "italic": True, "font_size": 9})
        text = book.add_format(boxed | {"num_format": "@"})
        day = book.add_format(boxed | {"num_format": "dd/mm/yyyy", "align": "center"})

        last = len(_COLUMNS) - 1
        for column, (_, _, wide) in enumerate(_COLUMNS):
            sheet.set_column(column, column, wide)
        sheet.merge_range(0, 0, 0, last, "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN", title)
        sheet.merge_range(1, 0, 1, last, _period(since, until), period)
        for column, (_, name, _) in enumerate(_COLUMNS):
            sheet.write_string(_HEADING_ROWS - 2, column, name, heading)
        for column in range(last + 1):
            sheet.write_string(_HEADING_ROWS - 1, column, f"({column + 1})", column_no)

        written = 0
        for written, row in enumerate(rows, 1):
            at = _HEADING_ROWS + written - 1
            if at >= MOST_ROWS:
                raise WrongUse(messages.too_much_for_sheet(MOST_ROWS - _HEADING_ROWS, MOST_COLUMNS))
            for column, value in enumerate(row):
                put(sheet, at, column, as_day(value) if COLUMNS[column] == "issued_on" else value, text, day, day)

        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEADING_ROWS - 2, _HEADING_ROWS - 1)
        sheet.print_area(0, 0, _HEADING_ROWS - 1 + written, last)
        sheet.set_footer("&C&\"Times New Roman,Regular\"&10Trang &P/&N")
        sheet.freeze_panes(_HEADING_ROWS, 0)
    return written


def as_day(printed: Any) -> Any:
    """An ISO day as a date; a part of one, or a day that does not exist, as text in this country's order."""
    if not isinstance(printed, str) or (found := _PARTIAL.fullmatch(printed)) is None:
        return printed
    try:
        return date.fromisoformat(printed)
    except ValueError:
        return "/".join(part for part in reversed(found.groups()) if part)


def _period(since: date | None, until: date | None) -> str:
    said = [f"từ ngày {since:%d/%m/%Y}"] if since else []
    said += [f"đến ngày {until:%d/%m/%Y}"] if until else []
    words = " ".join(said)
    return words[:1].upper() + words[1:]
