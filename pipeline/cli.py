"""The command line: ``congvan``. Records and rows go to standard output, words to standard error."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from pipeline import commands, interrupts, messages, nightly_commands, review
from pipeline.exits import ALL_WELL, CANNOT_RUN, Trouble
from pipeline.exports import commands as export_commands
from pipeline.store import commands as store_commands

_EXIT_CODES = """exit codes:
  0  all well
  1  something was set aside or not found (the reason is printed; ingest keeps it, see congvan setaside)
  2  wrong use: an unknown option, SQL that is refused
  3  the database cannot be used: missing, locked, damaged, made by a newer version, disk full
  4  cannot run: a broken installation, no Prefect server at $PREFECT_API_URL, a mistake in congvan
  130, 143  stopped by Ctrl-C, by SIGTERM: what was loaded stays
"""

# What standard output says that takes nothing any more; errors about other files name them.
_OUTPUT_REFUSED = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. The entry point of the program."""
    try:
        with interrupts.heeding_interrupts():
            try:
                options = _parser().parse_args(arguments)
                code: int = options.run(options)
            finally:  # of help and the version too, which leave by themselves
                sys.stdout.flush()
            return code
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) or interrupts.asked():  # what a library made of it besides
            commands.say(messages.STOPPED)
            return interrupts.exit_code()
        if isinstance(error, Trouble):
            commands.say(str(error))
            return error.exit_code
        if isinstance(error, OSError) and error.filename is None and error.errno in _OUTPUT_REFUSED:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still in it goes nowhere
            if isinstance(error, BrokenPipeError):  # the reader of our output had enough, as head has
                return ALL_WELL
            commands.say(messages.output_refused(error.strerror or str(error)))
            return CANNOT_RUN
        if not isinstance(error, Exception):
            raise
        import traceback

        traceback.print_exc()
        commands.say(messages.OUR_FAULT)
        return CANNOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="congvan",
        description="Turns Vietnamese official dispatches (công văn) into records: header, addressees, references, "
        "targets, deadlines, signatures, each with its evidence. Works offline.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    choice = parser.add_subparsers(metavar="COMMAND", required=True)

    ingest = _command(choice, "ingest", commands.run_ingest, "read files and folders into the database")
    words = "a file, a folder searched to the bottom, a quoted pattern ('in/**/*.pdf'), - for a list on standard input"
    ingest.add_argument("paths", nargs="+", metavar="PATH", help=words)
    ingest.add_argument("--null", action="store_true", help="the list's paths end with NUL, as find -print0 ends them")
    words = "have the Dask cluster read whose scheduler is there, tcp://HOST:8786 (see docs/scale.md)"
    ingest.add_argument("--cluster", metavar="ADDRESS", help=words)
    words = "where the cluster puts what it read; all its machines see it (default: in the database's .store folder)"
    ingest.add_argument("--parts", metavar="DIR", help=words)
    _add_db(ingest)
    _add_workers(ingest)
    _add_reading(ingest)
    _add_wait(ingest)

    retry = _command(choice, "retry", nightly_commands.run_retry, "try again what was set aside")
    retry.add_argument("--reason", action="append", metavar="R", help="only what was set aside for it; may come again")
    _add_db(retry)
    _add_workers(retry)
    _add_reading(retry)
    _add_wait(retry)

    watch = _command(choice, "watch", nightly_commands.run_watch, "ingest files as they come into a folder")
    watch.add_argument("folders", nargs="+", metavar="DIR", help="a folder, watched to the bottom")
    watch.add_argument("--every", type=_seconds, default=10.0, metavar="S", help="look this often (default: 10)")
    _add_db(watch)
    _add_workers(watch)
    _add_reading(watch)
    _add_wait(watch)

    nightly = _command(choice, "nightly", nightly_commands.run_nightly, "the work of a night, with a report on it")
    nightly.add_argument("--inbox", nargs="+", required=True, metavar="DIR", help="folders searched to the bottom")
    nightly.add_argument("--retry", action="store_true", help="try everything again that was set aside")
    words = "where reports go (default: reports beside the database)"
    nightly.add_argument("--report", type=Path, metavar="DIR", help=words)
    words = "told, as JSON, of a night that failed (default: $CONGVAN_WEBHOOK)"
    nightly.add_argument("--webhook", metavar="URL", help=words)
    words = "run after a night that failed: the report is its input, $CONGVAN_REPORT its path"
    nightly.add_argument("--on-failure", metavar="CMD", help=f"{words} (default: $CONGVAN_ON_FAILURE)")
    _add_db(nightly)
    _add_workers(nightly)
    _add_reading(nightly)
    _add_wait(nightly, 3600.0)

    extract = _command(choice, "extract", commands.run_extract, "print the record of each file as JSON, one a line")
    extract.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder searched to the bottom")
    extract.add_argument("--out", type=Path, metavar="DIR", help="write DIR/<name>.json for each instead")
    extract.add_argument("--text", action="store_true", help="print the canonical text that offsets count in, only")
    extract.add_argument("--workers", type=_positive, metavar="N", help="processes side by side (default: processors)")
    _add_reading(extract)

    explain = _command(choice, "explain", commands.run_explain, "show each value, its rule, and its words in context")
    explain.add_argument("file", metavar="FILE")
    _add_reading(explain)

    query = _command(choice, "query", commands.run_query, "ask the database in SQL, read-only")
    query.add_argument("sql", metavar="SQL")
    forms = ("table", "csv", "json", "xlsx", "parquet")
    words = "default: table; in csv and xlsx, text that a spreadsheet would take for a formula begins with '"
    query.add_argument("--format", choices=forms, default="table", help=words)
    query.add_argument("--out", type=Path, metavar="FILE", help="write the rows there instead")
    _add_db(query)

    search = _command(choice, "search", export_commands.run_search, "find dispatches by words; accents do not matter")
    search.add_argument("words", nargs="+", metavar="WORD", help='all must be there; "two words" in a row')
    search.add_argument("--limit", type=_positive, default=10, metavar="N", help="how many to show (default: 10)")
    search.add_argument("--format", choices=("text", "table", "csv", "json"), default="text", help="default: text")
    _add_db(search)

    export = _command(choice, "export", export_commands.run_export, "write what offices print and keep, in Vietnamese")
    words = "register: sổ đăng ký văn bản đến, XLSX; deadlines: thời hạn, iCalendar"
    export.add_argument("what", choices=("register", "deadlines"), help=words)
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    export.add_argument("--from", dest="since", type=_day, metavar="DAY", help="from this day on, like 2026-01-31")
    export.add_argument("--to", dest="until", type=_day, metavar="DAY", help="up to this day, included")
    _add_db(export)

    score = _command(choice, "score", commands.run_score, "compare records with labelled ones")
    score.add_argument("gold", type=Path, metavar="GOLD_DIR", help="labelled records, NAME.json each")
    score.add_argument("records", type=Path, metavar="RECORD_DIR", help="as written by congvan extract --out")
    score.add_argument("--misses", action="store_true", help="every difference, one a line")
    score.add_argument("--only", metavar="FIELD", default="", help="only fields that start with this")
    score.add_argument("--json", action="store_true", help="the figures as JSON")

    aside = _command(choice, "setaside", commands.run_setaside, "list the files set aside, with reasons")
    aside.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    _add_db(aside)

    as_of = _command(choice, "as-of", store_commands.run_as_of, "ask the database what it said at an earlier time")
    as_of.add_argument("moment", metavar="DATE", help="2026-10-01 (its end, in Vietnam), or 2026-10-01T08:30")
    as_of.add_argument("sql", metavar="SQL")
    as_of.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    _add_db(as_of)

    correct = _command(choice, "correct", store_commands.run_correct, "correct a value; it stands over every reading")
    correct.add_argument("document", metavar="DOCUMENT", help="its path, its code, or the beginning of its document_id")
    correct.add_argument("field", metavar="FIELD", help="as in the record: number, issued_on, deadlines.2.due_on")
    correct.add_argument("value", metavar="VALUE", help="the right value; '' for none; several bodies with ; between")
    correct.add_argument("--why", required=True, metavar="WORDS", help="why, for those who ask later")
    correct.add_argument("--who", metavar="NAME", help="who says so (default: the user of this computer)")
    _add_db(correct)
    _add_wait(correct)

    summary = "what is worth a look, most valuable first, with its words and how to correct it"
    reviewed = _command(choice, "review", review.run_review, summary)
    reviewed.add_argument("--limit", type=_positive, default=20, metavar="N", help="how many (default: 20)")
    reviewed.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    _add_db(reviewed)

    words = "read again what newer rules may read otherwise, and say what that changed"
    reextract = _command(choice, "reextract", store_commands.run_reextract, words)
    reextract.add_argument("--dry-run", action="store_true", help="only say what would change")
    reextract.add_argument("--all", action="store_true", help="every file held, whatever read it")
    reextract.add_argument("--examples", action="store_true", help="with one example of each change")
    _add_db(reextract)
    _add_workers(reextract)
    _add_reading(reextract)
    _add_wait(reextract)

    publish = _command(choice, "publish", store_commands.run_publish, "give readers a new snapshot of the database")
    publish.add_argument("--keep", type=_positive, default=5, metavar="N", help="snapshots to keep (default: 5)")
    _add_db(publish)
    _add_wait(publish)

    rollback = _command(choice, "rollback", store_commands.run_rollback, "give readers an earlier snapshot again")
    rollback.add_argument("snapshot", nargs="?", metavar="SNAPSHOT", help="which (default: the one before)")
    rollback.add_argument("--list", action="store_true", help="print the snapshots kept; * marks the published one")
    _add_db(rollback)
    _add_wait(rollback)
    return parser


