"""The foot's lines to zones: Nơi nhận, the signature block and the stamps of visible signatures.

Layout after Nghị định 30/2020/NĐ-CP, Phụ lục I.II.7-9; Nơi nhận stands left of the signature block or above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.blocks import Line, is_caps, marker_of
from extractors.cues import any_of
from extractors.fold import fold
from extractors.letters import UPPER
from extractors.persons import is_person_name
from models.reading import ZoneName

_NOI_NHAN = re.compile(r"^(?:[-–*]\s?)?n[ơo]i\s?nh[ậa]n\b\s?[:;.]?", re.IGNORECASE)
AUTHORITY = re.compile(rf"^(?:(?:TM|T/M|TUQ|TL|T/L|KT|K/T|Q)(?:\s?\.\s?|\s)(?=[{UPPER}])|(?:TM|TUQ|TL|KT)\s?\.$)")
BARE_AUTHORITY = re.compile(r"^(?:(?:TM|TUQ|TL|KT)\s?\.|PHÓ|QUYỀN)$")
POSITION = re.compile(rf"^(?:QUYỀN |Q\. ?|PHÓ |TRỢ LÝ )?{any_of('positions')}\b")
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d|^D:\d{14}")
STAMP = re.compile(rf"^{any_of('stamps')}(?!\w)", re.IGNORECASE)
_ANNEX = re.compile(rf"^{any_of('annexes')}\b")
_GROUNDS = re.compile(rf"^{any_of('grounds')}\b")
CLOSED = re.compile(r"\./\.|\. ?/\.?$")


def name_foot(lines: Sequence[Line], head_end: int, names: list[ZoneName | None]) -> tuple[int, int]:
    """Name Nơi nhận and the signature block; the first line of the foot, and the first line after it."""
    count = len(lines)
    receives = next((k for k in range(head_end, count) if _NOI_NHAN.match(lines[k].text)), None)
    if receives is None:
        return _signature_without_recipients(lines, head_end, names)
    start = receives
    # The signature block may stand before Nơi nhận: after the closing ./., or as a run of capitals right above.
    above = receives
    while above > head_end and receives - above < 8 and _is_signature_line(lines[above - 1].text):
        above -= 1
    opens = next(
        (k for k in range(above, receives) if AUTHORITY.match(lines[k].text) or POSITION.match(lines[k].text)), None
    )
    if opens is not None:
        start = opens
        names[opens:receives] = ["signature_block"] * (receives - opens)
    index = receives
    names[index] = "recipients"
    index += 1
    while index < count and not _ends_recipients(lines, index):
        names[index] = "recipients"
        index += 1
    if opens is None:
        index = _take_signature(lines, names, index)
    return start, index


def _ends_recipients(lines: Sequence[Line], index: int) -> bool:
    text = lines[index].text
    if AUTHORITY.match(text) or (POSITION.match(text) and is_caps(text)) or _ANNEX.match(text):
        return True
    if TIMESTAMP.match(text) or STAMP.match(text):
        return True
    archived = re.search(r"\blưu\b", fold(lines[index - 1].text)) is not None
    if archived and lines[index].gap >= 1 and not marker_of(text)[0] and not text[:1].islower():
        return True
    return is_caps(text) and lines[index].gap >= 1 and len(text) > 6 and not marker_of(text)[0]


def _is_signature_line(text: str) -> bool:
    return (
        len(text) <= 70
        and (is_caps(text) or is_person_name(text))
        and not CLOSED.search(text)
        and not text.endswith((";", ","))
    )


def _take_signature(lines: Sequence[Line], names: list[ZoneName | None], index: int) -> int:
    """Name the signature block that begins at ``index``; the line after it."""
    count, start = len(lines), index
    named = False
    while index < count and index - start < 12:
        text = lines[index].text
        if _ANNEX.match(text) or TIMESTAMP.match(text) or STAMP.match(text) or len(text) > 90:
            break
        if named and not (lines[index].gap == 0 and len(text.split()) <= 2 and is_person_name("A " + text)):
            break
        if (
            not named
            and len(text.split()) == 1
            and not is_caps(text)
            and index + 1 < count
            and is_person_name(f"{text} {lines[index + 1].text}")
        ):
            names[index] = "signature_block"
            index += 1
            text = lines[index].text
            named = True
        elif (
            is_person_name(text)
            and not POSITION.match(text)
            and not AUTHORITY.match(text)
            and (not is_caps(text) or (index > start and not BARE_AUTHORITY.match(lines[index - 1].text)))
        ):
            named = True
        elif named or not (
            is_caps(text)
            or AUTHORITY.match(text)
            or re.match(r"^[(\[]?(?:đã ký|ký tên|chữ ký)", fold(text))
            or index == start
        ):
            break
        names[index] = "signature_block"
        index += 1
    return index


def _signature_without_recipients(
    lines: Sequence[Line], head_end: int, names: list[ZoneName | None]
) -> tuple[int, int]:
    """A foot without Nơi nhận: the first run of authority and position lines after which a name or nothing follows."""
    count = len(lines)
    closed = next((k for k in range(head_end, count) if CLOSED.search(lines[k].text)), None)
    first = head_end if closed is None else closed + 1
    for index in range(max(first, head_end), count):
        text = lines[index].text
        if len(text) > 70 or not is_caps(text):
            continue
        if any(_GROUNDS.match(line.text) for line in lines[index + 1 : index + 4]):
            continue  # the authority line of a decision
        if AUTHORITY.match(text) or (POSITION.match(text) and (closed is not None or index >= count - 12)):
            return index, _take_signature(lines, names, index)
    stamps = count
    while stamps > head_end and (TIMESTAMP.match(lines[stamps - 1].text) or STAMP.match(lines[stamps - 1].text)):
        stamps -= 1
    return stamps, stamps


def end_stamps(lines: Sequence[Line], names: list[ZoneName | None]) -> None:
    """Name the lines of visible signature stamps, wherever they were printed after the foot."""
    in_stamp = False
    for index in range(len(lines)):
        text = lines[index].text
        if names[index] == "body":
            in_stamp = False
            continue
        if TIMESTAMP.match(text) or STAMP.match(text):
            names[index] = "stamps"
            in_stamp = STAMP.match(text) is not None
        elif in_stamp and names[index] in (None, "annex") and lines[index].gap == 0 and len(text) <= 80:
            names[index] = "stamps"
        else:
            in_stamp = False
