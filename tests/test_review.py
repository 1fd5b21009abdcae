"""Flags: what a careful archivist would question, on invented dispatches."""

from __future__ import annotations

import pytest

from pipeline.extract import extract
from pipeline.read import read_bytes

HEAD = """ỦY BAN NHÂN DÂN
TỈNH SƠN LA

Số: 77/KH-UBND

Sơn La, ngày 05 tháng 5 năm 2024

KẾ HOẠCH
Phát triển du lịch cộng đồng năm 2024

"""
FOOT = """

Nơi nhận:
- Sở Tài chính;
- Lưu: VT.

CHỦ TỊCH

Vũ Thị Lan
"""


def flags(body: str, head: str = HEAD, foot: str = FOOT) -> dict[str, list[str]]:
    (source,), failures = read_bytes((head + body + foot).encode("utf-8"), "made.txt")
    assert not failures
    found: dict[str, list[str]] = {}
    for flag in extract(source).flags:
        found.setdefault(flag.code, []).append(f"{flag.message} {flag.evidence.text if flag.evidence else ''}")
    return found


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (
            "Kinh phí thực hiện là 900 triệu đồng (ngân sách tỉnh 500 triệu đồng; ngân sách huyện 300 triệu đồng).",
            "sum-mismatch",
            "add up to 800",
        ),
        (
            "Căn cứ Quyết định số 12/QĐ-UBND ngày 31/02/2023 của UBND tỉnh về quản lý di tích.",
            "impossible-date",
            "no such day",
        ),
        (
            "Căn cứ Quyết định số 12/QĐ-UBND ngày 01/9/2024 của UBND tỉnh về quản lý di tích.",
            "impossible-date",
            "after",
        ),
        (
            "Căn cứ Công văn số 55/UBND-VX ngày 10/3/2012 của UBND tỉnh về việc điều chỉnh Kế hoạch số "
            "90/KH-UBND ngày 15/6/2023 của UBND tỉnh.",
            "impossible-date",
            "one of the years",
        ),
        (
            "Căn cứ Kế hoạch số 321/KH-BCĐ ngày 02/02/2024 của Ban Chỉ đạo; thực hiện Kế hoạch số 321/KH-UBND ngày "
            "02/02/2024 của UBND tỉnh.",
            "conflicting-citation",
            "321",
        ),
        ("Thực hiện Quyết định số 45/QĐUBND ngày 03/01/2024 của UBND tỉnh.", "repaired-code", "45/QĐ-UBND"),
        ("Các xã phân đấu hoàn thành nhiệm vụ được giao.", "suspected-misspelling", "phấn đấu"),
        ("Các huyện lập danh sách (kèm theo biểu số 02).", "missing-annex", "biểu số 02"),
        (
            "1. Sở Y tế\n\n- Rà soát.\n\n2. Sở Nội vụ\n\n- Rà soát.\n\n2. Sở Tư pháp\n\n- Rà soát.",
            "duplicate-section",
            "2",
        ),
    ],
)
def test_doubts_are_flagged(body: str, code: str, words: str) -> None:
    found = flags(body)
    assert any(words in text for text in found.get(code, [])), found


@pytest.mark.parametrize(
    "body",
    [
        "Kinh phí thực hiện là 800 triệu đồng (ngân sách tỉnh 500 triệu đồng; ngân sách huyện 300 triệu đồng).",
        "Căn cứ Quyết định số 12/QĐ-UBND ngày 28/02/2023 của UBND tỉnh về quản lý di tích.",
        "1. Sở Y tế\n\n- Rà soát.\n\n2. Sở Nội vụ\n\n- Rà soát.\n\n3. Sở Tư pháp\n\n- Rà soát.",
    ],
)
def test_a_sound_dispatch_has_no_flag(body: str) -> None:
    assert flags(body) == {}


def test_blanks_are_named() -> None:
    head = HEAD.replace("Số: 77/KH-UBND", "Số:      /KH-UBND").replace("ngày 05 tháng 5", "ngày     tháng 5")
    found = flags("Các huyện rà soát.", head, FOOT.replace("Vũ Thị Lan\n", ""))
    assert {"missing-number", "incomplete-date", "missing-signer"} <= set(found)


def test_a_lost_kt_is_put_back_and_said_so() -> None:
    found = flags("Các huyện rà soát.", foot=FOOT.replace("CHỦ TỊCH\n", "CHỦ TỊCH\nPHÓ CHỦ TỊCH\n"))
    assert any("KT. is inferred" in text for text in found["inferred-value"])
