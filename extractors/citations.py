"""One citation's parts: the kind before a code, the date, body and title after it, the body before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from extractors.bodies import match_body
from extractors.citation_names import Named
from extractors.citation_titles import title_at
from extractors.citation_words import either, kind_named, lead_names, words
from extractors.codes import Code
from extractors.dates import find_dates
from extractors.fold import fold_chars
from extractors.letters import UPPER

_LEAD_WINDOW = 90
_SO = re.compile(r"(?:^|(?<=\W))(?:số hiệu|mang số|có số|số)\s?[:.]?\s?$")
_DATE_LEAD = re.compile(
    r"\s*[,(]?\s*(?:(?:được\s|đã\s)?(?:ký|ban hành|đề|phát hành|lập)\s+)?(?=ngày|năm\s?\d|tháng\s?\d|\d{1,2}\s?[/.])",
    re.IGNORECASE,
)
_GLUED_DAY = re.compile(r"[Nn]gày\s?(?=\d)")
_NOTE = re.compile(r"(?<!\d)\d{1,2}(?!\w)")
_BLANK_DATE = re.compile(r"[\s,]*ngày[\s.…_]*tháng[\s.…_]*(?P<month>\d{1,2})?[\s.…_]*năm\s?(?P<year>(?:19|20)\d\d)?")
_OF = re.compile(r"\s*,?\s*(?:của|do|giữa)\s+(?:các\s|liên\s)?", re.IGNORECASE)
_AT_START = re.compile(r"(?:^|[.;:]\s)[Tt]ại\s$")
_THEN_BODY = re.compile(r"\s*,\s+(?=\S)")
# A resolution of the Party is passed at a meeting of the committee that issues it.
_MEETING = re.compile(r"Hội nghị (?:lần thứ )?\w+,?\s(?:của\s)?(?=[A-ZĐ])")
_FURTHER = re.compile(r"\scủa\s")
_AFTER_BODY = re.compile(
    r"\s*,?\s*\(?(?:khóa|Khóa|khoá|Khoá)\s[IVXL]+\)?(?:,?\s(?:nhiệm kỳ\s[\d\s–-]{4,13}"
    r"|[Kk]ỳ họp (?:thứ|lần thứ|bất thường|chuyên đề)(?:\s(?:lần\s)?(?:thứ\s)?\w+)?))?"
    r"|\s\(?nhiệm kỳ\s[\d\s–-]{4,13}\)?|\s(?:ký\s)?ban hành(?=\s(?:ngày|về))"
)
_ISSUES = re.compile(r"\s(?:đã\s|vừa\s|mới\s)?(?:ký\s)?(?:ban hành|có|ra|ký)\s(?:các\s)?$")
_BRACKET = re.compile(r"\s?\(\s?(?:tại\s|theo\s|nêu tại\s)?$")
_AT = re.compile(r"^(?:.*\s)?(?P<at>(?<=\s)(?:tại|nêu tại)\s)(?P<tail>[^;:()]{0,60})$", re.DOTALL)
_NEXT_AT = re.compile(r"\s(?:tại|nêu tại)\s")
_WHOSE = re.compile(r"(?:(?<!\w)(?:của|đề nghị|ý kiến|báo cáo|đề xuất|chỉ đạo|yêu cầu|hướng dẫn)|[,;:(–-])\s$")
# Ngày 05/6/2024, | HĐTV … ban hành: a body that no table has, whose day is told all the same.
_UNKNOWN_BODY = re.compile(r"(?<=\d),\s(?=[^\W\d_])[^\s,;.:()]+(?:\s[^\s,;.:()]+){0,6}$")
_DAY_BEFORE = re.compile(r"(?:^|[\s(])[Nn]gày\s?[^,;]{5,28}$")
_CAPITAL = re.compile(rf"(?<![\w])[{UPPER}]")
_ABOUT_BEFORE = re.compile(r"\s(?:về việc|về)\s(?P<title>[^\s().;:/][^().;:/]{8,160}?)\s\(")
_BODY_WINDOW = 150
_CLAUSE_WINDOW = 300


@dataclass(frozen=True, slots=True)
class Head:
    """The words that name a document, ``text[start:end]``: kind, ``số``, code; or a name.

    ``kind`` is the one the words give, None where only the notation could. ``body`` as printed where it stands
    between the kind and the code. ``law``: the key of the law's name that stands before the code.
    """

    start: int
    end: int
    kind: str | None
    code: Code | None = None
    named: Named | None = None
    has_word: bool = False
    body: str | None = None
    law: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """One place where a document is named. ``body`` as printed; ``title`` as written with its span."""

    head: Head
    end: int
    issued_on: str | None = None
    body: str | None = None
    body_after: bool = False
    title: str | None = None
    title_start: int = 0
    title_end: int = 0
    told: bool = False

    @property
    def start(self) -> int:
        """Where its own words begin."""
        return self.head.start

    def with_body(self, body: str | None, after: bool = True) -> Citation:
        """The same, issued by ``body``."""
        return replace(self, body=body, body_after=after)


def head_of_code(text: str, floor: int, code: Code) -> Head:
    """The kind, ``số`` and other words right before a code, not before ``floor``."""
    base = max(floor, code.start - _LEAD_WINDOW)
    window = fold_chars(text[base : code.start])
    match = _kinds().search(window)
    if match is not None:
        return Head(base + match.start("kind"), code.end, kind_named(match["kind"]), code, None, True)
    so = _SO.search(window)
    start = code.start if so is None else base + so.start()
    if so is not None:
        apart = _kind_and_body(text, base, start)
        if apart is not None:
            at, kind, body = apart
            return Head(at, code.end, kind, code, None, True, body)
    return Head(start, code.end, None, code, None, False)


def _kind_and_body(text: str, base: int, stop: int) -> tuple[int, str | None, str] | None:
    """``Nghị quyết của Hội đồng nhân dân tỉnh`` before ``số …``: where it starts, the kind, the body."""
    window = fold_chars(text[base:stop])
    for match in reversed(list(_kind_of().finditer(window))):
        begin = base + match.end()
        until = match_body(text, begin)
        if until is not None and text[until:stop].strip(" ,") == "":
            return base + match.start("kind"), kind_named(match["kind"]), text[begin:until].strip()
    return None


def head_of_name(named: Named) -> Head:
    """A law, standard or dated document as a head."""
    return Head(named.start, named.end, named.kind, None, named, True, named.body)


def law_with_code(law: Head, code: Head) -> Head:
    """``Luật Lưu trữ số 33/2024/QH15``: the law's words and its code are one head."""
    key = None if law.named is None else law.named.key
    return replace(code, start=law.start, kind=law.kind, has_word=True, law=key)


