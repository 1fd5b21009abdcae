"""Numbers written by pen into printed lines: drawn here, never taken from an office's scan."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks.pen_digits import Writer, glyph
from extractors.pen import DOUBT, LEAST_CHANCE, SURE_CONFIDENCE, SURE_NUMBER
from pipeline.pages.handwriting import can_be_day, can_be_month, can_be_number, settle
from pipeline.pages.ocr_image import Pixels
from pipeline.pages.ocr_words import Seen
from pipeline.pages.pen_digits import Blank, read_blank
from tests.pdf_maker import font_files

CAPITAL = 32
SIZE = round(CAPITAL / 0.662)
WIDE, HIGH = 1100, 900
BASE = 120


def page(parts: Sequence[tuple[str, bool]], italic: bool, seed: int) -> tuple[Pixels, list[Seen], Blank]:
    """A page with one line, of printed parts and one that the pen writes (True): its picture, the printed words as
    Tesseract sees them, and the blank the pen had."""
    rng = random.Random(seed)
    writer = Writer(0.2, 5.0, 0.65, "strokes")
    image = Image.new("L", (WIDE, HIGH), 255)
    font = ImageFont.truetype(str(font_files()[2 if italic else 0]), SIZE)
    x, words, blank = 100.0, [], None
    for text, is_pen in parts:
        if is_pen:
            left = x
            x += 10
            for digit in text:
                mark = glyph(int(digit), 1.35 * CAPITAL, writer, rng)
                image.paste(0, (round(x), BASE + 4 - mark.height), mark)
                x += mark.width + 5
            x += 10
            blank = Blank(left, x, BASE - CAPITAL, BASE)
            continue
        for word in text.split():
            ImageDraw.Draw(image).text((x, BASE), word, fill=0, font=font, anchor="ls")
            ink = font.getbbox(word, anchor="ls")
            box = (x + ink[0], float(BASE + ink[1]), x + ink[2], float(BASE + ink[3]))
            words.append(Seen(word, box, 0.96, 0))
            x += font.getlength(word) + (0.25 * SIZE if word != text.split()[-1] else 0)
    assert blank is not None
    return np.asarray(image), words, blank


def number_page(number: str, seed: int) -> tuple[Pixels, list[Seen], Blank]:
    return page([("Số:", False), (number, True), ("/QT-LMN", False)], italic=False, seed=seed)


def date_page(day: str, seed: int) -> tuple[Pixels, list[Seen], Blank]:
    return page([("An Bình, ngày", False), (day, True), ("tháng 10 năm 2031", False)], italic=True, seed=seed)


def text_of(words: Sequence[Seen], picture: Pixels) -> str:
    """The line as settled, without what may stand in a blank that was not read with certainty."""
    (line,) = settle([tuple(words)], picture)
    return " ".join(word.text for word in line if not word.text.endswith(DOUBT))


def test_numbers_by_pen_are_read_and_what_is_read_is_right() -> None:
    numbers = ["07", "26", "318", "540", "1276", "2093", "8541", "195"]
    read = {number: [text_of(*number_page(number, seed)[1::-1]) for seed in range(6)] for number in numbers}
    given = [(number, text) for number, texts in read.items() for text in texts if text != "Số: /QT-LMN"]
    assert len(given) >= 0.5 * 6 * len(numbers)
    assert [number for number, text in given if text != f"Số: {number} /QT-LMN"] == []


def test_days_by_pen_are_read_and_what_is_read_is_right() -> None:
    days = ["02", "5", "11", "14", "20", "23", "28", "30"]
    read = {day: [text_of(*date_page(day, seed)[1::-1]) for seed in range(6)] for day in days}
    given = [(day, text) for day, texts in read.items() for text in texts if text != text_of(*date_page("", 0)[1::-1])]
    assert len(given) >= 0.5 * 6 * len(days)
    assert [day for day, text in given if text != f"An Bình, ngày {day} tháng 10 năm 2031"] == []


def test_a_box_that_holds_print_and_pen_together_is_parted() -> None:
    """Tesseract often makes one word of label, pen and notation, and its letters are no measure of their widths."""
    for seed in range(10):
        picture, (label, rest), blank = number_page("248", seed)
        box = (label.box[0], label.box[1], rest.box[2], rest.box[3])
        if text_of([Seen("Số:2#f8/QT-LMN", box, 0.3, 0)], picture) == "Số: 248 /QT-LMN":
            return
    pytest.fail("none of ten was read")


def test_a_line_parted_at_its_blank_is_one_line() -> None:
    picture, words, _ = number_page("61", 3)
    settled = settle([(words[0],), (words[1],)], picture)
    assert len(settled) == 1


def test_an_empty_blank_stays_empty() -> None:
    picture, words, _ = number_page("", 1)
    assert text_of(words, picture) == "Số: /QT-LMN"


def test_a_scribble_is_no_number() -> None:
    rng = random.Random(4)
    for _ in range(8):
        picture, words, blank = number_page("", 1)
        image = Image.fromarray(picture)
        words[1:] = [Seen(w.text, (w.box[0] + 120, w.box[1], w.box[2] + 120, w.box[3]), 0.96, 0) for w in words[1:]]
        print_again = ImageDraw.Draw(image)
        print_again.rectangle((blank.left + 2, 0, WIDE, HIGH), fill=255)
        font = ImageFont.truetype(str(font_files()[0]), SIZE)
        print_again.text((blank.left + 140, BASE), "/QT-LMN", fill=0, font=font, anchor="ls")
        points = [(blank.left + rng.uniform(10, 120), BASE - rng.uniform(0, 40)) for _ in range(14)]
        print_again.line(points, fill=0, width=5)
        assert text_of(words, np.asarray(image)) == "Số: /QT-LMN"


def test_digits_in_print_that_tesseract_is_sure_of_stay() -> None:
    picture, words, blank = number_page("17", 1)
    sure = Seen("44", (blank.left, words[0].box[1], blank.right, words[0].box[3]), 0.97, 0)
    assert text_of([words[0], sure, words[1]], picture) == "Số: 44 /QT-LMN"


def test_what_the_pen_wrote_says_how_sure_it_is() -> None:
    picture, words, blank = number_page("20", 2)
    found = read_blank(picture, blank, 5, can_be_number)
    assert found and found[0][0] == "20" and 0.5 < found[0][1] < 1
    (line,) = settle([tuple(words)], picture)
    assert [w.confidence for w in line if w.text == "20"] == [SURE_CONFIDENCE]


def test_what_is_not_sure_is_told_likeliest_first_with_its_chance() -> None:
    told = []
    for seed in range(40):
        picture, words, blank = number_page("3174", seed)
        (line,) = settle([tuple(words)], picture)
        doubtful = [word for word in line if word.text.endswith(DOUBT)]
        if not doubtful:
            continue
        chances = [word.confidence for word in doubtful]
        assert chances == sorted(chances, reverse=True)
        assert chances[0] < SURE_NUMBER and chances[-1] >= LEAST_CHANCE
        assert all(word.box[0] < after.box[0] for word, after in zip(doubtful, doubtful[1:], strict=False))
        assert doubtful[-1].box[2] <= blank.right + 0.3 * CAPITAL
        told.append("3174" + DOUBT in [word.text for word in doubtful])
    assert len(told) >= 5 and sum(told) >= 0.8 * len(told)


def test_a_blank_outside_the_picture_or_of_no_size_is_not_read() -> None:
    picture = np.full((50, 50), 255, np.uint8)
    for blank in (Blank(60, 90, 10, 40), Blank(10, 40, 30, 30), Blank(10, 40, -40, -10), Blank(40, 10, 10, 40)):
        assert read_blank(picture, blank, 5, can_be_number) == []


@pytest.mark.parametrize(
    ("check", "yes", "no"),
    [
        (can_be_number, ["7", "07", "10", "4512"], ["0", "00", "012", "0451"]),
        (can_be_day, ["1", "09", "31"], ["0", "00", "32", "99"]),
        (can_be_month, ["1", "12", "09"], ["0", "13"]),
    ],
)
def test_what_can_stand_in_a_blank(check: object, yes: list[str], no: list[str]) -> None:
    assert callable(check)
    assert [text for text in yes + no if check(text)] == yes
