"""Số, ký hiệu: the grammar of notations, as cited in running text and as printed in a letterhead's number line.

Forms after Nghị định 30/2020/NĐ-CP, Phụ lục I.II.3 (State: number, slash, groups joined by hyphens), Luật ban hành văn
bản quy phạm pháp luật (the year inside), Hướng dẫn 36-HD/VPTW (Party: hyphen first, then slash) and older practice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extractors import document_types
from extractors.bodies import from_notation, known_group
from extractors.citation_words import either, lead_names, words
from extractors.fold import fold_chars

_CAPITAL = "A-ZĐÐƯÔƠĂÂÊ"
# Small letters come in ones and twos between capitals: TTr, CTr, QyĐ, TTg, TrS.
_GROUP = rf"[{_CAPITAL}](?:[{_CAPITAL}\d]|[a-zđ]{{1,2}}(?![a-zđà-ỹ])|\s?&\s?(?=[{_CAPITAL}])|[._](?=[{_CAPITAL}\d]))*"
_HYPHEN = r"(?:[-–—]\s?|\s[-–—](?!\s))"
_JOIN = rf"(?:{_HYPHEN}|/(?=[{_CAPITAL}]))"
_SLASH = r"\s?/\s?"
_NUMBER = r"(?P<number>\d{1,6}(?:\.\d{1,3})?[a-zA-ZđĐ]?)"
_YEAR = rf"(?:(?P<year>(?:19|20)\d\d|\d\d(?={_SLASH}[{_CAPITAL}])){_SLASH})?"
_REST = rf"(?P<rest>(?:\s?[-–—]\s?{_GROUP})?(?:{_JOIN}{_GROUP}){{0,6}})(?P<tail>/(?:19|20)\d\d)?"
_STATE = rf"{_SLASH}{_YEAR}(?P<first>{_GROUP}){_REST}"
_PARTY = rf"\s?[-–—]\s?(?P<kind>{_GROUP}){_SLASH}(?P<organ>{_GROUP}(?:{_HYPHEN}{_GROUP}){{0,4}})"
_SPACED = rf"\s(?P<kind2>{_GROUP})(?P<join2>{_SLASH}|\s?[-–]\s?)(?P<organ2>{_GROUP}(?:{_HYPHEN}{_GROUP}){{0,4}})"
_OLD = rf"\s?[-–]\s?(?P<issuer>{_GROUP})"
_END = r"(?:(?!\w)|(?=ngày|của|về|tỉnh))"
_CODE = re.compile(
    rf"(?:(?<![\w/.])|(?<=số)|(?<=Số)|(?<=\D\.))(?<!\d,)(?<!\w[-–])(?<!/\s){_NUMBER}(?:{_PARTY}|{_STATE}|{_SPACED}|{_OLD}){_END}"
)
# The last digit of a number that a code could begin with; spares the grammar most of the text.
SIGN = re.compile(rf"\d[a-zA-ZđĐ]?\s?(?:[/\-–—]\s?(?:\d\d(?:\d\d)?\s?/\s?)?|(?<=\s))[{_CAPITAL}]")
"""Where a code may stand."""
_ASSEMBLY = re.compile(r"(?:UBTV)?QH(?:K?\d{1,2}|[IVX]+)?")
_FOOTNOTE = re.compile(r"[1-9]\d?$")
_NUMBERED = re.compile(r"(?:^|\W)số\s?[:.]?\s?$")
_WHITE = re.compile(r"\s+")
_LEAD = 48


@dataclass(frozen=True, slots=True)
class Code:
    """One số/ký hiệu found in ``text[start:end]``.

    ``canonical`` has no white space, plain hyphens and lost hyphens put back; ``repaired`` says that something other
    than white space or a dash was changed. ``notation`` is the canonical code without its number and the sign after
    it. ``kind`` is the kind of document the notation names, ``công văn`` where the first group is a body, None
    where it cannot be told (``QH15``; ``QĐ`` of the Party). ``numbered``: ``số`` or the name of a kind stands before.
    """

    start: int
    end: int
    number: str
    notation: str
    canonical: str
    repaired: bool
    year: str | None
    kind: str | None
    groups: tuple[str, ...]
    numbered: bool = False

    @property
    def issuer(self) -> tuple[str, ...]:
        """The groups that name who issued it: ``UBND`` of ``KH-UBND`` and of ``UBND-KTN``, ``QH`` of ``QH15``."""
        if _ASSEMBLY.fullmatch(self.groups[0]):
            return (re.sub(r"\d+$", "", self.groups[0]),)
        if len(self.groups) > 1 and document_types.by_code(self.groups[0]) is not None and self.kind != "công văn":
            return self.groups[1:]
        return self.groups[1:2] if self.groups[0] == "CV" else self.groups[:1]


@dataclass(frozen=True, slots=True)
class HeaderCode:
    """What a number line says: ``number`` None where its space is blank, ``code`` None where either is missing."""

    number: str | None
    notation: str | None
    code: str | None
    kind: str | None
    repaired: bool


def find_codes(text: str, start: int = 0, end: int | None = None) -> Iterator[Code]:
    """Every code in ``text[start:end]``, in order; offsets count in ``text``.

    Dates, fractions, rates (``km/h``), house numbers and the numbers of printed forms (``Mẫu số 05/KNTC``) are none.
    """
    stop = len(text) if end is None else end
    position = start
    while (sign := SIGN.search(text, position, stop)) is not None:
        match = _CODE.match(text, _number_start(text, sign.start(), position), stop)
        found = None if match is None else _read(text, match, start)
        if found is None:
            position = sign.start() + 1
        else:
            yield found
            position = found.end


def _number_start(text: str, position: int, floor: int) -> int:
    """Where the number begins whose last digit stands at ``position``."""
    while position > floor and (text[position - 1].isdigit() or text[position - 1] == "."):
        position -= 1
    return position + 1 if text[position] == "." else position


def _read(text: str, match: re.Match[str], floor: int) -> Code | None:
    lead = fold_chars(text[max(floor, match.start() - _LEAD) : match.start()])
    if _forms().search(lead):
        return None
    named = _kinds().search(lead) is not None
    numbered = named or _NUMBERED.search(lead) is not None
    number = match["number"]
    if match["kind"] is not None:
        groups = (_plain(match["kind"]), *_groups(match["organ"]))
        if document_types.by_code(groups[0]) is None:
            return None
        return _code(match, number, "-", f"{groups[0]}/{_joined(match['organ'])}", None, groups, False, numbered)
    if match["first"] is not None:
        return _state(match, number, named, numbered)
    if match["kind2"] is not None:
        groups = (_plain(match["kind2"]), *_groups(match["organ2"]))
        kind = document_types.by_code(groups[0])
        if kind is None or not numbered or not known_group(groups[1]):
            return None
        if "/" in match["join2"]:
            return _code(match, number, "-", f"{groups[0]}/{_joined(match['organ2'])}", None, groups, True, numbered)
        return _code(match, number, "/", f"{groups[0]}-{_joined(match['organ2'])}", None, groups, True, numbered)
    groups = (_plain(match["issuer"]),)
    if not named or not known_group(groups[0]) or document_types.by_code(groups[0]) is not None:
        return None
    return _code(match, number, "-", groups[0], None, groups, False, numbered)


def _state(match: re.Match[str], number: str, named: bool, numbered: bool) -> Code | None:
    first, year, tail = _plain(match["first"]), match["year"], match["tail"] or ""
    rest = _joined(match["rest"])
    groups = (first, *(g for g in re.split(r"[-/]", rest) if g))
    repaired = False
    if document_types.by_code(first) is None and not known_group(first) and not _ASSEMBLY.fullmatch(first):
        barred = _with_bar(first)
        if barred is not None and len(groups) > 1 and known_group(groups[1]):
            first, groups, repaired = barred, (barred, *groups[1:]), True
        parts = None if repaired else _split(first)
        if parts is not None:
            groups = (*parts, *groups[1:])
            first, rest, repaired = parts[0], f"-{parts[1]}{rest}", True
    last = groups[-1]
    without = _FOOTNOTE.sub("", last)
    if without != last and not tail and _is_footnoted(groups, without):
        groups = (*groups[:-1], without)
        rest, repaired = rest[: len(rest) - (len(last) - len(without))], True
        if len(groups) == 1:
            first = without
        end = match.end() - (len(last) - len(without))
    else:
        end = match.end()
    if not _is_state(groups, year, named, numbered):
        return None
    body = f"{first}{rest}{tail}"
    notation = f"{year}/{body}" if year else body
    return _code(match, number, "/", notation, year, groups, repaired, numbered, end)


def _is_footnoted(groups: tuple[str, ...], without: str) -> bool:
    """Whether the digits at the end of the last group are a footnote's mark: ``NĐ-CP1``."""
    if len(groups) < 2 or document_types.by_code(groups[0]) is None or _ASSEMBLY.fullmatch(groups[-1]):
        return False
    whole = len(without) >= 3 or without in words().short_issuers  # TTr-NV2 is a second department, no footnote
    return whole and bool(from_notation(without)) and not known_group(groups[-1])


