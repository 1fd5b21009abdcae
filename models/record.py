"""The record: what one dispatch becomes.

Field names and meanings follow the project's record contract; Vietnamese terms are those of Nghị định
30/2020/NĐ-CP. Every shape is frozen and refuses unknown fields. Dates are ISO 8601 strings, partial ones
(``2024``, ``2024-09``) where only part is known. Unknown is ``None``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Part = Literal["main", "annex", "table"]
TextOrigin = Literal["plain", "born-digital", "ocr"]
Relation = Literal["amends", "replaces", "repeals", "replies_to", "basis", "implements", "cites"]
QuantityKind = Literal["target", "result", "funding"]
Comparator = Literal["=", ">=", ">", "<=", "<", "~"]
Change = Literal["increase", "decrease"]
DeadlineKind = Literal["task", "milestone"]
Bound = Literal["before", "by", "within"]
Granularity = Literal["hour", "day", "month", "quarter", "half-year", "year"]
RelativeUnit = Literal["hour", "day", "month", "year"]


class Shape(BaseModel):
    """A frozen value whose fields are fixed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Shape):
    """Where on the page a value stands: ``text`` is exactly ``canonical[start:end]``.

    ``page`` counts from 1; ``bbox`` is (x0, y0, x1, y1) in PDF points, origin top left. Both are ``None``
    for files without pages. ``source_start``/``source_end`` are offsets into the file's own decoded
    characters, given only where the canonical text is not the same characters (NFD, CRLF, a BOM).
    """

    start: int
    end: int
    text: str
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    source_start: int | None = None
    source_end: int | None = None


class PageOrigin(Shape):
    """How the text of one page was won, and why that way."""

    page: int
    text_origin: TextOrigin
    reason: str


class SourceInfo(Shape):
    """The file a record was made from."""

    path: str
    sha256: str
    media_type: str
    page_count: int | None = None
    text_origin: TextOrigin
    pages: list[PageOrigin] = Field(default_factory=list)
    attachments: list[str] = Field(default_factory=list)
    container: str | None = None


class IssuingBody(Shape):
    """Cơ quan ban hành. ``superior`` only as printed, spelled out."""

    name: str
    superior: str | None = None
    level: Literal["central", "province", "district", "commune", "other"] | None = None
    province: str | None = None
    source: Literal["header", "signature", "inferred"]


class Addressee(Shape):
    """One entry of Kính gửi (or of the list after ``điện:`` in a công điện)."""

    name: str
    rule: str
    evidence: Evidence


class Copy(Shape):
    """One entry of Nơi nhận; ``purpose`` as written, without its brackets."""

    name: str
    purpose: str | None = None
    rule: str
    evidence: Evidence


class Signer(Shape):
    """Quyền hạn, chức vụ, họ tên người ký. ``authority`` holds the lines above the position."""

    authority: list[str] = Field(default_factory=list)
    position: str | None = None
    name: str | None = None


class Reference(Shape):
    """A document named in this one: one entry for each distinct code (or name)."""

    document_type: str | None = None
    code: str | None = None
    name: str | None = None
    issued_on: str | None = None
    issuing_body: str | None = None
    title: str | None = None
    relation: Relation
    mentions: list[Evidence]
    part: Part = "main"
    rule: str
    evidence: Evidence


class Quantity(Shape):
    """A number with a unit that says how much is to be reached, was reached, or is paid."""

    kind: QuantityKind
    value: float
    value_max: float | None = None
    total: float | None = None
    unit: str
    comparator: Comparator = "="
    change: Change | None = None
    indicator: str | None = None
    scope: str | None = None
    period: str | None = None
    part: Part = "main"
    rule: str
    evidence: Evidence


class RelativeLimit(Shape):
    """A limit counted from an event: ``trong 05 ngày làm việc kể từ ngày nhận được văn bản``."""

    amount: int
    unit: RelativeUnit
    working_days: bool = False
    anchor: str | None = None


class Deadline(Shape):
    """A time limit on an action somebody must take, or on a state to be reached."""

    kind: DeadlineKind
    due_on: str | None = None
    bound: Bound | None = None
    granularity: Granularity | None = None
    recurrence: str | None = None
    relative: RelativeLimit | None = None
    task: str | None = None
    responsible: list[str] = Field(default_factory=list)
    submit_to: str | None = None
    part: Part = "main"
    rule: str
    evidence: Evidence


class Signature(Shape):
    """A digital signature: a signature field of the PDF, or only its printed stamp or timestamp.

    ``group`` is shared by the fields of one act of signing. The verdicts are ``None`` where they could not
    be told, and ``reason`` says why.
    """

    kind: Literal["cryptographic", "visible"]
    signer: str | None = None
    organisation: str | None = None
    role: Literal["person", "agency"] | None = None
    signed_at: str | None = None
    serial: str | None = None
    issuer_ca: str | None = None
    algorithm: str | None = None
    field: str | None = None
    group: int | None = None
    intact: bool | None = None
    covers_whole_document: bool | None = None
    modified_after: str | None = None
    trusted: bool | None = None
    reason: str | None = None
    rule: str
    evidence: Evidence | None = None


class Flag(Shape):
    """What a careful archivist would question. ``code`` is one of those the contract lists, or one added."""

    code: str
    message: str
    rule: str
    evidence: Evidence | None = None


class Dispatch(Shape):
    """One dispatch, whole. ``evidence`` and ``rules`` run parallel to the header fields."""

    source: SourceInfo
    document_type: str | None = None
    document_type_code: str | None = None
    number: str | None = None
    notation: str | None = None
    code: str | None = None
    subject: str | None = None
    issuing_body: IssuingBody | None = None
    place: str | None = None
    issued_on: str | None = None
    issued_on_source: Literal["header", "signature", "inferred"] | None = None
    urgency: Literal["khẩn", "thượng khẩn", "hỏa tốc"] | None = None
    secrecy: Literal["mật", "tối mật", "tuyệt mật"] | None = None
    addressees: list[Addressee] = Field(default_factory=list)
    copies: list[Copy] = Field(default_factory=list)
    same_as_addressees: bool = False
    archived_at: str | None = None
    signer: Signer | None = None
    references: list[Reference] = Field(default_factory=list)
    quantities: list[Quantity] = Field(default_factory=list)
    deadlines: list[Deadline] = Field(default_factory=list)
    signatures: list[Signature] = Field(default_factory=list)
    flags: list[Flag] = Field(default_factory=list)
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    rules: dict[str, str] = Field(default_factory=dict)
