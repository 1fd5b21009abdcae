"""Quyền hạn, chức vụ, họ tên: the signature block (Nghị định 30/2020/NĐ-CP, Phụ lục I.II.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.blocks import is_caps
from extractors.cues import any_of
from extractors.foot import AUTHORITY, BARE_AUTHORITY, POSITION
from extractors.letters import UPPER
from extractors.persons import TITLES, is_person_name
from models.reading import Reading
from models.record import Evidence, Signer

DEPUTY_IN_STEAD = "signer/deputy-in-stead"
"""The rule that puts a lost KT. back."""
_NO_NAME = re.compile(rf"^[(\[]?\s?{any_of('signed')}", re.IGNORECASE)
# Titles that a reader ran together on one line: TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH. What follows a dash, a
# comma or a half word (TỔNG GIÁM ĐỐC) is more of the same title.
_ANOTHER_AUTHORITY = re.compile(r"\s(?=(?:KT|K/T|TL|T/L|TUQ)\s?\.)")
_ANOTHER_TITLE = re.compile(rf"(?<![-–,]\s)(?<!TỔNG\s)(?<!VÀ\s)(?<!KIÊM\s)\b(?:QUYỀN |PHÓ )?{any_of('positions')}\b")
_HEADS_OF_BODIES = re.compile(r"PHÓ|(?:CHỦ TỊCH|BÍ THƯ|CHÁNH VĂN PHÒNG|(?:TỔNG )?GIÁM ĐỐC|TRƯỞNG BAN|HIỆU TRƯỞNG)\b")
# A deputy signs under his chief's title only in his stead (NĐ 30/2020 PL I.II.7): where both stand, KT. was lost.
_IN_STEAD = re.compile(r"^(?P<chief>\S.+?)\s(?P<deputy>PHÓ\s(?P=chief))$")
_TITLE_AND_NAME = re.compile(rf"^(?P<title>(?:[{UPPER},\-]+\s)+)(?P<name>(?:\w{{1,5}}\.\s?)*[{UPPER}][^{UPPER}].*)$")
_SCRAPS = re.compile(r"[^\w\s.,/()–-]|[|_=]")
_UNFINISHED = re.compile(r"[,\-–]$|\b(?:NHÂN|VÀ|CỦA|THÀNH|ỦY|UỶ|BAN)$|^(?:(?:TM|TUQ|TL|KT)\s?\.|PHÓ|QUYỀN)$")


@dataclass(frozen=True, slots=True)
class SignerFound:
    """The signer with evidence for each part (``authority``, ``position``, ``name``) and the rule's name."""

    signer: Signer
    evidence: dict[str, Evidence] = field(default_factory=dict)
    rule: str = "signer/block"


def find_signer(reading: Reading) -> SignerFound | None:
    """The signer of the dispatch, or None where the file holds no signature block."""
    zone = reading.zone("signature_block")
    if zone is None:
        return None
    clean = reading.text.clean
    lines: list[tuple[int, int, str]] = []
    position = zone.start
    for raw in clean[zone.start : zone.end].split("\n"):
        text = raw.strip()
        if text and not _NO_NAME.match(text):
            lines.extend(_parted(position, position + len(raw), text))
        position += len(raw) + 1
    readable = [line for line in lines if not _SCRAPS.search(line[2])]
    titles, names = _titles_and_names(readable)
    # A seal lies over the titles: what it left may be the half of a longer one, so no position is better than that.
    spoiled = len(readable) < len(lines) or len({text for _, _, text in titles}) < len(titles)
    authority: list[tuple[int, int, str]] = []
    chief: tuple[int, int, str] | None = None
    for start, end, text in titles:
        *before, last = _apart(text) if AUTHORITY.match(text) else [text]
        authority.extend((start, end, line) for line in before)
        if before and not AUTHORITY.match(last):
            chief = (start, end, last)
            continue
        text = last
        if AUTHORITY.match(text):
            authority.append((start, end, text))
        elif chief is None:
            chief = (start, end, text)
        else:
            chief = (chief[0], end, f"{chief[2]} {text}")
    rule = "signer/block"
    in_stead = _IN_STEAD.match(_tidy(chief[2])) if chief is not None else None
    if spoiled:
        chief = None
    elif chief is not None and in_stead is not None:
        authority.append((chief[0], chief[1], f"KT. {in_stead['chief']}"))
        chief = (chief[0], chief[1], in_stead["deputy"])
        rule = DEPUTY_IN_STEAD
    if not authority and chief is None and not names:
        return None
    evidence: dict[str, Evidence] = {}
    if authority:
        evidence["authority"] = reading.text.evidence(authority[0][0], authority[-1][1])
    if chief is not None:
        evidence["position"] = reading.text.evidence(chief[0], chief[1])
    name = None
    if names:
        name = TITLES.sub("", " ".join(text for _, _, text in names)).strip(" .,/") or None
        evidence["name"] = reading.text.evidence(names[0][0], names[-1][1])
    signer = Signer(
        authority=[_tidy(text) for _, _, text in authority],
        position=_tidy(chief[2]) if chief is not None else None,
        name=name,
    )
    return SignerFound(signer, evidence, rule)


