"""Signature fields of a PDF, with all verdicts apart (the only door to pyHanko). Nothing is fetched.

The time comes from ``/M``: the signing time inside the signature is, with most tools of this country, local time
labelled UTC. One act of signing leaves up to three fields (number, day, seal; Nghị định 30/2020/NĐ-CP, Phụ lục I):
each is kept, and they share a ``group``.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

from asn1crypto import pem, x509  # type: ignore[import-untyped]
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

from extractors.page_cues import is_agency
from models.record import Flag, Signature
from pipeline.errors import pass_on_starvation
from pipeline.pages.pdf_pages import page_edited

_Field = Any
"""pyHanko's EmbeddedPdfSignature, whose type hints leave its results out."""

_RULE = "signature/field"
_ONE_ACT = timedelta(minutes=2)
_LOCAL = timezone(timedelta(hours=7))
_DATE = re.compile(
    r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:(?P<zulu>Z)|(?P<sign>[+-])(?P<hours>\d\d)'?(?P<minutes>\d\d)?'?)?"
)
_PERSON = re.compile(r"[^\W\d_]+(?:[ .][^\W\d_]+){1,6}")
_HASHES = {
    "sha1": "SHA-1",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "md5": "MD5",
}
_WEAK = frozenset(("sha1", "md5"))

NOTHING = "nothing"
STAMPS = "form filling/signatures/stamps"
PAGES = "page content"

for _name in ("pyhanko", "pyhanko_certvalidator"):
    # Its log prints a traceback for every untrusted certificate; the verdict says the same.
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class _Integrity:
    intact: bool | None
    whole: bool | None
    modified: str | None
    reasons: tuple[str, ...]
    rewritten: bool = False


def signatures_of(
    data: bytes | Path, trust: Path | None, password: str | None = None
) -> tuple[list[Signature], list[Flag]]:
    """Every signed field of a PDF, by time of signing, and what there is to flag.

    ``trust`` is a folder of CA certificates (PEM or DER; roots or issuing CAs, all of them trusted); without one
    ``trusted`` is None. The certificates are judged at the time of signing that the signature states.
    """
    raw = data.read_bytes() if isinstance(data, Path) else data
    anchors = None if trust is None else _certificates(trust)
    try:
        reader = PdfFileReader(io.BytesIO(raw), strict=False)
        if reader.encrypted and password is not None:
            reader.decrypt(password)
        fields = list(reader.embedded_regular_signatures)
    except Exception as error:  # pyHanko raises whatever a damaged file makes its parser trip over
        pass_on_starvation(error)
        message = f"The signature fields could not be read ({_brief(error)})."
        return [], [Flag(code="unread-signatures", message=message, rule="signature/unread")]
    found: list[Signature] = []
    flags: list[Flag] = []
    for field in fields:
        signature, raised = _signature(field, raw, anchors, password)
        found.append(signature)
        flags += raised
    return _grouped(found), flags


def _signature(
    field: _Field, raw: bytes, anchors: Sequence[x509.Certificate] | None, password: str | None
) -> tuple[Signature, list[Flag]]:
    name = str(field.field_name)
    try:
        certificate = field.signer_cert
        subject, issuer = dict(certificate.subject.native), dict(certificate.issuer.native)
    except Exception as error:
        pass_on_starvation(error)
        reason = f"The signature holds no readable certificate ({_brief(error)})."
        return Signature(kind="cryptographic", field=name, reason=reason, rule=_RULE), [
            Flag(code="unidentified-signature", message=f"Signature {name}: {reason}", rule="signature/certificate")
        ]
    signer = _one(subject.get("common_name"))
    signed_at, time_note = _time(field)
    integrity = _integrity(field, raw, certificate, password)
    trusted, trust_note = _trust(certificate, field, anchors, signed_at)
    algorithm, weak_note = _algorithm(field)
    reasons = [*integrity.reasons, trust_note, weak_note, time_note]
    signature = Signature(
        kind="cryptographic",
        signer=signer,
        organisation=_one(subject.get("organization_name")),
        role=_role(signer),
        signed_at=None if signed_at is None else signed_at.isoformat(),
        serial=str(certificate.serial_number),
        issuer_ca=_one(issuer.get("common_name")),
        algorithm=algorithm,
        field=name,
        intact=integrity.intact,
        covers_whole_document=integrity.whole,
        modified_after=integrity.modified,
        trusted=trusted,
        reason=" ".join(r for r in reasons if r) or None,
        rule=_RULE,
    )
    return signature, list(_flags(signature, integrity))


