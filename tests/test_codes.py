"""The grammar of số, ký hiệu: what is a code, what only looks like one, and what a number line says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.codes import Code, find_codes, header_code


def only(text: str) -> Code:
    (found,) = find_codes(text)
    return found


@pytest.mark.parametrize(
    ("printed", "number", "notation", "kind"),
    [
        ("58/2021/NĐ-CP", "58", "2021/NĐ-CP", "nghị định"),
        ("1320/QĐ-UBND", "1320", "QĐ-UBND", "quyết định"),
        ("2716/UBND-KTN", "2716", "UBND-KTN", "công văn"),
        ("83/VPĐP-NV&MT", "83", "VPĐP-NV&MT", "công văn"),
        ("77/KH-BYT-BGD&ĐT", "77", "KH-BYT-BGD&ĐT", "kế hoạch"),
        ("48/2019/QH14", "48", "2019/QH14", None),
        ("58/2022/UBTVQH15", "58", "2022/UBTVQH15", None),
        ("66.3/2025/NQ-CP", "66.3", "2025/NQ-CP", "nghị quyết"),
        ("30b/NQ-CP", "30b", "NQ-CP", "nghị quyết"),
        ("22/2003/QĐ-UB", "22", "2003/QĐ-UB", "quyết định"),
        ("31207/SNNMT-QLTL", "31207", "SNNMT-QLTL", "công văn"),
        ("112-KL/TU", "112", "KL/TU", "kết luận"),
        ("36-HD/VPTW", "36", "HD/VPTW", "hướng dẫn"),
        ("07-NQ/TU", "07", "NQ/TU", "nghị quyết"),
        ("41-QĐ/TW", "41", "QĐ/TW", None),
        ("05-TTr/HLG", "05", "TTr/HLG", "tờ trình"),
        ("24/NQ-TU", "24", "NQ-TU", "nghị quyết"),
        ("36/2014/TTLT-BKHCN-BTC", "36", "2014/TTLT-BKHCN-BTC", "thông tư liên tịch"),
        ("09/VBHN-BTC", "09", "VBHN-BTC", "văn bản hợp nhất"),
        ("03/BC-HDN-K2", "03", "BC-HDN-K2", "báo cáo"),
        ("5512/CT-TTHT", "5512", "CT-TTHT", "công văn"),
        ("11/CT-TTg", "11", "CT-TTg", "chỉ thị"),
        ("77/CV-HKH", "77", "CV-HKH", "công văn"),
    ],
)
def test_a_code_as_it_should_be(printed: str, number: str, notation: str, kind: str | None) -> None:
    text = f"theo {printed} nêu trên"
    found = only(text)
    assert text[found.start : found.end] == printed
    assert (found.canonical, found.number, found.notation) == (printed, number, notation)
    assert (found.kind, found.repaired) == (kind, False)


@pytest.mark.parametrize(
    ("text", "canonical", "repaired"),
    [
        ("Công văn số 9021/SXD-KTXD& VLXD", "9021/SXD-KTXD&VLXD", False),
        ("Công văn 857 /UBND-TH", "857/UBND-TH", False),
        ("Số: 61 /QĐ-SCT", "61/QĐ-SCT", False),
        ("Quyết định số 44 /2005/QĐ-UBND", "44/2005/QĐ-UBND", False),
        ("Quyết định số 22 / 2003 / QĐ-UB", "22/2003/QĐ-UB", False),
        ("Nghị định số 83/2017/NĐ- CP", "83/2017/NĐ-CP", False),
        ("Kết luận số 1150-\nKL/TU", "1150-KL/TU", False),
        ("Quyết định số 14/QĐ–TTg", "14/QĐ-TTg", False),
        ("Nghị quyết số 18 -NQ/TW", "18-NQ/TW", False),
        ("Quyết định 1536/QĐUBND", "1536/QĐ-UBND", True),
        ("Nghị định 58/2021/NĐCP", "58/2021/NĐ-CP", True),
        ("Thông báo số 9/TBVPCP", "9/TB-VPCP", True),
        ("Quyết định số 1536 QĐ-UBND", "1536/QĐ-UBND", True),
        ("Nghị quyết số 57 NQ/TW", "57-NQ/TW", True),
        ("Nghị định số 58/2021/NĐ-CP1, Sở", "58/2021/NĐ-CP", True),
        ("Quyết định số: 12/QÐ-UBND", "12/QĐ-UBND", False),
        ("Nghị quyết 06/TU", "06/TU", False),
        ("Công văn số 463/UB", "463/UB", False),
        ("Nghị quyết số 05/NQ/TU", "05/NQ/TU", False),
        ("Nghị định số 90-CP", "90-CP", False),
        ("Hợp đồng số 12/HĐKT/2024", "12/HĐKT/2024", False),
        ("Công văn 12/UBND-THngày 03/5/2024", "12/UBND-TH", False),
    ],
)
def test_a_code_broken_by_typing_or_extraction(text: str, canonical: str, repaired: bool) -> None:
    found = only(text)
    assert (found.canonical, found.repaired) == (canonical, repaired)


@pytest.mark.parametrize(
    "text",
    [
        "ngày 12/12/2024", "12/2024-05/2025", "13/17 xã", "24/24 giờ", "0232.3822.456", "60km/h",
        "48 triệu đồng/người/năm", "và/hoặc", "tỷ lệ 1/500", "số nhà 45/2B-K3", "Mẫu số 05/TB-KNTC", "Biểu số 03/BC-TH",
        "số      /QĐ-UBND", "số …/…/NĐ-CP", "số    /2024/QĐ-UBND", "chỉ số 3/KT-XH", "02 HS/1 GV", "VD-12345-16",
        "M12x50/A2", "1.022553.000.00.00.H38",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_code(text: str) -> None:
    assert list(find_codes(text)) == []


def test_a_lost_hyphen_is_put_back_only_before_a_known_issuer() -> None:
    assert only("Công văn số 88/TTYT-KHNV").groups == ("TTYT", "KHNV")
    assert only("Kế hoạch số 88/BCĐ-VP").canonical == "88/BCĐ-VP"


def test_codes_stay_within_the_span_asked_for() -> None:
    text = "Quyết định số 12/QĐ-UBND; Quyết định số 13/QĐ-UBND"
    assert [c.canonical for c in find_codes(text)] == ["12/QĐ-UBND", "13/QĐ-UBND"]
    assert [c.canonical for c in find_codes(text, 26)] == ["13/QĐ-UBND"]
    assert [c.canonical for c in find_codes(text, 0, 24)] == ["12/QĐ-UBND"]


def test_issuers_of_two_notations_compare() -> None:
    assert only("12/2024/TT-BTC").issuer == only("30/TT-BTC").issuer == ("BTC",)
    assert only("số 12/UBND-TH").issuer == only("15/QĐ-UBND").issuer
    assert only("Luật số 48/2019/QH14").issuer == only("Nghị quyết số 12/2022/QH15").issuer


@pytest.mark.parametrize(
    ("line", "number", "notation", "code"),
    [
        ("Số: 2716/UBND-ĐT", "2716", "UBND-ĐT", "2716/UBND-ĐT"),
        ("Số:        /TTr-SNV", None, "TTr-SNV", None),
        ("Số: /KH-UBND", None, "KH-UBND", None),
        ("Số: …/KH-UBND", None, "KH-UBND", None),
        ("Số: …/…/NĐ-CP", None, "NĐ-CP", None),
        ("Số:     /2024/QĐ-UBND", None, "2024/QĐ-UBND", None),
        ("Số:     -KL/TU", None, "KL/TU", None),
        ("Số 36-HD/VPTW", "36", "HD/VPTW", "36-HD/VPTW"),
        ("Số: 241 / 2003 / QĐ-UB", "241", "2003/QĐ-UB", "241/2003/QĐ-UB"),
        ("Số: 2954b/SYT-NVY", "2954b", "SYT-NVY", "2954b/SYT-NVY"),
        ("Số: 03/KH-UBND", "03", "KH-UBND", "03/KH-UBND"),
        ("SỐ: 637/KH-UBND", "637", "KH-UBND", "637/KH-UBND"),
        ("Số: 61    /QĐ-SCT", "61", "QĐ-SCT", "61/QĐ-SCT"),
        ("Số: 127/2003/QĐ-TTg", "127", "2003/QĐ-TTg", "127/2003/QĐ-TTg"),
        ("Số 112-KL/TU", "112", "KL/TU", "112-KL/TU"),
        ("Số: 58/TB-KT&ĐBCL", "58", "TB-KT&ĐBCL", "58/TB-KT&ĐBCL"),
        ("Số: 12/QĐUBND", "12", "QĐ-UBND", "12/QĐ-UBND"),
        ("Số: O8/KH-SYT", "08", "KH-SYT", "08/KH-SYT"),
        ("Số:\n1390/BGDĐT-QLCL", "1390", "BGDĐT-QLCL", "1390/BGDĐT-QLCL"),
        ("Số: 12", "12", None, None),
    ],
)
def test_the_number_line(line: str, number: str | None, notation: str | None, code: str | None) -> None:
    found = header_code(line)
    assert found is not None
    assert (found.number, found.notation, found.code) == (number, notation, code)


@pytest.mark.parametrize("line", ["Số:", "Kính gửi: Ủy ban nhân dân tỉnh", "", "Hà Nội, ngày 05 tháng 3 năm 2024"])
def test_a_line_without_number_or_notation(line: str) -> None:
    assert header_code(line) is None


def test_a_repaired_number_line_says_so() -> None:
    repaired, plain = header_code("Số: 12/QĐUBND"), header_code("Số: 12/QĐ-UBND")
    assert repaired is not None and repaired.repaired and repaired.kind == "quyết định"
    assert plain is not None and not plain.repaired


@given(st.text(alphabet="Số quyết định12/-–.&QĐUBNDTTrKL\n ", max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    position = 0
    for code in find_codes(text):
        assert position <= code.start < code.end <= len(text)
        assert " " not in code.canonical and code.number in code.canonical
        position = code.end
    header_code(text)
