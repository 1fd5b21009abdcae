"""What the commands about the store do: correct, look back, publish, go back to an earlier snapshot."""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline import messages
from pipeline.commands import as_utf8, print_rows, say
from pipeline.exits import ALL_WELL, WrongUse

if TYPE_CHECKING:
    from pipeline.store_changes import Change

_COUNTRY = ZoneInfo("Asia/Ho_Chi_Minh")


def run_correct(options: argparse.Namespace) -> int:
    """``congvan correct``: a person's word over what was read."""
    from pipeline.store import writing
    from pipeline.store_corrections import correct, find_document
    from pipeline.store_files import StorePlace, lease, prepare
    from pipeline.store_publish import publish

    place = StorePlace(Path(os.path.abspath(options.db)))
    now = datetime.now(UTC)
    named = os.path.abspath(options.document) if Path(options.document).exists() else options.document
    value = None if options.value == "" else options.value
    with lease(place, "correct", now, options.wait, say):
        prepare(place)
        with writing(place.writer) as con:
            document_id, path = find_document(con, named)
            old = correct(con, document_id, options.field, value, options.why, options.who or _user(), now)
        publish(place, datetime.now(UTC))
    say(messages.corrected(options.field, old, value, path))
    return ALL_WELL


def run_as_of(options: argparse.Namespace) -> int:
    """``congvan as-of``: a query of what the database said then."""
    return print_rows(options.db, options.sql, options.format, moment_of(options.moment))


def run_reextract(options: argparse.Namespace) -> int:
    """``congvan reextract``: what newer rules read, and field by field what that changed."""
    from pipeline.store import reading
    from pipeline.store_changes import changes, outdated
    from pipeline.store_files import StorePlace, lease, prepare, refuse_early

    place = StorePlace(Path(os.path.abspath(options.db)))
    refuse_early(place)
    now = datetime.now(UTC)
    with lease(place, "reextract", now, options.wait, say):
        prepare(place)
        with reading(place.writer) as con:
            paths = outdated(con, options.all)
        say(messages.outdated(len(paths)))
        if not paths:
            return ALL_WELL
        if options.dry_run:
            found, read = _tried_out(place.writer, paths, options)
    if not options.dry_run:
        from flows.ingest import ingest

        read = ingest(paths, str(place.published), options.workers, wait=options.wait, reread=True).loaded
        with reading(place.writer) as con:
            found = changes(con, now)
    as_utf8()
    for change in found:
        sys.stdout.write(messages.change_line(change.field, change.gained, change.lost, change.changed) + "\n")
        if options.examples and change.example:
            sys.stdout.write(f"    {' '.join(change.example.split())[:200]}\n")
    say(messages.reextracted(read, len(found), options.dry_run))
    return ALL_WELL


def _tried_out(writer: Path, paths: list[str], options: argparse.Namespace) -> tuple[list[Change], int]:
    """What reading the files again would change, found out on a copy of the writer's file; how many could be read."""
    from pipeline import store
    from pipeline.batch import Pool, Settings, processors
    from pipeline.store_changes import changes

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.duckdb"
        shutil.copyfile(writer, copy)
        since = datetime.now(UTC)
        store.start_run(copy, "dry-run", since, {})
        with Pool(Settings(), min(options.workers or processors(), len(paths))) as pool:
            outcomes = list(pool.run(paths))
        store.load(copy, "dry-run", outcomes)
        with store.reading(copy) as con:
            return changes(con, since), sum(o.failure is None for o in outcomes)


def run_publish(options: argparse.Namespace) -> int:
    """``congvan publish``: a new snapshot for readers."""
    from pipeline.store_files import StorePlace, lease, prepare
    from pipeline.store_publish import publish

    place = StorePlace(Path(os.path.abspath(options.db)))
    now = datetime.now(UTC)
    with lease(place, "publish", now, options.wait, say):
        prepare(place)
        manifest = publish(place, now, options.keep)
    say(messages.published(place.published, manifest.snapshot))
    return ALL_WELL


def run_rollback(options: argparse.Namespace) -> int:
    """``congvan rollback``: readers get an earlier snapshot again."""
    from pipeline.store_files import StorePlace, lease
    from pipeline.store_publish import published, rollback, snapshots

    place = StorePlace(Path(os.path.abspath(options.db)))
    if options.list:
        as_utf8()
        current = published(place)
        for manifest in snapshots(place):
            mark = "*" if current is not None and manifest.snapshot == current.snapshot else " "
            sys.stdout.write(f"{mark} {manifest.snapshot}  {manifest.rows.get('documents', 0):>9} documents\n")
        return ALL_WELL
    with lease(place, "rollback", datetime.now(UTC), options.wait, say):
        manifest = rollback(place, options.snapshot)
    say(messages.published(place.published, manifest.snapshot))
    return ALL_WELL


def moment_of(text: str) -> datetime:
    """``2026-10-01`` is the end of that day in Vietnam; a time of day may follow. Raises :class:`WrongUse`."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), _COUNTRY)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise WrongUse(messages.no_moment(text)) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=_COUNTRY)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name is known for this process
        return "unknown"
