"""Kính gửi, Nơi nhận and the signature block, on invented lines."""

from __future__ import annotations

import pytest

from extractors.recipients import addressees, copies
from extractors.signer import find_signer
from extractors.zones import segment
from models.reading import Reading
from models.text import Text
from pipeline.normalise import normalise


def reading(foot: str, to: str = "- Sở Y tế;\n- Công an tỉnh.") -> Reading:
    head = "ỦY BAN NHÂN DÂN\nTỈNH SƠN LA\n\nSố: 12/UBND-VX\nSơn La, ngày 05 tháng 5 năm 2024\n\nKính gửi:\n"
    body = "\n\nĐề nghị các cơ quan triển khai thực hiện./.\n\n"
    return segment(normalise(Text.of(head + to + body + foot).compose().clean))


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("- Bộ Y tế, Bộ Tài chính;", ["Bộ Y tế", "Bộ Tài chính"]),
        ("- Thường trực Tỉnh ủy; Thường trực HĐND tỉnh;", ["Thường trực Tỉnh ủy", "Thường trực HĐND tỉnh"]),
        ("- Chủ tịch, các PCT UBND tỉnh;", ["Chủ tịch, các PCT UBND tỉnh"]),
        ("- Giám đốc, các Phó Giám đốc Sở;", ["Giám đốc, các Phó Giám đốc Sở"]),
        ("- UBND các huyện, thị xã, thành phố;", ["UBND các huyện, thị xã, thành phố"]),
        ("- Tỉnh ủy, HĐND, UBND tỉnh Cà Mau;", ["Tỉnh ủy, HĐND, UBND tỉnh Cà Mau"]),
        ("- Báo Sơn La, Đài Phát thanh và Truyền hình tỉnh;", ["Báo Sơn La", "Đài Phát thanh và Truyền hình tỉnh"]),
        ("- TAND, VKSND tỉnh;", ["TAND, VKSND tỉnh"]),
        ("- Sở Tư pháp, Cục Thuế tỉnh;", ["Sở Tư pháp", "Cục Thuế tỉnh"]),
        ("- Vụ TC, PC (Bộ Xây dựng);", ["Vụ TC, PC (Bộ Xây dựng)"]),
        ("- Phòng NV, QLVT;", ["Phòng NV, QLVT"]),
        ("- CVP, các PCVP UBND tỉnh;", ["CVP, các PCVP UBND tỉnh"]),
        ("- CVP, các PCVP;", ["CVP", "các PCVP"]),
        ("- TT. Tỉnh ủy, UBND tỉnh, Công an tỉnh;", ["TT. Tỉnh ủy", "UBND tỉnh", "Công an tỉnh"]),
        ("- TT. Tỉnh ủy, HĐND tỉnh;", ["TT. Tỉnh ủy, HĐND tỉnh"]),
        ("- LĐ, CV Phòng;", ["LĐ, CV Phòng"]),
        ("- Hiệu trưởng các trường mầm non, THCS trong huyện;", ["Hiệu trưởng các trường mầm non, THCS trong huyện"]),
        ("- Các Bộ: Công an, Quốc phòng, Nội vụ;", ["Các Bộ: Công an, Quốc phòng, Nội vụ"]),
        (
            "- Các đơn vị thuộc Sở theo\nQuyết định số 12/QĐ-SYT ngày 01/02/2024;",
            ["Các đơn vị thuộc Sở theo Quyết định số 12/QĐ-SYT ngày 01/02/2024"],
        ),
        ("- Văn phòng UBND tỉnh:\n  + LĐVP, TH;\n  + KGVX;", ["Văn phòng UBND tỉnh: LĐVP, TH, KGVX"]),
    ],
)
def test_a_line_is_split_only_where_every_part_stands_alone(line: str, names: list[str]) -> None:
    found = copies(reading(f"Nơi nhận:\n- Như trên;\n{line}\n- Lưu: VT.\n\nCHỦ TỊCH\n\nVũ Thị Lan"))
    assert found.same_as_addressees
    assert found.archived_at == "VT"
    assert [copy.name.replace("; KGVX", ", KGVX") for copy in found.copies] == names


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- Bộ Nội vụ (để b/c);", [("Bộ Nội vụ", "để b/c")]),
        (
            "- TT. Tỉnh ủy; TT. HĐND tỉnh (để báo cáo);",
            [("TT. Tỉnh ủy", "để báo cáo"), ("TT. HĐND tỉnh", "để báo cáo")],
        ),
        ("- Bộ Xây dựng; (B/c)", [("Bộ Xây dựng", "B/c")]),
        ("- Văn phòng Chính phủ để báo cáo;", [("Văn phòng Chính phủ", "để báo cáo")]),
        ("- Trung tâm Công báo (niêm yết công khai);", [("Trung tâm Công báo", "niêm yết công khai")]),
        ("- Phó Giám đốc (đ/c Hà);", [("Phó Giám đốc (đ/c Hà)", None)]),
    ],
)
def test_purposes(line: str, expected: list[tuple[str, str | None]]) -> None:
    found = copies(reading(f"Nơi nhận:\n{line}\n- Lưu: VT.\n\nCHỦ TỊCH\n\nVũ Thị Lan"))
    assert [(copy.name, copy.purpose) for copy in found.copies] == expected


