"""Where a store lies on the disk, and who may write it: the published file, the writer's own, the lease.

``congvan.duckdb`` is what readers open; one writer works on ``congvan.store/writer.duckdb`` and publishes from there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipeline import messages
from pipeline.store.access import StoreError, bring_up_to_date, reading, trouble_with, writing
from pipeline.store.schema import quoted, statements
from pipeline.store.tables import HISTORY, TABLES
from pipeline.store.views import SET_ASIDE
from pipeline.whole_files import put_in_place


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store by the path of its published file."""

    published: Path

    @property
    def folder(self) -> Path:
        """What only congvan touches."""
        return self.published.with_name(self.published.stem + ".store")

    @property
    def writer(self) -> Path:
        """The file that the one writer works on."""
        return self.folder / "writer.duckdb"

    @property
    def snapshots(self) -> Path:
        """The last snapshots, a folder each."""
        return self.folder / "snapshots"

    @property
    def manifest(self) -> Path:
        """What the published file is made of."""
        return self.published.with_name(self.published.stem + ".manifest.json")


@contextmanager
def lease(
    place: StorePlace, what: str, since: datetime, wait: float = 0.0, on_wait: Callable[[str], None] | None = None
) -> Iterator[None]:
    """The right to write the store, for as long as the block lasts; a holder that died has lost it at once.

    ``what`` names the command for others to read. Waits ``wait`` seconds for another holder, telling ``on_wait`` so.
    Raises :class:`StoreError`.
    """
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place.folder / "writer.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if on_wait is not None and wait > 0:
                on_wait(messages.waiting_for(_holder(place)))
            try:
                lock.acquire(timeout=wait)
            except Timeout:
                raise StoreError("locked", messages.store_held(place.published, _holder(place))) from None
    except OSError as error:
        raise trouble_with(place.published, error) from error
    try:
        about = {"command": what, "process": os.getpid(), "host": socket.gethostname(), "since": since.isoformat()}
        try:
            _note(place).write_text(json.dumps(about), encoding="utf-8")
        except OSError as error:
            raise trouble_with(place.published, error) from error
        yield
    finally:
        with suppress(OSError):
            _note(place).unlink(missing_ok=True)
        lock.release()


def _note(place: StorePlace) -> Path:
    return place.folder / "writer.json"


def _holder(place: StorePlace) -> str:
    try:
        about = json.loads(_note(place).read_text(encoding="utf-8"))
        return f"congvan {about['command']} (process {about['process']} on {about['host']} since {about['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another congvan"


def refuse_early(place: StorePlace) -> None:
    """Raise :class:`StoreError` for what can be told to be unusable before any work is done."""
    if place.published.is_dir():
        raise StoreError("not-writable", messages.db_is_folder(place.published))
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        with (place.folder / "writer.lock").open("a"):
            pass
    except OSError as error:
        raise trouble_with(place.published, error) from error
    for file in (place.writer, place.published):
        if file.exists():
            try:
                with reading(file):
                    pass
            except StoreError as error:
                if error.trouble != "locked":  # that one is waited for
                    raise
            return


def prepare(place: StorePlace) -> None:
    """Have a writer's file of today's shape: made anew, of an older version's, or from what is published.

    Call it holding the lease. Raises :class:`StoreError`.
    """
    if not place.writer.exists() and place.published.exists():
        _adopt(place)
    bring_up_to_date(place.writer)
    with writing(place.writer):
        pass


def _adopt(place: StorePlace) -> None:
    """Begin a writer's file with all that the published one says; what publishing derives is left out."""
    copy = place.writer.with_name("adopted.duckdb")
    with reading(place.published):  # is it one of ours at all?
        pass
    ours = {t.name for t in TABLES} | {t.name.partition(".")[2] for t in HISTORY}
    try:
        shutil.copyfile(place.published, copy)
        bring_up_to_date(copy)
        with writing(copy) as con:
            for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall():
                con.execute(f"DROP VIEW {quoted(name)}")
            macros = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal"
            for (name,) in con.execute(f"{macros} AND function_type = 'table_macro'").fetchall():
                con.execute(f"DROP MACRO TABLE {quoted(name)}")
            for (name,) in con.execute(f"{macros} AND function_type = 'macro'").fetchall():
                con.execute(f"DROP MACRO {quoted(name)}")
            for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                if name not in ours:
                    con.execute(f"DROP TABLE {quoted(name)}")
            for statement in statements((), (SET_ASIDE,)):
                con.execute(statement)
            con.execute("CHECKPOINT")
        put_in_place(copy, place.writer)
    except (OSError, duckdb.Error) as error:
        raise trouble_with(place.published, error) from error
    finally:
        copy.unlink(missing_ok=True)
        copy.with_name(copy.name + ".wal").unlink(missing_ok=True)
