"""Whether a clause with a time limit binds anybody: task or state, plan or result, duty, event or mere number."""

from __future__ import annotations

import re

from extractors.actors import recipient
from extractors.deadline_words import any_of
from models.record import DeadlineKind

VERB = re.compile(rf"(?<!\w)(?:(?P<task>{any_of('verbs', 'submit')})|(?P<state>{any_of('states')}))(?!\w)")
STRIVE = re.compile(rf"(?<!\w)(?:{any_of('strive')}|{any_of('goals')})(?!\w)")
_SUBMIT = re.compile(rf"{any_of('submit')}(?!\w)")
PAPER = re.compile(rf"thực hiện {any_of('paper_kinds')}(?!\w)")
_YEARLY_NOUN = re.compile(rf"(?<!\w){any_of('yearly_nouns')}[ ,]*$")
_NOUN_OF_DOING = re.compile(rf"{any_of('nouns_of_doing')}(?!\w)")
_LIST_FOLLOWS = re.compile(
    rf"{any_of('list_leads')}(?:[^,;.:]{{0,40}} (?:sau|như sau|sau đây)[ :]*|[^,;.:]{{0,40}}: ?)$"
)
_HORIZON_GOES_ON = re.compile(rf",? {any_of('horizon_goes_on')}(?!\w)|[”\"]")
_MONEY = re.compile(r"\d ?(?:%|(?:nghìn |triệu |tỷ )?đồng|triệu|tỷ)")
_CITED_TITLE = re.compile(r"số:? ?\d*[\w.]*/\S*[^,;]{0,120}? (?:về|phê duyệt|ban hành) ")
_OPENS_ADJUNCT = re.compile(rf"{any_of('adjuncts_alone')}(?!\w)(?! dõi)")
EDGE = " ,;:./-–+*•\"“”'("
_RELATIVE_NOUN = re.compile(rf"(?<!\w){any_of('held')}(?: [^\s,;]+){{0,7}} {any_of('held_by')} ?$")
_LOOKS_BACK = re.compile(
    rf"(?<!\w){any_of('reports')} (?:{any_of('look_back_fillers')} )*{any_of('looked_back')}(?!\w)"
)
_HORIZON_NOUN = re.compile(rf"(?<!\w){any_of('horizon_nouns')}(?: [^,;]{{0,80}})? ?$")
_DONE = re.compile(r"(?<!\w)(?:đã|đang|vừa|mới được|được)(?!\w)")
_JUST_DONE = re.compile(r"(?<!\w)đã(?: [^\s,;]+){1,4}[ ,]*$")
_EVENT = re.compile(rf"(?<!\w){any_of('events')}(?!\w)")
_HAPPENED = re.compile(rf"(?<!\w)(?:{any_of('happened')}|{any_of('no_limit')})[ ,]*$")
_EFFECT = re.compile(rf"(?<!\w){any_of('effect')}(?!\w)")
_GATHERING = re.compile(rf"(?<!\w){any_of('gathering')}(?!\w)")
_CODES = re.compile(r"\d+\S*/[\w/-]*[A-ZĐ][\w/&-]*|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\b\d{4}(?: ?[-–] ?\d{4})?\b")
_PERIODS = re.compile(r"(?<![\w.,/])\d{1,2} (?:tháng|quý|tuần|ngày|giờ|năm)(?!\w)")
_COMPLETES = re.compile(rf"(?:[,;]| và) (?:và |phải )?{any_of('completion')}(?: [^\d,;:.()]{{1,60}})?[ ,]*$")
_NUMBERED = re.compile(rf"{any_of('numbered_things')} ?(?:số )?\d[\d.,]*", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_COUNT = re.compile(r"(?<![\w.,/])\d[\d.,]*(?:/\d+)?(?: ?%| [^\W\d_]|/)")
_COUNTED = re.compile(rf"(?:^|(?<!\w){any_of('counting_verbs', 'verbs')})(?: {any_of('counting_fillers')})* $")


def kind_of(low: str, start: int, end: int) -> DeadlineKind | None:
    """Whether a clause says what to do or what to reach; None where it has no verb of either sort."""
    position = start
    while True:
        strive = STRIVE.search(low, position, end)
        verb = VERB.search(low, position, end)
        if verb is None:
            return None
        if strive is not None and strive.start() <= verb.start() and strive.end() > verb.start():
            position = strive.end()
            continue
        return "task" if verb["task"] else "milestone"


def is_count_only(clean: str, start: int, end: int) -> bool:
    """Whether what a clause asks for is a number of things, so that the limit is the number's period."""
    if _DIGIT.search(clean, start, end) is None:
        return False
    words = re.sub(r"\([^()]*\)", lambda m: " " * len(m.group()), clean[start:end])
    words = _CODES.sub(lambda m: "_" * len(m.group()), words)
    words = _PERIODS.sub(lambda m: "_" * len(m.group()), words)
    words = _NUMBERED.sub(lambda m: "_" * len(m.group()), words)
    for match in _COUNT.finditer(words):
        before = words[: match.start()].lower()
        subject = not before.strip(EDGE) and _acts_behind(words[match.end() :].lower())
        if "%" in match.group() or (not before.strip(EDGE) and not subject) or _COUNTED.search(before):
            return True
    return False


def _acts_behind(low: str) -> bool:
    """Whether a task follows a number that opens its clause: ``12 xã | hoàn thành rà soát …``."""
    verb = VERB.search(low)
    return verb is not None and verb["task"] is not None and len(low[: verb.start()].split()) <= 3


def completes(low: str, start: int, end: int) -> bool:
    """Whether a clause ends with its completion: ``tổ chức 03 lớp tập huấn, | hoàn thành``."""
    return _COMPLETES.search(low, start, end) is not None


def is_result(low: str, start: int, at: int, leading: bool) -> bool:
    """Whether a clause tells what was done: ``đã`` before its first verb, or with the verb right before the limit."""
    if not leading and _JUST_DONE.search(low, start, at):
        return True
    done = _DONE.search(low, start, at)
    if done is None or done.group() == "được":
        return False
    verb = VERB.search(low, start, at)
    return verb is None or done.start() < verb.start()


def opens_adjunct(low: str, start: int, end: int) -> bool:
    """Whether a clause is only a phrase before the clause proper: ``Trên cơ sở các tiêu chí …``."""
    return _OPENS_ADJUNCT.match(low, start, end) is not None or PAPER.match(low, start, end) is not None


def belongs_to_noun(low: str, start: int, at: int, looks_back: bool = True) -> bool:
    """Whether a period is that of the thing named before it: ``các chỉ tiêu đăng ký thực hiện | trong năm 2024``.

    ``looks_back``: also the period a report looks back on (``sơ kết việc thực hiện kế hoạch | trong năm 2024``).
    """
    noun = _RELATIVE_NOUN.search(low, start, at)
    if noun is not None:
        verb = VERB.search(low, start, noun.start())
        if verb is not None or noun.start() <= start + 3:
            return True
    backward = list(_LOOKS_BACK.finditer(low, start, at)) if looks_back else []
    if not backward:
        return False
    later = VERB.search(low, backward[-1].end(), at)
    return later is None or _SUBMIT.match(low, later.start()) is None


def is_event(low: str, start: int, at: int) -> bool:
    """Whether the clause's verb is an event: ``tổ chức hội nghị vào ngày …``."""
    return _EVENT.search(low, start, at) is not None


def follows_happening(low: str, start: int, at: int) -> bool:
    """``hồ sơ tiếp nhận | trước ngày …``, ``sinh | trước ngày …``: a condition."""
    happened = _HAPPENED.search(low, start, at)
    if happened is None or not low[start : happened.start()].strip(EDGE):
        return False
    verb = VERB.search(low, start, happened.start())
    return verb is None


def says_effect(low: str, start: int, end: int) -> bool:
    """``có hiệu lực``, ``có giá trị`` in the clause."""
    return _EFFECT.search(low, start, end) is not None


def gathers(low: str, start: int, end: int) -> bool:
    """Whether the clause asks for something over a stretch of days: ``đăng ký``, ``nộp``, ``tiếp nhận``."""
    return _GATHERING.search(low, start, end) is not None


def lists_follow(low: str, start: int, end: int) -> bool:
    """``tập trung thực hiện một số nhiệm vụ sau:``: what is asked for comes below, with limits of its own."""
    return _LIST_FOLLOWS.search(low, start, end) is not None


def in_cited_title(low: str, start: int, at: int) -> bool:
    """Whether a period stands in the title of a document named before it."""
    return _CITED_TITLE.search(low, start, at) is not None


def ends_open(low: str, at: int) -> bool:
    """``đến năm 2030 | trên địa bàn tỉnh``, ``| và những năm tiếp theo``: a horizon inside a name or a phrase."""
    return _HORIZON_GOES_ON.match(low, at) is not None


def counts_money(low: str, start: int, end: int) -> bool:
    """Whether sums or shares are spoken of."""
    return _MONEY.search(low, start, end) is not None


def horizon_of_noun(low: str, start: int, at: int) -> bool:
    """``Chiến lược … | đến năm 2030``: the year is part of a name."""
    noun = _HORIZON_NOUN.search(low, start, at)
    return noun is not None and VERB.search(low, noun.start(), at) is None


def has_verb(low: str, start: int, end: int) -> bool:
    """Whether any task or state is named in the span."""
    return VERB.search(low, start, end) is not None


def hands_in(clean: str, low: str, start: int, end: int) -> bool:
    """Whether a clause has somebody receive something: ``gửi về Sở Y tế``."""
    return recipient(clean, low, start, end) is not None


def is_plain_state(clean: str, low: str, start: int, end: int) -> bool:
    """Whether an item of a list is a state without a number: ``huyện đạt chuẩn …``."""
    verb = VERB.search(low, start, end)
    if (
        verb is None
        or verb["state"] is None
        or verb["state"] in ("có", "là")
        or any(c.isdigit() for c in clean[start:end])
    ):
        return False
    return 0 < len(low[start : verb.start()].split()) <= 6


def is_weak_state(low: str, start: int, end: int) -> bool:
    """Whether a state is only that something is there: ``có``, ``là``."""
    verb = VERB.search(low, start, end)
    return verb is None or verb["state"] in ("có", "là")


def starts_with_verb(low: str, start: int, end: int) -> bool:
    """Whether a clause opens with what is to be done, at most an adverb before it."""
    verb = VERB.search(low, start, end)
    if verb is None or verb["task"] is None or len(low[start : verb.start()].split()) > 2:
        return False
    return _NOUN_OF_DOING.match(low, start, end) is None


def yearly_noun(low: str, start: int, at: int) -> bool:
    """``kế hoạch | hàng năm``: the word belongs to the noun."""
    return _YEARLY_NOUN.search(low, start, at) is not None


def verb_early(low: str, start: int, end: int) -> bool:
    """Whether a task or state stands among the first words of a clause."""
    verb = VERB.search(low, start, end)
    return verb is not None and len(low[start : verb.start()].split()) <= 6


_CONDITION = re.compile(r"[ ,]*(?:\w+ ){1,3}nào |[ ,]*" + any_of("case_openers") + r"(?!\w)")


def is_condition(low: str, at: int) -> bool:
    """``đến hết ngày 20/7, | đơn vị nào chưa gửi …``: what follows the limit is a case, not a task."""
    return _CONDITION.match(low, at) is not None
