"""Citations inside citations, what is left null, what a whole dispatch leaves out: what a corpus line cannot show."""

from __future__ import annotations

import time

import pytest

from extractors.references import references
from extractors.zones import as_body, segment
from models.reading import Context, Reading
from models.record import IssuingBody, Reference
from models.text import Text
from pipeline.normalise import normalise

BODY = IssuingBody(name="Ủy ban nhân dân tỉnh Quảng Bình", level="province", province="Quảng Bình", source="header")
CONTEXT = Context("kế hoạch", "trồng cây", "2024-08-20", BODY, "Quảng Bình")

DISPATCH = """ỦY BAN NHÂN DÂN
TỈNH QUẢNG BÌNH

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Số: 250/KH-UBND

Quảng Bình, ngày 20 tháng 8 năm 2024

KẾ HOẠCH
Thực hiện Chỉ thị số 14/CT-TTg về trồng cây

Thực hiện Chỉ thị số 14/CT-TTg ngày 02/5/2024 của Thủ tướng Chính phủ về trồng cây phân tán, UBND tỉnh ban hành
kế hoạch như sau:

1. Các sở báo cáo kết quả trước ngày 30/9/2024.

Nơi nhận:
- Các thành viên Tổ công tác theo Quyết định số 618/QĐ-UBND
ngày 11/3/2024 của UBND tỉnh;
- Lưu: VT.

CHỦ TỊCH
Nguyễn Văn An

PHỤ LỤC
(Kèm theo Kế hoạch số 250/KH-UBND ngày 20/8/2024 của UBND tỉnh)
Các văn bản: Quyết định số 71/QĐ-SNN ngày 04/4/2024; Chỉ thị số 14/CT-TTg.
"""


def reading_of(text: str, whole: bool = False) -> Reading:
    return (segment if whole else as_body)(normalise(Text.of(text).compose().clean))


def found_in(text: str, whole: bool = False) -> dict[str, Reference]:
    entries = references(reading_of(text, whole), CONTEXT)
    named = {entry.code or entry.name or "": entry for entry in entries}
    assert len(named) == len(entries)
    return named


def test_a_title_that_names_a_document() -> None:
    found = found_in(
        "Căn cứ Nghị định số 41/2022/NĐ-CP ngày 20/6/2022 của Chính phủ quy định về hội chợ;\n\n"
        "Nghị định 52/2023/NĐ-CP ngày 02/8/2023 của Chính phủ sửa đổi Điều 4 và Phụ lục II Nghị định số "
        "41/2022/NĐ-CP ngày 20/6/2022 của Chính phủ quy định về hội chợ;"
    )
    outer, inner = found["52/2023/NĐ-CP"], found["41/2022/NĐ-CP"]
    assert (outer.relation, inner.relation) == ("basis", "basis")
    assert outer.title is not None
    assert outer.title.startswith("sửa đổi Điều 4 và Phụ lục II Nghị định số 41/2022/NĐ-CP")
    assert outer.title.endswith("quy định về hội chợ")
    assert inner.title == "quy định về hội chợ" and len(inner.mentions) == 2 and len(outer.mentions) == 1


def test_who_speaks_before_a_list_speaks_in_all_its_items() -> None:
    found = found_in(
        "Triển khai các nội dung UBND tỉnh đã chỉ đạo tại Công văn số 901/UBND-NL ngày 04/3/2024, Công văn số "
        "955/UBND-NL ngày 18/3/2024; Chỉ thị số 07/CT-UBND ngày 02/4/2024; Kế hoạch số 77/KH-UBND ngày 05/4/2024 về "
        "trồng cây chắn cát."
    )
    bodies = [entry.issuing_body for entry in found.values()]
    assert bodies == [*["Ủy ban nhân dân tỉnh Quảng Bình"] * 3, None]


def test_what_a_cited_document_does_to_another_is_not_this_ones_relation() -> None:
    found = found_in(
        "theo quy định tại Quyết định số 317/QĐ-TTg ngày 04/3/2020 sửa đổi Quyết định số 96/QĐ-TTg ngày "
        "23 tháng 8 năm 2016 của Thủ tướng Chính phủ phê duyệt Đề án khuyến đọc."
    )
    assert {entry.relation for entry in found.values()} == {"implements"}
    assert found["317/QĐ-TTg"].issuing_body is None
    assert found["96/QĐ-TTg"].issuing_body == "Thủ tướng Chính phủ"
    assert found["96/QĐ-TTg"].title == "phê duyệt Đề án khuyến đọc"


def test_two_notations_of_one_number_are_two_entries() -> None:
    found = found_in(
        "Căn cứ Kế hoạch số 2640/KH-BCĐ ngày 21/6/2023 của Ban Chỉ đạo tỉnh; Công văn số 5107/UBND-KT ngày "
        "31/8/2023 của UBND tỉnh về việc gia hạn Kế hoạch số 2640/KH-UBND ngày 21/6/2023 của Ban Chỉ đạo tỉnh;"
    )
    assert set(found) == {"2640/KH-BCĐ", "2640/KH-UBND", "5107/UBND-KT"}
    assert {entry.relation for entry in found.values()} == {"basis"}


