"""Makes PDFs of invented dispatches as word processors print them, and signs, stamps and damages them with real keys.

``draw`` lays a :class:`Paper` out: letterhead and foot each in a borderless table of two columns, drawn cell by cell;
justified paragraphs; page numbers from page 2. ``{number}``, ``{day}`` and ``{month}`` in its lines are left blank
and their places returned, for ``sign`` or ``write_on`` to fill; ``m^2`` raises the 2.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pymupdf
from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

Box = tuple[float, float, float, float]

WIDTH, HEIGHT = 595.0, 842.0
LEFT, RIGHT, TOP, BOTTOM = 85.0, 542.0, 57.0, 785.0
VIETNAM = timezone(timedelta(hours=7))
_STYLES = ("Regular", "Bold", "Italic", "BoldItalic")
_FAMILIES = (
    ("/usr/share/fonts/truetype/liberation2", "LiberationSerif-{}.ttf", _STYLES),
    ("/usr/share/fonts/truetype/liberation", "LiberationSerif-{}.ttf", _STYLES),
    ("/usr/share/fonts/liberation-serif", "LiberationSerif-{}.ttf", _STYLES),
    ("/usr/share/fonts/truetype/dejavu", "DejaVuSerif{}.ttf", ("", "-Bold", "-Italic", "-BoldItalic")),
    ("C:/Windows/Fonts", "times{}.ttf", ("", "bd", "i", "bi")),
    ("/System/Library/Fonts/Supplemental", "Times New Roman{}.ttf", ("", " Bold", " Italic", " Bold Italic")),
)
_BLANKS = {"{number}": 34.0, "{day}": 22.0, "{month}": 22.0}


@cache
def fonts() -> tuple[str, str, str, str]:
    """The names of a registered serif family with Vietnamese letters: regular, bold, italic, bold italic.

    Raises RuntimeError where no family of the list is installed.
    """
    for folder, pattern, styles in _FAMILIES:
        paths = [Path(folder) / pattern.format(style) for style in styles]
        # Some DejaVu packages leave the slanted faces out: the upright one then stands in.
        upright = paths[0]
        if not upright.is_file():
            continue
        names = []
        for style, path in zip(_STYLES, paths, strict=True):
            face = TTFont(f"Test{style}", str(path if path.is_file() else upright))
            if ord("ỹ") not in face.face.charToGlyph:
                break
            pdfmetrics.registerFont(face)
            names.append(f"Test{style}")
        if len(names) == 4:
            return names[0], names[1], names[2], names[3]
    raise RuntimeError("no serif font with Vietnamese letters found: install fonts-liberation2 or fonts-dejavu")


@dataclass(frozen=True)
class Paper:
    """The pieces of a dispatch. ``notes``: footnote for a paragraph (by index); ``table`` stands after ``table_after``."""

    letterhead: tuple[str, ...]
    number_line: str
    place_date: str
    body: tuple[str, ...]
    recipients: tuple[str, ...]
    signature: tuple[str, ...]
    motto: tuple[str, ...] = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
    subject: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    notes: dict[int, str] = field(default_factory=dict)
    table: tuple[tuple[str, ...], ...] = ()
    table_after: int = 0
    annex: tuple[str, ...] = ()
    column_gap: float = 20.0


@dataclass(frozen=True)
class Drawn:
    """A PDF and its blanks: name → (page from 1, box in points, origin top left)."""

    pdf: bytes
    blanks: dict[str, tuple[int, Box]]


class _Pen:
    """A canvas that counts from the top and keeps what it is to be asked about later."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(WIDTH, HEIGHT), invariant=1)
        self.y = TOP
        self.page = 1
        self.blanks: dict[str, tuple[int, Box]] = {}
        self.notes: list[str] = []

    def words(self, line: str, x: float, y: float, font: str, size: float, space: float | None = None) -> float:
        """Draw a line word by word, each with its space, as word processors do. Where it ends."""
        gap = pdfmetrics.stringWidth(" ", font, size) if space is None else space
        for word in line.split(" "):
            before, blank, after = _parted(word)
            before, _, raised = before.partition("^")
            if raised:
                self.canvas.setFont(font, size)
                self.canvas.drawString(x, HEIGHT - y, before)
                x += pdfmetrics.stringWidth(before, font, size)
                self.canvas.setFont(font, 0.64 * size)
                self.canvas.drawString(x, HEIGHT - y + 0.36 * size, raised + " ")
                x += pdfmetrics.stringWidth(raised, font, 0.64 * size) + gap
                continue
            if before:
                self.canvas.setFont(font, size)
                self.canvas.drawString(x, HEIGHT - y, before + ("" if blank else " "))
                x += pdfmetrics.stringWidth(before, font, size)
            if blank:
                self.blanks[blank] = (self.page, (x, y - size, x + _BLANKS[blank], y + 3))
                x += _BLANKS[blank]
            if after:
                self.canvas.setFont(font, size)
                self.canvas.drawString(x, HEIGHT - y, after + " ")
                x += pdfmetrics.stringWidth(after, font, size)
            x += gap
        return x - gap

    def centred(self, line: str, middle: float, y: float, font: str, size: float) -> None:
        self.words(line, middle - _width(line, font, size) / 2, y, font, size)

    def room(self, height: float) -> None:
        if self.y + height > BOTTOM - 14 * len(self.notes):
            self.turn()

    def turn(self) -> None:
        y = BOTTOM
        regular = fonts()[0]
        for number, note in enumerate(self.notes, start=1):
            if number == 1:
                self.canvas.line(LEFT, HEIGHT - y + 16, LEFT + 144, HEIGHT - y + 16)
            self.words(str(number), LEFT, y - 3, regular, 6.5)
            self.words(note, LEFT + 5, y, regular, 10)
            y += 12
        self.notes = []
        self.canvas.showPage()
        self.page += 1
        self.y = TOP + 12
        self.centred(str(self.page), WIDTH / 2, 45, regular, 13)

    def close(self) -> bytes:
        if self.notes:
            self.turn()
        else:
            self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()