def _is_state(groups: tuple[str, ...], year: str | None, named: bool, numbered: bool) -> bool:
    first = groups[0]
    if year is not None and (named or len(year) == 4) and _ASSEMBLY.fullmatch(first):
        return True
    if year is not None and len(year) == 2 and not (document_types.by_code(first) is not None and numbered):
        return False
    if len(groups) > 1:
        if sum(c.isupper() or c.isdigit() for c in first) < 2 and document_types.by_code(first) is None:
            return False
        return numbered or document_types.by_code(first) is not None or known_group(first)
    if sum(c.isupper() for c in first) < 2:
        return False
    return named or (known_group(first) and (numbered or year is not None))


def _with_bar(group: str) -> str | None:
    """``QD`` as ``QĐ``: no code of a kind, but one with the bar that a scan lost. HD and CD stay what they are."""
    barred = group.replace("D", "Đ")
    kind = document_types.by_code(barred) if barred != group else None
    return barred if kind is not None and kind.code == barred else None


def _split(group: str) -> tuple[str, str] | None:
    """``QĐUBND`` as ``QĐ``, ``UBND``: the code of a kind and a known issuer that lost the hyphen between them."""
    for size in range(min(5, len(group) - 2), 0, -1):
        head, rest = group[:size], group[size:]
        kind = document_types.by_code(head)
        if kind is None or not known_group(rest):
            continue
        if len(rest) >= 3 or rest in words().short_issuers:
            return head, rest
    return None


