"""The word that governs a citation, and the relation it makes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractors.citation_words import Cue, either, lead_names, relation_words, words
from extractors.fold import fold
from models.record import Relation

ORDER: tuple[Relation, ...] = ("amends", "replaces", "repeals", "replies_to", "basis", "implements", "cites")
"""Named more than once, a document has the first of its relations in this order."""

Governed = Relation | Literal["inherited"]
"""``inherited``: the citation goes on from the one before it, whose relation it has."""

_WINDOW = 400
_NOUN_TAIL = 110
_OWN_TAIL = 140
_LIST_HEAD = re.compile(r"^[\s,;)]*(?:(?:và|hoặc|cùng|cùng với|cũng như|đồng thời|&)\s+)?")
_FROM_BODY = re.compile(
    r"^[\s,;)]*(?:và\s)?(?:[^,;:()]{0,40}\s)?của\s[^,;:()]{2,90}\s(?:tại|nêu tại)\s(?P<tail>[^,;]*)$"
)
_PAIR = re.compile(r"^\)[\s,;]*(?:và\s)?[^,;:()]{2,90}\(\s?$")
_ANSWERS = re.compile(r"(?<!\w)(?:trả lời|phúc đáp)(?!\w)(?!\s?$)(?! (?:công văn|văn bản|đơn))")
_LAPSES = re.compile(r"(?<!\w)hết hiệu lực(?!\w)[^.;]{0,120}(?<!\w)này(?!\w)")
_TOKEN = re.compile(r"[^\s,;:.()]+")


@dataclass(frozen=True, slots=True)
class _Found:
    cue: Cue
    start: int
    end: int


def governed_by(gap: str) -> Governed | None:
    """The relation made by the folded words between the previous citation (or the sentence's start) and this one.

    None where nothing there governs it.
    """
    gap = gap[-_WINDOW:]
    opened = _unclosed(gap)
    if opened is not None:
        inner = _nearest(gap[opened + 1 :])
        if inner is not None:
            return inner
        gap = gap[:opened]
    return _nearest(gap.rsplit(";", 1)[-1])


def goes_on(gap: str) -> bool:
    """Whether the folded words after the previous citation make this one the next item of its list."""
    if len(gap) > 160:
        return False
    if _PAIR.match(gap):
        return True
    body = _FROM_BODY.match(gap)
    if body is not None and _is_place(body["tail"]):
        return True
    return is_next_item(gap)


def is_next_item(gap: str) -> bool:
    """Whether the folded words between two citations only join the items of a list: ``, và khoản 2 Điều 5``."""
    return len(gap) <= 160 and _is_place(_LIST_HEAD.sub("", gap, count=1))


def answers(after: str) -> bool:
    """Whether the folded words after ``nhận được …`` answer it."""
    return _ANSWERS.search(after) is not None


def lapses(after: str) -> bool:
    """Whether the folded words after a citation end its effect (``hết hiệu lực kể từ ngày Quyết định này …``)."""
    return _LAPSES.search(after) is not None


def is_received(gap: str) -> bool:
    """Whether the folded words before a citation say that it was received."""
    return re.search(r"(?<!\w)nhận được(?!\w)[^;.]{0,60}$", gap) is not None


def strongest(relations: list[Relation]) -> Relation:
    """The first in ``ORDER`` of those given."""
    return min(relations, key=ORDER.index)


def _unclosed(gap: str) -> int | None:
    depth = 0
    for index in range(len(gap) - 1, -1, -1):
        if gap[index] == ")":
            depth += 1
        elif gap[index] == "(":
            if depth == 0:
                return index
            depth -= 1
    return None


def changes_another(gap: str) -> bool:
    """Whether the folded words after a citation say that it changes this one: ``Nghị định A bổ sung Nghị định B``."""
    return _changes().match(gap) is not None


def _nearest(clause: str) -> Governed | None:
    found = [_Found(_cues()[m.group()], m.start(), m.end()) for m in _pattern().finditer(clause)]
    real = [f for f in found if f.cue.relation != "none"]
    for index in range(len(real) - 1, -1, -1):
        here = real[index]
        tail = clause[here.end :]
        if here.cue.own_act and _passive().match(tail):
            return "inherited"
        if not _reaches(here.cue, tail):
            continue
        own = _relation_of(clause, here)
        return _promoted(clause, real[:index], here, own)
    return None


def _relation_of(clause: str, here: _Found) -> Relation:
    relation = here.cue.relation
    assert relation != "none"
    return "cites" if here.cue.own_act and not _is_own_act(clause[: here.start]) else relation


def _promoted(clause: str, earlier: list[_Found], here: _Found, own: Relation) -> Governed:
    """What an earlier, stronger word makes of it: ``Căn cứ … tại …``, ``sửa đổi Quy chế ban hành kèm theo …``."""
    best: Governed = own
    followed = False
    for found in reversed(earlier):
        between = clause[found.end : here.start]
        followed = followed or (found.cue.reach == "noun" and not found.cue.weak)
        if found.cue.own_act:
            # … thay thế hóa đơn … theo hướng dẫn tại …: what is changed stands before theo.
            if not here.cue.weak or followed:
                continue
            if _passive().match(clause[found.end : here.end] + " "):
                return "inherited"
            relation = _relation_of(clause, found)
            if relation != "cites" and _is_stronger(relation, best):
                best = relation
            continue
        relation = _relation_of(clause, found)
        if not _is_stronger(relation, best):
            continue
        last = between.rsplit(",", 1)
        joined = len(last) == 1 or (here.cue.weak and re.match(r"\s(?:của|và|các|những)\s", last[1]) is not None)
        if joined and (relation == "basis" or here.cue.weak):
            best = relation
    return best


def _is_stronger(relation: Relation, than: Governed) -> bool:
    return than == "inherited" or ORDER.index(relation) < ORDER.index(than)


def _reaches(cue: Cue, tail: str) -> bool:
    if cue.own_act:
        return len(tail) <= _OWN_TAIL and "," not in tail and ":" not in tail
    if cue.reach == "near":
        return _is_place(tail)
    if cue.reach == "noun":
        if len(tail) > _NOUN_TAIL:
            return False
        return "," not in tail or re.search(r"(?:(?<!\w)(?:của|tại|trong)|,(?:\svà)?)\s?$", tail) is not None
    return _new_clause().search(tail) is None


def _is_place(tail: str) -> bool:
    """Whether the words only lead to a place inside the document: ``điểm a khoản 2 Điều 5``."""
    if len(tail) > 120:
        return False
    rest = _pinpoint().sub(" ", tail)
    return all(len(t) <= 4 and (len(t) <= 2 or not t.isalpha() or set(t) <= set("ivxlc")) for t in _TOKEN.findall(rest))


def _is_own_act(before: str) -> bool:
    if _other_document().search(before) is not None:
        return False
    return _others().search(before[-70:]) is None


@cache
def _cues() -> dict[str, Cue]:
    return {fold(word): cue for cue in relation_words().cues for word in cue.words}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{either(_cues())})(?!\w)")


@cache
def _new_clause() -> re.Pattern[str]:
    """A comma, a body and what it does: the governing word before them belongs to another clause."""
    table = relation_words().subjects
    return re.compile(
        rf",\s(?:các\s|những\s)?(?:{either(table.words)})(?!\w)[^,;]*?(?<!\w)(?:{either(words().subject_verbs)})(?!\w)"
    )


@cache
def _passive() -> re.Pattern[str]:
    table = relation_words().passive
    of_what = r"(?:\s(?:một số (?:điều|nội dung)|năm \d{4}))?"
    return re.compile(rf"^(?:\s(?:{either(table.verbs)}))?{of_what}\s(?:{either(table.signs)})\s")


@cache
def _changes() -> re.Pattern[str]:
    verbs = [word for cue in relation_words().cues if cue.own_act for word in cue.words]
    return re.compile(rf"^\s(?:về việc |về |đã )?(?:{either(verbs)})(?!\w)[^,;]{{0,120}}$")


@cache
def _others() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{either(relation_words().others.words)})(?!\w)|(?<!\w)(?:đã|được)\s$")


@cache
def _other_document() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, lead_names()))})\s$")


@cache
def _pinpoint() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{either(words().pinpoints)})(?!\w)")
