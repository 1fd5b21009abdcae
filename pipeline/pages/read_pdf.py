"""A PDF to a Source: for each page its text layer where it can be used, else the OCR it is given, else a flag."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pymupdf

from models.page import RawPage, RawTable, RawWord
from models.record import Evidence, Flag, Signature, TextOrigin
from models.source import Source, Word
from pipeline.errors import SetAside, pass_on_starvation
from pipeline.limits import Limits
from pipeline.pages.layout import LaidOut, lay_out
from pipeline.pages.pdf_pages import Appearance, OwnText, TextLayer, appearances, judge, own_text, raw_page, read_as
from pipeline.pages.rows import bounds, within
from pipeline.pages.signatures import signatures_of
from pipeline.pages.tables import Grids, may_have_grid

MEDIA_TYPE = "application/pdf"
Ocr = Callable[[Any, int, str], RawPage]
"""(PyMuPDF page, number from 1, why its text layer cannot be used) → the page as read from its picture."""

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


@dataclass(frozen=True, slots=True)
class _Read:
    pages: tuple[RawPage, ...]
    appearances: tuple[Appearance, ...]
    flags: tuple[Flag, ...]
    has_fields: bool
    attachments: tuple[str, ...]
    extra: dict[str, str]


def read_pdf(
    path: Path,
    sha256: str,
    limits: Limits,
    password: str | None = None,
    ocr: Ocr | None = None,
    trust: Path | None = None,
) -> Source:
    """Read the file at ``path``. Nothing in it is run, embedded files are only named.

    Raises SetAside: ``too-big``, ``damaged-pdf``, ``password-needed``, ``no-pages``, ``too-many-pages``,
    ``time-limit``, ``scan-needs-ocr``.
    """
    if path.stat().st_size > limits.file_bytes:
        raise SetAside(
            "read", "too-big", f"{path.name} is larger than {limits.file_bytes:,} bytes; raise the limit to read it."
        )
    data = path.read_bytes()
    deadline = time.monotonic() + limits.seconds
    try:
        document = pymupdf.open(stream=data, filetype="pdf")
    except (pymupdf.FileDataError, pymupdf.EmptyFileError, RuntimeError, ValueError) as error:
        raise _damaged(path) from error
    try:
        secret = _unlock(document, path, password)
        _check(document, path, limits)
        try:
            read = _read(document, path, limits, deadline, ocr, secret)
        except (RuntimeError, ValueError, AssertionError) as error:
            raise _damaged(path) from error
    finally:
        document.close()
    laid = lay_out(read.pages)
    if len(laid.text) > limits.text_bytes:
        raise SetAside("read", "too-big", f"{path.name} holds more than {limits.text_bytes:,} characters of text.")
    signatures, flags = signatures_of(data, trust, secret) if read.has_fields else ([], [])
    return Source(
        path=str(path),
        sha256=sha256,
        media_type=MEDIA_TYPE,
        text_origin=_origin(read.pages),
        text=laid.text,
        page_count=len(read.pages),
        pages=laid.pages,
        words=laid.words,
        regions=laid.regions,
        signatures=tuple(_placed(s, read.appearances, laid) for s in signatures),
        flags=(*read.flags, *flags),
        attachments=read.attachments,
        extra=read.extra,
    )


def _unlock(document: Any, path: Path, password: str | None) -> str | None:
    """The password that opens the file, None where it needs none. PyMuPDF has tried the empty one on opening."""
    if not document.needs_pass:
        return "" if document.is_encrypted or document.metadata.get("encryption") else None
    if password is not None and document.authenticate(password):
        return password
    tried = "the password given does not open it" if password is not None else "it opens only with a password"
    raise SetAside(
        "read",
        "password-needed",
        f"{path.name} is encrypted and {tried}; name a file that holds it with --password-file.",
    )


def _check(document: Any, path: Path, limits: Limits) -> None:
    try:
        count = document.page_count
    except (RuntimeError, ValueError) as error:
        raise _damaged(path) from error
    if count == 0:
        raise SetAside("read", "no-pages", f"{path.name} is a PDF without pages; ask the sender for the file again.")
    if count > limits.pages:
        raise SetAside(
            "read",
            "too-many-pages",
            f"{path.name} has {count:,} pages, the limit is {limits.pages:,}; split it or raise the limit.",
        )


def _damaged(path: Path) -> SetAside:
    return SetAside(
        "read",
        "damaged-pdf",
        f"{path.name} is damaged or cut short and cannot be read as PDF; ask the sender for the file again.",
    )


def _needs_ocr(path: Path) -> SetAside:
    return SetAside(
        "read",
        "scan-needs-ocr",
        f"{path.name} is a scan without text and OCR is not available; install Tesseract with Vietnamese "
        "(Debian, Ubuntu: apt install tesseract-ocr tesseract-ocr-vie) and read it again.",
    )


def _read(document: Any, path: Path, limits: Limits, deadline: float, ocr: Ocr | None, secret: str | None) -> _Read:
    pages: list[RawPage] = []
    stamps: list[Appearance] = []
    flags: list[Flag] = []
    attachments = list(document.embfile_names())
    usable = unread = False
    grids = Grids(path, secret)
    try:
        for number, page in enumerate(document, start=1):
            if time.monotonic() > deadline:
                message = f"{path.name} took longer than {limits.seconds:g} s to read, at page {number}."
                raise SetAside("read", "time-limit", message)
            text, layer = _text_layer(page)
            printed = appearances(page, number)
            stamps += printed
            attachments += [a.file_info["filename"] for a in page.annots() if a.type[1] == "FileAttachment"]
            stamped = [w for appearance in printed for w in appearance.words]
            if layer.usable:
                tables, failed = _grid(page, number, grids) if text.words else ([], None)
                pages.append(raw_page(page, number, [*text.words, *stamped], tables, "born-digital", layer.reason))
                usable = usable or bool(text.words)
                flags += [f for f in (failed, _lost_flag(number, text)) if f is not None]
            elif ocr is not None:
                pages.append(_with_stamps(ocr(page, number, layer.reason), stamped))
            else:
                kept = text.words if layer.reason.startswith("image-only") else ()
                pages.append(raw_page(page, number, [*kept, *stamped], [], "born-digital", layer.reason))
                flags.append(_unread_flag(number, layer.reason))
                unread = True
    finally:
        grids.close()
    if unread and not usable:
        raise _needs_ocr(path)
    has_fields = bool(document.is_form_pdf) or any(a.field is not None for a in stamps)
    return _Read(tuple(pages), tuple(stamps), tuple(flags), has_fields, tuple(attachments), _extra(document))


def _text_layer(page: Any) -> tuple[OwnText, TextLayer]:
    text = own_text(page)
    layer = judge(page, text.words)
    if not layer.usable and text.words and not text.encodings:
        other = read_as(text)
        if other.encodings:
            text, layer = other, judge(page, other.words)
    if text.encodings:
        layer = replace(layer, reason=f"{layer.reason}, decoded from {', '.join(text.encodings)}")
    return text, layer


def _grid(page: Any, number: int, grids: Grids) -> tuple[list[RawTable], Flag | None]:
    """The page's ruled tables. What pdfplumber cannot take apart is read as running text and flagged."""
    if not may_have_grid(page):
        return [], None
    try:
        return grids.of(number), None
    except Exception as error:  # pdfminer raises whatever a damaged file makes it trip over
        pass_on_starvation(error)
        message = f"The tables of page {number} were read as running text ({type(error).__name__})."
        return [], Flag(code="unread-table", message=message, rule="read/tables")


