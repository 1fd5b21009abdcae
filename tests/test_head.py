"""Subject, marks and the head's borders as web pages print them, on invented lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.header import Header, read_header
from extractors.recipients import addressees
from extractors.zones import segment
from models.reading import Reading
from models.text import Text
from pipeline.extract import extract
from pipeline.normalise import normalise
from pipeline.read import read

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


@pytest.mark.parametrize(
    ("rest", "subject", "names"),
    [
        (
            "CÔNG ĐIỆN KHẨN\n\nBAN CHỈ HUY PHÒNG, CHỐNG LỤT BÃO TỈNH\n\n"
            "ĐIỆN: Sở Công Thương; Công ty Điện lực Sơn La\n\n"
            "Đêm 02/9, lũ trên sông Đà lên nhanh.\n",
            None,
            ["Sở Công Thương", "Công ty Điện lực Sơn La"],
        ),
        (
            "CÔNG ĐIỆN\nVỀ ỨNG PHÓ LŨ TRÊN SÔNG ĐÀ\nCHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH SƠN LA\nđiện:\n"
            "- Sở Y tế;\n- Công an tỉnh.\n\n"
            "Đêm 02/9, lũ trên sông Đà lên nhanh.\n",
            "VỀ ỨNG PHÓ LŨ TRÊN SÔNG ĐÀ",
            ["Sở Y tế", "Công an tỉnh"],
        ),
    ],
)
def test_who_sends_a_telegram_is_not_its_subject(rest: str, subject: str | None, names: list[str]) -> None:
    read = reading(rest, "CĐ")
    assert read_header(read, ()).subject == subject
    assert [a.name for a in addressees(read)] == names


def test_the_body_over_a_party_title_is_not_its_subject() -> None:
    found = header(
        "CHỈ THỊ\nCỦA BAN THƯỜNG VỤ TỈNH ỦY\nvề công tác dân vận\ntrong tình hình mới\n\nThời gian qua.\n", "CT"
    )
    assert found.subject == "về công tác dân vận trong tình hình mới"


def test_letters_read_for_digits_in_the_year() -> None:
    head = _HEAD.replace("năm 2024", "năm 2O24").format(kind="KH")
    read = segment(normalise(Text.of(head + "KẾ HOẠCH\nTrồng rừng\n\nCăn cứ Luật Lâm nghiệp.\n").clean))
    assert read_header(read, ()).issued_on == "2024-05-05"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Sơn La, ngày 0l tháng ll năm 2O24", "2024-11-01"),
        ("Sơn La, ngày I5 tháng O6 năm 2024", "2024-06-15"),
    ],
)
def test_letters_for_digits_in_the_date_line(line: str, day: str) -> None:
    text = _HEAD.format(kind="KH").replace("Sơn La, ngày 05 tháng 5 năm 2024", line)
    found = read_header(segment(normalise(Text.of(text + "KẾ HOẠCH\n\nTrồng rừng\n\nNội dung.\n").compose().clean)), ())
    assert (found.place, found.issued_on, found.issued_on_source) == ("Sơn La", day, "header")


_UNDATED = (
    "ỦY BAN NHÂN DÂN\nTỈNH SƠN LA\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n"
    "Số: 61/KH-UBND\n\n{line}KẾ HOẠCH\n\nTrồng cây mắc ca năm 2024\n\n"
    "Thực hiện Công văn số 17/SNN-TT ngày {cited} của Sở Nông nghiệp, các huyện trồng cây mắc ca năm 2024 "
    "và báo cáo trước ngày {due}.\n\nNơi nhận:\n- Lưu: VT.\n"
)


@pytest.mark.parametrize(
    ("line", "cited", "due", "year"),
    [
        ("", "09/02/2024", "30/9/2024", "2024"),
        ("", "09/12/2023", "30/9/2024", None),  # written in 2023 or 2024
        ("", "09/02/2024", "15/01/2025", None),
        ("Sơn La, ngày zz tháng 4 năm 20?4\n\n", "09/02/2024", "30/9/2024", None),
    ],
)
def test_a_year_is_inferred_only_where_the_text_fixes_it(
    line: str, cited: str, due: str, year: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "undated.txt"
    path.write_text(_UNDATED.format(line=line, cited=cited, due=due), encoding="utf-8")
    found = extract(read(path)[0])
    assert (found.issued_on, found.issued_on_source) == (year, None if year is None else "inferred")


@pytest.mark.parametrize(
    ("unit", "day", "text", "province"),
    [
        ("huyện Hòa Bình", "05 tháng 5 năm 2023", "nuôi tôm", "Bạc Liêu"),  # the only district called so
        ("xã Hòa Bình", "05 tháng 8 năm 2023", "nuôi tôm", None),  # many provinces had one
        ("xã Hòa Bình", "05 tháng 8 năm 2023", "cây hồi của tỉnh Lạng Sơn", "Lạng Sơn"),
        ("thành phố Thái Nguyên", "05 tháng 5 năm 2023", "trồng chè", "Thái Nguyên"),
    ],
)
def test_a_unit_called_like_a_province(unit: str, day: str, text: str, province: str | None, tmp_path: Path) -> None:
    path = tmp_path / "namesake.txt"
    name = unit.split(" ", 2 if unit.startswith("thành") else 1)[-1]
    path.write_text(
        f"ỦY BAN NHÂN DÂN\n{unit.upper()}\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n"
        f"Số: 61/KH-UBND\n\n{name}, ngày {day}\n\nKẾ HOẠCH\n\nPhát triển {text}\n\nCác đơn vị báo cáo.\n\n"
        "Nơi nhận:\n- Lưu: VT.\n",
        encoding="utf-8",
    )
    found = extract(read(path)[0]).issuing_body
    assert found is not None and (found.name, found.province) == (f"Ủy ban nhân dân {unit}", province)
