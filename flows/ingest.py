"""The main job: files found, read in batches side by side, loaded by one writer, summed up."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.settings import PREFECT_API_URL
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipeline import store, store_publish
from pipeline.batch import MEMORY_MB, Pool, Settings, processors
from pipeline.errors import SetAside
from pipeline.find import find, fingerprint
from pipeline.limits import DEFAULT
from pipeline.outcome import Failure, Outcome
from pipeline.store_files import StorePlace, lease, prepare

BATCH_FILES = 100

Report = Callable[[int, int, int], None]
REPORT: ContextVar[Report] = ContextVar("REPORT", default=lambda done, total, aside: None)
"""Told how many files are done, of how many, and how many of them were set aside. Not a parameter of the flow,
because those are written down by Prefect."""

WAITING: ContextVar[Callable[[str], None] | None] = ContextVar("WAITING", default=None)
"""Told once, in words, whom the run has to wait for."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run did: files by what came of them, and what the store gained by it."""

    run_id: str
    loaded: int
    held: int
    aside: tuple[tuple[str, Failure], ...]
    finding: store.Finding
    seconds: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where one run loads to, and how it reads. ``db`` is the writer's own file."""

    db: Path
    run_id: str
    settings: Settings
    workers: int
    batch_files: int


@dataclass(slots=True)
class _Progress:
    """Counts outcomes and tells whoever asked to be told."""

    total: int
    report: Report
    done: int = 0
    aside: int = 0

    def add(self, outcome: Outcome) -> None:
        self.done += 1
        self.aside += outcome.failure is not None
        self.report(self.done, self.total, self.aside)


def server_answers(patience: float) -> bool:
    """Whether the Prefect server that is to be used answers within so many seconds; true where none is named."""
    if PREFECT_API_URL.value() is None:
        return True
    until = time.monotonic() + patience
    with get_client(sync_client=True) as client:
        while (trouble := client.api_healthcheck()) is not None and time.monotonic() < until:
            time.sleep(0.5)
    return trouble is None


def _is_worth_waiting_for(_task: object, _run: TaskRun, state: State[Any]) -> bool:
    """Another program's lock goes away by itself; nothing else about the store does."""
    try:
        state.result()
    except store.StoreError as error:
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


@task(name="find files", **_on_the_store)
def find_files(plan: _Plan, paths: Sequence[str]) -> list[Outcome]:
    """Every file below the paths, with its hash; those that cannot even be hashed come with a failure.

    A file that looks as it did when it was last tried is not opened.
    """
    found = list(find(map(Path, paths)))
    hashes = store.unchanged(plan.db, found)
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
    return outcomes


@task(name="begin run", **_on_the_store)
def begin_run(plan: _Plan, paths: Sequence[str], hashes: Sequence[str]) -> frozenset[str]:
    """Write the run down; which of the files' hashes the store holds already."""
    held = store.held(plan.db, hashes)
    how = {"paths": list(paths), "workers": plan.workers, "batch_files": plan.batch_files, **asdict(plan.settings)}
    store.start_run(plan.db, plan.run_id, datetime.now(UTC), how)
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
def read_batch(pool: Pool, paths: Sequence[str], progress: _Progress) -> list[Outcome]:
    """The files of one batch, read and extracted by the pool's processes."""
    outcomes = []
    for outcome in pool.run(paths):
        progress.add(outcome)
        outcomes.append(outcome)
    return outcomes


@task(name="load batch", **_on_the_store)
def load_batch(plan: _Plan, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """One batch into the store, all of it or nothing; what came of each file, without its texts and records."""
    return [replace(o, reads=()) for o in store.load(plan.db, plan.run_id, outcomes)]


@task(name="publish", **_on_the_store)
def publish(place: StorePlace) -> None:
    """Put a snapshot of the writer's file where readers open it."""
    store_publish.publish(place, datetime.now(UTC))


@task(name="end run", **_on_the_store)
def end_run(db: Path, run_id: str) -> store.Finding:
    """Write down that the run ended; what it found."""
    return store.finish_run(db, run_id, datetime.now(UTC), "finished")


_ONE_WRITER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=1))


@flow(name="ingest", task_runner=_ONE_WRITER)
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
    reread: bool = False,
) -> Summary:
    """Read every file below ``paths`` and load it into the store at ``db``.

    The processors are filled by a pool of processes inside a task; while one batch is read, the one before it is
    loaded. ``seconds`` and ``memory_mb`` bound the reading of one file; ``password_file`` holds a password to try on
    files that ask for one; ``trust`` is a folder of certificates. Another run that writes the store is waited for
    ``wait`` seconds. With ``reread`` files that are held already are read all the same. At the end readers get a new
    snapshot at ``db``. Raises :class:`pipeline.store.StoreError` where the store cannot be used; what earlier batches
    loaded then stays.
    """
    started = time.monotonic()
    settings = Settings(replace(DEFAULT, seconds=seconds), memory_mb, password_file, trust)
    place = StorePlace(Path(db))
    with lease(place, "ingest", datetime.now(UTC), wait, WAITING.get()):
        prepare(place)
        plan = _Plan(place.writer, uuid.uuid4().hex, settings, workers or processors(), batch_files)
        tried = find_files(plan, paths)
        held = begin_run(plan, paths, [o.sha256 for o in tried if o.sha256 is not None and not reread])
        try:
            done = _read_and_load(plan, tried, held)
            finding = end_run(plan.db, plan.run_id)
        except BaseException:
            with contextlib.suppress(store.StoreError):
                store.finish_run(plan.db, plan.run_id, datetime.now(UTC), "failed")
            raise
        publish(place)
    aside = tuple((o.path, o.failure) for o in done if o.failure is not None)
    words = [o.word for o in done]
    took = time.monotonic() - started
    return Summary(plan.run_id, words.count("loaded"), words.count("unchanged"), aside, finding, took)


def _read_and_load(plan: _Plan, tried: Sequence[Outcome], held: frozenset[str]) -> list[Outcome]:
    progress = _Progress(len(tried), REPORT.get())
    known = [o if o.failure is not None else replace(o, held=True) for o in tried if o.failure or o.sha256 in held]
    as_found = {o.path: o for o in tried}
    unread = [o.path for o in tried if o.failure is None and o.sha256 not in held]
    for outcome in known:
        progress.add(outcome)
    done: list[Outcome] = []
    loading: PrefectFuture[list[Outcome]] | None = load_batch.submit(plan, known) if known else None
    if unread:
        with Pool(plan.settings, min(plan.workers, len(unread))) as pool:
            for start in range(0, len(unread), plan.batch_files):
                outcomes = read_batch(pool, unread[start : start + plan.batch_files], progress)
                if loading is not None:
                    done += loading.result()
                seen = [replace(o, mtime_ns=as_found[o.path].mtime_ns, inode=as_found[o.path].inode) for o in outcomes]
                loading = load_batch.submit(plan, seen)
    if loading is not None:
        done += loading.result()
    return done
