"""Lines to blocks: wrapped lines joined to paragraphs, and paragraphs hung under their headings.

A dispatch numbers its parts (Nghị định 30/2020/NĐ-CP, Phụ lục I.II.6): phần, chương, mục, điều, khoản, điểm, and in
practice I., 1., 1.1., a), -, +. Files break paragraphs anywhere: at every line of the page, at pages, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from extractors.cues import any_of
from extractors.letters import LOWER
from models.record import Part


@dataclass(frozen=True, slots=True)
class Line:
    """One non-empty line of the clean text, with the number of empty lines before it."""

    start: int
    end: int
    text: str
    gap: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines ``first..last`` (inclusive) that make one block; the marker as printed, and its rank (0 is highest)."""

    first: int
    last: int
    marker: str
    rank: int
    part: Part = "main"


_MARKER = re.compile(
    r"""(?:
      (?P<unit>(?:Phần|PHẦN|Chương|CHƯƠNG|Mục|MỤC)\s(?:thứ\s\w+|[IVXLC]+|\d{1,2})\b[.:]?)
    | (?P<article>(?:Điều|ĐIỀU)\s\d{1,3}\s?[.:]?)
    | (?P<roman>(?=[IVX])(?:X{0,3}(?:IX|IV|V?I{0,3}))(?:\s?[.)](?=\s|$|[^\W\d_])|\s?[/-](?=\s)))
    | (?P<number>\d{1,2}(?:\.\d{1,2}){1,4}\.?|\d{1,2}\s?[.)]|\d{1,2}/(?=\s)|\(\d{1,2}\))(?=\s|$|[^\W\d_])
    | (?P<letter>[a-zđ]\d?\s?\)|[a-zđ]\.(?=\s))
    | (?P<dash>[-–—•●▪■◦·](?=\s|[^\W\d_]|$)|\*(?=\s))
    | (?P<plus>\+(?=\s|[^\W\d_]|$))
    )\s*""",
    re.VERBOSE,
)
_RANKS = {"unit": 0, "article": 1, "roman": 1, "number": 2, "letter": 7, "dash": 8, "plus": 9}
LEAD_RANK = 6  # running text that ends in a colon: dashes and letters hang under it, numbers do not
NO_MARKER_RANK = 10

# Words after which a line cannot end a paragraph: prepositions, conjunctions, and heads that want a name.
_WANTS_MORE = re.compile(rf"(?:^|\s){any_of('wants_more')}$|[,(/–-]$")
_BODY_GOES_ON = re.compile(r"(?:nhân dân|Hội đồng|Công an|Thường vụ|Mặt trận)$")
_PLACE_KIND = re.compile(r"(?:Thành phố|Tỉnh|Huyện|Quận|Thị xã|Xã|Phường|Tổ quốc)\b")
_TERMINATED = re.compile(r"[.;:!?…][\"”’)\]]*$|/\.$")
_CLAUSE_END = re.compile(r"[;:][\"”’)]*$")
_NAMES_FOLLOW = re.compile(rf"{any_of('names_follow')}\s?:$")
_LOWER_START = re.compile(rf"[\"“‘(\[]*[{LOWER}]")
_NARROWEST = 20
_NEVER_STARTS = re.compile(r"[\d,.;:)%/”’]")


def marker_of(text: str) -> tuple[str, int, int]:
    """The marker that opens a line, its rank and the offset of the words behind it. For none: ``("", 10, 0)``.

    ``1.2.`` ranks below ``1.``, each level of numbers one deeper.
    """
    match = _MARKER.match(text)
    if match is None or match.lastgroup is None:
        return "", NO_MARKER_RANK, 0
    marker = match.group(match.lastgroup).strip()
    rank = _RANKS[match.lastgroup]
    if match.lastgroup == "number":
        rank += min(4, marker.strip(".()/").count("."))
    return marker, rank, match.end()


def is_caps(text: str) -> bool:
    """Whether the letters of a line are capitals, but for a few (an abbreviation's small letter, an OCR slip)."""
    if text.isupper():
        return sum(map(str.isalpha, text)) >= 2
    if sum(map(str.islower, text)) > 0.15 * len(text):
        return False
    letters, capitals = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    return letters >= 2 and capitals >= 0.85 * letters


@dataclass(frozen=True, slots=True)
class Spacing:
    """How a file breaks its lines: characters of a full line, empty lines between the lines of one paragraph."""

    width: int
    gap: int
    whole_paragraphs: bool


def spacing_of(lines: Sequence[Line]) -> Spacing:
    """Judge by the lines themselves. Lines over 160 characters mean a paragraph a line."""
    if len(lines) < 4:
        return Spacing(80, 0, False)
    lengths = [len(line.text) for line in lines]
    width = int(quantiles(lengths, n=10)[8])
    tight = sum(1 for line in lines[1:] if line.gap == 0)
    if tight * 3 >= len(lines):
        return Spacing(max(_NARROWEST, width), 0, width > 160)
    # An empty line after every line: of a wrapped text most lines go on in small letters, of paragraphs hardly any.
    spaced = [line for line in lines[1:] if line.gap]
    wrapped = sum(1 for line in spaced if _LOWER_START.match(line.text)) > 0.25 * len(spaced)
    return Spacing(max(_NARROWEST, width), 1 if wrapped else 0, width > 160 or not wrapped)


