"""The store: one DuckDB file that one run writes at a time and anybody may query."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from pipeline import messages
from pipeline.exits import NO_STORE, Trouble, WrongUse
from pipeline.find import Found
from pipeline.outcome import Failure, Outcome
from pipeline.store.history import look_back
from pipeline.store.load import Misfit, load_batch
from pipeline.store.migrations import migrate
from pipeline.store.schema import checks, literal, quoted, statements
from pipeline.store.tables import HISTORY, SCHEMA_VERSION, TABLES
from pipeline.store.views import CORRECTIONS_WAITING, SET_ASIDE
from pipeline.version import VERSION

How = Literal["locked", "missing", "newer", "damaged", "not-writable", "full", "failed"]


class StoreError(Trouble):
    """The store cannot be used: ``trouble`` says how, the message is one sentence a person can act on."""

    exit_code = NO_STORE

    def __init__(self, trouble: How, message: str) -> None:
        super().__init__(message)
        self.trouble: How = trouble

    def __reduce__(self) -> tuple[type[StoreError], tuple[How, str]]:
        return type(self), (self.trouble, str(self))


class QueryError(WrongUse):
    """SQL that the database refuses; the message holds the database's own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one run found: the number of each kind of thing, and the flags by code."""

    documents: int
    counts: dict[str, int]
    flags: dict[str, int]


@dataclass(frozen=True, slots=True)
class SetAsideFile:
    """One file whose last try failed; the fields of the view ``set_aside``."""

    path: str
    stage: str
    reason: str
    message: str
    first_tried: datetime
    last_tried: datetime
    tries: int


# What DuckDB says, and what it means for the person in front of it; the first that is found counts.
_TROUBLES: tuple[tuple[re.Pattern[str], How], ...] = (
    (re.compile(r"lock on file|being used by another process", re.I), "locked"),
    (re.compile(r"version number .* can only read|newer version", re.I | re.S), "newer"),
    (re.compile(r"no space left|disk full|not enough space|file too large", re.I), "full"),
    (re.compile(r"permission denied|read-only file system|not permitted|access is denied", re.I), "not-writable"),
    (
        re.compile(r"not a valid duckdb|checksum|corrupt|deserializ|serialization error|wal file|enough bytes", re.I),
        "damaged",
    ),
    (re.compile(r"does not exist|no such file", re.I), "missing"),
)
_NOT_THE_RECORDS_FAULT = (
    duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.TransactionException,
)  # fmt: skip
_LOG, _LOG_OF_A_RUN = "16MB", "256MB"
_PORTION_CHARACTERS = 50_000_000
_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def trouble_with(path: Path, error: Exception) -> StoreError:
    """The error of DuckDB or of the system, as the sentence that a person gets."""
    said = str(error)
    trouble: How = next((t for pattern, t in _TROUBLES if pattern.search(said)), "failed")
    holder = re.search(r"PID (\d+)", said)
    first_line = said.strip().splitlines()[0] if said.strip() else type(error).__name__
    return StoreError(trouble, messages.store_trouble(trouble, path, holder[1] if holder else None, first_line))


