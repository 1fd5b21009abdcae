"""Word processors' files (DOCX, DOC, RTF) to canonical text: the fitting reader, then the layout of paragraphs."""

from __future__ import annotations

from models.source import Source
from pipeline.errors import SetAside
from pipeline.files import paragraphs as flow
from pipeline.files.compound import BadCompound, open_compound
from pipeline.files.doc_format import BadDoc
from pipeline.files.docx_parts import BadDocx, DocxBomb
from pipeline.files.read_doc import EncryptedDoc, read_doc
from pipeline.files.read_docx import read_docx
from pipeline.files.read_rtf import BadRtf, read_rtf
from pipeline.files.read_text import undecodable
from pipeline.limits import DEFAULT, Limits

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOC = "application/msword"
RTF = "application/rtf"


def docx_source(data: bytes, path: str, sha256: str, limits: Limits = DEFAULT) -> Source:
    """A DOCX file. Raises :class:`SetAside` ``damaged-docx``, ``zip-bomb`` or ``no-text``."""
    try:
        found = read_docx(data, 2 * limits.text_bytes)
    except DocxBomb as error:
        raise SetAside(
            "read", "zip-bomb", f"{path} unpacks to more than is read ({error}): open it in Word and save it again."
        ) from error
    except BadDocx as error:
        raise damaged(path, "docx", "DOCX file", str(error)) from error
    extra = {"external_links": str(found.external_links)} if found.external_links else {}
    return source(found.items, path, sha256, DOCX, extra, found.attachments)


def doc_source(data: bytes, path: str, sha256: str) -> Source:
    """A DOC file of Word 6 to 2003. Raises :class:`SetAside` ``damaged-doc``, ``password-needed`` or ``no-text``."""
    try:
        items = read_doc(open_compound(data))
    except EncryptedDoc as error:
        raise SetAside(
            "read", "password-needed", f"{path} is encrypted: open it in Word with its password, save it without."
        ) from error
    except (BadDoc, BadCompound) as error:
        raise damaged(path, "doc", "Word document", str(error)) from error
    return source(items, path, sha256, DOC)


def rtf_source(data: bytes, path: str, sha256: str) -> Source:
    """An RTF file. Raises :class:`SetAside` ``damaged-rtf`` or ``no-text``."""
    try:
        items = read_rtf(data)
    except BadRtf as error:
        raise damaged(path, "rtf", "RTF file", str(error)) from error
    return source(items, path, sha256, RTF)


def damaged(path: str, slug: str, kind: str, detail: str) -> SetAside:
    """What to say about a file that is no whole file of its kind."""
    message = f"{path} is a damaged {kind} ({detail}): get the file again from its sender."
    return SetAside("read", f"damaged-{slug}", message)


def source(
    items: list[flow.Item] | tuple[flow.Item, ...], path: str, sha256: str, media_type: str,
    extra: dict[str, str] | None = None, attachments: tuple[str, ...] = (),
) -> Source:  # fmt: skip
    """Paragraphs and tables laid out as one source. Raises :class:`SetAside` ``no-text``."""
    laid = flow.lay_out(items)
    if not laid.text.strip():
        raise SetAside("read", "no-text", f"{path} has no text in it: if its pages are pictures, save it as PDF.")
    return Source(
        path=path,
        sha256=sha256,
        media_type=media_type,
        text_origin="born-digital",
        text=laid.text,
        regions=laid.regions,
        flags=undecodable(laid.text, laid.lost),
        attachments=attachments,
        extra=(extra or {}) | ({"legacy": laid.legacy} if laid.legacy else {}),
    )
