"""The clause around a time limit: what is to be done, who the sentence says does it, where both begin and end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.actors import Actors, actors_at, is_actor
from extractors.deadline_words import any_of
from extractors.obligations import EDGE, PAPER, STRIVE, VERB, starts_with_verb, verb_early
from extractors.time_limits import Limit
from models.record import DeadlineKind

_HANDS = re.compile(rf"(?:kịp thời )?{any_of('hands')}(?!\w)")
_LEAD_COLON = re.compile(r"[^.;:]*:")
_BOUNDARY = re.compile(r"[();:]")
_ORDER = re.compile(rf"(?:{any_of('orders')})(?!\w) ?(?:cho )?")
_SOFT = re.compile(rf"(?:{any_of('softeners')}|{any_of('strive')})(?!\w)[ ,:]*")
_ADJUNCT = re.compile(rf"{any_of('adjuncts')}(?!\w)")
_DUTY = re.compile(r"(?<=\s)(?:phải|cần) ")
_MUST = re.compile(r"(?:phải|cần|có trách nhiệm) ")
_ITEM_EDGE = re.compile(r"[,;()]|\s[-–]\s")
_PURPOSE = re.compile(rf"[ ,;]*(?:{any_of('purpose')})(?!\w)")
_TAIL_PURPOSE = re.compile(rf"[ ,]+{any_of('tail_purpose')}(?!\w)")
_LETTER_TITLE = re.compile(
    r"(?:ban hành|có|gửi|nhận được) (?:công văn|văn bản|kế hoạch|thông báo|công điện) số[^;]{0,80}? về việc "
)
_ASIDE = re.compile(rf"{any_of('asides')}(?!\w)")
_BY_RULE = re.compile(r"[ ,]*theo (?!mẫu|biểu|địa chỉ)")
_NEW_CLAUSE = re.compile(rf"[ ,]*(?:và |đồng thời,? |sau đó,? |, )+(?={any_of('verbs', 'submit')}(?!\w))")
_LIST_MARK = re.compile(r"[\s“\"'(),;:.–+*•-]*(?:điều \d{1,3}[.:]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ][.)])?[\s“\"'–-]*")
_QUOTE_OPENS = re.compile(r": ?[“\"](?:\d{1,2}[.)] |[a-zđ]\) )?")
_TIME_WORD = re.compile(
    r"(?:thời gian|thời hạn|hạn)(?: là)? |(?:định k[ỳì] )?(?:hàng|hằng) (?:năm|quý|tháng|tuần)[ ,]+|định k[ỳì][ ,]+"
)
_BARE_COMPLETION = re.compile(rf"(?:phải )?(?:{any_of('completion')})(?: xong| dứt điểm)?[ ,]*")
_COMPLETION = re.compile(rf" và (?=(?:{any_of('completion')})(?!\w))")
_ACTS_NEXT = re.compile(
    rf"[ ,:]*(?:{any_of('verbs', 'submit', 'softeners', 'strive', 'states', 'predicate_openers')})(?!\w)|[ ,;:.]*$"
)
_NO_SUBJECT_AFTER = re.compile(rf"{any_of('no_subject_after')} $")
_TURNS = re.compile(r"(?:^|,|;| và| đồng thời) ?$")
_GOVERNS_RIGHT = re.compile(rf"(?:^|[\s,;:(])(?:{any_of('governs_right', 'strive')})[ ,:]*$")


@dataclass(frozen=True, slots=True)
class Task:
    """``text`` is what is to be done, as written; ``start``/``end`` its span in the clean text.

    ``subject``: who acts, where the sentence itself says so. ``sentence``: where the sentence begins.
    """

    text: str
    start: int
    end: int
    kind: DeadlineKind
    subject: tuple[str, ...]
    sentence: int
    listed: bool = False
    """Whether it is one aim out of a list of numbers."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a clause opens: who acts and where the words of the task begin."""

    subject: tuple[str, ...]
    start: int


def opening_of(clean: str, low: str, start: int, end: int) -> Opening:
    """Take the order, the actor, phrases before them and softeners off the front of ``clean[start:end]``."""
    mark = _LIST_MARK.match(low, start, end)
    position = mark.end() if mark is not None else start
    subject: tuple[str, ...] = ()
    moved = True
    while moved and position < end:
        moved = False
        time = _TIME_WORD.match(low, position, end)
        if time is not None:
            position = time.end()
        found = _subject_at(clean, low, position, end) if not subject else None
        if found is not None:
            subject, position, moved = found.names, _skip(low, found.end, end), True
            continue
        soft = _SOFT.match(low, position, end)
        if soft is not None and soft.end() > position and not _states_goal(low, position, end):
            position, moved = soft.end(), True
            continue
        past = _past_adjunct(clean, low, position, end, bool(subject))
        if past is not None:
            position, moved = past, True
    return Opening(subject, position)