def _code(
    match: re.Match[str],
    number: str,
    sign: str,
    notation: str,
    year: str | None,
    groups: tuple[str, ...],
    repaired: bool,
    numbered: bool,
    end: int | None = None,
) -> Code:
    party = sign == "-" and len(groups) > 1
    return Code(
        match.start(),
        match.end() if end is None else end,
        number,
        notation,
        f"{number}{sign}{notation}",
        repaired,
        year,
        _kind_of(groups, party),
        groups,
        numbered,
    )


def _kind_of(groups: tuple[str, ...], party: bool) -> str | None:
    first = groups[0]
    if party:
        kind = document_types.by_party_code(first)
        return None if kind is None else kind.name
    if _ASSEMBLY.fullmatch(first):
        return None
    kind = document_types.by_code(first)
    # CT-TTHT is a công văn of a tax office (Cục Thuế), CT-UBND a chỉ thị.
    if kind is not None and not (first in words().issuing_kinds and len(groups) > 1 and not from_notation(groups[1])):
        return kind.name
    return "công văn" if known_group(first) or len(groups) > 1 else None


def _plain(group: str) -> str:
    return _WHITE.sub("", group).replace("Ð", "Đ")


def _joined(groups: str) -> str:
    return re.sub("[–—]", "-", _plain(groups))


def _groups(joined: str) -> tuple[str, ...]:
    return tuple(g for g in re.split(r"[-/]", _joined(joined)) if g)


@cache
def _kinds() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in lead_names())
    return re.compile(rf"(?:^|\W)(?:{names})\s?(?:số)?\s?[:.]?\s?$")


@cache
def _forms() -> re.Pattern[str]:
    return re.compile(rf"(?:^|\W)(?:{either(words().form_words)})\s?(?:số)?\s?[:.]?\s?$")


_BLANK = r"[\s.…_,*]*"
_HEADER = re.compile(
    rf"\W*(?:[Ss][ốôoóỐÔOÓ]\s?[:.;]?)?{_BLANK}"
    rf"(?P<number>[\dOoIl]{{1,6}}(?:\.\d{{1,3}})?[a-zđA-ZĐ]?(?=\s?[/\-–]|$))?{_BLANK}"
    rf"(?P<sign>/|[-–—](?=\s?[{_CAPITAL}]\S*\s?/)|$)?{_BLANK}"
    rf"(?:(?P<year>(?:19|20)\d\d|[.…]*)\s?/{_BLANK})?"
    rf"(?P<groups>{_GROUP}(?:\s?[-–—/]\s?{_GROUP}){{0,7}})?"
)
_MISREAD = str.maketrans("OoIl", "0011")


def header_code(text: str) -> HeaderCode | None:
    """Số and ký hiệu of a letterhead's number line (``Số: 315/UBND-KT``, ``Số:      /TTr-SNV``, ``Số 36-HD/VPTW``).

    Any groups are taken as they stand. None where the line gives neither a number nor a notation.
    """
    line = _WHITE.sub(" ", text).strip()
    match = _HEADER.match(line)
    if match is None:
        return None
    number, groups = match["number"], match["groups"]
    if number is None and groups is None or (groups is not None and not match["sign"]):
        return None
    repaired = False
    if number is not None and re.search(r"^[OoIl]|[OoIl](?=.)", number):
        repaired, number = True, number.translate(_MISREAD)
    if groups is None:
        return HeaderCode(number, None, None, None, repaired)
    sign = "-" if match["sign"] and match["sign"] != "/" else "/"
    joined = _joined(groups)
    names = tuple(g for g in re.split(r"[-/]", joined) if g)
    if sign == "/" and len(names) >= 1 and document_types.by_code(names[0]) is None and not known_group(names[0]):
        parts = None if _ASSEMBLY.fullmatch(names[0]) else _split(names[0])
        if parts is not None:
            joined, names, repaired = f"{parts[0]}-{joined[len(parts[0]):]}", (*parts, *names[1:]), True
    year = (match["year"] or "").strip(".…")
    notation = f"{year}/{joined}" if year else joined
    code = None if number is None else f"{number}{sign}{notation}"
    return HeaderCode(number, notation, code, _kind_of(names, sign == "-" and len(names) > 1), repaired)