def _parted(word: str) -> tuple[str, str, str]:
    for blank in _BLANKS:
        if blank in word:
            before, after = word.split(blank, 1)
            return before, blank, after
    return word, "", ""


def _width(line: str, font: str, size: float) -> float:
    total = 0.0
    for blank, wide in _BLANKS.items():
        if blank in line:
            line = line.replace(blank, "")
            total += wide
    return total + float(pdfmetrics.stringWidth(line, font, size))


def draw(paper: Paper) -> Drawn:
    """The paper as PDF."""
    regular, bold, italic, bold_italic = fonts()
    pen = _Pen()
    _head(pen, paper)
    for index, line in enumerate(paper.title):
        pen.centred(line, (LEFT + RIGHT) / 2, pen.y, bold, 14)
        pen.y += 17 if index + 1 < len(paper.title) else 34
    if len(paper.addressees) == 1:
        pen.centred(f"Kính gửi: {paper.addressees[0]}", (LEFT + RIGHT) / 2, pen.y, regular, 14)
        pen.y += 34
    elif paper.addressees:
        pen.words("Kính gửi:", 160, pen.y, regular, 14)
        for line in paper.addressees:
            pen.y += 18
            pen.words(line, 222, pen.y, regular, 14)
        pen.y += 34
    for index, paragraph in enumerate(paper.body):
        _paragraph(pen, paragraph, regular, paper.notes.get(index))
        if paper.table and paper.table_after == index:
            _table(pen, paper.table, regular)
    _foot(pen, paper)
    if paper.annex:
        pen.turn()
        for line in paper.annex[:2]:
            pen.centred(line, (LEFT + RIGHT) / 2, pen.y, bold, 14)
            pen.y += 18
        pen.y += 10
        for paragraph in paper.annex[2:]:
            _paragraph(pen, paragraph, regular, None)
    return Drawn(pen.close(), pen.blanks)


