"""Letterheads and feet that a typist set in two columns with tabs or spaces: left column, then right column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.files.flow_cues import cues, holds, opens_with

_GAP = re.compile(r"[ \u00a0]*\t[ \t\u00a0]*|[ \u00a0]{3,}")
_LETTER = re.compile(r"[^\W_]")
_ITEM = re.compile(r"[-–—+*•]")
_TAB = 8
_RIGHT_SIDE = 20  # leading columns from which a line alone stands on the right
_HEAD_LINES = 14
_LONGEST = 90  # characters; a longer line is running text


def unfold_columns(lines: Sequence[str]) -> list[str]:
    """The lines with a letterhead at their top and each foot put column by column; other lines stay as they are."""
    result: list[str] = []
    position = 0
    for start, end in sorted([*_heads(lines), *_feet(lines)]):
        if start >= position:
            result += [*lines[position:start], *_by_column(lines[start:end])]
            position = end
    return result + list(lines[position:])


def _sides(line: str) -> tuple[str, str]:
    """What stands left and what stands right on a line; one of them may be empty."""
    body = line.strip()
    if not body:
        return "", ""
    lead = line[: len(line) - len(line.lstrip())].expandtabs(_TAB)
    if len(lead) >= _RIGHT_SIDE:
        return "", body
    if len(body) > 4 * _LONGEST:
        return body, ""
    widest, best = 0, None
    for gap in _GAP.finditer(body):
        width = len(body[: gap.end()].expandtabs(_TAB)) - len(body[: gap.start()].expandtabs(_TAB))
        if width >= widest:
            widest, best = width, gap
    if best is None or len(body) - best.end() > _LONGEST or best.start() > _LONGEST:
        return body, ""
    return body[: best.start()].strip(), body[best.end() :].strip()


def _by_column(lines: Sequence[str]) -> list[str]:
    sides = [_sides(line) for line in lines]
    left = [side for side, _ in sides if _LETTER.search(side)]
    right = [side for _, side in sides if _LETTER.search(side)]
    return [*left, "", *right, ""] if left and right else list(lines)


def _heads(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Lines with a gap and the motto behind it, and what belongs to them."""
    position = 0
    while position < len(lines):
        line = lines[position]
        gap = len(line) <= 4 * _LONGEST and _GAP.search(line.strip()) is not None
        left, right = _sides(line) if gap else ("", "")
        if left and right and holds(right, cues().motto):
            end = _head_end(lines, position)
            yield position, end
            position = end
        else:
            position += 1


def _head_end(lines: Sequence[str], start: int) -> int:
    end = start + 1
    dated = False  # the place and date close the right side
    for index in range(start + 1, min(len(lines), start + _HEAD_LINES)):
        if not lines[index].strip():
            continue
        left, right = _sides(lines[index])
        if opens_with(left, cues().subject) and len(left) <= _LONGEST:
            return index + 1
        if dated:
            break
        if right:
            end = index + 1
            dated = holds(right, cues().date)
        elif not (len(left) <= 40 and _more_on_the_right(lines, index)):
            break
    return end


def _more_on_the_right(lines: Sequence[str], index: int) -> bool:
    """Whether the next line with words has a right side too."""
    following = next((line for line in lines[index + 1 : index + 4] if line.strip()), "")
    return bool(_sides(following)[1])


def _feet(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Nơi nhận with its list, and the signature beside it."""
    letters = {word[0] for word in cues().recipients.words}
    position = 0
    while position < len(lines):
        line = lines[position]
        if line.lstrip("-+*• \t")[:1].lower() in letters and opens_with(line, cues().recipients):
            first, position = _foot(lines, position)
            yield first, position
        else:
            position += 1


def _foot(lines: Sequence[str], start: int) -> tuple[int, int]:
    first = start
    while first > 0 and start - first < 4 and (not lines[first - 1].strip() or _alone_right(lines[first - 1])):
        first -= 1
    end = start + 1
    archived = False
    continued = False
    for index in range(start + 1, min(len(lines), start + 60)):
        left, right = _sides(lines[index])
        if not left and not right:
            continue
        item = _ITEM.match(left) is not None or opens_with(left, cues().archive)
        goes_on = continued and len(left) <= 60 and (lines[index][:1].isspace() or left[:1].islower())
        if len(right) > _LONGEST or (left and (archived or not (item or goes_on))):
            break
        continued = bool(left)
        archived = archived or opens_with(left, cues().archive)
        end = index + 1
    return first, end


def _alone_right(line: str) -> bool:
    left, right = _sides(line)
    return not left and 0 < len(right) <= _LONGEST
