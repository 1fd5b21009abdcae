"""What earlier runs left behind: those that died are closed, and Prefect's database forgets old ones.

Prefect keeps a flow run RUNNING for ever when its program dies together with what watches it. So every run holds a lock
file beside its store, which the system frees whatever the run dies of; the next run tries the locks of the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH
from prefect.states import Crashed

from pipeline import messages
from pipeline.store import access
from pipeline.store.place import StorePlace

FLOWS = ("ingest", "ingest on a cluster", "nightly")
"""The flows whose runs are ours; others on the same server are left alone."""

KEEP = timedelta(days=30)
"""How long Prefect's database remembers a run."""

_UNFINISHED = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
_OURS = FlowFilter(name=FlowFilterName(any_=list(FLOWS)))
# A run without a lock file died before it made one, or lies on another machine: wait until it cannot matter.
_NO_LOCK = timedelta(days=1)
_AT_ONCE = 200


@contextlib.contextmanager
def alive(place: StorePlace, now: datetime) -> Iterator[None]:
    """Tell other runs, while the block lasts, that this flow run is alive; first close dead ones, forget old ones.

    Does nothing outside a flow run. What fails in tidying up is no reason for the run to fail.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        yield
        return
    own = context.flow_run.id
    path = _lock_file(place, str(own))
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except OSError as error:
        raise access.trouble_with(place.published, error) from error
    try:
        with contextlib.suppress(Exception), get_client(sync_client=True) as client:
            close_dead(client, place, now)
            forget_old(client, now)
        yield
    finally:
        lock.release()
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def close_dead(client: SyncPrefectClient, place: StorePlace, now: datetime) -> list[FlowRun]:
    """Say CRASHED of each of our flow runs that nobody runs any more; these runs."""
    unfinished = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNFINISHED)))
    closed = []
    for run in client.read_flow_runs(flow_filter=_OURS, flow_run_filter=unfinished, limit=_AT_ONCE):
        if _is_dead(run, place, now):
            client.set_flow_run_state(run.id, Crashed(message=messages.FOUND_DEAD), force=True)
            closed.append(run)
    return closed


def _is_dead(run: FlowRun, place: StorePlace, now: datetime) -> bool:
    db = (run.parameters or {}).get("db")
    if not isinstance(db, str):
        return False
    its = StorePlace(Path(db))
    path = _lock_file(its, str(run.id))
    if not path.exists():
        begun = run.start_time or run.created
        return its == place and begun is not None and now - begun > _NO_LOCK
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return False
    lock.release()
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return True


def _lock_file(place: StorePlace, run_id: str) -> Path:
    return place.folder / "runs" / f"{run_id}.lock"


def forget_old(client: SyncPrefectClient, now: datetime, keep: timedelta = KEEP) -> int:
    """Take our flow runs that ended longer than ``keep`` ago out of Prefect's database, with their artifacts, at most
    some hundred at once; how many. SQLite uses the room again, so that the file stops growing."""
    old = FlowRunFilter(end_time=FlowRunFilterEndTime(before_=cast("Any", now - keep)))
    runs = client.read_flow_runs(flow_filter=_OURS, flow_run_filter=old, limit=_AT_ONCE)
    if runs:
        theirs = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id for run in runs]))
        for artifact in client.read_artifacts(artifact_filter=theirs):
            _forget_result(artifact.data)
            client.delete_artifact(artifact.id)
    for run in runs:
        client.delete_flow_run(run.id)
    return len(runs)


def _forget_result(data: object) -> None:
    """Of a run that failed Prefect keeps the error in a file of its own."""
    key = data.get("storage_key") if isinstance(data, dict) else None
    if isinstance(key, str) and Path(key).parent == PREFECT_LOCAL_STORAGE_PATH.value():
        with contextlib.suppress(OSError):
            Path(key).unlink(missing_ok=True)


def close_runs(db: Path) -> None:
    """Say of the store's own runs that never ended that they failed. Call it holding the lease."""
    with access.writing(db) as con:
        con.execute("UPDATE runs SET outcome = 'failed' WHERE outcome = 'running'")
