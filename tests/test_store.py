"""The store: every value of a record in its column, nothing twice, nothing half, older versions kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.record import Dispatch
from pipeline.outcome import Outcome, Read
from pipeline.store import access
from pipeline.store.tables import RECORD_TABLES, SCHEMA_VERSION, TABLES
from pipeline.store.views import SET_ASIDE
from tests.records import NOW, TEXT, dispatch, failed, loaded

ROOT = Path(__file__).parents[1]


def ingest(db: Path, *outcomes: Outcome, run: str = "r1") -> tuple[Outcome, ...]:
    """One run that loads the outcomes."""
    access.start_run(db, run, NOW, {"paths": ["x"]})
    done = access.load(db, run, outcomes)
    access.finish_run(db, run, NOW, "finished")
    assert access.broken_keys(db) == {}
    return done


def rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    with access.query(db, sql) as (_, found):
        return list(found)


def record_counts(db: Path) -> dict[str, int]:
    counts = access.row_counts(db)
    return {name: counts[name] for name in ("documents", "files", *(t.name for t in RECORD_TABLES))}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store" / "congvan.duckdb"


def test_every_table_view_and_column_says_what_it_is(db: Path) -> None:
    ingest(db)
    bare = rows(db, "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal")
    assert bare == []
    assert rows(db, "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL AND NOT internal") == []
    assert rows(db, "SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal") == []
    names = {name for (name,) in rows(db, "SELECT table_name FROM duckdb_tables()")}
    assert names == {t.name for t in TABLES}
    assert {name for (name,) in rows(db, "SELECT view_name FROM duckdb_views() WHERE NOT internal")} == {
        v.name for v in (SET_ASIDE,)
    }


def test_every_value_of_a_record_reaches_its_column(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    ((header,),) = rows(db, "SELECT documents FROM documents")
    assert header["document_id"] == dispatch("").source.sha256
    expected = {
        "path": "/in/a.txt", "version_no": 1, "is_current": True, "media_type": "text/plain", "page_count": 2,
        "document_type": "kế hoạch", "document_type_code": "KH", "number": "0457", "notation": "KH-UBND",
        "code": "0457/KH-UBND", "subject": "diễn tập chữa cháy rừng năm 2031",
        "issuing_body": "Ủy ban nhân dân huyện Mù Sương", "issuing_body_superior": None,
        "issuing_body_level": "district", "issuing_body_province": "Yên Bái", "issuing_body_source": "inferred",
        "place": None, "issued_on": "2031-07", "issued_date": None, "issued_on_source": "inferred", "urgency": None,
        "same_as_addressees": True, "archived_at": "VT", "signer_authority": "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH",
        "signer_position": "PHÓ CHỦ TỊCH", "signer_name": "Trần Thị Mơ", "run_id": "r1",
    }  # fmt: skip
    assert {k: header[k] for k in expected} == expected
    assert rows(db, "SELECT page, text_origin FROM pages ORDER BY page") == [(1, "plain"), (2, "ocr")]
    assert rows(db, "SELECT attachment_no, name FROM attachments") == [(1, "bản đồ.kmz")]
    assert rows(db, "SELECT name, rule, text FROM addressees") == [("Hạt Kiểm lâm", "addressee/line", "Hạt Kiểm lâm")]
    assert rows(db, "SELECT name, purpose FROM copies") == [("Chi cục Thủy lợi", "để p/h")]
    assert rows(
        db, "SELECT reference_no, code, issued_on, issued_date, relation, mention_count, part FROM document_references"
    ) == [(1, "77/QĐ-UBND", "2031-02-30", None, "implements", 2, "main")]
    assert rows(db, "SELECT reference_no, mention_no, text FROM reference_mentions ORDER BY mention_no") == [
        (1, 1, "Quyết định số 77/QĐ-UBND"), (1, 2, "Quyết định số 77/QĐ-UBND"),
    ]  # fmt: skip
    assert rows(db, "SELECT kind, value, total, unit, comparator, period_year, page, bbox FROM quantities") == [
        ("target", 12.0, 15.0, "xã", "=", 2031, 1, [10.0, 20.5, 100.0, 32.25])
    ]
    assert rows(
        db, "SELECT CAST(due_on AS VARCHAR), bound, responsible, relative_amount, relative_unit, "
        "relative_working_days, relative_anchor FROM deadlines ORDER BY deadline_no",
    ) == [
        ("2031-08-09", "before", ["Hạt Kiểm lâm"], None, None, None, None),
        (None, "within", [], 3, "day", True, "ngày diễn tập"),
    ]  # fmt: skip
    assert rows(
        db, "SELECT kind, signing_group, field, intact, trusted, epoch(signed_time), start FROM signatures ORDER BY ALL"
    ) == [
        ("cryptographic", 1, "Signature1", True, None, 1943258523.0, None),
        ("visible", None, None, None, None, None, None),
    ]
    assert rows(db, "SELECT code, message, text FROM flags") == [
        ("impossible-date", "30/02/2031 does not exist", "30/02/2031")
    ]
    assert rows(db, "SELECT field, value, rule, text FROM header_evidence ORDER BY field") == [
        ("issued_on", "2031-07", "header/year", None),
        ("number", "0457", "header/number", "0457"),
        ("signer", "Trần Thị Mơ", "signer/block", "Trần Thị Mơ"),
        ("subject", "diễn tập chữa cháy rừng năm 2031", "header/title", "diễn tập chữa cháy rừng năm 2031"),
    ]


def test_every_span_leads_back_to_the_text(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    checked = 0
    for table in RECORD_TABLES:
        if "start" not in {c.name for c in table.columns}:
            continue
        spans = rows(
            db, f'SELECT t.text, d.text[t.start + 1 : t.end] FROM "{table.name}" t '
            "JOIN document_texts d USING (document_id) WHERE t.start IS NOT NULL",
        )  # fmt: skip
        assert all(said == stands for said, stands in spans), table.name
        checked += len(spans)
    assert checked == 12


def test_the_record_has_a_column_for_each_of_its_fields() -> None:
    columns = {c.name for t in TABLES for c in t.columns} | {"responsible"}
    tables = {t.name for t in TABLES}
    elsewhere = {"source": "documents", "references": "document_references", "evidence": "header_evidence",
                 "rules": "header_evidence", "signer": "documents"}  # fmt: skip
    for name in Dispatch.model_fields:
        assert name in columns or name in tables or elsewhere[name] in tables, name


def test_loading_the_same_bytes_again_changes_nothing(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"), loaded("/in/b.txt", "b"))
    before = record_counts(db)
    ingest(db, loaded("/in/a.txt"), replace(loaded("/in/b.txt", "b"), reads=(), held=True), run="r2")
    assert record_counts(db) == before
    assert rows(db, "SELECT DISTINCT run_id FROM documents") == [("r1",)]
    assert rows(db, "SELECT outcome, count(*) FROM inputs WHERE run_id = 'r2' GROUP BY 1 ORDER BY 1") == [
        ("loaded", 1), ("unchanged", 1),
    ]  # fmt: skip


def test_a_changed_file_is_a_new_version_and_the_older_stays(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    ingest(db, loaded("/in/a.txt", "edited"), run="r2")
    versions = "SELECT version_no, is_current FROM documents WHERE path = '/in/a.txt' ORDER BY version_no"
    assert rows(db, versions) == [(1, False), (2, True)]
    assert access.row_counts(db)["quantities"] == 2
    ingest(db, loaded("/in/a.txt"), run="r3")  # put back as it was
    assert rows(db, "SELECT version_no, is_current FROM files ORDER BY 1") == [(1, False), (2, False), (3, True)]
    assert rows(db, versions) == [(2, False), (3, True)]
    assert access.row_counts(db)["documents"] == 2


def test_the_same_bytes_in_two_places_are_one_document(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"), loaded("/in/copy.txt", minutes=1))
    assert rows(db, "SELECT path, is_current FROM documents") == [("/in/a.txt", True)]
    assert rows(db, "SELECT path FROM files ORDER BY path") == [("/in/a.txt",), ("/in/copy.txt",)]
    ingest(db, loaded("/in/a.txt", "edited", minutes=2), run="r2")
    assert rows(db, "SELECT path, is_current FROM documents ORDER BY path") == [
        ("/in/a.txt", True), ("/in/copy.txt", True),
    ]  # fmt: skip
    third = replace(loaded("/in/third.txt", minutes=3), reads=(), held=True)
    ingest(db, third, run="r3")
    assert ("/in/third.txt", 1) in rows(db, "SELECT path, version_no FROM files WHERE is_current")


def archive(path: str, sha256: str, *members: tuple[str, str], minutes: int = 0) -> Outcome:
    """A ZIP with members (name, salt)."""
    reads = []
    for name, salt in members:
        record = dispatch(f"{path}/{name}", salt)
        reads.append(Read(f"{path}/{name}", record.model_dump_json(), TEXT))
    whole = loaded(path, minutes=minutes)
    return replace(whole, sha256=sha256, reads=tuple(reads))


def test_members_of_an_archive_are_documents_and_follow_it(db: Path) -> None:
    ingest(db, archive("/in/z.zip", "s1", ("a.txt", "a"), ("b.txt", "b"), ("c.txt", "c")))
    assert access.row_counts(db)["documents"] == 3
    ingest(db, archive("/in/z.zip", "s2", ("a.txt", "a"), ("b.txt", "b2"), minutes=1), run="r2")
    assert rows(db, "SELECT path, version_no, is_current FROM documents ORDER BY ALL") == [
        ("/in/z.zip/a.txt", 1, True), ("/in/z.zip/b.txt", 1, False), ("/in/z.zip/b.txt", 2, True),
        ("/in/z.zip/c.txt", 1, False),
    ]  # fmt: skip
    assert access.held(db, ["s1", "s2", "s3"]) == {"s1", "s2"}
    moved = replace(archive("/new/z.zip", "s2"), held=True)
    ingest(db, moved, run="r3")
    assert rows(db, "SELECT path FROM files WHERE file_path = '/new/z.zip' ORDER BY 1") == [
        ("/new/z.zip/a.txt",), ("/new/z.zip/b.txt",),
    ]  # fmt: skip


def test_what_was_set_aside_is_listed_until_it_is_read(db: Path) -> None:
    ingest(db, failed("/in/x.txt"), loaded("/in/a.txt"))
    ingest(db, failed("/in/x.txt", "encrypted", minutes=5), run="r2")
    (aside,) = access.set_aside(db)
    assert (aside.path, aside.reason, aside.stage, aside.tries) == ("/in/x.txt", "encrypted", "read", 2)
    assert (aside.last_tried - aside.first_tried).total_seconds() == 300
    ingest(db, loaded("/in/x.txt", "x", minutes=10), run="r3")
    assert access.set_aside(db) == []
    ingest(db, failed("/in/x.txt", minutes=15), run="r4")
    (aside,) = access.set_aside(db)
    assert aside.tries == 1


def test_a_file_read_only_in_part_is_not_taken_for_held(db: Path) -> None:
    part = archive("/in/z.zip", "s1", ("a.txt", "a"))
    ingest(db, replace(part, failure=failed("/in/z.zip").failure))
    assert access.row_counts(db)["documents"] == 1
    assert access.held(db, ["s1"]) == frozenset()
    ingest(db, archive("/in/z.zip", "s1", ("a.txt", "a"), ("b.txt", "b"), minutes=1), run="r2")
    assert access.held(db, ["s1"]) == {"s1"}


def test_a_record_that_does_not_fit_is_set_aside_alone(db: Path) -> None:
    bad = loaded("/in/bad.txt", "bad")
    misfit = replace(bad, reads=(replace(bad.reads[0], record='{"source": {"sha256": "q"}, "flags": [{}]}'),))
    done = ingest(db, loaded("/in/a.txt"), misfit, loaded("/in/c.txt", "c"))
    assert [o.word for o in done] == ["loaded", "set-aside", "loaded"]
    (aside,) = access.set_aside(db)
    assert (aside.path, aside.stage, aside.reason) == ("/in/bad.txt", "load", "does-not-fit")
    assert access.row_counts(db)["documents"] == 2


def test_a_finding_counts_what_the_run_added(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    access.start_run(db, "r2", NOW, {})
    access.load(db, "r2", [loaded("/in/a.txt"), loaded("/in/b.txt", "b"), loaded("/in/c.txt", "c")])
    finding = access.finish_run(db, "r2", NOW, "finished")
    assert finding.documents == 2
    assert finding.counts["deadlines"] == 4 and finding.counts["target"] == 2 and finding.counts["result"] == 0
    assert finding.flags == {"impossible-date": 2}


def test_long_texts_are_loaded_whole(db: Path) -> None:
    long = [loaded(f"/in/{n}.txt", f"{n}", text=TEXT + "Điều khoản dài. " * 1_300_000) for n in range(4)]
    assert [o.word for o in ingest(db, *long, loaded("/in/a.txt"))] == ["loaded"] * 5
    assert rows(db, "SELECT max(len(text)), count(*) FROM document_texts") == [(len(TEXT) + 20_800_000, 5)]


HOSTILE = [
    "'; DROP TABLE documents; --", '=HYPERLINK("http://x")', 'a"b\\c\tđ', "Ủy ban\r\nnhân dân", "{}[],:", "😀 𠀀",
    "a\x00b",
]  # fmt: skip


def test_hostile_strings_stay_text(db: Path) -> None:
    for number, words in enumerate(HOSTILE):
        record = dispatch(f"/in/{words}.txt", words).model_copy(update={"subject": words, "archived_at": words})
        read = Read(record.source.path, record.model_dump_json(), words + TEXT)
        ingest(db, Outcome(read.path, NOW, record.source.sha256, 1, (read,)), run=f"r{number}")
    assert {s for (s,) in rows(db, "SELECT subject FROM documents")} == set(HOSTILE)
    assert {t for (t,) in rows(db, "SELECT text FROM document_texts")} == {w + TEXT for w in HOSTILE}


def test_queries_can_neither_write_nor_reach_other_files(db: Path, tmp_path: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    for sql in (
        "DELETE FROM documents", "CREATE TABLE t (a INTEGER)", f"SELECT * FROM '{secret}'",
        f"COPY documents TO '{tmp_path}/out.csv'", f"ATTACH '{tmp_path}/other.duckdb'", "INSTALL httpfs",
        "SET enable_external_access = true", "SELECT * FROM no_such_table", "SELEC 1", "",
    ):  # fmt: skip
        with pytest.raises(access.QueryError):
            rows(db, sql)
    assert access.row_counts(db)["documents"] == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["secret.csv", "store"]


def test_a_database_of_a_newer_version_is_refused(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    with duckdb.connect(str(db)) as con:
        con.execute("INSERT INTO schema_version VALUES ($1, now(), '9.9')", [SCHEMA_VERSION + 1])
    before = db.read_bytes()
    for use in (lambda: access.row_counts(db), lambda: ingest(db, loaded("/in/b.txt", "b"), run="r2")):
        with pytest.raises(access.StoreError, match="newer") as caught:
            use()
        assert caught.value.trouble == "newer"
    assert db.read_bytes() == before


def test_broken_keys_are_found(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    with duckdb.connect(str(db)) as con:
        con.execute("INSERT INTO flags FROM flags")
        con.execute("UPDATE deadlines SET document_id = 'nowhere'")
    assert access.broken_keys(db) == {
        "flags: one row for each document_id, flag_no": 1, "deadlines.document_id is in documents": 2,
    }  # fmt: skip


def test_other_files_are_refused_and_left_alone(db: Path, tmp_path: Path) -> None:
    db.parent.mkdir()
    db.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(access.StoreError) as caught:
        ingest(db, loaded("/in/a.txt"))
    assert caught.value.trouble == "damaged"
    assert db.read_bytes() == b"not a database at all" * 1000
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as con:
        con.execute("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(access.StoreError, match="not made by congvan"):
        ingest(other, loaded("/in/a.txt"))
    with pytest.raises(access.StoreError) as caught:
        access.row_counts(tmp_path / "none.duckdb")
    assert caught.value.trouble == "missing"
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(access.StoreError):
        ingest(blocked / "sub" / "congvan.duckdb", loaded("/in/a.txt"))


WRITER = """
import sys, time
from pathlib import Path
from pipeline.store import access
from tests.records import NOW, loaded
db = Path(sys.argv[1])
if sys.argv[2] == "hold":
    with access.writing(db):
        print("held", flush=True)
        time.sleep(60)
