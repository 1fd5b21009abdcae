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
from pipeline.commands import as_utf8, print_rows, progress_line, reading_settings, run_flow, say
from pipeline.exits import ALL_WELL, SET_ASIDE, WrongUse

if TYPE_CHECKING:
    from pipeline.batch import Settings
    from pipeline.outcome import Failure
    from pipeline.store.changes import Change
    from pipeline.store.place import StorePlace

_COUNTRY = ZoneInfo("Asia/Ho_Chi_Minh")
_AT_ONCE = 200


def run_correct(options: argparse.Namespace) -> int:
    """``congvan correct``: a person's word over what was read."""
    from pipeline.store.access import writing
    from pipeline.store.corrections import correct, find_document
    from pipeline.store.place import StorePlace, lease, prepare
    from pipeline.store.publishing import publish

    place = StorePlace(Path(os.path.abspath(options.db)))
    now = datetime.now(UTC)
    named = os.path.abspath(options.document) if Path(options.document).exists() else options.document
    value = None if options.value == "" else options.value
    _must_exist(place)
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
    from pipeline.find import LIST, is_gone
    from pipeline.store.access import corrections_waiting, reading
    from pipeline.store.changes import changes, outdated
    from pipeline.store.place import StorePlace, lease, prepare, refuse_early

    place = StorePlace(Path(os.path.abspath(options.db)))
    refuse_early(place)
    settings = reading_settings(options)
    now = datetime.now(UTC)
    with lease(place, "reextract", now, options.wait, say):
        prepare(place)
        with reading(place.writer) as con:
            held = outdated(con, options.all)
        say(messages.outdated(len(held)))
        paths = [path for path in held if not is_gone(path)]
        if len(paths) < len(held):
            say(messages.outdated_gone(len(held) - len(paths)))
        if not paths:
            return ALL_WELL
        if options.dry_run:
            found, read, aside = _tried_out(place.writer, paths, settings, options.workers)
    if not options.dry_run:
        summary = run_flow(options, [LIST], paths, reread=True)
        read, aside = summary.loaded, [(path, failure) for path, failure in summary.aside]
        with reading(place.writer) as con:
            found = changes(con, now)
    as_utf8()
    for change in found:
        sys.stdout.write(messages.change_line(change.field, change.gained, change.lost, change.changed) + "\n")
        if options.examples and change.example:
            sys.stdout.write(f"    {' '.join(change.example.split())[:200]}\n")
    for path, failure in aside:
        say(messages.set_aside_line(path, failure.reason, failure.message))
    say(messages.reextracted(read, len(found), options.dry_run))
    if not options.dry_run and (waiting := corrections_waiting(place.published)):
        say(messages.corrections_waiting(waiting))
    return SET_ASIDE if aside else ALL_WELL


def _tried_out(
    writer: Path, paths: list[str], settings: Settings, workers: int | None
) -> tuple[list[Change], int, list[tuple[str, Failure]]]:
    """What reading the files again would change, found out on a copy of the writer's file; how many could be read,
    and why others could not."""
    from pipeline.batch import Pool, processors
    from pipeline.store import access
    from pipeline.store.changes import changes

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.duckdb"
        shutil.copyfile(writer, copy)
        since = datetime.now(UTC)
        access.start_run(copy, "dry-run", since, {})
        aside: list[tuple[str, Failure]] = []
        report = progress_line()
        with Pool(settings, min(workers or processors(), len(paths))) as pool:
            for start in range(0, len(paths), _AT_ONCE):
                outcomes = []
                for outcome in pool.run(paths[start : start + _AT_ONCE]):
                    outcomes.append(outcome)
                    aside += [(outcome.path, outcome.failure)] if outcome.failure is not None else []
                    report(start + len(outcomes), len(paths), len(aside))
                access.load(copy, "dry-run", outcomes)
        with access.reading(copy) as con:
            return changes(con, since), len(paths) - len(aside), aside


def run_publish(options: argparse.Namespace) -> int:
    """``congvan publish``: a new snapshot for readers."""
    from pipeline.store.place import StorePlace, lease, prepare
    from pipeline.store.publishing import publish

    place = StorePlace(Path(os.path.abspath(options.db)))
    now = datetime.now(UTC)
    _must_exist(place)
    with lease(place, "publish", now, options.wait, say):
        prepare(place)
        manifest = publish(place, now, options.keep)
    say(messages.published(place.published, manifest.snapshot))
    return ALL_WELL


def run_rollback(options: argparse.Namespace) -> int:
    """``congvan rollback``: readers get an earlier snapshot again."""
    from pipeline.store.place import StorePlace, lease
    from pipeline.store.publishing import published, rollback, snapshots

    place = StorePlace(Path(os.path.abspath(options.db)))
    _must_exist(place)
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


def _must_exist(place: StorePlace) -> None:
    """A name typed wrong is not made a database. Raises :class:`~pipeline.store.access.StoreError`."""
    from pipeline.store.access import StoreError

    if not place.folder.exists() and not place.published.exists():
        raise StoreError("missing", messages.store_trouble("missing", place.published, None, ""))


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
