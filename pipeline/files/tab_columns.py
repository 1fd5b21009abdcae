"""Letterheads and feet set in two columns on the same lines, by tabs, spaces or a table's bars: left, then right.

Text out of word processors, PDF converters and web pages keeps the two columns of NĐ 30/2020 PL I on one line each:
far apart, a single space apart, between the bars of a markdown table, or row by row. What only columns can explain is
put into reading order; any other line stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.blocks import is_caps
from extractors.cues import any_of
from extractors.document_types import by_name
from extractors.foot import AUTHORITY, POSITION
from extractors.letters import UPPER
from extractors.persons import is_person_name
from models.text import Text
from pipeline.files.flow_cues import cues, holds, opens_with

_GAP = re.compile(r"[ \u00a0]*\t[ \t\u00a0]*|[ \u00a0]{3,}|[ \u00a0]*\|[ \u00a0|]*")
_LETTER = re.compile(r"[^\W_]")
_WANTS_MORE = re.compile(rf"\b{any_of('wants_more')}$", re.IGNORECASE)
_ITEM = re.compile(r"[-–—+*•]")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_EDGES = " \t\u00a0|"
_TAB = 8
_RIGHT_SIDE = 20  # leading columns from which a line alone stands on the right
_HEAD_LINES = 16
_FOOT_LINES = 120
_LONGEST = 90  # characters; a longer line is running text
_LONGEST_ROW = 8 * _LONGEST  # a whole letterhead in one row of a markdown table

_MOTTO = re.compile(
    r"C[ỘO]NG\s+H(?:[OÒÓ][AÀÁ])\s+X[ÃA]\s+H|ĐẢNG\s+CỘNG\s+SẢN\s+VIỆT\s+NAM|Đ[ộo]c\s+l[ậa]p\s?[-–]\s?T[ựu]\s+do"
    r"|(?P<union>ĐOÀN\s+(?:TNCS|THANH\s+NIÊN\s+CỘNG\s+SẢN)\s+HỒ\s+CHÍ\s+MINH(?=[\s*_|]*(?:$|<br)))",
    re.IGNORECASE,
)
# Số: 12/KH-UBND Sơn La, ngày 05 tháng 5 năm 2024
_NUMBER_AND_DAY = re.compile(
    rf"^(?P<left>\W*(?i:s[ốo])\b\s?[:.;]?[^,]{{0,40}}/\s?[^\s,/]+)\s+(?=[{UPPER}][^\d,]{{1,40}},?\s?ngày\b)"
)
# - Như trên; PHÓ CHỦ TỊCH
_ITEM_AND_TITLE = re.compile(
    rf"(?:[;:.,)]\**|\bnhận)\s+(?=\**(?:(?:TM|TUQ|TL|KT|Q|T/M|T/L|K/T)\s?[. ]|(?:QUYỀN |PHÓ )?{any_of('positions')}\b))"
)
_ITEM_AND_NAME = re.compile(rf"[;.)]\**\s+(?=\**[{UPPER}][^\W\d_])")

Span = tuple[int, int]
"""Start and end within a line, without white space at the edges; (0, 0) where nothing stands on that side."""

_NOTHING: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Lines ``start:end`` and what their two columns hold: (line, start, end)."""

    start: int
    end: int
    left: tuple[tuple[int, int, int], ...]
    right: tuple[tuple[int, int, int], ...]


def unfold_columns(lines: Sequence[str]) -> list[str]:
    """The lines with a letterhead at their top and each foot put column by column; other lines stay as they are."""
    result: list[str] = []
    position = 0
    for found in _found(lines):
        result += lines[position : found.start]
        for side in (found.left, found.right):
            result += [*(lines[k][start:end] for k, start, end in side), ""]
        position = found.end
    return result + list(lines[position:])