def _command(
    choice: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    command = choice.add_parser(name, help=summary, description=summary, epilog=_EXIT_CODES, formatter_class=layout)
    command.set_defaults(run=run)
    return command


def _add_db(command: argparse.ArgumentParser) -> None:
    words = "the database (default: $CONGVAN_DB, or %(default)s)"
    command.add_argument("--db", type=Path, default=commands.default_db(), metavar="FILE", help=words)


def _add_workers(command: argparse.ArgumentParser) -> None:
    command.add_argument("--workers", type=_positive, metavar="N", help="processes side by side (default: processors)")


def _add_wait(command: argparse.ArgumentParser, seconds: float = 60.0) -> None:
    words = f"how long to wait for another congvan that writes the database (default: {seconds:g})"
    command.add_argument("--wait", type=_waiting, default=seconds, metavar="S", help=words)


def _add_reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seconds", type=_seconds, metavar="S", help="give a file up after this long (default: 300)")
    words = "processor time of one file (default: twice --seconds)"
    command.add_argument("--cpu-seconds", type=_seconds, metavar="S", help=words)
    command.add_argument("--memory", type=_positive, metavar="MB", help="memory of one process (default: 4096)")
    command.add_argument("--password-file", metavar="FILE", help="a password to try on files that ask for one")
    command.add_argument("--trust", metavar="DIR", help="certificates that signatures are checked against")


def _positive(text: str) -> int:
    with suppress(ValueError):
        if (number := int(text)) >= 1:
            return number
    raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text!r}")


def _day(text: str) -> date:
    with suppress(ValueError):
        return date.fromisoformat(text)
    raise argparse.ArgumentTypeError(f"a day like 2026-01-31 is wanted, not {text!r}")


def _seconds(text: str) -> float:
    if (number := _waiting(text)) > 0:
        return number
    raise argparse.ArgumentTypeError("more than no seconds are wanted")


def _waiting(text: str) -> float:
    with suppress(ValueError):
        if 0 <= (number := float(text)) < 1e6:
            return number
    raise argparse.ArgumentTypeError(f"a number of seconds below a million is wanted, not {text!r}")


class _Version(argparse.Action):
    """``--version`` without reading the version until it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from pipeline.version import VERSION

        print(VERSION)
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
