"""What the corpus of deadlines cannot show: limits that share words, names in headings, rules a calendar can read."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import pytest

from extractors.actors import heading_actors
from extractors.deadline_words import lowered, words
from extractors.deadlines import deadlines
from extractors.zones import as_body
from models.reading import Context, Reading
from models.record import Deadline
from pipeline.normalise import normalise

CORPUS = Path(__file__).parent / "corpus" / "deadlines.toml"


def read(text: str) -> Reading:
    return as_body(normalise(text))


def found(text: str, issued_on: str = "2025-03-10") -> list[Deadline]:
    return deadlines(read(text), Context(issued_on=issued_on))


def test_one_phrase_of_two_periods_is_two_entries() -> None:
    monthly, quarterly = found("Định kỳ hàng tháng, hàng quý bảo dưỡng máy bơm của trạm.")
    assert (monthly.recurrence, monthly.granularity) == ("FREQ=MONTHLY", "month")
    assert (quarterly.recurrence, quarterly.granularity) == ("FREQ=MONTHLY;INTERVAL=3", "quarter")
    assert monthly.task == quarterly.task == "bảo dưỡng máy bơm của trạm"
    assert monthly.bound is quarterly.bound is None
    assert monthly.evidence == quarterly.evidence


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Định kỳ 6 tháng, hằng năm hoặc khi cần, báo cáo Sở Tư pháp.", ["FREQ=MONTHLY;INTERVAL=6", "FREQ=YEARLY"]),
        ("Định kỳ tháng, quý, 6 tháng, 9 tháng và năm báo cáo Sở Nội vụ.",
         ["FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3", "FREQ=MONTHLY;INTERVAL=6", "FREQ=YEARLY"]),
        ("Các xã gửi báo cáo về Sở Nội vụ trước ngày 15/6 và 15/12 hằng năm.",
         ["FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=15", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=15"]),
        ("Định kỳ vào ngày 20 của tháng cuối quý và ngày 10/12 hằng năm, các xã báo cáo Sở Nội vụ.",
         ["FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=20", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=10"]),
    ],
)  # fmt: skip
def test_lists_of_periods(text: str, rules: list[str]) -> None:
    entries = found(text)
    assert [e.recurrence for e in entries] == rules
    assert len({e.task for e in entries}) == 1
    assert {e.due_on for e in entries} == {None}


def test_two_days_of_one_task() -> None:
    first, second = found("Các xã báo cáo kết quả về UBND huyện trước ngày 20/6 và ngày 20/11/2025.")
    assert (first.due_on, second.due_on) == ("2025-06-20", "2025-11-20")
    assert first.task == second.task == "báo cáo kết quả về UBND huyện"
    assert first.bound == second.bound == "before"


def test_a_report_named_between_limits_shares_the_task() -> None:
    half, year = found(
        "- Báo cáo số liệu rừng về Cục Kiểm lâm (qua Hạt Kiểm lâm) định kỳ 6 tháng (trước 20/7/2025), "
        "báo cáo năm (trước 05/12/2025)."
    )
    assert (half.due_on, half.recurrence) == ("2025-07-20", "FREQ=MONTHLY;INTERVAL=6")
    assert (year.due_on, year.recurrence) == ("2025-12-05", None)
    assert half.task == year.task == "Báo cáo số liệu rừng về Cục Kiểm lâm (qua Hạt Kiểm lâm)"
    assert half.submit_to == year.submit_to == "Cục Kiểm lâm (qua Hạt Kiểm lâm)"


def test_reports_of_two_periods_in_brackets_share_one_task() -> None:
    text = "Các sở gửi báo cáo định kỳ 06 tháng (trước ngày 15/6) và năm (trước ngày 15/12) về Sở Công Thương."
    days = ["FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=15", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=15"]
    assert [(e.due_on, e.recurrence) for e in found(text)] == [(None, day) for day in days]
    assert {(e.task, e.submit_to) for e in found(text)} == {("gửi báo cáo về Sở Công Thương", "Sở Công Thương")}


def test_a_label_without_a_bullet_belongs_to_the_item_above_it() -> None:
    text = "1. Sở Tư pháp\nc) Tổ chức tập huấn nghiệp vụ cho hòa giải viên.\nThời gian thực hiện: Hằng năm.\n"
    (entry,) = found(text)
    assert (entry.recurrence, entry.task) == ("FREQ=YEARLY", "Tổ chức tập huấn nghiệp vụ cho hòa giải viên")


def test_the_clause_on_effect_below_does_not_undo_the_last_task() -> None:
    (entry,) = found("4. Các xã báo cáo kết quả trước ngày 20/6/2025.\nChỉ thị này có hiệu lực kể từ ngày ký.")
    assert entry.due_on == "2025-06-20"


def test_evidence_lies_in_the_canonical_text() -> None:
    text = "1. Sở Y tế\n- Rà soát danh mục,\nbáo cáo Ủy ban nhân dân tỉnh trước\nngày 15/6/2025."
    (entry,) = found(text)
    assert text[entry.evidence.start : entry.evidence.end] == entry.evidence.text
    assert entry.evidence.text.endswith("trước\nngày 15/6/2025")
    assert entry.responsible == ["Sở Y tế"]


def test_only_the_date_of_issue_tells_what_is_over() -> None:
    text = "Sở Xây dựng rà soát quy hoạch trong năm 2024."
    assert found(text) == []
    assert [e.due_on for e in found(text, "2024")] == ["2024-12-31"]
    assert [e.due_on for e in deadlines(read(text), Context())] == ["2024-12-31"]


def test_annexes_and_tables_say_so() -> None:
    from extractors.zones import segment

    text = (
        "Sở Nội vụ yêu cầu các xã báo cáo trước ngày 15/6/2025./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\n"
        "GIÁM ĐỐC\n\nTrần Văn A\n\nPHỤ LỤC\n\nCác xã gửi số liệu về Sở Nội vụ trước ngày 20/6/2025.\n"
    )
    entries = deadlines(segment(normalise(text)), Context(issued_on="2025-03-10"))
    assert [(e.due_on, e.part) for e in entries] == [("2025-06-15", "main"), ("2025-06-20", "annex")]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Sở Nông nghiệp và Môi trường", ("Sở Nông nghiệp và Môi trường",)),
        ("Giao Sở Y tế, Công an tỉnh:", ("Sở Y tế", "Công an tỉnh")),
        ("UBND các huyện, thị xã, thành phố", ("UBND các huyện, thị xã, thành phố",)),
        ("UBND, Ban Chỉ huy quân sự các huyện", ("UBND, Ban Chỉ huy quân sự các huyện",)),
        ("Các cơ quan, đơn vị tỉnh (có tên ở phụ lục)", ("Các cơ quan, đơn vị tỉnh",)),
        (
            "Thủ trưởng các Sở, ban, ngành; Chủ tịch UBND các huyện",
            ("Thủ trưởng các Sở, ban, ngành", "Chủ tịch UBND các huyện"),
        ),
        ("Mặt trận Tổ quốc và các tổ chức chính trị - xã hội", ("Mặt trận Tổ quốc", "các tổ chức chính trị - xã hội")),
        ("Đối với các xã chưa đạt chuẩn năm 2025:", ("các xã chưa đạt chuẩn năm 2025",)),
        ("Đối với huyện Yên Lạc phấn đấu đạt chuẩn năm 2025:", ("huyện Yên Lạc",)),
        ("Đối với Ban Quản lý khu kinh tế cửa khẩu:", ("Ban Quản lý khu kinh tế cửa khẩu",)),
        ("Sở Văn hóa, Thể thao và Du lịch", ("Sở Văn hóa, Thể thao và Du lịch",)),
        ("Sở Lao động - Thương binh và Xã hội", ("Sở Lao động - Thương binh và Xã hội",)),
        ("Văn phòng HĐND và UBND huyện", ("Văn phòng HĐND và UBND huyện",)),
        ("Trách nhiệm của Giám đốc Bệnh viện", ("Giám đốc Bệnh viện",)),
        (
            "Chủ tịch UBND các tỉnh từ Nghệ An đến Phú Yên, trong đó trọng tâm là:",
            ("Chủ tịch UBND các tỉnh từ Nghệ An đến Phú Yên",),
        ),
        ("Phòng Nghiệp vụ có trách nhiệm chủ trì", ("Phòng Nghiệp vụ",)),
        ("Tổ chức thực hiện", ()),
        ("Công tác tuyên truyền", ()),
        ("Ban hành kế hoạch", ()),
        ("Phòng, chống dịch bệnh", ()),
        ("Mục tiêu cụ thể", ()),
        ("Đối với trẻ em", ()),
    ],
)
def test_headings(heading: str, names: tuple[str, ...]) -> None:
    assert heading_actors(heading) == names


def test_recurrences_of_the_corpus_are_rfc_5545() -> None:
    corpus = tomllib.loads(CORPUS.read_text(encoding="utf-8"))
    rules = set()
    for entry in corpus["is"]:
        for text in entry["text"] if isinstance(entry["text"], list) else [entry["text"]]:
            rules |= {e.recurrence for e in found(re.sub(r"[{}]", "", text)) if e.recurrence}
    assert len(rules) >= 8
    part = r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:INTERVAL=\d+|BYMONTH=\d+|BYMONTHDAY=-?\d+|BYDAY=[A-Z]{2}))*"
    assert [rule for rule in rules if re.fullmatch(part, rule) is None] == []


def test_word_lists_are_small_letters_and_once() -> None:
    assert "trước" in words("cue_before")
    with pytest.raises(KeyError):
        words("no such list")
    text = "ĐẾN HẾT NGÀY 15/6/2025 İstanbul"
    assert len(lowered(text)) == len(text)
    assert lowered(text).startswith("đến hết ngày")


@pytest.mark.parametrize(
    "unit", ["báo cáo trước ngày 15/6/2025; ", "trong năm 2026 và ngày 15/6/2025, ", "((qua Phòng trước 15/6/2025 "]
)
def test_time_grows_with_length_only(unit: str) -> None:
    def seconds(size: int) -> float:
        reading = read("Sở Y tế " + unit * (size // len(unit)))
        begin = time.perf_counter()
        deadlines(reading, Context(issued_on="2025-03-10"))
        return time.perf_counter() - begin

    seconds(2_000)
    short, long = seconds(10_000), seconds(80_000)
    assert long < 30 * short + 0.5
