"""Reading pages from their pictures: what damage costs, what seals and stamps hide, what is kept, what is refused."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from benchmarks.ocr import errors
from extractors.ocr_repair import mend
from models.page import RawPage
from models.source import Source
from models.text import Text
from pipeline.errors import SetAside
from pipeline.extract import extract
from pipeline.limits import DEFAULT, Limits
from pipeline.pages import ocr
from pipeline.pages.layout import lay_out
from tests.making import make
from tests.pdf_maker import Paper, draw
from tests.scan_maker import (
    Damage,
    all_of,
    as_it_is,
    as_pdf,
    blurred,
    encoded,
    noisy,
    photocopied,
    pictures,
    rubber,
    scanned,
    sealed,
    shone_through,
    tilted,
)
from tests.test_generated import paper_of

PAPER = Paper(
    letterhead=("ỦY BAN NHÂN DÂN", "TỈNH LÀO CAI"),
    number_line="Số: 318/UBND-KT",
    place_date="Lào Cai, ngày 17 tháng 6 năm 2024",
    subject=("V/v bảo dưỡng các trạm đo", "mưa trước mùa lũ năm 2024"),
    addressees=("Sở Tài nguyên và Môi trường tỉnh Lào Cai",),
    body=(
        "Thực hiện Công văn số 2057/BTNMT-TCKTTV ngày 28/5/2024 của Bộ Tài nguyên và Môi trường về việc kiểm tra "
        "thiết bị đo mưa tự động, Ủy ban nhân dân tỉnh có ý kiến như sau:",
        "1. Giao Sở Tài nguyên và Môi trường chủ trì, phối hợp với các đơn vị liên quan tổ chức bảo dưỡng 46 trạm đo "
        "mưa trên địa bàn tỉnh, hoàn thành trước ngày 15/7/2024.",
        "2. Yêu cầu Ủy ban nhân dân các huyện bố trí cán bộ trực tại trạm, bảo đảm số liệu được truyền đầy đủ./.",
    ),
    recipients=("Nơi nhận:", "- Như trên;", "- Lưu: VT, KT."),
    signature=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Hoàng Thị Minh Khuê"),
)

DAMAGES: dict[str, tuple[Damage, float]] = {
    "good scanner": (as_it_is, 0.005),
    "slightly askew": (tilted(1.1), 0.01),
    "askew": (tilted(-3.2), 0.01),
    "out of focus": (blurred(1.3), 0.015),
    "bad sensor": (noisy, 0.015),
    "photocopy askew": (all_of(tilted(0.8), photocopied), 0.02),
    "red seal": (sealed(0.6, 0.62), 0.02),
}

Read = Callable[[bytes], list[RawPage]]


@cache
def paper_pdf() -> bytes:
    return draw(PAPER).pdf


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    reader = ocr.reader_or_none(tmp_path_factory.mktemp("ocr"))
    assert reader is not None, ocr.why_not()

    def pages(pdf: bytes) -> list[RawPage]:
        with pymupdf.open(stream=pdf, filetype="pdf") as document:
            return [reader(page, number, "test") for number, page in enumerate(document, start=1)]

    return pages


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def text_of(pages: list[RawPage]) -> str:
    return lay_out(pages).text


def printed() -> str:
    """The paper in reading order."""
    parts = [*PAPER.letterhead, PAPER.number_line, *PAPER.subject, *PAPER.motto, PAPER.place_date]
    parts += [f"Kính gửi: {PAPER.addressees[0]}", *PAPER.body, *PAPER.recipients, *PAPER.signature]
    return flat(" ".join(parts))


def error_rate(want: str, got: str) -> float:
    """Characters to put in, leave out or change, as a share of those wanted."""
    return errors(want, got) / len(want)


@pytest.mark.parametrize("name", DAMAGES)
def test_character_errors(name: str, read: Read) -> None:
    damage, most = DAMAGES[name]
    text = Text.of(text_of(read(scanned(paper_pdf(), damage))))
    before = error_rate(printed(), flat(text.clean))
    after = error_rate(printed(), flat(text.edit(mend(text.clean)).clean))
    assert after <= before <= most


def test_words_have_place_and_confidence(read: Read) -> None:
    (page,) = read(scanned(paper_pdf(), tilted(1.1)))
    assert (round(page.width), round(page.height), page.text_origin) == (595, 842, "ocr")
    assert "straightened by -1.1°" in page.reason and page.reason.startswith("test; read by Tesseract")
    assert all(word.confidence is not None and 0 <= word.confidence <= 1 for word in page.words)
    (word,) = [word for word in page.words if word.text == "2057/BTNMT-TCKTTV"]
    with pymupdf.open(stream=paper_pdf(), filetype="pdf") as document:
        (there,) = document[0].search_for("2057/BTNMT-TCKTTV")
    assert all(abs(a - b) < 6 for a, b in zip(word.bbox, there, strict=True))
    assert abs(word.size - 14) < 1.5
    line = [w.text for w in page.words if w.line == word.line]
    assert line[:4] == ["Thực", "hiện", "Công", "văn"]


def test_name_under_the_seal_and_mark_of_urgency(read: Read) -> None:
    with pymupdf.open(stream=paper_pdf(), filetype="pdf") as document:
        name = document[0].search_for("Hoàng Thị")[0]
    x, y = name.x0 / 595 - 0.02, name.y0 / 842 - 0.045
    text = text_of(read(scanned(paper_pdf(), all_of(sealed(x, y), rubber("HỎA TỐC", 0.72, 0.163, size=36)))))
    assert "Hoàng Thị Minh Khuê" in text and "HỎA TỐC" in text and "SỞ MẪU" not in text
    # In black ink the seal cannot be told from the name it covers: what it hides is lost, nothing of it is read.
    copied = text_of(read(scanned(paper_pdf(), all_of(sealed(x, y, (25, 25, 25)), photocopied))))
    assert "Thị Minh Khuê" in copied and "SỞ MẪU" not in copied


def test_a_name_stamped_in_red_is_read(read: Read) -> None:
    pdf = draw(replace(PAPER, signature=PAPER.signature[:2])).pdf
    damage = all_of(sealed(0.58, 0.62), rubber("Lý Văn Tài", 0.7, 0.672, size=36, framed=False, slant=1))
    assert "PHÓ CHỦ TỊCH\nLý Văn Tài" in text_of(read(scanned(pdf, damage)))


@pytest.mark.parametrize(("seed", "words"), [(2, "55,6%."), (4, "35,3%."), (7, "- Như Điều 3;")])
def test_a_doubtful_line_is_looked_at_again(seed: int, words: str, read: Read) -> None:
    # At its first look Tesseract makes ``So,6%.``, ``15:35,`` and ``n Điền đi`` of these.
    pages = read(scanned(draw(paper_of(make(seed))).pdf, as_it_is))
    assert words in text_of(pages)


def white(image: Image.Image) -> Image.Image:
    return image.point(lambda _: 250)


@pytest.mark.parametrize("back", [white, shone_through])
def test_blank_pages(back: Damage, read: Read) -> None:
    (page,) = read(scanned(paper_pdf(), back))
    assert page.words == () and "blank" in page.reason


def test_upside_down(read: Read) -> None:
    pdf = as_pdf([picture.transpose(Image.Transpose.ROTATE_180) for picture in pictures(paper_pdf())])
    (page,) = read(pdf)
    assert "turned by 180" in page.reason
    assert error_rate(printed(), flat(text_of([page]))) < 0.02


def test_sideways(read: Read) -> None:
    pdf = as_pdf([picture.transpose(Image.Transpose.ROTATE_90) for picture in pictures(paper_pdf())])
    (page,) = read(pdf)
    assert page.height > page.width and "turned by" in page.reason
    assert error_rate(printed(), flat(text_of([page]))) < 0.02


def test_no_page_is_read_twice(tmp_path: Path) -> None:
    reader = ocr.reader_or_none(tmp_path)
    assert reader is not None
    with pymupdf.open(stream=scanned(paper_pdf(), as_it_is), filetype="pdf") as document:
        first = reader(document[0], 1, "first")
        (entry,) = tmp_path.rglob("*.json")
        # What is kept is what is given: a mark left in the entry comes back.
        kept = json.loads(entry.read_text(encoding="utf-8"))
        kept["words"][0][0] = "DẤU"
        entry.write_text(json.dumps(kept), encoding="utf-8")
        again = reader(document[0], 7, "second")
        assert (again.number, again.words[0].text, again.words[1:]) == (7, "DẤU", first.words[1:])
        for broken in ("", "{", '{"form": 1}', '{"form": 1, "name": "x", "words": [[]]}', "[" * 100_000):
            entry.write_text(broken, encoding="utf-8")
            assert reader(document[0], 1, "first") == first
    assert list(tmp_path.rglob("*.part")) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder", encoding="utf-8")
    reader = ocr.reader_or_none(in_the_way)
    assert reader is not None
    with pymupdf.open(stream=scanned(paper_pdf(), as_it_is), filetype="pdf") as document:
        assert reader(document[0], 1, "test").words


def test_without_tesseract_pictures_are_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ocr.why_not() is None
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert ocr.reader_or_none(tmp_path) is None
    sentence = ocr.why_not()
    assert sentence is not None and "apt install tesseract-ocr tesseract-ocr-vie" in sentence
    picture = tmp_path / "page.png"
    picture.write_bytes(encoded(pictures(paper_pdf())[0], "PNG"))
    with pytest.raises(SetAside) as caught:
        ocr.read_picture(picture, "00", DEFAULT, tmp_path)
    assert caught.value.reason == "scan-needs-ocr" and sentence in caught.value.message


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_pictures(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"page.{form.lower()}"
    path.write_bytes(encoded(pictures(paper_pdf())[0], form))
    source = ocr.read_picture(path, "00", DEFAULT, tmp_path / "kept")
    assert (source.media_type, source.page_count, source.text_origin) == (f"image/{form.lower()}", 1, "ocr")
    assert error_rate(printed(), flat(source.text)) < 0.01
    word = source.words[0]
    assert source.text[word.start : word.end] == "ỦY" and word.confidence is not None


def test_pictures_that_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    data = encoded(pictures(paper_pdf())[0], "PNG")
    path.write_bytes(data)
    for limits, reason in ((Limits(file_bytes=10), "too-big"), (Limits(seconds=-1), "time-limit")):
        with pytest.raises(SetAside) as caught:
            ocr.read_picture(path, "00", limits, tmp_path)
        assert caught.value.reason == reason
    for broken in (b"", data[:40], b"GIF89a" + data[6:]):
        path.write_bytes(broken)
        with pytest.raises(SetAside) as caught:
            ocr.read_picture(path, "00", DEFAULT, tmp_path)
        assert caught.value.reason == "damaged-picture"


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_a_picture_of_too_many_pixels_is_too_big_not_damaged(form: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    small, vast = Image.new("1", (600, 800), 1), Image.new("1", (15_000, 13_000), 1)
    if form == "PNG":
        vast.save(path, form)
    else:
        small.save(path, form, save_all=True, append_images=[vast])
    with pytest.raises(SetAside) as caught:
        ocr.read_picture(path, "00", DEFAULT, tmp_path)
    assert caught.value.reason == "too-big" and "300 dpi" in caught.value.message


def test_a_large_picture_within_the_bounds_is_read_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.new("1", (10_000, 9_500), 1).save(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = ocr.read_picture(path, "00", DEFAULT, tmp_path)
    assert source.text == "" and source.page_count == 1


def test_a_photograph_without_a_resolution_is_taken_for_a4(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    pictures(paper_pdf())[0].save(path, "JPEG")
    source = ocr.read_picture(path, "00", DEFAULT, tmp_path / "kept")
    assert error_rate(printed(), flat(source.text)) < 0.01
    assert max(word.bbox[2] for word in source.words) < 595


@pytest.mark.parametrize(
    ("read_as", "mended"),
    [
        ("bảo hiếm y tế của các tố chức", "bảo hiểm y tế của các tổ chức"),
        ("Triến khai công tác chuyến đối số", "Triển khai công tác chuyển đổi số"),
        ("Quyết định số 2545/QD-TTg ngày 03/1 2/2021", "Quyết định số 2545/QĐ-TTg ngày 03/12/2021"),
        ("tại Công văn số I985/SYT-NVY", "tại Công văn số 1985/SYT-NVY"),
    ],
)
def test_repairs(read_as: str, mended: str) -> None:
    assert Text.of(read_as).edit(mend(read_as)).clean == mended


@pytest.mark.parametrize(
    "line", ["huyện Văn Bàn", "ông Lê Văn Bàn", "phân bố kinh phí", "mùa bão", "12 chỉ tiêu", "Số: 15155/QLD-VP"]
)
def test_what_can_be_meant_stays_as_read(line: str) -> None:
    assert mend(line) == []


def test_a_value_that_hangs_on_a_repair_is_flagged() -> None:
    text = (
        "BỘ XÂY DỰNG\nSố: 31/BXD-KHCN\n\nHà Nội, ngày 12 tháng 11 năm 2023\n\nKính gửi: Sở Xây dựng các tỉnh\n\n"
        "Căn cứ Quyết định số 2545/QD-TTg ngày 15/11/2021 của Thủ tướng Chính phủ về mạng lưới trạm đo;\n"
        "Đề nghị các Sở báo cáo trước ngày 20/12/2023./.\n"
    )
    source = Source(
        path="scan.pdf", sha256="0" * 64, media_type="application/pdf", text_origin="ocr", text=text, page_count=1
    )
    record = extract(source)
    (reference,) = record.references
    assert reference.code == "2545/QĐ-TTg" and "2545/QD-TTg" in reference.evidence.text
    flagged = [flag for flag in record.flags if flag.rule == "ocr/repair"]
    assert [(flag.code, flag.evidence and flag.evidence.text) for flag in flagged] == [
        ("low-ocr-confidence", "2545/QD-TTg")
    ]
    assert not any(flag.rule == "ocr/repair" for flag in extract(replace(source, text_origin="plain")).flags)
