"""Deadlines as an iCalendar file (RFC 5545): one all-day event each, those that come again with their rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event, vRecur

from pipeline.exports.files import replacing
from pipeline.exports.register import as_day
from pipeline.store.schema import literal
from pipeline.tables_out import as_text, visible

_SHORT = 120
"""Characters of a task in the title of an event; the whole stands in its description."""
_LONG = 4_000
_YEARS_AHEAD = 8
"""Years within which a rule must name a day: 29 February may be away so long."""
_FREQUENCY = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|\Z)")
_INTERVAL = re.compile(r"(?:\A|;)INTERVAL=([1-9]\d?)(?:;|\Z)")
_BY_DAY_OF_MONTH = re.compile(r"(?<![^;])BYMONTHDAY=(\d{1,2})(?=;|\Z)")
_BY_MONTH = re.compile(r"(?<![^;])BYMONTH=(\d{1,2})(?=;|\Z)")
# Where a rule names no day, the event stands on the last day of its period, and says so.
_END_OF_PERIOD = {
    "DAILY": "", "WEEKLY": ";BYDAY=FR", "MONTHLY": ";BYMONTHDAY=-1", "YEARLY": ";BYMONTH=12;BYMONTHDAY=31",
}  # fmt: skip
_NO_DAY = "Văn bản không ghi ngày cụ thể, lịch đặt vào ngày cuối kỳ."
_EVERY = {
    ("DAILY", 1): "hằng ngày", ("WEEKLY", 1): "hằng tuần", ("MONTHLY", 1): "hằng tháng", ("MONTHLY", 3): "hằng quý",
    ("MONTHLY", 6): "6 tháng một lần", ("YEARLY", 1): "hằng năm",
}  # fmt: skip
_BOUNDS = {"before": "trước", "by": "chậm nhất", "within": "trong"}
_KINDS = {"task": "Nhiệm vụ", "milestone": "Mốc phải đạt"}


@dataclass(frozen=True, slots=True)
class Written:
    """How many events a calendar got, and the rows left out: their rule cannot be followed, or is none."""

    events: int
    left_out: tuple[str, ...]


def calendar_sql(since: date | None = None, until: date | None = None) -> str:
    """The query whose rows :func:`write_calendar` takes: what ends on those days, both included, and what recurs."""
    days = [f"last_day >= {literal(since.isoformat())}"] if since else []
    days += [f"last_day <= {literal(until.isoformat())}"] if until else []
    dated = f"WHERE {' AND '.join(days)}" if days else ""
    recurring = f"WHERE due_on IS NULL OR due_on >= {literal(since.isoformat())}" if since else ""
    return f"""
        WITH chosen AS (
            SELECT document_id, deadline_no, last_day, issued_on, issuing_body, code, path FROM dated_deadlines {dated}
            UNION ALL
            SELECT document_id, deadline_no, NULL, issued_on, issuing_body, code, path FROM recurring_deadlines
            {recurring}
        )
        SELECT document_id, l.start, deadline_no, c.code, c.issued_on, c.issuing_body, c.path, l.kind, l.due_on,
            c.last_day, l.bound, l.granularity, l.recurrence, l.task, l.responsible, l.submit_to, l.page, l.text
        FROM chosen c JOIN deadlines l USING (document_id, deadline_no) ORDER BY document_id, l.start, deadline_no
    """


COLUMNS = (
    "document_id", "start", "deadline_no", "code", "issued_on", "issuing_body", "path", "kind", "due_on", "last_day",
    "bound", "granularity", "recurrence", "task", "responsible", "submit_to", "page", "text",
)  # fmt: skip
"""What a row must hold, in this order; those of one dispatch in the order of ``start``."""


def write_calendar(rows: Iterable[tuple[Any, ...]], out: Path | TextIO, stamp: datetime) -> Written:
    """Rows of :func:`calendar_sql` as an iCalendar file. ``stamp`` is the moment of export, an aware datetime.

    An event stands on the last day that is not too late: of ``trước ngày 04/11`` that is the 3rd. Its UID is made of
    the dispatch and the place in its text, so that importing anew changes events and doubles none. Raises
    :class:`~pipeline.exits.WrongUse` and :class:`~pipeline.exports.files.NotWritten`.
    """
    if isinstance(out, Path):
        with replacing(out) as fresh, fresh.open("w", encoding="utf-8", newline="") as file:
            return _write(rows, file, stamp)
    return _write(rows, out, stamp)


def _write(rows: Iterable[tuple[Any, ...]], out: TextIO, stamp: datetime) -> Written:
    """Event by event, so that memory does not grow with them."""
    calendar = Calendar()
    calendar.add("prodid", "-//congvan//thoi han//VI")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Thời hạn trong văn bản")
    calendar.add("x-wr-timezone", "Asia/Ho_Chi_Minh")
    beginning, end, _ = calendar.to_ical().decode("utf-8").partition("END:VCALENDAR")
    out.write(beginning)
    left_out: list[str] = []
    nth: dict[str, int] = {}
    events = 0
    for row in rows:
        deadline = dict(zip(COLUMNS, row, strict=True))
        place = f"{str(deadline['document_id'])[:32]}-{deadline['start'] or 0}"
        if place not in nth:
            nth = {place: 0}  # those of one place follow each other
        nth[place] += 1
        event = _event(deadline, f"{place}-{nth[place]}@congvan", stamp)
        if event is None:
            left_out.append(f"{deadline['path']}: {deadline['recurrence'] or deadline['text']}")
        else:
            out.write(event.to_ical().decode("utf-8"))
            events += 1
    out.write(end + "\r\n")
    return Written(events, tuple(left_out))


def _event(deadline: Mapping[str, Any], uid: str, stamp: datetime) -> Event | None:
    event = Event()
    note = ""
    if deadline["recurrence"]:
        placed = _placed(deadline, stamp)
        if placed is None:
            return None
        first, rule, note = placed
        event.add("rrule", vRecur.from_ical(rule))
    else:
        first = deadline["last_day"] or deadline["due_on"]
        if first is None:
            return None
    event.add("uid", uid)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", first)
    if first < date.max:
        event.add("dtend", first + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", _summary(deadline))
    event.add("description", "\n".join(_description(deadline, note)))
    event.add("categories", [_KINDS.get(deadline["kind"], "Thời hạn")])
    return event


def _placed(deadline: Mapping[str, Any], stamp: datetime) -> tuple[date, str, str] | None:
    """First day, rule and a note in Vietnamese for what comes again; ``None`` for a rule that cannot be followed."""
    rule = str(deadline["recurrence"])
    frequency = _FREQUENCY.search(rule)
    every = _INTERVAL.search(rule)
    if frequency is None or "COUNT=" in rule or "UNTIL=" in rule or (every is None and "INTERVAL" in rule):
        return None
    note = ""
    interval = int(every[1]) if every else 1
    if "BY" not in rule:
        rule += _END_OF_PERIOD[frequency[1]]
        note = _NO_DAY if frequency[1] != "DAILY" else ""
    elif deadline["bound"] == "before":
        rule = _day_before(rule)
    issued = _known_day(deadline["issued_on"]) or stamp.date()
    # Quarters and half-years are the calendar's: the count starts so that it meets their last months.
    months = interval if frequency[1] == "MONTHLY" and 12 % interval == 0 else 1
    origin = datetime(max(issued.year - 1, 1), months, 1)
    if frequency[1] in ("DAILY", "WEEKLY") and interval > 1:
        origin = datetime(issued.year, issued.month, issued.day)
    last = deadline["due_on"]
    try:
        within = f"{rule};UNTIL={issued.year + _YEARS_AHEAD}1231"
        first = rrulestr(within, dtstart=origin).after(datetime(issued.year, issued.month, issued.day), inc=True)
        if first is None or (last is not None and first.date() > last):
            return None
        whole = rule + (f";UNTIL={last:%Y%m%d}" if last is not None else "")
        vRecur.from_ical(whole)
    except (ValueError, TypeError, OverflowError):
        return None
    return first.date(), whole, note


def _day_before(rule: str) -> str:
    """The rule of the days before those of ``rule``: of ``BYMONTH=11;BYMONTHDAY=30`` the 29th of November."""
    day = _BY_DAY_OF_MONTH.search(rule)
    if day is None:
        return rule
    if int(day[1]) > 1:
        return _BY_DAY_OF_MONTH.sub(f"BYMONTHDAY={int(day[1]) - 1}", rule)
    month = _BY_MONTH.search(rule)
    if month is not None:
        rule = _BY_MONTH.sub(f"BYMONTH={(int(month[1]) - 2) % 12 + 1}", rule)
    elif _INTERVAL.search(rule) is not None:
        return rule
    return _BY_DAY_OF_MONTH.sub("BYMONTHDAY=-1", rule)


def _known_day(issued_on: str | None) -> date | None:
    """The day, or the first of the part that is known."""
    try:
        year, month, day = (*map(int, (issued_on or "").split("-")), 1, 1)[:3]
        return date(year, month, day)
    except ValueError:
        return None


def _summary(deadline: Mapping[str, Any]) -> str:
    task = _one_line(deadline["task"] or deadline["text"])
    short = task if len(task) <= _SHORT else task[: _SHORT - 1].rstrip() + "…"
    code = f"[{_one_line(deadline['code'])}] " if deadline["code"] else ""
    until = _said(deadline)
    return f"{code}{short}" + (f" ({until})" if until else "")


def _said(deadline: Mapping[str, Any]) -> str:
    """The time limit in words: ``trước ngày 04/11/2024``, ``trong tháng 9/2024``, ``hằng quý``."""
    bound = _BOUNDS.get(deadline["bound"], "hạn")
    due, rule = deadline["due_on"], deadline["recurrence"] or ""
    if rule:
        frequency = _FREQUENCY.search(rule)
        interval = int(found[1]) if (found := _INTERVAL.search(rule)) else 1
        every = _EVERY.get((frequency[1] if frequency else "", interval), "định kỳ")
        day, month = _BY_DAY_OF_MONTH.search(rule), _BY_MONTH.search(rule)
        if day is None:
            return every
        return f"{bound} ngày {int(day[1]):02}{f'/{int(month[1]):02}' if month else ''} {every}"
    if due is None:
        return ""
    periods = {
        "month": f"tháng {due.month}/{due.year}",
        "quarter": f"quý {('I', 'II', 'III', 'IV')[(due.month - 1) // 3]}/{due.year}",
        "half-year": f"6 tháng {'đầu' if due.month <= 6 else 'cuối'} năm {due.year}",
        "year": f"năm {due.year}",
    }
    return f"{bound} {periods.get(deadline['granularity'], f'ngày {due:%d/%m/%Y}')}"


def _description(deadline: Mapping[str, Any], note: str) -> list[str]:
    document = " ".join(
        part for part in (
            deadline["code"] or "(không có số)", _issued(deadline["issued_on"]),
            f"của {deadline['issuing_body']}" if deadline["issuing_body"] else "",
        ) if part
    )  # fmt: skip
    page = f" (trang {deadline['page']})" if deadline["page"] else ""
    lines = (
        ("Văn bản", document),
        ("Việc phải làm" if deadline["kind"] == "task" else "Mốc phải đạt", deadline["task"]),
        ("Cơ quan thực hiện", "; ".join(deadline["responsible"] or ())),
        ("Gửi, báo cáo, trình", deadline["submit_to"]),
        ("Thời hạn", _said(deadline)),
        ("Ghi chú", note),
        (f"Trích văn bản{page}", f"“{deadline['text']}”" if deadline["text"] else None),
        ("Tệp", deadline["path"]),
    )
    return [f"{name}: {_one_line(value)}" for name, value in lines if value]


def _issued(issued_on: str | None) -> str:
    issued = as_day(issued_on)
    if not issued:
        return ""
    if isinstance(issued, date):
        return f"ngày {issued:%d/%m/%Y}"
    return f"{('năm', 'tháng', 'ngày')[min(issued.count('/'), 2)]} {issued}"


def _one_line(value: Any) -> str:
    text = " ".join(visible(as_text(value)).split())
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
