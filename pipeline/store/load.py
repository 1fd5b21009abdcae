"""From rows to the store: one transaction loads a batch, and the same bytes again change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from models.record import Dispatch
from pipeline.outcome import Outcome, Read, Rows, reading_digest
from pipeline.store.corrections import apply
from pipeline.store.history import archive, remove
from pipeline.store.rows import DOCUMENT, rows_of
from pipeline.store.schema import quoted
from pipeline.store.tables import RECORD_TABLES, TABLES, named
from pipeline.version import VERSION

if TYPE_CHECKING:
    import pyarrow

# Rows cross to DuckDB as Arrow columns, which it takes eight times faster than the same in JSON.
_TYPES = {t.name: {c.name: c.type for c in t.columns} for t in TABLES}
_INCOMING = {"document_id": "VARCHAR", "knowledge": "VARCHAR", "alike": "BOOLEAN"}
_LYING = {"path": "VARCHAR", "document_id": "VARCHAR", "file_path": "VARCHAR", "file_sha256": "VARCHAR"}
_TRIED = {
    "path": "VARCHAR", "sha256": "VARCHAR", "size_bytes": "BIGINT", "outcome": "VARCHAR", "documents": "INTEGER",
    "stage": "VARCHAR", "reason": "VARCHAR", "message": "VARCHAR", "tried_at": "TIMESTAMPTZ", "mtime_ns": "BIGINT",
    "inode": "UBIGINT",
}  # fmt: skip

_KNOWN = "SELECT document_id, reading_digest, reading_no FROM documents SEMI JOIN incoming USING (document_id)"
# What was read again as before: only the rules that say so are newer.
_CONFIRM = """
UPDATE documents SET knowledge = i.knowledge FROM incoming i WHERE i.alike AND documents.document_id = i.document_id
"""
# Newer models may be more or less sure of what reads as before.
_OUTWEIGHED = "DELETE FROM confidences WHERE document_id IN (SELECT document_id FROM incoming WHERE alike)"
_CHANGED = "SELECT document_id FROM incoming WHERE NOT alike"

# Which dispatch lies where, after this batch: what it read, and what it knew by its bytes without reading.
_SEEN = """
CREATE TEMP TABLE seen AS
SELECT path, document_id, file_path, file_sha256 FROM lying
UNION ALL
SELECT DISTINCT ON (h.path, f.document_id, member)
    h.path || substr(f.path, length(f.file_path) + 1) AS path, f.document_id, h.path, h.sha256
FROM (FROM tried WHERE outcome = 'unchanged') h
JOIN (SELECT *, substr(path, length(file_path) + 1) AS member FROM files) f ON f.file_sha256 = h.sha256
"""
_MOVED = """
CREATE TEMP TABLE moved AS
SELECT s.* FROM seen s
WHERE NOT EXISTS (FROM files f WHERE f.path = s.path AND f.is_current AND f.document_id = s.document_id)
"""
_OUTDATED = """
CREATE TEMP TABLE outdated AS
SELECT path, version_no, document_id FROM files f
WHERE is_current AND (
    path IN (SELECT path FROM moved)
    OR (f.file_path IN (SELECT file_path FROM seen) AND f.path NOT IN (SELECT path FROM seen))
)
"""
_RETIRE = """
UPDATE files SET is_current = false, ended_at = $1
WHERE (path, version_no) IN (SELECT path, version_no FROM outdated)
"""
# The same member in an archive whose other members changed.
_REFRESH = """
UPDATE files SET file_sha256 = s.file_sha256 FROM seen s
WHERE files.path = s.path AND files.is_current AND files.document_id = s.document_id
    AND files.file_sha256 <> s.file_sha256
"""
_PLACE = """
INSERT INTO files BY NAME
SELECT m.path, coalesce((SELECT max(version_no) FROM files f WHERE f.path = m.path), 0) + 1 AS version_no,
    true AS is_current, m.document_id, m.file_path, m.file_sha256, $1 AS run_id, $2::TIMESTAMPTZ AS found_at
