"""The night's report: what came, what was set aside, what is overdue, what changed; in Vietnamese, as Markdown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline import report_words as words
from pipeline.store import access
from pipeline.store.changes import changes
from pipeline.store.schema import literal, quoted
from pipeline.store.tables import TABLES

COUNTRY = ZoneInfo("Asia/Ho_Chi_Minh")
SOON_DAYS = 7

_LONGEST = 160
_SHOWN = 50
_NAME = re.compile(r"\d{4}-\d\d-\d\d\.md")
_FOOT = re.compile(r"<!-- congvan (\{.*\}) -->\s*\Z")
_BOOKKEEPING = {
    "document_id", "path", "version_no", "is_current", "container", "program_version", "knowledge", "reading_digest",
    "run_id", "reading_no", "loaded_at", "valid_from", "corrected_fields",
}  # fmt: skip

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a night: a key of ``report_words.STEP_NAMES``, its files by what came of them, what broke it."""

    name: str
    seconds: float
    loaded: int = 0
    held: int = 0
    aside: int = 0
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """What the report is about: from the report before to now, and the steps that were taken."""

    since: datetime
    until: datetime
    steps: tuple[Step, ...]

    @property
    def day(self) -> date:
        """The day in Vietnam on which it ended."""
        return self.until.astimezone(COUNTRY).date()

    @property
    def broken(self) -> tuple[Step, ...]:
        """The steps that failed."""
        return tuple(s for s in self.steps if s.trouble is not None)


def reports_beside(published: Path) -> Path:
    """Where reports go unless told otherwise: ``reports`` beside the published database."""
    return published.parent / "reports"


def night_of(folder: Path, begun: datetime, until: datetime, steps: Sequence[Step]) -> Night:
    """The night with all that no earlier report has told: from the end of the last good one, by the reports in
    ``folder``, else from ``begun``. A second night on one day tells all that the first did."""
    night = Night(begun, until, tuple(steps))
    if folder.is_dir():
        for path in sorted((p for p in folder.iterdir() if _NAME.fullmatch(p.name)), reverse=True):
            if path.stem <= night.day.isoformat():
                told = _foot(path).get("since" if path.stem == night.day.isoformat() else "until")
                if told is not None:
                    return Night(min(told, begun), until, night.steps)
    return night


def _foot(path: Path) -> dict[str, datetime]:
    """The moments at the foot of a report; ``until`` only of a good night."""
    try:
        foot = _FOOT.search(path.read_text(encoding="utf-8"))
        told = {key: datetime.fromisoformat(text) for key, text in json.loads(foot[1]).items()} if foot else {}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {key: moment for key, moment in told.items() if moment.tzinfo is not None}


