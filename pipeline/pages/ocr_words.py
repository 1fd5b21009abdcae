"""Words that Tesseract saw: lines of them, which of them can be believed, two readings of one place made one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

from extractors.damaged import fixed_phrase
from extractors.syllables import is_syllable

Area = tuple[float, float, float, float]

_SCRAP = "`´ˆ˜^~|¬‹›°¦\\"
_LETTERS = re.compile(r"[^\W\d_]+")
# Where a number is written by hand, its line is read badly: what looks like the notation behind it stays.
_NOTATION = re.compile(r"[/\-][A-ZĐ]{2}|\bS[ốóôỐÓ]\b")
_DAY = re.compile(r"\bng[àaáả]y\b|\bth[áaắảẳ]ng\b|\bn[ăaắâ]m\b")
# Figures as running text has them: 55,6%. 1.200 2025. and 07/01/2024;
_NUMBER = re.compile(r"\d{1,4}(?:[.,/]\d{1,4}){0,4}%?[.,;:)]{0,2}")
_SLASHED = re.compile(r"[/⁄∕]\s?[^\W\d_]{2}")
_WIDE_GAP = 1.5
_SURE, _FAIRLY_SURE, _DOUBT = 0.85, 0.6, 0.75
# Heights in ems of Times New Roman and its like: lower case, ascenders and capitals, marks above, what hangs below.
_X_HEIGHT, _TALL, _MARKED, _MARKED_CAPITAL, _BELOW = 0.46, 0.67, 0.72, 0.88, 0.22
_HANGING = re.compile(r"[gjpqy,;()ạặậẹệịọộợụựỵẠẶẬẸỆỊỌỘỢỤỰỴ/]")
_CAPITAL_MARKS = re.compile(r"[ÀÁÂÃẢẠĂẰẮẲẴẶẦẤẨẪẬÈÉÊẼẺẸỀẾỂỄỆÌÍĨỈÒÓÔÕỎỌỒỐỔỖỘỜỚỞỠÙÚŨỦỪỨỬỮỲÝỶỸ]")
_MARKS = re.compile(r"[àáâãảăằắẳẵặầấẩẫậèéêẽẻềếểễệìíĩỉòóôõỏồốổỗộờớởỡùúũủừứửữỳýỷỹ]")
_ASCENDING = re.compile(r"[bdđfhkltA-ZĐƠƯ0-9()/]")


@dataclass(frozen=True, slots=True)
class Seen:
    """One word as Tesseract saw it: its box in pixels, ``confidence`` 0..1, ``line`` the number of its line."""

    text: str
    box: Area
    confidence: float
    line: int


def from_tsv(table: str, shift: tuple[float, float] = (0.0, 0.0), first_line: int = 0) -> list[Seen]:
    """The words of Tesseract's TSV output; ``shift`` is where the picture's corner stood on the page."""
    words: list[Seen] = []
    numbers: dict[tuple[str, ...], int] = {}
    for row in table.splitlines():
        fields = row.split("\t")
        if len(fields) != 12 or fields[0] != "5":
            continue
        text = fields[11].strip().strip(_SCRAP)
        confidence = float(fields[10])
        if not text or confidence < 0:
            continue
        left, top, wide, high = (int(field) for field in fields[6:10])
        line = numbers.setdefault(tuple(fields[1:5]), first_line + len(numbers))
        x, y = left + shift[0], top + shift[1]
        words.append(Seen(text, (x, y, x + wide, y + high), confidence / 100, line))
    return words


def lines_of(words: Iterable[Seen]) -> list[tuple[Seen, ...]]:
    """The words by line, each from left to right; a line with a gap wider than a word space can be is two."""
    by_line: dict[int, list[Seen]] = {}
    for word in words:
        by_line.setdefault(word.line, []).append(word)
    lines: list[tuple[Seen, ...]] = []
    for line in by_line.values():
        line.sort(key=lambda w: w.box[0])
        gap = _WIDE_GAP * max(w.box[3] - w.box[1] for w in line)
        start = 0
        for index in range(1, len(line) + 1):
            if index == len(line) or line[index].box[0] - line[index - 1].box[2] > gap:
                lines.append(tuple(line[start:index]))
                start = index
    return lines


def numbered(lines: Iterable[Sequence[Seen]]) -> list[Seen]:
    """The words of the lines, numbered by the lines given."""
    return [replace(word, line=number) for number, line in enumerate(lines) for word in line]


def can_be_word(text: str) -> bool:
    """Whether a string can be a word of a dispatch: syllables, numbers, abbreviations in capitals."""
    letters = _LETTERS.findall(text)
    if not letters:
        return any(c.isdigit() for c in text)
    return all(is_syllable(part) or (part.isupper() and len(part) <= 8) for part in letters)


def worth(line: Sequence[Seen]) -> float:
    """How much believable text a line holds, in letters; below zero where it is rather noise than text."""
    total = 0.0
    for word in line:
        size = sum(c.isalnum() for c in word.text)
        total += size * (word.confidence - 0.45 if can_be_word(word.text) else -0.5)
    return total


def is_text(line: Sequence[Seen]) -> bool:
    """Whether a line read from a doubtful place is text: mostly words that can be, with a long one among them."""
    letters = sum(sum(c.isalnum() for c in w.text) for w in line)
    good = [w for w in line if w.confidence >= 0.5 and can_be_word(w.text) and _LETTERS.search(w.text)]
    sound = sum(sum(c.isalnum() for c in w.text) for w in good)
    return bool(good) and max(len(w.text) for w in good) >= 3 and sound >= 0.6 * letters


def label_restored(line: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """The line with its opening label (``Nơi nhận:``, ``Kính gửi:``) as it is printed: the page is laid out by it."""
    for count in (2, 3):
        opening = " ".join(word.text for word in line[:count])
        # Both labels have seven letters, one of which may be wrong or doubled; asking is what takes time.
        fits = len(line) >= count and len(opening) <= 14 and sum(map(str.isalpha, opening)) in (7, 8)
        cue = fixed_phrase(opening) if fits else None
        if cue is not None and cue.endswith(":") and len(words := cue.split()) == 2:
            first, second = line[count - 2], line[count - 1]
            return (replace(first, text=words[0]), replace(second, text=words[1]), *line[count:])
    return line


def is_noise(line: Sequence[Seen]) -> bool:
    """Whether a line is dirt, a scribble or ink shining through, which Tesseract took for text."""
    if not any(c.isalnum() for w in line for c in w.text):
        return fmean(w.confidence for w in line) < 0.6
    if any(_NOTATION.search(w.text) for w in line):
        return False
    return worth(line) < 0 and max(w.confidence for w in line) < 0.6


def is_doubtful(line: Sequence[Seen]) -> bool:
    """Whether a line ought to be looked at again: letter for letter, it was read with little certainty."""
    letters = sum(len(w.text) for w in line)
    return sum(w.confidence * len(w.text) for w in line) < _DOUBT * letters


def is_filled_in(line: Sequence[Seen]) -> bool:
    """Whether a line may be that of the number or of the day, which the pen fills in."""
    text = " ".join(w.text for w in line)
    return _SLASHED.search(text) is not None or _NOTATION.search(text) is not None or _DAY.search(text) is not None


def agreed_number(readings: Iterable[Sequence[Sequence[Seen]]]) -> tuple[Seen, ...] | None:
    """The one number that at least two readings of a place are, and nothing else; None where there is none."""
    numbers: dict[str, list[Seen]] = {}
    for reading in readings:
        if len(reading) == 1 and len(reading[0]) == 1 and _NUMBER.fullmatch(reading[0][0].text):
            numbers.setdefault(reading[0][0].text, []).append(reading[0][0])
    agreed = [seen for seen in numbers.values() if len(seen) > 1]
    if len(agreed) != 1 or max(w.confidence for w in agreed[0]) < _FAIRLY_SURE:
        return None
    return (max(agreed[0], key=lambda w: w.confidence),)


def better_reading(
    line: Sequence[Seen], readings: Sequence[Sequence[tuple[Seen, ...]]]
) -> Sequence[tuple[Seen, ...]] | None:
    """The reading that is surely better than ``line``; None where none is.

    Its figures must be those of the line or of another reading, and it must not be much shorter.
    """
    first = _figures([line])
    figures = [_figures(reading) for reading in readings]
    least = 0.7 * sum(c.isalnum() for w in line for c in w.text)
    fitting = [
        reading
        for reading, own in zip(readings, figures, strict=True)
        if (own == first or figures.count(own) > 1)
        and sum(c.isalnum() for part in reading for w in part for c in w.text) >= least
    ]
    best = max(fitting, key=_total, default=())
    return best if _total(best) > max(0.0, worth(line)) + 0.5 else None


def _total(lines: Iterable[Sequence[Seen]]) -> float:
    return sum(map(worth, lines))


def _figures(lines: Iterable[Sequence[Seen]]) -> str:
    return "".join(c for line in lines for w in line for c in w.text if c.isdigit())


def is_title(line: Sequence[Seen]) -> bool:
    """Whether a line is surely a position as signature blocks print it: capitals, nothing else (``PHÓ GIÁM ĐỐC``)."""
    words = [w for w in line if any(c.isalnum() for c in w.text)]
    return (
        2 <= len(words) <= 8
        and all(w.text.isupper() and can_be_word(w.text) for w in words)
        and min(w.confidence for w in words) >= _SURE
    )


def is_name(line: Sequence[Seen]) -> bool:
    """Whether a line is surely a person's name, academic titles or rank before it allowed."""
    words = [w for w in line if any(c.isalnum() for c in w.text)]
    return (
        3 <= len(words) <= 6
        and all(w.text[:1].isupper() and w.text[1:].islower() and is_syllable(w.text) for w in words[-2:])
        and all(w.text[:1].isupper() for w in words)
        and min(w.confidence for w in words) >= _SURE
    )


