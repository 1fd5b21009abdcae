"""Who must act and who receives: from the task's own sentence, else its lead-in, else the headings above it."""

from __future__ import annotations

import re

from extractors.actors import actors_at, heading_actors, is_actor, recipient
from extractors.deadline_words import any_of
from extractors.obligations import starts_with_verb
from extractors.sentences import sentences
from extractors.tasks import Task, bare_subject, opening_of
from models.reading import Block, Reading

_LEAD_LENGTH = 260
_LABEL_BLOCK = 2000
"""How long a block of labels or of one task may be, in characters."""
_LOOK_BACK = 60
"""How many blocks a lead-in may stand above a numbered item."""
_ORDER = re.compile(rf"(?<!\w)(?:{any_of('orders')})(?!\w) ?(?:cho )?")
_CHIEF = re.compile(rf"[\s*•+–-]*(?:{any_of('label_chief')}) ?[:;] ?")
_TIME_LABEL = re.compile(rf"[\s*•+–-]*(?:{any_of('labels', 'label_chief', 'label_other')})(?!\w)[^:]{{0,40}}:")
_TASK_LABEL = re.compile(rf"(?:{any_of('label_task')}) ?: ?")
_LEADS_ON = re.compile(r"(?<!\w)(?:chỉ đạo|hướng dẫn|giúp|hỗ trợ|đôn đốc) ")
_PAPER = re.compile(
    rf"(?:{any_of('papers')}) (?=của )|(?:{any_of('papers')}) (?:{any_of('papers')}|[^\s,;]+ ){{0,3}}?(?=của )"
)
# Ý kiến tham gia, góp ý dự thảo của | các đơn vị gửi về …: who hands the paper in.
_PAPER_SENT = re.compile(rf"(?:{any_of('papers')})(?!\w)[^;.:()]{{0,50}}? của ")
_SENT = re.compile(rf" ?(?:{any_of('submit')})(?!\w)")
_OF = re.compile(r"của ")
_COMMON = re.compile(rf"(?:{any_of('places')})$")
_VIA = re.compile(r"\s*\(\s?(?:thông )?qua (?P<name>[^()]{2,160})")


def responsible(reading: Reading, low: str, index: int, task: Task) -> tuple[str, ...]:
    """Names as written of those who must act; empty where nobody is named."""
    clean = reading.text.clean
    block = reading.blocks[index]
    inside = block.content <= task.start <= block.end
    if task.subject:
        return tuple(_resolved(reading, low, index, name) for name in task.subject)
    if inside:
        own = _in_task(clean, low, task)
        if own:
            return own
        lead = _lead_in(clean, block, task.start)
        if lead:
            return lead
    above: int | None = block.parent
    while above is not None:
        parent = reading.blocks[above]
        found = heading_actors(_up_to_colon(reading.words(parent)))
        if not found and inside:
            found = _ordered(clean, low, parent.content, min(parent.end, parent.content + 2000))
        if found:
            return found
        above = parent.parent
    chief = _chief_beside(reading, low, index)
    if chief:
        return chief
    return _from_lead(reading, low, index) or (_earlier_order(clean, low, block, task) if inside else ())


def _up_to_colon(text: str) -> str:
    """The heading's own words: up to the colon that a whole sentence follows, at most."""
    colon = text.find(": ")
    while 0 <= colon < _LEAD_LENGTH and text[:colon].lower().endswith(
        ("các cơ quan", "các đơn vị", "các tỉnh", "các xã", "các huyện", "các sở")
    ):
        colon = text.find(": ", colon + 1)
    return text[: colon + 1] if 0 <= colon <= _LEAD_LENGTH else text[: 2 * _LEAD_LENGTH]


def _lead_in(clean: str, block: Block, at: int) -> tuple[str, ...]:
    """``Đối với các xã …: Thực hiện …``, within the block."""
    colon = clean.find(":", block.content, min(at, block.content + _LEAD_LENGTH) + 1)
    return heading_actors(clean[block.content : colon + 1]) if colon >= 0 else ()


def _resolved(reading: Reading, low: str, index: int, name: str) -> str:
    """``Huyện`` under ``Đối với huyện Lạc Sơn:`` is that district."""
    if _COMMON.fullmatch(name.lower()) is None:
        return name
    block = reading.blocks[index]
    leads = [_lead_in(reading.text.clean, block, block.end)]
    if block.parent is not None:
        leads.append(heading_actors(_up_to_colon(reading.words(reading.blocks[block.parent]))))
    for lead in leads:
        for candidate in lead:
            if candidate.lower().startswith(name.lower() + " ") and candidate[len(name) + 1].isupper():
                return candidate
    return name


def _in_task(clean: str, low: str, task: Task) -> tuple[str, ...]:
    """A name inside the task's own words: ``huyện X đạt chuẩn``, ``văn bản của các đơn vị gửi …``."""
    start, end = task.start, task.end
    if task.kind == "milestone":
        for match in re.finditer(r"\S+", low[start:end]):
            at = start + match.start()
            if is_actor(clean, low, at, end) is not None:
                found = actors_at(clean, low, at, end)
                return found.names if found is not None and found.end < end else ()
            if match.start() > 45:
                break
        return _led(clean, low, task)
    paper = _PAPER.match(low, start, end)
    if paper is not None:
        of = _OF.match(low, paper.end(), end)
        found = actors_at(clean, low, of.end(), end) if of is not None else None
        if found is not None:
            return found.names
    sent = _PAPER_SENT.match(low, start, end) if paper is None else None
    found = actors_at(clean, low, sent.end(), end) if sent is not None else None
    if found is not None and _SENT.match(low, found.end, end):
        return found.names
    if paper is not None or not starts_with_verb(low, start, end):
        begin = bare_subject(clean, low, start, end)
        found = actors_at(clean, low, begin, end) if begin is not None else None
        return found.names if found is not None else ()
    return ()


