"""Lines to zones: where the letterhead, the body, Nơi nhận and the signature block of a dispatch stand.

Layout after Nghị định 30/2020/NĐ-CP, Phụ lục I: fourteen boxes, any of which may be missing from a file. A zone
is found by its own mark (``Số:``, ``V/v``, ``Kính gửi``, ``Nơi nhận``, ``TM.``) and by its place among the others;
nothing is taken for a zone because a zone ought to be there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from extractors.blocks import Line, Paragraph, Spacing, is_caps, marker_of, paragraphs, parents_of, spacing_of
from extractors.cues import any_of
from extractors.document_types import title_names
from extractors.fold import fold
from extractors.foot import CLOSED, STAMP, TIMESTAMP, end_stamps, name_foot
from extractors.letters import UPPER
from models.reading import Block, Reading, Zone, ZoneName
from models.record import Part
from models.text import Edit, Text

HEAD_LINES = 60
"""How many lines a head may take: letterhead, marks, subject and a long list of addressees."""
PREAMBLE_LINES = 16
"""How many lines before the motto may be a web page's own."""

_MOTTO = re.compile(
    r"cộng\s?hòa|hòa xã hội|xã hội chủ nghĩa|chủ nghĩa việt nam|đảng cộng sản việt nam|"
    r"độc\s?lập.{0,4}tự\s?do.{0,4}hạnh\s?phúc|(?:tự do\s?[-–]\s?)?hạnh phúc$|^độc lập\b.{0,12}$"
)
# The heading of the youth union stands where others have the motto, beside the committee's own name.
_UNION = re.compile(r"đoàn (?:tncs|thanh niên cộng sản) hồ chí minh")
_NUMBER = re.compile(r"^(?:Số|SỐ|số\s?:)\s?[:.;]?\s?(?:[\dOoIl]|[./…]|$|\w{0,6}\s?/)|^\d{1,6}\s?/\s?[A-ZĐ][\w&]*[-/]")
_NUMBER_NOT = re.compile(rf"^Số\s(?:{any_of('no_number_line')}|\d+\s?[,.]?\s?(?:đường|phố|ngõ))", re.IGNORECASE)
_CODE_TAIL = re.compile(r"^\s?[\dOoIl.]*\w?\s?/\s?[\w&]")
_SUBJECT_MARK = re.compile(r"^(?:V/v|V\.v|V/V|v/v|Vv|Về việc|VỀ VIỆC)\b\s?:?", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"^(?P<place>[^\W\d_][^,;:\d]{1,48}?)?\s?,?\s?ngày\s?(?P<day>[\dOoIl]{0,2}|[.…_]*)\s?tháng\s?(?P<month>[\dOoIl]{0,2}|[.…_]*)"
    r"\s?năm\s?(?P<year>(?:19|2[0O])[\dOoIl]{0,2}|[.…_]*)\s?\.?$",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^[\[(]?\s?(?:hỏa tốc|thượng khẩn|khẩn|tuyệt mật|tối mật|mật|hỏa tốc hẹn giờ)\s?[\])!.]?$")
_KINH_GUI = re.compile(r"^(?:[-–]\s?)?kính\s?(?:gửi|gởi|trình)\s?[:;]?", re.IGNORECASE)
# CHỦ TỊCH UBND TỈNH điện: with the list under it, or ĐIỆN: Sở Y tế on one line.
_DIEN = re.compile(rf"\b(?i:điện)\s?:$|^(?:[{UPPER}\s,-]*\s)?(?:ĐIỆN|điện)\s?:\s")
_BODY_OPENS = re.compile(rf"^{any_of('body_openers')}\b")
_ISSUES = re.compile(rf"^{any_of('operative_headings')}\s?:$")
_DECIDES = re.compile(rf"^{any_of('deciding_bodies')}\b")
_OPEN_ENDED = re.compile(rf"(?:\b{any_of('title_wants_more')}|[,–-])$", re.IGNORECASE)
_WANTS_MORE = re.compile(rf"\b{any_of('wants_more')}$", re.IGNORECASE)
_TITLE_GOES_ON = re.compile(rf"^{any_of('title_goes_on')}\b", re.IGNORECASE)


def segment(text: Text, regions: Sequence[tuple[int, int, Part]] = ()) -> Reading:
    """Zones and blocks of a normalised text. ``regions``: canonical spans whose part the reader knows (table, annex).

    The body's paragraphs are unwrapped in the returned reading's text; head and foot keep their lines.
    """
    lines = _lines(text.clean)
    if not lines:
        return Reading(text, (), ())
    spacing = spacing_of(lines)
    names, head_end = _head(lines, spacing)
    tail_start, annex_start = name_foot(lines, head_end, names)
    if head_end < tail_start:
        names[head_end:tail_start] = ["body"] * (tail_start - head_end)
    if annex_start < len(lines):
        names[annex_start:] = [n if n == "stamps" else "annex" for n in names[annex_start:]]
    end_stamps(lines, names)
    return _laid_out(text, lines, names, spacing, regions)


def as_body(text: Text) -> Reading:
    """The whole text read as body paragraphs: for a fragment that has no head and no foot."""
    lines = _lines(text.clean)
    return _laid_out(text, lines, ["body"] * len(lines), spacing_of(lines), ())


def _lines(clean: str) -> list[Line]:
    found: list[Line] = []
    position = gap = 0
    for raw in clean.split("\n"):
        if raw:
            found.append(Line(position, position + len(raw), raw, gap))
            gap = 0
        else:
            gap += 1
        position += len(raw) + 1
    return found


def _head(lines: Sequence[Line], spacing: Spacing) -> tuple[list[ZoneName | None], int]:
    """Name the head's lines; the second value is the first line of the body."""
    names: list[ZoneName | None] = [None] * len(lines)
    limit = min(len(lines), HEAD_LINES)
    folded = [fold(line.text) for line in lines[:limit]]
    index = 0
    titled = False
    while index < limit:
        line = lines[index]
        if TIMESTAMP.match(line.text) or STAMP.match(line.text):
            names[index] = "stamps"
        elif len(line.text) <= 60 and (
            _MOTTO.search(folded[index])
            or (_UNION.fullmatch(folded[index]) and any(_names_union(below) for below in folded[:16]))
            or (folded[index] in ("cộng", "cộng hòa") and index + 1 < limit and _MOTTO.search(folded[index + 1]))
        ):
            names[index] = "motto"
        elif _MARKS.match(folded[index]):
            names[index] = "marks"
        elif _NUMBER.match(line.text) and not _NUMBER_NOT.match(line.text) and not titled:
            names[index] = "number_line"
            while (
                index + 1 < limit
                and not re.search(r"/\s?\S*[A-ZĐ]", lines[index].text)
                and _CODE_TAIL.match(lines[index + 1].text)
            ):
                index += 1
                names[index] = "number_line"
        elif (size := _date_lines(lines, index, limit)) and not titled:
            names[index : index + size] = ["place_date"] * size
            index += size - 1
        elif _SUBJECT_MARK.match(line.text) and not titled and "subject_line" not in names[:index]:
            index = _take_subject(lines, names, folded, index, limit, spacing, "subject_line") - 1
        elif _KINH_GUI.match(line.text) or titled and (_DIEN.search(line.text) and len(line.text) < 160):
            return names, _take_addressees(lines, names, index, spacing)
        elif not titled and _is_title(line.text):
            titled = True
            names[index] = "title"
            index = _take_subject(lines, names, folded, index + 1, limit, spacing, "subject") - 1
        elif is_caps(line.text) and not titled and not marker_of(line.text)[0]:
            names[index] = "letterhead"
        elif titled and is_caps(line.text) and any(_DIEN.search(below.text) for below in lines[index + 1 : index + 4]):
            pass  # who sends a công điện, named over điện:
        elif titled or not (_is_stray(line.text) or _is_preamble(names, folded, index)):
            break
        index += 1
    return names, _settle_head(lines, names, index)


def _names_union(line: str) -> bool:
    """Whether a folded line of the head names a committee of the youth union: ``tỉnh đoàn …``."""
    return "đoàn" in line.split()[:2] and _UNION.fullmatch(line) is None


def _is_stray(text: str) -> bool:
    """Whether a head's line that nothing claims is noise (an arrival stamp's rest, a star) and the head goes on."""
    return len(text) <= 60 and not _BODY_OPENS.match(text) and not text.endswith((".", ";", ":"))


def _is_preamble(names: Sequence[ZoneName | None], folded: Sequence[str], index: int) -> bool:
    """Whether a web page says something of its own before the head, whose motto still comes."""
    begun = any(name not in (None, "letterhead", "stamps") for name in names[:index])
    return not begun and any(_MOTTO.search(line) for line in folded[index + 1 : index + PREAMBLE_LINES])


def _settle_head(lines: Sequence[Line], names: list[ZoneName | None], index: int) -> int:
    """The body begins after the last line the head claimed; capitals that only look like a letterhead go back to it."""
    anchors = [k for k in range(index) if names[k] not in (None, "letterhead", "marks", "stamps")]
    if not anchors:
        for k in range(index):
            if names[k] in ("letterhead", "marks"):
                names[k] = None
        return next((k for k in range(index) if names[k] is None), index)
    for k in range(anchors[-1] + 1, index):
        names[k] = None
    return anchors[-1] + 1


def _date_lines(lines: Sequence[Line], index: int, limit: int) -> int:
    """How many lines from ``index`` on make up địa danh, ngày … tháng … năm …; 0 for none."""
    first = lines[index].text
    if len(first) > 90 or not (first[0].isalpha() and (first[0].isupper() or first.startswith("ngày"))):
        return 0
    joined = ""
    for size in range(1, 4):
        if index + size > limit:
            return 0
        joined = f"{joined} {lines[index + size - 1].text}".strip()
        match = _DATE_LINE.match(joined)
        if match is not None and (match["place"] is None or len(match["place"].split()) <= 8):
            return size
        if len(joined) > 110:
            return 0
    return 0


def _is_title(text: str) -> bool:
    """Whether a line opens with the name of a kind of dispatch in capitals: ``KẾ HOẠCH``, ``THÔNG BÁO KẾT LUẬN …``."""
    if not is_caps(" ".join(text.split()[:3])) or len(text) > 160:
        return False
    words = fold(text).rstrip(":").split()
    return any(" ".join(words[:size]) in title_names() for size in (4, 3, 2, 1))


def _take_subject(
    lines: Sequence[Line],
    names: list[ZoneName | None],
    folded: Sequence[str],
    index: int,
    limit: int,
    spacing: Spacing,
    name: ZoneName,
) -> int:
    """Name the lines of a trích yếu from ``index`` on; the line after it."""
    start = index
    while index < limit:
        line = lines[index]
        if index > start:
            wide = line.gap > (spacing.gap if _is_spaced(lines, start, limit) else 0)
            if (wide and not _goes_on(lines[index - 1].text, line.text)) or _claims(lines, folded, index, limit, name):
                break
        elif name == "subject" and (_opens_body(line.text) or _KINH_GUI.match(line.text) or _DIEN.search(line.text)):
            break
        names[index] = name
        index += 1
    if name == "subject":
        after = _without_authority(lines, start, index)
        names[after:index] = [None] * (index - after)
        return after
    return index


def _without_authority(lines: Sequence[Line], start: int, end: int) -> int:
    """Where a subject in capitals ends if the authority line of a decision stands right under it, else ``end``.

    NĐ 30/2020 PL III: the body that decides is named once more between trích yếu and căn cứ, and in a công điện before
    ``điện:``.
    """
    if end < len(lines) and _DIEN.search(lines[end].text):
        if all(is_caps(line.text) for line in lines[start:end]) and _DECIDES.match(lines[start].text):
            return start  # a công điện without a trích yếu: who sends it, and điện: to whom
    elif end >= len(lines) or not re.match(rf"{any_of('grounds')}\b", lines[end].text):
        return end
    for index in range(max(start + 1, end - 4), end):
        before = lines[index - 1].text
        if not all(is_caps(line.text) for line in lines[index - 1 : end]) or _OPEN_ENDED.search(before):
            continue
        if _DECIDES.match(lines[index].text) and len(" ".join(line.text for line in lines[index:end])) <= 150:
            return index
    return end


def _opens_body(text: str) -> bool:
    """Whether the line right under the tên loại is already the body: a kind without a trích yếu."""
    return bool(
        text.startswith("Căn cứ") or marker_of(text)[0] or (_BODY_OPENS.match(text) and text.endswith((".", ";", ":")))
    )


def _is_spaced(lines: Sequence[Line], start: int, limit: int) -> bool:
    """Whether an empty line stands after every line hereabouts."""
    near = lines[start + 1 : min(limit, start + 12)]
    return bool(near) and sum(line.gap >= 1 for line in near) >= 0.7 * len(near)


def _goes_on(before: str, text: str) -> bool:
    if before.endswith((".", ";", ":")):
        return False
    return text[:1].islower() or (text[:1].isdigit() and _WANTS_MORE.search(before) is not None)


def _claims(lines: Sequence[Line], folded: Sequence[str], index: int, limit: int, name: ZoneName) -> bool:
    """Whether the line is some other zone's, so that the subject ends before it."""
    text = lines[index].text
    if _KINH_GUI.match(text) or _DIEN.search(text) or _ISSUES.match(text) or TIMESTAMP.match(text):
        return True
    if name == "subject_line":
        return bool(
            (len(text) <= 60 and _MOTTO.search(folded[index]))
            or _date_lines(lines, index, limit)
            or (is_caps(text) and not is_caps(lines[index - 1].text))
            or _is_title(text)
            or _NUMBER.match(text)
        )
    if marker_of(text)[0] and not text.startswith(("-", "–")):
        return True
    caps_before = is_caps(lines[index - 1].text)
    if caps_before and not is_caps(text) and _is_sentence(text) and len(lines[index - 1].text.split()) >= 2:
        return True
    return bool(
        _BODY_OPENS.match(text) and (not caps_before or not is_caps(text)) and lines[index - 1].text[-1:] not in ",-–"
    )


def _is_sentence(text: str) -> bool:
    """Whether a line under a title in capitals is the first sentence of a body rather than more of the title."""
    return len(text) >= 36 and text[:1].isupper() and not _TITLE_GOES_ON.match(text)


def _take_addressees(lines: Sequence[Line], names: list[ZoneName | None], index: int, spacing: Spacing) -> int:
    """Name Kính gửi and the list under it; the first line of the body."""
    start = index
    names[index] = "addressees"
    bulleted = False
    spaced = _is_spaced(lines, start, len(lines))
    for index in range(start + 1, min(len(lines), start + HEAD_LINES)):
        text, before = lines[index].text, lines[index - 1].text
        marker = marker_of(text)[0]
        bulleted = bulleted or marker[:1] in "-–—•+*" and bool(marker)
        empty_so_far = index == start + 1 and re.search(r"[:;]$|gửi$", before) is not None
        if marker and (marker[:1] in "-–—•+*") and not CLOSED.search(before):
            names[index] = "addressees"
            continue
        goes_on = text[:1].islower() or before.endswith((",", " và", " -"))
        wide = lines[index].gap > (1 if spaced else 0)
        if marker or _BODY_OPENS.match(text) and not goes_on:
            return index
        named = index == start + 1 and not empty_so_far and not before.endswith(";")
        if named and lines[index].gap and not goes_on and text.endswith((".", ":")):
            return index  # all are named on the first line, and a sentence follows
        ended = before.endswith((".", ":")) and index > start + 1 and not goes_on
        if empty_so_far or (goes_on and not before.endswith(".") and not (wide and not goes_on)):
            names[index] = "addressees"
        elif ended or wide or (bulleted and before.endswith(".")) or len(text) > 160:
            return index
        elif before.endswith(";") or bulleted or (len(before) >= 0.7 * spacing.width and index <= start + 3):
            names[index] = "addressees"
        else:
            return index
    return min(len(lines), start + HEAD_LINES)


def _laid_out(
    text: Text,
    lines: Sequence[Line],
    names: Sequence[ZoneName | None],
    spacing: Spacing,
    regions: Sequence[tuple[int, int, Part]],
) -> Reading:
    """Unwrap the paragraphs of body and annex and give zones and blocks in the new text."""
    parts = _parts(text, lines, names, regions)
    found: list[Paragraph] = []
    runs: list[tuple[ZoneName, int, int]] = []
    index = 0
    while index < len(lines):
        name, stop = names[index], index + 1
        while stop < len(lines) and names[stop] == name:
            stop += 1
        if name is not None:
            runs.append((name, index, stop - 1))
        if name in ("body", "annex"):
            found.extend(_paragraphs_by_part(lines, index, stop, spacing, parts))
        index = stop
    edits: list[Edit] = []
    for paragraph in found:
        for k in range(paragraph.first, paragraph.last):
            edits.append((lines[k].end, lines[k + 1].start, " "))
    moved = _Shift(edits)
    clean = text.edit(edits)
    blocks = _blocks(clean, lines, found, moved)
    zones = tuple(Zone(name, moved(lines[a].start), moved(lines[b].end)) for name, a, b in runs)
    return Reading(clean, zones, blocks)


def _parts(
    text: Text, lines: Sequence[Line], names: Sequence[ZoneName | None], regions: Sequence[tuple[int, int, Part]]
) -> list[Part]:
    parts: list[Part] = ["annex" if name == "annex" else "main" for name in names]
    spans = [text.span(line.start, line.end) for line in lines] if regions else []
    for start, end, part in regions:
        # Lines lie in the canonical text in order: those that touch the region stand together.
        k = bisect_right(spans, start, key=lambda span: span[1])
        while k < len(spans) and spans[k][0] < end:
            if part == "table" or parts[k] == "main":
                parts[k] = part
            k += 1
    return parts


def _paragraphs_by_part(
    lines: Sequence[Line], first: int, last: int, spacing: Spacing, parts: Sequence[Part]
) -> list[Paragraph]:
    found: list[Paragraph] = []
    start = first
    for index in range(first + 1, last + 1):
        if index < last and parts[index] == parts[start]:
            continue
        if parts[start] == "table":
            found.extend(Paragraph(k, k, "", 10, "table") for k in range(start, index))
        else:
            found.extend(paragraphs(lines, start, index, spacing, parts[start]))
        start = index
    return found


def _blocks(clean: Text, lines: Sequence[Line], found: Sequence[Paragraph], moved: _Shift) -> tuple[Block, ...]:
    spans = [(moved(lines[p.first].start), moved(lines[p.last].end)) for p in found]
    contents = []
    offsets = []
    for paragraph, (start, end) in zip(found, spans, strict=True):
        words = clean.clean[start:end]
        offset = marker_of(words)[2] if paragraph.marker else 0
        contents.append(words[offset:])
        offsets.append(start + offset)
    tree = parents_of(found, contents)
    return tuple(
        Block(start, end, offsets[k], found[k].marker, tree[k][0], tree[k][1], found[k].part)
        for k, (start, end) in enumerate(spans)
    )


class _Shift:
    """Positions before the edits to positions after them."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._at = [end for _, end, _ in edits]
        self._by = [0]
        for start, end, new in edits:
            self._by.append(self._by[-1] + len(new) - (end - start))

    def __call__(self, position: int) -> int:
        return position + self._by[bisect_right(self._at, position)]
