"""Signature fields: every verdict, on files made and signed here with real keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pymupdf
import pytest

from models.record import Flag, Signature
from pipeline.pages.signatures import NOTHING, PAGES, STAMPS, signatures_of
from tests.pdf_maker import Box, Drawn, Paper, draw, with_blanks
from tests.pdf_signer import VIETNAM, authority, edit_page, identity, rewritten, sign, write_on
from tests.shared import gold, shared

PAPER = Paper(
    letterhead=("UBND TỈNH THỬ NGHIỆM", "SỞ THỬ NGHIỆM"),
    number_line="Số: 57/BC-STN",
    place_date="Thử Nghiệm, ngày 09 tháng 4 năm 2024",
    title=("BÁO CÁO", "Kết quả trồng cây phân tán"),
    body=(
        "Sở Thử nghiệm báo cáo kết quả trồng cây phân tán như sau:",
        "1. Đã trồng 120 cây tại hai xã.",
        "Kính báo cáo./.",
    ),
    recipients=("Nơi nhận:", "- UBND tỉnh (để b/c);", "- Lưu: VT."),
    signature=("GIÁM ĐỐC", "Trần Thử Bút"),
)
DRAWN: Drawn = draw(with_blanks(PAPER, "57", "09"))
SEAL: Box = (330, 420, 480, 480)
MORNING = datetime(2024, 4, 9, 8, 30, 2, tzinfo=VIETNAM)
PERSON = identity("Trần Thử Bút")
AGENCY = identity("SỞ THỬ NGHIỆM")


def person_signed(moment: datetime = MORNING, digest: str = "sha256") -> bytes:
    return sign(DRAWN.pdf, PERSON, "Nguoi ky", moment, box=SEAL, digest=digest)


def fully_signed() -> bytes:
    """As offices do it: the person, then number, day and seal by the agency, seconds apart."""
    pdf = person_signed()
    later = MORNING + timedelta(hours=2)
    page, box = DRAWN.blanks["{number}"]
    pdf = sign(pdf, AGENCY, "So", later, page=page, box=box, lines=("57",))
    page, box = DRAWN.blanks["{day}"]
    pdf = sign(pdf, AGENCY, "Ngay", later + timedelta(seconds=5), page=page, box=box, lines=("09",))
    return sign(pdf, AGENCY, "Dau", later + timedelta(seconds=13), box=(300, 410, 400, 500))


def only(pdf: bytes, trust: Path | None = None) -> tuple[Signature, list[str]]:
    signatures, flags = signatures_of(pdf, trust)
    assert len(signatures) == 1
    return signatures[0], codes(flags)


def codes(flags: list[Flag]) -> list[str]:
    return [flag.code for flag in flags]


def trust_folder(folder: Path, *roots: str) -> Path:
    for root in roots:
        (folder / f"{root}.pem").write_bytes(authority(root).pem())
    return folder


def test_untouched() -> None:
    signature, flags = only(person_signed())
    assert (signature.intact, signature.covers_whole_document, signature.modified_after) == (True, True, NOTHING)
    assert signature.trusted is None
    assert signature.signer == "Trần Thử Bút"
    assert signature.organisation == "Ủy ban nhân dân tỉnh Thử Nghiệm"
    assert (signature.role, signature.field, signature.issuer_ca) == ("person", "Nguoi ky", "CA thử nghiệm")
    assert signature.serial == str(PERSON.certificate.serial_number)
    assert signature.algorithm == "SHA-256 with RSA"
    assert signature.signed_at == "2024-04-09T08:30:02+07:00"
    assert flags == []


def test_second_signature() -> None:
    pdf = sign(person_signed(), AGENCY, "Co quan", MORNING + timedelta(minutes=30), box=(300, 410, 400, 500))
    (first, second), flags = signatures_of(pdf, None)
    assert (first.intact, first.covers_whole_document, first.modified_after) == (True, False, STAMPS)
    assert (second.intact, second.covers_whole_document, second.modified_after) == (True, True, NOTHING)
    assert (first.role, second.role) == ("person", "agency")
    assert flags == []


def test_number_and_day_stamped_by_fields_after_the_first() -> None:
    signatures, flags = signatures_of(fully_signed(), None)
    assert [s.field for s in signatures] == ["Nguoi ky", "So", "Ngay", "Dau"]
    assert [s.intact for s in signatures] == [True] * 4
    assert [s.modified_after for s in signatures] == [STAMPS] * 3 + [NOTHING]
    assert [s.group for s in signatures] == [1, 2, 2, 2]
    assert flags == []


def test_number_stamped_by_an_annotation_after_the_first() -> None:
    page, box = DRAWN.blanks["{number}"]
    signature, flags = only(write_on(person_signed(), "57", page, box))
    assert (signature.intact, signature.covers_whole_document, signature.modified_after) == (True, False, STAMPS)
    assert flags == []


def test_number_printed_into_the_page_after_the_first_is_a_stamp_too() -> None:
    page, (x0, _, _, y1) = DRAWN.blanks["{number}"]
    signature, flags = only(edit_page(person_signed(), "57", page, (x0 + 4, y1 - 3)))
    assert (signature.intact, signature.modified_after, flags) == (True, STAMPS, [])


def test_byte_flipped() -> None:
    pdf = bytearray(person_signed())
    place = pdf.index(b"/MediaBox") + len(b"/MediaBox [ 0 0 ")
    assert pdf[place : place + 1].isdigit()
    pdf[place] = ord("4") if pdf[place] != ord("4") else ord("6")
    signature, flags = only(bytes(pdf))
    assert (signature.intact, signature.covers_whole_document) == (False, False)
    assert "inside the range were changed" in (signature.reason or "")
    assert flags == ["altered-after-signing"]


@pytest.mark.parametrize("text", ["va them 80 cay", "9000"])
def test_page_edited_after_signing(text: str) -> None:
    signature, flags = only(edit_page(person_signed(), text, 1, (120, 330)))
    assert (signature.intact, signature.covers_whole_document, signature.modified_after) == (True, False, PAGES)
    assert flags == ["altered-after-signing"]


def test_an_annotation_over_the_text_is_an_edit() -> None:
    words = pymupdf.open(stream=DRAWN.pdf, filetype="pdf")[0].get_text("words")
    x0, y0, x1, y1 = next(w[:4] for w in words if w[4] == "120")
    signature, flags = only(write_on(person_signed(), "hai nghin", 1, (x0, y0, x1, y1)))
    assert (signature.modified_after, flags) == (PAGES, ["altered-after-signing"])


def test_a_page_added_after_signing(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(person_signed())
    document = pymupdf.open(path)
    document.new_page()
    document.saveIncr()
    document.close()
    signature, flags = only(path.read_bytes())
    assert (signature.modified_after, flags) == (PAGES, ["altered-after-signing"])


def test_whole_file_rewritten() -> None:
    pdf = rewritten(fully_signed())
    assert b"/ByteRange" not in pdf, "the dictionaries were to move into compressed object streams"
    signatures, flags = signatures_of(pdf, None)
    assert [s.signer for s in signatures] == ["Trần Thử Bút", *["SỞ THỬ NGHIỆM"] * 3]
    assert [(s.intact, s.covers_whole_document) for s in signatures] == [(False, False)] * 4
    assert all("rewritten" in (s.reason or "") for s in signatures)
    assert set(codes(flags)) == {"broken-signature"}


def test_certificate_expired_since(tmp_path: Path) -> None:
    was = identity("Lê Thử Hạn", until=2019)
    trust = trust_folder(tmp_path, "CA thử nghiệm")
    signature, flags = only(sign(DRAWN.pdf, was, "S", datetime(2018, 6, 1, 9, tzinfo=VIETNAM)), trust)
    assert (signature.intact, signature.trusted, flags) == (True, True, [])


def test_certificate_expired_when_signing(tmp_path: Path) -> None:
    was = identity("Lê Thử Hạn", until=2019)
    trust = trust_folder(tmp_path, "CA thử nghiệm")
    signature, flags = only(sign(DRAWN.pdf, was, "S", MORNING), trust)
    assert (signature.intact, signature.trusted, flags) == (True, False, ["untrusted-signature"])


def test_own_root_trusted(tmp_path: Path) -> None:
    signature, flags = only(person_signed(), trust_folder(tmp_path, "CA thử nghiệm", "CA khác"))
    assert (signature.trusted, flags) == (True, [])


@pytest.mark.parametrize("roots", [(), ("CA khác",)])
def test_own_root_not_trusted(tmp_path: Path, roots: tuple[str, ...]) -> None:
    signature, flags = only(person_signed(), trust_folder(tmp_path, *roots))
    assert (signature.intact, signature.trusted, flags) == (True, False, ["untrusted-signature"])


def test_a_trust_folder_with_something_else_in_it_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("not a certificate")
    with pytest.raises(ValueError, match="ca.crt"):
        signatures_of(person_signed(), tmp_path)


def test_sha1_is_said_and_does_not_fail(tmp_path: Path) -> None:
    signature, flags = only(person_signed(digest="sha1"), trust_folder(tmp_path, "CA thử nghiệm"))
    assert (signature.intact, signature.trusted, signature.algorithm, flags) == (True, True, "SHA-1 with RSA", [])
    assert "SHA-1" in (signature.reason or "")


def test_no_signature_and_no_pdf() -> None:
    assert signatures_of(DRAWN.pdf, None) == ([], [])
    signatures, flags = signatures_of(b"%PDF-1.7\nnothing else", None)
    assert (signatures, codes(flags)) == ([], ["unread-signatures"])


@pytest.mark.parametrize(
    "stem",
    [
        "bthuan_108_TTr_SNV",
        "bthuan_519_SNV_TCCC",
        "bthuan_788_STP_HCBT",
        "bthuan_2114_TTr_SNV",
        "qngai_01CT",
        "qngai_575_UB_signed",
        "qngai_2352_07_CT_UBND_signed",
    ],
)
def test_labelled_files(stem: str) -> None:
    keys = ("kind", "signer", "organisation", "role", "signed_at", "intact", "covers_whole_document", "trusted")
    wanted = [tuple(entry.get(key) for key in keys) for entry in gold(stem)["signatures"]]
    found, _ = signatures_of(shared("corpus", f"{stem}.pdf"), None)
    assert [tuple(getattr(s, key) for key in keys) for s in found] == wanted
