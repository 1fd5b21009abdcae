"""What a file is, its contents decide; hands it to the right reader, members of archives and e-mails one by one."""

from __future__ import annotations

import hashlib
import stat
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from models.source import Source
from pipeline.errors import SetAside, is_from_c, is_starved
from pipeline.files.flow_cues import looks_like_dispatch
from pipeline.files.kinds import HEAD, kind_of, kind_of_head
from pipeline.files.read_container import Budget, Member, mail_members, zip_members
from pipeline.files.read_text import read_text, too_big
from pipeline.limits import DEFAULT, Limits

Failures = list[tuple[str, SetAside]]
"""(path of the file or member, why it is set aside)."""
_BROKEN = (ValueError, LookupError, ArithmeticError, RecursionError, EOFError, struct.error, zlib.error)


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same while one file and all that is in it is read."""

    limits: Limits
    password: str | None
    trust: Path | None
    budget: Budget
    deadline: float


def read(path: Path, limits: Limits = DEFAULT, password: str | None = None, trust: Path | None = None) -> list[Source]:
    """The dispatches in a file: one, or in a ZIP archive or an e-mail one for each member that can be read.

    ``password`` opens encrypted PDFs and ZIP members. Raises the first :class:`SetAside` where nothing can be read.
    """
    sources, failures = read_all(path, limits, password, trust)
    if not sources:
        raise failures[0][1]
    return sources


def read_all(
    path: Path, limits: Limits = DEFAULT, password: str | None = None, trust: Path | None = None
) -> tuple[list[Source], Failures]:
    """The dispatches in a file, and what was set aside: the file itself or members of it."""
    job = _job(limits, password, trust)
    try:
        data = _bytes_of(path, limits)
    except SetAside as problem:
        return [], [(str(path), problem)]
    return _read_data(data, str(path), job, 0, path)


def read_bytes(
    data: bytes, name: str, limits: Limits = DEFAULT, password: str | None = None, trust: Path | None = None
) -> tuple[list[Source], Failures]:
    """Like :func:`read_all` for a file's bytes; ``name`` only stands in what is said about it."""
    if len(data) > limits.file_bytes:
        return [], [(name, _too_big(name, len(data), limits))]
    return _read_data(data, name, _job(limits, password, trust), 0, None)


def _job(limits: Limits, password: str | None, trust: Path | None) -> _Job:
    return _Job(limits, password, trust, Budget.of(limits), time.monotonic() + limits.seconds)


