"""Deadlines: time limits on what somebody must do or reach, with the task, who must act and who receives it.

A limit counts where its clause asks for something. Evidence runs from the task or the limit, whichever comes first,
to the end of the later of both, within one block.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from extractors import obligations, tasks
from extractors.deadline_words import lowered, words
from extractors.responsibles import chief_among, receiver, responsible
from extractors.sentences import sentences
from extractors.tasks import Task
from extractors.time_limits import Limit, find_limits, may_hold_limit
from models.reading import Block, Context, Reading
from models.record import Deadline

RULES = (
    "deadline/before",
    "deadline/by",
    "deadline/within",
    "deadline/range",
    "deadline/label",
    "deadline/relative",
    "deadline/recurring",
    "deadline/recurring-day",
    "deadline/every",
    "deadline/goal-in-list",
)

_REACH = 2000
"""How far from its limit a task is looked for, in characters; no sentence of a dispatch is longer."""

_REPORT_OF = re.compile(
    r"(?:(?:gửi )?báo cáo |sơ kết |tổng kết )?(?:(?:0?6|0?9) tháng|tháng|quý|tuần|(?:cả |cuối )?năm|đột xuất|định kỳ)"
    r"(?: đầu năm| cuối năm)?"
)
_LONG_PAST = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Place:
    """One block with its limits, as the rules below look at it. ``low`` is the whole clean text in small letters."""

    reading: Reading
    low: str
    index: int
    limits: tuple[Limit, ...]
    sentences: tuple[tuple[int, int], ...]
    issued: date | None
    looks_back: bool
    """Whether the dispatch is a report, which tells what was done in the periods it names."""

    @property
    def clean(self) -> str:
        return self.reading.text.clean

    @property
    def block(self) -> Block:
        return self.reading.blocks[self.index]


def deadlines(reading: Reading, context: Context) -> list[Deadline]:
    """Every time limit of the body and its annexes on what somebody must do or reach, in order."""
    low = lowered(reading.text.clean)
    issued = _day(context.issued_on)
    found: list[Deadline] = []
    for index, block in enumerate(reading.blocks):
        if not may_hold_limit(low, block.content, block.end):
            continue
        limits = find_limits(reading.text.clean, low, block.content, block.end, context.year, issued)
        if limits:
            spans = tuple(sentences(reading.text.clean, block.content, block.end))
            place = Place(reading, low, index, tuple(limits), spans, issued, context.document_type == "báo cáo")
            found.extend(_in_block(place))
    return found


def _day(printed: str | None) -> date | None:
    """The first day that a date, perhaps a partial one, can mean."""
    try:
        return date.fromisoformat(f"{printed}-01-01"[:10]) if printed else None
    except ValueError:
        return None


def _in_block(place: Place) -> Iterator[Deadline]:
    above: Task | None = None
    bound: list[int] = []
    for index, limit in enumerate(place.limits):
        if index and place.limits[index - 1].start == limit.start and place.limits[index - 1].end == limit.end:
            task = above if bound and bound[-1] == index - 1 else None
        else:
            task = _task_of(place, index, above, bound)
        above = task if task is not None else above
        if task is not None:
            bound.append(index)
            yield _entry(place, limit, task)


def _entry(place: Place, limit: Limit, task: Task) -> Deadline:
    block, clean = place.block, place.clean
    inside = block.content <= task.start and task.end <= block.end
    start = min(task.start, limit.start) if inside else limit.start
    end = max(task.end, limit.end) if inside else limit.end
    if clean[end : end + 1] == ")" and clean.count("(", start, end) > clean.count(")", start, end):
        end += 1
    rule = "deadline/goal-in-list" if task.listed else limit.rule
    return Deadline(
        kind=task.kind,
        due_on=limit.due_on,
        bound=limit.bound,
        granularity=limit.granularity,
        recurrence=limit.recurrence,
        relative=limit.relative,
        task=task.text,
        responsible=list(responsible(place.reading, place.low, place.index, task)),
        submit_to=receiver(clean, place.low, task),
        part=block.part,
        rule=rule,
        evidence=place.reading.text.evidence(start, end),
    )


def _sentence(place: Place, at: int) -> int:
    return max(0, bisect_right(place.sentences, (at, len(place.low))) - 1)


def _task_of(place: Place, index: int, above: Task | None, bound: Sequence[int]) -> Task | None:
    """The task of one limit of the block, or None where the limit binds nobody."""
    limit = place.limits[index]
    number = _sentence(place, limit.start)
    start, end = place.sentences[number]
    start, end = max(start, limit.start - _REACH), min(end, limit.end + _REACH)
    before, behind = tasks.spans_between(place.limits, index, bound)
    left = max(start, before)
    right = min(end, behind) if behind >= 0 else end
    stop = _bracket(place.low, left, limit.start)
    if stop < limit.start and tasks.is_clause(place.clean, place.low, stop + 1, limit.start):
        left, stop = stop + 1, limit.start
    if limit.label is not None:
        found = _labelled(place, limit, number, left, stop)
        return found
    turns = stop == limit.start and tasks.turns_to_right(place.low, left, stop, limit.end, right)
    lead = tasks.period_lead(place.low, left, stop) if limit.rule == "deadline/recurring-day" else None
    subject: tuple[str, ...] = ()
    if lead is not None:
        subject = tasks.clause_before(place.clean, place.low, left, lead.start())[1].subject
        left = lead.end()
    near = above is not None and before >= start and limit.start - above.start <= _REACH
    if near and not turns and _shares(place, before, stop):
        return above
    begin, opening = tasks.clause_before(place.clean, place.low, left, stop)
    if left > start and not opening.subject and above is not None and above.sentence == start:
        opening = replace(opening, subject=above.subject)
    if subject and not opening.subject:
        opening = replace(opening, subject=subject)
    if tasks.governs_right(place.low, left, stop) and stop == limit.start:
        subject = opening.subject if limit.strength != "horizon" else ()
        return _leading(place, index, tasks.Opening(subject, limit.start), right, behind, start)
    if turns and limit.strength in ("strong", "recurring", "relative"):
        return _leading(place, index, tasks.Opening(opening.subject, limit.start), right, behind, start)
    if obligations.has_verb(place.low, opening.start, stop):
        return _ending(place, limit, begin, opening, stop, right, start)
    plain = limit.strength in ("strong", "relative") or limit.rule == "deadline/recurring"
    if plain and opening.start >= stop - 1 and len(place.low[begin:stop].split()) >= 3:
        if not obligations.has_verb(place.low, limit.end, right):
            opening = tasks.Opening((), tasks.past_order(place.low, begin, stop))
    if (
        plain
        and len(place.low[opening.start : stop].split()) >= 2
        and not obligations.has_verb(place.low, limit.end, right)
    ):
        return _ending(place, limit, begin, opening, stop, right, start)
    if stop < limit.start:
        return None
    if limit.rule == "deadline/every" or limit.strength in ("weak", "horizon", "range"):
        if place.low[opening.start : stop].strip(" ,:(-–"):
            return None  # a noun stands before it, whose period it is
    return _leading(place, index, opening, right, behind, start)


def _bracket(low: str, start: int, at: int) -> int:
    """Where the bracket opens that a limit stands in; ``at`` where it stands in none."""
    depth = 0
    if low.find("(", start, at) < 0:
        return at
    for position in range(at - 1, start - 1, -1):
        if low[position] == ")":
            depth += 1
        elif low[position] == "(":
            if depth == 0:
                return position
            depth -= 1
    return at


def _shares(place: Place, before: int, stop: int) -> bool:
    """Whether too little stands between two limits for a task of its own: ``…, báo cáo năm (trước 30/11)``."""
    if ";" in place.low[before:stop]:
        return False
    between = place.low[before:stop].strip(" ,;()").removeprefix("và ").removeprefix("hoặc ")
    if _REPORT_OF.fullmatch(between):
        return True
    return len(between.split()) <= 3 and not obligations.has_verb(place.low, before, stop)


def _ending(
    place: Place, limit: Limit, begin: int, opening: tasks.Opening, stop: int, right: int, sentence: int
) -> Task | None:
    """The task of a limit that stands behind it."""
    low, clean = place.low, place.clean
    start = opening.start
    goal = tasks.goal_start(low, begin, stop)
    subject = opening.subject
    if goal is not None:
        start = goal
    elif limit.strength in ("weak", "horizon") and limit.granularity not in ("day", "hour"):
        start = tasks.narrowed(low, start, stop)
    elif limit.strength == "recurring":
        start = tasks.last_held(low, start, stop)
    kind = obligations.kind_of(low, start, stop) or (
        "task" if limit.asks or limit.rule == "deadline/recurring" else None
    )
    if kind is None or not _binds(place, limit, begin, start, stop, kind):
        return None
    inner = tasks.acting_for(clean, low, start, stop)
    end = stop
    text = clean[start:stop]
    if stop == limit.start:
        tail = tasks.tail_end(low, limit.end, right)
        opened = _bracket(low, limit.end, tail)
        tail = opened if opened < tail else tail
        if tail > limit.end and clean[limit.end : tail].strip(" ,;.:)/"):
            behind = low[limit.end : tail].strip(" ,;.:)/").removeprefix("và ")
            if not _REPORT_OF.fullmatch(behind):
                text, end = f"{text.rstrip()} {clean[limit.end : tail].strip()}", tail
    text = tasks.tidy(text)
    return Task(text, start, _trimmed(clean, start, end), kind, inner or subject, sentence) if text else None


def _leading(place: Place, index: int, opening: tasks.Opening, right: int, behind: int, sentence: int) -> Task | None:
    """The task of a limit that opens its clause, alone or with others joined to it."""
    low, clean = place.low, place.clean
    limit = place.limits[index]
    joined = index
    while (
        behind >= 0
        and joined + 1 < len(place.limits)
        and tasks.JOINT.fullmatch(low, place.limits[joined].end, place.limits[joined + 1].start)
    ):
        joined += 1
    if joined > index:
        _, behind = tasks.spans_between(place.limits, joined, ())
        end = place.sentences[_sentence(place, limit.start)][1]
        right = min(right + _REACH, end, behind if behind >= 0 else end)
    start = place.limits[joined].end
    while start < right and low[start] in " ,:;)":
        start += 1
    end = tasks.boundary_right(low, start, right)
    if behind >= 0 and end == behind:
        end = tasks.before_next(low, start, end)
    if limit.strength == "horizon" or limit.strength == "weak":
        goal = _goal_in_list(place, limit, start, end, sentence)
        if goal is not None:
            return goal
    after = tasks.opening_of(clean, low, start, end)
    subject = after.subject or opening.subject
    kind = obligations.kind_of(low, after.start, end)
    if obligations.is_condition(low, start):
        return None
    if kind is None or not _binds(place, limit, start, after.start, end, kind, leading=True):
        return None
    if kind == "milestone" and after.subject:
        after = tasks.Opening(after.subject, tasks.first_word(low, start, after.start))
    end = tasks.without_purpose(low, after.start, end) if limit.strength != "relative" else end
    text = tasks.tidy(clean[after.start : end])
    return Task(text, after.start, _trimmed(clean, after.start, end), kind, subject, sentence) if text else None


def _goal_in_list(place: Place, limit: Limit, start: int, end: int, sentence: int) -> Task | None:
    """``đến cuối năm 2027 cả tỉnh có 9/9 chợ …, tỉnh được công nhận …``: the one aim of a list that is no number."""
    if not obligations.is_count_only(place.clean, start, end):
        return None
    for left, right in tasks.items(place.low, start, end):
        if obligations.is_plain_state(place.clean, place.low, left, right):
            subject = tasks.opening_of(place.clean, place.low, start, end).subject
            text = tasks.tidy(place.clean[left:right])
            return Task(text, left, right, "milestone", subject, sentence, listed=True)
    return None


def _binds(place: Place, limit: Limit, begin: int, start: int, end: int, kind: str, leading: bool = False) -> bool:
    """Whether a limit makes a deadline of the clause ``begin..end`` whose task begins at ``start``."""
    low, clean = place.low, place.clean
    if obligations.says_effect(low, begin, end):
        return False
    if (
        not leading
        and obligations.says_effect(low, limit.end, min(place.block.end, limit.end + 40))
        and limit.strength != "relative"
    ):
        return False
    if obligations.is_result(low, start if kind == "milestone" else begin, end, leading):
        return False
    if limit.strength == "recurring":
        return _recurs(place, limit, start, end, leading)
    if limit.strength == "relative":
        return True
    hands_in = obligations.hands_in(clean, low, start, end) or obligations.completes(low, start, end)
    if not leading and not hands_in and obligations.follows_happening(low, begin, end):
        return False
    if not hands_in and obligations.is_count_only(clean, start, end):
        return False
    day = limit.granularity in ("day", "hour")
    closes_quote = place.clean.startswith(("”", '"'), limit.end) and not day  # a title's or a slogan's last words
    if limit.strength == "strong":
        return not closes_quote and not _was_over(place, limit.last, _LONG_PAST)
    if _was_over(place, limit.last) or (place.looks_back and _was_over(place, limit.first, timedelta(days=-1))):
        return False
    if not leading and kind == "task" and obligations.opens_adjunct(low, start, end):
        return False
    if obligations.lists_follow(low, start, end) or (
        not day and obligations.in_cited_title(low, place.block.content, limit.start)
    ):
        return False
    if limit.strength == "range":
        if limit.granularity == "year":
            return False
        gathers = obligations.gathers(low, start, end)
        return (gathers or leading) and (gathers or not (day and obligations.is_event(low, start, end)))
    if closes_quote:
        return False
    if limit.strength == "weak" and (limit.granularity == "hour" or (day and obligations.is_event(low, start, end))):
        return False
    if limit.strength == "horizon":
        if obligations.counts_money(low, start, tasks.boundary_right(low, end, min(len(low), end + 80))):
            return False
        if leading:
            return kind == "task" or not obligations.is_weak_state(low, start, end)
        return day or not (obligations.horizon_of_noun(low, start, end) or obligations.ends_open(low, limit.end))
    if leading:
        return True
    handed_in = hands_in and limit.granularity in ("month", "quarter")
    if kind == "milestone" or (handed_in and not _strong_later(place, limit)):
        return True
    return not obligations.belongs_to_noun(low, start, end, looks_back=not low.startswith("vào ", limit.start))


def _strong_later(place: Place, limit: Limit) -> bool:
    """Whether the same sentence goes on to a limit that says so itself."""
    end = place.sentences[_sentence(place, limit.start)][1]
    return any(limit.end <= other.start < end and other.asks for other in place.limits)


def _was_over(place: Place, day: date | None, by: timedelta = timedelta()) -> bool:
    """Whether a day lay more than so long before the day of issue, as far as both are known."""
    return place.issued is not None and day is not None and place.issued - day > by


def _recurs(place: Place, limit: Limit, start: int, end: int, leading: bool) -> bool:
    low, clean = place.low, place.clean
    if limit.rule != "deadline/every":
        return True
    if limit.recurrence is not None and limit.recurrence.startswith("FREQ=DAILY"):
        return False
    if obligations.is_count_only(clean, start, end):
        return False
    if leading:
        return not obligations.yearly_noun(low, place.block.content, limit.start)
    return obligations.starts_with_verb(low, start, end) and not obligations.yearly_noun(low, start, end)


def _labelled(place: Place, limit: Limit, number: int, left: int, stop: int) -> Task | None:
    """The task of ``Thời gian hoàn thành: …``: the words before it, the label itself, or the sentence above."""
    low, clean = place.low, place.clean
    if limit.granularity == "year" and obligations.ends_open(low, limit.end):
        return None
    label = limit.label or ""
    begin, opening = tasks.clause_before(clean, low, left, min(stop, limit.start))
    sentence = place.sentences[number][0]
    stop = min(stop, limit.start)
    if obligations.has_verb(low, opening.start, stop):
        title = tasks.cited_title_start(low, begin, stop)
        if title is not None:
            opening = tasks.Opening((), title)
        kind = obligations.kind_of(low, opening.start, stop) or "task"
        text = tasks.tidy(clean[opening.start : stop])
        return Task(text, opening.start, _trimmed(clean, opening.start, stop), kind, opening.subject, sentence)
    if label and label not in words("label_generic"):
        return _from_label(place, limit, label, opening, sentence)
    if number > 0:
        start, end = place.sentences[number - 1]
        above = tasks.opening_of(clean, low, start, end)
        if obligations.has_verb(low, above.start, end):
            end = tasks.without_purpose(low, above.start, end)
            kind = obligations.kind_of(low, above.start, end) or "task"
            return Task(
                tasks.tidy(clean[above.start : end]),
                above.start,
                _trimmed(clean, above.start, end),
                kind,
                above.subject,
                start,
            )
    return _from_heading(place, limit)


def _from_label(place: Place, limit: Limit, label: str, opening: tasks.Opening, sentence: int) -> Task | None:
    low, clean = place.low, place.clean
    at = low.find(label, limit.start, limit.end)
    if at < 0:
        return None
    end = at + len(label)
    inner = tasks.opening_of(clean, low, at, end)
    text = tasks.tidy(clean[inner.start : end])
    if not obligations.has_verb(low, inner.start, end):
        return None
    return Task(text, inner.start, end, "task", inner.subject or opening.subject, sentence)


def _from_heading(place: Place, limit: Limit) -> Task | None:
    """The task of a label that stands alone: what the heading above, or the item before it, says is to be done."""
    found = chief_among(place.reading, place.low, place.index)
    if found is None:
        return None
    start, end, subject = found
    low, clean = place.low, place.clean
    opening = tasks.opening_of(clean, low, start, end)
    text = tasks.tidy(clean[opening.start : end])
    if not text or not obligations.has_verb(low, opening.start, end):
        return None
    kind = obligations.kind_of(low, opening.start, end) or "task"
    return Task(text, opening.start, end, kind, subject or opening.subject, start)


def _trimmed(clean: str, start: int, end: int) -> int:
    piece = clean[start:end]
    return start + len(piece.rstrip(' ,;.:/(“"”'))
