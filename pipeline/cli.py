"""The command line: ``congvan``. Records and rows go to standard output, words to standard error."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.batch import Settings
    from pipeline.outcome import Outcome

# Every command imports what it needs when it runs, so that help and queries start at once.

ALL_WELL, SET_ASIDE, WRONG_USE, NO_STORE, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 4, 130

_EXIT_CODES = """exit codes:
  0  all well
  1  something was set aside (its reason is printed and kept; see congvan setaside)
  2  wrong use: an unknown option, SQL that is refused, a folder that is not there
  3  the database cannot be used: missing, locked, damaged, made by a newer version, disk full
  4  congvan itself failed: a broken installation, or a mistake in it
"""


class FileNotWritable(Exception):
    """What was asked for cannot be written where it was asked for; the message says why."""


def default_db() -> Path:
    """The database that commands use unless told otherwise: $CONGVAN_DB, or the project's own."""
    named = os.environ.get("CONGVAN_DB")
    return Path(named) if named else Path(__file__).resolve().parents[1] / "data" / "processed" / "congvan.duckdb"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. The entry point of the program."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except FileNotWritable as error:
        _say(str(error))
        return WRONG_USE
    except BrokenPipeError:  # the reader of our output had enough, as head has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ALL_WELL
    except KeyboardInterrupt:
        from pipeline import messages

        _say(messages.STOPPED)
        return INTERRUPTED
    except Exception as error:
        from pipeline import messages

        if type(error).__name__ == "PoolError":
            _say(str(error))
        else:
            import traceback

            traceback.print_exc()
            _say(messages.OUR_FAULT)
        return OUR_FAULT


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="congvan",
        description="Turns Vietnamese official dispatches (công văn) into records: header, addressees, references, "
        "targets, deadlines, signatures, each with its evidence. Works offline.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    ingest = _command(commands, "ingest", _ingest, "read files and folders into the database")
    ingest.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder searched to the bottom")
    _add_db(ingest)
    ingest.add_argument("--workers", type=_positive, metavar="N", help="processes side by side (default: processors)")
    _add_reading(ingest)

    extract = _command(commands, "extract", _extract, "print the record of each file as JSON, one a line")
    extract.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder searched to the bottom")
    extract.add_argument("--out", type=Path, metavar="DIR", help="write DIR/<name>.json for each instead")
    extract.add_argument("--text", action="store_true", help="print the canonical text that offsets count in, only")
    extract.add_argument("--workers", type=_positive, metavar="N", help="processes side by side (default: processors)")
    _add_reading(extract)

    explain = _command(commands, "explain", _explain, "show each value, its rule, and its words in their context")
    explain.add_argument("file", metavar="FILE")
    _add_reading(explain)

    query = _command(commands, "query", _query, "ask the database in SQL, read-only")
    query.add_argument("sql", metavar="SQL")
    query.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    _add_db(query)

    score = _command(commands, "score", _score, "compare records with labelled ones")
    score.add_argument("gold", type=Path, metavar="GOLD_DIR", help="labelled records, NAME.json each")
    score.add_argument("records", type=Path, metavar="RECORD_DIR", help="as written by congvan extract --out")
    score.add_argument("--misses", action="store_true", help="every difference, one a line")
    score.add_argument("--only", metavar="FIELD", default="", help="only fields that start with this")
    score.add_argument("--json", action="store_true", help="the figures as JSON")

    aside = _command(commands, "setaside", _setaside, "list the files set aside, with reasons")
    aside.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    _add_db(aside)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    command = commands.add_parser(name, help=summary, description=summary, epilog=_EXIT_CODES, formatter_class=layout)
    command.set_defaults(run=run)
    return command


def _add_db(command: argparse.ArgumentParser) -> None:
    words = "the database (default: $CONGVAN_DB, or %(default)s)"
    command.add_argument("--db", type=Path, default=default_db(), metavar="FILE", help=words)


def _add_reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seconds", type=_seconds, metavar="S", help="give a file up after this long (default: 300)")
    command.add_argument("--memory", type=_positive, metavar="MB", help="memory of one process (default: 4096)")
    command.add_argument("--password-file", metavar="FILE", help="a password to try on files that ask for one")
    command.add_argument("--trust", metavar="DIR", help="certificates that signatures are checked against")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise ValueError(text)
    return number


