"""Beyond one machine: parts hold what was read, and a cluster with a worker killed ends where a local run does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.batch import Settings, attempt
from pipeline.limits import DEFAULT
from pipeline.outcome import Failure, Outcome, Read
from pipeline.store import access
from pipeline.store.parts import DamagedPart, part_name, parts_in, read_part, write_part
from pipeline.work import read_file
from tests.making import make
from tests.program import ROOT, congvan_here, environment
from tests.test_flow import contents

NOON = datetime(2031, 2, 3, 12, 0, 0, 123_457, tzinfo=UTC)
NASTY = 'a "quoted" \\ line\n\ttab \x01 \u2028 Đ 𝄞 ' + "'; DROP TABLE part; --"


def test_a_part_gives_back_what_was_written(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text(make(1).text, encoding="utf-8")
    outcomes = [
        attempt(read_file, str(text), Settings()),
        Outcome("/x/none", NOON),
        Outcome("/x/held", NOON, "ab" * 32, 7, held=True, mtime_ns=1_700_000_000_123_456_789, inode=2**64 - 1),
        Outcome(f"/x/{NASTY}", NOON, failure=Failure("read", "time-limit", NASTY)),
        Outcome(
            "/x/z.zip", NOON, "cd" * 32, 9,
            (Read("/x/z.zip!a", "{}", NASTY, (2**64 - 1, 0), "k"), Read("/x/z.zip!b", f'{{"a":"{"x" * 99}"}}', "")),
            failure=Failure("read", "zip-bomb", "…"),
        ),
    ]  # fmt: skip
    read = outcomes[0].reads[0]
    assert read.sketch and read.rows and read.confidences and read.digest
    folder = tmp_path / "it's [here]*"
    place = folder / part_name(outcomes, Settings())
    write_part(place, outcomes)
    assert read_part(place) == outcomes
    write_part(folder / "empty.parquet", [])
    assert read_part(folder / "empty.parquet") == []
    (folder / ".left-over").touch()
    assert [p.name for p in parts_in(folder)] == [place.name, "empty.parquet"]
    assert not (folder / ".left-over").exists()
    assert parts_in(tmp_path / "absent") == []


def test_a_part_is_named_by_what_went_in() -> None:
    one, two = Outcome("/a", NOON, "a" * 64), Outcome("/b", NOON, "b" * 64)
    names = {
        part_name([one, two], Settings()),
        part_name([two, one], Settings()),
        part_name([replace(one, sha256="c" * 64), two], Settings()),
        part_name([replace(one, path="/c"), two], Settings()),
        part_name([one, two], Settings(replace(DEFAULT, seconds=1.0))),
        part_name([replace(one, sha256=None, size=1, mtime_ns=1, inode=1), two], Settings()),
        part_name([replace(one, sha256=None, size=1, mtime_ns=2, inode=1), two], Settings()),
    }
    assert len(names) == 7
    assert part_name([one], Settings()) == part_name([replace(one, tried_at=datetime.now(UTC))], Settings())


def test_a_damaged_part_is_said(tmp_path: Path) -> None:
    place = tmp_path / "a.parquet"
    write_part(place, [Outcome("/a", NOON)])
    place.write_bytes(place.read_bytes()[:-20])
    with pytest.raises(DamagedPart):
        read_part(place)
    with pytest.raises(FileNotFoundError):
        read_part(tmp_path / "b.parquet")
    with pytest.raises(OSError):
        write_part(tmp_path / "a.parquet" / "c.parquet", [])


@contextmanager
def process(log: Path, *arguments: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """One process of the cluster, with all it starts; killed at the end."""
    env = environment(log.parent, PYTHONPATH=str(ROOT), **more)
    with log.open("wb") as out:
        started = subprocess.Popen([sys.executable, *arguments], env=env, stdout=out, stderr=out, cwd=log.parent)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def test_a_cluster_with_a_worker_killed_ends_where_a_local_run_does(tmp_path: Path, api: str) -> None:
    inbox, local, far = tmp_path / "inbox", tmp_path / "local.duckdb", tmp_path / "far.duckdb"
    inbox.mkdir()
    for seed in range(140):
        (inbox / f"{seed:03}.txt").write_text(make(seed).text, encoding="utf-8")
    for number in range(0, 140, 35):
        (inbox / f"{number:03}-bad.pdf").write_bytes(b"%PDF-1.7\n" + bytes(number))
    assert congvan_here("ingest", inbox, "--db", local, api=api).returncode == 1
    # What a run that was broken off left behind: a part that nobody loaded, one cut short, one half written.
    left = [attempt(read_file, str(inbox / f"{seed:03}.txt"), Settings()) for seed in range(20)]
    parts = tmp_path / "far.store" / "parts"
    write_part(parts / part_name(left, Settings()), left)
    write_part(parts / "cut.parquet", left)
    (parts / "cut.parquet").write_bytes((parts / "cut.parquet").read_bytes()[:500])
    (parts / ".half").write_bytes(b"PAR1")
    address = (tmp_path / "scheduler.json").as_posix()
    dask = ["-m", "distributed.cli.dask_worker", "--scheduler-file", address, "--no-nanny", "--nthreads", "1"]
    with (
        process(
            tmp_path / "scheduler.log", "-m", "distributed.cli.dask_scheduler", "--scheduler-file", address,
            "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show",
        ),
        process(tmp_path / "w1.log", *dask, "--no-dashboard", "--preload", "flows.cluster") as first,
        process(tmp_path / "w2.log", *dask, "--no-dashboard", "--preload", "flows.cluster"),
        process(
            tmp_path / "flow.log", "-c", _DRIVER, str(inbox), str(far), address, PREFECT_API_URL=api
        ) as flow,
    ):  # fmt: skip
        deadline = time.monotonic() + 90
        while len(readers := _children(first.pid)) < 2:
            assert flow.poll() is None and time.monotonic() < deadline, _logs(tmp_path)
            time.sleep(0.02)
        time.sleep(0.5)
        os.kill(first.pid, signal.SIGKILL)
        assert flow.poll() is None
        assert flow.wait(90) == 0, _logs(tmp_path)
        assert not [pid for pid in readers if Path(f"/proc/{pid}").exists()]
        _from_the_command_line(tmp_path, json.loads(Path(address).read_text("utf-8"))["address"], api)
    assert "loaded 120, held 20, set aside 4" in (tmp_path / "flow.log").read_text("utf-8"), _logs(tmp_path)
    assert contents(far) == contents(local)
    aside = [{(a.path, a.stage, a.reason, a.message) for a in access.set_aside(db)} for db in (local, far)]
    assert aside[0] == aside[1] and len(aside[0]) == 4
    assert access.broken_keys(far) == {}
    assert list(parts.iterdir()) == []


def _from_the_command_line(folder: Path, scheduler: str, api: str) -> None:
    more, parts, db = folder / "more", folder / "shared" / "parts", folder / "by-command.duckdb"
    more.mkdir()
    for seed in range(3):
        (more / f"{seed}.txt").write_text(make(seed).text, encoding="utf-8")
    (more / "empty.txt").touch()
    command = ["ingest", more, "--db", db, "--cluster", scheduler, "--parts", parts, "--cpu-seconds", "200"]
    done = congvan_here(*command, api=api)
    assert done.returncode == 1 and "3 files read, 0 held already, 1 set aside" in done.stderr, done.stderr
    assert list(parts.iterdir()) == [] and access.row_counts(db)["documents"] == 3
    with access.query(db, "SELECT settings ->> '$.limits.cpu_seconds' FROM runs") as (_, rows):
        assert list(rows) == [("200.0",)]


def test_a_cluster_that_is_not_there_or_not_installed_is_said(tmp_path: Path, api: str) -> None:
    command = ["ingest", tmp_path, "--db", tmp_path / "a.duckdb", "--cluster"]
    done = congvan_here(*command, "tcp://127.0.0.1:9", api=api)
    assert done.returncode == 4 and "tcp://127.0.0.1:9" in done.stderr.splitlines()[-1], done.stderr
    assert "Traceback" not in done.stderr
    code = "import sys; sys.modules['distributed'] = None; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
    without = subprocess.run(
        [sys.executable, "-c", code, *map(str, command), "tcp://127.0.0.1:9"], capture_output=True, text=True,
        env=environment(tmp_path, PREFECT_API_URL=api, PYTHONPATH=str(ROOT)), check=False,
    )  # fmt: skip
    assert without.returncode == 4 and "pip install 'congvan[cluster]'" in without.stderr.splitlines()[-1]


_DRIVER = """
import json, sys, time
from flows.cluster import ingest_on_cluster
for _ in range(600):
    try:
        address = json.load(open(sys.argv[3]))["address"]
        break
    except (OSError, ValueError):
        time.sleep(0.05)
done = ingest_on_cluster([sys.argv[1]], sys.argv[2], address, batch_files=20)
print(f"loaded {done.loaded}, held {done.held}, set aside {len(done.aside)}")
"""


def _children(worker: int) -> set[str]:
    """Processes that any thread of this one started."""
    found: set[str] = set()
    with suppress(OSError):
        for task in Path(f"/proc/{worker}/task").glob("*/children"):
            found |= set(task.read_text("utf-8").split())
    return found


def _logs(folder: Path) -> str:
    return "\n".join(f"--- {p.name}\n{p.read_text('utf-8', 'replace')[-3000:]}" for p in sorted(folder.glob("*.log")))