def merged(
    first: Sequence[Sequence[Seen]], second: Sequence[Sequence[Seen]], outside: Callable[[Seen], bool]
) -> list[tuple[Seen, ...]]:
    """Two readings of one place: lines of the second are added where the first has none, or has worse.

    ``outside`` says which words of the second may be text at all; believed are only lines that read as text.
    """
    lines: list[tuple[Seen, ...]] = [tuple(line) for line in first]
    for line in second:
        kept = _trimmed([w for w in line if outside(w)])
        if not kept or not is_text(kept):
            continue
        rivals = [k for k, other in enumerate(lines) if _same_place(kept, other)]
        left, _, right, _ = area_of(kept)
        if any(_overhang(area_of(lines[k]), left, right) > 0.5 * (right - left) for k in rivals):
            continue
        if not rivals:
            lines.append(kept)
        elif worth(kept) > sum(max(0.0, worth(lines[k])) for k in rivals) + 0.5:
            lines = [other for k, other in enumerate(lines) if k not in rivals]
            lines.append(kept)
    return lines


def _overhang(area: Area, left: float, right: float) -> float:
    return max(0.0, left - area[0]) + max(0.0, area[2] - right)


def _trimmed(line: Sequence[Seen]) -> tuple[Seen, ...]:
    """The line without the scraps at its ends."""

    def sound(word: Seen) -> bool:
        return word.confidence >= 0.3 and can_be_word(word.text)

    start, end = 0, len(line)
    while start < end and not sound(line[start]) and not _is_bullet(line[start]):
        start += 1
    while end > start and not sound(line[end - 1]):
        end -= 1
    return tuple(line[start:end])