class _Version(argparse.Action):
    """``--version`` without reading the version until it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from pipeline.version import VERSION

        print(VERSION)
        parser.exit()


def _settings(options: argparse.Namespace) -> Settings:
    from dataclasses import replace

    from pipeline.batch import MEMORY_MB, Settings
    from pipeline.limits import DEFAULT

    limits = DEFAULT if options.seconds is None else replace(DEFAULT, seconds=options.seconds)
    return Settings(limits, options.memory or MEMORY_MB, options.password_file, options.trust)


def _bad_reading_options(options: argparse.Namespace) -> bool:
    from pipeline import messages

    if options.password_file is not None and not Path(options.password_file).is_file():
        _say(messages.not_found(options.password_file))
        return True
    if options.trust is not None and not Path(options.trust).is_dir():
        _say(messages.no_such_folder(Path(options.trust)))
        return True
    return False


def _ingest(options: argparse.Namespace) -> int:
    from pipeline import messages

    if _bad_reading_options(options):
        return WRONG_USE
    # The one place where order calls when: the front door starts the flow.
    from flows.ingest import REPORT, ingest
    from pipeline.store import StoreError

    settings = _settings(options)
    db = Path(os.path.abspath(options.db))
    _say(messages.starting(options.paths, db))
    REPORT.set(_progress_line())
    try:
        summary = ingest(
            [os.path.abspath(p) for p in options.paths],
            str(db),
            options.workers,
            settings.limits.seconds,
            settings.memory_mb,
            settings.password_file and os.path.abspath(settings.password_file),
            settings.trust and os.path.abspath(settings.trust),
        )
    except StoreError as error:
        _say(str(error))
        return NO_STORE
    aside = [(path, f.reason, f.message) for path, f in summary.aside]
    finding = summary.finding
    _say(
        messages.summary(
            summary.loaded, summary.held, finding.documents, finding.counts, finding.flags, aside, db, summary.seconds,
            _how_to_query(options.db),
        )  # fmt: skip
    )
    return SET_ASIDE if aside else ALL_WELL


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


def _progress_line() -> Callable[[int, int, int], None]:
    """A line that is rewritten on a terminal, and a plain one now and then elsewhere."""
    from pipeline import messages

    terminal = sys.stderr.isatty()
    pause = 0.2 if terminal else 10.0
    started = said = 0.0

    def report(done: int, total: int, aside: int) -> None:
        nonlocal started, said
        now = time.monotonic()
        if not started:
            started = said = now
        if now - said < pause and (done < total or not terminal):
            return
        said = now
        line = messages.progress(done, total, aside, now - started)
        if terminal:
            end = "\n" if done == total else ""
            print(f"\r\x1b[K{line}", end=end, file=sys.stderr, flush=True)
        else:
            _say(line)

    return report


def _extract(options: argparse.Namespace) -> int:
    from pipeline import messages

    if _bad_reading_options(options):
        return WRONG_USE
    if options.text and options.out is not None:
        _say(messages.text_or_out())
        return WRONG_USE
    if options.out is not None:
        try:
            options.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileNotWritable(messages.cannot_write(options.out, error.strerror or str(error))) from error
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    names: set[str] = set()
    code = ALL_WELL
    for outcome in _outcomes(options.paths, _settings(options), options.workers):
        if outcome.failure is not None:
            _say(messages.set_aside_line(outcome.path, outcome.failure.reason, outcome.failure.message))
            code = SET_ASIDE
        for read in outcome.reads:
            if options.text:
                sys.stdout.write(read.text)
            elif options.out is None:
                print(read.record)
            else:
                _write_record(options.out, read.path, read.record, names)
    return code


def _write_record(folder: Path, path: str, record: str, names: set[str]) -> None:
    import json

    from pipeline import messages

    name = Path(path).stem
    if name in names:
        number = 2
        while f"{name}.{number}" in names:
            number += 1
        name = f"{name}.{number}"
        _say(messages.written_as(path, folder / f"{name}.json"))
    names.add(name)
    text = json.dumps(json.loads(record), ensure_ascii=False, indent=1) + "\n"
    try:
        (folder / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise FileNotWritable(messages.cannot_write(folder, error.strerror or str(error))) from error


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


def _explain(options: argparse.Namespace) -> int:
    if _bad_reading_options(options):
        return WRONG_USE
    from models.record import Dispatch
    from pipeline import messages
    from pipeline.explain import explain

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    code, first = ALL_WELL, True
    for outcome in _outcomes([options.file], _settings(options), None):
        for read in outcome.reads:
            if not first:
                print()
            first = False
            for line in explain(Dispatch.model_validate_json(read.record), read.text):
                print(line)
        if outcome.failure is not None:
            _say(messages.set_aside_line(outcome.path, outcome.failure.reason, outcome.failure.message))
            code = SET_ASIDE
    return code


def _query(options: argparse.Namespace) -> int:
    from pipeline import messages, store
    from pipeline.tables_out import WRITERS

    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    try:
        with store.query(options.db, options.sql) as (columns, rows):
            WRITERS[options.format](columns, rows, sys.stdout)
    except store.QueryError as error:
        _say(messages.bad_sql(str(error)))
        return WRONG_USE
    except store.StoreError as error:
        _say(str(error))
        return NO_STORE
    return ALL_WELL


_SETASIDE_SQL = "SELECT path, reason, message, tries, last_tried FROM set_aside ORDER BY path"


def _setaside(options: argparse.Namespace) -> int:
    options.sql = _SETASIDE_SQL
    return _query(options)


def _score(options: argparse.Namespace) -> int:
    from pipeline import messages, score

    for folder in (options.gold, options.records):
        if not folder.is_dir():
            _say(messages.no_such_folder(folder))
            return WRONG_USE
    try:
        gold, got = score.load(options.gold), score.load(options.records)
    except score.NoRecord as error:
        _say(str(error))
        return WRONG_USE
    if not gold:
        _say(messages.no_gold(options.gold))
        return WRONG_USE
    missing = sorted(set(gold) - set(got))
    if missing:
        _say(messages.no_records_for(missing))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    result = score.score(gold, got).only(options.only)
    print(score.as_json(result) if options.json else score.as_table(result, len(gold)))
    if options.misses:
        for miss in result.misses:
            print(score.as_line(miss))
    return ALL_WELL


if __name__ == "__main__":
    sys.exit(main())
