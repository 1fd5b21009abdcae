"""Input that is no dispatch: one clear sentence each, the fact kept, the rest of the batch done."""

from __future__ import annotations

import os
import random
import re
import shutil
from pathlib import Path

import pytest

from pipeline.store import access
from tests.program import UNPRIVILEGED, congvan
from tests.test_cli import PLAN, RAW

LOVE_LETTER = "Em yêu,\n\nHôm nay trời mưa, anh nhớ em và con mèo. Cuối tuần anh về, nhớ để phần bánh xèo.\n\nAnh.\n"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each bad kind among good ones."""
    folder = tmp_path_factory.mktemp("inbox")
    (folder / "empty.txt").touch()
    (folder / "binary.txt").write_bytes(random.Random(1).randbytes(200_000))
    (folder / "one-line.txt").write_bytes(b"a" * 50_000_000)
    (folder / "letter.txt").write_text(LOVE_LETTER, encoding="utf-8")
    (folder / "spaces.txt").write_text(" \n\t\n" * 1000, encoding="utf-8")
    (folder / "cut.pdf").write_bytes((RAW / "ban-in-ke-hoach-chua-chay-rung.pdf").read_bytes()[:20_000])
    forbidden = folder / "forbidden.txt"
    shutil.copy(PLAN, forbidden)
    forbidden.chmod(0)
    (folder / "locked").mkdir()
    (folder / "locked").chmod(0)
    os.mkfifo(folder / "pipe.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.txt").symlink_to(folder / "nothing")
    (folder / ".hidden.txt").write_text("x", encoding="utf-8")
    (folder / "~$open.docx").write_text("x", encoding="utf-8")
    for number in range(4):
        shutil.copy(PLAN, folder / f"good-{number}.txt")
    shutil.copy(RAW / "ban-in-cong-van-so-hoa-thu-vien.pdf", folder / "zz-good.pdf")
    return folder


# file: the reasons that say what is wrong with it
BAD = {
    "empty.txt": {"empty-file"},
    "binary.txt": {"binary-not-text"},
    "one-line.txt": {"too-big", "no-dispatch", "time-limit"},
    "letter.txt": {"no-dispatch"},
    "spaces.txt": {"no-dispatch", "no-text", "empty-file"},
    "cut.pdf": {"damaged-file", "no-pages"},
    "forbidden.txt": {"no-permission"},
    "locked": {"no-permission"},
    "pipe.txt": {"not-a-file"},
    "dangling.txt": {"not-found"},
}


def test_everything_bad_is_set_aside_and_the_rest_is_loaded(inbox: Path, tmp_path: Path, api: str) -> None:
    db = tmp_path / "congvan.duckdb"
    absent = tmp_path / "absent"
    before = UNPRIVILEGED if os.geteuid() == 0 else ()
    done = congvan(
        "ingest", inbox, absent, "--db", db, "--seconds", "60", home=tmp_path, before=before, PREFECT_API_URL=api
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    found = {str(inbox / name): reasons for name, reasons in BAD.items()} | {str(absent): {"not-found"}}
    aside = {a.path: a for a in access.set_aside(db)}
    assert set(aside) == set(found)
    for path, reasons in found.items():
        entry = aside[path]
        assert entry.reason in reasons, (path, entry.reason, entry.message)
        assert_one_sentence(entry.message, path)
        assert done.stderr.count(entry.message) == 1
    with access.query(db, "SELECT path FROM files WHERE is_current ORDER BY path") as (_, rows):
        good = [Path(path).name for (path,) in rows]
    assert good == [*(f"good-{n}.txt" for n in range(4)), "zz-good.pdf"]
    assert access.row_counts(db)["documents"] == 2
    assert access.broken_keys(db) == {}
    with access.query(db, "SELECT outcome, count(*) FROM inputs GROUP BY ALL ORDER BY ALL") as (_, rows):
        assert list(rows) == [("loaded", 5), ("set-aside", len(found))]
    listed = congvan("setaside", "--db", db, "--format", "csv", home=tmp_path)
    assert listed.returncode == 0
    assert len(listed.stdout.splitlines()) == 1 + len(found)
    # Again: what is held is not read, what is bad is tried once more and still said.
    again = congvan("ingest", inbox, "--db", db, home=tmp_path, before=before, PREFECT_API_URL=api)
    assert again.returncode == 1
    assert "0 files read, 5 held already, 10 set aside" in again.stderr
    assert {a.tries for a in access.set_aside(db) if a.path != str(absent)} == {2}


def assert_one_sentence(message: str, path: str) -> None:
    """It names the file, says one thing, and ends."""
    assert Path(path).name in message
    bare = message.replace(path, "X")
    assert re.fullmatch(r"[^\n]{10,300}\.", bare), message
    assert "Error" not in bare and "Exception" not in bare, message


@pytest.mark.parametrize("name", ["empty.txt", "binary.txt", "letter.txt", "cut.pdf", "pipe.txt"])
def test_extract_and_explain_say_it_too(inbox: Path, name: str, tmp_path: Path) -> None:
    for command in ("extract", "explain"):
        done = congvan(command, inbox / name, home=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("set aside [")
        assert name in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_folder_that_is_not_there_or_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, reason in (("absent", "not-found"), ("empty", "empty-folder")):
        done = congvan("extract", tmp_path / name, home=tmp_path)
        assert done.returncode == 1
        assert f"[{reason}]" in done.stderr and str(tmp_path / name) in done.stderr


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(PLAN, folder / "tốt.txt")
    with open(os.fsencode(folder) + b"/x\xff.txt", "wb") as file:
        file.write(PLAN.read_bytes())
    done = congvan("extract", folder, home=tmp_path)
    assert done.returncode == 1
    assert "[name-not-unicode]" in done.stderr and "x\\xff.txt" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_files_deep_down_are_found_without_end_of_stack(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
    folder.mkdir(parents=True)
    shutil.copy(PLAN, folder / "a.txt")
    done = congvan("extract", tmp_path / "d", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
