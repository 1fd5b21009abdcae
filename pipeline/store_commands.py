"""What the commands about the store do: correct, look back, publish, go back to an earlier snapshot."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline import messages
from pipeline.commands import as_utf8, print_rows, say
from pipeline.exits import ALL_WELL, WrongUse

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
