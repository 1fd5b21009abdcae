"""Beyond one machine: batches read by a Dask cluster, written as Parquet parts, loaded by the one writer.

Files, parts and store lie where all machines see them under the same paths. Each Dask worker reads with its own pool
of processes, so that a bad file costs no more there than here; a worker that dies loses the batch it was reading,
which the scheduler gives to another.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from distributed import Client
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.utilities.annotations import quote
from prefect_dask.task_runners import DaskTaskRunner

from flows.ingest import (
    ONE_WRITER,
    Batch,
    Job,
    Plan,
    Progress,
    begin_run,
    carry_out,
    end_run,
    load_batch,
)
from pipeline import messages
from pipeline.batch import BATCH_FILES, MEMORY_MB, READ_FILE, Pool, Settings, processors
from pipeline.exits import Trouble
from pipeline.limits import DEFAULT
from pipeline.outcome import Outcome
from pipeline.store.parts import DamagedPart, part_name, parts_in, read_part, write_part
from pipeline.store.place import StorePlace
from pipeline.summary import Summary

# More would only wait at the scheduler.
_IN_FLIGHT = 64
_REACH_SECONDS = 10

_pools: dict[tuple[Settings, str], Pool] = {}
_pool_in_use = threading.Lock()


@task(name="read part", cache_policy=NO_CACHE)
def read_to_part(tried: Sequence[Outcome], settings: Settings, folder: str, work: str) -> str:
    """:func:`make_part` on a machine of the cluster. Only this much crosses the wire; the rest is imported there."""
    return make_part(tried, settings, folder, work)


def make_part(tried: Sequence[Outcome], settings: Settings, folder: str, work: str) -> str:
    """One batch, read by this machine's processes into a part in ``folder``; the part's name.

    A part that is there already is not made again. The pool of processes stays for the next batch.
    """
    place = Path(folder) / part_name(tried, settings)
    if not place.exists():
        with _pool_in_use:
            done = {o.path: o for o in _pool(settings, work).run([o.path for o in tried])}
        write_part(place, [replace(done[o.path], mtime_ns=o.mtime_ns, inode=o.inode) for o in tried])
    return place.name


def _pool(settings: Settings, work: str) -> Pool:
    if multiprocessing.current_process().daemon:
        raise Trouble("This Dask worker may start no processes; start it with --no-nanny.")
    if (settings, work) not in _pools:
        _close_pools()
        _pools[settings, work] = Pool(settings, processors(), work)
    return _pools[settings, work]


@atexit.register
def _close_pools() -> None:
    while _pools:
        _pools.popitem()[1].close()


def read_on_cluster(
    address: str, batches: Sequence[Sequence[Outcome]], settings: Settings, folder: Path, work: str = READ_FILE
) -> Iterator[tuple[Path, list[Outcome]]]:
    """Each batch's part and outcomes, in the order of the batches, read by the cluster at ``address``.

    Call it inside a flow. Whoever loaded a part removes it.
    """
    with DaskTaskRunner(address=address) as runner:
        waiting = deque(batches)
        flying: deque[PrefectFuture[Any]] = deque()
        while waiting or flying:
            while waiting and len(flying) < _IN_FLIGHT:
                given = {"tried": waiting.popleft(), "settings": settings, "folder": str(folder), "work": work}
                flying.append(runner.submit(cast("Any", read_to_part), given))
            place = folder / str(flying.popleft().result())
            yield place, read_part(place)


@flow(name="ingest on a cluster", task_runner=ONE_WRITER)
def ingest_on_cluster(
    paths: list[str],
    db: str,
    address: str,
    parts: str | None = None,
    seconds: float = DEFAULT.seconds,
    memory_mb: int = MEMORY_MB,
    password_file: str | None = None,
    trust: str | None = None,
    batch_files: int = BATCH_FILES,
    wait: float = 0.0,
    work: str = READ_FILE,
    cpu_seconds: float | None = None,
) -> Summary:
    """Like :func:`flows.ingest.ingest`, read by the Dask cluster whose scheduler is at ``address``.

    ``parts`` is a folder that every worker can write, beside the store unless named. Parts that an earlier run left
    there are loaded first. Raises :class:`pipeline.store.access.StoreError`, and ``Trouble`` where nobody answers at
    ``address``.
    """
    _reach(address)
    place = StorePlace(Path(db))
    folder = Path(parts) if parts is not None else place.folder / "parts"
    limits = replace(DEFAULT, seconds=seconds, cpu_seconds=cpu_seconds)
    plan = Plan(
        place.writer, uuid.uuid4().hex, Settings(limits, memory_mb, password_file, trust), 0, batch_files
    )  # fmt: skip

    def read(plan: Plan, unread: Sequence[Outcome], progress: Progress) -> Iterator[Batch]:
        folder.mkdir(parents=True, exist_ok=True)
        batches = [unread[at : at + plan.batch_files] for at in range(0, len(unread), plan.batch_files)]
        for part, outcomes in read_on_cluster(address, batches, plan.settings, folder, work):
            for outcome in outcomes:
                progress.add(outcome)
            yield Batch(outcomes, partial(part.unlink, missing_ok=True))

    return carry_out(Job(paths, Path(db), wait), plan, read, partial(_load_left_over, folder))


def _reach(address: str) -> None:
    """Whether a scheduler answers at all: the task runner itself would be silent for long."""
    try:
        with cast("Any", Client)(address, timeout=_REACH_SECONDS):
            pass
    except (OSError, TimeoutError, ValueError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Trouble(messages.no_cluster_answers(address, said)) from error


def _load_left_over(folder: Path, plan: Plan) -> None:
    """What a run that was broken off had read and not loaded, each part as a run of its own."""
    for part in parts_in(folder):
        with contextlib.suppress(DamagedPart):  # its files are not in the store, so they are read again
            outcomes = read_part(part)
            own = replace(plan, run_id=uuid.uuid4().hex)
            begin_run(own, [str(part)], [])
            load_batch(own, quote(outcomes))
            end_run(own.db, own.run_id)
        part.unlink(missing_ok=True)
