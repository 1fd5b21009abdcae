"""What each command does. Records and rows go to standard output, words to standard error."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline import interrupts, messages
from pipeline.exits import ALL_WELL, SET_ASIDE, Trouble, WrongUse

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.batch import Settings
    from pipeline.outcome import Outcome
    from pipeline.summary import Summary

# Every command imports what it needs when it runs, so that help and queries start at once.

_SERVER_SECONDS = 60.0
_SET_ASIDE_SQL = "SELECT path, reason, message, tries, last_tried FROM set_aside ORDER BY path"


def default_db() -> Path:
    """The database that commands use unless told otherwise: $CONGVAN_DB, or the project's own."""
    named = os.environ.get("CONGVAN_DB")
    return Path(named) if named else Path(__file__).resolve().parents[1] / "data" / "processed" / "congvan.duckdb"


def say(words: str) -> None:
    """Words for the person, at once. That nobody hears them any more is no reason to stop."""
    with suppress(OSError):
        print(words, file=sys.stderr, flush=True)


def run_ingest(options: argparse.Namespace) -> int:
    """``congvan ingest``: the flow, its progress and its summary."""
    if options.parts is not None and options.cluster is None:
        raise WrongUse(messages.only_with_cluster("--parts"))
    paths = [path if path == "-" else os.path.abspath(path) for path in options.paths]
    listed = _listed(sys.stdin.buffer, b"\0" if options.null else b"\n") if "-" in paths else []
    return ingest_paths(options, paths, listed)


def ingest_paths(
    options: argparse.Namespace, paths: list[str], listed: Sequence[str] = (), brief: bool = False, forget: bool = False
) -> int:
    """Ingest as the options say; ``-`` among the paths stands for those ``listed``. ``brief`` leaves out the lines
    that open and close the run; with ``forget`` a listed file that is not there is no failure."""
    from pipeline.store.access import corrections_waiting
    from pipeline.store.place import StorePlace, refuse_early

    reading_settings(options)  # wrong use is said before anything else
    db = Path(os.path.abspath(options.db))
    refuse_early(StorePlace(db))
    if not brief:
        say(messages.starting(list(listed) if paths == ["-"] else paths, db))
    summary = run_flow(options, paths, listed, forget=forget)
    aside = [(path, f.reason, f.message) for path, f in summary.aside]
    found = summary.finding
    if brief:
        say(messages.brief_summary(summary.loaded, summary.held, aside, summary.seconds))
        return SET_ASIDE if aside else ALL_WELL
    say(
        messages.summary(
            summary.loaded, summary.held, found.documents, found.counts, found.flags, aside, db, summary.seconds,
            _how_to_query(options.db), summary.gone,
        )  # fmt: skip
    )
    if waiting := corrections_waiting(db):
        say(messages.corrections_waiting(waiting))
    return SET_ASIDE if aside else ALL_WELL


def run_flow(
    options: argparse.Namespace, paths: list[str], listed: Sequence[str], reread: bool = False, forget: bool = False
) -> Summary:
    """The flow that ingests, with progress and patience as a person wants them: the one door to it."""
    settings = reading_settings(options)
    # The one place where order calls when: the front door starts the flow.
    from flows.ingest import LISTED, REPORT, WAITING, ingest

    cluster = getattr(options, "cluster", None)
    if cluster is not None:
        try:
            from flows.cluster import ingest_on_cluster
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("dask", "distributed", "prefect_dask"):
                raise
            raise Trouble(messages.no_cluster()) from error
    await_server()
    WAITING.set(say)
    LISTED.set(listed)
    REPORT.set(progress_line())
    told: dict[str, Any] = {
        "paths": paths, "db": os.path.abspath(options.db), "seconds": settings.limits.seconds,
        "cpu_seconds": settings.limits.cpu_seconds, "memory_mb": settings.memory_mb,
        "password_file": settings.password_file, "trust": settings.trust, "wait": options.wait,
    }  # fmt: skip
    if cluster is not None:
        parts = options.parts and os.path.abspath(options.parts)
        summary: Summary = ingest_on_cluster(**told, address=cluster, parts=parts)
    else:
        summary = ingest(**told, workers=options.workers, reread=reread, forget=forget)
    interrupts.check()
    return summary