def _lost_flag(number: int, text: OwnText) -> Flag | None:
    if not text.lost:
        return None
    message = (
        f"{text.lost} characters on page {number} have no meaning in {', '.join(text.encodings)}; left as they are."
    )
    return Flag(code="unmapped-characters", message=message, rule="read/legacy-font")


def _with_stamps(page: RawPage, stamped: Sequence[RawWord]) -> RawPage:
    """OCR may have seen the stamps too: what the file itself says of them is better."""
    if not stamped:
        return page
    own = [w for w in page.words if not any(within(w.bbox, s.bbox) for s in stamped)]
    return replace(page, words=(*own, *stamped))


def _extra(document: Any) -> dict[str, str]:
    extra: dict[str, str] = {}
    catalog = document.pdf_catalog()
    if (
        document.xref_get_key(catalog, "Names/JavaScript")[0] != "null"
        or document.xref_get_key(catalog, "OpenAction/JS")[0] != "null"
    ):
        extra["javascript"] = "present, not run"
    if document.is_repaired:
        extra["repaired"] = "the file's cross-reference table was damaged and was rebuilt"
    return extra


def _origin(pages: Sequence[RawPage]) -> TextOrigin:
    scanned = sum(len(p.words) for p in pages if p.text_origin == "ocr")
    return "ocr" if 2 * scanned > sum(len(p.words) for p in pages) else "born-digital"


def _unread_flag(number: int, reason: str) -> Flag:
    message = f"Page {number} was not read ({reason}); it needs OCR."
    return Flag(code="unread-page", message=message, rule="read/image-only")


def _placed(signature: Signature, printed: Sequence[Appearance], laid: LaidOut) -> Signature:
    """The signature with the text that its field prints as evidence, where it prints any."""
    for appearance in printed:
        if appearance.field == signature.field and appearance.words:
            boxes = {w.bbox for w in appearance.words}
            found = [w for w in laid.words if w.page == appearance.page and w.bbox in boxes]
            if found:
                return signature.model_copy(update={"evidence": _evidence(found, laid.text)})
    return signature


def _evidence(words: Sequence[Word], text: str) -> Evidence:
    start, end = min(w.start for w in words), max(w.end for w in words)
    return Evidence(
        start=start, end=end, text=text[start:end], page=words[0].page, bbox=bounds([w.bbox for w in words])
    )
