"""Writes docs/database.md from a database's own comments, and the results into docs/questions.md.

``python -m pipeline.store.schema_page DATABASE`` rewrites both; the database is one made from data/raw alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.store import access
from pipeline.store.tables import TABLES
from pipeline.store.views import VIEWS
from pipeline.tables_out import as_text

DOCS = Path(__file__).resolve().parents[2] / "docs"

_INTRO = """\
# The database

Made from the database's own comments by `python -m pipeline.store.schema_page`; a test compares. `congvan query` and
any DuckDB client that reads files of version 1.5 open `data/processed/congvan.duckdb`, without extensions. For worked
questions see [questions.md](questions.md).

Begin with the views: each answers a question with one plain `SELECT`, and counts each dispatch once. A macro is asked
with a value in brackets: `SELECT * FROM overdue('2024-11-01')`. Where the file is attached to another database, say
`USE` first: macros find the tables of the database in use.
"""
_SOURCES = "What dispatches say, as it was read or corrected: the tables that the writer keeps."
_DERIVED = "Worked out anew from the others each time the database is published."
_HISTORY = (
    "What the tables of the same names said before a newer reading or a correction: their columns, with `valid_from` "
    "(since when the database said so) and `valid_to` (until when, exclusive)."
)
_OBJECTS = """
    SELECT schema_name, table_name AS name, 'table' AS kind, comment FROM duckdb_tables()
    WHERE NOT internal AND database_name = current_database()
    UNION ALL
    SELECT schema_name, view_name, 'view', comment FROM duckdb_views()
    WHERE NOT internal AND database_name = current_database()
    ORDER BY name
"""
_COLUMNS = """
    SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns()
    WHERE NOT internal AND database_name = current_database() ORDER BY table_oid, column_index
"""
_MACROS = """
    SELECT function_name, parameters, comment FROM duckdb_functions()
    WHERE NOT internal AND function_type = 'table_macro' ORDER BY comment IS NULL, function_name
"""

_Column = tuple[str, str, str]


_FUNCTIONS = """
    SELECT function_name, parameters, comment FROM duckdb_functions()
    WHERE NOT internal AND function_type = 'macro' ORDER BY ALL
"""


def database_page(db: Path) -> str:
    """``docs/database.md`` for a published database: every view, macro, table and column with type and comment."""
    columns: dict[tuple[str, str], list[_Column]] = {}
    for schema, owner, name, type_, comment in _rows(db, _COLUMNS):
        columns.setdefault((schema, owner), []).append((name, type_, comment or ""))
    objects = _rows(db, _OBJECTS)
    ours = {t.name: t for t in TABLES}
    order = {name: place for place, name in enumerate((*(v.name for v in VIEWS), *ours))}
    objects.sort(key=lambda o: order.get(o[1], len(order)))
    views = [(name, comment) for schema, name, kind, comment in objects if kind == "view" and schema == "main"]
    tables = [(name, comment) for schema, name, kind, comment in objects if kind == "table" and schema == "main"]
    former = [name for schema, name, *_ in objects if schema == "history"]
    macros = _rows(db, _MACROS)
    lines = [_INTRO, "## Views\n"]
    lines += _table(("view", "what it answers"), ((f"[{name}](#{name})", comment) for name, comment in views))
    lines += [_heading(name, comment) + _listing(columns["main", name]) for name, comment in views]
    lines.append("## Macros\n")
    lines += [_macro(db, columns, *macro) for macro in macros]
    for name, parameters, comment in _rows(db, _FUNCTIONS):
        lines.append(_heading(f"{name}({', '.join(parameters)})", comment))
    lines.append(f"## Tables\n\n{_SOURCES}\n")
    for name, comment in tables:
        if name in ours:
            key = f"Key: {', '.join(f'`{k}`' for k in ours[name].key)}.\n\n"
            lines.append(_heading(name, comment) + key + _listing(columns["main", name]))
    lines.append(f"## Derived tables\n\n{_DERIVED}\n")
    for name, comment in tables:
        if name not in ours:
            lines.append(_heading(name, comment) + _listing(columns["main", name]))
    if former:
        lines.append(f"## History\n\n{_HISTORY}\n\n{', '.join(f'`history.{name}`' for name in former)}.\n")
    return "\n".join(lines).rstrip() + "\n"


def questions_page(db: Path, page: str) -> str:
    """``docs/questions.md`` with each result as it comes from ``db``. ``page``: the text as it stands."""
    return _QUESTION.sub(lambda asked: f"```sql\n{asked[1]}```\n\n{_answer(db, asked[1])}", page)


_QUESTION = re.compile(r"^```sql\n((?:(?!```).*\n)+)```\n(?:\n(?:(?:\|.*\n)+|No rows\.\n))?", re.M)


def _answer(db: Path, sql: str) -> str:
    with access.query(db, sql) as (names, found):
        rows = [[_cell(value) for value in row] for row in found]
    return "\n".join(_table(names, rows)) if rows else "No rows.\n"


def _rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    with access.query(db, sql) as (_, found):
        return list(found)


def _cell(value: Any) -> str:
    said = ", ".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
    return " ".join(said.split()).replace("|", r"\|")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"]


def _heading(name: str, comment: str | None) -> str:
    return f"### {name}\n\n{comment}.\n\n" if comment else f"### {name}\n\n"


def _listing(columns: Iterable[_Column]) -> str:
    return _table(("column", "type", "meaning"), ((f"`{n}`", t, _cell(c)) for n, t, c in columns))[0]


def _macro(
    db: Path, columns: dict[tuple[str, str], list[_Column]], name: str, parameters: list[str], comment: str | None
) -> str:
    blank = ", ".join("NULL" for _ in parameters)
    given = [row[0] for row in _rows(db, f"DESCRIBE SELECT * FROM {name}({blank})")]
    likes = [owner for (schema, owner), own in columns.items() if schema == "main" and [c[0] for c in own] == given]
    like = min(likes, key=lambda owner: (owner != name, not name.startswith(owner), owner), default=None)
    said = f"The columns of [{like}](#{like})." if like else f"Columns: {', '.join(f'`{c}`' for c in given)}."
    return f"### {name}({', '.join(parameters)})\n\n" + (f"{comment}. " if comment else "") + f"{said}\n"


def main(arguments: Sequence[str]) -> int:
    """Rewrite both pages from the database named."""
    if len(arguments) != 1:
        print("python -m pipeline.store.schema_page DATABASE", file=sys.stderr)
        return 2
    db = Path(arguments[0])
    questions = DOCS / "questions.md"
    pages = {
        DOCS / "database.md": database_page(db),
        questions: questions_page(db, questions.read_text(encoding="utf-8")),
    }
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