def unfold_text(text: Text) -> Text:
    """:func:`unfold_columns` for a text whose characters must be found again."""
    lines = text.clean.split("\n")
    pieces: list[tuple[int, int] | str] = []
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    position = 0
    for found in _found(lines):
        pieces.append((starts[position], starts[found.start]))
        for side in (found.left, found.right):
            for k, start, end in side:
                pieces += [(starts[k] + start, starts[k] + end), "\n"]
            pieces.append("\n")
        position = found.end
    if not pieces:
        return text
    pieces.append((min(starts[position], len(text.clean)), len(text.clean)))
    return text.arrange(pieces)


def _found(lines: Sequence[str]) -> Iterator[_Columns]:
    position = 0
    for found in sorted([*_heads(lines), *_feet(lines)], key=lambda columns: columns.start):
        if found.start >= position and found.left and found.right:
            yield found
            position = found.end


def _columns(lines: Sequence[str], start: int, sides: Sequence[tuple[Span, Span]]) -> _Columns:
    """The two columns of the lines from ``start`` on; what holds no letter (a rule, a star) is left out."""
    left: list[tuple[int, int, int]] = []
    right: list[tuple[int, int, int]] = []
    for k, pair in enumerate(sides, start):
        for column, (first, end) in zip((left, right), pair, strict=True):
            for begin, stop in _broken(lines[k], first, end):
                if _LETTER.search(lines[k], begin, stop):
                    column.append((k, begin, stop))
    return _Columns(start, start + len(sides), tuple(left), tuple(right))


def _broken(line: str, start: int, end: int) -> Iterator[Span]:
    """A table's cell cut at its ``<br>``."""
    if "<" in line:
        for match in _BREAK.finditer(line, start, end):
            yield _trimmed(line, start, match.start())
            start = match.end()
    yield _trimmed(line, start, end)


def _trimmed(line: str, start: int, end: int) -> Span:
    piece = line[start:end]
    return start + len(piece) - len(piece.lstrip(_EDGES)), end - len(piece) + len(piece.rstrip(_EDGES))


def _cut(line: str, before: int, after: int) -> tuple[Span, Span]:
    return _trimmed(line, 0, before), _trimmed(line, after, len(line))


def _sides(line: str) -> tuple[Span, Span]:
    """What stands left and what stands right on a line, by its widest gap; one of them may be empty."""
    start, end = _trimmed(line, 0, len(line))
    if start >= end:
        return _NOTHING, _NOTHING
    barred = line.lstrip().startswith("|")
    if end - start > (_LONGEST_ROW if barred else 4 * _LONGEST):
        return (start, end), _NOTHING
    if not barred and len(line[:start].expandtabs(_TAB)) >= _RIGHT_SIDE:
        return _NOTHING, (start, end)
    widest, best = 0, None
    for gap in _GAP.finditer(line, start, end):
        width = len(line[: gap.end()].expandtabs(_TAB)) - len(line[: gap.start()].expandtabs(_TAB))
        if "|" in gap[0]:
            width += _LONGEST
        if width >= widest:
            widest, best = width, gap
    if best is None or (not barred and (end - best.end() > _LONGEST or best.start() - start > _LONGEST)):
        return (start, end), _NOTHING
    if barred and line.lstrip(" ").startswith(("| |", "||", "|  ")) and not line[:start].strip(_EDGES):
        inner = line[line.index("|") + 1 : start]
        if "|" in inner:  # the left cell is empty
            return _NOTHING, (start, end)
    return _cut(line, best.start(), best.end())


# -- the letterhead ------------------------------------------------------------------------------------------------


def _heads(lines: Sequence[str]) -> Iterator[_Columns]:
    """Lines with the motto behind something else, and what belongs to them."""
    position = 0
    while position < len(lines):
        line = lines[position]
        match = _MOTTO.search(line) if len(line) <= _LONGEST_ROW else None
        if match is not None and _has_columns(lines, position, match):
            sides = _head(lines, position)
            yield _columns(lines, position, sides)
            position += len(sides)
        elif "ngày" in line and len(line) <= 2 * _LONGEST and _NUMBER_AND_DAY.match(line):
            yield _columns(lines, position, [_head_sides(line)])
            position += 1
        else:
            position += 1


