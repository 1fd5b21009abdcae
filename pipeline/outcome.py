"""What came of trying one file: what workers hand to the store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pipeline.errors import Stage

Rows = dict[str, list[list[Any]]]
"""For each table its columns, for each column its values."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file was set aside; the fields of :class:`pipeline.errors.SetAside`."""

    stage: Stage
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Read:
    """One dispatch read from a file: its record as JSON and the canonical text its offsets count in.

    ``path`` is the file's own path, or the member's for a dispatch inside an archive or e-mail. ``sketch`` is the
    text's MinHash (:mod:`pipeline.derived.sketch`), ``knowledge`` the digest of the rules that read it
    (:mod:`pipeline.knowledge`). ``rows`` are the record's rows in the store (:mod:`pipeline.store.rows`) and ``digest``
    what :func:`reading_digest` says, where they are known already.
    """

    path: str
    record: str
    text: str
    sketch: tuple[int, ...] = ()
    knowledge: str | None = None
    rows: Rows | None = None
    digest: str | None = None

    @property
    def confidences(self) -> list[tuple[Any, ...]]:
        """How sure each value is, as in the table of that name: field, entry, confidence, certainty of OCR."""
        return list(zip(*(self.rows or {}).get("confidences", []), strict=True))


def reading_digest(record: str, text: str) -> str:
    """Of everything that was read, but not of where the file lies: two readings that say the same have the same."""
    said = json.loads(record)
    said["source"] |= {"path": None, "container": None}
    return hashlib.sha256(json.dumps([said, text], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file tried: the dispatches it gave, that it is ``held`` already, or why it was set aside.

    ``gone`` is one that was set aside earlier and is there no more, so that nothing waits to be read.
    ``mtime_ns`` and ``inode`` as it was found, before it was read.
    """

    path: str
    tried_at: datetime
    sha256: str | None = None
    size: int | None = None
    reads: tuple[Read, ...] = ()
    held: bool = False
    gone: bool = False
    failure: Failure | None = None
    mtime_ns: int | None = None
    inode: int | None = None

    @property
    def word(self) -> Literal["loaded", "unchanged", "set-aside", "gone"]:
        """How the store calls it."""
        if self.gone:
            return "gone"
        if self.failure is not None:
            return "set-aside"
        return "unchanged" if self.held else "loaded"
