"""Nights and inboxes: what a night does and tells, each way of starting one, and what dead runs leave behind."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient

from flows.leftovers import close_dead, forget_old
from pipeline import report
from pipeline.alarm import ON_FAILURE, WEBHOOK
from pipeline.report import COUNTRY, Night, Step, night_of, night_report
from pipeline.store import access
from pipeline.store.place import StorePlace
from tests.program import CONGVAN, ROOT, alive_with, congvan, congvan_here, environment, running, wait_for
from tests.records import NOW, loaded
from tests.test_cli import PLAN, RAW
from tests.test_flow import copies, flow_runs, has_loaded

OPS = ROOT / "ops"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Two good files and an empty one."""
    folder = copies(tmp_path / "in", 2)
    (folder / "empty.txt").touch()
    return folder


def text_of(folder: Path) -> str:
    (path,) = folder.glob("*.md")
    assert path.stem in {(datetime.now(COUNTRY) - timedelta(minutes=m)).date().isoformat() for m in (0, 10)}
    return path.read_text(encoding="utf-8")


def ask(api: str, path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{api}/{path}", data=data, headers={"Content-Type": "application/json"})
    for patience in (1, 2, 4, 0):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:  # SQLite under many writers
            if error.code != 503 or not patience:
                raise
            time.sleep(patience)


def commands_of_ops() -> dict[str, str]:
    unit = configparser.RawConfigParser(strict=False)
    unit.read(OPS / "congvan-nightly.service", encoding="utf-8")
    cron = (OPS / "congvan.cron").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in cron if re.match(r"\d", line))
    assert line.split()[:6] == ["0", "18", "*", "*", "*", "congvan"]
    return {"systemd": unit["Service"]["ExecStart"], "cron": line.split(None, 6)[6]}