def test_what_a_telling_title_names_keeps_its_own_word() -> None:
    found = found_in(
        "Ngày 03/10/2023, Thường trực Hội đồng nhân dân tỉnh có Công văn số 3711/HĐND-PC yêu cầu các chợ đầu mối "
        "thực hiện những định hướng của Ban Chấp hành Đảng bộ tỉnh tại Kết luận số 1150-KL/TU."
    )
    outer, inner = found["3711/HĐND-PC"], found["1150-KL/TU"]
    assert (outer.relation, outer.issued_on) == ("cites", "2023-10-03")
    assert outer.issuing_body == "Thường trực Hội đồng nhân dân tỉnh Quảng Bình"
    assert outer.title is not None and outer.title.startswith("yêu cầu các chợ đầu mối")
    assert (inner.relation, inner.issuing_body) == ("implements", "Ban Chấp hành Đảng bộ tỉnh Quảng Bình")


def test_an_amending_law_and_the_laws_it_names() -> None:
    found = found_in(
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015; Luật sửa đổi, bổ sung một số điều của "
        "Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương ngày 22 tháng 11 năm 2019;"
    )
    name = "Luật sửa đổi, bổ sung một số điều của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương"
    assert found[name].issued_on == "2019-11-22"
    assert found["Luật Tổ chức chính quyền địa phương"].issued_on == "2015-06-19"
    assert len(found["Luật Tổ chức chính quyền địa phương"].mentions) == 2
    assert found["Luật Tổ chức Chính phủ"].issued_on is None


def test_a_law_with_its_code_and_without() -> None:
    found = found_in("Căn cứ Luật Đầu tư công số 39/2019/QH14. Theo Luật Đầu tư công, chủ đầu tư lập hồ sơ.")
    assert list(found) == ["39/2019/QH14"]
    assert (found["39/2019/QH14"].document_type, len(found["39/2019/QH14"].mentions)) == ("luật", 2)


@pytest.mark.parametrize("field", ["issuing_body", "title", "issued_on"])
def test_what_the_text_does_not_say_is_null(field: str) -> None:
    (found,) = found_in("theo Quyết định số 618/QĐ-UBND, các sở báo cáo.").values()
    assert getattr(found, field) is None


def test_the_strongest_relation_wins() -> None:
    found = found_in("Theo Kế hoạch số 95/KH-UBND. Căn cứ Kế hoạch số 95/KH-UBND. Xem Kế hoạch số 95/KH-UBND.")
    assert (found["95/KH-UBND"].relation, len(found["95/KH-UBND"].mentions)) == ("basis", 3)


def test_a_title_found_at_a_later_mention_serves_the_entry() -> None:
    found = found_in("Theo Kế hoạch số 95/KH-UBND. Căn cứ Kế hoạch số 95/KH-UBND ngày 05/3/2024 về dạy bơi cho trẻ em.")
    assert (found["95/KH-UBND"].title, found["95/KH-UBND"].issued_on) == ("dạy bơi cho trẻ em", "2024-03-05")


def test_lists_under_a_lead_in_and_under_a_heading() -> None:
    text = (
        "Thực hiện các văn bản sau:\n\n- Công văn số 22/BNV-TH ngày 05/3/2024 của Bộ Nội vụ.\n\n"
        "- Công văn số 23/BNV-TH ngày 06/3/2024 của Bộ Nội vụ.\n\nKế hoạch số 28/KH-UBND đã hết thời hạn thực hiện."
    )
    relations = {code: entry.relation for code, entry in found_in(text).items()}
    assert relations == {"22/BNV-TH": "implements", "23/BNV-TH": "implements", "28/KH-UBND": "cites"}


def test_a_whole_dispatch() -> None:
    found = found_in(DISPATCH, whole=True)
    assert set(found) == {"14/CT-TTg", "618/QĐ-UBND", "71/QĐ-SNN"}  # its own number is no reference
    assert (found["618/QĐ-UBND"].relation, found["618/QĐ-UBND"].issued_on) == ("cites", "2024-03-11")
    assert (found["71/QĐ-SNN"].part, found["14/CT-TTg"].part) == ("annex", "main")
    assert len(found["14/CT-TTg"].mentions) == 2  # the subject and the body; the annex is not its part


def test_evidence_is_a_slice_of_the_canonical_text() -> None:
    canonical = Text.of(DISPATCH).compose().clean
    for entry in found_in(DISPATCH, whole=True).values():
        assert entry.evidence == entry.mentions[0]
        for mention in entry.mentions:
            assert canonical[mention.start : mention.end] == mention.text


def test_time_grows_with_length_not_with_its_square() -> None:
    item = "Quyết định số {}/QĐ-UBND ngày 05/3/2024 của UBND tỉnh về việc giao dự toán, "
    small, large = ("Căn cứ " + "".join(item.format(k) for k in range(count)) for count in (150, 1500))
    seconds = []
    for text in (small, large):
        reading = reading_of(text)
        start = time.process_time()
        assert len(references(reading, CONTEXT)) == text.count("QĐ-UBND")
        seconds.append(time.process_time() - start)
    assert seconds[1] < 40 * max(seconds[0], 0.01)
