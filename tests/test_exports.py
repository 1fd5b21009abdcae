"""Exports: what archivists print and analysts take away, whole or not at all; text stays text in all of them."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from pipeline.exits import WrongUse
from pipeline.exports.calendar import COLUMNS as DEADLINE_COLUMNS
from pipeline.exports.calendar import write_calendar
from pipeline.exports.files import NotWritten
from pipeline.exports.register import COLUMNS, as_day, register_sql, write_register
from pipeline.exports.tables import write_table
from pipeline.exports.xlsx import MOST_IN_CELL, fitted
from pipeline.store import access
from pipeline.store.schema import literal
from pipeline.tables_out import WRITERS, visible, width
from tests.records import loaded
from tests.test_store import ingest

ROOT = Path(__file__).parents[1]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = [
    "=1+1", "+84 912", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "=HYPERLINK(\"http://x\")",
    "'; DROP TABLE documents; --", "a\r=1+1", 'nói "thế"', "http://x.example/", "internal:A1", "{=1}", "_x0041_", "007",
    "- Như trên", "<b>&amp;</b>", "x,y;z", " đầu cuối ", "TRUE", "1/2", "\x1b[2J\x07\x00", "\u202eLR", "lẻ \ud800 đôi",
]  # fmt: skip


def cells(path: Path) -> list[dict[str, tuple[str, str]]]:
    """The rows of the first sheet: for each cell its letter, its type (``n``, ``s``, ``b``) and what it holds."""
    with zipfile.ZipFile(path) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        has_shared = "xl/sharedStrings.xml" in book.namelist()
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml")) if has_shared else ()
    assert sheet.find(f".//{MAIN}f") is None and sheet.find(f".//{MAIN}hyperlink") is None
    strings = ["".join(t.text or "" for t in item.iter(f"{MAIN}t")) for item in shared]
    rows = []
    for row in sheet.iter(f"{MAIN}row"):
        found = {}
        for cell in row.iter(f"{MAIN}c"):
            kind, value = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
            if kind == "inlineStr":
                found[cell.get("r", "")[0]] = ("s", "".join(t.text or "" for t in cell.iter(f"{MAIN}t")))
            elif kind == "s" and value is not None:
                found[cell.get("r", "")[0]] = ("s", strings[int(value)])
            elif value is not None:
                found[cell.get("r", "")[0]] = (kind, value)
        rows.append(found)
    return rows


def part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as book:
        return book.read(name).decode("utf-8")


def said(form: str, columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    out = io.StringIO(newline="")
    WRITERS[form](columns, iter(rows), out)
    return out.getvalue()


def serial(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


# The register

ROW = (
    date(2031, 3, 5), None, "Ủy ban nhân dân huyện Mù Sương", "0457/KH-UBND", "2031-03-01",
    "Kế hoạch: diễn tập chữa cháy rừng năm 2031", None, None, None, "Hỏa tốc",
)  # fmt: skip


def test_the_register_has_the_ten_columns_of_the_decree(tmp_path: Path) -> None:
    out = tmp_path / "sổ.xlsx"
    partial = (*ROW[:4], "2031-02", *ROW[5:])
    assert write_register([ROW, partial], out, date(2031, 1, 1), date(2031, 12, 31)) == 2
    title, period, heading, numbers, first, second = cells(out)
    assert title["A"] == ("s", "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN")
    assert period["A"] == ("s", "Từ ngày 01/01/2031 đến ngày 31/12/2031")
    assert [text for _, text in heading.values()] == [
        "Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu văn bản", "Ngày tháng văn bản",
        "Tên loại và trích yếu nội dung văn bản", "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú",
    ]  # fmt: skip
    assert [text for _, text in numbers.values()] == [f"({n})" for n in range(1, 11)]
    assert first == {
        "A": ("n", serial(date(2031, 3, 5))), "C": ("s", ROW[2]), "D": ("s", "0457/KH-UBND"),
        "E": ("n", serial(date(2031, 3, 1))), "F": ("s", ROW[5]), "J": ("s", "Hỏa tốc"),
    }  # fmt: skip
    assert second["E"] == ("s", "02/2031")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sổ.xlsx"]


def test_the_register_is_laid_out_for_print(tmp_path: Path) -> None:
    write_register([ROW] * 3, tmp_path / "x.xlsx")
    sheet, book, styles = (
        part(tmp_path / "x.xlsx", f"xl/{name}.xml") for name in ("worksheets/sheet1", "workbook", "styles")
    )
    assert 'orientation="landscape"' in sheet and 'paperSize="9"' in sheet and 'fitToHeight="0"' in sheet
    assert "Trang &amp;P/&amp;N" in sheet
    assert "$3:$4</definedName>" in book and "$A$1:$J$7</definedName>" in book
    assert 'wrapText="1"' in styles and 'formatCode="dd/mm/yyyy"' in styles
    assert sum(float(w) for w in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)) == pytest.approx(152, abs=15)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [("2031-02-28", date(2031, 2, 28)), ("2031-02-30", "30/02/2031"), ("2031-02", "02/2031"), ("2031", "2031"),
     (None, None), ("không rõ", "không rõ")],
)  # fmt: skip
def test_whole_days_are_dates_and_parts_are_text(printed: str | None, shown: object) -> None:
    assert as_day(printed) == shown


def test_the_register_query_names_the_columns_and_the_days() -> None:
    sql = register_sql(date(2031, 1, 1), date(2031, 1, 31))
    assert "arrived_on >= '2031-01-01' AND arrived_on <= '2031-01-31'" in sql
    assert all(column in sql for column in COLUMNS) and "WHERE" not in register_sql()


# Tables


def test_text_stays_text_in_xlsx(tmp_path: Path) -> None:
    write_table(["=tiêu đề"], iter([(h,) for h in HOSTILE]), tmp_path / "x.xlsx", "xlsx")
    heading, *rows = cells(tmp_path / "x.xlsx")
    assert heading["A"] == ("s", "=tiêu đề")
    shown = [_unescaped(row["A"][1]) for row in rows]
    assert all(row["A"][0] == "s" for row in rows)
    assert [s.replace("\r", "\n") for s in shown] == [visible(h).replace("\r", "\n") for h in HOSTILE]


def _unescaped(text: str) -> str:
    return re.sub("_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text)


def test_numbers_and_dates_stay_so_in_xlsx(tmp_path: Path) -> None:
    values = (
        -5, 2.5, Decimal("1.25"), True, date(2031, 8, 9), datetime(2031, 8, 9, 12), math.nan, 10**17, date(1889, 1, 2),
        datetime(2031, 8, 9, 7, tzinfo=UTC), ["a", 1], None, time(7, 30), timedelta(days=1), b"\x01",
    )  # fmt: skip
    write_table([chr(65 + i) for i in range(len(values))], iter([values]), tmp_path / "x.xlsx", "xlsx")
    row = cells(tmp_path / "x.xlsx")[1]
    day = serial(date(2031, 8, 9))
    assert row == {
        "A": ("n", "-5"), "B": ("n", "2.5"), "C": ("n", "1.25"), "D": ("b", "1"), "E": ("n", day),
        "F": ("n", day + ".5"), "G": ("s", "nan"), "H": ("s", "1" + "0" * 17), "I": ("s", "1889-01-02"),
        "J": ("s", "2031-08-09 07:00:00+00:00"), "K": ("s", '["a", 1]'), "M": ("s", "07:30:00"),
        "N": ("s", "1 day, 0:00:00"), "O": ("s", "01"),
    }  # fmt: skip


@pytest.mark.parametrize("text", ["ữ" * 40_000, "🌾" * 20_000, "a" + "🌾" * 20_000])
def test_what_is_longer_than_a_cell_is_cut_and_says_so(text: str, tmp_path: Path) -> None:
    cut = fitted(text)
    assert MOST_IN_CELL - 1 <= len(cut.encode("utf-16-le")) // 2 <= MOST_IN_CELL
    assert cut.endswith("…") and text.startswith(cut[:-1])
    write_table(["x"], iter([(text,)]), tmp_path / "x.xlsx", "xlsx")
    assert cells(tmp_path / "x.xlsx")[1]["A"] == ("s", cut)
    assert fitted("ữ" * MOST_IN_CELL) == "ữ" * MOST_IN_CELL


def test_a_sheet_too_small_is_said_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="16,384 columns"):
        write_table(["x"] * 16_385, iter(()), tmp_path / "x.xlsx", "xlsx")
    assert list(tmp_path.iterdir()) == []


def test_text_stays_text_in_csv(tmp_path: Path) -> None:
    values: list[Any] = [*HOSTILE, "-5", "+1,5", -5, Decimal("-2.5"), date(2031, 8, 9), None]
    write_table(["=tiêu đề", "n"], iter([(v, n) for n, v in enumerate(values)]), tmp_path / "x.csv", "csv")
    raw = (tmp_path / "x.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    heading, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert heading == ["'=tiêu đề", "n"] and [n for _, n in rows] == [str(n) for n in range(len(values))]
    got = [text for text, _ in rows]
    assert got[-6:] == ["-5", "+1,5", "-5", "-2.5", "2031-08-09", ""]
    for wanted, text in zip(HOSTILE, got, strict=False):
        assert text.removeprefix("'" if not wanted.startswith("'") else "") == visible(wanted)
        assert text[0] not in "=+-@\t\r\n＝"
    assert b"\x1b" not in raw and b"\x00" not in raw


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4))
def test_every_text_comes_back_from_csv_and_json(texts: list[str]) -> None:
    columns = [f"c{n}" for n in range(len(texts))]
    (heading, row) = csv.reader(io.StringIO(said("csv", columns, [tuple(texts)]), newline=""))
    assert heading == columns
    for text, got in zip(texts, row, strict=True):
        assert got in (visible(text), "'" + visible(text)) and got[:1] not in ("=", "@", "\t", "\r", "\n")
    written = said("json", columns, [tuple(texts)]).encode("utf-8")
    assert json.loads(written) == [dict(zip(columns, texts, strict=True))]


def test_json_has_what_json_has() -> None:
    values = (Decimal("1.50"), Decimal("7"), math.inf, {date(2031, 1, 2): [math.nan]}, b"\xff", time(7), "\ud800", True)
    (row,) = json.loads(said("json", list("abcdefgh"), [values]), parse_constant=pytest.fail)
    assert list(row.values()) == [1.5, 7, None, {"2031-01-02": [None]}, "ff", "07:00:00", "\ud800", True]


def test_a_single_empty_value_is_still_a_row_in_csv() -> None:
    assert said("csv", ["x"], [(None,), ("a",), ("",)]) == 'x\n""\na\n""\n'


def test_parquet_keeps_types_and_text(tmp_path: Path) -> None:
    db, out = tmp_path / "store.duckdb", tmp_path / "x.parquet"
    ingest(db, loaded("/in/a.txt"))
    texts = [h for h in HOSTILE[:-1] if "\0" not in h]
    listed = ", ".join(map(literal, texts))
    access.copy_query(db, f"SELECT unnest([{listed}]) AS x, DATE '2031-08-09' AS d, [1, 2] AS l", out)
    with duckdb.connect() as con:
        rows = con.execute("SELECT x, d, l FROM read_parquet($1)", [str(out)]).fetchall()
    assert rows == [(h, date(2031, 8, 9), [1, 2]) for h in texts]


def test_writing_parquet_reaches_no_other_file(tmp_path: Path) -> None:
    db, out, other = tmp_path / "store.duckdb", tmp_path / "x.parquet", tmp_path / "secret.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    ingest(db, loaded("/in/a.txt"))
    for sql in (f"FROM read_csv('{other}')", "SELEC 1", "DROP TABLE flags", f"COPY flags TO '{tmp_path / 'y.csv'}'"):
        with pytest.raises((access.QueryError, access.StoreError)):
            access.copy_query(db, sql, out)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["secret.csv", "store.duckdb"]
    assert access.row_counts(db)["flags"] == 1


# On a terminal


class Terminal(io.StringIO):
    """Text kept, as on a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_table_is_aligned_whatever_the_letters() -> None:
    rows = [("Hòa Bình", 7), ("Ho\u0300a Bi\u0300nh", -12), ("漢字", None), ("a\nb\x1b[31m", 3)]
    assert said("table", ["tên", "số"], rows).splitlines() == [
        "tên        số", "────────  ───", "Hòa Bình    7", "Ho\u0300a Bi\u0300nh  -12", "漢字", "a b␛[31m    3",
    ]  # fmt: skip


