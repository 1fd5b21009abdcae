"""What the store said before: newer readings, corrections, databases of older versions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.exits import WrongUse
from pipeline.knowledge import knowledge
from pipeline.outcome import Outcome
from pipeline.store import access
from pipeline.store.changes import changes, outdated
from pipeline.store.corrections import correct, fields, find_document, spot
from pipeline.store.history import macros
from pipeline.store.tables import HISTORY, RECORD_TABLES, SCHEMA_VERSION, TABLES
from pipeline.store.views import CORRECTIONS_WAITING
from tests.records import dispatch, loaded
from tests.test_store import ingest, rows

ROOT = Path(__file__).parents[1]
A = dispatch("/in/a.txt").source.sha256


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "writer.duckdb"


def reread(outcome: Outcome, **change: Any) -> Outcome:
    """The same bytes, read differently."""
    record = json.loads(outcome.reads[0].record) | change
    read = replace(outcome.reads[0], record=json.dumps(record, ensure_ascii=False), knowledge="newer")
    return replace(outcome, reads=(read,))


def asked(db: Path, sql: str, moment: datetime) -> list[tuple[Any, ...]]:
    with access.query(db, sql, moment) as (_, found):
        return list(found)


def correction(db: Path, field: str, value: str | None, named: str = "/in/a.txt") -> str | None:
    with access.writing(db) as con:
        document_id, _ = find_document(con, named)
        return correct(con, document_id, field, value, "đã xem bản giấy", "Mai", datetime.now(UTC))


def test_reading_the_same_again_keeps_one_reading(db: Path) -> None:
    first = loaded("/in/a.txt")
    ingest(db, first)
    ingest(db, reread(first), run="r2")
    assert rows(db, "SELECT reading_no, run_id, knowledge FROM documents") == [(1, "r1", "newer")]
    assert all(not rows(db, f"FROM {t.name}") for t in HISTORY)


def test_a_newer_reading_keeps_what_the_older_said(db: Path) -> None:
    first = loaded("/in/a.txt")
    ingest(db, first)
    before = datetime.now(UTC)
    told = {t.name: rows(db, f"FROM {t.name} ORDER BY ALL") for t in RECORD_TABLES}
    ingest(db, reread(first, subject="cái khác", deadlines=[]), run="r2")
    assert rows(db, "SELECT subject, reading_no, is_current FROM documents") == [("cái khác", 2, True)]
    assert rows(db, "FROM deadlines") == []
    assert asked(db, "SELECT subject, reading_no FROM documents", before) == [(first_subject(), 1)]
    for table in RECORD_TABLES:
        assert asked(db, f"FROM {table.name} ORDER BY ALL", before) == told[table.name]
    assert asked(db, "FROM documents", before - timedelta(hours=1)) == []
    assert access.broken_keys(db) == {}


def first_subject() -> str:
    subject = dispatch("/in/a.txt").subject
    assert subject is not None
    return subject


def test_the_same_is_asked_in_sql(db: Path) -> None:
    first = loaded("/in/a.txt")
    ingest(db, first)
    before = datetime.now(UTC)
    ingest(db, reread(first, deadlines=[]), run="r2")
    with access.writing(db) as con:
        for statement in macros():
            con.execute(statement)
        counted = "SELECT count(*) FROM deadlines_as_of($1::TIMESTAMPTZ)"
        assert con.execute(counted, [before]).fetchall() == [(2,)]
        assert con.execute(counted, [datetime.now(UTC)]).fetchall() == [(0,)]


def test_files_were_where_they_were(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    before = datetime.now(UTC)
    ingest(db, loaded("/in/a.txt", "changed"), run="r2")
    current = "SELECT count(*) FILTER (is_current), count(*) FROM documents"
    assert rows(db, current) == [(1, 2)]
    assert asked(db, current, before) == [(1, 1)]
    assert asked(db, "SELECT is_current, ended_at FROM files", before) == [(True, None)]


def test_a_correction_stands_over_every_later_reading(db: Path) -> None:
    first = loaded("/in/a.txt")
    ingest(db, first)
    before = datetime.now(UTC)
    assert correction(db, "number", "0458") == "0457"
    assert correction(db, "issued_on", "2031-07") is not None
    assert correction(db, "signer.name", None) is not None
    ingest(db, reread(first, subject="cái khác"), run="r2")
    assert rows(db, "SELECT number, code, issued_on, issued_date, signer_name, subject FROM documents") == [
        ("0458", "0458/KH-UBND", "2031-07", None, None, "cái khác")
    ]
    assert rows(db, "SELECT corrected_fields FROM documents") == [(["issued_on", "number", "signer.name"],)]
    assert rows(db, "SELECT rule FROM header_evidence WHERE field = 'number'") == [("correction",)]
    assert rows(db, "SELECT who, why FROM corrections LIMIT 1") == [("Mai", "đã xem bản giấy")]
    assert asked(db, "SELECT number FROM documents", before) == [("0457",)]
    assert access.broken_keys(db) == {}


def test_an_entry_corrected_is_found_again_by_its_words(db: Path) -> None:
    first = loaded("/in/a.txt")
    ingest(db, first)
    assert correction(db, "deadlines.1.due_on", "2031-08-15") == "2031-08-09"
    assert correction(db, "deadlines.1.responsible", "Chi cục Thủy lợi; Hạt Kiểm lâm") is not None
    entries = json.loads(first.reads[0].record)["deadlines"]
    ingest(db, reread(first, deadlines=entries[::-1]), run="r2")
    assert rows(db, "SELECT deadline_no, due_on::VARCHAR, responsible FROM deadlines WHERE rule = 'correction'") == [
        (2, "2031-08-15", ["Chi cục Thủy lợi", "Hạt Kiểm lâm"])
    ]


def test_a_correction_whose_entry_is_gone_is_told_until_it_is_back(db: Path) -> None:
    first = loaded("/in/a.txt")
    ingest(db, first)
    correction(db, "deadlines.1.due_on", "2031-08-15")
    correction(db, "number", "0458")
    assert access.corrections_waiting(db) == 0
    ingest(db, reread(first, deadlines=[]), run="r2")
    assert access.corrections_waiting(db) == 1
    with access.writing(db) as con:
        con.execute(f"CREATE TEMP VIEW corrections_waiting AS {CORRECTIONS_WAITING.query}")
        said = con.execute("SELECT field, value, old_value, text, path FROM corrections_waiting").fetchall()
    assert said == [("deadlines.1.due_on", "2031-08-15", "2031-08-09", "trước ngày 09/8/2031", "/in/a.txt")]
    ingest(db, first, run="r3")
    assert access.corrections_waiting(db) == 0
    assert rows(db, "SELECT due_on::VARCHAR FROM deadlines WHERE rule = 'correction'") == [("2031-08-15",)]


def test_the_last_correction_of_a_field_counts(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    correction(db, "number", "1")
    assert correction(db, "number", "2") == "1"
    assert rows(db, "SELECT value, withdrawn_at IS NULL FROM corrections ORDER BY correction_no") == [
        ("1", False), ("2", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issued_on", "2031-02-30"), ("issued_on", "hôm qua"), ("deadlines.1.due_on", "30/6/2031"),
        ("deadlines.9.due_on", "2031-06-30"), ("deadlines.1.rule", "x"), ("deadlines.x.due_on", "2031-06-30"),
        ("quantities.1.value", "mười"), ("quantities.1.unit", None), ("urgency", "rất khẩn"), ("path", "/etc/x"),
        ("quantities.1.period_year", "2031"), ("documents; DROP TABLE documents", "1"), ("references.1.relation", "is"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused(db: Path, field: str, value: str | None) -> None:
    ingest(db, loaded("/in/a.txt"))
    before = rows(db, "SELECT * FROM documents")
    with pytest.raises(WrongUse):
        correction(db, field, value)
    assert rows(db, "SELECT * FROM documents") == before
    assert rows(db, "FROM corrections") == []


def test_every_field_named_has_its_spot() -> None:
    for field in fields():
        place = spot(field.replace(".N.", ".3."))
        assert any(c.name == place.column for t in TABLES if t.name == place.table for c in t.columns), field


def test_a_dispatch_is_found_by_what_a_person_knows_of_it(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"), loaded("/in/b.txt", "b"))
    with access.writing(db) as con:
        assert find_document(con, A[:10]) == find_document(con, "/in/a.txt") == find_document(con, "a.txt")
        with pytest.raises(WrongUse, match="2 dispatches"):
            find_document(con, "0457/KH-UBND")
        with pytest.raises(WrongUse, match="No dispatch"):
            find_document(con, "c.txt")


def test_a_database_of_version_1_gets_todays_shape(db: Path) -> None:
    """Its rows are those that version 1 wrote: today's, without what came later."""
    today = db.with_name("today.duckdb")
    ingest(today, loaded("/in/a.txt"), loaded("/in/b.txt", "b"))
    ingest(today, loaded("/in/a.txt", "changed"), run="r2")
    with duckdb.connect(str(db)) as con:
        con.execute((ROOT / "tests" / "stores" / "version_1.sql").read_text(encoding="utf-8"))
        con.execute(f"ATTACH '{today}' AS today (READ_ONLY)")
        for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'writer'").fetchall():
            columns = ", ".join(
                f'"{name}"' for name, in con.execute(
                    "SELECT column_name FROM duckdb_columns() WHERE database_name = 'writer' AND table_name = $1 "
                    "ORDER BY column_index", [table],
                ).fetchall()
            )  # fmt: skip
            con.execute(f"INSERT INTO {table} SELECT {columns} FROM today.main.{table}")
        con.execute("UPDATE schema_version SET version = 1")
    old = db.read_bytes()
    access.bring_up_to_date(db)
    assert db.with_name("writer.v1.duckdb").read_bytes() == old
    assert sorted(p.name for p in db.parent.iterdir()) == ["today.duckdb", "writer.duckdb", "writer.v1.duckdb"]
    assert rows(db, "SELECT version FROM schema_version ORDER BY 1") == [(n,) for n in range(1, SCHEMA_VERSION + 1)]
    shape = """
        SELECT schema_name, table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()
        WHERE NOT internal ORDER BY ALL
    """
    assert rows(db, shape) == rows(today, shape)
    assert rows(db, "SELECT path, is_current, valid_from FROM documents ORDER BY ALL") == [
        (path, current, loaded_at) for path, current, loaded_at in rows(
            today, "SELECT path, is_current, loaded_at FROM documents ORDER BY ALL")
    ]  # fmt: skip
    assert access.broken_keys(db) == {}
    ingest(db, loaded("/in/c.txt", "c"), run="r3")
    correction(db, "number", "9", "/in/c.txt")


