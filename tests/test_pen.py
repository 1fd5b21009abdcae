"""Number and day by pen: what signatures, the ĐẾN stamp and mentions of the dispatch itself make of doubtful digits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from extractors.pen import weighed
from models.record import Signature
from models.source import Beside
from models.text import Text

NUMBER_LINE = "Số: 248? 243? 648? /QT-LMN"
DATE_LINE = "An Bình, ngày 20? 26? 30? tháng 10 năm 2031"
CHANCES = {"248?": 0.6, "243?": 0.2, "648?": 0.05, "20?": 0.55, "26?": 0.1, "30?": 0.25, "19?": 0.72, "11?": 0.18}


def head(number: str = NUMBER_LINE, dated: str = DATE_LINE, rest: str = "") -> str:
    return f"TRƯỜNG MẪU\n{number}\n{dated}\n\nKính gửi: Các phòng\n\nNội dung.\n\n{rest}\n"


def certainty_of(text: str, printed: float = 0.96) -> object:
    """The chance of each doubtful word; ``printed`` for every other."""
    spans = [(at, at + len(word), chance) for word, chance in CHANCES.items() for at in [text.find(word)] if at >= 0]

    def least(start: int, end: int) -> float:
        return min((chance for first, last, chance in spans if first < end and start < last), default=printed)

    return least


def signed(*moments: str) -> list[Signature]:
    return [Signature(kind="cryptographic", signed_at=moment, rule="signature/field") for moment in moments]


def lines(
    text: str, signatures: Sequence[Signature] = (), beside: Sequence[Beside] = (), printed: float = 0.96
) -> tuple[str, str]:
    """The number line and the date line as decided, white space evened out."""
    certainty = certainty_of(text, printed)
    assert callable(certainty)
    decided = weighed(Text.of(text), certainty, signatures, beside).text.clean.split("\n")
    return " ".join(decided[1].split()), " ".join(decided[2].split())


def flags(text: str, signatures: Sequence[Signature] = (), beside: Sequence[Beside] = ()) -> list[str]:
    certainty = certainty_of(text)
    assert callable(certainty)
    return [flag.message for flag in weighed(Text.of(text), certainty, signatures, beside).flags]


BLANK_NUMBER, BLANK_DAY = "Số: /QT-LMN", "An Bình, ngày tháng 10 năm 2031"


def test_without_witnesses_what_is_not_sure_stays_blank() -> None:
    assert lines(head()) == (BLANK_NUMBER, BLANK_DAY)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2031-10-20T16:05:00+07:00", "20"),
        ("2031-10-21T08:00:00+07:00", "20"),
        ("2031-10-30T08:00:00+07:00", "30"),
        ("2031-10-19T18:30:00+00:00", "20"),  # the 20th by the clocks of the country
        ("2031-10-05T08:00:00+07:00", ""),  # none of them can be
        ("2032-03-01T08:00:00+07:00", ""),  # says nothing
    ],
)
def test_the_day_of_signature_decides_between_readings(moment: str, day: str) -> None:
    expected = f"An Bình, ngày {day} tháng 10 năm 2031" if day else BLANK_DAY
    assert lines(head(), signed(moment))[1] == expected


def test_the_first_of_several_signatures_counts() -> None:
    assert lines(head(), signed("2031-10-30T09:00:00+07:00", "2031-10-20T09:00:00+07:00"))[1].startswith(
        "An Bình, ngày 20 "
    )


def test_the_printed_time_of_signing_counts_on_either_side() -> None:
    for printed in ("Thời gian ký: 20/10/2031 08:15:24", "Ngày ký: 21.10.2031 08:15:24 +07:00"):
        assert lines(head(rest=printed))[1] == "An Bình, ngày 20 tháng 10 năm 2031"
    assert lines(head(rest="Thời gian ký: 02/03/2031 08:15:24"))[1] == BLANK_DAY


def test_a_dispatch_arrives_on_the_day_it_was_issued_or_later() -> None:
    stamp = [Beside("arrival", "ĐẾN Số: 91"), Beside("arrival", "Ngày: 22/10/2031")]
    assert lines(head(), beside=stamp)[1] == "An Bình, ngày 20 tháng 10 năm 2031"
    doubtful = [Beside("arrival", "Ngày: 22/10/2031", 0.4)]
    assert lines(head(), beside=doubtful)[1] == BLANK_DAY


def test_what_is_cited_was_issued_before() -> None:
    dated = "An Bình, ngày 19? 11? tháng 10 năm 2031"
    assert lines(head(dated=dated))[1] == BLANK_DAY
    cited = "Thực hiện Công văn số 77/GHK ngày {}/10/2031 của Phòng Mẫu."
    assert lines(head(dated=dated, rest=cited.format("05")))[1] == BLANK_DAY
    assert lines(head(dated=dated, rest=cited.format("15")))[1] == "An Bình, ngày 19 tháng 10 năm 2031"


@pytest.mark.parametrize("day", ["25", "05"])
def test_a_day_read_with_certainty_stays_unless_it_cannot_be(day: str) -> None:
    dated = f"An Bình, ngày {day} tháng 10 năm 2031"
    assert lines(head(dated=dated))[1] == dated
    assert lines(head(dated=dated), signed("2031-10-27T09:00:00+07:00"))[1] == dated
    assert flags(head(dated=dated), signed("2031-10-27T09:00:00+07:00")) == []


def test_a_day_after_its_signature_or_arrival_is_taken_back_and_flagged() -> None:
    text = head(dated="An Bình, ngày 25 tháng 10 năm 2031")
    for signatures, beside in (
        (signed("2031-10-23T09:00:00+07:00"), []),
        ([], [Beside("arrival", "Ngày: 24/10/2031")]),
    ):
        assert lines(text, signatures, beside)[1] == BLANK_DAY
        (message,) = flags(text, signatures, beside)
        assert "25/10/2031" in message


def test_a_printed_day_in_doubt_is_vouched_for_by_the_day_of_signature() -> None:
    text = head(dated="An Bình, ngày 25 tháng 10 năm 2031")
    certainty = certainty_of(text, 0.5)
    assert callable(certainty)
    assert weighed(Text.of(text), certainty, [], []).sure == ()
    vouched = weighed(Text.of(text), certainty, signed("2031-10-25T09:00:00+07:00"), []).sure
    assert any(text[start:end] == "25" for start, end in vouched)


@pytest.mark.parametrize(
    "mention",
    [
        "PHỤ LỤC\n(Kèm theo Công văn số 243/QT-LMN ngày 20/10/2031 của Trường Mẫu)",
        "PHỤ LỤC\n(Ban hành kèm theo Quy trình số: 243 /QT-LMN ngày 20 tháng 10 năm 2031)",
        "Kèm theo Văn bản số 243/QT-LMN; 20/10/2031 17:05:11",
        "Công văn số 243/QT-LMN",
        "243/QT-LMN",
    ],
)
def test_a_mention_of_the_dispatch_in_its_annex_chooses_the_number(mention: str) -> None:
    assert lines(head(rest=mention))[0] == "Số: 243/QT-LMN"


def test_the_day_of_such_a_mention_chooses_the_day() -> None:
    rest = "PHỤ LỤC\n(Kèm theo Công văn số 248/QT-LMN ngày 30/10/2031)"
    assert lines(head(rest=rest)) == ("Số: 248/QT-LMN", "An Bình, ngày 30 tháng 10 năm 2031")


def test_a_running_head_chooses_the_number() -> None:
    assert lines(head(), beside=[Beside("running", "Trường Mẫu")])[0] == BLANK_NUMBER
    assert lines(head(), beside=[Beside("running", "Số 648/QT-LMN")])[0] == "Số: 648/QT-LMN"


@pytest.mark.parametrize(
    "mention",
    [
        "Thực hiện Công văn số 243/QT-LMN ngày 02/10/2031, các phòng báo cáo.",  # another dispatch, cited
        "Thực hiện theo biểu (kèm theo Công văn số 243/QT-LMN).",
        "(Kèm theo Công văn số 243/QT-LMN ngày 20/10/2030)",  # another year's
        "(Kèm theo Công văn số 243/QT-GHK)",
        "(Kèm theo Công văn số 243/QT-LMNO)",
        "(Kèm theo Công văn số 1243/QT-LMN)",
        "(Kèm theo Công văn số 517/QT-LMN)",  # nothing the pen can have written
    ],
)
def test_other_mentions_choose_nothing(mention: str) -> None:
    assert lines(head(rest=mention))[0] == BLANK_NUMBER


def test_mentions_that_differ_choose_nothing() -> None:
    rest = "(Kèm theo Công văn số 243/QT-LMN)\n\n(Kèm theo Công văn số 648/QT-LMN)"
    assert lines(head(rest=rest))[0] == BLANK_NUMBER


def test_a_mention_that_was_read_with_doubt_is_none() -> None:
    text = head(rest="(Kèm theo Công văn số 243/QT-LMN)")
    assert lines(text, printed=0.6)[0] == BLANK_NUMBER


def test_a_sure_number_that_an_annex_contests_by_one_digit_is_taken_back_and_flagged() -> None:
    rest = "(Kèm theo Công văn số {}/QT-LMN)"
    for mention, expected in (("248", "Số: 248/QT-LMN"), ("911", "Số: 248/QT-LMN"), ("246", BLANK_NUMBER)):
        text = head(number="Số: 248/QT-LMN", rest=rest.format(mention))
        assert lines(text)[0] == expected
        assert len(flags(text)) == (expected == BLANK_NUMBER)


def test_a_text_without_number_or_date_line_stays() -> None:
    text = "Nội dung 12? 13? khác.\nDòng hai.\n"
    assert weighed(Text.of(text), lambda _s, _e: 0.9, [], []).text.clean == text