def _head(pen: _Pen, paper: Paper) -> None:
    regular, bold, italic, _ = fonts()
    widest = max(_width(line, bold, 13) for line in paper.motto)
    right = RIGHT - widest / 2
    edge = RIGHT - widest - paper.column_gap
    left = (LEFT - 10 + edge) / 2
    # Cell by cell: the whole left column first, its baselines a little off those of the right one.
    y = TOP + 11
    for index, line in enumerate(paper.letterhead):
        for piece in _wrapped(line, bold, 13, edge - LEFT + 10):
            pen.centred(piece, left, y, bold if index + 1 == len(paper.letterhead) else regular, 13)
            y += 15
    pen.canvas.line(left - 25, HEIGHT - y + 8, left + 25, HEIGHT - y + 8)
    y = max(y + 12, TOP + 53)
    level = y
    pen.centred(paper.number_line, left, y, regular, 13)
    for line in paper.subject:
        for piece in _wrapped(line, regular, 12, edge - LEFT + 10):
            y += 14
            pen.centred(piece, left, y, regular, 12)
    low = y
    y = TOP + 11
    for line, size in zip(paper.motto, (13, 14), strict=True):
        pen.centred(line, right, y, bold, size)
        y += 16
    pen.canvas.line(right - 80, HEIGHT - y + 11, right + 80, HEIGHT - y + 11)
    pen.centred(paper.place_date, right, level + 0.6, italic, 14)
    pen.y = low + 38


def _foot(pen: _Pen, paper: Paper) -> None:
    regular, bold, _, bold_italic = fonts()
    signed = [line for line in paper.signature if line]
    pen.room(max(14 * len(paper.recipients), 17 * len(signed) + 60) + 20)
    y = pen.y
    for index, line in enumerate(paper.recipients):
        pen.words(line, LEFT + 5, y, bold_italic if index == 0 else regular, 12 if index == 0 else 11)
        y += 14 if index == 0 else 13
    low, y = y, pen.y
    for index, line in enumerate(signed):
        if index + 1 == len(signed):
            y += 60
        pen.centred(line, 425, y, bold, 14)
        y += 17
    pen.y = max(low, y) + 12


def _paragraph(pen: _Pen, text: str, font: str, note: str | None) -> None:
    size, lead, indent = 14.0, 18.0, 35.0
    space = pdfmetrics.stringWidth(" ", font, size)
    lines = _wrapped(text, font, size, RIGHT - LEFT, indent)
    for index, line in enumerate(lines):
        pen.room(lead + (20 if note else 0))
        x = LEFT + (indent if index == 0 else 0)
        words = line.split(" ")
        gap = space
        if index + 1 < len(lines) and len(words) > 1:
            gap = space + (RIGHT - x - _width(line, font, size)) / (len(words) - 1)
        end = pen.words(line, x, pen.y, font, size, gap)
        if note and index + 1 == len(lines):
            pen.notes.append(note)
            pen.words(str(len(pen.notes)), end, pen.y - 5, font, 9)
        pen.y += lead
    pen.y += 6


def _table(pen: _Pen, rows: tuple[tuple[str, ...], ...], font: str) -> None:
    columns = max(map(len, rows))
    wide = (RIGHT - LEFT) / columns
    for row in rows:
        cells = [_wrapped(cell, font, 11, wide - 8) for cell in row]
        high = 14 * max(map(len, cells)) + 6
        pen.room(high)
        for index, lines in enumerate(cells):
            x = LEFT + index * wide
            pen.canvas.rect(x, HEIGHT - pen.y - high + 10, wide, high)
            for number, line in enumerate(lines):
                pen.words(line, x + 4, pen.y + 14 * number + 4, font, 11)
        pen.y += high
    pen.y += 18


def _wrapped(text: str, font: str, size: float, wide: float, indent: float = 0.0) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and _width(longer, font, size) > wide - (indent if not lines else 0):
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, and the certificate of who issued it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    issuer: x509.Certificate

    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


