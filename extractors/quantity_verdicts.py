"""What kind of quantity a number of a paragraph is, from its clause, its sentence, its headings and the document."""

from __future__ import annotations

import re

from extractors import quantity_kinds as kinds
from extractors.fold import fold_chars
from extractors.quantity_clauses import Amount, tail, until
from extractors.quantity_passages import Found, Passage, Tools
from extractors.quantity_periods import Period
from extractors.quantity_words import words
from models.reading import Context
from models.record import QuantityKind

_LEGAL_BASIS = re.compile(
    r"(?:căn cứ|thực hiện|theo|xét) (?!.{0,200}(?:phấn đấu|yêu cầu|mục tiêu(?! quốc gia)|chỉ tiêu))"
)
_COMPARING = re.compile(
    r"bằng [\d.,]+\s?% (?:so với |của )?(?:kế hoạch|dự toán|cùng kỳ|chỉ tiêu)"
    r"|so với (?:cùng kỳ|(?:năm|tháng|quý|năm học) trước)|(?:xếp|đứng) (?:thứ|hạng)"
)
_WINDOW = 600
# Các chủ đầu tư có tỷ lệ giải ngân dưới | 30%: which of them are meant.
_WHICH = re.compile(
    r"(?:^|[.;:] |(?:yêu cầu|đề nghị|giao|đối với) )(?:các|những) [^,;:.()\d]{2,70} "
    r"có (?:tỷ lệ|mức|số) [^,;:.()\d]{2,50} "
    r"(?:dưới|trên|thấp hơn|cao hơn|chưa đạt|không đạt|từ) $"
)
_NOT_YET = re.compile(r"[^,;:.()\d]{0,40} chưa(?!\w)")
_DONE = re.compile(r"[^;:.()\d]{0,60} đã (?!đề ra|được giao)")


def kind_of(tools: Tools, passage: Passage, k: int, earlier: Found | None, period: Period) -> QuantityKind | None:
    """The kind of ``passage.amounts[k]``; None where nothing says that it is a quantity."""
    amount, low = passage.amounts[k], passage.low
    outside = [c for c in passage.cues if not _is_aside(low, c, amount.start)]
    cue = kinds.nearest(outside, amount.sentence[0], amount.start)
    if _is_none(passage, k, cue):
        return None
    if amount.unit.kind == "money" and _is_funding(tools, passage, k, earlier):
        return "funding"
    same_sentence = earlier is not None and earlier.amount.sentence == amount.sentence
    if _is_share_of_funds(low, amount, earlier if same_sentence else None):
        return "funding"
    before = earlier.kind if earlier is not None and earlier.kind != "funding" else None
    aimed = _is_weak(passage, cue) and _above(tools, passage.index) == "target"
    said = None if aimed else _said_behind(passage, k, cue)
    if said is not None:
        return said
    if aimed or (cue is not None and _is_past_of_things(passage, k, cue) and _above(tools, passage.index) == "target"):
        return "target"
    if cue is not None and not (same_sentence and earlier is not None and cue.end <= earlier.amount.start):
        return cue.kind
    if same_sentence and before is not None:
        return before
    said = _by_date(tools.context, period) or (cue.kind if cue is not None else None) or _above(tools, passage.index)
    if said is not None:
        return said
    if before is not None:
        return before
    if _DONE.match(low, amount.end) is not None:
        return "result"
    if "còn" in passage.peeled[k].said and passage.peeled[k].rest <= amount.lead:
        return "result"
    begin, end = amount.sentence
    near = max(begin, amount.start - _WINDOW)
    if _COMPARING.search(low, near, min(end, amount.end + _WINDOW)) is not None:
        return "result"
    return _by_document(tools.context.document_type, low, near, amount.start)


def _is_share_of_funds(low: str, amount: Amount, earlier: Found | None) -> bool:
    """``tổng vốn 5 tỷ đồng, trong đó ngân sách tỉnh 60%``: a share of the sum before it, named by its source."""
    if amount.unit.kind != "percent":
        return False
    if earlier is None or earlier.kind != "funding":
        return kinds.provides_funds(low, amount.lead, amount.start)
    return kinds.is_source_of_funds(low, amount.lead) and not kinds.is_money_result(low, amount.lead, amount.start)


def _by_document(document_type: str | None, low: str, start: int, end: int) -> kinds.Said | None:
    """The last resort: a report tells results, an order's verb asks for what it counts, a norm does neither."""
    if document_type in kinds.REPORTING:
        return "result"
    if document_type in kinds.NORMATIVE or not kinds.is_weak_target(low, start, end):
        return None
    return "target"


def _is_none(passage: Passage, k: int, cue: kinds.Cue | None) -> bool:
    """Whether the number is a norm, a condition, people at a meeting, part of a title or of the legal basis."""
    amount, low = passage.amounts[k], passage.low
    begin = max(amount.sentence[0], amount.start - _WINDOW)
    near = cue if cue is not None and cue.start >= amount.lead else None
    if kinds.is_norm(low, amount.lead, amount.start) and not (near is not None and near.kind == "result"):
        return True
    if kinds.is_attendance(low, amount.end):
        return True
    if kinds.is_in_title(low, begin, amount.lead if amount.lead > begin else amount.start):
        return True
    if cue is None and _LEGAL_BASIS.match(low, amount.sentence[0]) is not None:
        return True
    if _bound_without_verb(passage, k) and not (near is not None and near.kind == "target"):
        return True
    if near is None and _WHICH.search(low, begin, amount.start) is not None:
        return True
    return near is None and kinds.is_condition(low, amount.lead, amount.start)


