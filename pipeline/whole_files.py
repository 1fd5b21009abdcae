"""Files that are there whole or not at all: written beside their place, put on the disk, then renamed."""

from __future__ import annotations

import os
import time
from pathlib import Path

# On Windows a file that somebody reads cannot be replaced; readers are soon done.
_TRIES, _PAUSE = 20, 0.25


def put_in_place(fresh: Path, place: Path) -> None:
    """``fresh``, a finished file in the same folder, takes the place of ``place``, and would outlive a power cut.

    Raises ``OSError``; then ``place`` is as it was.
    """
    sync(fresh)
    for left in reversed(range(_TRIES)):
        try:
            os.replace(fresh, place)
            break
        except PermissionError:
            if os.name != "nt" or not left:
                raise
            time.sleep(_PAUSE)
    sync_folder(place.parent)


def sync(path: Path) -> None:
    """Have the file's bytes on the disk itself. Raises ``OSError``."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """The same for the names in a folder."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows has no such thing
        return
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