def _flags(signature: Signature, integrity: _Integrity) -> Iterable[Flag]:
    who = f"{signature.signer} ({signature.field})"
    if integrity.modified == PAGES:
        yield Flag(
            code="altered-after-signing",
            message=f"A page was changed after {who} signed.",
            rule="signature/page-content",
        )
    elif integrity.intact is False and integrity.rewritten:
        message = f"The file was written anew after {who} signed: whether its pages are those signed cannot be told."
        yield Flag(code="broken-signature", message=message, rule="signature/rewritten")
    elif integrity.intact is False:
        message = f"The bytes that {who} signed have been changed."
        yield Flag(code="altered-after-signing", message=message, rule="signature/digest")
    if signature.trusted is False:
        yield Flag(
            code="untrusted-signature", message=f"The certificate of {who} is not trusted.", rule="signature/trust"
        )


def _integrity(field: _Field, raw: bytes, certificate: x509.Certificate, password: str | None) -> _Integrity:
    try:
        digest = field.compute_digest()
        same, valid = validate_sig_integrity(field.signer_info, certificate, "data", digest)
    except Exception as error:
        pass_on_starvation(error)
        return _Integrity(None, None, None, (f"The digest could not be computed ({_brief(error)}).",))
    if not same:
        if _lined_up(field, raw):
            reason = "Digest over /ByteRange does not match: bytes inside the range were changed."
            return _Integrity(False, False, None, (reason,))
        reason = (
            "Digest over /ByteRange does not match, nor does the range fit the file: it was rewritten after signing."
        )
        return _Integrity(False, False, None, (reason,), rewritten=True)
    if not valid:
        return _Integrity(False, False, None, ("The signature value does not belong to the certificate.",))
    try:
        field.compute_integrity_info()
        coverage = field.coverage
    except Exception as error:
        pass_on_starvation(error)
        return _Integrity(True, None, None, (f"Digest matches; coverage could not be told ({_brief(error)}).",))
    if coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return _Integrity(True, True, NOTHING, ("Digest over /ByteRange matches and the range covers the file.",))
    first = "Digest over /ByteRange matches; the file was added to afterwards"
    modified, detail = _modified(field, raw, coverage, password)
    return _Integrity(True, False, modified, (f"{first}{detail}.",))


def _modified(
    field: _Field, raw: bytes, coverage: SignatureCoverageLevel, password: str | None
) -> tuple[str | None, str]:
    """What later revisions did. pyHanko's judgement first; what it cannot place is compared page by page."""
    level = field.diff_result.modification_level.name if hasattr(field.diff_result, "modification_level") else "OTHER"
    if coverage == SignatureCoverageLevel.ENTIRE_REVISION and level in ("NONE", "LTA_UPDATES"):
        return NOTHING, ", without any change to what it shows"
    if coverage == SignatureCoverageLevel.ENTIRE_REVISION and level == "FORM_FILLING":
        return STAMPS, " by filling in fields or signing again"
    start, length = (int(n) for n in list(field.sig_object["/ByteRange"])[2:4])
    try:
        edited = page_edited(raw[: start + length], raw, password)
    except (RuntimeError, ValueError) as error:
        pass_on_starvation(error)
        return None, f"; what was changed could not be told ({_brief(error)})"
    if edited:
        return PAGES, " and a page's content was changed"
    return STAMPS, " by stamps; the pages' own content is the same"


def _lined_up(field: _Field, raw: bytes) -> bool:
    """Whether the gap in the byte range is exactly where the signature's contents stand in the file."""
    numbers = [int(n) for n in list(field.sig_object["/ByteRange"])]
    if len(numbers) != 4 or numbers[2] + numbers[3] > len(raw):
        return False
    gap = raw[numbers[0] + numbers[1] : numbers[2]].strip()
    if not (gap.startswith(b"<") and gap.endswith(b">")):
        return False
    try:
        contents = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError:
        return False
    return contents[:256] == bytes(field.pkcs7_content)[:256]