def await_server() -> None:
    """Wait for the Prefect server that is named, saying so; where none is, start one. Raises :class:`Trouble`."""
    from flows.ingest import server_answers

    if not server_answers(_SERVER_SECONDS, say):
        raise Trouble(messages.no_prefect_server(os.environ.get("PREFECT_API_URL", "")))


def _listed(stream: BinaryIO, end: bytes) -> list[str]:
    """The paths on standard input, one a line, or ended by NUL."""
    lines = (line.rstrip(b"\r") if end == b"\n" else line for line in stream.read().split(end))
    return [os.path.abspath(os.fsdecode(line)) for line in lines if line]


def run_extract(options: argparse.Namespace) -> int:
    """``congvan extract``: a record a line, a file for each, or only the text."""
    settings = reading_settings(options)
    if options.text and options.out is not None:
        raise WrongUse(messages.text_or_out())
    if options.out is not None:
        with _writing(options.out):
            options.out.mkdir(parents=True, exist_ok=True)
    as_utf8()
    names: set[str] = set()
    code = ALL_WELL
    for outcome in _outcomes(options.paths, settings, options.workers):
        code = max(code, _say_failure(outcome))
        for read in outcome.reads:
            if options.text:
                sys.stdout.write(read.text)
            elif options.out is None:
                print(read.record)
            else:
                _write_record(options.out, read.path, read.record, names)
    if options.out is not None:
        say(messages.records_written(len(names), options.out))
    return code


def run_explain(options: argparse.Namespace) -> int:
    """``congvan explain``: each value with its rule and its words."""
    settings = reading_settings(options)
    from models.record import Dispatch
    from pipeline.explain import explain

    as_utf8()
    code = ALL_WELL
    between = ""
    for outcome in _outcomes([options.file], settings, None):
        for read in outcome.reads:
            sys.stdout.write(between)
            between = "\n"
            for line in explain(Dispatch.model_validate_json(read.record), read.text, read.confidences):
                print(line)
        code = max(code, _say_failure(outcome))
    return code


def run_query(options: argparse.Namespace) -> int:
    """``congvan query``: the rows of one SQL statement, printed or as a file."""
    if options.out is not None:
        from pipeline.exports.commands import run_query_to_file

        return run_query_to_file(options)
    if options.format in ("xlsx", "parquet"):
        raise WrongUse(messages.needs_out(options.format))
    return print_rows(options.db, options.sql, options.format)


def run_setaside(options: argparse.Namespace) -> int:
    """``congvan setaside``: what could not be read yet, and why."""
    return print_rows(options.db, _SET_ASIDE_SQL, options.format)


def run_score(options: argparse.Namespace) -> int:
    """``congvan score``: records against labelled ones."""
    from pipeline.score import as_json, as_line, as_table, load, score

    for folder in (options.gold, options.records):
        if not folder.is_dir():
            raise WrongUse(messages.no_such_folder(folder))
    gold, got = load(options.gold), load(options.records)
    if not gold:
        raise WrongUse(messages.no_gold(options.gold))
    if missing := sorted(set(gold) - set(got)):
        say(messages.no_records_for(missing))
    as_utf8()
    result = score(gold, got).only(options.only)
    print(as_json(result) if options.json else as_table(result, len(gold)))
    if options.misses:
        for miss in result.misses:
            print(as_line(miss))
    return ALL_WELL


