"""The Prefect flow that the command runs: with no server and with one, again, after a change, after a kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.store import access
from pipeline.store.place import StorePlace
from pipeline.store.tables import RECORD_TABLES
from tests.program import CONGVAN, ROOT, congvan, congvan_here, environment
from tests.records import NOW
from tests.test_cli import PLAN, RAW
from tests.test_publish import holder


def contents(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the store says about dispatches, without which run said it and when."""
    told = {}
    for table in ("documents", "files", *(t.name for t in RECORD_TABLES)):
        left_out = {"documents": "run_id, loaded_at, valid_from", "files": "run_id, found_at, ended_at"}.get(table)
        columns = f"* EXCLUDE ({left_out})" if left_out else "*"
        with access.query(db, f"SELECT {columns} FROM {table} ORDER BY ALL") as (_, rows):
            told[table] = list(rows)
    return told


def copies(folder: Path, number: int) -> Path:
    """A folder of dispatches that all differ."""
    folder.mkdir()
    text = PLAN.read_text(encoding="utf-8")
    for n in range(number):
        (folder / f"{n:04}.txt").write_text(text.replace("Số: 9001", f"Số: {8000 + n}"), encoding="utf-8")
    return folder


def flow_runs(api: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(
        f"{api}/flow_runs/filter", data=b"{}", headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        runs: list[dict[str, Any]] = json.load(answer)
    return runs


def test_it_runs_with_no_server_and_again_changes_nothing(tmp_path: Path, api: str) -> None:
    db = tmp_path / "new" / "folder" / "congvan.duckdb"
    done = congvan("ingest", RAW, "--db", db, home=tmp_path / "home")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "5 files read, 0 held already, 0 set aside" in done.stderr
    assert f"--db {db}" in done.stderr
    before = contents(db)
    assert len(before["documents"]) == 5
    assert all(before[t] for t in ("addressees", "copies", "document_references", "quantities", "deadlines", "flags"))
    again = congvan_here("ingest", RAW, "--db", db, api=api)
    assert again.returncode == 0, again.stderr
    assert "0 files read, 5 held already, 0 set aside" in again.stderr and "Nothing new" in again.stderr
    assert contents(db) == before
    with access.query(db, "SELECT outcome, settings ->> '$.paths[0]' FROM runs") as (_, rows):
        assert list(rows) == [("finished", str(RAW))] * 2
    beside = sorted(p.name for p in db.parent.iterdir())
    assert beside == ["congvan.duckdb", "congvan.manifest.json", "congvan.store"], "no log is left"


def test_it_runs_on_a_server_and_keeps_secrets_from_it(tmp_path: Path, api: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("mật khẩu 123\n", encoding="utf-8")
    before = {run["id"] for run in flow_runs(api)}
    started = time.monotonic()
    done = congvan(
        "ingest", RAW, "--db", tmp_path / "a.duckdb", "--password-file", secret, home=tmp_path, PREFECT_API_URL=api
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 60
    (run,) = (run for run in flow_runs(api) if run["id"] not in before)
    assert run["state_type"] == "COMPLETED"
    assert run["parameters"]["paths"] == [str(RAW)]
    assert "mật khẩu 123" not in json.dumps(run, ensure_ascii=False)
    assert "mật khẩu 123" not in str(contents_of_runs(tmp_path / "a.duckdb"))


def contents_of_runs(db: Path) -> list[tuple[Any, ...]]:
    with access.query(db, "FROM runs") as (_, rows):
        return list(rows)


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    code = (
        "import sys; from pipeline import cli, commands; commands._SERVER_SECONDS = 3.0; sys.argv[0] = 'congvan'\n"
        f"sys.exit(cli.main(['ingest', {str(PLAN)!r}, '--db', {str(tmp_path / 'a.duckdb')!r}]))"
    )
    env = environment(tmp_path, PYTHONPATH=str(ROOT), PREFECT_API_URL="http://127.0.0.1:9/api")
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, ""), done.stderr
    waits, says = done.stderr.splitlines()[-2:]
    assert waits == "Waiting for the Prefect server at http://127.0.0.1:9/api …"
    assert "http://127.0.0.1:9/api" in says and "Traceback" not in done.stderr
    assert not (tmp_path / "a.duckdb").exists()


def test_a_changed_file_is_a_new_version(tmp_path: Path, api: str) -> None:
    db, folder = tmp_path / "a.duckdb", copies(tmp_path / "in", 2)
    assert congvan_here("ingest", folder, "--db", db, api=api).returncode == 0
    changed = folder / "0000.txt"
    changed.write_text(changed.read_text(encoding="utf-8").replace("Số: 8000", "Số: 7000"), encoding="utf-8")
    done = congvan_here("ingest", folder, "--db", db, api=api)
    assert "1 file read, 1 held already" in done.stderr
    with access.query(db, "SELECT number, version_no, is_current FROM documents ORDER BY number") as (_, rows):
        assert list(rows) == [("7000", 2, True), ("8000", 1, False), ("8001", 1, True)]


def test_it_waits_for_another_run_that_writes(tmp_path: Path, api: str) -> None:
    place = StorePlace(tmp_path / "a.duckdb")
    with holder(place, 8) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        done = congvan_here("ingest", PLAN, "--db", place.published, api=api)
        assert other.wait(20) == 0
    assert done.returncode == 0, done.stderr
    assert f"process {other.pid}" in done.stderr
    assert access.row_counts(place.published)["documents"] == 1


def test_a_store_that_cannot_be_used_is_said_at_once(tmp_path: Path, api: str) -> None:
    newer, junk = tmp_path / "newer.duckdb", tmp_path / "junk.duckdb"
    access.start_run(newer, "r", NOW, {})
    with duckdb.connect(str(newer)) as con:
        con.execute("INSERT INTO schema_version VALUES (99, now(), '99')")
    junk.write_bytes(b"junk" * 5000)
    for db, word in ((newer, "newer"), (junk, "damaged"), (PLAN / "sub.duckdb", str(PLAN))):
        started = time.monotonic()
        done = congvan("ingest", PLAN, "--db", db, home=tmp_path, PREFECT_API_URL=api)
        assert (done.returncode, done.stdout) == (3, ""), done.stderr
        assert word in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
        assert time.monotonic() - started < 30


def test_after_a_kill_the_next_run_ends_where_an_undisturbed_one_does(tmp_path: Path, api: str) -> None:
    folder = copies(tmp_path / "in", 450)
    whole, cut = tmp_path / "whole.duckdb", tmp_path / "cut.duckdb"
    assert congvan_here("ingest", folder, "--db", whole, api=api).returncode == 0
    env = environment(tmp_path, PREFECT_API_URL=api)
    with subprocess.Popen([CONGVAN, "ingest", folder, "--db", cut], env=env, stderr=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + 60
        while not has_loaded(cut):
            assert run.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(run.pid, signal.SIGKILL)
    assert 200 <= documents(cut) < 450
    done = congvan_here("ingest", folder, "--db", cut, api=api)
    assert done.returncode == 0, done.stderr
    assert contents(cut) == contents(whole)
    assert access.broken_keys(cut) == {}


def has_loaded(db: Path) -> bool:
    """Whether a first run has loaded a batch: while it goes on, it keeps its file to itself, but its log can be seen
    growing, and standing when a batch is written."""
    log = StorePlace(db).writer.with_name("writer.duckdb.wal")
    size = log.stat().st_size if log.exists() else 0
    time.sleep(0.1)
    return log.exists() and 300_000 < size == log.stat().st_size


def documents(db: Path) -> int:
    """How many dispatches the store holds, 0 while it is being written."""
    try:
        return access.row_counts(StorePlace(db).writer)["documents"]
    except access.StoreError:
        return 0


@pytest.mark.parametrize("told", ["true", None])
def test_nothing_is_reported_to_anybody_whatever_the_environment_says(tmp_path: Path, told: str | None) -> None:
    code = (
        "import flows, os\n"
        "from prefect.settings import get_current_settings as now\n"
        "print(now().server.analytics_enabled, os.environ['DO_NOT_TRACK'], now().home)\n"
    )
    more = {} if told is None else {"PREFECT_SERVER_ANALYTICS_ENABLED": told, "DO_NOT_TRACK": "0"}
    env = environment(tmp_path, PYTHONPATH=str(ROOT), **more)
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1", str(tmp_path)]


def test_prefect_keeps_its_files_with_the_data_unless_told(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "flows", tmp_path / "flows")
    env = environment(tmp_path, PYTHONPATH=str(tmp_path))
    del env["PREFECT_HOME"]
    code = "import flows, os; print(os.environ['PREFECT_HOME'])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "data" / "processed" / ".prefect")
