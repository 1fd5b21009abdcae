"""The title of a cited document: what a citation says it is about, and where that ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from extractors.bodies import match_body
from extractors.citation_words import either, words
from extractors.fold import fold_chars
from extractors.letters import UPPER
from extractors.sentences import sentences

_ABOUT = re.compile(r"\s*,?\s*(?P<quote>[\"“])?(?:hỏi\s+)?(?:về\s+việc|v/v|về)\s*:?\s+(?=\S)", re.IGNORECASE)
_SENT_TO = re.compile(r"\s*,?\s*gửi\s[^;:.()]{3,140}?(?=\s(?:về việc|v/v)\s)", re.IGNORECASE)
_GAP = re.compile(r"\s+")
_STOP = re.compile(r"[;:,()“”\"]")
_QUOTE = re.compile(r"[\"”]")
# về “Tiếp tục đổi mới công tác …”, | công tác …: what stands in quotation marks is the whole title.
_WHOLE_QUOTE = re.compile(r"[“\"](?P<inner>[^“”\"]{12,600})[”\"](?=\s?(?:[,;.)]|$))")
_LIST_JOINT = re.compile(r"(?P<joint>[,;]\s?(?:và\s)?|(?<=\s)và\s)(?:các\s)?(?:khoản\s\d+\s|điều\s\d+\s)*$")
# "… dịch COVID - 19. UBND tỉnh …": after a number the sentence splitter waits for an item of a list.
_FULL_STOP = re.compile(rf"(?<=\w\d)\.(?=\s[{UPPER}])")
_FOOTNOTE = re.compile(r"(?<=[^\W\d_]{2})\d{1,2}$")
_UNITS = (
    r"(?:xã|phường|cơ quan|đơn vị|sở|ban|ngành|địa phương|huyện|trường|phòng|doanh nghiệp|bộ|tổ chức|cá nhân|"
    r"thành viên|chủ đầu tư)"
)
_MAX = 900
_QUOTED_NAME = 30
_BEHIND_QUOTE = re.compile(r"\s(?:đối với|để|theo)\s|,\s[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Title:
    """A title, ``text[start:end]``; ``telling``: it is what the document tells somebody to do, not its name."""

    start: int
    end: int
    text: str
    telling: bool


def title_at(
    text: str, position: int, stop: int, later: Sequence[tuple[int, str | None]], kind: str | None, described: bool
) -> Title | None:
    """The title that begins at ``position`` (behind code, date and body), or None.

    ``later`` are the starts and kinds of the citations that follow; ``described``: a date or body is known, so that a
    verb may open the title without ``về``.
    """
    about = _ABOUT.match(text, position, stop)
    if about is None:
        sent = _SENT_TO.match(text, position, min(stop, position + 160))
        about = None if sent is None else _ABOUT.match(text, sent.end(), stop)
    telling = False
    if about is not None:
        begin = about.end()
    else:
        gap = _GAP.match(text, position, stop)
        if gap is None:
            return None
        begin = gap.end()
        folded = fold_chars(text[begin : min(stop, begin + 40)])
        if _titles().match(folded):
            if not described and kind != "luật" and not _bare().match(folded):
                return None
        elif described and kind in words().planning_kinds and _plans().match(folded):
            pass
        elif described and _tells().match(folded):
            telling = True
        elif not (described and kind in words().carrying_kinds and _carries(text, begin, folded)):
            return None
    limit = min(stop, begin + _MAX)
    if about is not None and about["quote"]:
        close = _QUOTE.search(text, begin, limit)
        limit = limit if close is None else close.start()
    quoted = _WHOLE_QUOTE.match(text, begin, limit) if about is not None else None
    if quoted is not None:
        begin, end = quoted.span("inner")
    else:
        end = _end(text, begin, limit, later)
    piece = text[begin:end].rstrip(" ,;:.-–/")
    piece = _FOOTNOTE.sub("", piece)
    if piece.count(" ") < (1 if about is not None else 2):
        return None
    return Title(begin, begin + len(piece), piece.strip(), telling)


def _carries(text: str, begin: int, folded: str) -> bool:
    match = _carrying().match(folded)
    return match is not None and text[begin + match.end() : begin + match.end() + 1].isupper()


def _end(text: str, begin: int, stop: int, later: Sequence[tuple[int, str | None]]) -> int:
    sentence = next(iter(sentences(text, begin, stop)), None)
    limit = stop if sentence is None else sentence[1]
    full_stop = _FULL_STOP.search(text, begin, limit)
    if full_stop is not None:
        limit = full_stop.start()
    limit = _before_next_item(text, begin, limit, later)
    folded = fold_chars(text[begin:limit])
    for pattern in (_final(), _ends()):
        match = pattern.search(folded)
        if match is not None:
            limit = min(limit, begin + match.start("end"))
    position = begin
    quoted_from: int | None = None
    while (match := _STOP.search(text, position, limit)) is not None:
        sign, at = match.group(), match.start()
        position = match.end()
        if sign in "“”\"":
            if quoted_from is None and sign != "”":
                quoted_from = at
            elif quoted_from is not None and sign != "“":
                if at - quoted_from > _QUOTED_NAME and _BEHIND_QUOTE.match(text, position, limit):
                    return position
                quoted_from = None
            continue
        if quoted_from is not None:
            continue
        if sign in ";:" and at > begin:
            return at
        if sign == ")":
            return at
        if sign == "(":
            close = _close(text, at, limit)
            if close is None or _remarks().match(fold_chars(text[at + 1 : at + 24])):
                return at
            position = close + 1
        elif sign == "," and _leaves(text, position, limit):
            return at
    return limit


def _before_next_item(text: str, begin: int, limit: int, later: Sequence[tuple[int, str | None]]) -> int:
    """Where the next citation of the list begins, if it is not one the title itself names."""
    inside: set[str | None] = set()
    for start, kind in later:
        if start >= limit:
            break
        if start < begin:
            continue
        before = text[max(begin, start - 24) : start]
        joint = _LIST_JOINT.search(fold_chars(before))
        if joint is not None and not (inside and kind in inside):
            return max(begin, start - len(before) + joint.start("joint"))
        inside.add(kind)
    return limit


def _close(text: str, at: int, limit: int) -> int | None:
    depth = 0
    for index in range(at, min(limit, at + 200)):
        if text[index] == "(":
            depth += 1
        elif text[index] == ")":
            depth -= 1
            if depth == 0:
                return index
    return None


def _leaves(text: str, position: int, limit: int) -> bool:
    """Whether the words after a comma are no longer the title's."""
    gap = _GAP.match(text, position, limit)
    begin = position if gap is None else gap.end()
    folded = fold_chars(text[begin : min(limit, begin + 70)])
    if _after_comma().match(folded) or _subject().match(folded):
        return True
    if not text[begin : begin + 1].isupper() and not folded.startswith(("ubnd", "hđnd")):
        return False
    if _opening().match(folded):
        return True
    until = match_body(text, begin)
    if until is None or until > limit:
        return False
    return _acts().match(fold_chars(text[until : until + 40])) is not None