def paragraphs(lines: Sequence[Line], first: int, last: int, spacing: Spacing, part: Part = "main") -> list[Paragraph]:
    """Lines ``first..last`` (exclusive) joined to paragraphs."""
    found: list[Paragraph] = []
    start = first
    marker, rank, _ = marker_of(lines[start].text) if first < last else ("", NO_MARKER_RANK, 0)
    for index in range(first + 1, last + 1):
        if index < last and _continues(lines, start, index, marker, rank, spacing):
            continue
        found.append(Paragraph(start, index - 1, marker, rank, part))
        if index < last:
            start = index
            marker, rank, _ = marker_of(lines[start].text)
    return found


def _continues(lines: Sequence[Line], start: int, index: int, marker: str, rank: int, spacing: Spacing) -> bool:
    """Whether line ``index`` goes on with the paragraph that began at line ``start``."""
    if spacing.width <= _NARROWEST:
        return lines[index].gap == 0  # a word or two a line: only an empty line can part paragraphs
    before, line = lines[index - 1].text, lines[index].text
    terminated = _TERMINATED.search(before) is not None
    lower = _LOWER_START.match(line) is not None
    if before == marker:
        return True  # the marker stands alone on its line
    new_marker, new_rank, content = marker_of(line)
    if new_marker:
        return not terminated and _is_no_item(before, line, new_marker, new_rank, content, lines[index].gap, spacing)
    if terminated:
        if lower:
            return True
        full = 0.95 * spacing.width
        if spacing.whole_paragraphs or lines[index].gap > spacing.gap:
            return False
        if _CLAUSE_END.search(before):
            return _NAMES_FOLLOW.search(before) is not None and len(before) >= 0.85 * spacing.width
        if len(line) < 0.7 * spacing.width and not _TERMINATED.search(line):
            return False  # neither full nor a paragraph's last line: it begins one
        return len(before) + 1 + len(line.split(" ", 1)[0]) >= full
    if lower or _NEVER_STARTS.match(line) or _WANTS_MORE.search(before):
        return True
    if _BODY_GOES_ON.search(before) and _PLACE_KIND.match(line):
        return True
    if is_caps(before) != is_caps(line) and index - start <= 4 and marker and is_caps(before):
        return False  # a heading in capitals over running text
    if is_caps(before) and is_caps(line):
        return lines[index].gap <= spacing.gap
    if spacing.whole_paragraphs or lines[index].gap > spacing.gap:
        return False
    short = len(before) + 1 + len(line.split(" ", 1)[0]) < 0.8 * spacing.width
    if not short:
        return True
    # Some exporters cut the first line of every paragraph short: there shortness says nothing, unless the
    # paragraph is numbered and so may be a heading.
    return index - 1 == start and rank >= _RANKS["dash"]


def _is_no_item(before: str, line: str, marker: str, rank: int, content: int, gap: int, spacing: Spacing) -> bool:
    """Whether what looks like a list marker is a wrapped piece of a sentence: ``kinh tế / - xã hội``."""
    rest = line[content:]
    if rank >= _RANKS["dash"] and marker in "-–—":
        if re.match(r"(?:19|20)\d\d", rest) and re.search(r"\d$", before):
            return True
        return gap <= spacing.gap and rest[:1].islower() and not is_caps(before)
    if rank == _RANKS["article"] and marker[0] == "Đ":
        return _WANTS_MORE.search(before) is not None and gap <= spacing.gap
    if marker[:1].isdigit():
        return gap <= spacing.gap and re.search(r"\S (?:số|chỉ tiêu|khoản|điểm|tháng|ngày|Điều)$", before) is not None
    return False


def parents_of(found: Sequence[Paragraph], contents: Sequence[str]) -> list[tuple[int | None, bool]]:
    """For each paragraph the index of the one it hangs under, and whether it is a heading (something hangs under it).

    ``contents`` are the paragraphs' words after their markers. Running text hangs under the nearest marked
    paragraph above it only when that one is short or open (``1. Sở Y tế``, ``… như sau:``), not a full sentence.
    """
    parents: list[int | None] = []
    has_children = [False] * len(found)
    ranks = [
        LEAD_RANK if p.rank == NO_MARKER_RANK and contents[k].endswith(":") else p.rank for k, p in enumerate(found)
    ]
    stack: list[int] = []
    parent: int | None
    for index, rank in enumerate(ranks):
        if rank == NO_MARKER_RANK:
            while stack and ranks[stack[-1]] >= LEAD_RANK:
                stack.pop()
            closing = contents[index].endswith("./.")
            if index and contents[index - 1].endswith(":"):
                parent = index - 1
            else:
                parent = None if closing else next((k for k in reversed(stack) if _is_open(contents[k])), None)
        else:
            while stack and ranks[stack[-1]] >= rank:
                stack.pop()
            parent = stack[-1] if stack else None
            stack.append(index)
        parents.append(parent)
        if parent is not None:
            has_children[parent] = True
    return [(parents[k], has_children[k]) for k in range(len(found))]


def _is_open(content: str) -> bool:
    return content.endswith(":") or (len(content) <= 250 and not re.search(r"[.;]$", content))