@pytest.mark.parametrize(
    ("to", "names"),
    [
        ("- Sở Y tế;\n- Công an tỉnh.", ["Sở Y tế", "Công an tỉnh"]),
        (
            "- Bộ Chỉ huy Quân sự tỉnh, Công an tỉnh;\n- UBND các xã, phường.",
            ["Bộ Chỉ huy Quân sự tỉnh", "Công an tỉnh", "UBND các xã, phường"],
        ),
        ("Chủ tịch Ủy ban nhân dân tỉnh", ["Chủ tịch Ủy ban nhân dân tỉnh"]),
        (
            "- Hiệu trưởng các trường trung học phổ thông trên địa bàn\ntỉnh.",
            ["Hiệu trưởng các trường trung học phổ thông trên địa bàn tỉnh"],
        ),
    ],
)
def test_addressees(to: str, names: list[str]) -> None:
    assert [a.name for a in addressees(reading("Nơi nhận:\n- Lưu: VT.", to))] == names


@pytest.mark.parametrize(
    ("block", "authority", "position", "name"),
    [
        ("KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\n\nVũ Thị Lan", ["KT. CHỦ TỊCH"], "PHÓ CHỦ TỊCH", "Vũ Thị Lan"),
        ("TM. ỦY BAN NHÂN\nDÂN\nCHỦ TỊCH\nVũ\nThị Lan", ["TM. ỦY BAN NHÂN DÂN"], "CHỦ TỊCH", "Vũ Thị Lan"),
        (
            "TL. BỘ TRƯỞNG\nKT. CHÁNH VĂN PHÒNG\nPHÓ CHÁNH VĂN PHÒNG\n(Đã ký)\nTS. Hồ Minh An",
            ["TL. BỘ TRƯỞNG", "KT. CHÁNH VĂN PHÒNG"],
            "PHÓ CHÁNH VĂN PHÒNG",
            "Hồ Minh An",
        ),
        (
            "KT. BỘ TRƯỞNG,\nCHỦ NHIỆM\nPHÓ CHỦ NHIỆM\nHồ Minh An",
            ["KT. BỘ TRƯỞNG, CHỦ NHIỆM"],
            "PHÓ CHỦ NHIỆM",
            "Hồ Minh An",
        ),
        ("GIÁM ĐỐC", [], "GIÁM ĐỐC", None),
        (
            "TM.\nỦY BAN NHÂN DÂN\nKT.\nCHỦ TỊCH\nPHÓ\nCHỦ TỊCH\nVũ\nThị Lan",
            ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"],
            "PHÓ CHỦ TỊCH",
            "Vũ Thị Lan",
        ),
        ("KT. TỔNG GIÁM ĐỐC\nPHÓ TỔNG GIÁM ĐỐC\nHồ Minh An", ["KT. TỔNG GIÁM ĐỐC"], "PHÓ TỔNG GIÁM ĐỐC", "Hồ Minh An"),
        (
            "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH\nHồ Minh An",
            ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"],
            "PHÓ CHỦ TỊCH",
            "Hồ Minh An",
        ),
        (
            "KT. BỘ TRƯỞNG - TRƯỞNG BAN\nPHÓ TRƯỞNG BAN\nHồ Minh An",
            ["KT. BỘ TRƯỞNG - TRƯỞNG BAN"],
            "PHÓ TRƯỞNG BAN",
            "Hồ Minh An",
        ),
        ("KT. GIÁM\nĐỐC\nPHÓ GIÁM\nĐỐC\nVũ Thị Lan", ["KT. GIÁM ĐỐC"], "PHÓ GIÁM ĐỐC", "Vũ Thị Lan"),
        ("GIÁM ĐỐC\nPHÓ GIÁM ĐỐC\nVũ Thị Lan", ["KT. GIÁM ĐỐC"], "PHÓ GIÁM ĐỐC", "Vũ Thị Lan"),
        ("GIÁM ĐỐC PHÓ GIÁM ĐỐC\nVũ Thị Lan", ["KT. GIÁM ĐỐC"], "PHÓ GIÁM ĐỐC", "Vũ Thị Lan"),
        (
            "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\nPHÓ CHỦ TỊCH\nVũ Thị Lan",
            ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"],
            "PHÓ CHỦ TỊCH",
            "Vũ Thị Lan",
        ),
        ("PHÓ CHỦ TỊCH\nTHƯỜNG TRỰC\nVũ Thị Lan", [], "PHÓ CHỦ TỊCH THƯỜNG TRỰC", "Vũ Thị Lan"),
        ("HIỆU TRƯỞNG Vũ Thị Lan", [], "HIỆU TRƯỞNG", "Vũ Thị Lan"),
        ("HIỆU TRƯỞNG TS. Vũ Thị Lan", [], "HIỆU TRƯỞNG", "Vũ Thị Lan"),
    ],
)
def test_signature_block(block: str, authority: list[str], position: str, name: str | None) -> None:
    found = find_signer(reading(f"Nơi nhận:\n- Lưu: VT.\n\n{block}\n"))
    assert found is not None
    assert (found.signer.authority, found.signer.position, found.signer.name) == (authority, position, name)


