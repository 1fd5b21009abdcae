"""How a database made by an older congvan gets today's shape: step by step, on a copy, the old file kept beside it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from pipeline.schema import HISTORY, TABLES, comments, statements
from pipeline.version import VERSION
from pipeline.views import SET_ASIDE

_V2_TABLES = ("document_sketches", "body_identities", "corrections", "seen_files")

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
        *statements(HISTORY),
    ),
}
"""For each version, the SQL that makes it of the one before. A step is never changed once it has been published; while
version 2 is the latest it may take today's tables as they are."""


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
        shutil.copyfile(path, path.with_name(f"{path.stem}.v{version}{path.suffix}"))
        os.replace(copy, path)
    finally:
        copy.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