@cache
def _titles() -> re.Pattern[str]:
    return re.compile(rf"(?:{either(words().title_verbs)})(?!\w)")


@cache
def _bare() -> re.Pattern[str]:
    return re.compile(rf"(?:{either(words().bare_title_verbs)})(?!\w)")


@cache
def _tells() -> re.Pattern[str]:
    return re.compile(rf"(?:{either(words().telling_verbs)})(?!\w)")


@cache
def _plans() -> re.Pattern[str]:
    return re.compile(rf"(?:{either(words().planning_verbs)})(?!\w)")


@cache
def _carrying() -> re.Pattern[str]:
    return re.compile(rf"(?:{either(words().carrying_verbs)})\s")


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(rf"(?P<end>,?\s)(?:{either(words().title_ends)})(?!\w)")


@cache
def _final() -> re.Pattern[str]:
    """``năm 2024``, ``giai đoạn …``, ``trên địa bàn tỉnh``, after which the sentence's own action begins."""
    return re.compile(
        r"(?:(?:năm|giai đoạn) \d{4}(?:\s?[-–]\s?\d{4})?"
        r"|trên địa bàn (?:toàn )?(?:tỉnh|huyện|thành phố|thị xã|xã|phường))"
        rf"(?P<end>\s)(?:{either(words().actions)})(?!\w)"
    )


@cache
def _remarks() -> re.Pattern[str]:
    return re.compile(rf"\s?(?:{either(words().remarks)})(?!\w)")


@cache
def _after_comma() -> re.Pattern[str]:
    return re.compile(rf"(?:{either(words().title_ends_after_comma)})(?!\w)")


@cache
def _subject() -> re.Pattern[str]:
    """``các xã chủ động …``: a plural subject and its verb; a list of subjects only with a verb that is no noun."""
    opening = rf"(?:các|những|toàn thể)\s{_UNITS}"
    return re.compile(
        rf"{opening}(?:\s\w+){{0,6}}?\s(?:{either(words().subject_verbs)})(?!\w)"
        rf"|{opening}(?:,?\s\w+){{0,9}}?\s(?:{either(words().plain_verbs)})(?!\w)"
    )


@cache
def _opening() -> re.Pattern[str]:
    """Capitalised words that begin a clause or the next item, never a part of a title."""
    return re.compile(rf"(?:{either(words().clause_openings)})(?!\w)")


@cache
def _acts() -> re.Pattern[str]:
    return re.compile(rf"\s?(?:{either(words().subject_verbs)})(?!\w)")