def _is_bullet(word: Seen) -> bool:
    return word.text in ("-", "+") and word.confidence >= _SURE


def _same_place(line: Sequence[Seen], other: Sequence[Seen]) -> bool:
    a, b = area_of(line), area_of(other)
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide > 0.2 * min(a[2] - a[0], b[2] - b[0]) and high > 0.45 * min(a[3] - a[1], b[3] - b[1])


def area_of(line: Sequence[Seen]) -> Area:
    """The box around a line."""
    return (
        min(w.box[0] for w in line),
        min(w.box[1] for w in line),
        max(w.box[2] for w in line),
        max(w.box[3] for w in line),
    )


def type_size(line: Sequence[Seen]) -> float:
    """The size of the type in pixels an em, by how high words of such letters stand."""
    sizes = [
        (w.box[3] - w.box[1]) / _extent(w.text) for w in line if len(w.text) > 1 and any(c.isalnum() for c in w.text)
    ]
    return median(sizes) if sizes else median(w.box[3] - w.box[1] for w in line) / _TALL


def _extent(text: str) -> float:
    above = _X_HEIGHT
    if _CAPITAL_MARKS.search(text):
        above = _MARKED_CAPITAL
    elif _MARKS.search(text):
        above = _MARKED
    elif _ASCENDING.search(text):
        above = _TALL
    return above + (_BELOW if _HANGING.search(text) else 0.0)