def _parted(start: int, end: int, text: str) -> list[tuple[int, int, str]]:
    """A line, or title and name where a reader ran both together: ``HIỆU TRƯỞNG Vũ Thị Lan``."""
    match = _TITLE_AND_NAME.match(text)
    if match is None or not is_person_name(TITLES.sub("", match["name"])):
        return [(start, end, text)]
    title = match["title"].strip()
    if not (POSITION.match(title) or AUTHORITY.match(title)):
        return [(start, end, text)]
    name_at = end - len(match["name"])
    return [(start, start + len(title), title), (name_at, end, match["name"])]


def _apart(text: str) -> list[str]:
    """The titles on an authority line: quyền hạn one or more, then perhaps the position."""
    *before, last = _ANOTHER_AUTHORITY.split(text)
    for index, match in enumerate(_ANOTHER_TITLE.finditer(last)):
        behalf = last.startswith(("TM", "T/M"))
        # TM. names a body, in two words at least; KT., TL. and TUQ. a title of their own.
        if (len(last[: match.start()].split()) >= 3 and _HEADS_OF_BODIES.match(match[0])) if behalf else index:
            return [*before, last[: match.start()].strip(), last[match.start() :]]
    return [*before, last]


def _titles_and_names(
    lines: list[tuple[int, int, str]],
) -> tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    """The block's title lines, wrapped ones joined, and the line or two of the name."""
    titles: list[tuple[int, int, str]] = []
    names: list[tuple[int, int, str]] = []
    for index, (start, end, text) in enumerate(lines):
        following = lines[index + 1][2] if index + 1 < len(lines) else ""
        is_title = AUTHORITY.match(text) or POSITION.match(text)
        if not names and titles and not is_title and is_caps(text) and not _is_last_name(text, following, index, lines):
            first, _, before = titles[-1]
            titles[-1] = (first, end, f"{before} {text}")
        elif not names and titles and _UNFINISHED.search(titles[-1][2]) and is_caps(text) and not AUTHORITY.match(text):
            before = titles[-1][2]
            if before.endswith(",") or BARE_AUTHORITY.match(before) or not POSITION.match(text):
                first, _, before = titles[-1]
                titles[-1] = (first, end, f"{before} {text}")
            else:
                titles.append((start, end, text))
        elif is_title and (is_caps(text) or not is_person_name(text)) and not names:
            titles.append((start, end, text))
        elif _is_name_piece(text, following, bool(names)):
            names.append((start, end, text))
        elif not titles and is_caps(text):
            titles.append((start, end, text))
    return titles, names


def _is_last_name(text: str, following: str, index: int, lines: list[tuple[int, int, str]]) -> bool:
    """Whether a line in capitals at the block's end is the signer's name rather than more of the title."""
    return index == len(lines) - 1 and not following and is_person_name(text) and 3 <= len(text.split()) <= 5


def _is_name_piece(text: str, following: str, begun: bool) -> bool:
    bare = TITLES.sub("", text)
    if begun or is_person_name(bare):
        return len(bare.split()) <= 5 and (is_person_name(bare) or is_person_name("A " + bare))
    return len(bare.split()) == 1 and bool(following) and is_person_name(f"{bare} {following}")


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ;:,")
