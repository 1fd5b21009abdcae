"""How a database made by an older congvan gets today's shape: step by step, on a copy, the old file kept beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from pipeline.store.schema import comments, statements
from pipeline.store.tables import HISTORY, TABLES
from pipeline.store.views import SET_ASIDE
from pipeline.version import VERSION
from pipeline.whole_files import put_in_place, sync

_V2_TABLES = ("document_sketches", "body_identities", "corrections", "seen_files")
_V3_TABLES = ("confidences", "history.confidences")

STEPS: dict[int, tuple[str, ...]] = {
    2: (
        "ALTER TABLE documents ADD COLUMN reading_no INTEGER DEFAULT 1",
        "ALTER TABLE documents ALTER reading_no SET NOT NULL",
        "ALTER TABLE documents ALTER reading_no DROP DEFAULT",
        "ALTER TABLE documents ADD COLUMN corrected_fields VARCHAR[]",
        "ALTER TABLE documents ADD COLUMN knowledge VARCHAR",
        "ALTER TABLE documents ADD COLUMN reading_digest VARCHAR",
        "ALTER TABLE documents ADD COLUMN valid_from TIMESTAMPTZ",
        "UPDATE documents SET valid_from = loaded_at",
        "ALTER TABLE documents ALTER valid_from SET NOT NULL",
        "ALTER TABLE files ADD COLUMN ended_at TIMESTAMPTZ",
        """
        UPDATE files SET ended_at = coalesce(
            (SELECT min(n.found_at) FROM files n WHERE n.path = files.path AND n.version_no > files.version_no),
            (SELECT max(started_at) FROM runs)
        ) WHERE NOT is_current
        """,
        "CREATE SCHEMA history",
        *statements([t for t in TABLES if t.name in _V2_TABLES]),
        *statements([t for t in HISTORY if t.name not in _V3_TABLES]),
    ),
    3: tuple(statements([t for t in (*TABLES, *HISTORY) if t.name in _V3_TABLES])),
}
"""For each version, the SQL that makes it of the one before. What a step makes never changes once it has been
published: a step takes today's tables by name, and a later step that adds a column to one of them must first write out
here what the earlier step made."""


def migrate(path: Path, version: int) -> None:
    """Bring the closed database file at ``path`` from ``version`` to the latest.

    The file itself is kept as ``NAME.v<version>.duckdb``. Raises ``duckdb.Error`` or ``OSError``; then nothing changed.
    """
    with duckdb.connect(str(path)) as con:
        con.execute("CHECKPOINT")  # what is still in its log goes into the file
    copy = path.with_name(path.name + ".migrating")
    log = copy.with_name(copy.name + ".wal")
    try:
        shutil.copyfile(path, copy)
        with duckdb.connect(str(copy)) as con:
            for number in range(version + 1, max(STEPS) + 1):
                for statement in STEPS[number]:
                    con.execute(statement)
                con.execute("INSERT INTO schema_version VALUES ($1, now(), $2)", [number, VERSION])
            for statement in (*statements((), (SET_ASIDE,)), *comments((*TABLES, *HISTORY))):
                con.execute(statement)
            con.execute("CHECKPOINT")
        older = path.with_name(f"{path.stem}.v{version}{path.suffix}")
        shutil.copyfile(path, older)
        sync(older)
        put_in_place(copy, path)
    finally:
        copy.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
