"""What a reader hands on: the canonical text of one file and where its words stand on the pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from models.record import Flag, Signature, TextOrigin
from models.text import Text


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a page: ``canonical[start:end]``; the box in PDF points, origin top left.

    ``confidence`` is 0..1 for words won by OCR, ``None`` for text that was in the file.
    """

    start: int
    end: int
    page: int
    bbox: tuple[float, float, float, float]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What a page prints beside the dispatch's text: the receiver's ĐẾN stamp, a running head or foot.

    ``confidence``: of its least certain word with a digit, 0..1; 1 for text that was in the file.
    """

    kind: Literal["arrival", "running"]
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the span of the canonical text that stands on it, how it was won and why, and what stands beside it."""

    number: int
    start: int
    end: int
    text_origin: TextOrigin
    reason: str
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A span of the canonical text whose kind the reader knows from geometry."""

    kind: Literal["table", "annex", "footnote"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read.

    ``text`` is the canonical text that every offset of the record counts in: NFC, line feeds only. Readers
    with geometry lay it out as the page is read: letterhead column, then the motto's column, then the
    body, then Nơi nhận, then the signature block; one line of the page a line, a blank line between
    blocks; no page numbers, running heads or arrival stamps. ``characters`` leads from the canonical text
    back to the decoded characters of a plain file (``None`` for files with pages).
    """

    path: str
    sha256: str
    media_type: str
    text_origin: TextOrigin
    text: str
    page_count: int | None = None
    characters: Text | None = None
    pages: tuple[Page, ...] = ()
    words: tuple[Word, ...] = ()
    regions: tuple[Region, ...] = ()
    signatures: tuple[Signature, ...] = ()
    flags: tuple[Flag, ...] = ()
    attachments: tuple[str, ...] = ()
    container: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
