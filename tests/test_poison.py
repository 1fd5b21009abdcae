"""The poison set: a hundred kinds of bad files among two hundred good ones, in one run, and nothing is left over."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.batch import Pool, Settings
from pipeline.find import find
from pipeline.limits import DEFAULT
from pipeline.outcome import Failure, Outcome
from pipeline.store import access
from tests.making import Made, make
from tests.pdf_maker import draw
from tests.poison_files import HARMS, Bad, bad_files
from tests.test_generated import paper_of

SETTINGS = Settings(replace(DEFAULT, seconds=3.0, cpu_seconds=2.0, pages=50), memory_mb=2560)
GOOD = 200
EVERY_PDF = 10


@pytest.fixture
def good(tmp_path: Path) -> dict[str, Made]:
    """Generated dispatches by path, with names that lie among the bad ones."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    made = {}
    for seed in range(GOOD):
        dispatch = make(seed)
        path = folder / f"{chr(97 + seed % 26)}{seed:03}.{'txt' if seed % EVERY_PDF else 'pdf'}"
        path.write_bytes(dispatch.text.encode() if seed % EVERY_PDF else draw(paper_of(dispatch)).pdf)
        made[str(path)] = dispatch
    return made


def test_every_good_file_is_loaded_and_every_bad_one_listed(
    good: dict[str, Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, own = tmp_path / "inbox", tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    bad = {str(inbox / kind.name): kind for kind in bad_files()}
    assert len(bad) >= 60 and len(HARMS) >= 20
    for path, kind in bad.items():
        kind.make(Path(path))
    # Another pool first: what Python itself starts and keeps for pools is there before as after.
    with Pool(SETTINGS, 1, "tests.poison:read_or_harm") as pool:
        list(pool.run([next(iter(good))]))
    children, memory, files = _children(), _memory(), _open_files()

    started = time.monotonic()
    outcomes = _run(inbox)
    took = time.monotonic() - started

    db = tmp_path / "a.duckdb"
    access.start_run(db, "r", datetime.now(UTC), {})
    for start in range(0, len(outcomes), 100):
        access.load(db, "r", outcomes[start : start + 100])
    with access.query(db, "SELECT path, reason, message FROM inputs WHERE outcome = 'set-aside'") as (_, rows):
        aside = {path: (reason, message) for path, reason, message in rows}
    assert {Path(p).name: said for p, said in aside.items() if p not in bad or not _is_right(said[0], bad[p])} == {}
    assert set(aside) == set(bad)
    listed = {entry.path for entry in access.set_aside(db)}
    there = {path for path, (reason, _) in aside.items() if reason != "not-found"}
    assert there <= listed <= set(aside)
    with access.query(db, "SELECT path, code FROM documents") as (_, rows):
        assert dict(rows) == {path: made.expected["code"] for path, made in good.items()}
    assert access.broken_keys(db) == {}
    assert all("\n" not in message and Path(path).name in message for path, (_, message) in aside.items())

    assert _children() == children
    assert _running("of-poison") == []
    assert _open_files() == files
    assert list(own.iterdir()) == []
    assert _memory() - memory < 100 << 20
    assert took < 120


def _run(inbox: Path) -> list[Outcome]:
    outcomes, paths = [], []
    for found in find([inbox]):
        if found.failure is None:
            paths.append(found.path)
        else:
            error = found.failure
            failure = Failure(error.stage, error.reason, error.message)
            outcomes.append(Outcome(found.path, datetime.now(UTC), failure=failure))
    with Pool(SETTINGS, 2, "tests.poison:read_or_harm") as pool:
        outcomes += pool.run(paths)
    assert len(outcomes) == len({o.path for o in outcomes})
    return outcomes


def _is_right(reason: str, kind: Bad) -> bool:
    return reason in kind.reason.split("|")


def _children() -> set[int]:
    """Processes whose parent is this one, the dead among them that nobody waited for too."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(entry.parent.name))
    return found


def _running(word: str) -> list[str]:
    """The command lines that hold this word."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in command and int(entry.parent.name) != os.getpid():
            found.append(command)
    return found


def _memory() -> int:
    """Bytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
