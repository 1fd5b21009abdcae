"""Publishing: readers have a whole database at every moment, and the last ones can be had again."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipeline.exits import WrongUse
from pipeline.outcome import Outcome
from pipeline.store import access
from pipeline.store.place import StorePlace, lease, prepare
from pipeline.store.publishing import Manifest, publish, published, rollback, snapshots
from pipeline.store.tables import TABLES
from tests.records import NOW, loaded
from tests.test_store import ingest, rows

ROOT = Path(__file__).parents[1]


@pytest.fixture
def place(tmp_path: Path) -> StorePlace:
    return StorePlace(tmp_path / "out" / "congvan.duckdb")


def add(place: StorePlace, run: str, *outcomes: Outcome, keep: int = 5) -> Manifest:
    """One run, with its snapshot."""
    with lease(place, "test", NOW):
        prepare(place)
        ingest(place.writer, *outcomes, run=run)
        return publish(place, datetime.now(UTC), keep)


def paths(db: Path) -> list[str]:
    return [path for (path,) in rows(db, "SELECT path FROM documents ORDER BY path")]


def test_a_snapshot_is_what_its_manifest_says(place: StorePlace) -> None:
    manifest = add(place, "r1", loaded("/in/a.txt"), loaded("/in/b.txt", "b"))
    assert published(place) == manifest == snapshots(place)[0]
    assert manifest.rows["documents"] == 2 and manifest.rows["deadlines"] == 4
    assert {t.name for t in TABLES} <= set(manifest.rows)
    folder = place.snapshots / manifest.snapshot
    for name, about in manifest.files.items():
        content = (folder / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (about["sha256"], about["bytes"])
    assert place.published.read_bytes() == (folder / "congvan.duckdb").read_bytes()
    for table, count in manifest.rows.items():
        if table.startswith("search_"):  # an index, not for exchange
            continue
        parquet = folder / "parquet" / f"{table.replace('.', '/')}.parquet"
        assert duckdb.sql(f"SELECT count(*) FROM '{parquet}'").fetchall() == [(count,)]
    left = sorted(p.name for p in place.published.parent.iterdir())
    assert left == ["congvan.duckdb", "congvan.manifest.json", "congvan.store"]


def test_a_reader_with_the_old_file_open_notices_nothing(place: StorePlace) -> None:
    add(place, "r1", loaded("/in/a.txt"))
    code = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); "
        "sys.stdin.readline(); print(con.execute('SELECT count(*) FROM documents').fetchall()[0][0])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(place.published)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None and reader.stdout.readline() == "open\n"
        add(place, "r2", loaded("/in/b.txt", "b"))
        assert reader.communicate("go on\n")[0] == "1\n"
    assert paths(place.published) == ["/in/a.txt", "/in/b.txt"]


def test_readers_never_fail_while_snapshots_come(place: StorePlace) -> None:
    add(place, "r0", loaded("/in/0.txt"))
    stop = threading.Event()
    seen: list[str] = []
    wrong: list[str] = []

    def read() -> None:
        while not stop.is_set():
            code = (
                "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); "
                "print(*con.execute('SELECT count(*), (SELECT count(*) FROM deadlines) FROM documents').fetchall()[0])"
            )
            done = subprocess.run(
                [sys.executable, "-c", code, str(place.published)], capture_output=True, text=True, check=False
            )
            (seen if done.returncode == 0 else wrong).append(done.stdout or done.stderr)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 12):
        add(place, f"r{n}", loaded(f"/in/{n}.txt", str(n)), keep=2)
    stop.set()
    reader.join()
    assert wrong == [] and len(seen) >= 3
    counts = [tuple(map(int, line.split())) for line in seen]
    assert counts == sorted(counts) and all(deadlines == 2 * documents > 0 for documents, deadlines in counts)
    assert len(snapshots(place)) == 2


def test_earlier_snapshots_come_back(place: StorePlace) -> None:
    first = add(place, "r1", loaded("/in/a.txt"))
    second = add(place, "r2", loaded("/in/b.txt", "b"))
    assert rollback(place) == first == published(place)
    assert paths(place.published) == ["/in/a.txt"]
    with pytest.raises(WrongUse, match="No snapshot earlier"):
        rollback(place)
    assert rollback(place, second.snapshot) == second
    assert paths(place.published) == ["/in/a.txt", "/in/b.txt"]
    assert rollback(place, "1") == first
    with pytest.raises(WrongUse, match=first.snapshot):
        rollback(place, "99")
    assert add(place, "r3", loaded("/in/c.txt", "c")).rows["documents"] == 3, "the writer's file stayed as it was"


def test_a_damaged_snapshot_is_not_put_in_place(place: StorePlace) -> None:
    first = add(place, "r1", loaded("/in/a.txt"))
    add(place, "r2", loaded("/in/b.txt", "b"))
    with (place.snapshots / first.snapshot / "congvan.duckdb").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    with pytest.raises(access.StoreError, match="is damaged"):
        rollback(place)
    assert paths(place.published) == ["/in/a.txt", "/in/b.txt"]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DELETE FROM {} WHERE document_id IN (SELECT document_id FROM documents LIMIT 1)", "1 dispatch of the last"),
        ("INSERT INTO flags FROM flags", "do not fit together"),
    ],
)
def test_a_snapshot_that_fails_its_checks_is_not_published(place: StorePlace, harm: str, said: str) -> None:
    add(place, "r1", loaded("/in/a.txt"), loaded("/in/b.txt", "b"))
    before = place.published.read_bytes()
    with access.writing(place.writer) as con:
        for table in reversed([t.name for t in TABLES if t.foreign.get("document_id")] if "{}" in harm else ["-"]):
            con.execute(harm.format(table))
        if "{}" in harm:
            con.execute(harm.format("documents"))
    with pytest.raises(access.StoreError, match=said):
        publish(place, NOW)
    assert place.published.read_bytes() == before
    assert not (place.folder / "publishing").exists()


def test_the_writers_file_can_be_had_back_from_what_was_published(place: StorePlace) -> None:
    add(place, "r1", loaded("/in/a.txt"))
    place.writer.unlink()
    add(place, "r2", loaded("/in/b.txt", "b"))
    assert paths(place.published) == ["/in/a.txt", "/in/b.txt"]
    assert rows(place.published, "SELECT run_id FROM runs ORDER BY 1") == [("r1",), ("r2",)]


def test_a_database_of_before_publishing_is_taken_over(place: StorePlace) -> None:
    ingest(place.published, loaded("/in/a.txt"))
    add(place, "r2", loaded("/in/b.txt", "b"))
    assert paths(place.published) == ["/in/a.txt", "/in/b.txt"]


HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from pipeline.store.place import StorePlace, lease
with lease(StorePlace(Path(sys.argv[1])), "ingest", datetime.now(UTC)):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(place: StorePlace, seconds: float) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLDER, str(place.published), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)


def test_who_writes_is_named_and_waited_for(place: StorePlace) -> None:
    with holder(place, 60) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        who = rf"congvan ingest \(process {other.pid} on "
        with pytest.raises(access.StoreError, match=who), lease(place, "test", NOW):
            pass
        os.kill(other.pid, signal.SIGKILL)
    with lease(place, "test", NOW):  # a dead holder holds nothing
        assert json.loads((place.folder / "writer.json").read_text(encoding="utf-8"))["process"] == os.getpid()
    with holder(place, 1) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        told: list[str] = []
        with lease(place, "test", NOW, 30, told.append):
            assert len(told) == 1 and f"process {other.pid}" in told[0]
