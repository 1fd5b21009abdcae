"""What people corrected: it stands over every reading, the one at hand and all to come."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipeline import messages
from pipeline.exits import WrongUse
from pipeline.store.history import archive
from pipeline.store.schema import quoted
from pipeline.store.tables import CORRECTED_LISTS, TABLES

# Fields of the record, and the columns of ``documents`` that hold them.
_HEADER = {
    **{
        name: name
        for name in (
            "document_type", "document_type_code", "number", "notation", "code", "subject", "place", "issued_on",
            "urgency", "secrecy", "same_as_addressees", "archived_at",
        )
    },
    **{
        f"{group}.{part}": f"{column}{'' if part == 'name' and group == 'issuing_body' else '_' + part}"
        for group, column, parts in (
            ("issuing_body", "issuing_body", ("name", "superior", "level", "province")),
            ("signer", "signer", ("authority", "position", "name")),
        )
        for part in parts
    },
}  # fmt: skip
_FIXED = {"issued_date", "mention_count", "period_year"}  # follow from others
_FIXED |= {"document_id", "part", "rule", "page", "start", "end", "text", "bbox", "source_start", "source_end"}
_ALLOWED = {
    "urgency": ("khẩn", "thượng khẩn", "hỏa tốc"),
    "secrecy": ("mật", "tối mật", "tuyệt mật"),
    "issuing_body.level": ("central", "province", "district", "commune", "other"),
    "deadlines.kind": ("task", "milestone"),
    "deadlines.bound": ("before", "by", "within"),
    "quantities.kind": ("target", "result", "funding"),
    "quantities.comparator": ("=", ">=", ">", "<=", "<", "~"),
    "references.relation": ("amends", "replaces", "repeals", "replies_to", "basis", "implements", "cites"),
}
_PARTIAL_DAY = r"^\d{4}(-\d{2}(-\d{2})?)?$"


@dataclass(frozen=True, slots=True)
class Spot:
    """What a field names: a column of a table, and in a list the number of the entry."""

    table: str
    column: str
    type: str
    key: str | None = None
    entry: int | None = None


def fields() -> tuple[str, ...]:
    """Every field that can be corrected; ``N`` stands for the number of an entry."""
    fixed = _FIXED | {"kind"}
    lists = [f"{name}.N.{c.name}" for name, t in CORRECTED_LISTS.items() for c in t.columns[2:] if c.name not in fixed]
    return (*_HEADER, *lists)


def spot(field: str) -> Spot:
    """Where the field stands in the database. Raises :class:`WrongUse` for a field there is not."""
    documents = next(t for t in TABLES if t.name == "documents")
    if field in _HEADER:
        column = next(c for c in documents.columns if c.name == _HEADER[field])
        return Spot("documents", column.name, column.type)
    name, _, rest = field.partition(".")
    number, _, own = rest.partition(".")
    table = CORRECTED_LISTS.get(name)
    if table is not None and number.isdigit() and own not in _FIXED:
        for column in table.columns[2:]:
            if column.name == own:
                return Spot(table.name, own, column.type, table.columns[1].name, int(number))
    raise WrongUse(messages.no_such_field(field, fields()))


def find_document(con: duckdb.DuckDBPyConnection, named: str) -> tuple[str, str]:
    """The one dispatch held that ``named`` means, a path, a code or the beginning of a ``document_id``: its
    identifier and path. Raises :class:`WrongUse` for none or several."""
    for condition in (
        "path = $1 OR document_id IN (SELECT document_id FROM files WHERE path = $1 AND is_current)",
        "code = replace($1, ' ', '') AND is_current",
        "len($1) >= 6 AND starts_with(document_id, lower($1))",
        "ends_with(path, '/' || $1) AND is_current",
    ):
        which = f"SELECT document_id, path FROM documents WHERE {condition} ORDER BY ALL"
        found = con.execute(which, [named]).fetchall()
        if len(found) > 1:
            raise WrongUse(messages.several_documents(named, [document_id[:12] for document_id, _ in found]))
        if found:
            return found[0]
    raise WrongUse(messages.no_such_document(named))


def correct(
    con: duckdb.DuckDBPyConnection, document_id: str, field: str, value: str | None, why: str, who: str, now: datetime
) -> str | None:
    """Write the correction down and apply it, in one transaction; what stood there before.

    Raises :class:`WrongUse` where there is no such field or entry, or the value cannot stand in it.
    """
    place = spot(field)
    _check(con, field, place, value)
    con.begin()
    try:
        where, keys = _row(place, document_id)
        has_span = 'start, "end"' if place.entry is not None else "NULL, NULL"
        rows = con.execute(
            f"SELECT {quoted(place.column)}::VARCHAR, {has_span} FROM {quoted(place.table)} WHERE {where}", keys
        ).fetchall()
        if not rows:
            raise WrongUse(messages.no_such_entry(field))
        old, start, end = rows[0]
        archive(con, "SELECT document_id FROM documents WHERE document_id = " + _quoted(document_id), now)
        con.execute("UPDATE documents SET valid_from = $2 WHERE document_id = $1", [document_id, now])
        con.execute(
            "UPDATE corrections SET withdrawn_at = $3 WHERE document_id = $1 AND withdrawn_at IS NULL AND field = $2",
            [document_id, field, now],
        )
        con.execute(
            "INSERT INTO corrections SELECT coalesce(max(correction_no), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, "
            "NULL FROM corrections",
            [document_id, field, value, old, start, end, why, who, now],
        )
        apply(con, "SELECT " + _quoted(document_id))
        con.commit()
    except BaseException:
        with suppress(duckdb.Error):  # after a commit that failed there is nothing to roll back
            con.rollback()
        raise
    return None if old is None else str(old)


def apply(con: duckdb.DuckDBPyConnection, which: str) -> None:
    """Put what people said over what was read, in the documents that the query ``which`` gives.

    An entry of a list is known by the words it stands on; where a newer reading no longer has it, nothing is changed.
    """
    rows = con.execute(
        "SELECT document_id, field, value, anchor_start, anchor_end FROM corrections "
        f"WHERE withdrawn_at IS NULL AND document_id IN ({which}) ORDER BY correction_no"
    ).fetchall()
    if not rows:
        return
    for document_id, field, value, start, end in rows:
        place = spot(field)
        if place.entry is None:
            _apply_to_header(con, document_id, field, place, value)
        else:
            con.execute(
                f"UPDATE {quoted(place.table)} SET {quoted(place.column)} = {_cast(place)}, rule = 'correction' "
                'WHERE document_id = $1 AND start = $3 AND "end" = $4',
                [document_id, _stored(place, value), start, end],
            )
    con.execute(
        "UPDATE quantities SET period_year = try_cast(left(period, 4) AS INTEGER) "
        f"WHERE rule = 'correction' AND document_id IN ({which})"
    )
    con.execute(
        "UPDATE document_references SET issued_date = try_cast(issued_on AS DATE) "
        f"WHERE rule = 'correction' AND document_id IN ({which})"
    )
    con.execute(
        "UPDATE documents SET corrected_fields = c.fields, issued_date = try_cast(issued_on AS DATE) FROM ("
        "SELECT document_id, list(DISTINCT field ORDER BY field) AS fields FROM corrections "
        f"WHERE withdrawn_at IS NULL AND document_id IN ({which}) GROUP BY ALL) c "
        "WHERE documents.document_id = c.document_id"
    )


def _apply_to_header(
    con: duckdb.DuckDBPyConnection, document_id: str, field: str, place: Spot, value: str | None
) -> None:
    con.execute(
        f"UPDATE documents SET {quoted(place.column)} = {_cast(place)} WHERE document_id = $1",
        [document_id, _stored(place, value)],
    )
    if field in ("number", "notation"):  # the code is made of both
        con.execute(
            "UPDATE documents SET code = CASE WHEN number IS NULL OR notation IS NULL THEN NULL "
            "ELSE replace(number || '/' || notation, ' ', '') END WHERE document_id = $1",
            [document_id],
        )
    own, _, part = field.partition(".")
    if part not in ("", "name"):
        return
    con.execute("DELETE FROM header_evidence WHERE document_id = $1 AND field = $2", [document_id, own])
    con.execute(
        "INSERT INTO header_evidence (document_id, field, value, rule) VALUES ($1, $2, $3, 'correction')",
        [document_id, own, value],
    )


def _row(place: Spot, document_id: str) -> tuple[str, list[str | int]]:
    if place.key is None or place.entry is None:
        return "document_id = $1", [document_id]
    return f"document_id = $1 AND {quoted(place.key)} = $2", [document_id, place.entry]


def _check(con: duckdb.DuckDBPyConnection, field: str, place: Spot, value: str | None) -> None:
    if value is None:
        column = next(c for t in TABLES if t.name == place.table for c in t.columns if c.name == place.column)
        if not column.nullable:
            raise WrongUse(messages.field_needs_a_value(field))
        return
    name, _, rest = field.partition(".")
    kind = f"{name}.{rest.partition('.')[2]}" if place.entry is not None else field
    if kind in _ALLOWED and value not in _ALLOWED[kind]:
        raise WrongUse(messages.value_not_allowed(field, value, _ALLOWED[kind]))
    fits = con.execute(f"SELECT {_cast(place).replace('$2', '$1')} IS NOT NULL", [_stored(place, value)]).fetchall()
    if place.column in ("issued_on", "period"):
        fits = con.execute(
            "SELECT regexp_matches($1, $2) AND try_cast(rpad($1, 10, '-01') AS DATE) IS NOT NULL", [value, _PARTIAL_DAY]
        ).fetchall()
    if not fits[0][0]:
        raise WrongUse(messages.value_does_not_fit(field, value, place.type))


def _cast(place: Spot) -> str:
    """The value, passed as ``$2``, as the column has it; null where it does not fit."""
    if place.type.endswith("[]"):
        return f"try_cast(from_json($2::JSON, '[\"VARCHAR\"]') AS {place.type})"
    return f"try_cast($2 AS {place.type})"


def _stored(place: Spot, value: str | None) -> str | None:
    if value is None or not place.type.endswith("[]"):
        return value
    return json.dumps([part.strip() for part in value.split(";") if part.strip()], ensure_ascii=False)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