run = 0
while True:
    run += 1
    access.start_run(db, f"k{run}", NOW, {})
    access.load(db, f"k{run}", [loaded(f"/in/{run}-{n}.txt", f"{run}-{n}") for n in range(20)])
    print(run, flush=True)
"""


def writer(db: Path, mode: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", WRITER, str(db), mode], stdout=subprocess.PIPE, text=True, env=env)


def test_a_store_that_is_being_written_says_so(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    with writer(db, "hold") as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        for use in (lambda: access.row_counts(db), lambda: access.load(db, "r1", [])):
            with pytest.raises(access.StoreError) as caught:
                use()
            assert caught.value.trouble == "locked"
            assert str(other.pid) in str(caught.value)
        other.kill()
    assert access.row_counts(db)["documents"] == 1


def test_a_writer_killed_midway_leaves_whole_batches(db: Path) -> None:
    ingest(db, loaded("/in/a.txt"))
    for round_no in range(6):
        with writer(db, "write") as other:
            assert other.stdout is not None
            said = other.stdout.readline()
            time.sleep(0.02 + 0.05 * round_no)
            os.kill(other.pid, signal.SIGKILL)
            said += other.stdout.read()
        acknowledged = len(said.split())
        counts = access.row_counts(db)
        documents = counts["documents"] - 1
        assert documents % 20 == 0 and documents >= 20 * acknowledged
        assert counts["files"] == counts["documents"] == counts["document_texts"] == counts["quantities"]
        assert counts["deadlines"] == 2 * counts["documents"]
        assert access.broken_keys(db) == {}
        db.unlink()
        db.with_name(db.name + ".wal").unlink(missing_ok=True)
        ingest(db, loaded("/in/a.txt"))
