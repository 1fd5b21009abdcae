"""From records to rows: one transaction loads a batch, and the same bytes again change nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import duckdb

from models.record import Dispatch
from pipeline.outcome import Outcome, reading_digest
from pipeline.schema import SPAN, TABLES, literal, named, quoted
from pipeline.store_corrections import apply
from pipeline.store_history import archive, remove
from pipeline.version import VERSION

# For each table that holds a list of the record: the list, and the columns that are not simply the entry's fields.
_LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "pages": ("source.pages", {"page": "e.page"}),
    "attachments": ("source.attachments", {"name": "e"}),
    "addressees": ("addressees", {}),
    "copies": ("copies", {}),
    "document_references": (
        '"references"',
        {"issued_date": "try_cast(e.issued_on AS DATE)", "mention_count": "len(e.mentions)"},
    ),
    "quantities": ("quantities", {"period_year": "try_cast(left(e.period, 4) AS INTEGER)"}),
    "deadlines": (
        "deadlines",
        {
            "due_on": "try_cast(e.due_on AS DATE)",
            "relative_amount": "e.relative.amount",
            "relative_unit": "e.relative.unit",
            "relative_working_days": "e.relative.working_days",
            "relative_anchor": "e.relative.anchor",
        },
    ),
    "signatures": (
        "signatures",
        {
            "signing_group": 'e."group"',
            # Without its offset a time of day is no point in time.
            "signed_time": r"""CASE WHEN regexp_matches(e.signed_at, '(Z|[+-]\d\d:?\d\d)$')
                               THEN try_cast(e.signed_at AS TIMESTAMPTZ) END""",
        },
    ),
    "flags": ("flags", {}),
}
_SPAN_NAMES = {c.name for c in SPAN}


def _identity_type() -> str:
    columns = next(t for t in TABLES if t.name == "body_identities").columns
    return json.dumps([{c.name: c.type for c in columns if c.name != "document_id"}])


_INCOMING = """
CREATE TEMP TABLE incoming AS
SELECT *, d.source.sha256 AS document_id FROM (
    SELECT *, json_transform(record, $2) AS d FROM (
        SELECT unnest(entries, max_depth := 2), generate_subscripts(entries, 1) AS n FROM (
            SELECT from_json($1::JSON, '[{"path": "VARCHAR", "file_path": "VARCHAR", "file_sha256": "VARCHAR",
                "tried_at": "TIMESTAMPTZ", "text": "VARCHAR", "digest": "VARCHAR", "knowledge": "VARCHAR",
                "sketch": "UBIGINT[]", "identities": "JSON", "record": "JSON"}]') AS entries
        )
    )
)
"""
# What was read again: as before (then only the rules that say so are newer), or differently.
_KNOWN = """
CREATE TEMP TABLE known AS
SELECT DISTINCT ON (i.document_id) i.document_id, i.knowledge, d.reading_no,
    coalesce(i.digest = d.reading_digest, false) AS alike
FROM incoming i JOIN documents d USING (document_id) ORDER BY i.n
"""
_CONFIRM = """
UPDATE documents SET knowledge = k.knowledge FROM known k WHERE k.alike AND documents.document_id = k.document_id
"""
_FRESH = """
CREATE TEMP TABLE fresh AS
SELECT DISTINCT ON (i.document_id) i.*, coalesce(k.reading_no, 0) + 1 AS reading_no
FROM incoming i LEFT JOIN known k USING (document_id)
WHERE k.document_id IS NULL OR NOT k.alike ORDER BY i.n
"""
_TRIED = """
CREATE TEMP TABLE tried AS SELECT unnest(from_json($1::JSON, '[{"path": "VARCHAR", "sha256": "VARCHAR",
    "size_bytes": "BIGINT", "outcome": "VARCHAR", "documents": "INTEGER", "stage": "VARCHAR", "reason": "VARCHAR",
    "message": "VARCHAR", "tried_at": "TIMESTAMPTZ", "mtime_ns": "BIGINT", "inode": "UBIGINT"}]'), max_depth := 2)