@contextmanager
def _connected(path: Path, read_only: bool, **settings: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the file, closed at the end; every way that fails is a :class:`StoreError`.

    Errors of the statements themselves (wrong SQL, a value that does not fit) pass through.
    """
    try:
        con = duckdb.connect(str(path), read_only=read_only, config={**_SETTINGS, **settings})
        con.execute("SET enable_progress_bar = false")  # it would stand among what a command prints
    except (duckdb.Error, OSError) as error:
        raise trouble_with(path, error) from error
    try:
        yield con
    except (*_NOT_THE_RECORDS_FAULT, duckdb.SerializationException) as error:
        raise trouble_with(path, error) from error
    finally:
        try:
            con.close()
        except duckdb.Error as error:
            raise trouble_with(path, error) from error


def _version(con: duckdb.DuckDBPyConnection) -> int | None:
    """The shape the database says it has; ``None`` for one with nothing in it."""
    mine, tables = con.execute(
        "SELECT count(*) FILTER (table_name = 'schema_version'), count(*) FROM duckdb_tables()"
    ).fetchall()[0]
    if not mine:
        return None if not tables else 0
    version: int | None = con.execute("SELECT max(version) FROM schema_version").fetchall()[0][0]
    return version


def _check_shape(path: Path, version: int | None) -> None:
    if version is not None and version > SCHEMA_VERSION:
        raise StoreError("newer", messages.store_trouble("newer", path, None, f"shape {version}"))
    if version == 0:
        raise StoreError("damaged", messages.foreign_database(path))


@contextmanager
def writing(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The store open for writing, made if it is not there. Raises :class:`StoreError`."""
    kept = _kept.get(path)
    if kept is None:
        with _opened(path) as con:
            yield con
        return
    with kept.in_use:
        if kept.con is None:
            kept.con = kept.stack.enter_context(_opened(path))
            kept.con.execute(f"SET checkpoint_threshold = '{_LOG_OF_A_RUN}'")
        try:
            yield kept.con
        except _NOT_THE_RECORDS_FAULT as error:
            kept.con = None  # it is of no more use
            with suppress(StoreError):
                kept.stack.close()
            raise trouble_with(path, error) from error


@dataclass(slots=True)
class _Kept:
    """A connection that stays open, from its first use, until the stack is closed."""

    stack: ExitStack = field(default_factory=ExitStack)
    con: duckdb.DuckDBPyConnection | None = None
    in_use: threading.RLock = field(default_factory=threading.RLock)


_kept: dict[Path, _Kept] = {}


@contextmanager
def kept_open(path: Path) -> Iterator[None]:
    """While the block lasts, :func:`writing` leaves the store open for the next time: opening reads all of its log.

    From the first writing on, nobody can read the file, not even this process. At the end the log is still there.
    """
    kept = _kept[path] = _Kept()
    try:
        yield
    finally:
        with kept.in_use:  # an interrupt may come while another thread loads
            del _kept[path]
            kept.stack.close()


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise trouble_with(path, error) from error
    with _connected(path, read_only=False) as con:
        # Rewriting the indexes after every batch would cost more the more the store holds: the log grows first, and
        # the end of a run folds it in.
        con.execute(f"SET checkpoint_threshold = '{_LOG}'")
        con.execute("PRAGMA disable_checkpoint_on_shutdown")
        version = _version(con)
        _check_shape(path, version)
        if version is None:
            con.begin()
            con.execute("CREATE SCHEMA history")
            for statement in statements((*TABLES, *HISTORY), (SET_ASIDE,)):
                con.execute(statement)
            con.execute("INSERT INTO schema_version VALUES ($1, now(), $2)", [SCHEMA_VERSION, VERSION])
            con.commit()
        yield con


def bring_up_to_date(path: Path) -> None:
    """Give a database of an older version today's shape, on a copy first. Raises :class:`StoreError`."""
    if not path.is_file():
        return
    with _connected(path, read_only=False) as con:
        version = _version(con)
        _check_shape(path, version)
    if version is not None and version < SCHEMA_VERSION:
        try:
            migrate(path, version)
        except (duckdb.Error, OSError) as error:
            raise trouble_with(path, error) from error


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The store open for looking: nothing can be written, no other file or address be reached through it."""
    if not path.is_file():
        raise StoreError("missing", messages.store_trouble("missing", path, None, ""))
    with _connected(path, read_only=True, enable_external_access="false") as con:
        con.execute("SET lock_configuration = true")
        _check_shape(path, _version(con))
        yield con


def start_run(path: Path, run_id: str, started_at: datetime, settings: dict[str, Any]) -> None:
    """Write down that a run began."""
    with writing(path) as con:
        con.execute(
            "INSERT INTO runs VALUES ($1, $2, NULL, $3, $4::JSON, 'running')",
            [run_id, started_at, VERSION, json.dumps(settings, ensure_ascii=False)],
        )


def finish_run(path: Path, run_id: str, finished_at: datetime, outcome: Literal["finished", "failed"]) -> Finding:
    """Write down that the run ended, and say what it found."""
    with writing(path) as con:
        con.execute("UPDATE runs SET finished_at = $2, outcome = $3 WHERE run_id = $1", [run_id, finished_at, outcome])
        con.execute("CHECKPOINT")
        return _finding(con, run_id)


def _finding(con: duckdb.DuckDBPyConnection, run_id: str) -> Finding:
    mine = "FROM {} WHERE document_id IN (SELECT document_id FROM documents WHERE run_id = $1)"
    counts = {
        table: int(con.execute(f"SELECT count(*) {mine.format(table)}", [run_id]).fetchall()[0][0])
        for table in ("addressees", "copies", "document_references", "deadlines", "signatures", "flags")
    }
    kinds = con.execute(f"SELECT kind, count(*) {mine.format('quantities')} GROUP BY kind", [run_id]).fetchall()
    counts |= {"target": 0, "result": 0, "funding": 0} | dict(kinds)
    flags = con.execute(f"SELECT code, count(*) {mine.format('flags')} GROUP BY code", [run_id]).fetchall()
    documents = con.execute("SELECT count(*) FROM documents WHERE run_id = $1", [run_id]).fetchall()[0][0]
    return Finding(documents, counts, dict(flags))


def held(path: Path, hashes: Sequence[str]) -> frozenset[str]:
    """Those of the files' SHA-256 hashes whose dispatches the store holds whole, so that they need no reading."""
    if not path.exists():
        return frozenset()
    with reading(path) as con:
        rows = con.execute(
            """
            SELECT DISTINCT file_sha256 FROM files
            SEMI JOIN (SELECT unnest(from_json($1::JSON, '["VARCHAR"]')) AS file_sha256) USING (file_sha256)
            WHERE file_sha256 NOT IN (SELECT sha256 FROM set_aside WHERE sha256 IS NOT NULL)
            """,
            [json.dumps(list(hashes))],
        ).fetchall()
    return frozenset(sha256 for (sha256,) in rows)


def unchanged(path: Path, found: Sequence[Found]) -> dict[str, str]:
    """Of the files found, those that look as they did when they were last tried, with the SHA-256 they had then."""
    if not path.exists():
        return {}
    keys = ("path", "size_bytes", "mtime_ns", "inode")
    looks = [(f.path, f.size, f.mtime_ns, f.inode) for f in found if f.failure is None]
    told = json.dumps([dict(zip(keys, look, strict=True)) for look in looks])
    with reading(path) as con:
        rows = con.execute(
            """
            SELECT path, sha256 FROM seen_files JOIN (
                SELECT unnest(from_json($1::JSON, '[{"path": "VARCHAR", "size_bytes": "BIGINT", "mtime_ns": "BIGINT",
                    "inode": "UBIGINT"}]'), max_depth := 2)
            ) USING (path, size_bytes, mtime_ns, inode)
            """,
            [told],
        ).fetchall()
    return dict(rows)


def load(path: Path, run_id: str, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """One batch loaded, each of its files whole or not at all; what came of each, in the same order.

    Where a record does not fit into the tables, the files are loaded one by one and the misfit is set aside at stage
    ``load``. Raises :class:`StoreError`; then what was being loaded is not in the store.
    """
    loaded: list[Outcome] = []
    with writing(path) as con:
        for portion in _portions(outcomes):
            try:
                load_batch(con, run_id, portion)
                loaded += portion
            except _NOT_THE_RECORDS_FAULT:
                raise
            except (duckdb.Error, Misfit) as error:
                if not any(o.reads for o in portion):
                    raise StoreError("failed", messages.store_trouble("failed", path, None, str(error))) from error
                loaded += [_load_one(con, run_id, o) for o in portion]
    return tuple(loaded)


def _portions(outcomes: Sequence[Outcome]) -> Iterator[list[Outcome]]:
    """The outcomes in transactions that fit into memory many times over: all at once, unless texts are huge."""
    portion: list[Outcome] = []
    size = 0
    for outcome in outcomes:
        own = sum(len(r.record) + len(r.text) for r in outcome.reads)
        if portion and size + own > _PORTION_CHARACTERS:
            yield portion
            portion, size = [], 0
        portion.append(outcome)
        size += own
    if portion:
        yield portion


def _load_one(con: duckdb.DuckDBPyConnection, run_id: str, outcome: Outcome) -> Outcome:
    try:
        load_batch(con, run_id, [outcome])
        return outcome
    except _NOT_THE_RECORDS_FAULT:
        raise
    except (duckdb.Error, Misfit) as error:
        failure = Failure("load", "does-not-fit", messages.does_not_fit(outcome.path, str(error).splitlines()[0]))
        misfit = replace(outcome, reads=(), failure=failure)
        load_batch(con, run_id, [misfit])
        return misfit


@contextmanager
def query(
    path: Path, sql: str, moment: datetime | None = None
) -> Iterator[tuple[list[str], Iterator[tuple[Any, ...]]]]:
    """The columns and rows of one query, which can change nothing; of what the store said at ``moment``, if given.

    Raises :class:`QueryError`, :class:`StoreError`.
    """
    with reading(path) as con:
        if moment is not None:
            look_back(con, moment)
        try:
            _check_single(con, sql)
            result: duckdb.DuckDBPyConnection | None = con.execute(sql)
            if result is None:
                raise QueryError(messages.bad_sql(messages.no_statement()))
            columns = [name for name, *_ in result.description or []]
            yield columns, _rows(result)
        except (duckdb.IOException, duckdb.FatalException):
            raise
        except duckdb.Error as error:
            raise QueryError(messages.bad_sql(str(error))) from error


def _check_single(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Of several statements the rows of the last alone would be shown, as if they were those of all."""
    number = sum(bool(s.query) for s in con.extract_statements(sql))  # PIVOT makes one of its own besides
    if number > 1:
        raise QueryError(messages.bad_sql(messages.several_statements(number)))


def copy_query(path: Path, sql: str, fresh: Path) -> None:
    """The rows of one query as a Parquet file, the only one that it can write.

    Raises :class:`QueryError`, :class:`StoreError`.
    """
    if not path.is_file():
        raise StoreError("missing", messages.store_trouble("missing", path, None, ""))
    with _connected(path, read_only=True) as con:
        _check_shape(path, _version(con))
        con.execute(f"SET allowed_paths = [{literal(str(fresh))}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        try:
            _check_single(con, sql)
            con.sql(sql).write_parquet(str(fresh), compression="zstd")
        except (duckdb.IOException, duckdb.FatalException):
            raise
        except (duckdb.Error, AttributeError) as error:  # no rows at all: a relation that is none
            raise QueryError(messages.bad_sql(str(error))) from error


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(10_000):
        yield from rows


def set_aside(path: Path) -> list[SetAsideFile]:
    """The files whose last try failed, by path."""
    with reading(path) as con:
        rows = con.execute(
            "SELECT path, stage, reason, message, first_tried, last_tried, tries FROM set_aside ORDER BY path"
        ).fetchall()
    return [SetAsideFile(*row) for row in rows]


def corrections_waiting(path: Path) -> int:
    """How many corrections change nothing now, because the newest reading has no such entry."""
    with reading(path) as con:
        return int(con.execute(f"SELECT count(*) FROM ({CORRECTIONS_WAITING.query})").fetchall()[0][0])


def broken_keys(path: Path) -> dict[str, int]:
    """Which keys and references between tables do not hold, and in how many rows: nothing, unless we made a mistake."""
    with reading(path) as con:
        counted = {name: int(con.execute(sql).fetchall()[0][0]) for name, sql in checks((*TABLES, *HISTORY))}
    return {name: count for name, count in counted.items() if count}


def row_counts(path: Path) -> dict[str, int]:
    """How many rows each table holds."""
    with reading(path) as con:
        return {t.name: int(con.execute(f"SELECT count(*) FROM {quoted(t.name)}").fetchall()[0][0]) for t in TABLES}
