"""The number and the day that an office writes into its letterhead by hand.

Tesseract reads print. What it makes of pen strokes is wrong more often than right, so what stands in the blanks of the
number line and of the date line is kept only where it is surely print; else the pen reader is asked, and where it is
not sure either, it tells what the digits may be, each with a question mark, and what else the file says of number and
day decides (``extractors/pen.py``): a wrong number in an archive is worse than none. Where a blank begins and ends is
reckoned from the printed words about it, for Tesseract's boxes often hold print and pen together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from statistics import fmean, median

import numpy as np

from extractors.pen import DOUBT, LEAST_CHANCE, MOST_READINGS, SURE_CONFIDENCE, SURE_DAY, SURE_NUMBER
from pipeline.pages.ocr_image import Pixels
from pipeline.pages.ocr_words import Area, Seen
from pipeline.pages.pen_digits import Blank, components, read_blank

Line = tuple[Seen, ...]

_LABEL = r"\W{0,3}S\s?[ốóôộởơõọỐÓÔ][zx]?\s?[:;.,]{0,2}"
_GROUPS = r"[A-ZĐÐ][A-ZĐÐa-z]{1,5}\s?[-–]\s?[A-ZĐÐ]{2}"
_NUMBER_LINE = re.compile(
    rf"(?P<label>{_LABEL})\s?(?P<slot>\S?.{{0,18}}?)\s?(?P<rest>[/⁄∕]\s?[A-ZĐÐ].*|{_GROUPS}.*|[-–]\s?[A-ZĐÐ]{{2,4}}/[A-ZĐ].*)"
)
_DATE_LINE = re.compile(
    r"(?P<place>[^\W\d][^\d]{1,40}?[,.]?\s?ng[àaáả]y)\s?(?P<day>.{0,7}?)\s?(?P<thang>th[áaắảẳ]ng)\s?(?P<month>.{0,5}?)"
    r"\s?(?P<nam>n[ăaắâ]m\s?(?:19|20)\d\d\W{0,2})"
)
_OPENED = re.compile(rf"^(?P<label>{_LABEL}).{{0,8}}$|(?:ng[àaáả]y|th[áaắảẳ]ng)\W?.{{0,4}}$")
_CLOSES_NUMBER = re.compile(rf"\S{{0,4}}\s?[/⁄∕]\s?[A-ZĐÐ]|{_GROUPS}")
_CLOSES_DATE = re.compile(r"\W?.{0,3}(?:th[áaắảẳ]ng|n[ăaắâ]m)\b")
_WIDEST_BLANK = 8.0
_PRINTED = re.compile(r"\d{1,6}[a-zđ]?")
_SLASH_LIKE = "/⁄∕})|lIJ1ƒ"
_SURE, _FAIRLY_SURE, _RATHER_SURE = 0.93, 0.8, 0.7
# Months are seldom written by hand, days often.
_LEAST_SURE = {"day": 0.9, "month": 0.75}
_LETTERHEAD = 0.5
# Times New Roman (NĐ 30/2020, PL I.I): advance widths in ems where they are not those of most capitals.
_ADVANCES = {
    **dict.fromkeys("-–⁄/ .,:;", 0.29),
    **dict.fromkeys("filrst", 0.33),
    **dict.fromkeys("IJ", 0.36),
    **dict.fromkeys("abcdeghknopquvxy", 0.48),
    **dict.fromkeys("SPF", 0.556),
    **dict.fromkeys("TELZBCR", 0.63),
    "m": 0.778,
    "M": 0.889,
    "W": 0.944,
}
_CAPITAL_ADVANCE, _CAPITAL = 0.722, 0.662
# Widths of italic words as multiples of that of "năm", and its own in ems.
_NGAY, _THANG, _NAM = 1.155, 1.365, 1.6
_SO = 1.68
_MOST_LETTERS = 70


def settle(lines: Sequence[Line], picture: Pixels) -> list[Line]:
    """The lines of a page's picture, with what the pen wrote into number and date read or left out."""
    height = picture.shape[0]
    settled: list[Line] = []
    for line in _joined(lines, height):
        text = _text(line)
        if line[0].box[1] > _LETTERHEAD * height or len(text) > _MOST_LETTERS:
            settled.append(line)
            continue
        number = _NUMBER_LINE.fullmatch(text)
        date = None if number else _DATE_LINE.fullmatch(text)
        if number:
            settled.append(_number_line(line, number, picture))
        elif date:
            settled.append(_date_line(line, date, picture))
        else:
            settled.append(line)
    return settled