def _has_columns(lines: Sequence[str], index: int, motto: re.Match[str]) -> bool:
    """Whether the motto stands in a right column: behind a gap, or behind capitals over or beside a tiêu ngữ."""
    line = lines[index]
    left, right = _at_motto(line, motto)
    if left[0] == left[1]:
        if len(line[: right[0]].expandtabs(_TAB)) < _RIGHT_SIDE:
            return False
        below = next((k for k in range(index + 1, min(len(lines), index + 3)) if lines[k].strip()), None)
        again = _MOTTO.search(lines[below]) if below is not None else None
        return again is not None and below is not None and _has_left(lines[below], again)
    before = line[left[0] : left[1]]
    if len(before) > _LONGEST and not line.lstrip().startswith("|"):
        return False
    if _GAP.search(line, left[1], right[0]) is not None:
        return True
    if not is_caps(before.strip("*_ ")) or re.search(r"\bNƯỚC\W*$", before):
        return False
    if motto["union"] and "ĐOÀN" not in before:
        return False
    return any(_NUMBER_LINE.match(below) for below in lines[index + 1 : index + 8])


_NUMBER_LINE = re.compile(r"^\W*s[ốo]\b\s?[:.;]?\s?(?:\d|[./…_]|$|\s)", re.IGNORECASE)


def _has_left(line: str, motto: re.Match[str]) -> bool:
    left, right = _at_motto(line, motto)
    return left[0] < left[1] and _GAP.search(line, left[1], right[0]) is not None


def _at_motto(line: str, motto: re.Match[str]) -> tuple[Span, Span]:
    start = motto.start()
    while start > 0 and line[start - 1] in "*_":
        start -= 1
    return _cut(line, start, start)


def _head(lines: Sequence[str], start: int) -> list[tuple[Span, Span]]:
    """The sides of the letterhead's lines from ``start`` on."""
    found: list[tuple[Span, Span]] = []
    kept = 0
    before = ""
    dated = numbered = told = False  # the right side's last line; the number; the V/v under it
    for line in lines[start : start + _HEAD_LINES]:
        sides = _head_sides(line)
        left, right = (line[a:b] for a, b in sides)
        found.append(sides)
        if not left and not right:
            continue
        if opens_with(left or right, cues().addressees) or _is_kind(left or right):
            break
        opens = opens_with(left, cues().subject)
        number = _NUMBER_LINE.match(left) is not None
        if opens and len(left) > _LONGEST:
            break
        if not (opens or (number and not numbered)):
            if dated and (right or not told):
                break
            if told and not right and not _goes_on(left, before, found[-2] == (_NOTHING, _NOTHING)):
                break
            if not told and not right and not _is_short(left):
                break
        told, numbered = told or opens, numbered or number
        dated = dated or holds(right, cues().date)
        before = left or before
        kept = len(found)
    while kept > 1 and found[kept - 1][1] == _NOTHING and not told and not dated:
        kept -= 1
    return found[:kept]


def _goes_on(left: str, before: str, apart: bool) -> bool:
    """Whether a line under the V/v is more of it; over an empty line (``apart``) its words must say so."""
    if len(left) > 60 or left.endswith("."):
        return False
    return not apart or left[:1].islower() or _WANTS_MORE.search(before) is not None


def _is_short(left: str) -> bool:
    return len(left) <= 60 and not left.endswith((".", ";", ":"))


def _is_kind(text: str) -> bool:
    """Whether a line alone is the name of a kind of dispatch, which stands under the letterhead."""
    plain = text.strip("*#_ ")
    return is_caps(plain) and by_name(plain) is not None