def read_citation(text: str, head: Head, floor: int, stop: int, later: Sequence[Head]) -> Citation:
    """What stands round a head within ``text[floor:stop]``; ``later`` are the heads that follow it there."""
    if head.named is not None and head.named.rule == "reference/standard":
        return Citation(head, head.end)
    note = _NOTE.match(text, head.end, stop)
    position = head.end if note is None else note.end()
    issued_on, body, after = None, head.body, False
    if head.named is not None:
        issued_on = head.named.issued_on
    limit = min(stop, later[0].start) if later else stop
    for _ in range(3):
        if issued_on is None or (head.named is not None and len(issued_on) == 4 and position == head.end):
            dated = _date_at(text, position, limit)
            if dated is not None:
                position, issued_on = dated
                continue
        if body is None:
            found = _body_at(text, position, limit, limit < stop)
            if found is not None:
                position, body = found
                after = True
                continue
        break
    if body is None:
        body, told_date = _before(text, head, floor)
        issued_on = issued_on or told_date
    if body is None and _AT_START.search(text[max(floor, head.start - 6) : head.start]):
        body = _subject_at(text, position, limit)
    if head.named is not None and head.named.rule == "reference/law":
        return Citation(head, position, issued_on, body, after)
    described = issued_on is not None or body is not None
    items = [(h.start, h.kind or (h.code.kind if h.code else None)) for h in later]
    title = title_at(text, position, stop, items, head.kind, described)
    if title is None and body is None and (told := _described_before(text, head, floor)) is not None:
        body, begin, end = told
        return Citation(head, position, issued_on, body, False, text[begin:end], begin, end)
    if title is None:
        return Citation(head, position, issued_on, body, after)
    return Citation(head, title.end, issued_on, body, after, title.text, title.start, title.end, title.telling)