def _joined(lines: Sequence[Line], height: int) -> list[Line]:
    """The lines, with those put together again that a blank in the number line or the date line had parted."""
    waiting = list(lines)
    whole: list[Line] = []
    while waiting:
        line = waiting.pop(0)
        while line[0].box[1] <= _LETTERHEAD * height and (opened := _OPENED.search(_text(line))) is not None:
            closing = _CLOSES_NUMBER if opened["label"] is not None else _CLOSES_DATE
            # The other part may have come before or after, and even stand among the finished.
            found = [(pool, k) for pool in (waiting, whole) if (k := _beside(line, pool, closing)) is not None]
            if not found:
                break
            pool, index = found[0]
            line = (*line, *pool.pop(index))
        whole.append(line)
    return whole


def _beside(line: Line, others: Sequence[Line], closing: re.Pattern[str]) -> int | None:
    """Which of the others goes on with the line after a blank."""
    last = line[-1].box
    high = last[3] - last[1]
    for index, other in enumerate(others):
        box = other[0].box
        level = min(last[3], box[3]) - max(last[1], box[1])
        if 0 <= box[0] - last[2] + 0.3 * high < _WIDEST_BLANK * high and level > 0.4 * min(high, box[3] - box[1]):
            if closing.match(_text(other)):
                return index
    return None


def _text(line: Line) -> str:
    return " ".join(word.text for word in line)


def _number_line(line: Line, match: re.Match[str], picture: Pixels) -> Line:
    slot = match["slot"].strip()
    rest = _part(line, *match.span("rest"))
    if not rest or (slot and _is_print(line, match.span("slot"), rest) and _PRINTED.fullmatch(slot)):
        return line
    label = _part(line, *match.span("label"))
    label = [_with_text(label, "Số:")] if label else []
    if rest[0].text[0] not in "/⁄∕-–" and slot[-1:] in tuple(_SLASH_LIKE):
        rest = [Seen("/" + rest[0].text, rest[0].box, rest[0].confidence, rest[0].line), *rest[1:]]
    blank = _number_blank(line, match, picture)
    written = _written(picture, blank, 5, can_be_number, rest[0].line)
    return (*label, *written, *rest)


def _date_line(line: Line, match: re.Match[str], picture: Pixels) -> Line:
    parts: list[Seen] = []
    names = ("place", "day", "thang", "month", "nam")
    pieces = {name: _part(line, *match.span(name)) for name in names}
    for name, following in (("day", "thang"), ("month", "nam")):
        text = match[name].strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0
        possible = 1 <= value <= (31 if name == "day" else 12)
        if not (possible and _is_print_in_date(pieces[name], pieces[following], _LEAST_SURE[name])):
            blank = _date_blank(line, match, name)
            check = can_be_day if name == "day" else can_be_month
            pieces[name] = _written(picture, blank, 2, check, line[0].line)
    for name in names:
        parts += pieces[name]
    return tuple(parts)


def _number_blank(line: Line, match: re.Match[str], picture: Pixels) -> Blank | None:
    """From the end of ``Số:`` to the slash before the notation."""
    first, _ = _around(line, match.start("label") + match["label"].upper().index("S"))
    word, offset = _around(line, match.start("rest"))
    last = line[-1]
    capital = _capitals(picture, ((last.box[0] + last.box[2]) / 2, last.box[1], last.box[2], last.box[3]))
    if capital is None:
        return None
    top, foot = capital
    high = foot - top
    printed = match["rest"] if match["rest"][0] in "/⁄∕-–" else "/" + match["rest"]
    width = sum(_ADVANCES.get(c, _CAPITAL_ADVANCE) for c in printed) * high / _CAPITAL
    right = last.box[2] - width
    if offset == 0 and abs(word.box[0] - right) < 0.12 * width:
        right = word.box[0]
    return Blank(first.box[0] + _SO * high, right, top, foot)


def _date_blank(line: Line, match: re.Match[str], name: str) -> Blank | None:
    """From ``ngày`` to ``tháng``, or from ``tháng`` to ``năm``."""
    nam, offset = _around(line, match.start("nam"))
    if offset or not nam.text.lower().startswith("n"):
        return None
    unit = (nam.box[2] - nam.box[0]) * (1 if len(nam.text) <= 4 else _NAM / (_NAM + 0.5 * (len(nam.text) - 3)))
    thang, offset = _around(line, match.start("thang"))
    behind = len(thang.text) - offset - (match.end("thang") - match.start("thang"))
    start = thang.box[0] if offset == 0 else 0.0
    end = thang.box[2] if behind <= 0 else 0.0
    if start and end and end - start > (_THANG + 0.1) * unit:
        # Pen strokes in the word's box: its right edge is print, because "năm" follows at a distance.
        start = 0.0
    if not start:
        if not end:
            return None
        start = end - _THANG * unit
    em = unit / _NAM
    high = thang.box[3] - thang.box[1]
    top = thang.box[1] if abs(high - 0.9 * em) < 0.15 * em else nam.box[3] - 0.68 * em
    if name == "month":
        return Blank(min(thang.box[2], start + _THANG * unit), nam.box[0], top, top + 0.68 * em)
    ngay, offset = _around(line, match.end("place") - 4)
    if offset:
        return None
    return Blank(min(ngay.box[2], ngay.box[0] + _NGAY * unit), start, top, top + 0.68 * em)


