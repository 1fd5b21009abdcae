"""What the commands of nights and inboxes do: a night, another try of what was set aside, a folder watched."""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import interrupts, messages
from pipeline.commands import await_server, ingest_paths, progress_line, reading_settings, say
from pipeline.exits import ALL_WELL, CANNOT_RUN, Trouble, WrongUse

if TYPE_CHECKING:
    from pipeline.alarm import NightFailed
    from pipeline.find import Found
    from pipeline.store.place import StorePlace

_TROUBLED_SECONDS = 60.0
_Look = tuple[int | None, int | None, int | None, str]


def run_nightly(options: argparse.Namespace) -> int:
    """``congvan nightly``: the whole night, its report, and the alarm where it failed."""
    from pipeline.alarm import NightFailed, set_alarm
    from pipeline.store.place import StorePlace, refuse_early

    settings = reading_settings(options)
    set_alarm(options.webhook, options.on_failure)
    place = StorePlace(Path(os.path.abspath(options.db)))
    reports = os.path.abspath(options.report) if options.report is not None else None
    begun = datetime.now(UTC)
    try:
        refuse_early(place)
        # The other place where order calls when: the front door starts the night.
        from flows.ingest import REPORT, WAITING
        from flows.nightly import nightly

        await_server()
        WAITING.set(say)
        REPORT.set(progress_line())
        done = nightly(
            [os.path.abspath(p) for p in options.inbox],
            str(place.published),
            reports,
            options.retry,
            options.workers,
            settings.limits.seconds,
            settings.memory_mb,
            settings.password_file,
            settings.trust,
            options.wait,
            settings.limits.cpu_seconds,
        )
        interrupts.check()
    except NightFailed:
        raise
    except Exception as error:
        interrupts.check()
        raise _not_begun(error, place, reports, begun) from error
    say(messages.night_done(done.report))
    code: int = done.exit_code
    return code


def _not_begun(error: Exception, place: StorePlace, reports: str | None, begun: datetime) -> NightFailed:
    """The report and the alarm of a night that did not come to its first step, or died between two."""
    from pipeline.alarm import failed
    from pipeline.report import Step, night_of, night_report, reports_beside, write_report

    said = str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}".splitlines()[0]
    if not isinstance(error, Trouble):
        import traceback

        traceback.print_exception(error)
    now = datetime.now(UTC)
    folder = Path(reports) if reports is not None else reports_beside(place.published)
    step = Step("start", (now - begun).total_seconds(), trouble=said)
    night = night_of(folder, begun, now, [step])
    path: Path | None = None
    try:
        path = write_report(folder, night.day, night_report(night, place.published, place.published))
    except OSError as trouble:
        say(messages.cannot_write(folder, trouble.strerror or str(trouble)))
    return failed(said, path, error.exit_code if isinstance(error, Trouble) else CANNOT_RUN)


def run_retry(options: argparse.Namespace) -> int:
    """``congvan retry``: what was set aside, tried again."""
    from pipeline.find import LIST, UNNAMEABLE
    from pipeline.store.access import set_aside

    aside = set_aside(Path(os.path.abspath(options.db)))
    chosen = [f for f in aside if not options.reason or f.reason in options.reason]
    if not chosen:
        say(messages.nothing_to_retry(options.reason or [], dict(Counter(f.reason for f in aside))))
        return ALL_WELL
    return ingest_paths(options, [LIST], [f.path for f in chosen if f.reason not in UNNAMEABLE], forget=True)


def run_watch(options: argparse.Namespace) -> int:
    """``congvan watch``: files are ingested as they come, each as soon as it has stopped changing."""
    from pipeline.store.place import StorePlace, refuse_early

    folders = [os.path.abspath(folder) for folder in options.folders]
    for folder in folders:
        if not os.path.isdir(folder):
            raise WrongUse(messages.no_such_folder(Path(folder)))
    reading_settings(options)
    place = StorePlace(Path(os.path.abspath(options.db)))
    refuse_early(place)
    say(messages.watching(folders, place.published))
    for paths in _arrivals(folders, place, options.every):
        _ingest_until_done(options, paths)
    return ALL_WELL


def _ingest_until_done(options: argparse.Namespace, paths: list[str]) -> None:
    """A store that another program holds, or a disk that is full, is waited for."""
    from pipeline.find import LIST
    from pipeline.store.access import StoreError

    while True:
        try:
            ingest_paths(options, [LIST], paths, brief=True, forget=True)
            return
        except StoreError as error:
            if error.trouble not in ("locked", "full"):
                raise
            say(str(error))
            time.sleep(_TROUBLED_SECONDS)


def _arrivals(folders: Sequence[str], place: StorePlace, every: float) -> Iterator[list[str]]:
    """For ever, the files that looked the same at two looks and were not handed out looking so before."""
    from pipeline.find import find

    before: dict[str, _Look] = {}
    handed: dict[str, _Look] | None = None
    while True:
        interrupts.check()
        found = {f.path: f for f in find(map(Path, folders)) if f.failure is None or f.path not in folders}
        looks = {path: _look(f) for path, f in found.items()}
        if handed is None:
            handed = {path: looks[path] for path in _known(place, list(found.values()))}
        still = [path for path, look in looks.items() if before.get(path) == look != handed.get(path)]
        if still:
            yield still
        handed = {path: looks[path] for path in looks if path in still or handed.get(path) == looks[path]}
        before = looks
        time.sleep(every)


def _look(found: Found) -> _Look:
    return found.size, found.mtime_ns, found.inode, found.failure.reason if found.failure is not None else ""


def _known(place: StorePlace, found: Sequence[Found]) -> dict[str, str]:
    """Those that the store has tried, looking as they do; none where it cannot be asked."""
    from pipeline.store.access import StoreError, unchanged

    try:
        return unchanged(place.published, found)
    except StoreError:
        return {}