def _date_at(text: str, position: int, stop: int) -> tuple[int, str] | None:
    lead = _DATE_LEAD.match(text, position, stop)
    if lead is None:
        return None
    begin = lead.end()
    glued = _GLUED_DAY.match(text, begin, stop) if begin == position else None
    if glued is not None:
        begin = glued.end()
    found = next(find_dates(text, begin, min(stop, begin + 44)), None)
    if found is not None and found.start == begin and found.year_given and not found.span:
        if found.granularity in ("day", "month", "year"):
            end = found.end
            if "(" in lead.group():
                close = re.compile(r"\s?\)").match(text, end, stop)
                if close is None:
                    return None
                end = close.end()
            return end, found.value
    blank = _BLANK_DATE.match(text, position, stop)
    if blank is not None and blank["year"]:
        month = blank["month"]
        value = f"{blank['year']}-{int(month):02d}" if month and 1 <= int(month) <= 12 else blank["year"]
        return blank.end(), value
    return None


def _body_at(text: str, position: int, stop: int, followed: bool) -> tuple[int, str] | None:
    lead = _OF.match(text, position, stop)
    if lead is not None:
        begin = lead.end()
    else:
        space = re.compile(r"\s+").match(text, position, stop)
        if space is None or not text[space.end() : space.end() + 1].isupper():
            return None
        begin = space.end()
    meeting = _MEETING.match(text, begin, stop)
    if meeting is not None:
        begin = meeting.end()
    until = match_body(text, begin)
    if until is None or until > stop:
        return None
    if followed and stop - until < 60 and _NEXT_AT.match(text, until, stop):
        return None  # "…, của Sở Nội vụ tại công văn số …": the next citation's body
    if lead is None and _speaks().match(fold_chars(text[until : until + 40])) is None:
        return None
    further = _FURTHER.match(text, until, stop)
    if further is not None and lead is not None:
        last = match_body(text, further.end())
        if last is not None and last <= stop:
            until = last
    body = text[begin:until].strip()
    extra = _AFTER_BODY.match(text, until, stop)
    return (extra.end() if extra is not None else until), body


def _subject_at(text: str, position: int, stop: int) -> str | None:
    """The body that speaks in the document: ``Tại Công văn số …, Sở Y tế đã đề nghị …``."""
    lead = _THEN_BODY.match(text, position, stop)
    until = None if lead is None else match_body(text, lead.end())
    if lead is None or until is None or until > stop or _says().match(fold_chars(text[until : until + 24])) is None:
        return None
    return text[lead.end() : until].strip()


def _before(text: str, head: Head, floor: int) -> tuple[str | None, str | None]:
    """Body and day told before the head: ``của Bộ Chính trị tại …``, ``Ngày 05/6/2024, Sở Y tế ban hành …``."""
    base = max(floor, head.start - _BODY_WINDOW)
    window = text[base : head.start]
    for pattern in (_ISSUES, _BRACKET, _AT):
        match = pattern.search(window)
        if match is None:
            continue
        if pattern is _AT and not _only_places(match["tail"]):
            continue
        until = base + (match.start("at") - 1 if pattern is _AT else match.start())
        found = _body_ending(text, base, until)
        if found is None:
            unknown = _UNKNOWN_BODY.search(text, base, until) if pattern is _ISSUES else None
            if unknown is not None and unknown.end() == until:
                return None, _day_ending(text, max(floor, unknown.start() - 50), unknown.start() + 1)
            continue
        begin, body = found
        day = None
        if pattern is _ISSUES:
            day = _day_ending(text, max(floor, begin - 50), begin)
        elif pattern is _AT and not _opens(text, floor, begin):
            continue
        return body, day
    return _speaker(text, base, head.start), None


