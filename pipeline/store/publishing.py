"""Publishing: readers get a whole, checked snapshot, put in place by one rename, and the last ones are kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline import messages
from pipeline.derived import cited, families, linking, search
from pipeline.exits import WrongUse
from pipeline.store import views
from pipeline.store.access import StoreError, trouble_with, writing
from pipeline.store.history import macros
from pipeline.store.place import StorePlace
from pipeline.store.schema import checks, literal, qualified, statements
from pipeline.store.tables import HISTORY, SCHEMA_VERSION, TABLES
from pipeline.version import VERSION
from pipeline.whole_files import put_in_place, sync, sync_folder

KEEP = 5
DERIVERS = (families, linking, cited, search)
"""What makes tables of a snapshot out of the writer's, each from those before it."""

_DATABASE = "congvan.duckdb"
_MANIFEST = "manifest.json"
_PARQUET = "parquet"
# What a run writes that finds nothing new.
_OF_RUNS = ("runs", "inputs", "seen_files")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one snapshot holds. ``files`` gives the SHA-256 and size in bytes of each file of its folder, ``state`` what
    the writer's file had been told until then."""

    snapshot: str
    made_at: str
    program_version: str
    schema_version: int
    rows: dict[str, int]
    files: dict[str, dict[str, Any]]
    state: str = ""


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
            state = _state(con)
        last = published(place)
        if (
            last is not None
            and (last.state, last.program_version) == (state, VERSION)
            and _is_whole(place.snapshots / last.snapshot, last)
        ):
            rows = _renewed(place, last, making)
        else:
            shutil.copyfile(place.writer, making / _DATABASE)
            rows = _complete(place, making)
        kept = snapshots(place)
        number = 1 + max((int(m.snapshot.partition("-")[0]) for m in kept), default=0)
        name = f"{number:06}-{now:%Y%m%dT%H%M%S}"
        files = {p.relative_to(making).as_posix(): _fingerprint(p) for p in sorted(making.rglob("*")) if p.is_file()}
        manifest = Manifest(name, now.isoformat(), VERSION, SCHEMA_VERSION, rows, files, state)
        _write(making / _MANIFEST, manifest)
        for written in (*files, _MANIFEST):
            sync(making / written)
        place.snapshots.mkdir(exist_ok=True)
        os.replace(making, place.snapshots / name)
        sync_folder(place.snapshots)
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


def _state(con: duckdb.DuckDBPyConnection) -> str:
    """Numbers that differ as soon as anything was loaded, moved, lost, set aside or corrected.

    Whatever changes a table of records changes ``documents.valid_from`` with it.
    """
    told = [f"SELECT count(*) FROM {t.name}" for t in TABLES if t.name not in _OF_RUNS]
    told += [f"SELECT bit_xor(hash(t)) FROM {name} t" for name in ("documents", "files", "corrections")]
    told += ["SELECT count(*) FROM inputs WHERE outcome <> 'unchanged'"]
    return " ".join(str(con.execute(sql).fetchall()[0][0]) for sql in told)


def _read(path: Path) -> Manifest | None:
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _complete(place: StorePlace, making: Path) -> dict[str, int]:
    """Derive, check, write the Parquet files; how many rows each table has."""
    with writing(making / _DATABASE) as con:
        for deriver in DERIVERS:
            for statement in statements(deriver.TABLES):
                con.execute(statement)
            deriver.build(con)
        for statement in (*views.statements(), *macros()):
            con.execute(statement)
        _check(con, place)
        con.execute("CHECKPOINT")
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY ALL"
        ).fetchall()
        return _written(con, [t if s == "main" else f"{s}.{t}" for s, t in tables], making / _PARQUET)


def _renewed(place: StorePlace, last: Manifest, making: Path) -> dict[str, int]:
    """The last snapshot again, with the runs that found nothing new since: nothing has to be derived anew."""
    source = place.snapshots / last.snapshot
    shutil.copyfile(source / _DATABASE, making / _DATABASE)
    shutil.copytree(source / _PARQUET, making / _PARQUET)
    with writing(making / _DATABASE) as con:
        con.execute(f"ATTACH {literal(str(place.writer))} AS writer (READ_ONLY)")
        for table in _OF_RUNS:
            con.execute(f"DELETE FROM {table} WHERE NOT EXISTS (FROM writer.main.{table} w WHERE w = {table})")
            con.execute(f"INSERT INTO {table} FROM writer.main.{table} EXCEPT ALL FROM {table}")
        con.execute("DETACH writer")
        _check(con, place)
        con.execute("CHECKPOINT")
        return last.rows | _written(con, _OF_RUNS, making / _PARQUET)


def _written(con: duckdb.DuckDBPyConnection, tables: Sequence[str], folder: Path) -> dict[str, int]:
    """Tables as Parquet, but for the search index, which can be made again from the rest; how many rows each has."""
    rows = {}
    for name in tables:
        table = qualified(name if "." in name else f"main.{name}")
        rows[name] = int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
        if not name.startswith("search_"):
            file = folder / Path(*name.split(".")).with_suffix(".parquet")
            file.parent.mkdir(parents=True, exist_ok=True)
            con.execute(f"COPY {table} TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)")
    return rows


def _check(con: duckdb.DuckDBPyConnection, place: StorePlace) -> None:
    broken = {name: n for name, sql in checks((*TABLES, *HISTORY)) if (n := con.execute(sql).fetchall()[0][0])}
    if broken:
        said = messages.keys_broken(", ".join(f"{name}: {n}" for name, n in broken.items()))
        raise StoreError("failed", messages.not_published(place.published, said))
    for last in reversed(snapshots(place)):
        try:
            con.execute(f"ATTACH {literal(str(place.snapshots / last.snapshot / _DATABASE))} AS last (READ_ONLY)")
            lost = con.execute(
                "SELECT count(*) FROM last.main.documents ANTI JOIN documents USING (document_id)"
            ).fetchall()[0][0]
        except duckdb.Error:  # gone or damaged: the one before it tells, too
            continue
        finally:
            con.execute("DETACH DATABASE IF EXISTS last")
        if lost:
            raise StoreError("failed", messages.not_published(place.published, messages.documents_lost(lost)))
        return


def _put_in_place(place: StorePlace, manifest: Manifest) -> None:
    """The snapshot's database as the published file: copied beside it, synced, renamed."""
    fresh = place.published.with_name(f".{place.published.name}.new")
    try:
        shutil.copyfile(place.snapshots / manifest.snapshot / _DATABASE, fresh)
        put_in_place(fresh, place.published)
        _write(fresh, manifest)
        put_in_place(fresh, place.manifest)
    finally:
        fresh.unlink(missing_ok=True)


def _write(path: Path, manifest: Manifest) -> None:
    path.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether a snapshot still is what its manifest says: what is damaged must not be handed on as sound."""
    try:
        return all(_fingerprint(folder / name) == about for name, about in manifest.files.items())
    except OSError:
        return False


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
