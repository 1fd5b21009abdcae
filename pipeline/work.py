"""One file to its records: what a worker does, and what the command line does for a single file."""

from __future__ import annotations

from pathlib import Path

from extractors.identities import identities_of
from extractors.learned_confidence import confidences
from models.record import Dispatch
from models.source import Source
from pipeline import messages
from pipeline.batch import Settings
from pipeline.derived.sketch import sketch
from pipeline.errors import SetAside
from pipeline.extract import certainty_of, extract
from pipeline.knowledge import knowledge
from pipeline.outcome import Failure, Read, reading_digest
from pipeline.read import read_all
from pipeline.store.rows import rows_of


def read_file(path: str, settings: Settings) -> tuple[tuple[Read, ...], Failure | None]:
    """The dispatches in the file and, where some of several could not be read, why.

    Raises :class:`SetAside` where nothing in it could be read, and ``OSError`` if the password file cannot be.
    """
    sources, failures = read_all(Path(path), settings.limits, _password(settings), _trust(settings))
    reads: list[Read] = []
    for source in sources:
        try:
            reads.append(_read(source, extract(source)))
        except SetAside as error:
            failures.append((source.path, error))
    if not failures:
        return tuple(reads), None
    first = failures[0][1]
    if not reads and len(failures) == 1:
        raise first
    return tuple(reads), Failure(first.stage, first.reason, messages.in_part([e.message for _, e in failures]))


def _read(source: Source, dispatch: Dispatch) -> Read:
    about = dispatch.source
    record = dispatch.model_dump_json()
    sure = confidences(dispatch, certainty_of(source) if about.text_origin == "ocr" else None)
    return Read(
        source.path, record, source.text, digest=reading_digest(record, source.text),
        rows=rows_of(dispatch, identities_of(dispatch), sure),
        sketch=tuple(sketch(source.text)), knowledge=knowledge(about.media_type, about.text_origin),
    )  # fmt: skip


def _password(settings: Settings) -> str | None:
    if settings.password_file is None:
        return None
    return Path(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")


def _trust(settings: Settings) -> Path | None:
    return Path(settings.trust) if settings.trust is not None else None
