"""Ctrl-C and SIGTERM that nobody can swallow, and that never find a process half started."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pipeline import messages

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What asks a program to end."""

# timeout(1) and terminals tell a process twice at once: only what comes later is impatience.
_IMPATIENT_SECONDS = 1.0

_heeding = False
_asked = 0
_asked_at = 0.0


def asked() -> bool:
    """Whether the program was asked to end."""
    return _asked != 0


def exit_code() -> int:
    """What a stopped command ends with: 130 after Ctrl-C, 143 after SIGTERM, as shells have it."""
    return 128 + (_asked or signal.SIGINT)


def check() -> None:
    """Raise ``KeyboardInterrupt`` where the program was asked to end and a library in between swallowed it.

    To be called now and then by whatever takes long. Does nothing outside :func:`heeding_interrupts`.
    """
    if _asked and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


@contextmanager
def heeding_interrupts() -> Iterator[None]:
    """Ctrl-C or SIGTERM within the block raises ``KeyboardInterrupt``, at its end at the latest.

    A second one, a second later, ends the process at once: the store is whole at any moment, and workers leave with
    their parent. Does nothing outside the main thread, where no signals are heard.
    """
    global _asked, _heeding
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _asked = 0
    before = {number: signal.signal(number, _heed) for number in SIGNALS}
    _heeding = True
    try:
        yield
        check()
    finally:
        _heeding = False
        for number, handler in before.items():
            # Once it is ending, more of it would only print where it was.
            ending = handler is not None and not _asked
            signal.signal(number, handler if ending else signal.SIG_IGN)


@contextmanager
def heard_first() -> Iterator[None]:
    """Within the block signals come here, not to a handler that a library has set since :func:`heeding_interrupts`.

    Prefect's own makes of SIGTERM what DuckDB, in the middle of a query, tells as a failure of the query. Does nothing
    where nobody heeds interrupts: a run that a Prefect worker started is the worker's to end.
    """
    if not _heeding or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _heed) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heed(number: int, frame: FrameType | None) -> None:
    global _asked, _asked_at
    del frame
    now = time.monotonic()
    if _asked:
        if now - _asked_at > _IMPATIENT_SECONDS:
            os.write(2, (messages.STOPPED + "\n").encode())
            os._exit(exit_code())
        return
    _asked, _asked_at = number, now
    raise KeyboardInterrupt


@contextmanager
def undisturbed() -> Iterator[None]:
    """What runs in the block is not interrupted: what came meanwhile comes at its end, to whoever listens then.

    Processes started in the block never hear Ctrl-C, not even before they can say so themselves.
    """
    if threading.current_thread() is not threading.main_thread():
        with _blocked():
            yield
        return
    came: list[int] = []
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    try:
        for number in SIGNALS:
            signal.signal(number, lambda number, frame: came.append(number))
        with _blocked():
            yield
    finally:
        for number, handler in before:
            if handler is not None:  # else one that Python cannot set again
                signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


@contextmanager
def _blocked() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # else the first process started would start it, and that lets signals through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
