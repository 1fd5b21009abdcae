"""Which files a run tries: folders searched, names checked, bytes hashed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline import messages
from pipeline.errors import SetAside
from pipeline.limits import DEFAULT

# What office programs and systems leave lying about; never dispatches.
_LITTER = ("~$", ".~")
_LITTER_NAMES = {"thumbs.db", "desktop.ini"}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """One file to try, or, with ``failure``, a path that cannot be tried.

    ``size`` in bytes, ``mtime_ns`` and ``inode`` as the system gives them: while all three stay, so do the contents.
    """

    path: str
    failure: SetAside | None = None
    size: int | None = None
    mtime_ns: int | None = None
    inode: int | None = None


def find(paths: Iterable[Path]) -> Iterator[Found]:
    """Each file once, in the order given and by name within folders. Folders are searched to the bottom.

    Hidden files and office programs' lock files are passed over, unless they were named themselves; links to folders
    are not followed. Paths come out absolute.
    """
    seen: set[str] = set()
    for given in paths:
        path = Path(os.path.abspath(given))
        any_here = False
        pending = [path]
        while pending:
            found = _look(pending.pop(), pending)
            if found is None:
                continue
            any_here = True
            if found.path not in seen:
                seen.add(found.path)
                yield found
        if not any_here:
            yield _failed(str(path), "empty-folder", messages.nothing_in_folder(str(path)))


def _look(path: Path, pending: list[Path]) -> Found | None:
    """What stands at ``path``; what a folder holds is put on top of ``pending``."""
    name = str(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode(errors="backslashreplace")
        return _failed(shown, "name-not-unicode", messages.name_not_unicode(shown))
    try:
        about = path.stat()
        mode = about.st_mode
        if stat.S_ISREG(mode):
            return Found(name, None, about.st_size, about.st_mtime_ns, about.st_ino)
        if not stat.S_ISDIR(mode):
            return _failed(name, "not-a-file", messages.no_regular_file(name))
        with os.scandir(path) as entries:
            inside = [e for e in entries if not (_is_litter(e.name) or (e.is_symlink() and e.is_dir()))]
        pending.extend(Path(e.path) for e in sorted(inside, key=lambda e: e.name, reverse=True))
        return None
    except FileNotFoundError:
        return _failed(name, "not-found", messages.not_found(name))
    except PermissionError:
        return _failed(name, "no-permission", messages.may_not_read(name))
    except OSError as error:
        return _failed(name, "unreadable-file", messages.cannot_open(name, error.strerror or str(error)))


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.startswith(_LITTER) or name.lower() in _LITTER_NAMES


def _failed(path: str, reason: str, message: str) -> Found:
    return Found(path, SetAside("find", reason, message))


def fingerprint(path: str, most: int = DEFAULT.file_bytes) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes of a file. Raises :class:`SetAside` where it cannot be read, or is larger
    than ``most`` bytes."""
    digest = hashlib.sha256()
    size = 0
    try:
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
                if size > most:
                    raise SetAside("read", "too-big", messages.too_big(path, most))
    except FileNotFoundError:
        raise SetAside("read", "not-found", messages.not_found(path)) from None
    except PermissionError:
        raise SetAside("read", "no-permission", messages.may_not_read(path)) from None
    except OSError as error:
        raise SetAside("read", "unreadable-file", messages.cannot_open(path, error.strerror or str(error))) from error
    return digest.hexdigest(), size