"""
_DOCUMENTS = f"""
INSERT INTO documents ({named("documents")}) SELECT
    document_id, path, 1, false, d.source.container, d.source.media_type, d.source.page_count, d.source.text_origin,
    d.document_type, d.document_type_code, d.number, d.notation, d.code, d.subject,
    d.issuing_body.name, d.issuing_body.superior, d.issuing_body.level, d.issuing_body.province, d.issuing_body.source,
    d.place, d.issued_on, try_cast(d.issued_on AS DATE), d.issued_on_source, d.urgency, d.secrecy,
    d.same_as_addressees, d.archived_at, array_to_string(d.signer.authority, chr(10)), d.signer.position, d.signer.name,
    reading_no, NULL, $1, knowledge, digest, $2, tried_at, $3
FROM fresh
"""
_TEXTS = "INSERT INTO document_texts SELECT document_id, text FROM fresh"
_SKETCHES = "INSERT INTO document_sketches SELECT document_id, sketch FROM fresh WHERE len(sketch) > 0"
_IDENTITIES = f"""
INSERT INTO body_identities BY NAME
SELECT document_id, unnest(from_json(identities, {literal(_identity_type())}), max_depth := 2) FROM fresh
"""
_HEADER = """
INSERT INTO header_evidence BY NAME
WITH fields AS (
    SELECT document_id, record, d, unnest(list_distinct(map_keys(d.evidence) || map_keys(d.rules))) AS field FROM fresh
), found AS (
    SELECT *, d.evidence[field] AS e, record ->> ('$.' || field) AS whole FROM fields
)
SELECT document_id, field,
    CASE field WHEN 'issuing_body' THEN d.issuing_body.name WHEN 'signer' THEN d.signer.name ELSE whole END AS value,
    d.rules[field] AS rule, e.page AS page, e.start AS start, e."end" AS "end", e.text AS text, e.bbox AS bbox,
    e.source_start AS source_start, e.source_end AS source_end
FROM found
"""
_MENTIONS = """
INSERT INTO reference_mentions BY NAME
SELECT document_id, reference_no, generate_subscripts(mentions, 1) AS mention_no, unnest(mentions, recursive := true)
FROM (
    SELECT document_id, generate_subscripts(d."references", 1) AS reference_no,
        unnest(d."references").mentions AS mentions FROM fresh
)
"""

# Which dispatch lies where, after this batch: what it read, and what it knew by its bytes without reading.
_SEEN = """
CREATE TEMP TABLE seen AS
SELECT path, document_id, file_path, file_sha256, tried_at FROM incoming
UNION ALL
SELECT DISTINCT ON (h.path, f.document_id, member)
    h.path || substr(f.path, length(f.file_path) + 1) AS path, f.document_id, h.path, h.sha256, h.tried_at
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
    true AS is_current, m.document_id, m.file_path, m.file_sha256, $1 AS run_id, $2 AS found_at
