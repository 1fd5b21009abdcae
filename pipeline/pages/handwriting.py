"""The number and the day that an office writes into its letterhead by hand.

Tesseract reads print. What it makes of pen strokes is wrong more often than right, so what stands in the blanks of the
number line and of the date line is kept only where it is surely print; else the pen reader is asked, and where it is
not sure either, the blank stays blank: a wrong number in an archive is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from statistics import fmean, median

from pipeline.pages.ocr_image import Pixels
from pipeline.pages.ocr_words import Area, Seen

PenReader = Callable[[Area, int], tuple[str, float] | None]
"""(where to look, how many digits at most) → the digits and how sure they are, None where unsure."""

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
_CLOSES_NUMBER = re.compile(rf"[/⁄∕]\s?[A-ZĐÐ]|{_GROUPS}")
_CLOSES_DATE = re.compile(r"\W?.{0,3}(?:th[áaắảẳ]ng|n[ăaắâ]m)\b")
_WIDEST_BLANK = 8.0
_PRINTED = re.compile(r"\d{1,6}[a-zđ]?")
_SLASH_LIKE = "/⁄∕})|lIJ1ƒ"
_SURE, _FAIRLY_SURE, _RATHER_SURE = 0.93, 0.8, 0.7
# Months are seldom written by hand, days often.
_LEAST_SURE = {"day": 0.9, "month": 0.75}
_LETTERHEAD = 0.5
_MOST_LETTERS = 70


def settle(lines: Sequence[Line], height: int, read: PenReader) -> list[Line]:
    """The lines of a page ``height`` pixels high, with what the pen wrote into number and date read or left out."""
    settled: list[Line] = []
    for line in _joined(lines, height):
        text = _text(line)
        if line[0].box[1] > _LETTERHEAD * height or len(text) > _MOST_LETTERS:
            settled.append(line)
            continue
        number = _NUMBER_LINE.fullmatch(text)
        date = None if number else _DATE_LINE.fullmatch(text)
        if number:
            settled.append(_number_line(line, number, read))
        elif date:
            settled.append(_date_line(line, date, read))
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


def _number_line(line: Line, match: re.Match[str], read: PenReader) -> Line:
    slot = match["slot"].strip()
    rest = _part(line, *match.span("rest"))
    if not rest or (slot and _is_print(line, match.span("slot"), rest) and _PRINTED.fullmatch(slot)):
        return line
    label = _part(line, *match.span("label"))
    label = [_with_text(label, "Số:")] if label else []
    if rest[0].text[0] not in "/⁄∕-–" and slot[-1:] in tuple(_SLASH_LIKE):
        rest = [Seen("/" + rest[0].text, rest[0].box, rest[0].confidence, rest[0].line), *rest[1:]]
    left = label[-1].box[2] if label else line[0].box[0]
    written = _written(read, left, rest, 5)
    return (*label, *written, *rest)


def _date_line(line: Line, match: re.Match[str], read: PenReader) -> Line:
    parts: list[Seen] = []
    names = ("place", "day", "thang", "month", "nam")
    pieces = {name: _part(line, *match.span(name)) for name in names}
    for name, following in (("day", "thang"), ("month", "nam")):
        text = match[name].strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0
        possible = 1 <= value <= (31 if name == "day" else 12)
        if not (possible and _is_print_in_date(pieces[name], pieces[following], _LEAST_SURE[name])):
            before = pieces["place" if name == "day" else "thang"]
            left = before[-1].box[2] if before else line[0].box[0]
            pieces[name] = _written(read, left, pieces[following], 2) if pieces[following] else []
            if not _is_day_or_month(pieces[name], name):
                pieces[name] = []
    for name in names:
        parts += pieces[name]
    return tuple(parts)


def _is_print_in_date(words: Sequence[Seen], following: Sequence[Seen], enough: float) -> bool:
    confidence = min((w.confidence for w in words), default=0.0)
    if confidence >= enough:
        return True
    if confidence < _RATHER_SURE or not following:
        return False
    # Printed figures are as tall as the ``th`` of the ``tháng`` behind them, and stand on its line.
    top, high = following[0].box[1], following[0].box[3] - following[0].box[1]
    return all(abs(w.box[1] - top) < 0.12 * high and 0.62 * high < w.box[3] - w.box[1] < 0.88 * high for w in words)


def _is_day_or_month(words: Sequence[Seen], name: str) -> bool:
    return len(words) == 1 and 1 <= int(words[0].text) <= (31 if name == "day" else 12)


def _written(read: PenReader, left: float, following: Sequence[Seen], most: int) -> list[Seen]:
    """The digits between ``left`` and the words that follow, as one word; nothing where they cannot be read surely."""
    top, foot = min(w.box[1] for w in following), max(w.box[3] for w in following)
    right = following[0].box[0]
    if right - left < 0.4 * (foot - top):
        return []
    found = read((left, top, right, foot), most)
    return [] if found is None else [Seen(found[0], (left, top, right, foot), found[1], following[0].line)]


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


def read_digits(picture: Pixels, area: Area, most: int) -> tuple[str, float] | None:
    """Digits written by hand in ``area`` of a picture, ``most`` of them at the most; None where unsure."""
    return None