def _states_goal(low: str, at: int, end: int) -> bool:
    """``phấn đấu đạt …``: the word belongs to the state."""
    strive = re.match(any_of("strive"), low[at:end])
    if strive is None:
        return False
    verb = VERB.search(low, at + strive.end(), end)
    return verb is not None and verb["state"] is not None


def _skip(low: str, at: int, end: int) -> int:
    match = re.match(r"[ ,:]+", low[at:end])
    return at + match.end() if match is not None else at


def _subject_at(clean: str, low: str, at: int, end: int) -> Actors | None:
    """The actor at a position, behind an order or not; of ``A yêu cầu B`` it is B."""
    order = _ORDER.match(low, at, end)
    if order is None and low.endswith("là ", 0, at):
        return None  # Là cơ quan đầu mối, …: what the actor is
    if (
        order is not None
        and order.group().startswith(("đối với", "riêng"))
        and _LEAD_COLON.match(low, at, min(end, at + 260))
    ):
        return None  # a lead-in; it is read as a heading is
    begin = order.end() if order is not None else at
    found = actors_at(clean, low, begin, end, opening=order is None)
    if found is None:
        return None
    follows = _skip(low, found.end, end)
    again = _ORDER.match(low, follows, end)
    if again is not None:
        inner = actors_at(clean, low, _skip(low, again.end(), end), end)
        if inner is not None and _acts_next(low, inner.end, end):
            return inner
    if clean[found.end : found.end + 1] == ":" and found.names[0].lower().startswith(("các ", "những ")):
        listed = actors_at(clean, low, found.end + 2, end)
        if listed is not None:
            return listed
    if order is None and follows < end and not _acts_next(low, found.end, end):
        return None
    return found


def _acts_next(low: str, at: int, end: int) -> bool:
    return _ACTS_NEXT.match(low, at, end) is not None


def _past_adjunct(clean: str, low: str, at: int, end: int, named: bool) -> int | None:
    """Where the clause proper begins behind ``Căn cứ …,``, ``Để …,``; None where nothing of the sort opens it."""
    adjunct = _ADJUNCT.match(low, at, end)
    if adjunct is None:
        return None
    verb = VERB.match(low, at, end)
    if verb is not None and verb.end() >= adjunct.end() and not PAPER.match(low, at, end):
        return None
    depth = 0
    first: int | None = None
    for match in re.finditer(r"[(),]", low[at:end]):
        where = at + match.start()
        if match.group() == "(":
            depth += 1
        elif match.group() == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            behind = _skip(low, where, end)
            found = _subject_at(clean, low, behind, end) if not named else None
            if found is not None and _acts_next(low, found.end, end) and found.end < end:
                return behind
            if first is None and (
                VERB.match(low, behind, end) or _SOFT.match(low, behind, end) or STRIVE.match(low, behind, end)
            ):
                first = behind
    if first is None and not named:
        first = bare_subject(clean, low, adjunct.end(), end)
    if first is None and adjunct.group() in ("đối với", "riêng"):
        duty = _DUTY.search(low, adjunct.end(), end)
        first = duty.start() if duty is not None else None
    return first


def bare_subject(clean: str, low: str, start: int, end: int) -> int | None:
    """An actor in mid-sentence with its verb right behind: ``Kết thúc đợt cao điểm các đơn vị báo cáo …``."""
    for match in re.finditer(r"(?<=\s)\S", low[start:end]):
        at = start + match.start()
        if _NO_SUBJECT_AFTER.search(low[max(start - 12, 0) : at]) or is_actor(clean, low, at, end) is None:
            continue
        found = actors_at(clean, low, at, end)
        if found is not None and found.end < end and VERB.match(low, _skip(low, found.end, end), end):
            return at
    return None


def boundary_left(clean: str, low: str, start: int, at: int) -> int:
    """Where the clause that ends at ``at`` begins: behind the last semicolon, lead-in colon or opened quotation."""
    depth = 0
    for mark in reversed(list(_BOUNDARY.finditer(low, start, at))):
        character, index = mark.group(), mark.start()
        if character == ")":
            depth += 1
        elif character == "(":
            depth = max(0, depth - 1)
        elif depth == 0 and (
            character == ";" or _opens_clause(low, index + 1, at) or _names_who(clean, low, start, index, at)
        ):
            return index + 1
    return start


def _opens_clause(low: str, at: int, end: int) -> bool:
    """Whether a clause, not a list of names, follows a colon."""
    quote = _QUOTE_OPENS.match(low, at - 1, end)
    position = quote.end() if quote is not None else _skip(low, at, end)
    if position >= end:
        return True
    return (
        quote is not None
        or any(p.match(low, position, end) for p in (VERB, _SOFT, STRIVE, _ORDER))
        or _near_verb(low, position, end)
    )


