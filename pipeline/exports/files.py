"""A file that is there whole or not at all: written beside its place, synced, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import messages
from pipeline.exits import Trouble, WrongUse
from pipeline.whole_files import put_in_place


class NotWritten(Trouble):
    """The disk or the rights refuse the file; what stood there before stands there still."""


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A path beside ``out``, not there yet, to be written to; at the end it takes the place of ``out``.

    After an error it is gone, and ``out`` is as it was. Raises :class:`~pipeline.exits.WrongUse` where ``out`` is a
    folder, a device, or in a folder that is not there, and :class:`NotWritten` where writing fails.
    """
    fresh = None
    try:
        out = Path(os.path.realpath(out))  # a link stays, what it leads to is replaced
        if out.is_dir():
            raise WrongUse(messages.out_is_folder(out))
        if out.exists() and not out.is_file():
            raise WrongUse(messages.no_regular_file(str(out)))
        if not out.parent.is_dir():
            raise WrongUse(messages.no_such_folder(out.parent))
        fresh = out.parent / f".congvan-{os.getpid()}{out.suffix}"
        yield fresh
        if out.exists():
            shutil.copymode(out, fresh)
        put_in_place(fresh, out)
    except OSError as error:
        raise NotWritten(messages.cannot_write(out, error.strerror or str(error))) from error
    finally:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
