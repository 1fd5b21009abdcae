"""Words with boxes to canonical text: pages as OCR hands them on, and pages that no dispatch looks like."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence

import pytest

from models.page import RawPage, RawTable, RawWord
from pipeline.pages.layout import LaidOut, lay_out
from pipeline.pages.rows import rows_of, runs_of


def line(text: str, x: float, y: float, *, number: int = -1, width: float = 6.0, jitter: float = 0.0) -> list[RawWord]:
    """The words of a line as an OCR program boxes them: tight, so that only some reach below the baseline ``y``."""
    words = []
    for index, word in enumerate(text.split()):
        low = y + (3 if any(c in "gpqy,;" or "\u0323" in unicodedata.normalize("NFD", c) for c in word) else 0)
        high = y - (12 if any(c.isupper() or not c.isascii() for c in word) else 8)
        shift = jitter * (index % 3)
        words.append(RawWord(word, (x, high + shift, x + width * len(word), low + shift), line=number, confidence=0.9))
        x += width * (len(word) + 1)
    return words


def page(*lines: Sequence[RawWord], number: int = 1, tables: tuple[RawTable, ...] = ()) -> RawPage:
    return RawPage(number, 595, 842, tuple(w for words in lines for w in words), "ocr", "a test", tables)


HEAD = (
    line("UBND TỈNH THỬ NGHIỆM", 90, 62),
    line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 290, 58),
    line("SỞ THỬ NGHIỆM", 110, 78),
    line("Độc lập - Tự do - Hạnh phúc", 330, 75),
    line("Số: 57/STN-QLTN", 105, 104),
    line("Thử Nghiệm, ngày 09 tháng 4 năm 2024", 300, 106),
)
HEAD_TEXT = """\
UBND TỈNH THỬ NGHIỆM
SỞ THỬ NGHIỆM
Số: 57/STN-QLTN

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Thử Nghiệm, ngày 09 tháng 4 năm 2024
"""
BODY = (
    line("Thực hiện kế hoạch của tỉnh về bảo vệ nước dưới đất trong mùa khô năm", 120, 200),
    line("nay, các đơn vị kiểm kê toàn bộ giếng khoan không còn sử dụng ở địa bàn ta", 85, 220),
    line("và báo cáo trước ngày 30 tháng 6.", 85, 240),
    line("Yêu cầu các đơn vị thực hiện nghiêm túc và báo cáo kết quả trước hạn ./.", 120, 266),
)


def text_of(*pages: RawPage) -> str:
    laid = lay_out(pages)
    check(laid)
    return laid.text


def check(laid: LaidOut) -> None:
    assert unicodedata.is_normalized("NFC", laid.text)
    assert "\n\n\n" not in laid.text and not laid.text.startswith("\n")
    for word in laid.words:
        assert laid.text[word.start : word.end].strip()
    assert [w.start for w in laid.words] == sorted(w.start for w in laid.words)


def test_letterhead_of_a_scan() -> None:
    assert text_of(page(*HEAD, *BODY)).startswith(HEAD_TEXT + "\nThực hiện")


def test_letterhead_survives_slips_and_glued_words() -> None:
    slips = (
        *HEAD[:1],
        line("CỌNG HÒA XÀ HỘI CHÙ NGHĨA VIỆT NAM", 290, 58),
        *HEAD[2:5],
        line("Thử Nghiệm, ngày09tháng 4 năm 2024", 300, 106),
    )
    text = text_of(page(*slips, line("THÔNG BÁO", 280, 150), *BODY))
    assert "Số: 57/STN-QLTN\n\nCỌNG HÒA" in text
    assert "ngày09tháng 4 năm 2024\n\nTHÔNG BÁO\n\nThực hiện" in text


def test_letterhead_without_its_motto_is_told_by_the_date_line() -> None:
    text = text_of(page(HEAD[2], HEAD[4], line("Thử Nghiệm, ngày 09 tháng 4 năm 2024", 300, 105), *BODY))
    assert text.startswith("SỞ THỬ NGHIỆM\nSố: 57/STN-QLTN\n\nThử Nghiệm, ngày 09 tháng 4 năm 2024\n\nThực hiện")


def test_a_party_letterhead() -> None:
    head = (
        line("TỈNH ỦY THỬ NGHIỆM", 90, 60),
        line("ĐẢNG CỘNG SẢN VIỆT NAM", 340, 60),
        line("*", 150, 78),
        line("Số 12-KL/TU", 105, 96),
        line("Thử Nghiệm, ngày 02 tháng 5 năm 2024", 310, 96),
    )
    expected = "TỈNH ỦY THỬ NGHIỆM\nSố 12-KL/TU\n\nĐẢNG CỘNG SẢN VIỆT NAM\nThử Nghiệm, ngày 02 tháng 5 năm 2024\n\n"
    assert text_of(page(*head, *BODY)).startswith(expected)


def test_paragraphs_of_a_scan_hold_together() -> None:
    blocks = text_of(page(*BODY)).strip().split("\n\n")
    assert [len(block.split("\n")) for block in blocks] == [3, 1]


@pytest.mark.parametrize("shift", [-12, 0, 12])
def test_the_foot_of_a_scan(shift: float) -> None:
    left = ("Nơi nhận:", "- Như trên;", "- Ủy ban nhân dân tỉnh để báo cáo;", "- Lưu: VT.")
    right = ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Trần Thử Bút")
    foot = [line(text, 90, 320 + 14 * k) for k, text in enumerate(left)]
    foot += [line(text, 400 - 3 * len(text), 320 + shift + (0, 18, 90)[k]) for k, text in enumerate(right)]
    text = text_of(page(*HEAD, *BODY, *foot))
    assert text.endswith("./.\n\n" + "\n".join(left) + "\n\n" + "\n".join(right) + "\n")


def test_a_word_of_a_long_recipient_stays_on_its_line() -> None:
    left = ("Nơi nhận:", "- Văn phòng Ủy ban nhân dân tỉnh Thử Nghiệm Một;", "- Lưu: VT.")
    foot = [line(text, 90, 320 + 14 * k, width=5.6) for k, text in enumerate(left)]
    text = text_of(page(*BODY, *foot, line("GIÁM ĐỐC", 400, 318), line("Trần Thử Bút", 385, 400)))
    assert text.endswith("\n".join(left) + "\n\nGIÁM ĐỐC\nTrần Thử Bút\n")


def test_a_table_given_by_its_strings() -> None:
    words = [*line("STT Đơn vị", 100, 300), *line("1 Xã Thử", 100, 320)]
    table = RawTable((90, 285, 300, 330), rows=(("STT", "Đơn vị"), ("1", "Xã Thử"), (None, "lạc")))
    laid = lay_out([page(*BODY, words, tables=(table,))])
    (region,) = laid.regions
    assert laid.text[region.start : region.end] == "STT | Đơn vị\n1 | Xã Thử\n | lạc"
    assert next(w for w in laid.words if laid.text[w.start : w.end] == "Thử" and w.start > region.start).bbox[1] < 320


def test_a_letterhead_in_a_ruled_frame_is_no_table() -> None:
    cells = (((80, 40, 280, 120), (280, 40, 560, 120)), ((80, 120, 280, 125), (280, 120, 560, 125)))
    text = text_of(page(*HEAD, *BODY, tables=(RawTable((80, 40, 560, 125), cells=cells),)))
    assert text.startswith(HEAD_TEXT)


def test_decomposed_and_private_characters() -> None:
    words = [*line(unicodedata.normalize("NFD", "Sở Thử nghiệm"), 120, 300), *line("\uf0b7 K\u00adH \u200b", 120, 330)]
    assert text_of(page(words)) == "Sở Thử nghiệm\n\n• K-H\n"


def test_words_printed_twice_for_bold_are_read_once() -> None:
    words = line("KẾ HOẠCH", 250, 150)
    again = [RawWord(w.text, tuple(v + 0.4 for v in w.bbox)) for w in words]  # type: ignore[arg-type]
    assert text_of(page(words, again)) == "KẾ HOẠCH\n"


def test_nothing_at_all() -> None:
    assert lay_out([]) == LaidOut("", (), (), ())
    laid = lay_out([page(), page(number=2)])
    assert (laid.text, [(p.start, p.end) for p in laid.pages]) == ("", [(0, 0), (0, 0)])


@pytest.mark.parametrize("seed", range(120))
def test_no_page_breaks_it_and_no_word_is_lost_or_said_twice(seed: int) -> None:
    rng = random.Random(seed)
    vocabulary = [
        "Nơi",
        "nhận:",
        "CỘNG",
        "HÒA",
        "XÃ",
        "HỘI",
        "Số:",
        "ngày",
        "tháng",
        "năm",
        "2024",
        "Kính",
        "gửi",
        "PHỤ",
        "LỤC",
        "xã",
    ]
    pages = []
    for number in range(1, rng.randint(2, 4)):
        words = []
        for index in range(rng.randint(1, 120)):
            x, y = rng.uniform(30, 550), rng.uniform(100, 740)
            text = rng.choice(vocabulary) + (f"x{index}" if rng.random() < 0.7 else "")
            words.append(
                RawWord(
                    text,
                    (x, y, x + 5 * len(text), y + rng.uniform(6, 16)),
                    line=rng.choice([-1, index // 5]),
                    raised=rng.random() < 0.05,
                )
            )
        pages.append(RawPage(number, 595, 842, tuple(words), "ocr", "noise"))
    laid = lay_out(pages)
    check(laid)
    assert sorted(laid.text.split()) == sorted(w.text for p in pages for w in p.words)


def test_rows_and_runs() -> None:
    words = [*line("một hai", 300, 100), *line("ba bốn", 90, 102), *line("năm", 90, 130)]
    rows = rows_of(words)
    assert [row.text for row in rows] == ["ba bốn một hai", "năm"]
    assert [run.text for run in runs_of(rows[0], 40)] == ["ba bốn", "một hai"]
