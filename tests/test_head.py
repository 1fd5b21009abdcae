"""Subject, marks and the head's borders as web pages print them, on invented lines."""

from __future__ import annotations

import pytest

from extractors.header import Header, read_header
from extractors.zones import segment
from models.reading import Reading
from models.text import Text
from pipeline.normalise import normalise

_HEAD = (
    "ỦY BAN NHÂN DÂN\nTỈNH SƠN LA\n-------\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
    "---------------\n\nSố: 61/{kind}-UBND\n\nSơn La, ngày 05 tháng 5 năm 2024\n\n"
)


def reading(rest: str, kind: str = "QĐ", before: str = "") -> Reading:
    return segment(normalise(Text.of(before + _HEAD.format(kind=kind) + rest).compose().clean))


def header(rest: str, kind: str = "QĐ", before: str = "") -> Header:
    return read_header(reading(rest, kind, before), ())


@pytest.mark.parametrize(
    ("rest", "subject"),
    [
        (
            "QUYẾT ĐỊNH\nBAN HÀNH QUY CHẾ PHỐI HỢP QUẢN LÝ\nBẾN THỦY NỘI ĐỊA\nỦY BAN NHÂN DÂN TỈNH SƠN LA\n"
            "Căn cứ Luật Giao thông đường thủy nội địa ngày 15 tháng 6 năm 2004;\n",
            "BAN HÀNH QUY CHẾ PHỐI HỢP QUẢN LÝ BẾN THỦY NỘI ĐỊA",
        ),
        (
            "QUYẾT ĐỊNH\nBAN HÀNH QUY CHẾ LÀM VIỆC CỦA\nỦY BAN NHÂN DÂN TỈNH SƠN LA\nCHỦ TỊCH\n"
            "ỦY BAN NHÂN DÂN TỈNH SƠN LA\n"
            "Căn cứ Luật Lưu trữ ngày 11 tháng 11 năm 2011;\n",
            "BAN HÀNH QUY CHẾ LÀM VIỆC CỦA ỦY BAN NHÂN DÂN TỈNH SƠN LA",
        ),
        (
            "NGHỊ QUYẾT\nVỀ MỨC THU PHÍ THAM QUAN HANG ĐỘNG\nHỘI ĐỒNG NHÂN DÂN TỈNH SƠN LA\nKHÓA XV KỲ HỌP THỨ 12\n"
            "Căn cứ Luật Phí và lệ phí ngày 25 tháng 11 năm 2015;\n",
            "VỀ MỨC THU PHÍ THAM QUAN HANG ĐỘNG",
        ),
        (
            "KẾ HOẠCH\n\nPHÁT TRIỂN CÂY MẮC CA TỈNH SƠN LA NĂM 2024\n\nMắc ca là cây trồng có giá trị kinh tế cao, "
            "phù hợp với đất dốc của tỉnh.\n\nI. MỤC TIÊU\n\n1. Trồng mới các vùng tập trung.\n\n"
            "2. Cải tạo diện tích già cỗi.\n",
            "PHÁT TRIỂN CÂY MẮC CA TỈNH SƠN LA NĂM 2024",
        ),
        (
            "KẾ HOẠCH\nPHÁT TRIỂN CÂY MẮC CA TỈNH SƠN LA NĂM 2024\n"
            "Mắc ca là cây trồng có giá trị kinh tế cao, phù hợp với\n"
            "đất dốc của tỉnh.\nI. MỤC TIÊU\n",
            "PHÁT TRIỂN CÂY MẮC CA TỈNH SƠN LA NĂM 2024",
        ),
        (
            "THÔNG BÁO\nKẾT LUẬN\ncủa Phó Chủ tịch UBND tỉnh tại buổi kiểm tra tuyến đê sông Đà\n\n"
            "Ngày 03 tháng 5 năm 2024, Phó Chủ tịch UBND tỉnh đã kiểm tra tuyến đê.\n",
            "KẾT LUẬN của Phó Chủ tịch UBND tỉnh tại buổi kiểm tra tuyến đê sông Đà",
        ),
    ],
)
def test_where_a_subject_ends(rest: str, subject: str) -> None:
    assert header(rest).subject == subject


def test_a_page_may_say_something_before_the_head() -> None:
    before = "Thư viện văn bản\nTrang đang được mở, xin quý bạn đọc chờ trong giây lát...\n\n"
    found = header("KẾ HOẠCH\n\nTrồng rừng ngập mặn\n\nCăn cứ Luật Lâm nghiệp.\n", "KH", before)
    assert (found.code, found.issued_on, found.subject) == ("61/KH-UBND", "2024-05-05", "Trồng rừng ngập mặn")


@pytest.mark.parametrize(
    ("title", "urgency"), [("CÔNG ĐIỆN KHẨN", "khẩn"), ("CÔNG ĐIỆN HỎA TỐC", "hỏa tốc"), ("CÔNG ĐIỆN", None)]
)
def test_urgency_beside_the_kind(title: str, urgency: str | None) -> None:
    found = header(
        f"{title}\nVề ứng phó bão số 9\n\nCHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH điện:\n- Chủ tịch UBND các huyện.\n", "CĐ"
    )
    assert (found.document_type, found.urgency, found.subject) == ("công điện", urgency, "Về ứng phó bão số 9")
