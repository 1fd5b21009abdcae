"""Many files read side by side, each in a worker process that can be lost without losing the rest.

A worker reads one file at a time under limits on wall time and, where the platform has them, on processor time and
memory. One that hangs, dies or outgrows its limits is ended, with all it started, and replaced; only its file is set
aside.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import importlib
import math
import multiprocessing
import os
import shutil
import signal
import stat
import tempfile
import threading
import time
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from pipeline import interrupts, messages
from pipeline.errors import SetAside, Stage
from pipeline.exits import Trouble
from pipeline.find import fingerprint
from pipeline.limits import DEFAULT, Limits
from pipeline.outcome import Failure, Outcome, Read

MEMORY_MB = 4096
"""How much address space one worker may take; what its libraries map counts too."""

BATCH_FILES = 200
"""How many files are read, and then loaded, at a time: what a killed run has to read again, at most twice."""

READ_FILE = "pipeline.work:read_file"
"""What workers do, unless a caller names another function."""

_START_SECONDS = 120.0
# A reader that watches its own time gets to say how far it came.
_GRACE_SECONDS = 2.0
# A worker whose parent is gone ends itself so much later than the parent would have ended it.
_ORPHAN_SECONDS = 5.0
# How long the end of a killed process is waited for: one that waits for a dead disk cannot be killed.
_END_SECONDS = 10.0
_TRIES_TO_START = 3
# An interrupt that a library swallowed is heard so soon all the same; on Windows it does not end a wait.
_LOOK_SECONDS = 1.0
# What a worker may still hold after a file, of the memory it may take; more, and it is replaced by a fresh one.
_KEPT_SHARE = 0.375
_KEPT_DESCRIPTORS = 200
# After these, what the libraries of a worker hold is anybody's guess.
_UNSETTLING = ("out-of-memory", "internal-error")


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


def attempt(
    work: Work, path: str, settings: Settings, begun: Callable[[str, int], None] = lambda sha256, size: None
) -> Outcome:
    """``work`` done on ``path`` here and now; whatever it raises becomes the reason of the outcome.

    ``begun`` is told the file's SHA-256 and size before it is read. Where the file's bytes are others afterwards, that
    is the reason, whatever else came of it.
    """
    tried = Outcome(path, datetime.now(UTC))
    most = settings.limits.file_bytes
    try:
        sha256, size = _hashed(path, most)
        tried = replace(tried, sha256=sha256, size=size)
        begun(sha256, size)
    except SetAside as error:
        return _failed(tried, error.stage, error.reason, error.message)
    done = _worked(work, tried, settings)
    try:
        same = _hashed(path, most)[0] == sha256
    except SetAside as error:
        if error.reason != "too-big":
            return _failed(tried, error.stage, error.reason, error.message)
        same = False
    return done if same else _failed(tried, "read", "changed-while-read", messages.changed_meanwhile(path))


def _hashed(path: str, most: int) -> tuple[str, int]:
    """SHA-256 and size, of a regular file only: to open a pipe is to wait for whoever writes to it."""
    with contextlib.suppress(OSError):  # the next look says what is wrong
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise SetAside("read", "not-a-file", messages.no_regular_file(path))
    return fingerprint(path, most)


def _worked(work: Work, tried: Outcome, settings: Settings) -> Outcome:
    try:
        reads, failure = work(tried.path, settings)
        return replace(tried, reads=reads, failure=failure)
    except SetAside as error:
        return _failed(tried, error.stage, error.reason, error.message)
    except MemoryError:
        return _starved(tried, settings)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}: {error}".splitlines()[0][:200]
        return _failed(tried, "extract", "internal-error", messages.unexpected(tried.path, said))


def _starved(tried: Outcome, settings: Settings) -> Outcome:
    return _failed(tried, "read", "out-of-memory", messages.too_much_memory(tried.path, settings.memory_mb))


def _failed(tried: Outcome, stage: Stage, reason: str, message: str) -> Outcome:
    return replace(tried, reads=(), failure=Failure(stage, reason, message))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A worker has loaded what it needs."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """The bytes that a worker is about to read."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of a file, and whether the worker should be replaced by a fresh one."""

    outcome: Outcome
    worn: bool


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    folder: str
    until: float
    ready: bool = False
    path: str | None = None
    begun: _Begun | None = None


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
        self._workers: list[_Worker] = []
        _open.add(self)
        try:
            for _ in range(workers):
                with interrupts.undisturbed():
                    self._workers.append(self._start())
        except BaseException:
            self.close()
            raise

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
            told = wait(list(watched), timeout=min(_LOOK_SECONDS, max(0.0, soonest - time.monotonic())))
            interrupts.check()
            late = {i for i in watched.values() if time.monotonic() >= self._workers[i].until}
            for index in late | {watched[cast("Connection", pipe)] for pipe in told}:
                outcome = self._hear(index)
                if outcome is not None:
                    left -= 1
                    yield outcome

    def close(self) -> None:
        """End every worker. The pool cannot be used afterwards."""
        with interrupts.undisturbed():
            for worker in self._workers:
                _end(worker)
            self._workers = []

    def _start(self) -> _Worker:
        mine, theirs = self._context.Pipe()
        folder = tempfile.mkdtemp(prefix="congvan-reader-")
        arguments = (theirs, self._work, self._settings, os.getpid(), folder)
        process = self._context.Process(target=_serve, args=arguments, daemon=True, name="congvan-reader")
        process.start()
        theirs.close()
        return _Worker(process, mine, folder, time.monotonic() + _START_SECONDS)

    def _replace(self, index: int) -> None:
        with interrupts.undisturbed():
            _end(self._workers[index])
            self._workers[index] = self._start()

    def _give(self, index: int, path: str) -> None:
        worker = self._workers[index]
        worker.path, worker.begun = path, None
        worker.until = time.monotonic() + self._settings.limits.seconds + _GRACE_SECONDS
        with contextlib.suppress(OSError):  # a worker that died this moment: its closed pipe is heard at once
            worker.pipe.send(path)

    def _hear(self, index: int) -> Outcome | None:
        """The outcome of a worker that answered, is gone, or is late; ``None`` where it only said how far it is."""
        worker = self._workers[index]
        gone = False
        try:
            if worker.pipe.poll():
                return self._answer(index, worker.pipe.recv())
        except (EOFError, OSError):
            gone = True
        if worker.path is None:
            self._failed_starts += 1
            if self._failed_starts >= _TRIES_TO_START:
                raise PoolError(messages.workers_do_not_start())
            self._replace(index)
            return None
        lost = Outcome(worker.path, datetime.now(UTC), failure=self._lost(worker, gone))
        if worker.begun is not None:
            lost = replace(lost, sha256=worker.begun.sha256, size=worker.begun.size)
        self._replace(index)
        return lost

    def _answer(self, index: int, said: _Ready | _Begun | _Done) -> Outcome | None:
        worker = self._workers[index]
        if isinstance(said, _Begun):
            worker.begun = said
            return None
        worker.path = None
        if isinstance(said, _Ready):
            worker.ready = True
            self._failed_starts = 0
            return None
        if said.worn:
            self._replace(index)
        return said.outcome

    def _lost(self, worker: _Worker, gone: bool) -> Failure:
        path, limits = worker.path or "", self._settings.limits
        if gone:
            worker.process.join(_END_SECONDS)
        code = worker.process.exitcode
        if code is None:
            return Failure("read", "time-limit", messages.took_too_long(path, limits.seconds))
        if code == -getattr(signal, "SIGXCPU", 0):
            return Failure("read", "cpu-limit", messages.used_too_much(path, limits.processor_seconds))
        return Failure("read", "reader-crashed", messages.reader_died(path, code))


