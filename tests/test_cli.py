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

from extractors.learned_confidence import model
from models.record import Dispatch
from pipeline import explain, messages, score
from pipeline.extract import extract
from pipeline.read import read
from pipeline.store import access
from tests.make_example_pdfs import PDFS, make
from tests.program import CONGVAN, ROOT, congvan, congvan_here, environment
from tests.records import NOW, loaded

RAW = ROOT / "data" / "raw"
GOLD = ROOT / "data" / "gold"
TEXTS = sorted(p for p in RAW.iterdir() if p.suffix in (".txt", ".md"))
PLAN = RAW / "9001-ke-hoach-chua-chay-rung.txt"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A store with two dispatches in it."""
    path = tmp_path / "congvan.duckdb"
    access.start_run(path, "r1", NOW, {})
    access.load(path, "r1", [loaded("/in/a.txt"), loaded("/in/b.txt", "b")])
    access.finish_run(path, "r1", NOW, "finished")
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


def test_extract_of_one_file_is_what_the_functions_give() -> None:
    for text in TEXTS:
        (source,) = read(text)
        done = congvan_here("extract", text)
        assert done.stdout == extract(source).model_dump_json() + "\n"
        assert congvan_here("extract", "--text", text).stdout == source.text


def test_every_span_of_every_example_is_a_slice_of_its_text() -> None:
    spans = 0
    for record in records(congvan_here("extract", RAW).stdout):
        path = Path(record["source"]["path"])
        text = congvan_here("extract", "--text", path).stdout
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
    assert done.stderr.splitlines()[-1] == f"Wrote {len(list(out.iterdir()))} records to {out}."
    for path in out.iterdir():
        Dispatch.model_validate_json(path.read_text(encoding="utf-8"))


def test_the_examples_are_read_as_a_person_reads_them(tmp_path: Path) -> None:
    out = tmp_path / "records"
    assert congvan_here("extract", *TEXTS, "--out", out).returncode == 0
    result = score.score(score.load(GOLD), score.load(out))
    assert len(score.load(GOLD)) == len(TEXTS)
    header = result.tallies[score.HEADER].f1
    assert header is not None and header >= 0.97, result.misses
    for field in ("addressees", "copies", "references"):
        assert result.tallies[f"{field} found"].f1 == 1.0, result.misses
    for field in ("quantities", "deadlines"):
        figure = result.tallies[f"{field} found"].f1
        assert figure is not None and figure >= 0.9, result.misses


def test_a_pdf_of_a_text_gives_the_record_of_the_text() -> None:
    for text, pdf in PDFS.items():
        drawn = make((RAW / text).read_text(encoding="utf-8"))
        assert (RAW / pdf).read_bytes() == drawn, "make it anew: python -m tests.make_example_pdfs"
        plain, printed = (records(congvan_here("extract", RAW / name).stdout)[0] for name in (text, pdf))
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
    (record,) = records(congvan_here("extract", PLAN).stdout)
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
    for words in ("% sure; for it: ", "responsible ", "the text was in the file", "against it: "):
        assert words in done.stdout, words


def test_all_that_a_confidence_is_weighed_by_has_words() -> None:
    weighed = {feature for field in model().values() for feature in field.weights} - {"all"}
    bare = [f for f in weighed if f not in explain._IN_WORDS and f"{f.partition('=')[0]}=" not in explain._NAMED]
    assert weighed and bare == []


@pytest.mark.parametrize(
    "given", [("review", "--limit", "0"), ("watch", ".", "--every", "soon"), ("publish", "--wait", "-1")]
)
def test_values_of_options_are_refused_in_words(tmp_path: Path, given: tuple[str, ...]) -> None:
    done = congvan(*given, home=tmp_path)
    assert done.returncode == 2 and f"wanted, not '{given[-1]}'" in done.stderr


@pytest.mark.parametrize(("what", "ending"), [("register", ".xlsx"), ("deadlines", ".ics")])
def test_an_export_is_not_named_for_what_it_is_not(db: Path, tmp_path: Path, what: str, ending: str) -> None:
    done = congvan("export", what, "--out", tmp_path / "x.csv", "--db", db, home=tmp_path)
    assert done.returncode == 2 and f"does not end in {ending}" in done.stderr and not (tmp_path / "x.csv").exists()


_WRITERS = [("publish",), ("rollback",), ("rollback", "--list"), ("correct", "x", "number", "1", "--why", "x")]


@pytest.mark.parametrize("given", _WRITERS)
def test_a_name_typed_wrong_is_made_no_database(tmp_path: Path, given: tuple[str, ...]) -> None:
    done = congvan(*given, "--db", tmp_path / "none.duckdb", home=tmp_path)
    assert done.returncode == 3 and "There is no database at" in done.stderr
    assert not list(tmp_path.glob("none*"))


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
        (["query", "SELECT 1; SELECT 2", "--db", db], "there are 2 statements in it"),
        (["query", "SELECT 1; SELECT 2", "--db", db, "--format", "parquet", "--out", tmp_path / "a"], "2 statements"),
        (["query", " ; ", "--db", db], "there is no SQL in it"),
        (["as-of", "2030-01-01", "SELECT 1; SELECT 2", "--db", db], "2 statements"),
        (["ingest", PLAN, "--parts", tmp_path], "only with --cluster"),
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
        assert (done.returncode, done.stdout) == (2, ""), (arguments, done.stderr)
        assert words in done.stderr, (arguments, done.stderr)
        assert "Traceback" not in done.stderr
    pivot = "PIVOT documents ON is_current USING count(*)"
    assert congvan("query", pivot, "--db", db, home=tmp_path).returncode == 0, "two statements for the database only"


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


def test_an_output_that_is_full_is_said(db: Path, tmp_path: Path) -> None:
    for command in (f"query 'FROM range(9)' --db '{db}'", "--version", f"extract '{PLAN}'", f"score '{GOLD}' '{GOLD}'"):
        done = subprocess.run(
            ["bash", "-c", f"'{CONGVAN}' {command} >/dev/full"], env=environment(tmp_path), capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 4 and len(done.stderr.splitlines()) == 1, (command, done.stderr)
        assert "The output cannot be written" in done.stderr


def test_words_that_nobody_hears_stop_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{CONGVAN}' extract '{PLAN}' '{tmp_path}/none' --out '{tmp_path}/out' 2>/dev/full"],
        env=environment(tmp_path), check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert [p.name for p in (tmp_path / "out").iterdir()] == [f"{PLAN.stem}.json"]


def test_one_is_not_many() -> None:
    counts = dict.fromkeys(("addressees", "document_references", "target", "result", "deadlines", "signatures"), 1)
    counts |= {"copies": 0, "funding": 2, "flags": 1}
    told = messages.summary(1, 0, 1, counts, {"no-number": 1}, [], Path("/a.duckdb"), 1.0, "congvan query", 1)
    assert "1 file set aside earlier is there no more, and is off the list." in told
    words = [line.split(maxsplit=1) for line in told.splitlines() if line.startswith("      1 ")]
    assert [w for _, w in words] == [
        "dispatch", "recipient (1 kính gửi, 0 nơi nhận)", "reference to other documents",
        "target, besides 1 result and 2 amounts of funding", "deadline", "digital signature", "flag: no-number 1",
    ]  # fmt: skip


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
