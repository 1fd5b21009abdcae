"""One file to its records: what a worker does, and what the command line does for a single file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extractors.identities import NamedIdentity, identities_of
from models.record import Dispatch
from models.source import Source
from pipeline import messages
from pipeline.batch import Settings
from pipeline.errors import SetAside
from pipeline.extract import extract
from pipeline.knowledge import knowledge
from pipeline.outcome import Failure, Read, reading_digest
from pipeline.read import read_all
from pipeline.sketch import sketch


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
    return Read(
        source.path, record, source.text, digest=reading_digest(record, source.text),
        identities=tuple(map(_identity_row, identities_of(dispatch))),
        sketch=tuple(sketch(source.text)), knowledge=knowledge(about.media_type, about.text_origin),
    )  # fmt: skip


def _identity_row(named: NamedIdentity) -> dict[str, Any]:
    """One row of the table ``body_identities``."""
    body = named.identity
    return {
        "role": named.role, "entry_no": named.entry_no, "part_no": named.part_no, "name": named.name,
        "identity_id": body.id, "canonical_name": body.name, "kind": body.kind, "level": body.level,
        "province": body.province, "exists_from": body.valid_from, "exists_until": body.valid_to,
        "successors": list(body.successors),
    }  # fmt: skip


def _password(settings: Settings) -> str | None:
    if settings.password_file is None:
        return None
    return Path(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")


def _trust(settings: Settings) -> Path | None:
    return Path(settings.trust) if settings.trust is not None else None
