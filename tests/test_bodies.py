"""Names of bodies: spelled out, resolved, matched in running text, read from letterheads, told from notations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.bodies import (
    Letterhead,
    from_notation,
    is_body,
    known_group,
    letterhead,
    match_body,
    resolve,
    spell_out,
)
from extractors.body_words import repaired
from extractors.tables import Level
from models.reading import Context
from models.record import IssuingBody


def _pairs(table: str) -> list[tuple[str, str]]:
    """``left => right`` lines."""
    return [(left.strip(), right.strip()) for left, right in (line.split("=>") for line in table.strip().splitlines())]


SPELLED = _pairs("""
UBND => Ủy ban nhân dân
UBND tỉnh Sơn La => Ủy ban nhân dân tỉnh Sơn La
Uỷ ban nhân dân tỉnh Hoà Bình => Ủy ban nhân dân tỉnh Hòa Bình
ủy ban nhân dân huyện => Ủy ban nhân dân huyện
HĐND&UBND huyện => Hội đồng nhân dân và Ủy ban nhân dân huyện
TT. HĐND tỉnh => Thường trực Hội đồng nhân dân tỉnh
UBND TP => Ủy ban nhân dân thành phố
UBND TP. Vinh => Ủy ban nhân dân thành phố Vinh
UBND TP.HCM => Ủy ban nhân dân Thành phố Hồ Chí Minh
UBND TX. Sơn Tây => Ủy ban nhân dân thị xã Sơn Tây
Chủ tịch UBND tỉnh => Chủ tịch Ủy ban nhân dân tỉnh
VP UBND tỉnh => Văn phòng Ủy ban nhân dân tỉnh
VPCP => Văn phòng Chính phủ
TTg => Thủ tướng Chính phủ
UBTVQH => Ủy ban Thường vụ Quốc hội
CP => Chính phủ
BTV Tỉnh uỷ => Ban Thường vụ Tỉnh ủy
BCĐ các CTMTQG tỉnh => Ban Chỉ đạo các Chương trình mục tiêu quốc gia tỉnh
Ban chỉ đạo các chương trình mục tiêu quốc gia => Ban Chỉ đạo các Chương trình mục tiêu quốc gia
Văn phòng điều phối NTM tỉnh => Văn phòng Điều phối nông thôn mới tỉnh
VPĐP NTM TW => Văn phòng Điều phối nông thôn mới Trung ương
Sở NN&PTNT => Sở Nông nghiệp và Phát triển nông thôn
Sở Nông nghiệp và PTNT => Sở Nông nghiệp và Phát triển nông thôn
Bộ NN & PTNT => Bộ Nông nghiệp và Phát triển nông thôn
Sở NN&MT => Sở Nông nghiệp và Môi trường
Sở GD&ĐT => Sở Giáo dục và Đào tạo
Bộ GDĐT => Bộ Giáo dục và Đào tạo
Sở LĐ-TB&XH => Sở Lao động - Thương binh và Xã hội
Bộ LĐTBXH => Bộ Lao động - Thương binh và Xã hội
Sở KH&CN => Sở Khoa học và Công nghệ
Sở VHTT&DL => Sở Văn hóa, Thể thao và Du lịch
Sở GTVT => Sở Giao thông vận tải
Sở TC => Sở Tài chính
Bộ QP => Bộ Quốc phòng
Phòng TC-KH huyện => Phòng Tài chính - Kế hoạch huyện
Phòng TN&MT => Phòng Tài nguyên và Môi trường
BHXH tỉnh => Bảo hiểm xã hội tỉnh
KBNN => Kho bạc Nhà nước
TAND tỉnh => Tòa án nhân dân tỉnh
VKSNDTC => Viện kiểm sát nhân dân tối cao
Ủy ban MTTQ Việt Nam tỉnh => Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh
UBMTTQ huyện => Ủy ban Mặt trận Tổ quốc huyện
Đoàn ĐBQH tỉnh => Đoàn đại biểu Quốc hội tỉnh
BQLDA ĐTXD huyện => Ban Quản lý dự án đầu tư xây dựng huyện
BCH PCTT&TKCN tỉnh => Ban Chỉ huy Phòng, chống thiên tai và Tìm kiếm cứu nạn tỉnh
Bộ CHQS tỉnh => Bộ Chỉ huy Quân sự tỉnh
Trường THPT Lê Hồng Phong => Trường Trung học phổ thông Lê Hồng Phong
TRƯỜNG ĐH NÔNG LÂM => Trường Đại học Nông lâm
SỞ Y TẾ => Sở Y tế
BỘ GIÁO DỤC VÀ ĐÀO TẠO => Bộ Giáo dục và Đào tạo
ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH => Ủy ban nhân dân Thành phố Hồ Chí Minh
UBND TỈNH HÀ NAM => Ủy ban nhân dân tỉnh Hà Nam
UBND XÃ VĂN HÓA => Ủy ban nhân dân xã Văn Hóa
CHI CỤC THUẾ KHU VỰC II => Chi cục Thuế khu vực II
SỞ TƯ PHÁP => Sở Tư pháp
SỞ KẾ HOẠCH VÀ ĐẦU TƯ => Sở Kế hoạch và Đầu tư
BỘ Y TẾ - BỘ TÀI CHÍNH => Bộ Y tế - Bộ Tài chính
TRUNG TÂM KIỂM SOÁT BỆNH TẬT => Trung tâm Kiểm soát bệnh tật
Sở Y tế => Sở Y tế
FPT => FPT
chính phủ => Chính phủ
""")


@pytest.mark.parametrize(("written", "spelled"), SPELLED)
def test_spell_out(written: str, spelled: str) -> None:
    assert spell_out(written) == spelled
    assert spell_out(spelled) == spelled


def _context(name: str, province: str | None, district: str | None = None, on: str = "2023-04-05") -> Context:
    body = IssuingBody(name=name, source="header")
    return Context(issued_on=on, issuing_body=body, province=province, district=district)


PROVINCE = _context("Ủy ban nhân dân tỉnh Sơn La", "Sơn La")
DEPARTMENT = _context("Sở Y tế", "Thái Bình")
DISTRICT = _context("Ủy ban nhân dân huyện Đô Lương", "Nghệ An", "Đô Lương")
COMMUNE = _context("Ủy ban nhân dân xã Đồng Tâm", "Nghệ An", "Đô Lương")
CITY = _context("Ủy ban nhân dân thành phố Hải Phòng", "Hải Phòng")
SAIGON = _context("Ủy ban nhân dân Thành phố Hồ Chí Minh", "Hồ Chí Minh")
SEAT = _context("Ủy ban nhân dân thành phố Nam Định", "Nam Định", "Nam Định")
QUARTER = _context("Ủy ban nhân dân Quận 4", "Hồ Chí Minh", "4")
RAISED = _context("Ủy ban nhân dân thành phố Đồng Nai", "Đồng Nai", on="2026-10-01")
NOWHERE = Context()

RESOLVED = [
    ("UBND tỉnh", PROVINCE, "Ủy ban nhân dân tỉnh Sơn La"),
    ("Ủy ban nhân dân tỉnh", DEPARTMENT, "Ủy ban nhân dân tỉnh Thái Bình"),
    ("UBND Tỉnh", PROVINCE, "Ủy ban nhân dân tỉnh Sơn La"),
    ("Chủ tịch UBND tỉnh", PROVINCE, "Chủ tịch Ủy ban nhân dân tỉnh Sơn La"),
    ("HĐND tỉnh", DEPARTMENT, "Hội đồng nhân dân tỉnh Thái Bình"),
    ("HĐND và UBND tỉnh", PROVINCE, "Hội đồng nhân dân và Ủy ban nhân dân tỉnh Sơn La"),
    ("Tỉnh ủy", PROVINCE, "Tỉnh ủy Sơn La"),
    ("Ban Thường vụ Tỉnh uỷ", DISTRICT, "Ban Thường vụ Tỉnh ủy Nghệ An"),
    ("BTV TU", PROVINCE, "Ban Thường vụ Tỉnh ủy Sơn La"),
    ("BTV TU", CITY, "Ban Thường vụ Thành ủy Hải Phòng"),
    ("Thành ủy", CITY, "Thành ủy Hải Phòng"),
    ("Huyện ủy", DISTRICT, "Huyện ủy Đô Lương"),
    ("Tỉnh đoàn", PROVINCE, "Tỉnh đoàn Sơn La"),
    ("UBND huyện", DISTRICT, "Ủy ban nhân dân huyện Đô Lương"),
    ("Phòng TC-KH huyện", DISTRICT, "Phòng Tài chính - Kế hoạch huyện Đô Lương"),
    ("UBND tỉnh", DISTRICT, "Ủy ban nhân dân tỉnh Nghệ An"),
    ("UBND xã", COMMUNE, "Ủy ban nhân dân xã Đồng Tâm"),
    ("Đảng ủy xã", COMMUNE, "Đảng ủy xã Đồng Tâm"),
    ("UBND huyện", COMMUNE, "Ủy ban nhân dân huyện Đô Lương"),
    ("UBND thành phố", CITY, "Ủy ban nhân dân thành phố Hải Phòng"),
    ("Ủy ban nhân dân Thành phố", SAIGON, "Ủy ban nhân dân Thành phố Hồ Chí Minh"),
    ("UBND thành phố", SEAT, "Ủy ban nhân dân thành phố Nam Định"),
    ("UBND tỉnh", SEAT, "Ủy ban nhân dân tỉnh Nam Định"),
    ("UBND quận", QUARTER, "Ủy ban nhân dân quận 4"),
    ("UBND Thành phố", QUARTER, "Ủy ban nhân dân Thành phố Hồ Chí Minh"),
    ("UBND thành phố", RAISED, "Ủy ban nhân dân thành phố Đồng Nai"),
    ("Ban chỉ đạo các chương trình mục tiêu quốc gia huyện", DISTRICT,
     "Ban Chỉ đạo các Chương trình mục tiêu quốc gia huyện Đô Lương"),
    ("Văn phòng điều phối NTM tỉnh", DISTRICT, "Văn phòng Điều phối nông thôn mới tỉnh Nghệ An"),
    ("Công an tỉnh", PROVINCE, "Công an tỉnh Sơn La"),
    ("Hội Khuyến học tỉnh", PROVINCE, "Hội Khuyến học tỉnh Sơn La"),
    # what must not get a place
    ("UBND tỉnh Hà Nam", PROVINCE, "Ủy ban nhân dân tỉnh Hà Nam"),
    ("UBND huyện Mai Sơn", PROVINCE, "Ủy ban nhân dân huyện Mai Sơn"),
    ("UBND các huyện", PROVINCE, "Ủy ban nhân dân các huyện"),
    ("UBND các huyện, thị xã, thành phố", CITY, "Ủy ban nhân dân các huyện, thị xã, thành phố"),
    ("UBND cấp xã", COMMUNE, "Ủy ban nhân dân cấp xã"),
    ("UBND huyện", PROVINCE, "Ủy ban nhân dân huyện"),
    ("UBND thành phố", PROVINCE, "Ủy ban nhân dân thành phố"),
    ("UBND tỉnh", CITY, "Ủy ban nhân dân tỉnh"),
    ("Sở Xây dựng", PROVINCE, "Sở Xây dựng"),
    ("Bộ Lao động - Thương binh và Xã hội", COMMUNE, "Bộ Lao động - Thương binh và Xã hội"),
    ("Thủ tướng Chính phủ", PROVINCE, "Thủ tướng Chính phủ"),
    ("Ban Bí thư", PROVINCE, "Ban Bí thư"),
    ("UBND tỉnh", NOWHERE, "Ủy ban nhân dân tỉnh"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "context", "resolved"), RESOLVED)
def test_resolve(name: str, context: Context, resolved: str) -> None:
    assert resolve(name, context) == resolved


# The name ends at the bar.
MATCHED = """
Bộ trưởng Bộ Giáo dục và Đào tạo| về việc công nhận
Ban chỉ đạo các chương trình MTQG tỉnh| về phân công
Ban chỉ đạo các Chương trình mục tiêu quốc gia tỉnh Sơn La| về kế hoạch
Văn phòng Điều phối Trung ương| về việc
Văn phòng điều phối NTM tỉnh| về thực hiện
Chính phủ| Quy định chi tiết
Chính phủ| quy định về
Chính phủ| và Nghị quyết
Thủ tướng Chính phủ| Phê duyệt Chiến lược
Quốc hội| khóa XIV
Ủy ban Thường vụ Quốc hội| quy định
Bộ Chính trị| về
Ban Bí thư| tại văn bản
Ban Thường vụ Tỉnh ủy|; văn bản
Ban Thường vụ Huyện ủy Mai Sơn| về
Tỉnh ủy Sơn La| về
UBND tỉnh Sơn La| về Ban hành
UBND tỉnh|, Sở Y tế
Ủy ban nhân dân huyện| hướng dẫn
UBND huyện Mai Sơn| (qua Phòng Nội vụ)
UBND xã Đồng Tâm| đã
UBND phường Lê Lợi| về
UBND Quận 4| về
UBND Thành phố| ban hành
UBND TP. Vinh| về
UBND TP.HCM| về
Ủy ban nhân dân Thành phố Hồ Chí Minh| giao
UBND các huyện, thị xã, thành phố| trong năm
UBND các tỉnh, thành phố trực thuộc Trung ương| về
UBND cấp xã| về
HĐND và UBND tỉnh| về
HĐND, UBND tỉnh| về
Hội đồng nhân dân tỉnh| khóa XV
Thường trực HĐND tỉnh| tại Công văn
Chủ tịch UBND tỉnh| Nguyễn Văn Mẫu
Phó Chủ tịch Thường trực UBND tỉnh| tại cuộc họp
Văn phòng UBND tỉnh| chuyển
Bộ Công an và Bộ Y tế| về
liên Bộ Tài chính - Bộ Y tế| hướng dẫn
Bộ Tài chính|, Bộ Y tế
Bộ Tài chính| trong quý III
Bộ NN&PTNT| về
Bộ Lao động - Thương binh và Xã hội| quy định
Bộ trưởng Bộ Tài chính và Bộ trưởng Bộ Y tế| quy định
Sở Xây dựng| tại Công văn
Sở Văn hóa, Thể thao và Du lịch tỉnh Hà Giang|, Sở Y tế
Sở Nông nghiệp và PTNT| giao
Sở Y tế Thái Bình| về
Sở GD&ĐT| về
Phòng Giáo dục và Đào tạo huyện Mai Sơn| triển khai
Cục Quản lý Dược – Bộ Y tế| về việc
Tổng cục Thuế| về việc
Cục Thuế tỉnh Nghệ An| về
Chi cục Chăn nuôi và Thú y| về
Trung tâm Kiểm soát bệnh tật tỉnh| về
Trường Đại học Nông Lâm - ĐHTN| về việc
Đoàn Luật sư tỉnh Sơn La| về
Hội đồng quản lý Quỹ Bảo trợ trẻ em tỉnh| ngày
Ban Quản lý dự án đầu tư xây dựng huyện| về
Ban Chỉ đạo phòng, chống dịch bệnh tỉnh| họp
Ban Chỉ đạo 389 quốc gia| về
Tổ công tác triển khai Đề án| về
Công an tỉnh| và các đơn vị
Bộ Chỉ huy Quân sự tỉnh|, Công an tỉnh
Ủy ban MTTQ Việt Nam tỉnh| phát động
Liên đoàn Lao động tỉnh| phát động
Văn phòng Đoàn ĐBQH và HĐND tỉnh| về
Tòa án nhân dân tối cao| hướng dẫn
Ngân hàng Chính sách xã hội tỉnh| về
CHÍNH PHỦ| VỀ VIỆC
ỦY BAN NHÂN DÂN TỈNH SƠN LA| BAN HÀNH
TTg| về
""".strip().splitlines()


@pytest.mark.parametrize("line", MATCHED)
def test_match_body(line: str) -> None:
    name, rest = line.split("|")
    text = f"theo văn bản của {name}{rest}"
    start = text.index(name)
    assert match_body(text, start) == start + len(name)


NO_NAMES = """
doanh nghiệp về|hội nghị ngày|trung tâm về|bộ phận một cửa|người dân|các sở|Luật Đất đai|tổ chức|bà con|phòng chống dịch
khoa học|pháp luật|đồng chí Bí thư|ban đầu|hội viên|Bộ luật Dân sự|
""".strip("\n").replace("\n", "|").split("|")


@pytest.mark.parametrize("words", NO_NAMES)
def test_match_body_declines(words: str) -> None:
    assert match_body(words, 0) is None


def _head(
    name: str, superior: str | None, level: Level, province: str | None, district: str | None = None
) -> Letterhead:
    return Letterhead(name, superior, level, province, district)


LETTERHEADS = [
    ("VĂN PHÒNG CHÍNH|PHỦ|-----", _head("Văn phòng Chính phủ", None, "central", None)),
    ("THỦ|TƯỚNG CHÍNH PHỦ", _head("Thủ tướng Chính phủ", None, "central", None)),
    ("CHÍNH PHỦ", _head("Chính phủ", None, "central", None)),
    ("QUỐC HỘI", _head("Quốc hội", None, "central", None)),
    ("BỘ GIÁO DỤC|VÀ ĐÀO TẠO", _head("Bộ Giáo dục và Đào tạo", None, "central", None)),
    ("BỘ Y TẾ|CỤC QUẢN LÝ DƯỢC", _head("Cục Quản lý Dược", "Bộ Y tế", "central", None)),
    ("BỘ Y TẾ -|BỘ TÀI CHÍNH", _head("Bộ Y tế - Bộ Tài chính", None, "central", None)),
    ("BỘ Y TẾ|BỘ TÀI CHÍNH", _head("Bộ Y tế - Bộ Tài chính", None, "central", None)),
    ("ỦY|BAN NHÂN DÂN|THÀNH PHỐ HỒ CHÍ MINH",
     _head("Ủy ban nhân dân Thành phố Hồ Chí Minh", None, "province", "Hồ Chí Minh")),
    ("ỦY BAN NHÂN DÂN|TỈNH SƠN LA", _head("Ủy ban nhân dân tỉnh Sơn La", None, "province", "Sơn La")),
    ("UỶ BAN NHÂN DÂN|TỈNH HOÀ BÌNH", _head("Ủy ban nhân dân tỉnh Hòa Bình", None, "province", "Hòa Bình")),
    ("HỘI ĐỒNG NHÂN DÂN|TỈNH CÀ MAU", _head("Hội đồng nhân dân tỉnh Cà Mau", None, "province", "Cà Mau")),
    ("UBND TỈNH THÁI BÌNH|SỞ Y TẾ", _head("Sở Y tế", "Ủy ban nhân dân tỉnh Thái Bình", "province", "Thái Bình")),
    ("UBND TỈNH THÁI|BÌNH|SỞ Y TẾ", _head("Sở Y tế", "Ủy ban nhân dân tỉnh Thái Bình", "province", "Thái Bình")),
    ("UBND TỈNH THÁI BÌNH SỞ Y TẾ", _head("Sở Y tế", "Ủy ban nhân dân tỉnh Thái Bình", "province", "Thái Bình")),
    ("UBND TINH THAI BÌNH|SỞ Y TÉ", _head("Sở Y tế", "Ủy ban nhân dân tỉnh Thái Bình", "province", "Thái Bình")),
    ("SỞ Y TẾ THÁI BÌNH|TRUNG TÂM KIỂM SOÁT BỆNH TẬT",
     _head("Trung tâm Kiểm soát bệnh tật", "Sở Y tế Thái Bình", "other", "Thái Bình")),
    ("UBND TP. HÀ NỘI|SỞ QUY HOẠCH - KIẾN TRÚC",
     _head("Sở Quy hoạch - Kiến trúc", "Ủy ban nhân dân thành phố Hà Nội", "province", "Hà Nội")),
    ("UBND TỈNH SƠN LA|VĂN PHÒNG", _head("Văn phòng", "Ủy ban nhân dân tỉnh Sơn La", "province", "Sơn La")),
    ("UBND TỈNH SƠN LA|BAN CHỈ ĐẠO CÁC CHƯƠNG TRÌNH|MỤC TIÊU QUỐC GIA",
     _head("Ban Chỉ đạo các Chương trình mục tiêu quốc gia", "Ủy ban nhân dân tỉnh Sơn La", "province", "Sơn La")),
    ("UBND TỈNH SƠN LA|BAN QUẢN LÝ|CÁC KHU CÔNG NGHIỆP",
     _head("Ban Quản lý các khu công nghiệp", "Ủy ban nhân dân tỉnh Sơn La", "province", "Sơn La")),
    ("SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG|CHI CỤC KIỂM LÂM",
     _head("Chi cục Kiểm lâm", "Sở Nông nghiệp và Môi trường", "province", None)),
    ("ỦY BAN NHÂN DÂN|HUYỆN ĐÔ LƯƠNG",
     _head("Ủy ban nhân dân huyện Đô Lương", None, "district", "Nghệ An", "Đô Lương")),
    ("ỦY BAN NHÂN DÂN|HUYỆN CHÂU THÀNH",
     _head("Ủy ban nhân dân huyện Châu Thành", None, "district", None, "Châu Thành")),
    ("UBND TỈNH TRÀ VINH|UBND HUYỆN CHÂU THÀNH",
     _head("Ủy ban nhân dân huyện Châu Thành", "Ủy ban nhân dân tỉnh Trà Vinh", "district", "Trà Vinh", "Châu Thành")),
    ("ỦY BAN NHÂN DÂN|THÀNH PHỐ HỘI AN",
     _head("Ủy ban nhân dân thành phố Hội An", None, "district", "Quảng Nam", "Hội An")),
    ("UBND HUYỆN ĐÔ LƯƠNG|PHÒNG GIÁO DỤC VÀ ĐÀO TẠO",
     _head("Phòng Giáo dục và Đào tạo", "Ủy ban nhân dân huyện Đô Lương", "district", "Nghệ An", "Đô Lương")),
    ("UBND HUYỆN ĐÔ LƯƠNG|ỦY BAN NHÂN DÂN|XÃ ĐỒNG TÂM",
     _head("Ủy ban nhân dân xã Đồng Tâm", "Ủy ban nhân dân huyện Đô Lương", "commune", "Nghệ An", "Đô Lương")),
    ("ỦY BAN NHÂN DÂN|XÃ ĐỒNG TÂM", _head("Ủy ban nhân dân xã Đồng Tâm", None, "commune", None)),
    ("ỦY BAN NHÂN DÂN|QUẬN 4|PHÒNG TƯ PHÁP",
     _head("Phòng Tư pháp", "Ủy ban nhân dân quận 4", "district", "Hồ Chí Minh", "4")),
    ("TỈNH ỦY SƠN LA|*", _head("Tỉnh ủy Sơn La", None, "province", "Sơn La")),
    ("HUYỆN ỦY MAI SƠN|BAN TỔ CHỨC", _head("Ban Tổ chức", "Huyện ủy Mai Sơn", "district", "Sơn La", "Mai Sơn")),
    ("BAN CHẤP HÀNH TRUNG ƯƠNG|*", _head("Ban Chấp hành Trung ương", None, "central", None)),
    ("BỘ TÀI CHÍNH|TỔNG CỤC THUẾ", _head("Tổng cục Thuế", "Bộ Tài chính", "central", None)),
    ("TỔNG CỤC THUẾ|CỤC THUẾ TỈNH NGHỆ AN",
     _head("Cục Thuế tỉnh Nghệ An", "Tổng cục Thuế", "province", "Nghệ An")),
    ("TÒA ÁN NHÂN DÂN|TỈNH SƠN LA", _head("Tòa án nhân dân tỉnh Sơn La", None, "province", "Sơn La")),
    ("CÔNG AN TỈNH NGHỆ AN|CÔNG AN HUYỆN ĐÔ LƯƠNG",
     _head("Công an huyện Đô Lương", "Công an tỉnh Nghệ An", "district", "Nghệ An", "Đô Lương")),
    ("HỘI LIÊN HIỆP PHỤ NỮ VIỆT NAM|TỈNH CÀ MAU",
     _head("Hội Liên hiệp Phụ nữ Việt Nam tỉnh Cà Mau", None, "province", "Cà Mau")),
    ("BỘ GIÁO DỤC VÀ ĐÀO TẠO|TRƯỜNG ĐẠI HỌC BẠCH ĐẰNG",
     _head("Trường Đại học Bạch Đằng", "Bộ Giáo dục và Đào tạo", "other", None)),
    ("TRƯỜNG ĐH TÀI NGUYÊN|VÀ MÔI TRƯỜNG ĐÔNG ĐÔ|PHÒNG CÔNG TÁC SINH VIÊN",
     _head("Phòng Công tác sinh viên", "Trường Đại học Tài nguyên và Môi trường Đông Đô", "other", None)),
    ("SỞ GIÁO DỤC|VÀ ĐÀO TẠO|TRƯỜNG THPT LÊ HỒNG PHONG",
     _head("Trường Trung học phổ thông Lê Hồng Phong", "Sở Giáo dục và Đào tạo", "other", None)),
    ("CÔNG TY CỔ PHẦN|ĐẦU TƯ BÌNH MINH XANH", _head("Công ty Cổ phần Đầu Tư Bình Minh Xanh", None, "other", None)),
    ("VĂN PHÒNG ĐOÀN ĐẠI BIỂU QUỐC HỘI|VÀ HỘI ĐỒNG NHÂN DÂN TỈNH CÀ MAU",
     _head("Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh Cà Mau", None, "province", "Cà Mau")),
    ("Ủy ban nhân dân|tỉnh Cà Mau|CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM|Độc lập - Tự do - Hạnh phúc",
     _head("Ủy ban nhân dân tỉnh Cà Mau", None, "province", "Cà Mau")),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), LETTERHEADS)
def test_letterhead(lines: str, expected: Letterhead) -> None:
    assert letterhead(lines.split("|")) == expected


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "-----",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM|Độc lập - Tự do - Hạnh phúc",
        "HUYỆN MAI SƠN",
        "Số: 12/QĐ-UBND",
        "Kính gửi:",
    ],
)
def test_letterhead_declines(lines: str) -> None:
    assert letterhead(lines.split("|")) is None


BODIES = ["Công an tỉnh", "UBND huyện", "Sở Y tế", "Phòng TC-KH", "Chính phủ", "BCĐ tỉnh", "Đài PT-TH tỉnh", "Tỉnh ủy"]
OTHERS = ["thị xã", "thành phố", "ban, ngành", "sở", "Lê Văn Mẫu", "Hội nghị", "như trên", "Bộ luật", ""]


@pytest.mark.parametrize("name", BODIES)
def test_is_body(name: str) -> None:
    assert is_body(name)


@pytest.mark.parametrize("name", OTHERS)
def test_is_no_body(name: str) -> None:
    assert not is_body(name)


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("UBND", ["Ủy ban nhân dân"]),
        ("BNN", ["Bộ Nông nghiệp và Phát triển nông thôn"]),
        ("BNN&PTNT", ["Bộ Nông nghiệp và Phát triển nông thôn"]),
        ("SYT", ["Sở Y tế"]),
        ("sgd&đt", ["Sở Giáo dục và Đào tạo"]),
        ("TTg", ["Thủ tướng Chính phủ"]),
        ("CP", ["Chính phủ"]),
        ("QH15", ["Quốc hội"]),
        ("UBTVQH14", ["Ủy ban Thường vụ Quốc hội"]),
        ("TU", ["Tỉnh ủy", "Thành ủy"]),
        ("KTN", []),
        ("ZZZ", []),
    ],
)
def test_from_notation(group: str, names: list[str]) -> None:
    assert from_notation(group) == names


def test_known_group() -> None:
    assert all(map(known_group, ("UBND", "VPĐP", "KTN", "QH13", "BNNPTNT", "TTG")))
    assert not any(map(known_group, ("QĐ", "KHÔNG", "UBNDX", "")))


def test_repaired_leaves_the_right_alone() -> None:
    assert repaired("SỞ Y TÉ TINH THAI BÌNH") == "SỞ Y TẾ TỈNH THÁI BÌNH"
    assert repaired("TRƯỜNG ĐẠI HỌC BẠCH ĐẰNG") == "TRƯỜNG ĐẠI HỌC BẠCH ĐẰNG"


@given(st.text(alphabet="UBNDsở tỉnhHà, -–.và&Quy địnhcác\nĐộ1(", max_size=160), st.integers(0, 20))
def test_match_body_stays_inside(text: str, start: int) -> None:
    end = match_body(text, start)
    assert end is None or start < end <= min(len(text), start + 120)


@given(st.lists(st.text(alphabet="ỦYBANHDÂTỈSỞXÃ -–*.1VPGỘĐLC", max_size=30), max_size=5))
def test_letterhead_takes_anything(lines: list[str]) -> None:
    found = letterhead(lines)
    assert found is None or found.name
