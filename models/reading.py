"""A dispatch laid out for reading: its zones, the blocks of its body, and what its header said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.record import IssuingBody, Part
from models.text import Text

ZoneName = Literal[
    "letterhead",  # cơ quan chủ quản, cơ quan ban hành
    "motto",  # quốc hiệu, tiêu ngữ
    "number_line",  # số, ký hiệu
    "subject_line",  # V/v … of a công văn
    "place_date",  # địa danh, ngày tháng năm
    "marks",  # độ khẩn, độ mật
    "title",  # tên loại
    "subject",  # trích yếu under the tên loại
    "addressees",  # Kính gửi
    "body",  # nội dung, ends with ./.
    "recipients",  # Nơi nhận
    "signature_block",  # quyền hạn, chức vụ, họ tên
    "stamps",  # visible signature stamps, trailing timestamps
    "annex",  # phụ lục, attached drafts
]


@dataclass(frozen=True, slots=True)
class Zone:
    """A span of ``Text.clean``. A name may occur more than once."""

    name: ZoneName
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, item or heading of the body, unwrapped: no line break inside ``clean[start:end]``.

    ``content`` is where the words after the ``marker`` (``1.``, ``2.3.``, ``a)``, ``-``, ``+``, ``II.`` or
    ``""``) begin. ``parent`` is the index of the block this one hangs under. ``heading``: other blocks hang
    under it, as its dashes under ``1. UBND các huyện`` or under a lead-in that ends in a colon.
    """

    start: int
    end: int
    content: int
    marker: str
    parent: int | None
    heading: bool
    part: Part = "main"


@dataclass(frozen=True, slots=True)
class Reading:
    """The normalised text (``text.raw`` is the canonical text) with its zones and body blocks."""

    text: Text
    zones: tuple[Zone, ...]
    blocks: tuple[Block, ...]

    def zone(self, name: ZoneName) -> Zone | None:
        """The first zone of that name."""
        return next((z for z in self.zones if z.name == name), None)

    def words(self, block: Block) -> str:
        """The block's text after its marker."""
        return self.text.clean[block.content : block.end]


@dataclass(frozen=True, slots=True)
class Context:
    """What the header said, for the extractors of the body. Nothing here is guessed.

    ``issued_on`` may be partial (``2024``, ``2024-09``). ``province`` and ``district`` are proper names
    without their kind (``Nghệ An``, ``Đô Lương``) of the place the issuing body governs. ``subject`` is
    the trích yếu as printed.
    """

    document_type: str | None = None
    subject: str | None = None
    issued_on: str | None = None
    issuing_body: IssuingBody | None = None
    province: str | None = None
    district: str | None = None

    @property
    def year(self) -> int | None:
        """The year of issue."""
        return int(self.issued_on[:4]) if self.issued_on else None
