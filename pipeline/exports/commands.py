"""What the commands do that search and that write files: search, export, query --out."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline import messages
from pipeline.commands import as_utf8, say
from pipeline.exits import ALL_WELL, WrongUse


def run_search(options: argparse.Namespace) -> int:
    """``congvan search WORDS [--limit N] [--format text|table|csv|json]``; ``options`` has words, limit, format, db."""
    from dataclasses import astuple, fields

    from pipeline.derived.search import Hit, search
    from pipeline.store.access import reading
    from pipeline.tables_out import WRITERS

    as_utf8()
    with reading(options.db) as con:
        hits = search(con, " ".join(options.words), options.limit)
    if options.format == "text":
        sys.stdout.write("\n".join(map(_as_text, hits)))
    else:
        WRITERS[options.format]([f.name for f in fields(Hit)], iter([astuple(hit) for hit in hits]), sys.stdout)
    if not hits:
        say(messages.nothing_found())
    return ALL_WELL


def _as_text(hit: object) -> str:
    from pipeline.derived.search import Hit
    from pipeline.exports.register import as_day
    from pipeline.tables_out import visible

    assert isinstance(hit, Hit)
    day = as_day(hit.issued_on)
    issued = f"{day:%d/%m/%Y}" if isinstance(day, date) else day
    head = "  ".join(part for part in (hit.code or "(không có số)", issued, hit.subject) if part)
    lines = [head, *([f"… {hit.passage} …"] if hit.passage else []), hit.path]
    shown = [visible(" ".join(line.split())) for line in lines]
    return "\n    ".join(shown) + "\n"


def run_export(options: argparse.Namespace) -> int:
    """``congvan export register|deadlines --out FILE [--from DAY] [--to DAY]``; ``options`` has what, out, since, until
    (dates or ``None``) and db."""
    from pipeline.store.access import query

    if options.since is not None and options.until is not None and options.since > options.until:
        raise WrongUse(messages.days_reversed(options.since.isoformat(), options.until.isoformat()))
    out, days = Path(options.out), (options.since, options.until)
    ending = {"register": ".xlsx", "deadlines": ".ics"}[options.what]
    if out.suffix.lower() != ending:  # no program would open it under another
        raise WrongUse(messages.wrong_ending(out, ending))
    if options.what == "register":
        from pipeline.exports.register import register_sql, write_register

        with query(options.db, register_sql(*days)) as (_, rows):
            written = write_register(rows, out, *days)
        say(messages.exported(out, messages.count(written, "document")))
        return ALL_WELL
    from pipeline.exports.calendar import calendar_sql, write_calendar

    with query(options.db, calendar_sql(*days)) as (_, rows):
        done = write_calendar(rows, out, datetime.now(UTC))
    say(messages.exported(out, messages.count(done.events, "deadline")))
    if done.left_out:
        say(messages.left_out(done.left_out))
    return ALL_WELL


def run_query_to_file(options: argparse.Namespace) -> int:
    """``congvan query SQL --format table|csv|json|xlsx|parquet --out FILE``; ``options`` has sql, format, out, db."""
    from pipeline.exports.files import replacing
    from pipeline.exports.tables import write_table
    from pipeline.store.access import copy_query, query

    if options.format == "parquet":
        with replacing(Path(options.out)) as fresh:
            copy_query(options.db, options.sql, fresh)
        return ALL_WELL
    with query(options.db, options.sql) as (columns, rows):
        write_table(columns, rows, Path(options.out), options.format)
    return ALL_WELL
