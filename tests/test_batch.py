"""The worker pool loses the file that breaks a worker, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batch import Pool, PoolError, Settings
from pipeline.limits import DEFAULT
from pipeline.outcome import Outcome
from tests.poison_files import png

POISON = "tests.poison:read_file"
QUICK = Settings(limits=replace(DEFAULT, seconds=3.0), memory_mb=2048)

# first word of the file: reason it must be set aside with
CASES = {
    "spin": "time-limit",
    "sleep 60": "time-limit",
    "crash SIGSEGV": "reader-crashed",
    "crash SIGKILL": "reader-crashed",
    "crash SIGABRT": "reader-crashed",
    "exit 3": "reader-crashed",
    "allocate": "out-of-memory",
    "recurse": "internal-error",
    "fault": "internal-error",
    "grow": "changed-while-read",
    "aside no-dispatch": "no-dispatch",
}


def outcomes(folder: Path, words: list[str], workers: int = 2) -> dict[str, Outcome]:
    """What came of a file for each of the words, by word."""
    paths = {}
    for number, word in enumerate(words):
        path = folder / f"{number:03}.txt"
        path.write_text(word, encoding="utf-8")
        paths[str(path)] = f"{number:03} {word}"
    with Pool(QUICK, workers, POISON) as pool:
        got = {paths[o.path]: o for o in pool.run(list(paths))}
    assert len(got) == len(words)
    return got


def test_only_the_poisoned_files_are_set_aside(tmp_path: Path) -> None:
    words: list[str] = []
    for case in CASES:
        words += ["good one", case, "good two"]
    started = time.monotonic()
    got = outcomes(tmp_path, words)
    for name, outcome in got.items():
        word = name.partition(" ")[2]
        if word.startswith("good"):
            assert outcome.failure is None and outcome.word == "loaded", name
        else:
            assert outcome.failure is not None, name
            assert outcome.failure.reason == CASES[word], (name, outcome.failure)
            assert Path(outcome.path).name in outcome.failure.message
            assert outcome.sha256 is not None and outcome.size is not None
            assert outcome.reads == ()
    assert time.monotonic() - started < 60


def test_a_pool_lasts_over_many_batches_and_leaves_no_process(tmp_path: Path) -> None:
    paths = []
    for number in range(20):
        path = tmp_path / f"{number}.txt"
        path.write_text("crash SIGKILL" if number % 5 == 4 else "good", encoding="utf-8")
        paths.append(str(path))
    with Pool(QUICK, 2, POISON) as pool:
        for start in range(0, 20, 5):
            done = list(pool.run(paths[start : start + 5]))
            assert sorted(o.path for o in done) == sorted(paths[start : start + 5])
            assert [o.word for o in done].count("set-aside") == 1
        workers = [w.process.pid for w in pool._workers]
    assert not [pid for pid in workers if pid and _alive(pid)]


def test_a_run_broken_off_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    paths = []
    for number in range(12):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"sleep 0.{number}", encoding="utf-8")
        paths.append(str(path))
    with Pool(QUICK, 2, POISON) as pool:
        next(iter(pool.run(paths[:6])))
        pool._workers[1].process.kill()
        assert sorted(o.path for o in pool.run(paths[6:])) == sorted(paths[6:])
        time.sleep(0.5)
        pool._workers[0].process.kill()  # while it has nothing to do
        time.sleep(0.5)
        assert [o.word for o in pool.run(paths)] == ["loaded"] * 12


def test_a_file_that_vanished_is_set_aside_with_that_reason(tmp_path: Path) -> None:
    with Pool(QUICK, 1, POISON) as pool:
        (outcome,) = pool.run([str(tmp_path / "gone.txt")])
    assert outcome.failure is not None and outcome.failure.reason == "not-found"


def test_workers_that_cannot_start_are_an_error_not_an_endless_loop(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("good", encoding="utf-8")
    with Pool(QUICK, 1, "tests.no_such_module:read") as pool, pytest.raises(PoolError):
        list(pool.run([str(path)]))


@pytest.mark.parametrize("word", ["sleep 120", "backtrack", "brood orphan-of-batch"])
def test_workers_end_when_their_parent_is_killed(word: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(word, encoding="utf-8")
    own = tmp_path / "own"
    own.mkdir()
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys\n"
        "from dataclasses import replace\n"
        "from pipeline.batch import Pool, Settings\n"
        "from pipeline.limits import DEFAULT\n"
        "if __name__ == '__main__':\n"
        f"    pool = Pool(Settings(replace(DEFAULT, seconds=3.0, cpu_seconds=60.0)), 1, {POISON!r})\n"
        "    print(pool._workers[0].process.pid, flush=True)\n"
        "    list(pool.run([sys.argv[1]]))\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, str(script), str(path)],
        stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ, "PYTHONPATH": str(root), "TMPDIR": str(own)},
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        time.sleep(1.5)
        assert _alive(worker) and list(own.iterdir())
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 20
    while (_alive(worker) or _started_by(worker)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not _alive(worker) and not _started_by(worker)
    if word != "backtrack":  # a library that never gives Python its lock back leaves no time to tidy
        assert list(own.iterdir()) == []


def test_a_worker_that_holds_too_much_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    pids = []
    with Pool(QUICK, 1, POISON) as pool:
        for word in ("good", "good", "leak 250", "good", "hoard 800", "good", "thread", "good", "good"):
            path.write_text(word, encoding="utf-8")
            pids.append(pool._workers[0].process.pid)
            assert [o.word for o in pool.run([str(path)])] == ["loaded"]
        assert len(set(pids)) == 4
        assert [pid == before for before, pid in zip(pids, pids[1:], strict=False)] == [
            True, True, False, True, False, True, False, True
        ]  # fmt: skip


def test_processor_time_is_bounded_by_itself(tmp_path: Path) -> None:
    for name, word in (("a", "spin"), ("b", "good"), ("c", "sleep 2.5"), ("d", "backtrack")):
        (tmp_path / name).write_text(word, encoding="utf-8")
    settings = Settings(replace(DEFAULT, seconds=60.0, cpu_seconds=1.0))
    started = time.monotonic()
    with Pool(settings, 2, POISON) as pool:
        got = {Path(o.path).name: o for o in pool.run([str(tmp_path / name) for name in "abcd"])}
    assert time.monotonic() - started < 30
    failures = {name: o.failure and o.failure.reason for name, o in got.items()}
    assert failures == {"a": "cpu-limit", "b": None, "c": None, "d": "cpu-limit"}
    assert all(o.sha256 is not None for o in got.values())


def test_memory_refused_inside_a_library_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    side = 13_000
    squeeze = zlib.compressobj()
    row = b"\0" + b"\xff" * side
    path.write_bytes(png(side, side, b"".join([*(squeeze.compress(row) for _ in range(side)), squeeze.flush()])))
    with Pool(Settings(memory_mb=2000), 1) as pool:
        (outcome,) = pool.run([str(path)])
    assert outcome.failure is not None and outcome.failure.reason == "out-of-memory", outcome.failure


def test_what_libraries_print_does_not_reach_standard_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    outcomes(tmp_path, ["shout"], workers=1)
    out, err = capfd.readouterr()
    assert "NOISE" not in out
    assert "NOISE" in err


def _started_by(leader: int) -> list[str]:
    """Processes of the group that a worker leads."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = entry.read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == leader and state != "Z":
            found.append(entry.parent.name)
    return found


def _alive(pid: int) -> bool:
    """Whether a process runs, a dead one that nobody has waited for not counting."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
