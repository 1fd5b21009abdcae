"""Many files read side by side, each in a worker process that can be lost without losing the rest.

A worker reads one file at a time under limits on wall time and, where the platform has them, on memory. One that
hangs, dies or outgrows its limits is ended and replaced, and only its file is set aside.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import cast

from pipeline import messages
from pipeline.errors import SetAside, Stage
from pipeline.exits import Trouble
from pipeline.find import fingerprint
from pipeline.limits import DEFAULT, Limits
from pipeline.outcome import Failure, Outcome, Read

MEMORY_MB = 4096
"""How much address space one worker may take; what its libraries map counts too."""

READ_FILE = "pipeline.work:read_file"
"""What workers do, unless a caller names another function."""

_START_SECONDS = 120.0
# A reader that watches its own time gets to say how far it came.
_GRACE_SECONDS = 2.0
_TRIES_TO_START = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """How files are read: limits on one file, a file with a password to try, a folder of trusted certificates."""

    limits: Limits = DEFAULT
    memory_mb: int = MEMORY_MB
    password_file: str | None = None
    trust: str | None = None


Work = Callable[[str, Settings], tuple[tuple[Read, ...], Failure | None]]
"""Reads one path: the dispatches in it, and why some of it could not be read. Raises :class:`SetAside`."""


class PoolError(Trouble):
    """Workers cannot be started at all; the fault is the machine's or the installation's, not a file's."""


def attempt(work: Work, path: str, settings: Settings) -> Outcome:
    """``work`` done on ``path`` here and now; whatever it raises becomes the reason of the outcome."""
    tried = Outcome(path, datetime.now(UTC))
    try:
        sha256, size = fingerprint(path, settings.limits.file_bytes)
        tried = replace(tried, sha256=sha256, size=size)
        reads, failure = work(path, settings)
        if fingerprint(path, settings.limits.file_bytes)[0] != sha256:
            raise SetAside("read", "changed-while-read", messages.changed_meanwhile(path))
        return replace(tried, reads=reads, failure=failure)
    except SetAside as error:
        return replace(tried, failure=Failure(error.stage, error.reason, error.message))
    except MemoryError:
        return _failed(tried, "read", "out-of-memory", messages.too_much_memory(path, settings.memory_mb))
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}: {error}".splitlines()[0][:200]
        return _failed(tried, "extract", "internal-error", messages.unexpected(path, said))


def _failed(tried: Outcome, stage: Stage, reason: str, message: str) -> Outcome:
    return replace(tried, reads=(), failure=Failure(stage, reason, message))


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    until: float
    ready: bool = False
    path: str | None = None


class Pool:
    """Worker processes that stay until the pool is closed; a context manager. One thread uses it at a time.

    ``work`` names a :data:`Work` function as ``module:function``.
    """

    def __init__(self, settings: Settings, workers: int, work: str = READ_FILE) -> None:
        if workers < 1:
            raise ValueError("a pool needs a worker")
        self._work = work
        self._settings = settings
        self._context = multiprocessing.get_context("spawn")
        self._failed_starts = 0
        self._workers = [self._start() for _ in range(workers)]

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, paths: Sequence[str]) -> Iterator[Outcome]:
        """What came of each file, as they are done: one outcome for each path, in no order."""
        for index, worker in enumerate(self._workers):
            if worker.path is not None:  # from a run that was broken off
                self._replace(index)
        waiting = deque(paths)
        left = len(waiting)
        while left:
            for index, worker in enumerate(self._workers):
                if waiting and worker.ready and worker.path is None:
                    if worker.process.is_alive():
                        self._give(index, waiting.popleft())
                    else:  # ended by somebody else while it had nothing to do
                        self._replace(index)
            watched = {w.pipe: i for i, w in enumerate(self._workers) if w.path is not None or not w.ready}
            soonest = min(self._workers[i].until for i in watched.values())
            told = wait(list(watched), timeout=max(0.0, soonest - time.monotonic()))
            late = {i for i in watched.values() if time.monotonic() >= self._workers[i].until}
            for index in late | {watched[cast("Connection", pipe)] for pipe in told}:
                outcome = self._hear(index)
                if outcome is not None:
                    left -= 1
                    yield outcome

    def close(self) -> None:
        """End every worker. The pool cannot be used afterwards."""
        for worker in self._workers:
            _end(worker)
        self._workers = []

    def _start(self) -> _Worker:
        mine, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(theirs, self._work, self._settings, os.getpid()), daemon=True, name="congvan-reader"
        )
        process.start()
        theirs.close()
        return _Worker(process, mine, time.monotonic() + _START_SECONDS)

    def _replace(self, index: int) -> None:
        _end(self._workers[index])
        self._workers[index] = self._start()

    def _give(self, index: int, path: str) -> None:
        worker = self._workers[index]
        worker.path = path
        worker.until = time.monotonic() + self._settings.limits.seconds + _GRACE_SECONDS
        with contextlib.suppress(OSError):  # a worker that died this moment: its closed pipe is heard at once
            worker.pipe.send(path)

    def _hear(self, index: int) -> Outcome | None:
        """The outcome of a worker that answered, is gone, or is late; ``None`` where it only became ready."""
        worker = self._workers[index]
        gone = False
        try:
            if worker.pipe.poll():
                answer: Outcome | None = worker.pipe.recv()
                if answer is None:
                    worker.ready = True
                    self._failed_starts = 0
                worker.path = None
                return answer
        except (EOFError, OSError):
            gone = True
        if worker.path is None:
            self._failed_starts += 1
            if self._failed_starts >= _TRIES_TO_START:
                raise PoolError(messages.workers_do_not_start())
            self._replace(index)
            return None
        path, failure = worker.path, self._lost(worker, gone)
        self._replace(index)
        lost = Outcome(path, datetime.now(UTC), failure=failure)
        with contextlib.suppress(SetAside):
            sha256, size = fingerprint(path)
            lost = replace(lost, sha256=sha256, size=size)
        return lost

    def _lost(self, worker: _Worker, gone: bool) -> Failure:
        path = worker.path or ""
        if not gone:
            return Failure("read", "time-limit", messages.took_too_long(path, self._settings.limits.seconds))
        worker.process.join(10)
        return Failure("read", "reader-crashed", messages.reader_died(path, worker.process.exitcode))


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()
    worker.process.close()


def _serve(pipe: Connection, work: str, settings: Settings, parent: int) -> None:
    """The life of a worker: say it is ready, then answer each path with an outcome."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    os.dup2(2, 1)  # what libraries print in C must not mix with records on standard output
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    module, _, name = work.partition(":")
    do: Work = getattr(importlib.import_module(module), name)
    _limit_memory(settings.memory_mb)
    pipe.send(None)
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        pipe.send(attempt(do, path, settings))


def _leave_with(parent: int) -> None:
    """End this process soon after its parent is gone, even in the middle of a file."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, resource.getrlimit(resource.RLIMIT_AS)[1]))


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