def _said_behind(passage: Passage, k: int, cue: kinds.Cue | None) -> kinds.Said | None:
    """What the words behind the number say of its kind."""
    amount, low = passage.amounts[k], passage.low
    stop = passage.amounts[k + 1].lead if k + 1 < len(passage.amounts) else amount.sentence[1]
    bracket = low.find(" (", amount.end, stop)
    if bracket >= 0 and cue is not None and cue.kind == "result":
        stop = bracket  # (theo kế hoạch 16 cuộc): what was planned beside what was done
    done_here = cue is not None and cue.kind == "result" and cue.start >= amount.lead
    said = kinds.said_behind(low, amount, max(amount.end, min(stop, amount.sentence[1])), planned=not done_here)
    aimed = cue is not None and cue.start >= amount.lead and low[cue.start : cue.end] in words("aim")
    if said is not None and not (aimed and said == "result"):
        return said
    if "còn" in passage.peeled[k].said and _NOT_YET.match(low, amount.end) is not None:
        return "result"
    done = cue is not None and cue.kind == "result" and _DONE.match(low, amount.end) is not None
    return "result" if done else None


_ASIDE = re.compile(r"[^()]{0,300}\)")


def _is_aside(low: str, cue: kinds.Cue, start: int) -> bool:
    """Whether the word stands in a bracket that closes before the number."""
    opened = low.rfind("(", max(0, cue.start - 300), cue.start)
    if opened < 0 or ")" in low[opened : cue.start]:
        return False
    closed = _ASIDE.match(low, cue.end)
    return closed is not None and closed.end() <= start


def _is_past_of_things(passage: Passage, k: int, cue: kinds.Cue) -> bool:
    """``Duy trì các xã | đã đạt chuẩn …``: the past is that of the things, the clause asks for something."""
    return kinds.is_imperative(passage.low, passage.amounts[k].sentence[0], cue.start)


def _is_weak(passage: Passage, cue: kinds.Cue | None) -> bool:
    """Whether no word before the number says by itself that something was reached."""
    return cue is None or passage.low[cue.start : cue.end] in words("result_weak")


def _bound_without_verb(passage: Passage, k: int) -> bool:
    """``có từ 10 lao động trở lên``: a condition, unless a verb of reaching stands there."""
    peeled = passage.peeled[k]
    if until(passage.low, passage.amounts[k]):
        return "level" not in peeled.kinds and "up" not in peeled.kinds and "down" not in peeled.kinds
    return False


def _by_date(context: Context, period: Period) -> kinds.Said | None:
    if period.value is None or context.year is None:
        return None
    issued = context.issued_on or ""
    size = min(len(issued), len(period.value))
    if period.value[:size] == issued[:size]:
        return None
    return "target" if period.value[:size] > issued[:size] else "result"


def _above(tools: Tools, index: int) -> kinds.Said | None:
    parent = tools.reading.blocks[index].parent
    while parent is not None:
        block = tools.reading.blocks[parent]
        said = kinds.of_heading(fold_chars(tools.reading.words(block)[:300]))
        if said is not None:
            return said
        parent = block.parent
    return None


def _is_funding(tools: Tools, passage: Passage, k: int, earlier: Found | None) -> bool:
    """Whether a sum of money is provided or paid: by its own words, those of the sum before it, or the heading."""
    amount, low, rest = passage.amounts[k], passage.low, passage.peeled[k].rest
    named = rest - amount.lead > 3
    if named or earlier is None:
        begin = amount.lead if named else amount.sentence[0]
        if kinds.is_funding(low, begin, amount.start):
            return True
    if kinds.is_money_result(low, amount.lead, amount.start):
        return False
    if kinds.is_funding(low, amount.end, tail(low, amount)[1]):
        return True
    if earlier is not None and earlier.amount.unit.kind == "money":
        return earlier.kind == "funding"
    if named and earlier is None and kinds.names_funding(_heading_words(tools, passage.index)):
        return True
    return low.endswith(": ", 0, amount.start) and _is_part_of_funds(tools, passage.index)


def _is_part_of_funds(tools: Tools, index: int) -> bool:
    """Whether the lead-in above gives the sum of money whose parts its list names."""
    parent = tools.reading.blocks[index].parent
    if parent is None:
        return False
    lead = fold_chars(tools.reading.words(tools.reading.blocks[parent])[-600:]).rstrip()
    return lead.endswith(":") and kinds.is_sum_of_funds(lead)


def _heading_words(tools: Tools, index: int) -> str:
    parent = tools.reading.blocks[index].parent
    return "" if parent is None else fold_chars(tools.reading.words(tools.reading.blocks[parent])[:300])