def test_long_values_are_cut_on_a_terminal_only() -> None:
    text = "Ủy ban nhân dân " * 20
    out = Terminal()
    WRITERS["table"](["x"], iter([(text,)]), out)
    last = out.getvalue().splitlines()[-1]
    assert last.endswith("…") and width(last) <= 60
    assert said("table", ["x"], [(text,)]).splitlines()[-1] == text.strip()


# Files


def rows_that_fail() -> Iterator[tuple[str]]:
    yield ("một",)
    raise ValueError("giữa chừng")


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "table"])
def test_what_fails_leaves_what_was_there(form: str, tmp_path: Path) -> None:
    out = tmp_path / f"x.{form}"
    out.write_text("cũ")
    with pytest.raises(ValueError, match="giữa chừng"):
        write_table(["x"], rows_that_fail(), out, form)
    assert out.read_text() == "cũ" and list(tmp_path.iterdir()) == [out]


def test_a_folder_a_missing_folder_and_a_device_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="is a folder"):
        write_register([ROW], tmp_path)
    with pytest.raises(WrongUse, match="is no folder"):
        write_register([ROW], tmp_path / "không có" / "x.xlsx")
    with pytest.raises(WrongUse, match="no ordinary file"):
        write_register([ROW], Path(os.devnull))
    with pytest.raises(NotWritten, match="Nothing can be written"):
        write_register([ROW], tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_and_so_do_the_rights(tmp_path: Path) -> None:
    real, link = tmp_path / "thật.csv", tmp_path / "nối.csv"
    real.write_text("cũ")
    real.chmod(0o600)
    link.symlink_to(real)
    write_table(["x"], iter([("mới",)]), link, "csv")
    assert link.is_symlink() and real.read_text("utf-8-sig") == "x\nmới\n" and real.stat().st_mode & 0o777 == 0o600


NO_ROOM = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.exits import Trouble
from pipeline.exports.tables import write_table
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
rows = ((f"{n} " + str(n * 7919) * 40,) for n in range(3_000))
try:
    write_table(["x"], rows, Path(sys.argv[1]), sys.argv[2])
except Trouble as error:
    print(error)
"""


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_full_disk_is_a_sentence_and_the_old_file_stays(form: str, tmp_path: Path) -> None:
    out = tmp_path / f"x.{form}"
    out.write_text("cũ")
    command = [sys.executable, "-c", NO_ROOM, str(out), form]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.startswith("Nothing can be written to ") and done.stdout.count("\n") == 1, done.stderr
    assert done.stderr == "" and out.read_text() == "cũ" and list(tmp_path.iterdir()) == [out]


# The calendar

STAMP = datetime(2031, 9, 1, 7, tzinfo=UTC)
DEADLINE: dict[str, Any] = dict.fromkeys(DEADLINE_COLUMNS) | {
    "document_id": "ab" * 32, "start": 120, "deadline_no": 1, "code": "0457/KH-UBND", "issued_on": "2031-07-10",
    "issuing_body": "Ủy ban nhân dân huyện Mù Sương", "path": "giấy/0457.pdf", "kind": "task",
    "due_on": date(2031, 8, 9), "last_day": date(2031, 8, 8), "bound": "before", "granularity": "day",
    "task": "báo cáo kết quả diễn tập", "responsible": ["Hạt Kiểm lâm", "các xã"], "submit_to": "Ủy ban nhân dân huyện",
    "page": 2, "text": "báo cáo kết quả diễn tập trước ngày 09/8/2031",
}  # fmt: skip


def calendar(*deadlines: dict[str, Any]) -> tuple[list[Any], tuple[str, ...], str]:
    """The events of a calendar of the deadlines, what was left out, and its text."""
    out = io.StringIO(newline="")
    written = write_calendar([tuple((DEADLINE | d)[c] for c in DEADLINE_COLUMNS) for d in deadlines], out, STAMP)
    events = Calendar.from_ical(out.getvalue()).walk("VEVENT")
    assert len(events) == written.events
    return events, written.left_out, out.getvalue()


def recurring(rule: str, bound: str | None = None, **other: Any) -> tuple[str, date] | None:
    """The rule and the first day of one that recurs."""
    events, left_out, _ = calendar({"recurrence": rule, "bound": bound, "due_on": None, "last_day": None} | other)
    if left_out:
        assert events == []
        return None
    (event,) = events
    return event["RRULE"].to_ical().decode(), event["DTSTART"].dt


def test_an_event_says_in_vietnamese_what_until_when_and_where_it_is_written(tmp_path: Path) -> None:
    ((event,), _, text) = calendar({})
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2031, 8, 8), date(2031, 8, 9))
    assert "DTSTART;VALUE=DATE:20310808\r\n" in text and "DTSTAMP:20310901T070000Z\r\n" in text
    assert event["SUMMARY"] == "[0457/KH-UBND] báo cáo kết quả diễn tập (trước ngày 09/08/2031)"
    assert event["DESCRIPTION"].split("\n") == [
        "Văn bản: 0457/KH-UBND ngày 10/07/2031 của Ủy ban nhân dân huyện Mù Sương",
        "Việc phải làm: báo cáo kết quả diễn tập",
        "Cơ quan thực hiện: Hạt Kiểm lâm; các xã",
        "Gửi, báo cáo, trình: Ủy ban nhân dân huyện",
        "Thời hạn: trước ngày 09/08/2031",
        "Trích văn bản (trang 2): “báo cáo kết quả diễn tập trước ngày 09/8/2031”",
        "Tệp: giấy/0457.pdf",
    ]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    write_calendar([tuple(DEADLINE.values())], tmp_path / "x.ics", STAMP)
    assert (tmp_path / "x.ics").read_bytes() == text.encode()


@pytest.mark.parametrize(
    ("granularity", "bound", "due", "words"),
    [("month", "within", date(2031, 9, 30), "trong tháng 9/2031"),
     ("quarter", "by", date(2031, 12, 31), "chậm nhất quý IV/2031"),
     ("half-year", "within", date(2031, 6, 30), "trong 6 tháng đầu năm 2031"),
     ("year", "by", date(2031, 12, 31), "chậm nhất năm 2031")],
)  # fmt: skip
def test_a_period_is_called_by_its_name(granularity: str, bound: str, due: date, words: str) -> None:
    ((event,), _, _) = calendar({"granularity": granularity, "bound": bound, "due_on": due, "last_day": due})
    assert event["SUMMARY"].endswith(f"({words})") and event["DTSTART"].dt == due


@pytest.mark.parametrize(
    ("rule", "bound", "placed"),
    [
        ("FREQ=MONTHLY", None, ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2031, 7, 31))),
        ("FREQ=MONTHLY;INTERVAL=3", None, ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", date(2031, 9, 30))),
        ("FREQ=MONTHLY;INTERVAL=6", None, ("FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=-1", date(2031, 12, 31))),
        ("FREQ=YEARLY", None, ("FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=12", date(2031, 12, 31))),
        ("FREQ=WEEKLY", None, ("FREQ=WEEKLY;BYDAY=FR", date(2031, 7, 11))),
        ("FREQ=DAILY", None, ("FREQ=DAILY", date(2031, 7, 10))),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "by", ("FREQ=MONTHLY;BYMONTHDAY=15", date(2031, 7, 15))),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "before", ("FREQ=MONTHLY;BYMONTHDAY=14", date(2031, 7, 14))),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "before", ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2031, 7, 31))),
        ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30", "before",
         ("FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=11", date(2031, 11, 29))),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1", "before", ("FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=2", date(2032, 2, 29))),
        ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", "before", ("FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=12", date(2031, 12, 31))),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "by", ("FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=2", date(2032, 2, 29))),
    ],
)  # fmt: skip
def test_what_recurs_stands_on_its_last_good_day(rule: str, bound: str | None, placed: tuple[str, date]) -> None:
    assert recurring(rule, bound) == placed


def test_what_recurs_ends_with_its_last_day_and_begins_with_its_dispatch() -> None:
    assert recurring("FREQ=MONTHLY;BYMONTHDAY=15", "by", due_on=date(2031, 12, 15)) == (
        "FREQ=MONTHLY;UNTIL=20311215;BYMONTHDAY=15", date(2031, 7, 15),
    )  # fmt: skip
    for issued, first in (("2031-09", date(2031, 9, 15)), ("2032", date(2032, 1, 15)), (None, date(2031, 9, 15))):
        assert recurring("FREQ=MONTHLY;BYMONTHDAY=15", "by", issued_on=issued) == ("FREQ=MONTHLY;BYMONTHDAY=15", first)


@pytest.mark.parametrize(
    "rule",
    ["hằng tháng", "FREQ=SECONDLY", "FREQ=MONTHLY;BYMONTHDAY=99", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
     "FREQ=MONTHLY\r\nATTACH:http://x", "FREQ=MONTHLY;COUNT=3", "FREQ=MONTHLY;INTERVAL=0"],
)  # fmt: skip
def test_a_rule_that_cannot_be_followed_is_left_out_and_named(rule: str) -> None:
    assert recurring(rule) is None
    _, left_out, _ = calendar({"recurrence": rule})
    assert left_out == (f"giấy/0457.pdf: {rule}",)


def test_the_same_deadlines_have_the_same_names_again() -> None:
    deadlines: list[dict[str, Any]] = [{}, {"recurrence": "FREQ=MONTHLY"}, {"start": 300}, {"document_id": "cd" * 32}]
    first, second = ([str(e["UID"]) for e in calendar(*deadlines)[0]] for _ in range(2))
    assert first == second and len(set(first)) == 4


@pytest.mark.parametrize("field", ["task", "text", "code", "issuing_body", "path", "submit_to"])
@pytest.mark.parametrize("text", [*HOSTILE, "x\r\nATTACH:http://x", "x\nEND:VEVENT\nBEGIN:VEVENT", "dài " * 9_000])
def test_hostile_text_makes_no_property_of_its_own(field: str, text: str) -> None:
    ((event,), _, _) = calendar({field: text})
    assert set(event) == {
        "UID", "DTSTAMP", "DTSTART", "DTEND", "TRANSP", "SUMMARY", "DESCRIPTION", "CATEGORIES",
    }  # fmt: skip
    if len(text) < 1_000:
        assert " ".join(visible(text).split()) in event["DESCRIPTION"]
    assert len(event["DESCRIPTION"]) < 10_000
