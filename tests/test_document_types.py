"""Kinds of document by title line, by code and by notation."""

from __future__ import annotations

import pytest

from extractors import document_types, tables

TITLES = """
KẾ HOẠCH = kế hoạch KH
thông báo = thông báo TB
Thông báo kết luận = thông báo TB
THÔNG BÁO TUYỂN DỤNG NHÂN VIÊN = thông báo TB
TỜ TRÌNH = tờ trình TTr
GIẤY MỜI = giấy mời GM
GIẤY MỜI HỌP = giấy mời GM
THƯ MỜI = thư mời -
CÔNG ĐIỆN = công điện CĐ
CÔNG ĐIỆN KHẨN = công điện CĐ
CÔNG VĂN = công văn -
BẢN THOẢ THUẬN = bản thỏa thuận BTT
BẢN GHI NHỚ = bản ghi nhớ BGN
PHÁP LỆNH = pháp lệnh -
LUẬT = luật -
LỆNH = lệnh L
NGHỊ ĐỊNH = nghị định NĐ
THÔNG TƯ = thông tư TT
THÔNG TƯ LIÊN TỊCH = thông tư liên tịch TTLT
NGHỊ QUYẾT LIÊN TỊCH = nghị quyết liên tịch NQLT
VĂN BẢN HỢP NHẤT = văn bản hợp nhất VBHN
KẾT LUẬN = kết luận KL
QUY ĐỊNH = quy định QyĐ
QUY CHẾ PHỐI HỢP = quy chế QC
KẾ HOẠCH LIÊN NGÀNH = kế hoạch KH
CHƯƠNG TRÌNH HÀNH ĐỘNG = chương trình CTr
BÁO CÁO TÓM TẮT = báo cáo BC
Q U Y Ế T Đ Ị N H = quyết định QĐ
CHỈ THỊ CỦA CHỦ TỊCH = chỉ thị CT
HỢP ĐỒNG LAO ĐỘNG = hợp đồng HĐ
THÔNG CÁO BÁO CHÍ = thông cáo TC
""".strip().splitlines()

NOTATIONS = """
KH-UBND = kế hoạch
2019/QĐ-TTg = quyết định
KL/TU = kết luận
CV-HCTĐ = công văn
TT/TU = thông tri
TT-BYT = thông tư
2007/TTLT-BTC-BYT = thông tư liên tịch
QĐ/UB = quyết định
QĐ/TW = -
QĐ/TU = -
UBND-KTN = -
QH14 = -
KHPH-SYT-SGDĐT = kế hoạch
TTr/HLG = tờ trình
GM-SYT = giấy mời
TM-SNV = thư mời
""".strip().splitlines()


@pytest.mark.parametrize("row", TITLES)
def test_kind_by_title(row: str) -> None:
    line, kind = row.split(" = ")
    name, code = kind.rsplit(" ", 1)
    found = document_types.by_title(line)
    assert found is not None and (found.name, found.code) == (name, None if code == "-" else code)


@pytest.mark.parametrize(
    "line", ["ĐƠN VỊ", "", "Kế hoạch đầu tư công", "CỘNG HÒA", "THÔNG TIN", "LUẬT SƯ", "CHƯƠNG", "QUYẾT ĐỊNH" * 40]
)
def test_no_kind_by_title(line: str) -> None:
    assert document_types.by_title(line) is None


@pytest.mark.parametrize("row", NOTATIONS)
def test_kind_by_notation(row: str) -> None:
    notation, name = row.split(" = ")
    found = document_types.by_notation(notation)
    assert (found.name if found else "-") == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("TTR", "tờ trình"),
        ("HD", "hướng dẫn"),
        ("HĐ", "hợp đồng"),
        ("DA", "dự án"),
        ("ĐA", "đề án"),
        ("CĐ", "công điện"),
    ],
)
def test_codes_that_differ_by_a_stroke(code: str, name: str) -> None:
    found = document_types.by_code(code)
    assert found is not None and found.name == name


@pytest.mark.parametrize("code", ["CD", "QH15", "UBTVQH14", "UBND", "SYT", ""])
def test_no_code_of_a_kind(code: str) -> None:
    assert document_types.by_code(code) is None


def test_the_29_kinds_of_the_decree() -> None:
    [group] = [g for g in tables.document_types().groups if g.family == "administrative"]
    assert len(group.kinds) == 29 and sum(1 for code in group.kinds.values() if not code) == 2
    names = document_types.title_names()
    assert all(document_types.by_name(name) is not None for name in names)
    assert [len(n) for n in names] == sorted((len(n) for n in names), reverse=True)