def _names_who(clean: str, low: str, start: int, colon: int, end: int) -> bool:
    """``Chế độ báo cáo: | Các sở, ban, ngành gửi …``: a label that names nobody, then who acts, then the verb."""
    if _ORDER.search(low, start, colon) or actors_at(clean, low, _skip(low, start, colon), colon, opening=True):
        return False
    found = actors_at(clean, low, _skip(low, colon + 1, end), end)
    return found is not None and found.end < end and VERB.match(low, _skip(low, found.end, end), end) is not None


def _near_verb(low: str, at: int, end: int) -> bool:
    verb = VERB.search(low, at, min(end, at + 60))
    return verb is not None and "," not in low[at : verb.start()]


def boundary_right(low: str, at: int, end: int) -> int:
    """Where the clause that goes on at ``at`` ends: at the next semicolon outside brackets."""
    depth = 0
    for mark in _BOUNDARY.finditer(low, at, end):
        character = mark.group()
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character == ";" and depth == 0:
            return mark.start()
    return end


def cited_title_start(low: str, start: int, at: int) -> int | None:
    """Where the title of the letter begins that a labelled limit is quoted from: ``Công văn số … về việc | …``."""
    title = _LETTER_TITLE.search(low, start, at)
    return title.end() if title is not None else None


_PERIOD_LEAD = re.compile(r"; ?(?:theo )?(?:định k[ỳì] )?(?:hàng|hằng) (?:năm|quý|tháng),? ")


def period_lead(low: str, start: int, end: int) -> re.Match[str] | None:
    """``; định kỳ hằng năm`` with which the clause of a recurring limit begins; the last one in the span."""
    return max(_PERIOD_LEAD.finditer(low, start, end), key=lambda match: match.start(), default=None)


def clause_before(clean: str, low: str, left: int, at: int) -> tuple[int, Opening]:
    """The clause that ends at ``at``, no further left than ``left``: its start and its opening.

    A clause that only hands something in (``; báo cáo Ủy ban nhân dân huyện``) takes the one before it along.
    """
    start = boundary_left(clean, low, left, at)
    opening = opening_of(clean, low, start, at)
    if start > left and not opening.subject and low[start - 1] == ";" and not verb_early(low, opening.start, at):
        wider = boundary_left(clean, low, left, start - 1)
        before = opening_of(clean, low, wider, at)
        if starts_with_verb(low, before.start, start):
            return wider, before
    if (
        start > left
        and low[start - 1] == ";"
        and not opening.subject
        and _BARE_COMPLETION.fullmatch(low, opening.start, at)
    ):
        wider = boundary_left(clean, low, left, start - 1)
        before = opening_of(clean, low, wider, at)
        if VERB.search(low, before.start, start) is not None:
            return wider, before
    if (
        start > left
        and low[start - 1] == ";"
        and _HANDS.match(low, opening.start, at)
        and len(clean[opening.start : at].split()) <= 12
        and not opening.subject
    ):
        wider = boundary_left(clean, low, left, start - 1)
        before = opening_of(clean, low, wider, at)
        if VERB.search(low, before.start, start) is not None:
            return wider, before
    if not opening.subject and start > left:
        whole = opening_of(clean, low, left, at)
        above = left
        while not whole.subject and above < start:
            above = boundary_right(low, above, start) + 1
            if above < start:
                whole = opening_of(clean, low, above, start)
        opening = Opening(whole.subject, opening.start)
    return start, opening


def last_held(low: str, start: int, at: int) -> int:
    """Where the last of several things to do begins: ``làm tốt việc thu gom, xử lý, | tổ chức vệ sinh định kỳ …``."""
    joint = low.rfind(", tổ chức ", start, at)
    return joint + 2 if joint > start and len(low[start:joint].split()) >= 8 else start


def narrowed(low: str, start: int, at: int) -> int:
    """A later start for a long clause whose last part the limit belongs to: ``… và | hoàn thiện hồ sơ vào năm …``."""
    last = None
    for match in _COMPLETION.finditer(low, start, at):
        last = match
    if last is not None and len(low[start : last.start()].split()) >= 20 and len(low[last.end() : at].split()) >= 5:
        return last.end()
    return start


def goal_start(low: str, start: int, at: int) -> int | None:
    """Where a state to be reached begins at the end of a clause: ``… và | phấn đấu đạt chuẩn … vào năm 2025``."""
    last = None
    for match in STRIVE.finditer(low, start, at):
        last = match if last is None or low[last.end() : match.start()].strip(" đạt") != "" else last
    if last is None:
        return None
    verb = VERB.search(low, last.end(), at)
    if verb is None or verb["state"] is None or len(low[last.end() : verb.start()].split()) > 8:
        return None
    return last.start()