def test_the_path_of_the_file_is_no_part_of_the_archive_line() -> None:
    foot = "Nơi nhận:\n- Như trên;\n- Lưu: VT, KT.\nD:\\Lan\\2024\\CV_thuyloi.docx\n\nCHỦ TỊCH\n\nVũ Thị Lan"
    assert copies(reading(foot)).archived_at == "VT, KT"


def test_the_authority_line_over_the_grounds_signs_nothing() -> None:
    head = "THỦ TƯỚNG CHÍNH PHỦ\n\nSố: 91/QĐ-TTg\nHà Nội, ngày 05 tháng 5 năm 2024\n\nQUYẾT ĐỊNH\nVỀ QUẢN LÝ ĐÊ BIỂN\n"
    grounds = "THỦ TƯỚNG CHÍNH PHỦ\nCăn cứ Luật Đê điều ngày 29 tháng 11 năm 2006;\n"
    order = "QUYẾT ĐỊNH:\nĐiều 1. Giao các tỉnh thực hiện."
    found = segment(normalise(Text.of(head + grounds + order).compose().clean))
    assert find_signer(found) is None
    assert not any(block.part == "annex" for block in found.blocks)


def test_a_text_without_a_foot_has_no_signer() -> None:
    assert find_signer(reading("")) is None
    assert copies(reading("")).copies == []