def test_a_database_of_version_2_keeps_what_it_says(db: Path) -> None:
    today = db.with_name("today.duckdb")
    ingest(today, loaded("/in/a.txt"), loaded("/in/b.txt", "b"))
    correction(today, "number", "9", "/in/a.txt")
    with duckdb.connect(str(db)) as con:
        con.execute((ROOT / "tests" / "stores" / "version_2.sql").read_text(encoding="utf-8"))
        con.execute(f"ATTACH '{today}' AS today (READ_ONLY)")
        held = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'writer'"
        for schema, table in con.execute(held).fetchall():
            con.execute(f"INSERT INTO {schema}.{table} BY NAME SELECT * FROM today.{schema}.{table}")
        con.execute("UPDATE schema_version SET version = 2")
    access.bring_up_to_date(db)
    assert db.with_name("writer.v2.duckdb").is_file()
    assert rows(db, "SELECT max(version) FROM schema_version") == [(SCHEMA_VERSION,)]
    for table in ("documents", "corrections", "history.documents"):
        assert rows(db, f"SELECT * FROM {table} ORDER BY ALL") == rows(today, f"SELECT * FROM {table} ORDER BY ALL")
    assert rows(db, "SELECT count(*) FROM confidences") == [(0,)]
    assert access.broken_keys(db) == {}


