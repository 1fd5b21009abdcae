"""The main job: files found, read in batches side by side, loaded by one writer, summed up."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.settings import PREFECT_API_URL
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from flows import temporary_server
from flows.leftovers import alive, close_runs
from pipeline import interrupts, messages
from pipeline.batch import BATCH_FILES, MEMORY_MB, Pool, Settings, processors
from pipeline.errors import SetAside
from pipeline.find import LIST, find, fingerprint, is_gone, settled
from pipeline.limits import DEFAULT
from pipeline.outcome import Failure, Outcome
from pipeline.store import access, publishing
from pipeline.store.place import StorePlace, lease, prepare
from pipeline.summary import Summary

# Long lists go to tasks as ``quote``: else Prefect looks in each value of each record for results of other tasks.

_A_MOMENT = 1.0

Report = Callable[[int, int, int], None]
REPORT: ContextVar[Report] = ContextVar("REPORT", default=lambda done, total, aside: None)
"""Told how many files are done, of how many, and how many of them were set aside. Not a parameter of the flow,
because those are written down by Prefect."""

LISTED: ContextVar[Sequence[str]] = ContextVar("LISTED", default=())
"""The paths that ``-`` among the paths of a run stands for; Prefect would write down every one of them."""

WAITING: ContextVar[Callable[[str], None] | None] = ContextVar("WAITING", default=None)
"""Told once, in words, whom the run has to wait for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where one run loads to, and how it reads. ``db`` is the writer's own file."""

    db: Path
    run_id: str
    settings: Settings
    workers: int
    batch_files: int


@dataclass(slots=True)
class Progress:
    """Counts outcomes and tells whoever asked to be told."""

    total: int
    report: Report
    done: int = 0
    aside: int = 0

    def add(self, outcome: Outcome) -> None:
        self.done += 1
        self.aside += outcome.failure is not None
        self.report(self.done, self.total, self.aside)


def server_answers(patience: float, tell: Callable[[str], None] = lambda words: None) -> bool:
    """Whether the Prefect server that is named answers within so many seconds; where none is, one is started.

    ``tell`` is told in words that it is waited for, as soon as that takes more than a moment.
    """
    address = PREFECT_API_URL.value()
    if address is None:
        temporary_server.ready()
        return True
    until = time.monotonic() + patience
    soon = threading.Timer(_A_MOMENT, tell, [messages.waiting_for_server(address)])
    soon.daemon = True
    soon.start()
    try:
        with get_client(sync_client=True) as client:
            while (trouble := client.api_healthcheck()) is not None and time.monotonic() < until:
                time.sleep(0.5)
    finally:
        soon.cancel()
    return trouble is None


def _is_worth_waiting_for(_task: object, _run: TaskRun, state: State[Any]) -> bool:
    """Another program's lock goes away by itself; nothing else about the store does."""
    try:
        state.result()
    except access.StoreError as error:
        return error.trouble == "locked"
    except Exception:
        return False
    return False


_WAITS = [0.5, 1, 2, 4, 8, 15, 30]
_on_the_store: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "retries": len(_WAITS),
    "retry_delay_seconds": _WAITS,
    "retry_condition_fn": _is_worth_waiting_for,
}


@task(name="prepare store", **_on_the_store)
def prepare_store(place: StorePlace) -> None:
    """A writer's file of today's shape."""
    prepare(place)


@task(name="find files", **_on_the_store)
def find_files(plan: Plan, paths: Sequence[str], listed: Sequence[str], forget: bool = False) -> list[Outcome]:
    """Every file below the paths, with its hash; those that cannot even be hashed come with a failure, those that were
    set aside earlier and are there no more as gone, with ``forget`` any of the ``listed`` that is not there too.

    A file that looks as it did when it was last tried is not opened.
    """
    given = [os.path.abspath(p) for p in paths if p != LIST]
    found = list(find(map(Path, given), map(Path, listed)))
    missing = {p for p in map(os.path.abspath, listed) if is_gone(p)} if forget else set()
    found = [f for f in found if f.path not in missing]
    with access.query(plan.db, "SELECT path FROM set_aside") as (_, rows):
        waiting = [path for (path,) in rows]
    missing.update(settled(waiting, given, [f.path for f in found]) if given else [])
    hashes = access.unchanged(plan.db, found)
    outcomes = []
    for file in found:
        outcome = Outcome(file.path, datetime.now(UTC), size=file.size, mtime_ns=file.mtime_ns, inode=file.inode)
        try:
            if file.failure is not None:
                raise file.failure
            sha256, size = hashes.get(file.path), file.size
            if sha256 is None:
                sha256, size = fingerprint(file.path)
            outcomes.append(replace(outcome, sha256=sha256, size=size))
        except SetAside as error:
            outcomes.append(replace(outcome, failure=Failure(error.stage, error.reason, error.message)))
    return outcomes + [Outcome(path, datetime.now(UTC), gone=True) for path in sorted(missing)]


