"""Ctrl-C and SIGTERM at any moment: the exit code says which, nothing is left running, the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.store import access
from pipeline.store.place import StorePlace
from tests.program import CONGVAN, ROOT, alive_with, congvan_here, environment, running, wait_for
from tests.test_cli import PLAN
from tests.test_flow import contents, copies, documents, has_loaded


def stopped(command: list[str], env: dict[str, str], number: int, when: Callable[[], bool], group: bool) -> str:
    """What a command says that is sent a signal as soon as ``when`` is true; nothing of it may be left."""
    with running(command, env) as run:
        wait_for(lambda: run.poll() is not None or when(), 60)
        assert run.poll() is None, "it ended too early"
        (os.killpg if group else os.kill)(run.pid, number)
        asked = time.monotonic()
        _, words = run.communicate(timeout=60)
    assert run.returncode == 128 + number, words
    assert time.monotonic() - asked < 20
    assert "Traceback" not in words and words.splitlines()[-1].startswith("Stopped."), words
    wait_for(lambda: alive_with(env["PREFECT_HOME"]) == [], 10)
    return words


def starting(home: Path) -> bool:
    return any("spawn_main" in line for line in alive_with(str(home)))


def test_an_ingest_stopped_again_and_again_ends_where_an_undisturbed_one_does(tmp_path: Path, api: str) -> None:
    inbox, whole, cut = copies(tmp_path / "in", 300), tmp_path / "whole.duckdb", tmp_path / "cut.duckdb"
    for path in sorted(inbox.iterdir())[200:]:  # a second batch that takes its time
        path.write_text(path.read_text(encoding="utf-8") * 6, encoding="utf-8")
    home, place = tmp_path / "stopped-home", StorePlace(cut)
    command, env = [str(CONGVAN), "ingest", str(inbox), "--db", str(cut)], environment(home, PREFECT_API_URL=api)
    stopped(command, env, signal.SIGINT, lambda: starting(home), group=True)
    stopped(command, env, signal.SIGTERM, lambda: starting(home), group=False)
    stopped(command, env, signal.SIGTERM, lambda: has_loaded(cut), group=True)
    assert 200 <= documents(cut) < 300
    for number in (signal.SIGINT, signal.SIGTERM):
        stopped(command, env, number, (place.folder / "publishing").exists, group=True)
        assert documents(cut) == 300 and not cut.exists()
        with access.query(place.writer, "SELECT count(*) FROM set_aside") as (_, rows):
            assert list(rows) == [(0,)], "a worker that was stopped says nothing about its file"
    for db in (whole, cut):
        assert congvan_here("ingest", inbox, "--db", db, api=api).returncode == 0
    assert contents(cut) == contents(whole)
    assert access.broken_keys(cut) == {}
    assert list((place.folder / "runs").iterdir()) == [] and not (place.folder / "publishing").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_records_being_printed_are_stopped(number: int, tmp_path: Path) -> None:
    inbox, home, out = tmp_path / "in", tmp_path / "stopped-home", tmp_path / "out"
    inbox.mkdir()
    for name in range(400):
        (inbox / f"{name}.txt").write_text(PLAN.read_text(encoding="utf-8") * 20, encoding="utf-8")
    command, env = [str(CONGVAN), "extract", str(inbox), "--out", str(out)], environment(home)
    stopped(command, env, number, lambda: starting(home), group=True)
    stopped(command, env, number, lambda: out.is_dir() and any(out.iterdir()), group=False)
    # As a script starts it in the background, where shells have programs ignore Ctrl-C.
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    stopped(ignoring, env, number, lambda: starting(home), group=False)


_SWALLOWED = """
import sys, time

from pipeline.cli import main

class Deaf:
    def __del__(self):
        time.sleep(600)  # what is raised here Python prints and forgets


if __name__ == "__main__":
    from pipeline.batch import Pool
    start = Pool.run
    def run(self, paths):
        yield from start(self, paths[:1])
        print("deaf", flush=True)
        deaf = Deaf()
        del deaf
        yield from start(self, paths[1:])
    Pool.run = run
    sys.exit(main(sys.argv[1:]))
"""


def test_what_a_library_swallows_is_heard_all_the_same_and_a_second_one_ends_it(tmp_path: Path) -> None:
    inbox = copies(tmp_path / "in", 2)
    script = tmp_path / "deaf.py"
    script.write_text(_SWALLOWED, encoding="utf-8")
    command = [sys.executable, str(script), "extract", str(inbox), "--out", str(tmp_path / "out"), "--workers", "1"]
    env = environment(tmp_path / "stopped-home", PYTHONPATH=str(ROOT))
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None and run.stdout.readline() == "deaf\n"
            time.sleep(0.2)
            os.kill(run.pid, number)
            _, words = run.communicate(timeout=20)
        assert run.returncode == 128 + number and "Stopped." in words, words
    wait_for(lambda: alive_with(env["PREFECT_HOME"]) == [], 10)