FROM moved m
"""
_REPHRASE = """
UPDATE documents SET path = f.path, version_no = f.version_no, is_current = f.is_current
FROM (
    SELECT DISTINCT ON (document_id) document_id, path, version_no, is_current FROM files
    WHERE document_id IN (
        SELECT document_id FROM moved UNION SELECT document_id FROM outdated UNION SELECT document_id FROM incoming)
    ORDER BY document_id, is_current DESC, found_at, path, version_no DESC
) f
WHERE documents.document_id = f.document_id
"""
_INPUTS = "INSERT INTO inputs BY NAME SELECT $1 AS run_id, * EXCLUDE (mtime_ns, inode) FROM tried"
# Not of a file that was changed a moment ago: within the clock's grain it could change again and look the same.
_NOTE = """
INSERT OR REPLACE INTO seen_files BY NAME
SELECT path, size_bytes, mtime_ns, inode, sha256
FROM tried ANTI JOIN seen_files USING (path, size_bytes, mtime_ns, inode, sha256)
WHERE sha256 IS NOT NULL AND mtime_ns < epoch_ns(tried_at::TIMESTAMPTZ) - 2_000_000_000
"""


class Misfit(Exception):
    """What was read does not fit into the tables."""


@dataclass(frozen=True, slots=True)
class _Incoming:
    """One dispatch of the batch."""

    document_id: str
    digest: str
    rows: Rows
    read: Read
    read_at: datetime


def load_batch(con: duckdb.DuckDBPyConnection, run_id: str, outcomes: Sequence[Outcome]) -> None:
    """Everything the outcomes say, in one transaction; after ``duckdb.Error`` or :class:`Misfit` nothing of it."""
    con.begin()
    try:
        _load(con, run_id, outcomes)
        con.commit()
    except BaseException:
        with suppress(duckdb.Error):  # after a commit that failed, for want of room, there is nothing to roll back
            con.rollback()
        raise


def _load(con: duckdb.DuckDBPyConnection, run_id: str, outcomes: Sequence[Outcome]) -> None:
    now = datetime.now(UTC)
    incoming: dict[str, _Incoming] = {}
    lying = []
    for outcome in outcomes:
        for read in outcome.reads:
            one = _incoming(outcome, read)
            incoming.setdefault(one.document_id, one)
            lying.append((read.path, one.document_id, outcome.path, outcome.sha256))
    with (
        _given(con, "lying", _LYING, _turned(lying, _LYING)),
        _given(con, "tried", _TRIED, _turned(map(_tried, outcomes), _TRIED)),
    ):
        _load_records(con, run_id, list(incoming.values()), now)
        con.execute(_INPUTS, [run_id])
        con.execute(_NOTE)


def _load_records(con: duckdb.DuckDBPyConnection, run_id: str, read: Sequence[_Incoming], now: datetime) -> None:
    ids = [i.document_id for i in read]
    with _given(con, "incoming", _INCOMING, [ids, [i.read.knowledge for i in read], [None] * len(ids)]):
        known = {document_id: about for document_id, *about in con.execute(_KNOWN).fetchall()}
    alike = [known[i.document_id][0] == i.digest if i.document_id in known else None for i in read]
    with _given(con, "incoming", _INCOMING, [ids, [i.read.knowledge for i in read], alike]):
        if True in alike:
            con.execute(_CONFIRM)
            con.execute(_OUTWEIGHED)
            same = [i for i, is_alike in zip(read, alike, strict=True) if is_alike]
            _insert(con, "confidences", _of_table("confidences", same))
        if False in alike:
            archive(con, _CHANGED, now)
            remove(con, _CHANGED)
        fresh = [i for i, is_alike in zip(read, alike, strict=True) if not is_alike]
        for table, columns in _columns(fresh, known, run_id, now):
            _insert(con, table, columns)
        _place(con, run_id, now)
        if fresh:
            apply(con, "SELECT document_id FROM incoming WHERE alike IS NOT true")


def _insert(con: duckdb.DuckDBPyConnection, table: str, columns: Iterable[Sequence[Any]]) -> None:
    with _given(con, "given", _TYPES[table], columns):
        con.execute(f"INSERT INTO {quoted(table)} ({named(table)}) FROM given")


def _of_table(table: str, read: Sequence[_Incoming]) -> list[list[Any]]:
    """The columns of a table that holds entries of records, of all these dispatches."""
    owners: list[Any] = []
    columns: list[list[Any]] = [[] for _ in range(len(_TYPES[table]) - 1)]
    for one in read:
        own = one.rows.get(table)
        if own is not None:
            owners += [one.document_id] * len(own[0])
            for column, more in zip(columns, own, strict=True):
                column += more
    return [owners, *columns]


def _place(con: duckdb.DuckDBPyConnection, run_id: str, now: datetime) -> None:
    con.execute(_SEEN)
    con.execute(_MOVED)
    con.execute(_OUTDATED)
    con.execute(_RETIRE, [now])
    con.execute(_REFRESH)
    con.execute(_PLACE, [run_id, now])
    con.execute(_REPHRASE)
    for name in ("seen", "moved", "outdated"):
        con.execute(f"DROP TABLE {name}")


def _incoming(outcome: Outcome, read: Read) -> _Incoming:
    try:
        rows = rows_of(Dispatch.model_validate_json(read.record)) if read.rows is None else read.rows
        (document_id,) = rows["documents"][0]
        digest = read.digest or reading_digest(read.record, read.text)
        return _Incoming(document_id, digest, rows, read, outcome.tried_at)
    except (ValueError, KeyError, TypeError) as error:
        raise Misfit(str(error)) from error


def _tried(outcome: Outcome) -> tuple[Any, ...]:
    failure = outcome.failure
    return (
        outcome.path, outcome.sha256, outcome.size, outcome.word, None if outcome.held else len(outcome.reads),
        *((None,) * 3 if failure is None else (failure.stage, failure.reason, failure.message)),
        outcome.tried_at.isoformat(), outcome.mtime_ns, outcome.inode,
    )  # fmt: skip


def _columns(
    fresh: Sequence[_Incoming], known: Mapping[str, Sequence[Any]], run_id: str, now: datetime
) -> Iterator[tuple[str, Iterable[Sequence[Any]]]]:
    """For each table that gets rows, its columns."""
    if not fresh:
        return
    every, moment = len(fresh), now.isoformat()
    headers = zip(*([value for (value,) in i.rows["documents"]] for i in fresh), strict=True)
    about: dict[str, Sequence[Any]] = dict(zip(DOCUMENT, headers, strict=True)) | {
        "path": [i.read.path for i in fresh],
        "version_no": [1] * every,  # as the other two, until it is placed
        "is_current": [False] * every,
        "reading_no": [known[i.document_id][1] + 1 if i.document_id in known else 1 for i in fresh],
        "corrected_fields": [None] * every,
        "program_version": [VERSION] * every,
        "knowledge": [i.read.knowledge for i in fresh],
        "reading_digest": [i.digest for i in fresh],
        "run_id": [run_id] * every,
        "loaded_at": [i.read_at.isoformat() for i in fresh],
        "valid_from": [moment] * every,
    }
    yield "documents", [about[name] for name in _TYPES["documents"]]
    ids: list[Any] = [i.document_id for i in fresh]
    yield "document_texts", [ids, [i.read.text for i in fresh]]
    sketched = [i for i in fresh if i.read.sketch]
    sketches: list[Sequence[Any]] = [i.read.sketch for i in sketched]
    yield "document_sketches", [[i.document_id for i in sketched], sketches]
    for table in (t.name for t in RECORD_TABLES if any(t.name in i.rows for i in fresh)):
        yield table, _of_table(table, fresh)


@cache
def _arrow_types() -> dict[str, Any]:
    import pyarrow as pa

    plain = {
        "VARCHAR": pa.string(), "INTEGER": pa.int32(), "BIGINT": pa.int64(), "UBIGINT": pa.uint64(),
        "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(),
    }  # fmt: skip
    # Days and times come as text, which the tables they go to turn into what they hold.
    return plain | {f"{name}[]": pa.list_(own) for name, own in plain.items()} | dict.fromkeys(_TIMES, pa.string())


_TIMES = ("DATE", "TIMESTAMPTZ")


def _turned(rows: Iterable[Sequence[Any]], types: Mapping[str, str]) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * len(types)


@contextmanager
def _given(
    con: duckdb.DuckDBPyConnection, name: str, types: Mapping[str, str], columns: Iterable[Sequence[Any]]
) -> Iterator[None]:
    """The columns as a view of that name, while the block lasts."""
    con.register(name, _arrow(types, columns))
    try:
        yield
    finally:
        con.unregister(name)


def _arrow(types: Mapping[str, str], columns: Iterable[Sequence[Any]]) -> pyarrow.Table:
    import pyarrow as pa  # some 0.1 s, and only who loads needs it

    try:
        arrays = [pa.array(v, _arrow_types()[t]) for t, v in zip(types.values(), columns, strict=True)]
        return pa.table(arrays, list(types))
    except (ValueError, TypeError, OverflowError) as error:  # those of Arrow are such, too
        raise Misfit(str(error)) from error