def write_report(folder: Path, day: date, text: str) -> Path:
    """The report as ``folder/YYYY-MM-DD.md``, whole or not at all. Raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day.isoformat()}.md"
    fresh = folder / f".{path.name}.new"
    fresh.write_text(text, encoding="utf-8", newline="\n")
    os.replace(fresh, path)
    return path


def night_report(night: Night, published: Path, db: Path | None) -> str:
    """The whole report. ``db`` is the database that is asked, ``None`` to ask none; ``published`` is named in it.

    A database that cannot be read shortens the report and says why.
    """
    day = f"{night.day:%d/%m/%Y}"
    clock = "%H:%M ngày %d/%m/%Y"
    since, until = (f"{moment.astimezone(COUNTRY):{clock}}" for moment in (night.since, night.until))
    what = "; ".join(words.STEP_NAMES.get(s.name, s.name) for s in night.broken)
    lines = [
        f"# {words.TITLE.format(day=day)}", "",
        words.FAILED.format(what=what) if what else words.ALL_WELL, "",
        words.SPAN.format(since=since, until=until, db=published), "",
        f"## {words.STEPS}", "", *_table(words.STEP_HEAD, [_step_row(s) for s in night.steps]),
    ]  # fmt: skip
    if db is not None:
        try:
            lines += [line for part in _PARTS for line in part(db, night)]
        except (access.StoreError, access.QueryError) as error:
            lines += ["", words.NOT_READ.format(said=_cell(str(error)))]
    told = {"since": night.since.isoformat()}
    if not what:
        told["until"] = night.until.isoformat()
    return "\n".join([*lines, "", f"<!-- congvan {json.dumps(told)} -->"]) + "\n"


def _step_row(step: Step) -> Row:
    result = words.DONE if step.trouble is None else words.BROKEN.format(said=step.trouble)
    name = words.STEP_NAMES.get(step.name, step.name)
    return name, result, step.loaded, step.held, step.aside, words.SECONDS.format(seconds=step.seconds)


def _came(db: Path, night: Night) -> list[str]:
    rows = _ask(db, f"""
        SELECT d.code, d.issued_on, d.issuing_body, d.subject, f.path
        FROM files f JOIN documents d USING (document_id)
        WHERE f.version_no = 1 AND {_within("f.found_at", night)} ORDER BY f.path
    """)  # fmt: skip
    told = [(code, _in_our_order(day), *others) for code, day, *others in rows]
    return [*_head(words.CAME.format(number=len(rows))), *_listed(words.CAME_HEAD, told)]


def _in_our_order(day: str | None) -> str | None:
    """An ISO day, or a part of one, as it is written in this country."""
    return None if day is None else "/".join(reversed(day.split("-")))


def _changed(db: Path, night: Night) -> list[str]:
    versions = _ask(db, f"""
        SELECT f.path, f.version_no, d.code FROM files f JOIN documents d USING (document_id)
        WHERE f.version_no > 1 AND {_within("f.found_at", night)} ORDER BY f.path, f.version_no
    """)  # fmt: skip
    documents = next(t for t in TABLES if t.name == "documents")
    fields = [c.name for c in documents.columns if c.name not in _BOOKKEEPING]
    # Of several readings in one night the first is what people knew before it.
    former = f"""
        SELECT * FROM history.documents WHERE {_within("valid_to", night)}
        QUALIFY row_number() OVER (PARTITION BY document_id ORDER BY valid_to) = 1
    """
    compared = " UNION ALL ".join(
        f"SELECT d.path, coalesce(d.code, d.path) AS name, {literal(f)} AS field, h.{quoted(f)}::VARCHAR AS old, "
        f"d.{quoted(f)}::VARCHAR AS new FROM former h JOIN documents d USING (document_id) "
        f"WHERE h.{quoted(f)} IS DISTINCT FROM d.{quoted(f)}"
        for f in fields
    )
    reread = _ask(db, f"SELECT count(*) FROM ({former})")[0][0]
    values = _ask(db, f"WITH former AS ({former}) SELECT name, field, old, new FROM ({compared}) ORDER BY path, field")
    rows: list[Row] = []
    if reread:
        with access.reading(db) as con:
            rows = [(c.field, c.gained, c.lost, c.changed) for c in changes(con, night.since)]
    corrections = _ask(db, f"""
        SELECT coalesce(d.code, d.path), c.field, c.value, c.why, c.who
        FROM corrections c JOIN documents d USING (document_id)
        WHERE {_within("c.made_at", night)} ORDER BY c.correction_no
    """)  # fmt: skip
    lines = _head(words.CHANGED)
    if not versions and not reread and not corrections:
        return [*lines, words.NOTHING]
    if versions:
        lines += [words.VERSIONS.format(number=len(versions)), "", *_listed(words.VERSION_HEAD, versions), ""]
    if reread:
        lines += [words.REREAD.format(number=reread), ""]
        lines += [*_listed(words.FIELD_HEAD, values), ""] if values else []
        lines += [*_listed(words.ROWS_HEAD, rows), ""] if rows else []
    if corrections:
        lines += [words.CORRECTED.format(number=len(corrections)), "", *_listed(words.CORRECTED_HEAD, corrections)]
    return lines


def _aside(db: Path, night: Night) -> list[str]:
    new = _ask(db, f"SELECT path, reason, message FROM set_aside WHERE {_within('first_tried', night)} ORDER BY path")
    old = _ask(db, f"""
        SELECT reason, count(*) FROM set_aside WHERE NOT ({_within('first_tried', night)})
        GROUP BY reason ORDER BY 2 DESC, 1
    """)  # fmt: skip
    lines = _head(words.ASIDE)
    if not new and not old:
        return [*lines, words.NOTHING]
    if new:
        told = [(path, _reason(reason), message) for path, reason, message in new]
        lines += [words.ASIDE_NEW.format(number=len(new)), "", *_listed(words.ASIDE_HEAD, told), ""]
    if old:
        lines += [words.ASIDE_OLD.format(number=sum(n for _, n in old)), ""]
        lines += [*_listed(words.ASIDE_OLD_HEAD, [(_reason(reason), n) for reason, n in old]), ""]
    reason = new[0][1] if new else old[0][0]
    return [*lines, words.ASIDE_HINT.format(reason=reason)]


def _reason(slug: str) -> str:
    return f"{words.REASONS[slug]} ({slug})" if slug in words.REASONS else slug


def _overdue(db: Path, night: Night) -> list[str]:
    day = literal(night.day.isoformat())
    gone = (night.day - night.since.astimezone(COUNTRY).date()).days
    dated = _dated(db)
    chosen = "last_day, days, responsible, task, code"
    late = f"SELECT *, {day}::DATE - last_day AS days FROM ({dated}) WHERE last_day < {day}::DATE"
    soon = f"""
        SELECT *, last_day - {day}::DATE AS days FROM ({dated})
        WHERE last_day BETWEEN {day}::DATE AND {day}::DATE + {SOON_DAYS}
    """
    new = _ask(db, f"SELECT {chosen} FROM ({late}) WHERE days <= {max(gone, 1)} ORDER BY days, code, task")
    number = _ask(db, f"SELECT count(*) FROM ({late})")[0][0]
    coming = _ask(db, f"SELECT {chosen} FROM ({soon}) ORDER BY days, code, task")
    lines = _head(words.OVERDUE.format(number=number))
    if number:
        lines += [words.OVERDUE_NEW.format(number=len(new)), ""]
        lines += [*_listed(words.OVERDUE_HEAD, [_deadline_row(r) for r in new]), ""] if new else []
        old = words.OVERDUE_OLD.format(number=number - len(new), day=night.day)
        lines += [old, "", words.OVERDUE_NOTE]
    else:
        lines += [words.NOTHING]
    lines += _head(words.SOON.format(days=SOON_DAYS, number=len(coming)))
    return [*lines, *_listed(words.OVERDUE_HEAD, [_deadline_row(r) for r in coming])]


def _deadline_row(row: Row) -> Row:
    last_day, days, responsible, task, code = row
    who = "; ".join(responsible) if isinstance(responsible, (list, tuple)) else responsible
    return f"{last_day:%d/%m/%Y}", days, who, task, code


def _dated(db: Path) -> str:
    """The query for dated time limits: the snapshot's own, or, where there is none yet, one over the base tables."""
    if _ask(db, "SELECT 1 FROM duckdb_functions() WHERE function_name = 'overdue' AND function_type = 'table_macro'"):
        everything = literal("9999-12-31")
        return f"SELECT last_day, responsible, task, code FROM overdue({everything})"
    return """
        SELECT CASE WHEN l.bound = 'before' AND l.granularity = 'day' THEN l.due_on - 1 ELSE l.due_on END AS last_day,
            l.responsible, l.task, d.code
        FROM deadlines l JOIN documents d USING (document_id)
        WHERE d.is_current AND l.due_on IS NOT NULL AND l.recurrence IS NULL
    """


