"""Signs, stamps and damages PDFs, with keys of one's own."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
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
from reportlab.pdfgen.canvas import Canvas

from tests.pdf_maker import HEIGHT, Box, fonts

VIETNAM = timezone(timedelta(hours=7))


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

    return added_to(pdf, change)


def edit_page(pdf: bytes, text: str, page: int, point: tuple[float, float]) -> bytes:
    """Add words to a page's own content by an incremental update."""

    def change(document: Any) -> None:
        document[page - 1].insert_text(point, text, fontsize=13)

    return added_to(pdf, change)


def added_to(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """The file with a change made through PyMuPDF and added as an incremental update."""
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
