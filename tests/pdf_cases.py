"""One invented dispatch as PDF, what its canonical text is, and how the tests read it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models.source import Source
from pipeline.errors import SetAside
from pipeline.limits import DEFAULT, Limits
from pipeline.pages.read_pdf import read_pdf
from tests.pdf_maker import Drawn, Paper
from tests.pdf_signer import VIETNAM

PAPER = Paper(
    letterhead=("UBND TỈNH THỬ NGHIỆM", "SỞ THỬ NGHIỆM"),
    number_line="Số: 57/STN-QLTN",
    subject=("V/v kiểm kê giếng khoan", "không còn sử dụng"),
    place_date="Thử Nghiệm, ngày 09 tháng 4 năm 2024",
    addressees=("- Ủy ban nhân dân các xã, phường;", "- Trung tâm Quan trắc môi trường."),
    body=(
        "Thực hiện Kế hoạch số 12/KH-UBND ngày 03/01/2024 của Ủy ban nhân dân tỉnh về bảo vệ nước dưới đất, Sở Thử "
        "nghiệm đề nghị các đơn vị thực hiện một số nội dung sau:",
        "1. Kiểm kê giếng khoan không còn sử dụng trên địa bàn, hoàn thành trước ngày 30/6/2024.",
        "2. Trám lấp ít nhất 45 giếng trong năm 2024.",
        "Đề nghị các đơn vị quan tâm thực hiện./.",
    ),
    recipients=("Nơi nhận:", "- Như trên;", "- UBND tỉnh (để b/c);", "- Lưu: VT, QLTN."),
    signature=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Trần Thử Bút"),
)
MORNING = datetime(2024, 4, 9, 8, 30, tzinfo=VIETNAM)

HEAD = """\
UBND TỈNH THỬ NGHIỆM
SỞ THỬ NGHIỆM
Số: 57/STN-QLTN
V/v kiểm kê giếng khoan
không còn sử dụng

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Thử Nghiệm, ngày 09 tháng 4 năm 2024

Kính gửi:

- Ủy ban nhân dân các xã, phường;

- Trung tâm Quan trắc môi trường.
"""
FOOT = """
Nơi nhận:
- Như trên;
- UBND tỉnh (để b/c);
- Lưu: VT, QLTN.

KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC
Trần Thử Bút
"""

Read = Callable[..., Source]


def reader(folder: Path) -> Read:
    """Reads bytes from a file ``tep.pdf`` in the folder, and checks that the source holds together."""

    def read(pdf: bytes | Drawn, limits: Limits = DEFAULT, **options: Any) -> Source:
        data = pdf.pdf if isinstance(pdf, Drawn) else pdf
        path = folder / "tep.pdf"
        path.write_bytes(data)
        source = read_pdf(path, hashlib.sha256(data).hexdigest(), limits, **options)
        holds_together(source)
        return source

    return read


def holds_together(source: Source) -> None:
    """Every word and page of a source stands where it says it does."""
    for word in source.words:
        piece = source.text[word.start : word.end]
        assert piece and piece == piece.strip()
        x0, y0, x1, y1 = word.bbox
        assert x0 < x1 and y0 < y1
    starts = [page.start for page in source.pages]
    assert starts == sorted(starts)
    assert [page.number for page in source.pages] == list(range(1, len(source.pages) + 1))
    for region in source.regions:
        assert 0 <= region.start < region.end <= len(source.text)
        assert source.text[region.start : region.end].strip()


def region(source: Source, kind: str) -> list[str]:
    """The texts of the source's regions of one kind."""
    return [source.text[r.start : r.end] for r in source.regions if r.kind == kind]


def refused(read: Read, pdf: bytes, reason: str, **options: Any) -> str:
    """Check that the file is set aside for that reason; the sentence that says so."""
    with pytest.raises(SetAside) as caught:
        read(pdf, **options)
    assert (caught.value.stage, caught.value.reason) == ("read", reason)
    assert "tep.pdf" in caught.value.message
    return caught.value.message


def box_on(source: Source, text: str, page: int = 1) -> tuple[float, float, float, float]:
    """The box of the first word that begins with the text."""
    start = source.text.index(text)
    return next(w.bbox for w in source.words if w.start == start and w.page == page)