@pytest.mark.parametrize("way", ["systemd", "cron"])
def test_a_night_as_cron_and_systemd_start_it(way: str, inbox: Path, tmp_path: Path, api: str) -> None:
    command = commands_of_ops()[way].replace("/opt/congvan/.venv/bin/congvan", shlex.quote(str(CONGVAN)))
    command = command.replace("/srv/congvan/inbox", shlex.quote(str(inbox)))
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": api,
            "CONGVAN_DB": str(tmp_path / "a.duckdb")}  # fmt: skip
    run = ["/bin/sh", "-c", command]
    done = subprocess.run(run, env=bare, cwd="/", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    told = text_of(tmp_path / "reports")
    assert "Đêm này chạy xong" in told and "## Văn bản mới (2)" in told and "8001/KH-UBND" in told
    assert "tệp rỗng (empty-file)" in told and "2 văn bản của 2 tệp; 1 tệp để riêng" in told
    assert str(tmp_path / "reports") in done.stderr
    with access.query(tmp_path / "a.duckdb", "SELECT count(*) FROM register") as (_, rows):
        assert list(rows) == [(2,)]
    artifacts = {a["key"]: a["data"] for a in ask(api, "artifacts/filter", {"sort": "CREATED_DESC", "limit": 2})}
    assert artifacts["congvan-night"] == told
    assert (tmp_path / "a.duckdb").as_uri() in artifacts["congvan-ingest"]
    assert (inbox / "empty.txt").as_uri() in artifacts["congvan-ingest"]
    assert "FROM set_aside WHERE run_id" in artifacts["congvan-ingest"]


def test_the_timer_is_in_vietnams_zone() -> None:
    timer = configparser.RawConfigParser()
    timer.read(OPS / "congvan-nightly.timer", encoding="utf-8")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 01:00:00 Asia/Ho_Chi_Minh"


def test_a_second_night_tells_the_first_ones_news_and_leaves_the_set_aside(
    inbox: Path, tmp_path: Path, api: str
) -> None:
    db = tmp_path / "a.duckdb"

    def night(*more: str) -> subprocess.CompletedProcess[str]:
        return congvan_here("nightly", "--inbox", inbox, "--db", db, *more, api=api)

    assert night().returncode == 1
    changed = inbox / "0000.txt"
    changed.write_text(changed.read_text(encoding="utf-8").replace("Số: 8000", "Số: 7000"), encoding="utf-8")
    assert night().returncode == 0, "what was set aside and has not changed is left so"
    told = text_of(tmp_path / "reports")
    assert "## Văn bản mới (2)" in told and "Tệp có nội dung mới: 1" in told and "7000/KH-UBND" in told
    assert night("--retry").returncode == 1
    (aside,) = access.set_aside(db)
    assert (aside.reason, aside.tries) == ("empty-file", 2)


class _Hook(BaseHTTPRequestHandler):
    heard: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    _Hook.heard = []
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/secret-token", _Hook.heard
    finally:
        server.shutdown()
        server.server_close()


def test_a_failed_night_says_so_and_loses_nothing(
    inbox: Path, tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (WEBHOOK, ON_FAILURE):  # set by the command for what it starts; taken back afterwards
        monkeypatch.setenv(name, "")
    db, mail = tmp_path / "a.duckdb", tmp_path / "mail.txt"
    assert congvan_here("ingest", inbox, "--db", db, api=api).returncode == 1
    inbox.rename(tmp_path / "elsewhere")
    before = {run["id"] for run in flow_runs(api)}
    with webhook() as (address, heard):
        done = congvan_here(
            "nightly", "--inbox", inbox, "--db", db, "--report", tmp_path / "told", "--webhook", address,
            "--on-failure", f"cat >'{mail}'; echo \"$CONGVAN_REPORT\" >>'{mail}'; exit 7", api=api,
        )  # fmt: skip
    assert done.returncode == 4 and "Traceback" not in done.stderr, done.stderr
    assert str(inbox) in done.stderr.splitlines()[-1] and "exit code 7" in done.stderr
    told = text_of(tmp_path / "told")
    assert "ĐÊM NÀY CÓ LỖI: đọc hộp đến" in told and "| liên kết và công bố | xong |" in told
    (path,) = (tmp_path / "told").glob("*.md")
    assert mail.read_text(encoding="utf-8") == f"{told}{path}\n"
    (said,) = heard
    assert said["outcome"] == "failed" and said["report"] == str(path) and str(inbox) in said["message"]
    assert access.row_counts(db)["documents"] == 2
    (run,) = (r for r in flow_runs(api) if r["id"] not in before)
    assert run["state_type"] == "FAILED" and "secret-token" not in json.dumps(run)


def test_a_night_without_a_store_or_a_server_is_told_too(inbox: Path, tmp_path: Path) -> None:
    junk, mail = tmp_path / "junk.duckdb", tmp_path / "mail.txt"
    junk.write_bytes(b"junk" * 5000)
    done = congvan("nightly", "--inbox", inbox, "--db", junk, "--on-failure", f"cat >'{mail}'", home=tmp_path)
    assert done.returncode == 3 and "Traceback" not in done.stderr, done.stderr
    told = text_of(tmp_path / "reports")
    assert "ĐÊM NÀY CÓ LỖI: khởi động" in told and "damaged" in told and mail.read_text("utf-8") == told
    assert junk.read_bytes() == b"junk" * 5000
    wrong = congvan("nightly", "--inbox", inbox, "--webhook", "file:///etc/passwd", home=tmp_path)
    assert wrong.returncode == 2 and "http" in wrong.stderr


@contextmanager
def started(*command: object, home: Path, **more: str) -> Iterator[subprocess.Popen[str]]:
    env = environment(home, PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1", **more)
    with (home / "started.log").open("w", encoding="utf-8") as log, subprocess.Popen(
        [str(c) for c in command], env=env, cwd=home, stdout=log, stderr=log, text=True, start_new_session=True
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)


def run_now(api: str, deployment: str) -> dict[str, Any]:
    """A night started through the server, at its end."""
    wait_for(lambda: ask(api, "deployments/filter", {"deployments": {"name": {"any_": [deployment]}}}))
    (found,) = ask(api, "deployments/filter", {"deployments": {"name": {"any_": [deployment]}}})
    (schedule,) = found["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 1 * * *", "Asia/Ho_Chi_Minh")
    made = ask(api, f"deployments/{found['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    run: dict[str, Any] = made

    def ended() -> bool:
        nonlocal run
        run = ask(api, f"flow_runs/{made['id']}")
        return run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

    wait_for(ended, 120)
    return run


def test_a_night_served_by_prefect(inbox: Path, tmp_path: Path, api: str) -> None:
    db = tmp_path / "a.duckdb"
    serve = (sys.executable, "-m", "flows.nightly", "serve", "--inbox", inbox, "--db", db, "--name", "served")
    with started(*serve, home=tmp_path, PREFECT_API_URL=api) as process:
        run = run_now(api, "served")
        assert run["state_type"] == "COMPLETED", (run["state"], (tmp_path / "started.log").read_text("utf-8"))
        assert "## Văn bản mới (2)" in text_of(tmp_path / "reports")
        (inbox / "empty.txt").unlink()
        for path in inbox.iterdir():
            path.unlink()
        inbox.rmdir()
        assert run_now(api, "served")["state_type"] == "FAILED"
        os.kill(process.pid, signal.SIGINT)
        process.wait(30)
    assert access.row_counts(db)["documents"] == 2


def test_a_night_by_a_worker_of_a_process_pool(inbox: Path, tmp_path: Path, api: str) -> None:
    db, prefect = tmp_path / "a.duckdb", CONGVAN.with_name("prefect")
    env = environment(tmp_path, PREFECT_API_URL=api, PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")
    create = [str(prefect), "work-pool", "create", "congvan", "--type", "process"]
    deploy = [sys.executable, "-m", "flows.nightly", "deploy", "--pool", "congvan", "--inbox", str(inbox), "--db",
              str(db), "--name", "pooled"]  # fmt: skip
    for command in (create, deploy):
        subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, timeout=120, check=True)
    worker = (prefect, "worker", "start", "--pool", "congvan")
    with started(*worker, home=tmp_path, PREFECT_API_URL=api):
        run = run_now(api, "pooled")
        assert run["state_type"] == "COMPLETED", (run["state"], (tmp_path / "started.log").read_text("utf-8"))
    assert "## Văn bản mới (2)" in text_of(tmp_path / "reports")
    assert access.row_counts(db)["documents"] == 2


def test_retry_tries_all_or_by_reason(inbox: Path, tmp_path: Path, api: str) -> None:
    db = tmp_path / "a.duckdb"
    (inbox / "junk.pdf").write_bytes(bytes(range(256)) * 20)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return congvan_here(*arguments, "--db", db, api=api)

    assert run("ingest", inbox).returncode == 1
    assert sorted(f.reason for f in access.set_aside(db)) == ["binary-not-text", "empty-file"]
    for name in ("empty.txt", "junk.pdf"):
        text = PLAN.read_text(encoding="utf-8").replace("Số: 9001", f"Số: {len(name)}")
        (inbox / name).write_text(text, encoding="utf-8")
    none = run("retry", "--reason", "zip-bomb")
    assert none.returncode == 0 and "binary-not-text (1), empty-file (1)" in none.stderr
    done = run("retry", "--reason", "empty-file")
    assert done.returncode == 0 and "1 file read, 0 held already" in done.stderr, done.stderr
    assert [f.reason for f in access.set_aside(db)] == ["binary-not-text"]
    assert "1 file read" in run("retry").stderr
    assert access.set_aside(db) == [] and "Nothing is set aside." in run("retry").stderr


def test_patterns_and_lists(tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = copies(tmp_path / "in", 3)
    (folder / "sub [1]").mkdir()
    (folder / "0001.txt").rename(folder / "sub [1]" / "một.txt")
    (folder / "0002.txt").rename(folder / "sub [1]" / "hai.md")
    db = tmp_path / "a.duckdb"
    done = congvan_here("ingest", f"{folder}/**/m*.txt", f"{folder}/none*", "--db", db, api=api)
    assert done.returncode == 1 and "1 file read, 0 held already, 1 set aside" in done.stderr, done.stderr
    assert "No file or folder fits the pattern" in done.stderr
    for end, option in (("\n", []), ("\0", ["--null"])):
        before = {run["id"] for run in flow_runs(api)}
        listed = end.join(["in/0000.txt", f"{folder}/sub [1]/hai.md", ""]).encode()
        done = congvan_here("ingest", "-", "--db", db, *option, api=api, stdin=listed)
        assert done.returncode == 0, done.stderr
        assert ("2 files read" if end == "\n" else "0 files read, 2 held already") in done.stderr
        (run,) = (r for r in flow_runs(api) if r["id"] not in before)
        assert run["parameters"]["paths"] == ["-"], "a long list would swell Prefect's database"
    assert access.row_counts(db)["documents"] == 3


def test_a_watch_takes_files_when_they_stop_changing_and_ends_at_ctrl_c(tmp_path: Path, api: str) -> None:
    folder, db = copies(tmp_path / "in", 1), tmp_path / "a.duckdb"
    env = environment(tmp_path, PREFECT_API_URL=api)
    command = [str(CONGVAN), "watch", str(folder), "--every", "1", "--db", str(db)]
    with running(command, env) as watch:
        wait_for(db.exists)
        text = (folder / "0000.txt").read_text(encoding="utf-8").replace("Số: 8000", "Số: 8001")
        with (folder / "slow.txt").open("w", encoding="utf-8") as slow:
            for start in range(0, len(text), len(text) // 20):
                slow.write(text[start : start + len(text) // 20])
                slow.flush()
                time.sleep(0.15)
        wait_for(lambda: db.exists() and access.row_counts(db)["documents"] == 2)
        os.killpg(watch.pid, signal.SIGINT)
        _, words = watch.communicate(timeout=30)
    assert watch.returncode == 130 and "Traceback" not in words and words.splitlines()[-1].startswith("Stopped."), words
    with access.query(db, "SELECT count(*), max(version_no) FROM files") as (_, rows):
        assert list(rows) == [(2, 1)], "nothing was read half"
    with access.query(db, "SELECT outcome, count(*) FROM runs GROUP BY ALL") as (_, rows):
        assert list(rows) == [("finished", 2)]
    assert not [line for line in alive_with(str(tmp_path)) if "congvan" in line]


def test_ctrl_c_in_a_terminal_ends_an_ingest_with_its_own_server(tmp_path: Path) -> None:
    folder, db = copies(tmp_path / "in", 300), tmp_path / "a.duckdb"
    for path in sorted(folder.iterdir())[200:]:
        path.write_text(path.read_text(encoding="utf-8") * 4, encoding="utf-8")
    command = [str(CONGVAN), "ingest", str(folder), "--db", str(db)]
    env = environment(tmp_path / "home")
    with running(command, env) as run:
        wait_for(lambda: has_loaded(db), 120)
        os.killpg(run.pid, signal.SIGINT)
        asked = time.monotonic()
        _, words = run.communicate(timeout=60)
    assert time.monotonic() - asked < 20
    said = [line for line in words.splitlines() if "files/s" not in line]
    assert run.returncode == 130 and len(said) == 2, words
    assert words.splitlines()[-1].startswith("Stopped.")
    wait_for(lambda: alive_with(str(tmp_path / "home")) == [], 10)


def test_a_killed_program_takes_its_server_and_workers_along(tmp_path: Path) -> None:
    folder, db = copies(tmp_path / "in", 320), tmp_path / "a.duckdb"
    command = [str(CONGVAN), "ingest", str(folder), "--db", str(db)]
    with running(command, environment(tmp_path / "home")) as run:
        wait_for(lambda: has_loaded(db), 120)
        assert len(alive_with(str(tmp_path / "home"))) >= 3
        run.kill()
    wait_for(lambda: alive_with(str(tmp_path / "home")) == [], 15)


def test_a_run_that_died_is_closed_at_the_next_start_and_a_living_one_is_not(tmp_path: Path, api: str) -> None:
    db = tmp_path / "a.duckdb"
    before = {run["id"] for run in flow_runs(api)}

    def ours() -> dict[str, str]:
        return {r["id"]: r["state_type"] for r in flow_runs(api) if r["id"] not in before}

    env = environment(tmp_path, PREFECT_API_URL=api)
    command = [str(CONGVAN), "ingest", str(copies(tmp_path / "in", 320)), "--db", str(db)]
    with running(command, env) as run:
        wait_for(lambda: has_loaded(db))
        with SyncPrefectClient(api) as client:
            assert close_dead(client, StorePlace(db), datetime.now(UTC)) == []
        run.kill()
    (dead,) = ours()
    assert ours() == {dead: "RUNNING"}
    assert congvan_here("ingest", PLAN, "--db", db, api=api).returncode == 0
    assert ours().pop(dead) == "CRASHED" and sorted(ours().values()) == ["COMPLETED", "CRASHED"]
    assert list((StorePlace(db).folder / "runs").iterdir()) == []
    with access.query(db, "SELECT outcome FROM runs ORDER BY started_at") as (_, rows):
        assert list(rows) == [("failed",), ("finished",)]
    with SyncPrefectClient(api) as client:
        assert forget_old(client, datetime.now(UTC)) == 0
        assert forget_old(client, datetime.now(UTC) + timedelta(days=31)) >= 2
        assert client.read_artifacts() == []
    assert ours() == {}


def night(since: datetime, until: datetime) -> Night:
    return Night(since, until, (Step("inbox", 1.0, 2),))


def test_the_report_asks_the_base_tables_where_nothing_is_published(tmp_path: Path) -> None:
    db = tmp_path / "writer.duckdb"
    access.start_run(db, "r1", NOW, {})
    access.load(db, "r1", [loaded("/in/a|b.txt")])
    access.finish_run(db, "r1", NOW, "finished")
    with access.query(db, "SELECT max(due_on), count(due_on) FROM deadlines WHERE recurrence IS NULL") as (_, rows):
        ((last, number),) = rows
    assert number
    now = datetime.now(UTC)
    told = night_report(night(now - timedelta(days=1), now), db, db)
    assert "## Văn bản mới (1)" in told and "/in/a\\|b.txt" in told
    assert "| 07/2031 | " in told
    later = datetime(last.year + 1, 1, 1, tzinfo=UTC)
    told = night_report(night(later - timedelta(days=1), later), db, db)
    assert f"## Quá hạn ({number})" in told and "Mới quá hạn: 0" in told and "## Văn bản mới (0)" in told
    with access.query(db, "SELECT bound, granularity FROM deadlines WHERE due_on IS NOT NULL") as (_, rows):
        assert list(rows) == [("before", "day")], "so that the day printed is too late already"
    for days, words in ((-1, "## Quá hạn (0)"), (0, "Mới quá hạn: 1"), (1, "Mới quá hạn: 0")):
        until = datetime(last.year, last.month, last.day, 3, tzinfo=UTC) + timedelta(days=days)
        assert words in night_report(night(until - timedelta(days=1), until), db, db)
    gone = night_report(night(NOW, NOW), db, tmp_path / "none.duckdb")
    assert "Không đọc được cơ sở dữ liệu" in gone and gone.count("##") == 1


def test_a_night_begins_where_the_last_good_one_ended(tmp_path: Path) -> None:
    begun = datetime(2026, 10, 2, 18, tzinfo=UTC)
    steps = [Step("inbox", 1.0)]
    assert night_of(tmp_path / "none", begun, begun, steps).since == begun

    def tell(since: datetime, until: datetime, trouble: str | None = None) -> None:
        told = Night(since, until, (Step("inbox", 1.0, trouble=trouble),))
        report.write_report(tmp_path, told.day, night_report(told, tmp_path / "a.duckdb", None))

    good = begun - timedelta(days=2)
    tell(good - timedelta(hours=1), good)
    tell(good, good + timedelta(days=1), "x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2026-10-01.md", "2026-10-02.md"]
    assert night_of(tmp_path, begun, begun, steps).since == good, "the failed night in between is told again"
    tell(good, begun)
    assert night_of(tmp_path, begun + timedelta(hours=1), begun + timedelta(hours=2), steps).since == good
    (tmp_path / "2026-10-03.md").write_text("<!-- congvan {broken} -->", encoding="utf-8")
    assert night_of(tmp_path, begun, begun, steps).since == good


def test_examples_have_reports_without_a_word_of_markup_of_theirs(tmp_path: Path, api: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    text = PLAN.read_text(encoding="utf-8").replace("mùa khô", "mùa <b>khô</b> | `x` [y](z)", 1)
    (folder / "lạ.txt").write_text(text, encoding="utf-8")
    assert congvan_here("nightly", "--inbox", folder, RAW, "--db", tmp_path / "a.duckdb", api=api).returncode == 0
    told = text_of(tmp_path / "reports")
    assert "<b>" not in told.replace("\\<b\\>", "") and "## Văn bản mới (6)" in told
