"""What leaves the list of files set aside: what is read, and what is no longer there; its history stays."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from pipeline.find import is_gone, settled
from pipeline.store import access
from pipeline.store.place import StorePlace
from tests.program import congvan_here
from tests.test_cli import PLAN
from tests.test_flow import copies


def waiting(db: Path) -> dict[str, str]:
    return {Path(entry.path).name: entry.reason for entry in access.set_aside(db)}


def test_what_is_there_no_more_leaves_the_list_when_its_folder_is_searched(tmp_path: Path, api: str) -> None:
    db, folder, elsewhere = tmp_path / "a.duckdb", copies(tmp_path / "in", 1), tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in (folder / "empty.txt", folder / "stays.txt", folder / "none", elsewhere / "other.txt"):
        path.touch()
    (folder / "none").unlink()
    (folder / "hollow").mkdir()

    def ingest(*paths: Path) -> str:
        done = congvan_here("ingest", *paths, "--db", db, api=api)
        assert done.returncode in (0, 1), done.stderr
        return done.stderr

    ingest(folder, elsewhere, folder / "wrong.txt", folder / "hollow", folder / "*.pdf")
    assert waiting(db) == {
        "empty.txt": "empty-file", "stays.txt": "empty-file", "other.txt": "empty-file", "wrong.txt": "not-found",
        "hollow": "empty-folder", "*.pdf": "not-found",
    }  # fmt: skip
    (folder / "empty.txt").unlink()
    (elsewhere / "other.txt").unlink()
    (folder / "hollow" / "b.txt").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")
    assert "1 file read, 1 held already, 1 set aside" in (said := ingest(folder))
    assert "4 files set aside earlier are there no more, and are off the list." in said
    assert waiting(db) == {"stays.txt": "empty-file", "other.txt": "empty-file"}
    ingest(elsewhere)
    assert "other.txt" in waiting(db), "a folder in which nothing is may be a share that is not there"
    with access.query(db, "SELECT outcome FROM inputs WHERE path LIKE '%/empty.txt' ORDER BY tried_at") as (_, rows):
        assert list(rows) == [("set-aside",), ("gone",)]
    (folder / "empty.txt").touch()
    ingest(folder)
    entry = next(e for e in access.set_aside(db) if e.path.endswith("/empty.txt"))
    assert entry.tries == 1, "it came back"
    assert access.broken_keys(db) == {}


def test_a_retry_takes_what_is_there_no_more_off_the_list(tmp_path: Path, api: str) -> None:
    db, folder = tmp_path / "a.duckdb", copies(tmp_path / "in", 1)
    (folder / "empty.txt").touch()
    assert congvan_here("ingest", folder, tmp_path / "typed-wrong.txt", "--db", db, api=api).returncode == 1
    again = congvan_here("ingest", tmp_path / "typed-wrong.txt", "--db", db, api=api)
    assert again.returncode == 1 and waiting(db)["typed-wrong.txt"] == "not-found", "named again, said again"
    (folder / "empty.txt").unlink()
    done = congvan_here("retry", "--db", db, api=api)
    assert done.returncode == 0 and "2 files set aside earlier are there no more" in done.stderr, done.stderr
    assert waiting(db) == {}


def test_a_search_says_what_waits_no_more(tmp_path: Path) -> None:
    (tmp_path / "there.txt").touch()
    (tmp_path / "loop").symlink_to("loop")
    there, gone = str(tmp_path / "there.txt"), str(tmp_path / "gone" / "a.txt")
    beside = str(tmp_path.parent / f"{tmp_path.name}x" / "a.txt")
    assert settled([gone, beside], [str(tmp_path)], [there]) == [gone]
    assert settled([gone], [str(tmp_path)], []) == []
    assert settled([gone], [there], [there]) == []
    assert settled([str(tmp_path / "loop"), there], [str(tmp_path)], [there]) == []
    assert settled(["/x/*.pdf"], ["/x/*.pdf"], ["/x/a.pdf"]) == ["/x/*.pdf"]
    assert settled(["/x/*.pdf"], ["/x/*.pdf"], ["/x/*.pdf"]) == []
    assert settled([gone], ["/"], [there]) == [gone]


@pytest.mark.parametrize(("name", "answer"), [("none", True), ("file/below", True), ("file", False), ("a\0b", False)])
def test_only_what_is_certainly_gone_is_gone(name: str, answer: bool, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert is_gone(os.path.join(tmp_path, name)) == answer


def test_reading_again_goes_through_the_same_door(tmp_path: Path, api: str) -> None:
    db, folder = tmp_path / "a.duckdb", copies(tmp_path / "in", 3)
    place = StorePlace(db)
    assert congvan_here("ingest", folder, "--db", db, api=api).returncode == 0
    with duckdb.connect(str(place.writer)) as con:  # as rules of long ago read it
        con.execute("UPDATE documents SET knowledge = 'old', reading_digest = 'old', subject = 'khác'")
    (folder / "0001.txt").unlink()
    (folder / "0002.txt").write_bytes(b"")
    dry = congvan_here("reextract", "--dry-run", "--db", db, "--workers", "1", "--cpu-seconds", "99", api=api)
    assert dry.returncode == 1, dry.stderr
    assert "3 files held were read by other rules" in dry.stderr and "1 of them is there no more" in dry.stderr
    assert "set aside [empty-file]" in dry.stderr and "1 file read again; 1 field would change" in dry.stderr
    with access.query(place.writer, "SELECT count(*) FROM documents WHERE subject = 'khác'") as (_, rows):
        assert list(rows) == [(3,)]
    done = congvan_here("reextract", "--db", db, api=api)
    assert done.returncode == 1 and dry.stdout == done.stdout != "", (dry.stdout, done.stdout, done.stderr)
    assert "1 file read again; 1 field changed." in done.stderr
    with access.query(db, "SELECT count(*) FROM documents WHERE subject = 'khác'") as (_, rows):
        assert list(rows) == [(2,)]
    with access.query(db, "SELECT settings ->> '$.paths[0]' FROM runs ORDER BY started_at") as (_, rows):
        assert list(rows) == [(str(folder),), ("-",)]
