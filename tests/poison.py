"""Readers that fail in every way a reader can, by the first words of the file: for tests of the worker pool."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from pipeline.batch import Settings
from pipeline.errors import SetAside
from pipeline.outcome import Failure, Read

MARK = "POISON "
"""What a file starts with that harms the reader of :func:`read_or_harm`."""
_kept: list[object] = []


def read_file(path: str, settings: Settings) -> tuple[tuple[Read, ...], Failure | None]:
    """Do to this process what the file says."""
    word, _, rest = Path(path).read_text(encoding="utf-8").strip().partition(" ")
    harm(word, rest, path, settings)
    return (Read(path, "{}", rest),), None


def read_or_harm(path: str, settings: Settings) -> tuple[tuple[Read, ...], Failure | None]:
    """What the real worker does, except with the files that harm: these do what they say before."""
    from pipeline import work

    with open(path, "rb") as file:
        head = file.read(200)
    if head.startswith(MARK.encode()):
        word, _, rest = head.decode().removeprefix(MARK).partition("\n")[0].partition(" ")
        harm(word, rest, path, settings)
    return work.read_file(path, settings)


def harm(word: str, rest: str, path: str, settings: Settings) -> None:
    """One way to break a reader; returns only from those that break nothing at once."""
    if word == "sleep":
        time.sleep(float(rest))
    elif word == "spin":
        while True:
            pass
    elif word == "backtrack":  # in C, holding Python's lock
        re.match(r"(a+)+$", "a" * 60 + "b")
    elif word == "deaf":  # deaf to all signals that can be refused
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            pass
    elif word == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif word == "brood":  # starts a process that nobody waits for, then hangs
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", rest])
        time.sleep(600)
    elif word == "crash":
        os.kill(os.getpid(), getattr(signal, rest))
    elif word == "null":
        ctypes.string_at(0)
    elif word == "overflow":  # of the C stack
        sys.setrecursionlimit(1 << 30)
        deep: list[object] = []
        for _ in range(500_000):
            deep = [deep]
        repr(deep)
    elif word == "exit":
        os._exit(int(rest))
    elif word == "leave":
        sys.exit(int(rest))
    elif word == "interrupt":
        raise KeyboardInterrupt
    elif word == "unplug":  # closes what it speaks to its parent through
        os.closerange(3, 256)
    elif word == "allocate":
        hoard = [bytearray(64 << 20) for _ in range(1_000)]
        raise AssertionError(f"{len(hoard)} blocks were granted")
    elif word == "allocate-at-once":
        raise AssertionError(len(bytearray(1 << 45)))
    elif word == "allocate-small":
        grown: list[object] = []
        while True:
            grown.append(bytes(2000))
    elif word == "hoard":  # keeps what it read
        _kept.append(b"x" * (int(rest) << 20))
    elif word == "thread":  # leaves a thread that keeps a processor busy
        threading.Thread(target=_busy, daemon=True).start()
    elif word == "leak":
        _kept.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(int(rest)))
    elif word == "litter":
        with open(tempfile.mkstemp()[1], "wb") as file:
            file.write(bytes(1 << 20))
        os.abort()
    elif word == "recurse":
        harm(word, rest, path, settings)
    elif word == "fault":
        raise ZeroDivisionError("division by zero")
    elif word == "lines":
        raise RuntimeError("one\ntwo\n" + "x" * 10_000)
    elif word == "aside":
        raise SetAside("read", rest, f"{path} is {rest}.")
    elif word == "grow":
        with open(path, "a", encoding="utf-8") as file:
            file.write("more")
    elif word == "rewrite":  # the same size
        Path(path).write_bytes(Path(path).read_bytes().swapcase())
    elif word == "vanish":
        os.unlink(path)
    elif word == "vanish-and-fail":
        os.unlink(path)
        Path(path).stat()
    elif word == "become-pipe":
        os.unlink(path)
        os.mkfifo(path)
    elif word == "shout":
        os.write(1, b"NOISE ON STANDARD OUTPUT\n")


def _busy() -> None:
    with contextlib.suppress(Exception):
        while True:
            pass
