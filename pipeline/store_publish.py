"""Publishing: readers get a whole, checked snapshot, put in place by one rename, and the last ones are kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline import cited, families, linking, messages, search, views
from pipeline.exits import WrongUse
from pipeline.schema import HISTORY, SCHEMA_VERSION, TABLES, checks, literal, qualified, statements
from pipeline.store import StoreError, trouble_with, writing
from pipeline.store_files import StorePlace
from pipeline.store_history import macros
from pipeline.version import VERSION

KEEP = 5
DERIVERS = (families, linking, cited, search)
"""What makes tables of a snapshot out of the writer's, each from those before it."""

_DATABASE = "congvan.duckdb"
_MANIFEST = "manifest.json"
_PARQUET = "parquet"
# On Windows a file that somebody reads cannot be replaced; readers are soon done.
_TRIES, _PAUSE = 20, 0.25


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one snapshot holds. ``files`` gives the SHA-256 and size in bytes of each file of its folder."""

    snapshot: str
    made_at: str
    program_version: str
    schema_version: int
    rows: dict[str, int]
    files: dict[str, dict[str, Any]]


def publish(place: StorePlace, now: datetime, keep: int = KEEP) -> Manifest:
    """Make a snapshot of the writer's file, check it, put it in place; the last ``keep`` stay.

    Call it holding the lease. Raises :class:`StoreError`; then readers have what they had.
    """
    making = place.folder / "publishing"
    try:
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        with writing(place.writer) as con:
            con.execute("CHECKPOINT")
        database = making / _DATABASE
        shutil.copyfile(place.writer, database)
        rows = _complete(place, database, making / _PARQUET)
        kept = snapshots(place)
        number = 1 + max((int(m.snapshot.partition("-")[0]) for m in kept), default=0)
        name = f"{number:06}-{now:%Y%m%dT%H%M%S}"
        files = {p.relative_to(making).as_posix(): _fingerprint(p) for p in sorted(making.rglob("*")) if p.is_file()}
        manifest = Manifest(name, now.isoformat(), VERSION, SCHEMA_VERSION, rows, files)
        _write(making / _MANIFEST, manifest)
        place.snapshots.mkdir(exist_ok=True)
        os.replace(making, place.snapshots / name)
        _put_in_place(place, manifest)
        for old in kept[: max(0, len(kept) + 1 - keep)]:
            shutil.rmtree(place.snapshots / old.snapshot, ignore_errors=True)
        return manifest
    except (OSError, duckdb.Error) as error:
        raise trouble_with(place.published, error) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)


def rollback(place: StorePlace, name: str | None = None) -> Manifest:
    """Put an earlier snapshot in place, the one before the published unless ``name`` says which.

    The writer's file stays as it is. Call it holding the lease. Raises :class:`StoreError`, :class:`WrongUse`.
    """
    kept = snapshots(place)
    if name is None:
        current = published(place)
        earlier = [m for m in kept if current is None or m.snapshot < current.snapshot]
        if not earlier:
            raise WrongUse(messages.no_earlier_snapshot(place.published))
        chosen = earlier[-1]
    else:
        found = [m for m in kept if name in (m.snapshot, m.snapshot.partition("-")[0].lstrip("0"))]
        if not found:
            raise WrongUse(messages.no_snapshot(name, [m.snapshot for m in kept]))
        chosen = found[0]
    try:
        if _fingerprint(place.snapshots / chosen.snapshot / _DATABASE) != chosen.files[_DATABASE]:
            raise StoreError("damaged", messages.snapshot_damaged(chosen.snapshot))
        _put_in_place(place, chosen)
    except OSError as error:
        raise trouble_with(place.published, error) from error
    return chosen


def snapshots(place: StorePlace) -> list[Manifest]:
    """The snapshots kept, oldest first; folders without a readable manifest are passed over."""
    found = []
    for path in sorted(place.snapshots.glob(f"*/{_MANIFEST}")):
        manifest = _read(path)
        if manifest is not None and manifest.snapshot == path.parent.name:
            found.append(manifest)
    return found


def published(place: StorePlace) -> Manifest | None:
    """What readers have now; ``None`` before the first publishing."""
    return _read(place.manifest)


def _read(path: Path) -> Manifest | None:
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _complete(place: StorePlace, database: Path, parquet: Path) -> dict[str, int]:
    """Derive, check, write the Parquet files; how many rows each table has."""
    with writing(database) as con:
        for deriver in DERIVERS:
            for statement in statements(deriver.TABLES):
                con.execute(statement)
            deriver.build(con)
        for statement in (*views.statements(), *macros()):
            con.execute(statement)
        _check(con, place)
        con.execute("CHECKPOINT")
        parquet.mkdir()
        rows = {}
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY ALL"
        ).fetchall()
        for schema, table in tables:
            name = table if schema == "main" else f"{schema}.{table}"
            rows[name] = int(con.execute(f"SELECT count(*) FROM {qualified(f'{schema}.{table}')}").fetchall()[0][0])
            if name.startswith("search_"):  # an index, which can be made again from the rest
                continue
            file = parquet / Path(*name.split(".")).with_suffix(".parquet")
            file.parent.mkdir(exist_ok=True)
            target = literal(str(file))
            con.execute(f"COPY {qualified(f'{schema}.{table}')} TO {target} (FORMAT parquet, COMPRESSION zstd)")
    return rows


def _check(con: duckdb.DuckDBPyConnection, place: StorePlace) -> None:
    broken = {name: n for name, sql in checks((*TABLES, *HISTORY)) if (n := con.execute(sql).fetchall()[0][0])}
    if broken:
        said = messages.keys_broken(", ".join(f"{name}: {n}" for name, n in broken.items()))
        raise StoreError("failed", messages.not_published(place.published, said))
    kept = snapshots(place)
    if not kept:
        return
    last = place.snapshots / kept[-1].snapshot / _DATABASE
    if not last.exists():
        return
    con.execute(f"ATTACH {literal(str(last))} AS last_snapshot (READ_ONLY)")
    lost = con.execute(
        "SELECT count(*) FROM last_snapshot.main.documents ANTI JOIN documents USING (document_id)"
    ).fetchall()[0][0]
    con.execute("DETACH last_snapshot")
    if lost:
        raise StoreError("failed", messages.not_published(place.published, messages.documents_lost(lost)))


def _put_in_place(place: StorePlace, manifest: Manifest) -> None:
    """The snapshot's database as the published file: copied beside it, synced, renamed."""
    fresh = place.published.with_name(f".{place.published.name}.new")
    try:
        shutil.copyfile(place.snapshots / manifest.snapshot / _DATABASE, fresh)
        _sync(fresh)
        _replace(fresh, place.published)
        _write(fresh, manifest)
        _replace(fresh, place.manifest)
        _sync_folder(place.published.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _replace(fresh: Path, old: Path) -> None:
    for left in reversed(range(_TRIES)):
        try:
            os.replace(fresh, old)
            return
        except PermissionError:
            if os.name != "nt" or not left:
                raise
            time.sleep(_PAUSE)


def _write(path: Path, manifest: Manifest) -> None:
    path.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows has no such thing
        return
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