def _end(worker: _Worker) -> None:
    """End a worker, with every process that it started, and remove what it left on the disk."""
    worker.pipe.close()
    _kill_group(worker.process.pid)
    worker.process.kill()
    worker.process.join(_END_SECONDS)
    if worker.process.exitcode is not None:
        worker.process.close()
    shutil.rmtree(worker.folder, ignore_errors=True)


def _kill_group(leader: int | None) -> None:
    if leader is not None and hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # before it leads one, or long dead
            os.killpg(leader, signal.SIGKILL)


_open: weakref.WeakSet[Pool] = weakref.WeakSet()


@atexit.register  # later than multiprocessing's own, so earlier at the end: that one waits for workers deaf to it
def _close_all() -> None:
    for pool in list(_open):
        pool.close()


def _serve(pipe: Connection, work: str, settings: Settings, parent: int, folder: str) -> None:
    """The life of a worker: say it is ready, then answer each path with an outcome. ``folder`` is for its own use."""
    if hasattr(os, "setsid"):
        os.setsid()  # whatever it starts can be ended with it
    for number in interrupts.SIGNALS:  # the parent decides what they mean
        signal.signal(number, signal.SIG_IGN)
    os.dup2(2, 1)  # what libraries print in C must not mix with records on standard output
    threading.Thread(target=_leave_with, args=(parent, folder), daemon=True).start()
    tempfile.tempdir = folder
    module, _, name = work.partition(":")
    do: Work = getattr(importlib.import_module(module), name)
    _limit_memory(settings.memory_mb)
    threads = threading.active_count()
    pipe.send(_Ready())
    with open(os.devnull, "wb") as nowhere:
        while True:
            try:
                path = pipe.recv()
            except (EOFError, OSError):  # the parent has closed its end, perhaps with an answer of ours still in it
                return
            _limit_time(settings.limits, nowhere)
            outcome = attempt(do, path, settings, lambda sha256, size: pipe.send(_Begun(sha256, size)))
            worn = outcome.failure is not None and outcome.failure.reason in _UNSETTLING
            worn = worn or threading.active_count() > threads or _holds_too_much(settings.memory_mb)
            try:
                pipe.send(_Done(outcome, worn))
            except MemoryError:
                pipe.send(_Done(_starved(replace(outcome, reads=()), settings), True))
            faulthandler.cancel_dump_traceback_later()


