"""Which files a run tries: folders searched, names checked, bytes hashed."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pipeline import messages
from pipeline.errors import SetAside
from pipeline.limits import DEFAULT

# What office programs and systems leave lying about; never dispatches.
_LITTER = ("~$", ".~")
_LITTER_NAMES = {"thumbs.db", "desktop.ini"}
_BLOCK = 1 << 20
_STARS = re.compile(r"[*?\[]")

LIST = "-"
"""Among paths it stands for a list of them from elsewhere: standard input, or the files set aside."""

UNNAMEABLE = ("name-not-unicode",)
"""Reasons whose path is shown in other characters than the file has: it cannot be looked for again by it."""


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


def find(paths: Iterable[Path], listed: Iterable[Path] = ()) -> Iterator[Found]:
    """Each file once, in the order given and by name within folders. Folders are searched to the bottom.

    Hidden files and office programs' lock files are passed over, unless they were named themselves; links to folders
    are not followed. A path with ``*``, ``?`` or ``[…]`` that is no file's name is a pattern, ``**`` any folders.
    The ``listed`` come after the ``paths`` and are never patterns. Paths come out absolute.
    """
    seen: set[str] = set()
    for given, maybe_pattern in chain(((p, True) for p in paths), ((p, False) for p in listed)):
        path = Path(os.path.abspath(given))
        any_here = False
        pending = [path]
        if maybe_pattern and _STARS.search(str(path)) and not os.path.lexists(path):
            pending = list(_matching(path))[::-1]
            if not pending:
                yield _failed(str(path), "not-found", messages.no_match(str(path)))
                continue
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


def settled(waiting: Iterable[str], given: Iterable[str], found: Iterable[str]) -> list[str]:
    """Of the paths that were set aside earlier, those that a search through the paths ``given`` shows to wait no more.

    They lie below a folder that was searched and are gone, or are folders and patterns that hold files now. A folder
    in which nothing at all was found tells nothing: it may be a share that is not mounted.
    """
    names, wanted = set(found), set(given)
    holding: set[str] = set()
    for name in {os.path.dirname(n) for n in names}:
        while name not in holding:
            holding.add(name)
            name = os.path.dirname(name)
    searched = wanted & holding
    return [
        path for path in waiting if path not in names
        and (path in wanted or path in holding or (_is_below(path, searched) and is_gone(path)))
    ]  # fmt: skip


def _is_below(path: str, folders: set[str]) -> bool:
    above = os.path.dirname(path)
    while above not in folders:
        if above == os.path.dirname(above):
            return False
        above = os.path.dirname(above)
    return True


def is_gone(path: str) -> bool:
    """Whether nothing has this name, for certain: a folder that may not be looked into says nothing."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


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
            inside = [e for e in entries if not (_is_litter(e.name) or _is_linked_folder(e))]
        pending.extend(Path(e.path) for e in sorted(inside, key=lambda e: e.name, reverse=True))
        return None
    except FileNotFoundError:
        return _failed(name, "not-found", messages.not_found(name))
    except PermissionError:
        return _failed(name, "no-permission", messages.may_not_read(name))
    except OSError as error:
        return _failed(name, "unreadable-file", messages.cannot_open(name, error.strerror or str(error)))


def _matching(pattern: Path) -> Iterator[Path]:
    """The files and folders that the pattern fits, by name within folders."""
    parts = list(pattern.parts)
    start = Path(parts.pop(0))
    while parts and not (_STARS.search(parts[0]) and not os.path.lexists(start / parts[0])):
        start /= parts.pop(0)
    pending = [(start, tuple(parts))]
    while pending:
        folder, (first, *rest) = pending.pop()
        try:
            with os.scandir(folder) as entries:
                inside = sorted((e for e in entries if not _is_litter(e.name)), key=lambda e: e.name)
        except OSError:  # no folder, or none that may be looked into
            continue
        folders = [Path(e.path) for e in inside if e.is_dir() and not e.is_symlink()]
        if first == "**":
            if not rest:
                yield folder
                continue
            pending += [(f, (first, *rest)) for f in reversed(folders)]
            pending.append((folder, tuple(rest)))
            continue
        fits = re.compile(fnmatch.translate(first)).match
        if rest:
            pending += [(f, tuple(rest)) for f in reversed(folders) if fits(f.name)]
        else:
            yield from (Path(e.path) for e in inside if fits(e.name) and not (e.is_symlink() and e.is_dir()))


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.startswith(_LITTER) or name.lower() in _LITTER_NAMES


def _is_linked_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a link that leads to itself: set aside alone when it is looked at
        return False


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