def _led(clean: str, low: str, task: Task) -> tuple[str, ...]:
    """Of ``chỉ đạo, hướng dẫn A … phấn đấu đạt …`` it is A."""
    named: tuple[str, ...] = ()
    for match in _LEADS_ON.finditer(low, task.sentence, task.start):
        found = actors_at(clean, low, match.end(), task.start)
        named = found.names if found is not None else named
    return named


def _ordered(clean: str, low: str, start: int, end: int) -> tuple[str, ...]:
    """The last one an order goes to: ``… yêu cầu các đơn vị thực hiện một số nội dung sau:``."""
    named: tuple[str, ...] = ()
    for match in _ORDER.finditer(low, start, end):
        if low[match.start() : match.end()].startswith(("hướng dẫn", "chỉ đạo", "đối với", "riêng", "kêu gọi")):
            continue
        found = actors_at(clean, low, match.end(), end)
        named = found.names if found is not None else named
    return named


def _from_lead(reading: Reading, low: str, index: int) -> tuple[str, ...]:
    """The open lead above a numbered list, which hangs under nothing: ``Sở đề nghị các đơn vị …:``."""
    for number in range(index - 1, max(-1, index - _LOOK_BACK), -1):
        block = reading.blocks[number]
        if block.part != reading.blocks[index].part:
            return ()
        if not block.marker and low[block.start : block.end].rstrip().endswith(":"):
            return _ordered(reading.text.clean, low, max(block.content, block.end - 2000), block.end)
    return ()


def _earlier_order(clean: str, low: str, block: Block, task: Task) -> tuple[str, ...]:
    """An order in the same paragraph: ``Đề nghị các đơn vị quan tâm. Báo cáo gửi về … trước ngày …``."""
    start = max(block.content, task.sentence - 2000)
    return _ordered(clean, low, start, task.sentence) if task.sentence > start else ()


def _chief_beside(reading: Reading, low: str, index: int) -> tuple[str, ...]:
    """``Đơn vị chủ trì: Sở Y tế`` in the same block or beside it."""
    for number in _beside(reading, index):
        block = reading.blocks[number]
        if block.end - block.content > _LABEL_BLOCK:
            continue
        for start, end in sentences(reading.text.clean, block.content, block.end):
            label = _CHIEF.match(low, start, end)
            if label is not None:
                found = actors_at(reading.text.clean, low, label.end(), end, opening=True)
                if found is not None:
                    return found.names
    return ()


def _beside(reading: Reading, index: int) -> list[int]:
    """The block and its neighbours that hang under the same heading, nearest first."""
    blocks = reading.blocks
    found = [index]
    for step in (-1, 1):
        number = index + step
        while 0 <= number < len(blocks) and abs(number - index) <= 8 and blocks[number].parent == blocks[index].parent:
            if blocks[number].marker[:1].isdigit() != blocks[index].marker[:1].isdigit():
                break
            found.append(number)
            number += step
    return found if blocks[index].parent is not None or len(blocks) <= 8 else [index]


def chief_among(reading: Reading, low: str, index: int) -> tuple[int, int, tuple[str, ...]] | None:
    """The task of a label that stands in a block of its own: the item before it without a label, else the heading.

    Its span and who is to act, as far as the words beside it say. None where nothing of the sort is there.
    """
    blocks = reading.blocks
    block = blocks[index]
    chief = _chief_beside(reading, low, index)
    candidates = [
        n
        for n in range(index - 1, max(-1, index - 9), -1)
        if blocks[n].parent == block.parent and blocks[n].part == block.part
    ]
    for number in candidates:
        above = blocks[number]
        label = _TASK_LABEL.match(low, above.content, above.end)
        if label is not None:
            return label.end(), above.end, chief
        if _TIME_LABEL.match(low, above.content, above.end):
            continue
        if block.parent is None or above.marker == block.marker or not (above.marker and block.marker):
            far = max(above.content, above.end - _LABEL_BLOCK)
            start, end = list(sentences(reading.text.clean, far, above.end))[-1]
            opening = opening_of(reading.text.clean, low, start, end)
            return start, end, chief or opening.subject
        break
    if block.parent is None:
        return None
    parent = blocks[block.parent]
    return parent.content, parent.end, chief


def receiver(clean: str, low: str, task: Task) -> str | None:
    """Who receives the result, as written, with ``(qua …)``; None where nobody is named."""
    span = recipient(clean, low, task.start, task.end)
    if span is None:
        return None
    start, end = span
    name = clean[start:end]
    via = (_VIA.match(clean, end) or _VIA.search(task.text)) if "(" not in name else None
    if via is not None:
        inner = via["name"]
        found = actors_at(inner, inner.lower(), 0, len(inner), opening=False)
        name = f"{name} (qua {inner[: found.end].strip() if found is not None else inner.strip()})"
    elif "(" in name:
        opened = name.index("(")
        inner = name[opened + 1 :].rstrip(") ")
        name = f"{name[:opened].rstrip()} ({inner})"
    return re.sub(r"\s+", " ", name).strip(" ,;.:") or None