def _head_sides(line: str) -> tuple[Span, Span]:
    motto = _MOTTO.search(line) if len(line) <= _LONGEST_ROW else None
    if motto is not None:
        return _at_motto(line, motto)
    if len(line) <= 2 * _LONGEST:
        joined = _NUMBER_AND_DAY.match(line)
        if joined is not None:
            return _cut(line, joined.end("left"), joined.end())
    return _sides(line)


# -- the foot ------------------------------------------------------------------------------------------------------


def _feet(lines: Sequence[str]) -> Iterator[_Columns]:
    """Nơi nhận with its list, and the signature beside it."""
    letters = {word[0] for word in cues().recipients.words}
    position = 0
    while position < len(lines):
        line = lines[position]
        if line.lstrip("-+*•_| \t")[:1].lower() in letters and opens_with(line.lstrip("|*_ \t"), cues().recipients):
            first, sides = _foot(lines, position)
            yield _columns(lines, first, sides)
            position = first + len(sides)
        else:
            position += 1


def _foot(lines: Sequence[str], start: int) -> tuple[int, list[tuple[Span, Span]]]:
    """The first line of the foot, and its sides."""
    first = start
    while first > 0 and start - first < 4 and (not lines[first - 1].strip() or _alone_right(lines[first - 1])):
        first -= 1
    while not lines[first].strip():
        first += 1
    found = [_sides(line) for line in lines[first:start]]
    kept = len(found)
    archived = continued = titled = False
    above = ""
    for index in range(start, min(len(lines), start + _FOOT_LINES)):
        line = lines[index]
        sides = _foot_sides(lines, index, titled)
        left, right = (line[a:b].strip("*_ ") for a, b in sides)
        found.append(sides)
        if not left and not right:
            continue
        archive = opens_with(left, cues().archive)
        item = index == start or _ITEM.match(line[slice(*sides[0])]) is not None or archive
        listed = len(left) <= 70 and (left.endswith(";") or above.endswith((":", ";")) and left.endswith((";", ".")))
        goes_on = continued and len(left) <= 60 and (line[:1].isspace() or left[:1].islower())
        if (len(right) > _LONGEST and "|" not in line) or (left and (archived or not (item or listed or goes_on))):
            break
        continued = bool(left)
        above = left or above
        archived = archived or archive
        titled = titled or _is_signers_title(right)
        kept = len(found)
    return first, found[:kept]


def _foot_sides(lines: Sequence[str], index: int, titled: bool) -> tuple[Span, Span]:
    """A foot's line by its gap, else by the signature's words on it; a title between two items stands on the right."""
    line = lines[index]
    left, right = _sides(line)
    if right != _NOTHING or left == _NOTHING or left[1] - left[0] > 2 * _LONGEST:
        return left, right
    plain = line[slice(*left)].strip("*_ ")
    if not is_caps(plain):
        cuts = [m.end() for m in _ITEM_AND_TITLE.finditer(line, *left) if _is_signers_title(_rest(line, m.end()))]
        if titled and not cuts:
            cuts = [m.end() for m in _ITEM_AND_NAME.finditer(line, *left) if is_person_name(_rest(line, m.end()))]
        if cuts:
            return _cut(line, cuts[0], cuts[0])
    alone = _is_signers_title(plain) or (titled and is_person_name(plain) and not plain.endswith("."))
    if alone and any(_is_item(below) for below in lines[index + 1 : index + 4]):
        return _NOTHING, left
    return left, right


def _rest(line: str, start: int) -> str:
    return line[start:].strip(_EDGES + "*_")


def _is_item(line: str) -> bool:
    return _ITEM.match(line.strip()) is not None and _LETTER.search(line) is not None


def _is_signers_title(text: str) -> bool:
    return is_caps(text) and len(text) <= _LONGEST and bool(AUTHORITY.match(text) or POSITION.match(text))


def _alone_right(line: str) -> bool:
    left, right = _sides(line)
    return left == _NOTHING and 0 < right[1] - right[0] <= _LONGEST
