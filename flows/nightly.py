"""The night: inbox, retries, re-extraction, publishing, a report; ``python -m flows.nightly`` puts it on a schedule."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.ingest import LISTED, WAITING, ingest, publish, server_answers
from flows.leftovers import alive
from pipeline import interrupts, messages
from pipeline.alarm import failed, set_alarm
from pipeline.batch import MEMORY_MB
from pipeline.commands import default_db, say
from pipeline.exits import ALL_WELL, CANNOT_RUN, SET_ASIDE, Trouble
from pipeline.find import LIST, UNNAMEABLE, find
from pipeline.limits import DEFAULT
from pipeline.report import Step, night_of, night_report, reports_beside, write_report
from pipeline.store import access
from pipeline.store.changes import outdated
from pipeline.store.place import StorePlace, lease, prepare
from pipeline.summary import Summary

ZONE = "Asia/Ho_Chi_Minh"
AT_ONE = "0 1 * * *"
NIGHT_WAIT = 3600.0
"""How long a night waits for another program that writes the store: nobody is there to start it again."""

PASSING = ("changed-while-read", "no-permission", "unreadable-file")
"""Reasons that go away by themselves: these files are tried again every night."""


@dataclass(frozen=True, slots=True)
class Done:
    """A night without a failed step: its report, and what the command ends with."""

    report: str
    exit_code: int


@flow(name="nightly")
def nightly(
    inbox: list[str],
    db: str,
    reports: str | None = None,
    retry: bool = False,
    workers: int | None = None,
    seconds: float = DEFAULT.seconds,
    memory_mb: int = MEMORY_MB,
    password_file: str | None = None,
    trust: str | None = None,
    wait: float = NIGHT_WAIT,
    cpu_seconds: float | None = None,
) -> Done:
    """Ingest ``inbox`` into the store at ``db``, try again what was set aside (all of it if ``retry``, else only what
    passes by itself), read anew what new rules touch, publish once, and write the report into the folder ``reports``.

    A step that fails does not keep the next from being tried. Raises :class:`pipeline.alarm.NightFailed` after the
    report and the alarm; what other steps did stays.
    """
    begun = datetime.now(UTC)
    place = StorePlace(Path(db))
    folder = Path(reports) if reports is not None else reports_beside(place.published)
    reading = {
        "workers": workers, "seconds": seconds, "memory_mb": memory_mb, "password_file": password_file,
        "trust": trust, "wait": wait, "publishing": False, "cpu_seconds": cpu_seconds,
    }  # fmt: skip
    steps: list[Step] = []
    troubles: list[Exception] = []

    def take(name: str, do: Callable[[], Summary | None]) -> None:
        started = time.monotonic()
        try:
            done = do()
        except Exception as error:
            interrupts.check()  # what DuckDB makes of Ctrl-C, for one
            troubles.append(error)
            steps.append(Step(name, time.monotonic() - started, trouble=_sentence(error)))
        else:
            counts = (done.loaded, done.held, len(done.aside)) if done is not None else ()
            steps.append(Step(name, time.monotonic() - started, *counts))

    with interrupts.heard_first(), alive(place, begun):
        take("inbox", lambda: _inbox(inbox, db, reading))
        take("retry", lambda: _retry(place, retry, reading))
        take("reextract", lambda: _reextract(place, reading))
        take("publish", lambda: _publish(place, wait))
        published = steps[-1].trouble is None
        path = _report(folder, begun, steps, place, place.published if published else place.writer)
    if troubles:
        said = "; ".join(f"{s.name}: {s.trouble.removesuffix('.')}" for s in steps if s.trouble is not None)
        raise failed(said, path, _exit_code(troubles[0]))
    return Done(str(path), SET_ASIDE if any(s.aside for s in steps) else ALL_WELL)


def _inbox(inbox: Sequence[str], db: str, reading: dict[str, Any]) -> Summary | None:
    """What lies in the inbox, but for what was set aside before and has not changed."""
    for folder in inbox:
        if not os.path.isdir(folder):  # a share that is not mounted, perhaps: no reason to be silent
            raise Trouble(messages.no_such_folder(Path(folder)))
    filled = [f for f in inbox if any(found.failure is None for found in find([Path(f)]))]
    if not filled:
        return None
    summary: Summary = ingest(filled, db, again=False, **reading)
    return summary


def _retry(place: StorePlace, everything: bool, reading: dict[str, Any]) -> Summary | None:
    with lease(place, "nightly", datetime.now(UTC), reading["wait"], WAITING.get()):
        prepare(place)
        aside = access.set_aside(place.writer)
    paths = [file.path for file in aside if file.reason in PASSING or (everything and file.reason not in UNNAMEABLE)]
    return _ingest_listed(paths, place, {**reading, "forget": True})


def _reextract(place: StorePlace, reading: dict[str, Any]) -> Summary | None:
    """What other rules read than those of today, as far as its files are still there: an inbox may be emptied."""
    with lease(place, "nightly", datetime.now(UTC), reading["wait"], WAITING.get()):
        prepare(place)
        with access.reading(place.writer) as con:
            paths = [path for path in outdated(con) if os.path.lexists(path)]
    return _ingest_listed(paths, place, {**reading, "reread": True})


def _ingest_listed(paths: Sequence[str], place: StorePlace, reading: dict[str, Any]) -> Summary | None:
    if not paths:
        return None
    token = LISTED.set(paths)
    try:
        summary: Summary = ingest([LIST], str(place.published), **reading)
    finally:
        LISTED.reset(token)
    return summary


def _publish(place: StorePlace, wait: float) -> None:
    with lease(place, "nightly", datetime.now(UTC), wait, WAITING.get()):
        prepare(place)
        publish(place)


def _report(folder: Path, begun: datetime, steps: Sequence[Step], place: StorePlace, asked: Path) -> Path | None:
    """The report as a file and as an artifact; ``None`` where the file cannot be written, which is said."""
    night = night_of(folder, begun, datetime.now(UTC), steps)
    text = night_report(night, place.published, asked)
    with contextlib.suppress(Exception):  # Prefect's server may be what failed
        create_markdown_artifact(text, key="congvan-night", description=f"congvan nightly, {night.day}")
    try:
        return write_report(folder, night.day, text)
    except OSError as error:
        say(messages.cannot_write(folder, error.strerror or str(error)))
        return None


def _sentence(error: Exception) -> str:
    if isinstance(error, Trouble):
        return str(error)
    traceback.print_exception(error)  # a mistake of ours: cron mails it, systemd keeps it
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _exit_code(error: Exception) -> int:
    return error.exit_code if isinstance(error, Trouble) else Trouble.exit_code


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the night on its schedule, or give it to a work pool's workers."""
    options = _parser().parse_args(arguments)
    try:
        set_alarm(options.webhook, options.on_failure)
    except Trouble as trouble:
        say(str(trouble))
        sys.exit(trouble.exit_code)
    parameters: dict[str, Any] = {
        "inbox": [os.path.abspath(p) for p in options.inbox],
        "db": os.path.abspath(options.db),
        "retry": options.retry,
    }
    if options.reports is not None:
        parameters["reports"] = os.path.abspath(options.reports)
    address = os.environ.get("PREFECT_API_URL", "")
    if not address or not server_answers(60.0):
        say(messages.no_prefect_server(address or "$PREFECT_API_URL"))
        sys.exit(CANNOT_RUN)
    schedule = Cron(options.cron, timezone=ZONE)
    if options.do == "serve":
        # Started as a program this module has another name, by which the processes of its nights cannot find it.
        from flows.nightly import nightly as served

        # One night at a time: one that is still at work when the next is due makes that one wait.
        with contextlib.suppress(KeyboardInterrupt):
            served.serve(
                options.name, schedule=schedule, parameters=parameters, limit=1,
                entrypoint_type=EntrypointType.MODULE_PATH,
            )  # fmt: skip
        return
    project = Path(__file__).resolve().parents[1]
    source = flow.from_source(str(project), f"{Path(__file__).relative_to(project).as_posix()}:nightly")
    source.deploy(  # type: ignore[union-attr]
        options.name, work_pool_name=options.pool, schedule=schedule, parameters=parameters, concurrency_limit=1,
        build=False, push=False, print_next_steps=False,
    )  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m flows.nightly", description=__doc__)
    choice = parser.add_subparsers(dest="do", metavar="COMMAND", required=True)
    serve = choice.add_parser("serve", help="wait here and start every night, each in a process of its own")
    deploy = choice.add_parser("deploy", help="register with the Prefect server, for the workers of a pool")
    deploy.add_argument("--pool", default="congvan", metavar="POOL", help="a work pool of type process")
    for command in (serve, deploy):
        command.add_argument("--inbox", nargs="+", required=True, metavar="DIR", help="folders searched to the bottom")
        command.add_argument("--db", default=default_db(), metavar="FILE", help="the database")
        command.add_argument("--retry", action="store_true", help="try everything again that was set aside")
        command.add_argument("--reports", metavar="DIR", help="where reports go (default: reports beside the database)")
        command.add_argument("--cron", default=AT_ONE, help=f"when, in {ZONE} (default: {AT_ONE})")
        command.add_argument("--name", default="night", help="the deployment's name (default: night)")
    for command in (serve,):
        command.add_argument("--webhook", metavar="URL", help="told of a failed night (else $CONGVAN_WEBHOOK)")
        command.add_argument("--on-failure", metavar="CMD", help="run after a failed night (else $CONGVAN_ON_FAILURE)")
    deploy.set_defaults(webhook=None, on_failure=None)
    return parser


if __name__ == "__main__":
    main()