@task(name="begin run", **_on_the_store)
def begin_run(plan: Plan, paths: Sequence[str], hashes: Sequence[str]) -> frozenset[str]:
    """Write the run down; which of the files' hashes the store holds already."""
    held = access.held(plan.db, hashes)
    close_runs(plan.db)
    how = {"paths": list(paths), "workers": plan.workers, "batch_files": plan.batch_files, **asdict(plan.settings)}
    access.start_run(plan.db, plan.run_id, datetime.now(UTC), how)
    return held


def _is_passing(_task: object, _run: TaskRun, state: State[Any]) -> bool:
    """The machine had no process or file to give; a file's own faults are outcomes, not errors."""
    try:
        state.result()
    except OSError:
        return True
    except Exception:
        return False
    return False


@task(name="read batch", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5, retry_condition_fn=_is_passing)
def read_batch(pool: Pool, paths: Sequence[str], progress: Progress) -> list[Outcome]:
    """The files of one batch, read and extracted by the pool's processes."""
    outcomes = []
    for outcome in pool.run(paths):
        progress.add(outcome)
        outcomes.append(outcome)
    return outcomes


@task(name="load batch", **_on_the_store)
def load_batch(plan: Plan, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """One batch into the store, all of it or nothing; what came of each file, without its texts and records."""
    return [replace(o, reads=()) for o in access.load(plan.db, plan.run_id, outcomes)]


@task(name="publish", **_on_the_store)
def publish(place: StorePlace) -> None:
    """Put a snapshot of the writer's file where readers open it."""
    publishing.publish(place, datetime.now(UTC))


@task(name="end run", **_on_the_store)
def end_run(db: Path, run_id: str) -> access.Finding:
    """Write down that the run ended; what it found."""
    return access.finish_run(db, run_id, datetime.now(UTC), "finished")


ONE_WRITER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=1))


@flow(name="ingest", task_runner=ONE_WRITER)
def ingest(
    paths: list[str],
    db: str,
    workers: int | None = None,
    seconds: float = DEFAULT.seconds,
    memory_mb: int = MEMORY_MB,
    password_file: str | None = None,
    trust: str | None = None,
    batch_files: int = BATCH_FILES,
    wait: float = 0.0,
    again: bool = True,
    publishing: bool = True,
    reread: bool = False,
    cpu_seconds: float | None = None,
    forget: bool = False,
) -> Summary:
    """Read every file below ``paths`` and load it into the store at ``db``.

    The processors are filled by a pool of processes inside a task; while one batch is read, the one before it is
    loaded. ``seconds``, ``cpu_seconds`` and ``memory_mb`` bound the reading of one file; ``password_file`` holds a
    password to try on files that ask for one; ``trust`` is a folder of certificates. The rest is said at :class:`Job`.
    """
    limits = replace(DEFAULT, seconds=seconds, cpu_seconds=cpu_seconds)
    plan = Plan(
        StorePlace(Path(db)).writer, uuid.uuid4().hex, Settings(limits, memory_mb, password_file, trust),
        workers or processors(), batch_files,
    )  # fmt: skip
    return carry_out(Job(paths, Path(db), wait, again, publishing, reread, forget), plan, read_here)


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is told, but for how it reads.

    ``-`` among the ``paths`` stands for those of :data:`LISTED`. Another run that writes the store is waited for
    ``wait`` seconds. What was set aside and has not changed since is tried again unless ``again`` is false. At the end
    readers get a new snapshot at ``db``, unless ``publishing`` is left to others. With ``reread`` files that are held
    already are read all the same; with ``forget`` a listed file that is not there is no failure.
    """

    paths: list[str]
    db: Path
    wait: float = 0.0
    again: bool = True
    publishing: bool = True
    reread: bool = False
    forget: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read at a time; ``loaded`` is called when the store holds it."""

    outcomes: list[Outcome]
    loaded: Callable[[], None] = lambda: None


