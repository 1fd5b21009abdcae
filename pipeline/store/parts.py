"""Outcomes as Parquet, under their input's hash: what other machines read, until the one writer loads it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from pipeline.batch import Settings
from pipeline.outcome import Failure, Outcome, Read
from pipeline.store.schema import literal
from pipeline.version import VERSION
from pipeline.whole_files import put_in_place

_COLUMNS = {
    "path": "VARCHAR",
    "tried_at": "TIMESTAMPTZ",
    "sha256": "VARCHAR",
    "size": "BIGINT",
    "held": "BOOLEAN",
    "mtime_ns": "BIGINT",
    "inode": "UBIGINT",
    "failure": "STRUCT(stage VARCHAR, reason VARCHAR, message VARCHAR)",
    "reads": "STRUCT(path VARCHAR, record VARCHAR, text VARCHAR, sketch UBIGINT[], more VARCHAR)[]",
}
_OWN = ("path", "record", "text", "sketch")
"""What of a reading is a column of its own; everything else is JSON in ``more``."""
_SUFFIX = ".parquet"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DamagedPart(Exception):
    """A part that cannot be read; what it held must be read from the files again."""


def part_name(tried: Sequence[Outcome], settings: Settings) -> str:
    """The file name of what these inputs give: of their paths, bytes and looks, the version and the limits.

    Where a hash is not known, size, time and inode stand for the bytes.
    """
    inputs = [[o.path, o.sha256 or [o.size, o.mtime_ns, o.inode]] for o in tried]
    told = json.dumps([VERSION, asdict(settings), inputs], sort_keys=True)
    return sha256(told.encode()).hexdigest()[:32] + _SUFFIX


def write_part(place: Path, outcomes: Sequence[Outcome]) -> None:
    """All outcomes in one Parquet file, there whole or not at all. Raises ``OSError``."""
    place.parent.mkdir(parents=True, exist_ok=True)
    growing = place.with_name(f".{place.stem}-{uuid.uuid4().hex}")
    shape = json.dumps([_COLUMNS])
    try:
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            con.execute(
                "CREATE TABLE part AS SELECT unnest(from_json($1::JSON, $2), max_depth := 2)",
                [_as_json(outcomes), shape],
            )
            con.execute(f"COPY part TO {literal(str(growing))} (FORMAT parquet, COMPRESSION zstd)")
        put_in_place(growing, place)
    except duckdb.IOException as error:
        raise OSError(str(error)) from error
    finally:
        growing.unlink(missing_ok=True)


def read_part(place: Path) -> list[Outcome]:
    """The outcomes of a part, as they were written. Raises :class:`DamagedPart`, ``FileNotFoundError``."""
    if not place.is_file():
        raise FileNotFoundError(place)
    # "[" would be the start of a pattern.
    pattern = str(place).replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
    columns = ", ".join("epoch_us(tried_at)" if name == "tried_at" else name for name in _COLUMNS)
    try:
        with duckdb.connect() as con:
            rows = con.execute(f"SELECT {columns} FROM read_parquet($1)", [pattern]).fetchall()
    except duckdb.Error as error:
        raise DamagedPart(f"{place}: {error}") from error
    return [_outcome(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def parts_in(folder: Path) -> list[Path]:
    """The finished parts in a folder, oldest first; what was left unfinished there is removed.

    Call it while nobody writes there.
    """
    if not folder.is_dir():
        return []
    for left in folder.glob(".*"):
        left.unlink(missing_ok=True)
    return sorted(folder.glob(f"*{_SUFFIX}"), key=lambda part: (part.stat().st_mtime_ns, part.name))


def _as_json(outcomes: Sequence[Outcome]) -> str:
    entries = []
    for outcome in outcomes:
        entry = asdict(outcome)
        reads = []
        for read in entry["reads"]:
            more = {name: value for name, value in read.items() if name not in _OWN}
            reads.append({name: read[name] for name in _OWN} | {"more": json.dumps(more, ensure_ascii=False)})
        entries.append({**entry, "reads": reads, "tried_at": outcome.tried_at.isoformat()})
    return json.dumps(entries, ensure_ascii=False)


def _outcome(row: dict[str, Any]) -> Outcome:
    failure = Failure(**row["failure"]) if row["failure"] is not None else None
    tried_at = _EPOCH + timedelta(microseconds=row["tried_at"])
    reads = tuple(map(_read, row["reads"] or ()))
    return Outcome(**{**row, "tried_at": tried_at, "failure": failure, "reads": reads})


def _read(entry: dict[str, Any]) -> Read:
    more: dict[str, Any] = json.loads(entry.pop("more"))
    return Read(**{**entry, "sketch": tuple(entry["sketch"] or ()), **more})
