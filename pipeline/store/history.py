"""What the database said before: rows that a newer reading or a correction replaces are kept with their times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import duckdb

from pipeline.store.schema import Table, qualified, quoted
from pipeline.store.tables import HISTORY, RECORD_TABLES, TABLES

_DOCUMENTS = next(t for t in TABLES if t.name == "documents")
_CHANGING = (_DOCUMENTS, *RECORD_TABLES)
# Where the dispatch lay at that time; the columns of ``documents`` that follow ``files``.
_WHERE = ("path", "version_no", "is_current")


def archive(con: duckdb.DuckDBPyConnection, which: str, until: datetime) -> None:
    """Copy all that stands of the documents that the query ``which`` gives into the schema ``history``."""
    for table, former in zip(_CHANGING, HISTORY, strict=True):
        columns = ", ".join(f"t.{quoted(c.name)}" for c in table.columns if c.name != "valid_from")
        con.execute(
            f"INSERT INTO {qualified(former.name)} BY NAME SELECT {columns}, d.valid_from, $1 AS valid_to "
            f"FROM {quoted(table.name)} t JOIN documents d USING (document_id) WHERE document_id IN ({which})",
            [until],
        )


def remove(con: duckdb.DuckDBPyConnection, which: str) -> None:
    """Take the documents that the query ``which`` gives out of the tables of what stands."""
    for table in reversed(_CHANGING):
        con.execute(f"DELETE FROM {quoted(table.name)} WHERE document_id IN ({which})")


def as_of(table: Table, moment: str, catalog: str = "") -> str:
    """The query for what a table of records, or ``files``, said at ``moment``, an SQL expression.

    ``catalog`` names the database where the bare names would mean something else.
    """
    here = f"{quoted(catalog)}." if catalog else ""
    names = [quoted(c.name) for c in table.columns if c.name != "valid_from"]
    if table.name == "files":
        own = ", ".join(
            f"(ended_at IS NULL OR ended_at > {moment}) AS is_current" if n == '"is_current"'
            else f"CASE WHEN ended_at <= {moment} THEN ended_at END AS ended_at" if n == '"ended_at"'
            else n
            for n in names
        )  # fmt: skip
        return f"SELECT {own} FROM {here}main.files WHERE found_at <= {moment}"
    former = f"{here}history.{quoted(table.name)}"
    if table.name == "documents":
        kept = [n for n in names if n.strip('"') not in _WHERE]
        listed = ", ".join(f"x.{n}" for n in kept)
        columns = ", ".join(f"f.{n.strip(chr(34))}" if n.strip('"') in _WHERE else f"x.{n}" for n in names)
        return f"""
            SELECT {columns}, x.valid_from FROM (
                SELECT {listed}, x.valid_from FROM {here}main.documents x WHERE x.valid_from <= {moment}
                UNION ALL
                SELECT {listed}, x.valid_from FROM {former} x WHERE x.valid_from <= {moment} AND x.valid_to > {moment}
            ) x JOIN (
                SELECT DISTINCT ON (document_id) document_id, path, version_no,
                    ended_at IS NULL OR ended_at > {moment} AS is_current
                FROM {here}main.files WHERE found_at <= {moment}
                ORDER BY document_id, is_current DESC, found_at, path, version_no DESC
            ) f USING (document_id)
        """
    columns = ", ".join(f"x.{n}" for n in names)
    return f"""
        SELECT {columns} FROM {here}main.{quoted(table.name)} x
            JOIN {here}main.documents d USING (document_id) WHERE d.valid_from <= {moment}
        UNION ALL
        SELECT {columns} FROM {former} x WHERE x.valid_from <= {moment} AND x.valid_to > {moment}
    """


def changing() -> Iterator[Table]:
    """The tables whose past can be asked for."""
    yield from _CHANGING
    yield next(t for t in TABLES if t.name == "files")


def macros() -> list[str]:
    """The SQL that makes ``documents_as_of(moment)`` and its like for every table that changes."""
    return [
        f"CREATE OR REPLACE MACRO {quoted(t.name + '_as_of')}(moment) AS TABLE {as_of(t, 'moment::TIMESTAMPTZ')}"
        for t in changing()
    ]


def look_back(con: duckdb.DuckDBPyConnection, moment: datetime) -> None:
    """Make the plain table names mean, on this connection, what they said at ``moment``."""
    catalog = con.execute("SELECT current_database()").fetchall()[0][0]
    said = f"TIMESTAMPTZ '{moment.isoformat()}'"
    for table in changing():
        con.execute(f"CREATE TEMP VIEW {quoted(table.name)} AS {as_of(table, said, catalog)}")
