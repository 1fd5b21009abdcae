"""One file to its records: what a worker does, and what the command line does for a single file."""

from __future__ import annotations

from pathlib import Path

from models.source import Source
from pipeline.batch import Settings
from pipeline.errors import SetAside
from pipeline.extract import extract
from pipeline.outcome import Failure, Read
from pipeline.read import read


def sources(path: str, settings: Settings) -> list[Source]:
    """The file as read. Raises :class:`SetAside`, and ``OSError`` if the password file cannot be read."""
    password = None
    if settings.password_file is not None:
        password = Path(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")
    trust = Path(settings.trust) if settings.trust is not None else None
    return read(Path(path), settings.limits, password, trust)


def read_file(path: str, settings: Settings) -> tuple[tuple[Read, ...], Failure | None]:
    """The dispatches in the file; with several inside, why the first of those that failed did.

    Raises :class:`SetAside` where nothing in it could be read.
    """
    reads: list[Read] = []
    failure: SetAside | None = None
    for source in sources(path, settings):
        try:
            reads.append(Read(source.path, extract(source).model_dump_json(), source.text))
        except SetAside as error:
            failure = failure or error
    if failure is None:
        return tuple(reads), None
    if not reads:
        raise failure
    return tuple(reads), Failure(failure.stage, failure.reason, failure.message)