def _around(line: Line, position: int) -> tuple[Seen, int]:
    """The word that holds the line's letter at ``position``, and which of its letters that is."""
    for word in line:
        if position <= len(word.text):
            return word, position
        position -= len(word.text) + 1
    return line[-1], len(line[-1].text)


def _capitals(picture: Pixels, area: Area) -> tuple[float, float] | None:
    """Top and foot of the capitals printed in an area."""
    left, top, right, foot = (max(0, int(edge)) for edge in area)
    part = picture[top:foot, left:right]
    if part.size == 0 or part.size > 100_000:
        return None
    dark, paper = np.percentile(part, 2), np.percentile(part, 85)
    spans = [(int(ys.min()), int(ys.max()) + 1) for ys, _ in components(part < (dark + paper) / 2)]
    tallest = max((b - a for a, b in spans), default=0)
    spans = [(a, b) for a, b in spans if b - a > 0.75 * tallest]
    return (top + median(a for a, _ in spans), top + median(b for _, b in spans)) if spans and tallest > 8 else None


def _is_print_in_date(words: Sequence[Seen], following: Sequence[Seen], enough: float) -> bool:
    confidence = min((w.confidence for w in words), default=0.0)
    if confidence >= enough:
        return True
    if confidence < _RATHER_SURE or not following:
        return False
    # Printed figures are as tall as the ``th`` of the ``tháng`` behind them, and stand on its line.
    top, high = following[0].box[1], following[0].box[3] - following[0].box[1]
    return all(abs(w.box[1] - top) < 0.12 * high and 0.62 * high < w.box[3] - w.box[1] < 0.88 * high for w in words)


def _written(picture: Pixels, blank: Blank | None, most: int, possible: Callable[[str], bool], line: int) -> list[Seen]:
    """The digits in the blank as one word; where they are not sure, what they may be, likeliest first and marked."""
    if blank is None or blank.right - blank.left < 0.3 * (blank.foot - blank.top):
        return []
    found = read_blank(picture, blank, most, possible)
    if found and found[0][1] >= (SURE_NUMBER if possible is can_be_number else SURE_DAY):
        return [Seen(found[0][0], (blank.left, blank.top, blank.right, blank.foot), SURE_CONFIDENCE, line)]
    likely = [(text, chance) for text, chance in found[:MOST_READINGS] if chance >= LEAST_CHANCE]
    # One behind the other, and all before the print that follows: its box may reach into the blank.
    return [
        Seen(text + DOUBT, (blank.left + k, blank.top, blank.right, blank.foot), chance, line)
        for k, (text, chance) in enumerate(likely)
    ]


def _is_print(line: Line, span: tuple[int, int], rest: Sequence[Seen]) -> bool:
    """Whether the slot's words are surely print: read with certainty, or nearly so and as tall as the print beside."""
    words = _part(line, *span)
    confidence = min((w.confidence for w in words), default=0.0)
    if confidence >= _SURE:
        return True
    if confidence < _FAIRLY_SURE:
        return False
    high = median(w.box[3] - w.box[1] for w in rest)
    return all(
        abs(w.box[1] - rest[0].box[1]) < 0.12 * high and abs(w.box[3] - rest[0].box[3]) < 0.12 * high for w in words
    )


def _part(line: Line, start: int, end: int) -> list[Seen]:
    """The words, or parts of words, that stand for ``text[start:end]`` of the line's text."""
    parts: list[Seen] = []
    position = 0
    for word in line:
        first, last = max(start - position, 0), min(end - position, len(word.text))
        if first < last and word.text[first:last].strip():
            x0, y0, x1, y1 = word.box
            step = (x1 - x0) / len(word.text)
            box = (x0 + step * first, y0, x0 + step * last, y1)
            parts.append(Seen(word.text[first:last].strip(), box, word.confidence, word.line))
        position += len(word.text) + 1
    return parts


def _with_text(words: Sequence[Seen], text: str) -> Seen:
    boxes = [w.box for w in words]
    area = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    return Seen(text, area, max(_FAIRLY_SURE, fmean(w.confidence for w in words)), words[0].line)


def can_be_number(text: str) -> bool:
    """Whether digits can be a document's number: only those under ten are printed with a zero before them."""
    return int(text) > 0 and (text[0] != "0" or len(text) == 2)


def can_be_day(text: str) -> bool:
    """Whether one or two digits can be a day of a month."""
    return 1 <= int(text) <= 31


def can_be_month(text: str) -> bool:
    """Whether one or two digits can be a month."""
    return 1 <= int(text) <= 12
