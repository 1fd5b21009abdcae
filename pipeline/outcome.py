"""What came of trying one file: what workers hand to the store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pipeline.errors import Stage


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
    text's MinHash (:mod:`pipeline.sketch`), ``knowledge`` the digest of the rules that read it
    (:mod:`pipeline.knowledge`), ``identities`` the rows of ``body_identities``,
    ``digest`` what :func:`reading_digest` says, where it is known already.
    """

    path: str
    record: str
    text: str
    sketch: tuple[int, ...] = ()
    knowledge: str | None = None
    identities: tuple[dict[str, Any], ...] = ()
    digest: str | None = None


def reading_digest(record: str, text: str) -> str:
    """Of everything that was read, but not of where the file lies: two readings that say the same have the same."""
    said = json.loads(record)
    said["source"] |= {"path": None, "container": None}
    return hashlib.sha256(json.dumps([said, text], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file tried: the dispatches it gave, that it is ``held`` already, or why it was set aside.

    ``mtime_ns`` and ``inode`` as it was found, before it was read.
    """

    path: str
    tried_at: datetime
    sha256: str | None = None
    size: int | None = None
    reads: tuple[Read, ...] = ()
    held: bool = False
    failure: Failure | None = None
    mtime_ns: int | None = None
    inode: int | None = None

    @property
    def word(self) -> Literal["loaded", "unchanged", "set-aside"]:
        """How the store calls it."""
        if self.failure is not None:
            return "set-aside"
        return "unchanged" if self.held else "loaded"