Reader = Callable[[Plan, Sequence[Outcome], Progress], Iterator[Batch]]
"""Reads files in batches, telling how far it is."""


def carry_out(
    job: Job, plan: Plan, read: Reader, first: Callable[[Plan], None] = lambda plan: None
) -> Summary:
    """One run inside a flow: what is found is ``read`` in batches, each loaded while the next is read.

    ``first`` is done before anything is looked for. Raises :class:`pipeline.store.access.StoreError` where the store
    cannot be used; what earlier batches loaded then stays.
    """
    started = time.monotonic()
    place, now = StorePlace(job.db), datetime.now(UTC)
    with interrupts.heard_first(), alive(place, now), lease(place, "ingest", now, job.wait, WAITING.get()):
        prepare_store(place)
        first(plan)
        tried = find_files(plan, job.paths, LISTED.get() if LIST in job.paths else (), job.forget)
        found = len(tried)
        if not job.again:
            known = access.query(plan.db, "SELECT path, sha256 FROM set_aside WHERE sha256 IS NOT NULL")
            with known as (_, rows):
                waiting = set(rows)
            tried = [o for o in tried if (o.path, o.sha256) not in waiting]
        hashes = [o.sha256 for o in tried if o.sha256 is not None and not job.reread]
        held = begin_run(plan, job.paths, quote(hashes))
        try:
            with access.kept_open(plan.db):
                done = _read_and_load(plan, tried, held, read)
                finding = end_run(plan.db, plan.run_id)
        except BaseException:
            with contextlib.suppress(access.StoreError):
                access.finish_run(plan.db, plan.run_id, datetime.now(UTC), "failed")
            raise
        if job.publishing:
            publish(place)
    aside = tuple((o.path, o.failure) for o in done if o.failure is not None)
    words = Counter(o.word for o in done)
    summary = Summary(
        plan.run_id, words["loaded"], words["unchanged"], aside, finding, time.monotonic() - started,
        found - len(tried), words["gone"],
    )  # fmt: skip
    _leave_page(summary, place)
    return summary


def _leave_page(summary: Summary, place: StorePlace) -> None:
    """The summary where Prefect shows it, as an artifact."""
    aside = [(path, f.reason, f.message) for path, f in summary.aside]
    page = messages.run_page(
        summary.run_id, summary.loaded, summary.held, summary.finding.documents, summary.finding.counts,
        summary.finding.flags, aside, place.published, summary.seconds,
    )  # fmt: skip
    create_markdown_artifact(page, key="congvan-ingest", description=f"congvan ingest, run {summary.run_id}")


def _read_and_load(plan: Plan, tried: Sequence[Outcome], held: frozenset[str], read: Reader) -> list[Outcome]:
    progress = Progress(sum(not o.gone for o in tried), REPORT.get())
    known, unread = [], []
    for outcome in tried:
        if outcome.failure is not None or outcome.gone:
            known.append(outcome)
        elif outcome.sha256 in held:
            known.append(replace(outcome, held=True))
        else:
            unread.append(outcome)
    for outcome in known:
        if not outcome.gone:
            progress.add(outcome)

    def batches() -> Generator[Batch, None, None]:
        if known:
            yield Batch(known)
        if unread:
            yield from read(plan, unread, progress)

    done: list[Outcome] = []
    loading: tuple[Batch, PrefectFuture[list[Outcome]]] | None = None
    with contextlib.closing(batches()) as all_of_them:
        for batch in all_of_them:
            done += _loaded(loading)
            loading = batch, load_batch.submit(plan, quote(batch.outcomes))
        done += _loaded(loading)
    return done


def _loaded(loading: tuple[Batch, PrefectFuture[list[Outcome]]] | None) -> list[Outcome]:
    if loading is None:
        return []
    batch, future = loading
    done = future.result()
    batch.loaded()
    return done


def read_here(plan: Plan, unread: Sequence[Outcome], progress: Progress) -> Iterator[Batch]:
    """What could be read, batch by batch, by processes of this machine."""
    as_found = {o.path: o for o in unread}
    paths = list(as_found)
    with Pool(plan.settings, min(plan.workers, len(paths))) as pool:
        for start in range(0, len(paths), plan.batch_files):
            outcomes = read_batch(pool, paths[start : start + plan.batch_files], progress)
            yield Batch(
                [replace(o, mtime_ns=as_found[o.path].mtime_ns, inode=as_found[o.path].inode) for o in outcomes]
            )