def _speaker(text: str, base: int, stop: int) -> str | None:
    """Who says or decides it: ``UBND tỉnh đã chỉ đạo tại Công văn …``, ``được UBND tỉnh phê duyệt tại …``."""
    match = _said().search(fold_chars(text[base:stop]))
    if match is None or not _only_places(match["tail"]):
        return None
    found = _body_ending(text, base, base + match.start())
    if found is None or (match["done"] is None and text[max(base, found[0] - 5) : found[0]] != "được "):
        return None
    return found[1]


def _described_before(text: str, head: Head, floor: int) -> tuple[str, int, int] | None:
    """Body and title's span: ``nghe báo cáo của Sở Y tế về tình hình tiêm chủng (Báo cáo số …)``."""
    base = max(floor, head.start - _CLAUSE_WINDOW)
    folded = fold_chars(text[base : head.start])
    if head.kind is None or not folded.endswith("("):
        return None
    lead = f"{head.kind} của "
    at = folded.rfind(lead)
    until = None if at < 0 else match_body(text, base + at + len(lead))
    about = None if until is None else _ABOUT_BEFORE.fullmatch(text, until, head.start)
    if until is None or about is None or at and folded[at - 1].isalpha():
        return None
    return text[base + at + len(lead) : until].strip(), about.start("title"), about.end("title")


def _opens(text: str, floor: int, begin: int) -> bool:
    """Whether a body may begin at ``begin``: after whose words it tells, or at the start of a clause."""
    return begin == floor or _WHOSE.search(fold_chars(text[max(floor, begin - 12) : begin])) is not None


def _only_places(tail: str) -> bool:
    return _place_words().sub(" ", fold_chars(tail)).strip(" ,") == ""


def _body_ending(text: str, base: int, until: int) -> tuple[int, str] | None:
    """The longest body's name that ends right at ``until``."""
    for match in _CAPITAL.finditer(text, base, until):
        if match_body(text, match.start()) == until:
            return match.start(), text[match.start() : until].strip()
    return None


def _day_ending(text: str, base: int, until: int) -> str | None:
    window = text[base:until].rstrip(" ,")
    match = _DAY_BEFORE.search(window)
    if match is None:
        return None
    days = [d for d in find_dates(window, match.start()) if d.end == len(window)]
    return days[0].value if days and days[0].granularity == "day" and days[0].year_given else None


@cache
def _kinds() -> re.Pattern[str]:
    kinds = "|".join(map(re.escape, lead_names()))
    return re.compile(
        rf"(?:^|(?<=\W))(?P<kind>{kinds})(?:\s(?:{either(words().modifiers)})){{0,2}}(?:\s?\([^()]{{1,30}}\))?"
        r"\s?:?\s?\(?(?:số hiệu|mang số|có số|số)?\s?[:.]?\s?$"
    )


@cache
def _kind_of() -> re.Pattern[str]:
    kinds = "|".join(map(re.escape, lead_names()))
    return re.compile(rf"(?:^|(?<=\W))(?P<kind>{kinds})\s(?:của\s)?")


@cache
def _said() -> re.Pattern[str]:
    verbs = either(words().saying_verbs)
    return re.compile(
        rf"\s(?P<done>(?:đã|vừa)\s)?(?:{verbs})(?!\w)(?:(?!\s(?:{verbs})(?!\w))[^.;:()]){{0,50}}?"
        r"\s(?:tại|nêu tại)\s(?P<tail>[^.;:()]{0,60})$"
    )


@cache
def _place_words() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{either(words().pinpoints)})(?!\w)|(?<!\w)(?:\d+(?:\.\d+)*|[a-zđ]|[ivx]+)(?!\w)")


@cache
def _says() -> re.Pattern[str]:
    return re.compile(rf"\s(?:đã|có|{either(words().telling_verbs)})(?!\w)")


@cache
def _speaks() -> re.Pattern[str]:
    """What may follow a body that stands after a date without ``của``: a title, or the date."""
    return re.compile(rf"\s?,?\s(?:về|v/v|ngày\s?\d|{either(words().title_verbs)})(?!\w)|\s?[;.]|\s?$")
