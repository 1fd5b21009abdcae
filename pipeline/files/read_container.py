"""Files that hold files: ZIP archives and e-mails, member by member. Nothing is written to disk by its own name."""

from __future__ import annotations

import contextlib
import email
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message

from pipeline.errors import SetAside
from pipeline.limits import Limits

_RATIO = 200  # unpacked to packed; text of this kind reaches 10, a page of blanks 1000
_RATIO_FROM = 20_000_000  # bytes below which the ratio does not matter
_DIRECTORY_ENTRY = 46  # bytes of the smallest entry of a ZIP directory
_MIME_DEPTH = 20
_BOUNDARIES = 10  # boundary lines a member; nested parts and signatures have some of their own
_JUNK = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside another: its name there, and its bytes or why it is set aside.

    ``body``: it is the text of an e-mail, which counts only where it is a dispatch itself.
    """

    name: str
    data: bytes = b""
    problem: SetAside | None = None
    body: bool = False


@dataclass(slots=True)
class Budget:
    """What may still be unpacked from one file, members in members counted."""

    members: int
    unpacked_bytes: int

    @classmethod
    def of(cls, limits: Limits) -> Budget:
        """All that the limits allow."""
        return cls(limits.members, limits.unpacked_bytes)


def zip_members(data: bytes, path: str, limits: Limits, budget: Budget, password: str | None) -> Iterator[Member]:
    """The files of a ZIP archive. Raises :class:`SetAside` where the archive as a whole cannot be read."""
    _check_directory(data, path, limits)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise _damaged_zip(path) from error
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir() and not _JUNK.search(info.filename)]
        if len(members) > budget.members:
            raise too_many(path, len(members), limits.members)
        for info in members:
            budget.members -= 1
            name = _name_of(info)
            problem = _refusal(info, f"{path}!{name}")
            if problem is not None:
                yield Member(name, problem=problem)
                continue
            yield _unpack(archive, info, name, f"{path}!{name}", limits, budget, password)


def _check_directory(data: bytes, path: str, limits: Limits) -> None:
    """Look at the end record before the directory is read: its reading alone can fill the memory."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or len(data) < at + 22:
        raise _damaged_zip(path)
    count = int.from_bytes(data[at + 10 : at + 12], "little")
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    # Names are at most a few hundred bytes; a directory beyond that has more entries than it admits.
    if count > 10 * limits.members or size > limits.members * (_DIRECTORY_ENTRY + 2_000):
        raise too_many(path, max(count, size // (_DIRECTORY_ENTRY + 2_000)), limits.members)


def too_many(path: str, count: int, limit: int) -> SetAside:
    """What to say about a file with too many files in it."""
    message = f"{path} holds {count:,} files or more, the limit is {limit:,}: unpack it and read the folder."
    return SetAside("read", "too-many-members", message)


def _damaged_zip(path: str) -> SetAside:
    return SetAside("read", "damaged-zip", f"{path} is a damaged or cut off ZIP archive: get it again from its sender.")


def _name_of(info: zipfile.ZipInfo) -> str:
    """The member's name; old programs wrote UTF-8 and did not say so, which zipfile shows as cp437."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(ValueError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _refusal(info: zipfile.ZipInfo, where: str) -> SetAside | None:
    name = _name_of(info)
    link = stat.S_ISLNK(info.external_attr >> 16)
    climbs = name.startswith("/") or _DRIVE.match(name) is not None or ".." in name.split("/") or "\x00" in name
    if climbs or link:
        why = "is a link" if link else "has a path that leads out of the archive"
        message = f"{where} {why} and was not opened: take the file out by hand to read it."
        return SetAside("read", "unsafe-path", message)
    if info.file_size > _RATIO_FROM and info.file_size > _RATIO * max(1, info.compress_size):
        return _bomb(where)
    return None


def _bomb(where: str) -> SetAside:
    message = f"{where} unpacks to far more than it holds and was not opened: ask its sender what it is."
    return SetAside("read", "zip-bomb", message)


def _unpack(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, where: str, limits: Limits, budget: Budget,
    password: str | None,
) -> Member:  # fmt: skip
    most = min(limits.file_bytes, budget.unpacked_bytes)
    try:
        with archive.open(info, pwd=password.encode() if password else None) as handle:
            data = handle.read(most + 1)
    except NotImplementedError:  # before RuntimeError, which it is one of
        message = f"{where} is packed in a way that cannot be read: pack the archive again as ordinary ZIP."
        return Member(name, problem=SetAside("read", "unsupported-kind", message))
    except RuntimeError:
        message = f"{where} is encrypted: name a file that holds its password with --password-file."
        return Member(name, problem=SetAside("read", "password-needed", message))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        message = f"{where} is damaged inside the archive: get the archive again from its sender."
        return Member(name, problem=SetAside("read", "damaged-zip", message))
    if len(data) > most:
        return Member(name, problem=_bomb(where))
    budget.unpacked_bytes -= len(data)
    return Member(name, data)


def mail_members(data: bytes, path: str, limits: Limits, budget: Budget) -> Iterator[Member]:
    """The attachments of an e-mail, mails in it, and its own text last. Raises :class:`SetAside`."""
    # Each part is opened by such a line; to count them costs nothing, to parse them does.
    bounds = data.count(b"\n--")
    if bounds > _BOUNDARIES * limits.members:
        raise too_many(path, bounds, limits.members)
    try:
        message = email.message_from_bytes(data, policy=policy.default)
        parts = list(_parts(message, 0))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        text = f"{path} is a damaged e-mail or nested too deeply: save its attachments and read those."
        raise SetAside("read", "damaged-mail", text) from error
    if len(parts) > budget.members:
        raise too_many(path, len(parts), limits.members)
    bodies: list[tuple[str, str | bytes]] = []
    for number, part in enumerate(parts, start=1):
        budget.members -= 1
        kind = part.get_content_type()
        name = _attachment_name(part)
        inline = part.get_content_disposition() != "attachment"
        if kind == "message/rfc822":
            yield Member(name or f"mail-{number}.eml", _enclosed(part))
        elif name is None and inline and kind in ("text/plain", "text/html"):
            bodies.append((kind, _body(part)))
        elif kind.startswith("image/") and inline and part["Content-ID"]:
            continue  # a logo in the text
        else:
            payload = part.get_payload(decode=True)
            yield Member(name or f"part-{number}", payload if isinstance(payload, bytes) else b"")
    # A web page that Word saved has the form of a mail without a sender: its text is the document.
    of_mail = any(message[field] is not None for field in ("From", "To", "Received"))
    kinds = ("text/plain", "text/html") if of_mail else ("text/html", "text/plain")
    for kind in kinds:
        found = [body for of_kind, body in bodies if of_kind == kind and body.strip()]
        if found:
            extension = "txt" if kind == "text/plain" else "html"
            yield Member(f"body.{extension}", _joined(found), body=of_mail)


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """The parts that hold something, in order; an enclosed mail is one part."""
    if depth > _MIME_DEPTH:
        raise RecursionError
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in message.iter_parts() if isinstance(message, EmailMessage) else ():
            yield from _parts(part, depth + 1)
    else:
        yield message


def _attachment_name(part: Message) -> str | None:
    """The last part of the name an attachment says it has."""
    name = part.get_filename()
    return name.replace("\\", "/").rsplit("/", 1)[-1][:200] if name else None


def _enclosed(part: Message) -> bytes:
    inner = part.get_payload()
    first = inner[0] if isinstance(inner, list) and inner else None
    return first.as_bytes() if isinstance(first, Message) else b""


def _body(part: Message) -> str | bytes:
    """A text part's characters, or its bytes where its character set is a lie."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):
        return data


def _joined(bodies: list[str | bytes]) -> bytes:
    """Text parts as one file: UTF-8 that says so, or the bytes as they came."""
    texts = [body for body in bodies if isinstance(body, str)]
    if len(texts) == len(bodies):
        return _UTF8_MARK + "\n".join(texts).encode("utf-8", "replace")
    return b"\n".join(body.encode("utf-8", "replace") if isinstance(body, str) else body for body in bodies)