@cache
def authority(name: str = "CA thử nghiệm") -> Identity:
    """A root of one's own."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Thử nghiệm")]
    )
    key = _key(name)
    certificate = _build(
        subject, subject, key.public_key(), key, datetime(2010, 1, 1), datetime(2060, 1, 1), is_ca=True
    )
    return Identity(certificate, key, certificate)


@cache
def identity(
    name: str, organisation: str = "Ủy ban nhân dân tỉnh Thử Nghiệm", root: str = "CA thử nghiệm", until: int = 2050
) -> Identity:
    """Somebody that the root vouches for, from 2015 to the first day of ``until``."""
    issuer = authority(root)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    key = _key(name)
    certificate = _build(
        subject,
        issuer.certificate.subject,
        key.public_key(),
        issuer.key,
        datetime(2015, 1, 1),
        datetime(until, 1, 1),
        is_ca=False,
    )
    return Identity(certificate, key, issuer.certificate)


@cache
def _key(name: str) -> rsa.RSAPrivateKey:
    del name  # one key for each name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _build(
    subject: x509.Name,
    issuer: x509.Name,
    public: rsa.RSAPublicKey,
    key: rsa.RSAPrivateKey,
    since: datetime,
    until: datetime,
    *,
    is_ca: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(not is_ca, not is_ca, False, False, False, is_ca, is_ca, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        .add_extension(usage, critical=True)
    )
    return builder.sign(key, hashes.SHA256())


class _Printed(PdfContent):
    """A page of print as the appearance of a field."""

    def __init__(self, pdf: bytes, box: BoxConstraints) -> None:
        super().__init__(box=box)
        self._pdf = pdf

    def render(self) -> bytes:
        writer: Any = self._ensure_writer
        self.resources.xobject["/Printed"] = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        return b"/Printed Do"


def _print(lines: tuple[str, ...], wide: float, high: float, size: float) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(wide, high), invariant=1)
    canvas.setFont(fonts()[0], size)
    for index, line in enumerate(lines):
        canvas.drawString(1, high - size * (1 + 1.15 * index), line)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _SignerAt(PdfSigner):
    """A signer whose clock stands at ``moment``."""

    moment: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.moment
        return session


def sign(
    pdf: bytes,
    who: Identity,
    name: str,
    moment: datetime,
    *,
    page: int = 1,
    box: Box | None = None,
    lines: tuple[str, ...] = (),
    size: float = 13.0,
    digest: str = "sha256",
) -> bytes:
    """Sign by an incremental update; ``lines`` are printed in ``box`` (points, origin top left) of ``page``."""
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(who.issuer.public_bytes(serialization.Encoding.DER)))
    private = who.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(who.certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    place: Any = None
    style: Any = None
    if box is not None:
        x0, y0, x1, y1 = box
        place = (int(x0), int(HEIGHT - y1), round(x1), round(HEIGHT - y0))
        wide, high = place[2] - place[0], place[3] - place[1]
        corner = AxisAlignment.ALIGN_MIN
        rule = SimpleBoxLayoutRule(corner, corner, Margins(0, 0, 0, 0), InnerScaling.NO_SCALING)
        content = _Printed(_print(lines, wide, high, size), BoxConstraints(wide, high))
        style = StaticStampStyle(border_width=0, background=content, background_layout=rule, background_opacity=1)
    pdf_signer = _SignerAt(
        PdfSignatureMetadata(field_name=name, md_algorithm=digest),
        signer=signer,
        stamp_style=style,
        new_field_spec=SigFieldSpec(name, on_page=page - 1, box=place),
    )
    pdf_signer.moment = moment
    out = io.BytesIO()
    pdf_signer.sign_pdf(writer, output=out)
    return out.getvalue()


def write_on(pdf: bytes, text: str, page: int, box: Box, *, size: float = 13.0) -> bytes:
    """Put a FreeText annotation on a page by an incremental update."""

    def change(document: Any) -> None:
        x0, y0, _, y1 = box
        wide = pdfmetrics.stringWidth(text, fonts()[0], size) + 6
        annot = document[page - 1].add_freetext_annot((x0 - 2, y0 - 3, x0 + wide, y1 + 1), text, fontsize=size)
        annot.update()

    return _added_to(pdf, change)


def edit_page(pdf: bytes, text: str, page: int, point: tuple[float, float]) -> bytes:
    """Add words to a page's own content by an incremental update."""

    def change(document: Any) -> None:
        document[page - 1].insert_text(point, text, fontsize=13)

    return _added_to(pdf, change)


def _added_to(pdf: bytes, change: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.pdf"
        path.write_bytes(pdf)
        document = pymupdf.open(path)
        change(document)
        document.saveIncr()
        document.close()
        return path.read_bytes()


def rewritten(pdf: bytes) -> bytes:
    """The whole file written anew, as receivers' stamping tools do: objects move into compressed streams."""
    document = pymupdf.open(stream=pdf, filetype="pdf")
    out: bytes = document.tobytes(garbage=3, deflate=True, use_objstms=1)
    document.close()
    return out


def with_blanks(paper: Paper, number: str, day: str) -> Paper:
    """The paper with the number and the day of issue left out of its number and date lines."""
    number_line = paper.number_line.replace(number, "{number}", 1)
    return replace(
        paper, number_line=number_line, place_date=paper.place_date.replace(f"ngày {day} ", "ngày {day} ", 1)
    )