FROM moved m
"""
_REPHRASE = """
UPDATE documents SET path = f.path, version_no = f.version_no, is_current = f.is_current
FROM (
    SELECT DISTINCT ON (document_id) document_id, path, version_no, is_current FROM files
    WHERE document_id IN (
        SELECT document_id FROM moved UNION SELECT document_id FROM outdated UNION SELECT document_id FROM fresh)
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
WHERE sha256 IS NOT NULL AND mtime_ns < epoch_ns(tried_at) - 2_000_000_000
"""


def _duck_type(shape: dict[str, Any], shapes: dict[str, Any]) -> str:
    """The DuckDB type of a JSON schema as pydantic writes it."""
    if "$ref" in shape:
        return _duck_type(shapes[shape["$ref"].rsplit("/", 1)[1]], shapes)
    if "anyOf" in shape:
        return _duck_type(next(s for s in shape["anyOf"] if s.get("type") != "null"), shapes)
    kind = shape.get("type")
    if kind == "array":
        return _duck_type(shape.get("items") or shape["prefixItems"][0], shapes) + "[]"
    if kind == "object" and "properties" in shape:
        fields = ", ".join(f"{quoted(k)} {_duck_type(v, shapes)}" for k, v in shape["properties"].items())
        return f"STRUCT({fields})"
    if kind == "object":
        return f"MAP(VARCHAR, {_duck_type(shape['additionalProperties'], shapes)})"
    return {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}.get(str(kind), "VARCHAR")


def _record_type() -> str:
    schema = Dispatch.model_json_schema()
    return _duck_type(schema, schema.get("$defs", {}))


_RECORD = json.dumps(_record_type())


def _list_insert(table: str) -> str:
    entries, special = _LISTS[table]
    columns = next(t for t in TABLES if t.name == table).columns
    picked = []
    for column in columns[2:]:
        own = f"e.evidence.{quoted(column.name)}" if column.name in _SPAN_NAMES else f"e.{quoted(column.name)}"
        picked.append(special.get(column.name, own))
    return (
        f"INSERT INTO {table} ({named(table)}) SELECT document_id, n, {', '.join(picked)} FROM ("
        f"SELECT document_id, unnest(d.{entries}) AS e, generate_subscripts(d.{entries}, 1) AS n FROM fresh)"
    )


_PER_DOCUMENT = (_TEXTS, _SKETCHES, _IDENTITIES, _HEADER, *(_list_insert(t) for t in _LISTS), _MENTIONS)


def load_batch(con: duckdb.DuckDBPyConnection, run_id: str, outcomes: Sequence[Outcome]) -> None:
    """Everything the outcomes say, in one transaction: all of it or, on any ``duckdb.Error``, nothing."""
    con.begin()
    try:
        _load(con, run_id, outcomes)
        con.commit()
    except BaseException:
        con.rollback()
        raise


def _load(con: duckdb.DuckDBPyConnection, run_id: str, outcomes: Sequence[Outcome]) -> None:
    now = datetime.now(UTC)
    con.execute(_INCOMING, [_reads_as_json(outcomes), _RECORD])
    con.execute(_KNOWN)
    con.execute(_CONFIRM)
    con.execute(_FRESH)
    archive(con, "SELECT document_id FROM known WHERE NOT alike", now)
    remove(con, "SELECT document_id FROM known WHERE NOT alike")
    con.execute(_DOCUMENTS, [VERSION, run_id, now])
    for statement in _PER_DOCUMENT:
        con.execute(statement)
    con.execute(_TRIED, [_outcomes_as_json(outcomes)])
    con.execute(_SEEN)
    con.execute(_MOVED)
    con.execute(_OUTDATED)
    con.execute(_RETIRE, [now])
    con.execute(_REFRESH)
    con.execute(_PLACE, [run_id, now])
    con.execute(_REPHRASE)
    con.execute(_INPUTS, [run_id])
    con.execute(_NOTE)
    apply(con, "SELECT document_id FROM fresh")
    for name in ("incoming", "known", "fresh", "tried", "seen", "moved", "outdated"):
        con.execute(f"DROP TABLE {name}")


# Whole batches cross to DuckDB as one JSON string: it reads that at once, and a list of Python values one by one.


def _reads_as_json(outcomes: Sequence[Outcome]) -> str:
    entries = []
    for outcome in outcomes:
        about = {"file_path": outcome.path, "file_sha256": outcome.sha256, "tried_at": outcome.tried_at.isoformat()}
        for read in outcome.reads:
            own = {
                "path": read.path, "text": read.text, "knowledge": read.knowledge, "sketch": read.sketch,
                "identities": list(read.identities),
                "digest": read.digest or reading_digest(read.record, read.text),
            }  # fmt: skip
            fields = json.dumps({**about, **own}, ensure_ascii=False)
            entries.append(f'{fields[:-1]}, "record": {read.record}}}')
    return f"[{','.join(entries)}]"


def _outcomes_as_json(outcomes: Sequence[Outcome]) -> str:
    entries = [
        {
            "path": o.path,
            "sha256": o.sha256,
            "size_bytes": o.size,
            "outcome": o.word,
            "documents": None if o.held else len(o.reads),
            **({} if o.failure is None else asdict(o.failure)),
            "tried_at": o.tried_at.isoformat(),
            "mtime_ns": o.mtime_ns,
            "inode": o.inode,
        }
        for o in outcomes
    ]
    return json.dumps(entries, ensure_ascii=False)
