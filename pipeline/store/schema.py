"""What a table and a view of the store are, and the SQL that makes, comments on and checks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its SQL name and type, and what it means. ``nullable`` is False where a value must stand."""

    name: str
    type: str
    comment: str
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``foreign`` maps one of its columns to the table whose column of that name it must be found in.

    The database itself enforces the key only where ``indexed``: DuckDB keeps an index of every enforced key, and those
    of the large tables would double the time to load and take most of the file. There :func:`checks` says the same.
    """

    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign: dict[str, str] = field(default_factory=dict)
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One view: its query and, in order, the comments on its columns."""

    name: str
    comment: str
    query: str
    columns: tuple[tuple[str, str], ...]


def must(name: str, type: str, comment: str) -> Column:
    """A column whose value must stand."""
    return Column(name, type, comment, nullable=False)


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def qualified(name: str) -> str:
    """``name``, or ``schema.name``, as SQL."""
    return ".".join(map(quoted, name.split(".")))


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def statements(tables: Sequence[Table], views: Sequence[View] = ()) -> list[str]:
    """The SQL that makes the tables and views and comments on each and on their columns."""
    made: list[str] = []
    for table in tables:
        lines = [f"{quoted(c.name)} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in table.columns]
        if table.indexed:
            lines.append(f"PRIMARY KEY ({', '.join(map(quoted, table.key))})")
        made.append(f"CREATE TABLE {qualified(table.name)} ({', '.join(lines)})")
    made += [f"CREATE OR REPLACE VIEW {qualified(view.name)} AS {view.query}" for view in views]
    return made + comments(tables, views)


def comments(tables: Sequence[Table], views: Sequence[View] = ()) -> list[str]:
    """The SQL that says of each table, view and column what it is."""
    made: list[str] = []
    for table in tables:
        made.append(f"COMMENT ON TABLE {qualified(table.name)} IS {literal(table.comment)}")
        made += [_on_column(table.name, c.name, c.comment) for c in table.columns]
    for view in views:
        made.append(f"COMMENT ON VIEW {qualified(view.name)} IS {literal(view.comment)}")
        made += [_on_column(view.name, name, comment) for name, comment in view.columns]
    return made


def _on_column(owner: str, name: str, comment: str) -> str:
    return f"COMMENT ON COLUMN {qualified(owner)}.{quoted(name)} IS {literal(comment)}"


def checks(tables: Sequence[Table]) -> list[tuple[str, str]]:
    """For each key and each reference to another table, its name and the SQL that counts what breaks it."""
    made: list[tuple[str, str]] = []
    for table in tables:
        key = ", ".join(map(quoted, table.key))
        made.append(
            (
                f"{table.name}: one row for each {', '.join(table.key)}",
                f"SELECT count(*) FROM (SELECT {key} FROM {qualified(table.name)} GROUP BY ALL HAVING count(*) > 1)",
            )
        )
        for name, other in table.foreign.items():
            made.append(
                (
                    f"{table.name}.{name} is in {other}",
                    f"SELECT count(*) FROM {qualified(table.name)} ANTI JOIN {quoted(other)} USING ({quoted(name)})",
                )
            )
    return made