def _leave_with(parent: int, folder: str) -> None:
    """End this process soon after its parent is gone, even in the middle of a file."""
    while os.getppid() == parent:
        time.sleep(1)
    shutil.rmtree(folder, ignore_errors=True)
    if hasattr(os, "getpgid") and os.getpgid(0) == os.getpid():
        _kill_group(os.getpid())
    os._exit(1)


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, resource.getrlimit(resource.RLIMIT_AS)[1]))
    # A crash must not leave the papers that were in memory on the disk.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _limit_time(limits: Limits, nowhere: IO[bytes]) -> None:
    """Bounds on this process for the next file that hold without its help, and without its parent's.

    The parent's own clock ends a worker first; the one set here needs neither signals nor Python's lock, so that a
    worker whose parent was killed does not hang for ever inside a library.
    """
    with contextlib.suppress(RuntimeError):  # no memory for a thread
        patience = limits.seconds + _GRACE_SECONDS + _ORPHAN_SECONDS
        faulthandler.dump_traceback_later(patience, exit=True, file=cast("IO[str]", nowhere))
    try:
        import resource
    except ImportError:  # Windows
        return
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    bound = math.ceil(time.process_time() + limits.processor_seconds)
    if most == resource.RLIM_INFINITY or bound < most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (bound, most))


def _holds_too_much(megabytes: int) -> bool:
    """Whether this process kept so much of what it read that a fresh one should take its place."""
    try:
        with open("/proc/self/statm", "rb") as file:
            held = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return held > _KEPT_SHARE * (megabytes << 20) or len(os.listdir("/proc/self/fd")) > _KEPT_DESCRIPTORS
    except (OSError, AttributeError):  # not Linux
        return False


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
