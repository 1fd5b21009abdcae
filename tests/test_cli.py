"""The command line: what goes where, what it ends with, and how soon it starts."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from models.record import Dispatch
from pipeline import score, store
from pipeline.extract import extract
from pipeline.read import read
from tests.make_example_pdfs import PDFS, make
from tests.program import CONGVAN, ROOT, congvan, environment
from tests.records import NOW, loaded

RAW = ROOT / "data" / "raw"
GOLD = ROOT / "data" / "gold"
TEXTS = sorted(p for p in RAW.iterdir() if p.suffix in (".txt", ".md"))
PLAN = RAW / "9001-ke-hoach-chua-chay-rung.txt"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A store with two dispatches in it."""
    path = tmp_path / "congvan.duckdb"
    store.start_run(path, "r1", NOW, {})
    store.load(path, "r1", [loaded("/in/a.txt"), loaded("/in/b.txt", "b")])
    store.finish_run(path, "r1", NOW, "finished")
    return path


def records(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_extract_prints_one_record_a_line_in_order(tmp_path: Path) -> None:
    done = congvan("extract", RAW, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    paths = [r["source"]["path"] for r in records(done.stdout)]
    assert paths == sorted(str(p) for p in RAW.iterdir())
    for record in records(done.stdout):
        assert Dispatch.model_validate(record).document_type is not None


def test_extract_of_one_file_is_what_the_functions_give(tmp_path: Path) -> None:
    for text in TEXTS:
        (source,) = read(text)
        done = congvan("extract", text, home=tmp_path)
        assert done.stdout == extract(source).model_dump_json() + "\n"
        assert congvan("extract", "--text", text, home=tmp_path).stdout == source.text


def test_every_span_of_every_example_is_a_slice_of_its_text(tmp_path: Path) -> None:
    spans = 0
    for record in records(congvan("extract", RAW, home=tmp_path).stdout):
        path = Path(record["source"]["path"])
        text = congvan("extract", "--text", path, home=tmp_path).stdout
        for evidence in walk(record):
            assert text[evidence["start"] : evidence["end"]] == evidence["text"]
            assert (evidence["page"] is None) == (path.suffix != ".pdf")
            spans += 1
    assert spans > 110


def walk(value: Any) -> list[dict[str, Any]]:
    """Every evidence span in a record."""
    if isinstance(value, dict):
        if {"start", "end", "text"} <= set(value):
            return [value]
        return [span for inner in value.values() for span in walk(inner)]
    return [span for inner in value for span in walk(inner)] if isinstance(value, list) else []


def test_extract_writes_a_file_for_each_and_no_name_twice(tmp_path: Path) -> None:
    out = tmp_path / "records"
    again = tmp_path / "again" / PLAN.name
    again.parent.mkdir()
    shutil.copy(PLAN, again)
    done = congvan("extract", RAW, again, "--out", out, home=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(p.name for p in out.iterdir()) == sorted(
        [f"{p.stem}.json" for p in RAW.iterdir()] + [f"{PLAN.stem}.2.json"]
    )
    assert f"{PLAN.stem}.2.json" in done.stderr
    for path in out.iterdir():
        Dispatch.model_validate_json(path.read_text(encoding="utf-8"))


def test_the_examples_are_read_as_a_person_reads_them(tmp_path: Path) -> None:
    out = tmp_path / "records"
    assert congvan("extract", *TEXTS, "--out", out, home=tmp_path).returncode == 0
    result = score.score(score.load(GOLD), score.load(out))
    assert len(score.load(GOLD)) == len(TEXTS)
    header = result.tallies[score.HEADER].f1
    assert header is not None and header >= 0.97, result.misses
    for field in ("addressees", "copies", "references"):
        assert result.tallies[f"{field} found"].f1 == 1.0, result.misses
    for field in ("quantities", "deadlines"):
        figure = result.tallies[f"{field} found"].f1
        assert figure is not None and figure >= 0.9, result.misses


def test_a_pdf_of_a_text_gives_the_record_of_the_text(tmp_path: Path) -> None:
    for text, pdf in PDFS.items():
        drawn = make((RAW / text).read_text(encoding="utf-8"))
        assert (RAW / pdf).read_bytes() == drawn, "make it anew: python -m tests.make_example_pdfs"
        plain, printed = (records(congvan("extract", RAW / name, home=tmp_path).stdout)[0] for name in (text, pdf))
        for field in set(plain) - {"source", "evidence"}:
            assert bare(printed[field]) == bare(plain[field]), field


def bare(value: Any) -> Any:
    """A value without evidence, spans and line breaks, which differ between a text and its print."""
    if isinstance(value, dict):
        return {k: len(v) if k == "mentions" else bare(v) for k, v in value.items() if k != "evidence"}
    if isinstance(value, list):
        return [bare(v) for v in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def test_explain_shows_each_value_with_its_rule_and_words(tmp_path: Path) -> None:
    (record,) = records(congvan("extract", PLAN, home=tmp_path).stdout)
    done = congvan("explain", PLAN, home=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("references", "quantities", "deadlines", "copies"):
        assert record[name]
        for entry in record[name]:
            words = " ".join(entry["evidence"]["text"].split())
            span = f"[{entry['evidence']['start']}-{entry['evidence']['end']}]"
            assert any(
                f"rule {entry['rule']}: {span}" in line and f"«{words}»" in line for line in done.stdout.splitlines()
            ), entry
    for field, rule in record["rules"].items():
        assert f"rule {rule}: " in done.stdout, field


def test_query_in_three_formats(db: Path, tmp_path: Path) -> None:
    sql = "SELECT path, subject, signer_authority, is_current, [1, 2] AS l, NULL AS n, 0.5 AS f FROM documents"

    def ask(fmt: str) -> str:
        done = congvan("query", sql + " ORDER BY path", "--format", fmt, "--db", db, home=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    as_json = json.loads(ask("json"))
    assert [r["path"] for r in as_json] == ["/in/a.txt", "/in/b.txt"]
    assert as_json[0]["is_current"] is True and as_json[0]["n"] is None and as_json[0]["l"] == [1, 2]
    as_csv = list(csv.DictReader(io.StringIO(ask("csv"))))
    assert as_csv[0]["signer_authority"] == "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH"
    assert as_csv[1]["l"] == "[1, 2]" and as_csv[1]["n"] == "" and as_csv[1]["f"] == "0.5"
    table = ask("table").splitlines()
    assert len(table) == 4 and table[0].split()[:2] == ["path", "subject"]
    assert "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH" in table[2]


def test_wrong_use_ends_with_two(db: Path, tmp_path: Path) -> None:
    cases: list[tuple[list[object], str]] = [
        (["query", "SELEC 1", "--db", db], "refused"),
        (["query", "DELETE FROM documents", "--db", db], "refused"),
        (["score", tmp_path / "none", tmp_path], "no folder"),
        (["score", tmp_path, tmp_path], "no gold records"),
        (["extract", PLAN, "--text", "--out", tmp_path], "--text"),
        (["extract", PLAN, "--out", db / "sub"], "Nothing can be written"),
        (["extract", PLAN, "--password-file", tmp_path / "none"], "is not there"),
        (["ingest", PLAN, "--trust", tmp_path / "none"], "no folder"),
        (["ingest", PLAN, "--workers", "0"], "--workers"),
        (["frobnicate"], "invalid choice"),
        ([], "required"),
    ]
    for arguments, words in cases:
        done = congvan(*arguments, home=tmp_path)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert words in done.stderr, (arguments, done.stderr)
        assert "Traceback" not in done.stderr


def test_a_store_that_cannot_be_used_ends_with_three(tmp_path: Path) -> None:
    junk = tmp_path / "junk.duckdb"
    junk.write_text("no database", encoding="utf-8")
    for arguments in (["query", "SELECT 1", "--db", tmp_path / "none.duckdb"], ["setaside", "--db", junk]):
        done = congvan(*arguments, home=tmp_path)
        assert (done.returncode, done.stdout) == (3, "")
        assert len(done.stderr.splitlines()) == 1


def test_the_store_is_where_the_environment_says(db: Path, tmp_path: Path) -> None:
    done = congvan("query", "SELECT count(*) AS n FROM documents", "--format", "csv", home=tmp_path, CONGVAN_DB=str(db))
    assert done.stdout == "n\n2\n"


def test_a_reader_that_has_enough_is_no_error(db: Path, tmp_path: Path) -> None:
    query = f"'{CONGVAN}' query 'SELECT * FROM range(1000000)' --format csv --db '{db}'"
    done = subprocess.run(
        ["bash", "-c", f"{query} | head -n 2; echo ${{PIPESTATUS[0]}}"], env=environment(tmp_path), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["range", "0", "0"]
    assert done.stderr == ""


def test_help_and_queries_start_at_once_and_without_prefect(db: Path, tmp_path: Path) -> None:
    times = []
    for _ in range(3):
        started = time.monotonic()
        assert congvan("-h", home=tmp_path).returncode == 0
        times.append(time.monotonic() - started)
    assert min(times) < 0.3
    code = "import sys; from pipeline.cli import main; main(sys.argv[1:]); assert 'prefect' not in sys.modules"
    for arguments in (["query", "SELECT 1", "--db", db], ["score", GOLD, GOLD], ["setaside", "--db", db]):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        env = environment(tmp_path, PYTHONPATH=str(ROOT))
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    script = tmp_path / "reading.py"
    script.write_text(f"if __name__ == '__main__':\n    {code}\n", encoding="utf-8")
    for command_name in ("extract", "explain"):
        command = [sys.executable, str(script), command_name, str(PLAN)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_an_interrupt_ends_it_without_a_traceback(tmp_path: Path) -> None:
    big = tmp_path / "in"
    big.mkdir()
    for number in range(400):
        (big / f"{number}.txt").write_text(PLAN.read_text(encoding="utf-8") * 20, encoding="utf-8")
    command = [str(CONGVAN), "extract", str(big), "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 60
        while not (tmp_path / "out").is_dir() or not any((tmp_path / "out").iterdir()):
            assert running.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(running.pid, signal.SIGINT)
        _, words = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in words and "Stopped" in words
