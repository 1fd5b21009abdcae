"""What a file is, told by its contents; its name is never asked."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Literal

from pipeline.files.compound import MAGIC as COMPOUND
from pipeline.files.compound import BadCompound, open_compound

Kind = Literal["pdf", "picture", "docx", "doc", "rtf", "html", "zip", "mail", "text", "unsupported", "encrypted"]

_PDF = re.compile(rb"%PDF-\d")
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_MAGIC = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a sound, film or WebP picture"),
    (b"OggS", "a sound"),
    (b"ID3", "a sound"),
    (b"SQLite format 3\x00", "a database"),
    (b"AT&TFORM", "a DjVu document"),
)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|title|table|div|p|font|center)\b", re.IGNORECASE)
_XML = re.compile(r"<\?xml\b[^>]{0,300}>\s*", re.IGNORECASE)
_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]?[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n")
_MAIL_FIELDS = frozenset(
    {b"from", b"to", b"subject", b"date", b"received", b"return-path", b"mime-version", b"message-id", b"content-type",
     b"delivered-to", b"dkim-signature", b"reply-to", b"cc"}
)  # fmt: skip
HEAD = 65_536
"""Bytes from a file's beginning that :func:`kind_of_head` needs."""


def kind_of_head(head: bytes) -> tuple[Kind, str]:
    """The kind of a file by its first :data:`HEAD` bytes, and what it is called where it is not read.

    A ZIP archive and a compound file are told apart further by :func:`kind_of`.
    """
    if _PDF.search(head, 0, 1029):
        return "pdf", ""
    if head.startswith(_PICTURES):
        return "picture", ""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip", ""
    if head.startswith(COMPOUND):
        return "doc", ""
    if head.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"{\\rtf"):
        return "rtf", ""
    for magic, name in _MAGIC:
        if head.startswith(magic) and not (len(magic) < 4 and _is_plain(head)):
            return "unsupported", name
    if head[4:8] == b"ftyp":
        return "unsupported", "a film or a HEIC picture"
    if _is_mail(head):
        return "mail", ""
    return _marked_up(head)


def kind_of(data: bytes) -> tuple[Kind, str]:
    """The kind of a whole file, and what it is called where it is not read. Raises :class:`BadCompound`."""
    kind, name = kind_of_head(data[:HEAD])
    if kind == "zip":
        return _kind_of_zip(data)
    if kind == "doc":
        return _kind_of_compound(data)
    return kind, name


def _is_plain(head: bytes) -> bool:
    """Whether bytes that begin like a program or an archive are a text that merely begins so."""
    return all(byte >= 0x20 or byte in b"\t\r\n\f" for byte in head[:512])


def _is_mail(head: bytes) -> bool:
    """Two fields of a mail's header among the header lines a file begins with."""
    text = head.lstrip(b"\xef\xbb\xbf\r\n")
    if text.startswith(b"From "):
        text = text.partition(b"\n")[2]
    seen: set[bytes] = set()
    at = 0
    while at < min(len(text), 32_768):
        match = _HEADER.match(text[at : at + 16_384])
        if match is None:
            break
        seen.add(match.group(1).lower())
        if len(seen & _MAIL_FIELDS) >= 2:
            return True
        at += match.end()
    return False


def _marked_up(head: bytes) -> tuple[Kind, str]:
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").decode("latin-1")
    declared = _XML.match(text)
    at = declared.end() if declared else 0
    while text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0:
            break
        at = end + 3
        at += len(text[at : at + 1000]) - len(text[at : at + 1000].lstrip())
    if _HTML.match(text, at):
        return "html", ""
    return ("unsupported", "XML data") if declared else ("text", "")


def _kind_of_zip(data: bytes) -> tuple[Kind, str]:
    """DOCX by its parts; other office files by theirs; any other ZIP is an archive, a damaged one too."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist()[:20_000])
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        # The directory is at the end: a DOCX cut short still names its parts on its way.
        return ("docx", "") if b"[Content_Types].xml" in data[:2048] and b"word/" in data else ("zip", "")
    if "[Content_Types].xml" in names or "_rels/.rels" in names:
        if any(name.startswith("word/") for name in names):
            return "docx", ""
        if any(name.startswith("xl/") for name in names):
            return "unsupported", "an Excel workbook"
        if any(name.startswith("ppt/") for name in names):
            return "unsupported", "a presentation"
    if "mimetype" in names and "content.xml" in names:
        return "unsupported", "an OpenDocument file"
    return "zip", ""


def _kind_of_compound(data: bytes) -> tuple[Kind, str]:
    try:
        names = open_compound(data).names()
    except BadCompound:
        return "doc", ""
    if "EncryptedPackage" in names:
        return "encrypted", "an encrypted Office file"
    if "WordDocument" in names:
        return "doc", ""
    if "Workbook" in names or "Book" in names:
        return "unsupported", "an Excel workbook"
    if "PowerPoint Document" in names:
        return "unsupported", "a presentation"
    if "__properties_version1.0" in names:
        return "unsupported", "an Outlook message"
    return "unsupported", "an Office file of an unknown kind"