def _total(db: Path, night: Night) -> list[str]:
    del night
    documents, files, aside = _ask(db, """
        SELECT (SELECT count(*) FROM documents WHERE is_current), (SELECT count(DISTINCT file_path) FROM files
            WHERE is_current), (SELECT count(*) FROM set_aside)
    """)[0]  # fmt: skip
    return ["", words.TOTAL.format(documents=documents, files=files, aside=aside)]


_PARTS = (_came, _changed, _aside, _overdue, _total)


def _within(column: str, night: Night) -> str:
    since, until = (f"TIMESTAMPTZ {literal(m.isoformat())}" for m in (night.since, night.until + timedelta(seconds=1)))
    return f"{column} >= {since} AND {column} < {until}"


def _ask(db: Path, sql: str) -> list[Row]:
    with access.query(db, sql) as (_, rows):
        return list(rows)


def _head(title: str) -> list[str]:
    return ["", f"## {title}", ""]


def _listed(head: Sequence[str], rows: Sequence[Row]) -> list[str]:
    if not rows:
        return [words.NOTHING]
    more = ["", words.MORE.format(number=len(rows) - _SHOWN)] if len(rows) > _SHOWN else []
    return [*_table(head, rows[:_SHOWN]), *more]


def _table(head: Sequence[str], rows: Sequence[Row]) -> list[str]:
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _cell(value: object) -> str:
    """One value so that Markdown shows it as it is, on one line."""
    text = "" if value is None else " ".join(str(value).split())
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", text)