def acting_for(clean: str, low: str, start: int, at: int) -> tuple[str, ...]:
    """``… để Sở Tài chính duyệt | xong trong quý II``: who does the last thing."""
    last = low.rfind(" để ", start, at)
    if last < 0:
        return ()
    found = actors_at(clean, low, last + len(" để "), at)
    if found is None or "," in low[found.end : at] or VERB.match(low, _skip(low, found.end, at), at) is None:
        return ()
    return found.names


def turns_to_right(low: str, start: int, at: int, end: int, right: int) -> bool:
    """``theo dõi, đôn đốc, | định kỳ hằng tháng | báo cáo …``: a limit between two tasks that opens the second."""
    if _TURNS.search(low, start, at) is None:
        return False
    if low.startswith((",", ";"), end) and "định k" not in low[at:end] and not low[at:end].startswith(("hàng", "hằng")):
        return False
    behind = _skip(low, end, right)
    duty = _MUST.match(low, behind, right)
    verb = VERB.match(low, behind if duty is None else duty.end(), right)
    return verb is not None and verb["task"] is not None and "xong" not in low[at:end]


def governs_right(low: str, start: int, at: int) -> bool:
    """Whether the words before a limit tie it to what follows: ``lập tiến độ để | cuối năm 2027 …``."""
    return _GOVERNS_RIGHT.search(low, start, at) is not None


def tail_end(low: str, at: int, end: int) -> int:
    """How far a task goes on behind its limit: to a purpose, a new clause or its own end; ``at`` for not at all."""
    at += low.startswith(")", at)
    comma = re.match(r" ?, ?", low[at : at + 3])
    if comma is not None and _ASIDE.match(low, at + comma.end(), end) is None:
        return at
    if _PURPOSE.match(low, at, end) or _BY_RULE.match(low, at, end) or _NEW_CLAUSE.match(low, at, end):
        return at
    stop = boundary_right(low, at, end)
    purpose = _TAIL_PURPOSE.search(low, at, stop)
    return purpose.start() if purpose is not None else stop


def without_purpose(low: str, start: int, end: int) -> int:
    """The end of a task without the ``để …`` at its end, where enough is left before it."""
    purpose = _TAIL_PURPOSE.search(low, start, end)
    if purpose is not None and len(low[start : purpose.start()].split()) >= 8:
        return purpose.start()
    return end


def tidy(text: str) -> str:
    """A task without the punctuation and joints at its edges, brackets kept whole."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"^(?:và|đồng thời|sau đó|trong đó)[ ,]+", "", text.strip(EDGE[:-1]))
    text = re.sub(r"[ ,;]*(?:và|hoặc|theo|,)$", "", text.strip(EDGE[:-1]))
    if text.endswith("(") or text.count("(") > text.count(")"):
        text = text[: text.rfind("(")] if text.rfind("(") > len(text) - 40 else text
    return text.strip(EDGE)


def spans_between(limits: Sequence[Limit], index: int, bound: Sequence[int]) -> tuple[int, int]:
    """The end of the limit before (of those ``bound``, which made deadlines) and the start of the limit behind.

    -1 where there is none.
    """
    here = limits[index]
    before = next((limits[k].end for k in reversed(bound) if limits[k].end <= here.start), -1)
    behind = next((limits[k].start for k in range(index + 1, len(limits)) if limits[k].start >= here.end), -1)
    return before, behind


def before_next(low: str, start: int, end: int) -> int:
    """The end of a task whose limit opens it, where the next limit begins at ``end`` in the same clause."""
    joint = max(low.rfind(",", start, end), low.rfind(" và ", start, end))
    return joint if joint > start and VERB.search(low, start, joint) is not None else end


def items(low: str, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of a list between commas, semicolons and brackets."""
    found = []
    for match in _ITEM_EDGE.finditer(low, start, end):
        found.append((start, match.start()))
        start = match.end()
    return [(a, b) for a, b in (*found, (start, end)) if low[a:b].strip()]


def first_word(low: str, start: int, end: int) -> int:
    """The first word of a span behind spaces and commas."""
    return min(end, _skip(low, start, end))


JOINT = re.compile(r"[ ,]*(?:và|hoặc)?[ ,]*")


def is_clause(clean: str, low: str, start: int, end: int) -> bool:
    """Whether words in a bracket are a clause of their own: ``(Cụm trưởng gửi Ban Thi đua … trước ngày …)``."""
    opening = opening_of(clean, low, start, end)
    return bool(opening.subject) and VERB.search(low, opening.start, end) is not None


def past_order(low: str, start: int, end: int) -> int:
    """The first word of a clause behind an order, where the actor could not be told from the task."""
    position = _skip(low, start, end)
    order = _ORDER.match(low, position, end)
    return _skip(low, order.end(), end) if order is not None else position
