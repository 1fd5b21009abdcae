"""Readers that fail in every way a reader can, by the first word of the file: for tests of the worker pool."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pipeline.batch import Settings
from pipeline.errors import SetAside
from pipeline.outcome import Failure, Read


def read_file(path: str, settings: Settings) -> tuple[tuple[Read, ...], Failure | None]:
    """Do to this process what the file says."""
    del settings
    word, _, rest = Path(path).read_text(encoding="utf-8").strip().partition(" ")
    if word == "sleep":
        time.sleep(float(rest))
    elif word == "spin":
        while True:
            pass
    elif word == "crash":
        os.kill(os.getpid(), getattr(signal, rest))
    elif word == "exit":
        os._exit(int(rest))
    elif word == "allocate":
        hoard = [bytearray(64 << 20) for _ in range(1_000)]
        raise AssertionError(f"{len(hoard)} blocks were granted")
    elif word == "recurse":
        return read_file(path, Settings())
    elif word == "fault":
        raise ZeroDivisionError("division by zero")
    elif word == "aside":
        raise SetAside("read", rest, f"{path} is {rest}.")
    elif word == "grow":
        with open(path, "a", encoding="utf-8") as file:
            file.write("more")
    elif word == "shout":
        os.write(1, b"NOISE ON STANDARD OUTPUT\n")
    return (Read(path, "{}", rest),), None