def reading_settings(options: argparse.Namespace) -> Settings:
    """How files are to be read. Raises :class:`WrongUse`."""
    from dataclasses import replace

    from pipeline.batch import MEMORY_MB, Settings
    from pipeline.limits import DEFAULT

    if options.password_file is not None and not Path(options.password_file).is_file():
        raise WrongUse(messages.not_found(options.password_file))
    if options.trust is not None and not Path(options.trust).is_dir():
        raise WrongUse(messages.no_such_folder(Path(options.trust)))
    limits = replace(DEFAULT, seconds=options.seconds or DEFAULT.seconds, cpu_seconds=options.cpu_seconds)
    return Settings(
        limits,
        options.memory or MEMORY_MB,
        options.password_file and os.path.abspath(options.password_file),
        options.trust and os.path.abspath(options.trust),
    )


def _how_to_query(db: Path) -> str:
    """The words that start a query of this database, as this program was called."""
    import shlex
    import shutil

    program = sys.argv[0]
    on_path = shutil.which("congvan")
    if on_path is not None and os.path.exists(program) and os.path.samefile(on_path, program):
        program = "congvan"
    option = "" if db == default_db() else f" --db {shlex.quote(str(db))}"
    return f"{shlex.quote(program)} query{option}"


def progress_line() -> Callable[[int, int, int], None]:
    """A line that is rewritten on a terminal, and a plain one now and then elsewhere."""
    terminal = sys.stderr.isatty()
    pause = 0.2 if terminal else 10.0
    started = said = 0.0

    def report(done: int, total: int, aside: int) -> None:
        nonlocal started, said
        interrupts.check()
        now = time.monotonic()
        if not started:
            started = said = now
        if now - said < pause and (done < total or not terminal):
            return
        said = now
        line = messages.progress(done, total, aside, now - started)
        if terminal:
            end = "\n" if done == total else ""
            with suppress(OSError):
                print(f"\r\x1b[K{line}", end=end, file=sys.stderr, flush=True)
        else:
            say(line)

    return report


def _outcomes(paths: Sequence[str], settings: Settings, workers: int | None) -> Iterator[Outcome]:
    """What came of each file below the paths, in their order."""
    from datetime import UTC, datetime

    from pipeline.batch import Pool, processors
    from pipeline.find import find
    from pipeline.outcome import Failure, Outcome

    found = list(find(map(Path, paths)))
    readable = [f.path for f in found if f.failure is None]
    done: dict[str, Outcome] = {}
    for path, error in ((f.path, f.failure) for f in found):
        if error is not None:
            failure = Failure(error.stage, error.reason, error.message)
            done[path] = Outcome(path, datetime.now(UTC), failure=failure)
    order = iter([f.path for f in found])
    if not readable:
        yield from (done[path] for path in order)
        return
    with Pool(settings, min(workers or processors(), len(readable))) as pool:
        awaited = next(order)
        for outcome in pool.run(readable):
            done[outcome.path] = outcome
            while awaited in done:
                yield done.pop(awaited)
                awaited = next(order, "")


def _say_failure(outcome: Outcome) -> int:
    if outcome.failure is None:
        return ALL_WELL
    say(messages.set_aside_line(outcome.path, outcome.failure.reason, outcome.failure.message))
    return SET_ASIDE


def print_rows(db: Path, sql: str, form: str, moment: datetime | None = None) -> int:
    """The rows of one query to standard output."""
    from pipeline.store import access
    from pipeline.tables_out import WRITERS

    as_utf8()
    with access.query(db, sql, moment) as (columns, rows):
        WRITERS[form](columns, rows, sys.stdout)
    return ALL_WELL


def _write_record(folder: Path, path: str, record: str, names: set[str]) -> None:
    import json

    name = Path(path).stem
    if name in names:
        number = 2
        while f"{name}.{number}" in names:
            number += 1
        name = f"{name}.{number}"
        say(messages.written_as(path, folder / f"{name}.json"))
    names.add(name)
    text = json.dumps(json.loads(record), ensure_ascii=False, indent=1) + "\n"
    with _writing(folder):
        (folder / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """A folder that refuses to be written is a sentence, not a traceback."""
    try:
        yield
    except OSError as error:
        raise WrongUse(messages.cannot_write(folder, error.strerror or str(error))) from error


def as_utf8() -> None:
    """Standard output the same on every system, whatever its locale."""
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
