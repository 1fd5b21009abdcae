"""No room, no rights, a newer or damaged file: one sentence, what readers have untouched, and all well afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.exits import NO_STORE
from pipeline.store import access
from pipeline.store.place import StorePlace
from pipeline.store.publishing import published, rollback, snapshots
from pipeline.store.tables import SCHEMA_VERSION
from tests.making import make
from tests.program import UNPRIVILEGED, congvan
from tests.records import loaded
from tests.test_publish import add, paths
from tests.test_store import rows

ROOT = Path(__file__).parents[1]
SCRIPT = """
import resource, sys
from pathlib import Path
from pipeline.exits import Trouble
from pipeline.store import access
from pipeline.store.place import StorePlace, lease, prepare
from pipeline.store.publishing import publish
from tests.records import NOW, TEXT, loaded
place, when, limit, batches = StorePlace(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
def narrow(moment):
    if moment == when:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
done = 0
try:
    with lease(place, "test", NOW):
        prepare(place)
        access.start_run(place.writer, "r2", NOW, {})
        with access.kept_open(place.writer):
            narrow("loading")
            for n in range(batches):
                access.load(place.writer, "r2", [loaded(f"/new/{n}.txt", f"{n}", text=TEXT + f"{n * 7919} " * 2000)])
                done += 1
            narrow("ending")
            access.finish_run(place.writer, "r2", NOW, "finished")
        narrow("publishing")
        publish(place, NOW)
except Trouble as error:
    print(done, error.exit_code, error, sep="|")
"""
"""Loads and publishes; from the moment named on, no file may grow beyond the limit, as if the disk were full there."""


@pytest.fixture
def place(tmp_path: Path) -> StorePlace:
    place = StorePlace(tmp_path / "out" / "congvan.duckdb")
    add(place, "r1", loaded("/in/a.txt"))
    return place


@pytest.mark.parametrize(
    ("when", "limit", "batches"),
    [
        ("loading", 60_000, 40),  # the log
        ("loading", 400_000, 100),  # the log, after some batches
        ("ending", 7_000_000, 2),  # the writer's file
        ("publishing", 1_000_000, 2),  # the copy of the writer's file
        ("publishing", 9_000_000, 2),  # what is worked out in it
        ("publishing", 9_000_000, 0),  # the last snapshot's copy, where nothing is new
    ],
)
def test_a_full_disk_is_a_sentence_and_readers_keep_what_they_have(
    place: StorePlace, when: str, limit: int, batches: int
) -> None:
    before, kept = place.published.read_bytes(), snapshots(place)
    command = [sys.executable, "-c", SCRIPT, str(place.published), when, str(limit), str(batches)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    count, code, said = done.stdout.split("|")
    assert said.startswith("The disk has no room left for ") and said.count("\n") == 1 and done.stderr == ""
    assert int(code) == NO_STORE and (int(count) < batches if when == "loading" else int(count) == batches)
    assert place.published.read_bytes() == before and snapshots(place) == kept
    assert sorted(p.name for p in place.published.parent.iterdir()) == [
        "congvan.duckdb", "congvan.manifest.json", "congvan.store",
    ]  # fmt: skip
    assert not (place.folder / "publishing").exists()
    add(place, "r3", loaded("/in/later.txt", "later"))
    assert len(paths(place.published)) == 2 + int(count)
    assert access.broken_keys(place.writer) == {}


def test_a_full_disk_ends_the_command_with_the_sentence(place: StorePlace, tmp_path: Path, api: str) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for n in range(40):
        (inbox / f"{n}.txt").write_text(make(n).text, encoding="utf-8")
    before = place.published.read_bytes()
    given = ("ingest", inbox, "--db", place.published)
    done = congvan(*given, home=tmp_path, before=["prlimit", "--fsize=400000"], PREFECT_API_URL=api)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == NO_STORE and "The disk has no room left for " in last, done.stderr
    assert place.published.read_bytes() == before
    assert congvan(*given, home=tmp_path, PREFECT_API_URL=api).returncode == 0
    assert len(paths(place.published)) == 41


@pytest.mark.parametrize("closed", ["", "congvan.store"])
def test_a_folder_that_may_not_be_written_is_a_sentence(place: StorePlace, tmp_path: Path, closed: str) -> None:
    before = place.published.read_bytes()
    with access.writing(place.writer) as con:
        con.execute("UPDATE documents SET subject = 'khác'")
    folder = place.published.parent / closed
    given = ("publish", "--db", place.published)
    folder.chmod(0o555)
    try:
        done = congvan(*given, home=tmp_path, before=UNPRIVILEGED)
    finally:
        folder.chmod(0o755)
    assert done.returncode == NO_STORE and done.stderr.count("\n") == 1 and " cannot be written " in done.stderr
    assert place.published.read_bytes() == before
    assert congvan(*given, home=tmp_path).returncode == 0
    assert rows(place.published, "SELECT subject FROM documents") == [("khác",)]


def make_newer(file: Path) -> None:
    with duckdb.connect(str(file)) as con:
        con.execute("INSERT INTO schema_version VALUES ($1, now(), '9.9')", [SCHEMA_VERSION + 1])


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-300_000])


def overwrite(file: Path) -> None:
    file.write_bytes(b"\0" * 8192 + file.read_bytes()[8192:])


@pytest.mark.parametrize("harm", [make_newer, cut_short, overwrite])
def test_a_writers_file_that_cannot_be_used_is_a_sentence(
    place: StorePlace, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    good, before = place.writer.read_bytes(), place.published.read_bytes()
    harm(place.writer)
    harmed = place.writer.read_bytes()
    given = ("correct", "/in/a.txt", "number", "12", "--why", "xem bản giấy", "--db", place.published)
    done = congvan(*given, home=tmp_path)
    word = "newer" if harm is make_newer else "damaged"
    assert done.returncode == NO_STORE and done.stderr.count("\n") == 1 and word in done.stderr, done.stderr
    assert place.published.read_bytes() == before and place.writer.read_bytes() == harmed
    assert rows(place.published, "SELECT number FROM documents") == [("0457",)]
    place.writer.write_bytes(good)
    assert congvan(*given, home=tmp_path).returncode == 0
    assert rows(place.published, "SELECT number FROM documents") == [("12",)]


@pytest.mark.parametrize("harm", [make_newer, cut_short, overwrite])
def test_a_published_file_that_cannot_be_used_is_made_again(
    place: StorePlace, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(place.published)
    done = congvan("query", "SELECT count(*) FROM documents", "--db", place.published, home=tmp_path)
    word = "newer" if harm is make_newer else "damaged"
    assert done.returncode == NO_STORE and done.stderr.count("\n") == 1 and word in done.stderr, done.stderr
    assert congvan("publish", "--db", place.published, home=tmp_path).returncode == 0
    assert paths(place.published) == ["/in/a.txt"]


def test_damage_to_a_snapshot_is_not_handed_on(place: StorePlace) -> None:
    (last,) = snapshots(place)
    file = place.snapshots / last.snapshot / "congvan.duckdb"
    file.write_bytes(file.read_bytes()[:-300_000])
    again = add(place, "r2")  # nothing new but the run
    assert published(place) == again and paths(place.published) == ["/in/a.txt"]
    assert access.broken_keys(place.published) == {}
    with pytest.raises(access.StoreError, match="is damaged"):
        rollback(place)