def _trust(
    certificate: x509.Certificate,
    field: _Field,
    anchors: Sequence[x509.Certificate] | None,
    signed_at: datetime | None,
) -> tuple[bool | None, str]:
    if anchors is None:
        return None, "Trust not checked: no CA certificates given."
    if signed_at is None:
        return None, "Trust not checked: the time of signing is not known."
    if not anchors:
        return False, "Not trusted: the folder of CA certificates is empty."
    context = ValidationContext(
        trust_roots=list(anchors),
        other_certs=list(field.other_embedded_certs),
        moment=signed_at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )
    validator = CertificateValidator(certificate, validation_context=context)
    try:
        asyncio.run(validator.async_validate_usage(key_usage=set()))
    except PathBuildingError:
        return False, "Not trusted: its CA is not among the certificates given."
    except Exception as error:
        pass_on_starvation(error)
        return False, f"Not trusted: {_brief(error)}."
    return True, "Trusted at the time of signing it states; revocation was not checked."


def _certificates(folder: Path) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in (".crt", ".cer", ".pem", ".der") or not path.is_file():
            continue
        content = path.read_bytes()
        try:
            if pem.detect(content):
                found += [x509.Certificate.load(der) for _, _, der in pem.unarmor(content, multiple=True)]
            else:
                found.append(x509.Certificate.load(content))
            _ = [certificate.serial_number for certificate in found]
        except ValueError as error:
            raise ValueError(f"{path.name} in the trust folder is not a certificate in PEM or DER") from error
    return found


def _time(field: _Field) -> tuple[datetime | None, str]:
    match = _DATE.match(str(field.sig_object.get("/M", "")))
    if match is None or match.group(3) is None:
        return None, "The signature states no time (/M)."
    year, month, day, hour, minute, second = (int(match.group(k) or 0) for k in range(1, 7))
    note = ""
    if match["zulu"]:
        zone = UTC
    elif match["sign"]:
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        zone = timezone(offset if match["sign"] == "+" else -offset)
    else:
        zone, note = _LOCAL, "The time states no zone: read as Vietnamese time."
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone), note
    except ValueError:
        return None, "The time the signature states does not exist."


def _algorithm(field: _Field) -> tuple[str | None, str]:
    digest = str(field.md_algorithm)
    kind = str(field.signer_info["signature_algorithm"].signature_algo)
    cipher = "RSA" if kind.startswith("rsa") else kind.upper()
    named = f"{_HASHES.get(digest, digest)} with {cipher}"
    return named, f"Digest is {_HASHES[digest]}, which is weak." if digest in _WEAK else ""


def _role(signer: str | None) -> Literal["person", "agency"] | None:
    if signer is None:
        return None
    if is_agency(signer):
        return "agency"
    return "person" if _PERSON.fullmatch(signer) else None


def _one(value: Any) -> str | None:
    """A subject's value as text; a list is given from the most particular on."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = "" if value is None else " ".join(unicodedata.normalize("NFC", str(value)).split())
    return text or None


def _grouped(found: list[Signature]) -> list[Signature]:
    """By time; fields of one certificate within two minutes of the one before share a number, from 1."""
    ordered = sorted(found, key=lambda s: (s.signed_at is None, _instant(s)))
    latest: dict[tuple[str | None, str | None], tuple[float, int]] = {}
    groups = 0
    numbered: list[Signature] = []
    for signature in ordered:
        key = (signature.issuer_ca, signature.serial)
        before = latest.get(key)
        instant = _instant(signature)
        if before is not None and signature.signed_at is not None and instant - before[0] <= _ONE_ACT.total_seconds():
            group = before[1]
        else:
            groups += 1
            group = groups
        latest[key] = (instant, group)
        numbered.append(signature.model_copy(update={"group": group}))
    return numbered


def _instant(signature: Signature) -> float:
    return 0.0 if signature.signed_at is None else datetime.fromisoformat(signature.signed_at).timestamp()


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:160].rstrip(".")