def _bytes_of(path: Path, limits: Limits) -> bytes:
    """All of a regular file, its size and its first bytes looked at before."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise SetAside("read", "not-a-file", f"{path} is no file: name a file, or a folder of files.")
        if found.st_size > limits.file_bytes:
            raise _too_big(str(path), found.st_size, limits)
        with path.open("rb") as handle:
            head = handle.read(HEAD)
            if found.st_size > limits.text_bytes and kind_of_head(head)[0] in ("text", "html"):
                raise too_big(str(path), found.st_size, limits.text_bytes)
            return head + handle.read(limits.file_bytes)
    except FileNotFoundError as error:
        raise SetAside("read", "not-a-file", f"{path} does not exist: check its name and folder.") from error
    except PermissionError as error:
        message = f"{path} may not be read by this user: ask for the right to read it."
        raise SetAside("read", "no-permission", message) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{path} could not be read from its disk ({reason}): try again."
        raise SetAside("read", "unreadable-file", message) from error


def _too_big(name: str, size: int, limits: Limits) -> SetAside:
    message = f"{name} is {size:,} bytes, the limit is {limits.file_bytes:,}: split it into its dispatches."
    return SetAside("read", "too-big", message)


def _read_data(data: bytes, name: str, job: _Job, depth: int, path: Path | None) -> tuple[list[Source], Failures]:
    """A file or member by its bytes. ``path`` is where it lies on disk, None for a member."""
    try:
        if not data:
            raise SetAside("read", "empty-file", f"{name} is empty: get it again from its sender.")
        kind, called = kind_of(data)
        if kind == "zip":
            return _members(zip_members(data, name, job.limits, job.budget, job.password), name, job, depth)
        if kind == "mail":
            return _members(mail_members(data, name, job.limits, job.budget), name, job, depth)
        return [_read_one(data, kind, called, name, job, path)], []
    except SetAside as problem:
        return [], [(name, _starved(name) if is_starved(problem) else problem)]
    except MemoryError:
        return [], [(name, _starved(name))]
    except _BROKEN as error:
        # A file made to break its reader fails alone; the batch goes on.
        what = type(error).__name__
        message = f"{name} is damaged in a way its reader does not know ({what}): get it again from its sender."
        return [], [(name, SetAside("read", "damaged-file", message))]


def _starved(name: str) -> SetAside:
    message = f"{name} needs more memory than one reader may take: split it, or raise the limit with --memory."
    return SetAside("read", "out-of-memory", message)


def _read_one(data: bytes, kind: str, called: str, name: str, job: _Job, path: Path | None) -> Source:
    sha256 = hashlib.sha256(data).hexdigest()
    if kind == "text":
        return read_text(data, name, sha256, job.limits)
    if kind in ("pdf", "picture"):
        return _read_pages(data, kind, name, sha256, job, path)
    if kind == "html":
        from pipeline.files.read_html import html_source

        return html_source(data, name, sha256, job.limits)
    if kind in ("docx", "doc", "rtf"):
        from pipeline.files import read_word

        if kind == "docx":
            return read_word.docx_source(data, name, sha256, job.limits)
        return read_word.doc_source(data, name, sha256) if kind == "doc" else read_word.rtf_source(data, name, sha256)
    if kind == "encrypted":
        message = f"{name} is {called}: open it with its password and save it without one."
        raise SetAside("read", "password-needed", message)
    message = f"{name} is {called}, which is not read: save it as PDF, DOCX or text."
    raise SetAside("read", "unsupported-kind", message)


def _read_pages(data: bytes, kind: str, name: str, sha256: str, job: _Job, path: Path | None) -> Source:
    """A PDF or a picture; a member goes to a private folder first, under a name of our own."""
    if path is not None:
        return replace(_read_pages_at(path, kind, sha256, job), path=name)
    with tempfile.TemporaryDirectory(prefix="congvan-") as folder:
        place = Path(folder) / f"member-{sha256[:16]}"
        place.write_bytes(data)
        try:
            return replace(_read_pages_at(place, kind, sha256, job), path=name)
        except SetAside as problem:
            message = problem.message.replace(str(place), name).replace(place.name, name)
            raise SetAside(problem.stage, problem.reason, message) from problem


def _read_pages_at(path: Path, kind: str, sha256: str, job: _Job) -> Source:
    from pipeline.pages import ocr
    from pipeline.pages.read_pdf import read_pdf

    try:
        if kind == "picture":
            return ocr.read_picture(path, sha256, job.limits)
        return read_pdf(path, sha256, job.limits, job.password, ocr.reader_or_none(), job.trust)
    except SetAside:
        raise
    except Exception as error:
        if not is_from_c(error):
            raise
        reason, called = ("damaged-picture", "a picture") if kind == "picture" else ("damaged-pdf", "PDF")
        message = f"{path.name} is damaged and cannot be read as {called}: ask the sender for the file again."
        raise SetAside("read", reason, message) from error


def _members(members: Iterator[Member], name: str, job: _Job, depth: int) -> tuple[list[Source], Failures]:
    """Each member read alone; those that cannot be are set aside alone."""
    sources: list[Source] = []
    failures: Failures = []
    pages = 0
    if depth >= job.limits.depth:
        message = f"{name} lies {depth} archives deep, the limit is {job.limits.depth}: unpack it first."
        return [], [(name, SetAside("read", "too-deep", message))]
    try:
        for member in members:
            where = f"{name}!{member.name}"
            if time.monotonic() > job.deadline:
                message = f"{name} took longer than {job.limits.seconds:g} s to read: unpack it and read the folder."
                failures.append((where, SetAside("read", "time-limit", message)))
                break
            if pages > job.limits.pages:
                message = f"{name} holds more than {job.limits.pages:,} pages: unpack it and read the folder."
                failures.append((where, SetAside("read", "too-many-pages", message)))
                break
            if member.problem is not None:
                failures.append((where, member.problem))
                continue
            found, bad = _read_data(member.data, where, job, depth + 1, None)
            if member.body:
                found, bad = [source for source in found if looks_like_dispatch(source.text)], []
            sources += [source if source.container else _contained(source, name, member.name) for source in found]
            failures += bad
            pages += sum(source.page_count or 0 for source in found)
    except SetAside as problem:
        failures.append((name, problem))
    if not sources and not failures:
        message = f"{name} holds no file that could be a dispatch: send the dispatches themselves."
        failures.append((name, SetAside("read", "no-text", message)))
    return sources, failures


def _contained(source: Source, outer: str, member: str) -> Source:
    """The member with where it came from: ``outer.zip!inner/path``, without the folder the archive lies in."""
    file, mark, inner = outer.partition("!")
    return replace(source, container=f"{Path(file).name}{mark}{inner}!{member}")
