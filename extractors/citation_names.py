"""Documents cited by name: laws, codes and ordinances, standards, and documents without a number but with their day."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extractors.bodies import match_body
from extractors.citation_words import either, kind_named, words
from extractors.dates import find_dates
from extractors.fold import fold, fold_chars
from extractors.letters import UPPER
from extractors.tables import RESOURCES, Row


class Laws(Row):
    """``laws.toml``: proper names of laws without the word in front."""

    source: str
    laws: list[str]
    codes: list[str]
    ordinances: list[str]
    name_ends: list[str]
    not_before: list[str]


@dataclass(frozen=True, slots=True)
class Named:
    """A document named in ``text[start:end]`` without a code.

    ``name`` as written, without its day; ``issued_on`` where the name or the words in it give a date; ``body`` as
    printed; ``key`` is what two mentions of one document share.
    """

    start: int
    end: int
    name: str
    kind: str
    rule: str
    key: str
    issued_on: str | None = None
    body: str | None = None
    inner: int | None = None


_LAW = re.compile(
    r"(?<!\w)(?:(?P<code>[Bb]ộ luật|BỘ LUẬT)|(?P<law>[Ll]uật|LUẬT)|(?P<ordinance>[Pp]háp lệnh|PHÁP LỆNH)"
    r"|(?P<constitution>Hiến pháp))\s"
)
_SIGNS = ("uật ", "UẬT ", "áp lệnh ", "ÁP LỆNH ", "Hiến pháp ", "QC", "TC", "ISO")
_YEAR = re.compile(r"\s(?:năm\s)?(?P<year>(?:19|20)\d\d)(?![\d/]|\s?[-–])")
_AMENDING = re.compile(
    r"sửa đổi,? (?:và )?bổ sung (?:một số )?(?:điều|nội dung|các điều|khoản|điểm)[^;:.()]{0,60}?(?:của |tại )?(?:các )?"
    r"(?=bộ luật |luật |pháp lệnh )"
)
_NEXT_LAW = re.compile(r"(?:\s?,|\s?và|\s?;)\s(?:(?:bộ )?luật|pháp lệnh)\s")
_CONSTITUTION = re.compile(r"(?:nước Cộng hòa xã hội chủ nghĩa Việt Nam )?(?:năm )?(?P<year>19[4-9]\d|20[0-4]\d)(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_MAX_NAME = 130
_MAX_WORDS = 9

_DAY = re.compile(r"ngày\s?\d")
_OF = re.compile(r"\s?,?\s?của\s")
_DATED_WINDOW = 170
_STANDARD = re.compile(
    r"(?<![\w])(?P<kind>QCVN|QCĐP|QCXDVN|TCVN|TCXDVN|TCXD|TCCS|TCN|ISO|QC)(?P<more>(?:\s(?:ISO|IEC|TS|HCMC))*(?:[/-](?:IEC|TS))?)\s?"
    r"(?P<number>\d{1,6}(?:[-.]\d{1,3})*)(?P<year>\s?:\s?(?:19|20)\d\d)?(?P<issuer>/[A-ZĐ][A-ZĐ&]*)?(?![\w])"
)


def name_signs(text: str) -> Iterator[int]:
    """Positions near which a document may be named without a code; cheap, and in no order."""
    for sign in _SIGNS:
        position = text.find(sign)
        while position >= 0:
            if sign != "uật " or text[position - 6 : position - 2] != "háp ":
                yield position
            position = text.find(sign, position + len(sign))
    for match in _DAY.finditer(text):
        yield match.start()


def find_laws(text: str, start: int, end: int) -> Iterator[Named]:
    """Laws, codes, ordinances and the constitution with its year, cited by name. An amending law contains others."""
    for match in _LAW.finditer(text, start, end):
        before = fold_chars(text[max(start, match.start() - 24) : match.start()])
        if _not_before().search(before):
            continue
        found = _law(text, match, end)
        if found is not None:
            yield found


def _law(text: str, match: re.Match[str], end: int) -> Named | None:
    position = match.end()
    if match["constitution"]:
        year = _CONSTITUTION.match(text, position, end)
        if year is None:
            return None
        name, key = text[match.start() : year.end()], fold(f"hiến pháp {year['year']}")
        return Named(match.start(), year.end(), name, "hiến pháp", "reference/law", key, year["year"])
    window = fold_chars(text[position : min(end, position + _MAX_NAME)])
    kind = "bộ luật" if match["code"] else "pháp lệnh" if match["ordinance"] else "luật"
    amending = _AMENDING.match(window)
    inner = None
    if amending is not None:
        inner = position
        stop = _amended(text, position + amending.end(), end)
    else:
        size = _listed(window, kind)
        if size is None:
            size = _unlisted(text, match, end)
        if size is None:
            return None
        stop = position + size
    key = fold(text[match.start() : stop])
    year = _YEAR.match(text, stop, end)
    issued_on = None
    if year is not None:
        stop, issued_on = year.end(), year["year"]
    name = text[match.start() : stop]
    return Named(match.start(), stop, name, kind, "reference/law", key, issued_on, inner=inner)


def _listed(window: str, kind: str) -> int | None:
    """The length of the longest listed name that opens ``window``."""
    first = window.split(" ", 1)[0].rstrip(",")
    for name in _names()[kind].get(first, ()):
        if window.startswith(name) and not window[len(name) : len(name) + 1].isalpha():
            return len(name)
    return None


def _unlisted(text: str, match: re.Match[str], end: int) -> int | None:
    """The length of a name no table has: a capitalised phrase up to punctuation or a word that ends names."""
    position = match.end()
    head = match.group()
    if not head[0].isupper() or not text[position : position + 1].isupper():
        return None
    stop = position
    for count, word in enumerate(_WORD.finditer(text, position, min(end, position + _MAX_NAME))):
        gap = text[stop : word.start()]
        if count and gap != " ":
            break
        if count and fold(word.group()) in _name_ends():
            break
        if count >= _MAX_WORDS:
            return None
        if count and word.group()[0].isupper() and word.group()[1:].islower() is False and len(word.group()) > 1:
            return None
        stop = word.end()
    size = stop - position
    after = text[stop : min(end, stop + 2)]
    return size if size >= 4 and text.count(" ", position, stop) >= 1 and re.match(r"[\s,;.:)]|$", after) else None


def _amended(text: str, position: int, end: int) -> int:
    """The end of the list of laws that an amending law names."""
    while True:
        law = _LAW.match(text, position, end)
        if law is None:
            return position
        window = fold_chars(text[law.end() : min(end, law.end() + _MAX_NAME)])
        kind = "bộ luật" if law["code"] else "pháp lệnh" if law["ordinance"] else "luật"
        size = _listed(window, kind) or _unlisted(text, law, end)
        if size is None:
            return law.end() - 1
        position = law.end() + size
        folded = fold_chars(text[position : min(end, position + 24)])
        more = _NEXT_LAW.match(folded)
        if more is None:
            return position
        # The next law begins at its own word, after the comma or "và".
        position += re.search(r"(?:bộ luật|luật|pháp lệnh)\s$", more.group()).start()  # type: ignore[union-attr]


def find_standards(text: str, start: int, end: int) -> Iterator[Named]:
    """Technical regulations and standards: ``QCVN 01-1:2018/BYT``, ``TCVN 6909:2001``, ``QC01``."""
    for match in _STANDARD.finditer(text, start, end):
        kind = match["kind"]
        if kind == "ISO" and not match["year"]:
            continue
        if kind == "QC" and not re.fullmatch(r"\d{2}", match["number"]):
            continue
        if kind == "TCN" and not match["year"]:
            continue
        name = " ".join(match.group().split())
        means = "quy chuẩn" if kind.startswith("QC") else "tiêu chuẩn"
        yield Named(match.start(), match.end(), name, means, "reference/standard", fold(name).replace(" ", ""))


def find_dated(text: str, start: int, end: int) -> Iterator[Named]:
    """Documents without a full code that are named with their day: ``Đơn đề nghị của … ngày 05/6/2024``."""
    done = start
    for sign in _DAY.finditer(text, start, end):
        window = max(done, sign.start() - _DATED_WINDOW)
        for match in _dated().finditer(text, window, sign.start()):
            found = _dated_one(text, match, sign.start(), end)
            if found is not None:
                yield found
                done = found.end
                break


def _dated_one(text: str, match: re.Match[str], day_start: int, end: int) -> Named | None:
    """The document of ``match`` if nothing but its body stands between it and the day at ``day_start``."""
    position, body = match.end(), None
    of = _OF.match(text, position, end)
    if of is not None:
        stop = match_body(text, of.end())
        if stop is None or stop > day_start:
            return None
        body, position = text[of.end() : stop].strip(), stop
    if text[position:day_start].strip(" ,") != "":
        return None
    day = next(find_dates(text, day_start, min(end, day_start + 40)), None)
    if day is None or day.start != day_start or day.granularity != "day" or not day.year_given:
        return None
    name, stop = text[match.start() : position].strip(), day.end
    if body is None:
        after = _OF.match(text, day.end, end)
        until = None if after is None else match_body(text, after.end())
        if after is not None and until is not None and until <= end:
            body, stop = text[after.end() : until].strip(), until
            name = name if " số " in name else f"{name} của {body}"
    if body is None and " số " not in name and not fold(name).startswith("biên bản"):
        return None  # "gửi Báo cáo ngày 05/6/2024": nobody's in particular
    kind = kind_named(fold(match["kind"])) or fold(match["kind"])
    return Named(match.start(), stop, name, kind, "reference/dated", fold(f"{name} {day.value}"), day.value, body)


@cache
def _table() -> Laws:
    return Laws.model_validate(tomllib.loads((RESOURCES / "laws.toml").read_text(encoding="utf-8")))


@cache
def _names() -> dict[str, dict[str, tuple[str, ...]]]:
    """Folded names by kind and first word, longest first."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, entries in (("luật", _table().laws), ("bộ luật", _table().codes), ("pháp lệnh", _table().ordinances)):
        by_first: dict[str, list[str]] = {}
        for name in sorted({fold(e) for e in entries}, key=lambda n: (-len(n), n)):
            by_first.setdefault(name.split(" ", 1)[0].rstrip(","), []).append(name)
        found[kind] = {first: tuple(names) for first, names in by_first.items()}
    return found


@cache
def _name_ends() -> frozenset[str]:
    return frozenset(fold(word).split(" ")[0] for word in _table().name_ends)


@cache
def _not_before() -> re.Pattern[str]:
    return re.compile(rf"(?:^|\W)(?:{either(_table().not_before)})\s?$")


@cache
def _dated() -> re.Pattern[str]:
    longest_first = sorted(words().dated_kinds, key=len, reverse=True)
    kinds = "|".join(f"{k[0].upper()}{k[1:]}|{k}(?=\\ssố\\s)" for k in longest_first)
    follows = rf"\s?,?\s?$|\s?,?\s?ngày\s?\d|\scủa\s[{UPPER}]"
    return re.compile(rf"(?<!\w)(?P<kind>{kinds})(?:\ssố\s?\d{{1,6}}[a-zđ]?)?(?={follows})")