def test_a_migration_that_fails_changes_nothing(db: Path) -> None:
    with duckdb.connect(str(db)) as con:
        con.execute((ROOT / "tests" / "stores" / "version_1.sql").read_text(encoding="utf-8"))
        con.execute("INSERT INTO schema_version VALUES (1, now(), '0.1')")
        con.execute("CREATE TABLE corrections (x INTEGER)")  # in the way of version 2
    old = db.read_bytes()
    with pytest.raises(access.StoreError):
        access.bring_up_to_date(db)
    assert db.read_bytes() == old
    assert [p.name for p in db.parent.iterdir()] == ["writer.duckdb"]


def test_what_newer_readings_changed_is_told_field_by_field(db: Path) -> None:
    first, second = loaded("/in/a.txt"), loaded("/in/b.txt", "b")
    ingest(db, first, second)
    since = datetime.now(UTC)
    entries = json.loads(first.reads[0].record)["deadlines"]
    later = [entries[0] | {"due_on": None, "bound": "within"}]
    ingest(db, reread(first, subject="cái khác", secrecy="mật", number=None, deadlines=later), run="r2")
    with access.reading(db) as con:
        told = {c.field: (c.gained, c.lost, c.changed) for c in changes(con, since)}
        assert changes(con, datetime.now(UTC)) == []
    assert told == {
        "subject": (0, 0, 1), "secrecy": (1, 0, 0), "number": (0, 1, 0), "deadlines": (0, 1, 0),
        "deadlines.due_on": (0, 1, 0), "deadlines.bound": (0, 0, 1),
    }  # fmt: skip


def test_only_what_other_rules_read_is_outdated(db: Path) -> None:
    rules = knowledge("text/plain", "plain")
    for name, known in (("a", rules), ("b", "older"), ("c", None)):
        outcome = loaded(f"/in/{name}.txt", name)
        read = replace(outcome.reads[0], knowledge=known)
        ingest(db, replace(outcome, reads=(read,)), run=name)
    with access.reading(db) as con:
        assert outdated(con) == ["/in/b.txt", "/in/c.txt"]
        assert outdated(con, everything=True) == ["/in/a.txt", "/in/b.txt", "/in/c.txt"]


def test_rules_for_pictures_concern_only_pictures() -> None:
    assert knowledge("application/pdf", "ocr") != knowledge("application/pdf", "born-digital")
    assert knowledge("application/pdf", "born-digital") != knowledge("text/plain", "plain")
