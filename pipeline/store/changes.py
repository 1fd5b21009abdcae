"""What newer readings changed, field by field: gained, lost, said otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipeline.knowledge import knowledge
from pipeline.store.schema import quoted
from pipeline.store.tables import SPAN, TABLES

_HEADER = (
    "document_type", "document_type_code", "number", "notation", "code", "subject", "issuing_body",
    "issuing_body_superior", "issuing_body_level", "issuing_body_province", "place", "issued_on", "urgency", "secrecy",
    "same_as_addressees", "archived_at", "signer_authority", "signer_position", "signer_name",
)  # fmt: skip
_LISTS = ("addressees", "copies", "document_references", "quantities", "deadlines", "signatures", "flags")
_NOT_SAID = {"document_id", "rule", "issued_date", "mention_count", "period_year", *(c.name for c in SPAN)}


def outdated(con: duckdb.DuckDBPyConnection, everything: bool = False) -> list[str]:
    """The files whose dispatches were read by other rules than those of today; with ``everything`` all files held."""
    found: set[str] = set()
    kinds = con.execute("SELECT DISTINCT media_type, text_origin FROM documents").fetchall()
    for media_type, text_origin in kinds:
        rows = con.execute(
            """
            SELECT DISTINCT f.file_path FROM files f JOIN documents d USING (document_id)
            WHERE f.is_current AND d.media_type = $1 AND d.text_origin = $2
                AND ($3 OR d.knowledge IS DISTINCT FROM $4)
            """,
            [media_type, text_origin, everything, knowledge(media_type, text_origin)],
        ).fetchall()
        found.update(path for (path,) in rows)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Change:
    """How often one field, ``number`` or ``deadlines.due_on``, or a whole entry, ``deadlines``, changed.

    ``example`` is one dispatch's path with what was said before and now.
    """

    field: str
    gained: int
    lost: int
    changed: int
    example: str


def changes(con: duckdb.DuckDBPyConnection, since: datetime) -> list[Change]:
    """What the readings since then say otherwise than those they replaced. Fields that did not change are left out."""
    found = [_of_header(con, name, since) for name in _HEADER]
    for table in _LISTS:
        found.append(_of_entries(con, table, since))
        columns = next(t for t in TABLES if t.name == table).columns[2:]
        found += [_within_entries(con, table, c.name, since) for c in columns if c.name not in _NOT_SAID]
    return [c for c in found if c.gained or c.lost or c.changed]


def _of_header(con: duckdb.DuckDBPyConnection, name: str, since: datetime) -> Change:
    field = quoted(name)
    pairs = f"""
        SELECT d.path, h.{field}::VARCHAR AS old, d.{field}::VARCHAR AS new
        FROM documents d JOIN history.documents h USING (document_id) WHERE h.valid_to >= $1
    """
    return _counted(con, name, pairs, since)


def _within_entries(con: duckdb.DuckDBPyConnection, table: str, name: str, since: datetime) -> Change:
    """An entry is the same where it stands on the same words, and no other does."""
    field = quoted(name)
    alone = 'QUALIFY count(*) OVER (PARTITION BY document_id, start, "end") = 1'
    pairs = f"""
        SELECT d.path, h.{field}::VARCHAR AS old, t.{field}::VARCHAR AS new
        FROM (FROM {table} {alone}) t
        JOIN (FROM history.{table} WHERE valid_to >= $1 {alone}) h USING (document_id, start, "end")
        JOIN documents d USING (document_id)
    """
    return _counted(con, f"{table}.{name}", pairs, since)


def _of_entries(con: duckdb.DuckDBPyConnection, table: str, since: datetime) -> Change:
    """Entries on words where none stood, and words where none stands any more."""
    pairs = f"""
        WITH again AS (SELECT DISTINCT document_id FROM history.documents WHERE valid_to >= $1),
        old AS (SELECT DISTINCT document_id, start, "end", text FROM history.{table} WHERE valid_to >= $1),
        new AS (SELECT DISTINCT document_id, start, "end", text FROM {table} SEMI JOIN again USING (document_id))
        SELECT d.path, CASE WHEN o.document_id IS NOT NULL THEN coalesce(o.text, '') END AS old,
            CASE WHEN n.document_id IS NOT NULL THEN coalesce(n.text, '') END AS new
        FROM old o FULL JOIN new n ON o.document_id = n.document_id AND o.start IS NOT DISTINCT FROM n.start
            AND o."end" IS NOT DISTINCT FROM n."end" AND o.text IS NOT DISTINCT FROM n.text
        JOIN documents d ON d.document_id = coalesce(o.document_id, n.document_id)
    """
    return _counted(con, table, pairs, since)


def _counted(con: duckdb.DuckDBPyConnection, field: str, pairs: str, since: datetime) -> Change:
    gained, lost, changed, example = con.execute(
        f"""
        SELECT count(*) FILTER (old IS NULL), count(*) FILTER (new IS NULL),
            count(*) FILTER (old IS NOT NULL AND new IS NOT NULL),
            min(path || ': ' || coalesce(old, '–') || ' → ' || coalesce(new, '–'))
        FROM ({pairs}) WHERE old IS DISTINCT FROM new
        """,
        [since],
    ).fetchall()[0]
    return Change(field, gained, lost, changed, example or "")
