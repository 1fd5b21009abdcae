"""Numbers with their units in a paragraph, and the words that stand before and behind each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from extractors.numbers import WORD_NUMBER, Figure, find_figures, read_word_number
from extractors.quantity_words import any_of, opening, phrase_before, units, words
from extractors.sentences import sentences
from extractors.units import Unit, unit_after

_QUOTED = re.compile(r"\"[^\"]{1,600}\"|“[^“”]{1,600}”|'[^']{3,300}'")
_TRIGGER = re.compile(r"\d|nhất |thiểu |thêm |dưới ")
# The bound may stand behind what the share is of: 100% kế hoạch huyện giao trở lên.
_UNTIL = re.compile(r"(?: (?:kế hoạch|dự toán|chỉ tiêu)(?: [^\s,;.:()\d]+){0,3})?\s?(?P<bound>trở lên|trở xuống)(?!\w)")
_BRACKET = re.compile(r"[()]")
_EXTRA_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit in the folded text of one paragraph.

    ``lead`` is where the words that belong to it begin, ``limit`` where what stands behind it must end, ``opened``
    the round bracket it stands in (-1 for none), ``sentence`` the span of its sentence.
    """

    figure: Figure
    unit: Unit
    lead: int
    limit: int
    opened: int
    sentence: tuple[int, int]

    @property
    def start(self) -> int:
        return self.figure.start

    @property
    def end(self) -> int:
        return max(self.figure.end, self.unit.end)


@dataclass(frozen=True, slots=True)
class Peeled:
    """What stands directly before a number, from it outwards: kinds of words, the words, where the rest ends."""

    kinds: tuple[str, ...]
    said: tuple[str, ...]
    rest: int


_KEPT = "kept"
_COMPARING = frozenset({"at_least", "at_most", "more_than", "less_than", "about"})
_KINDS = ("at_least", "at_most", "more_than", "less_than", "about", "up", "down", "level", "exist", "aim", "filler")


@cache
def _kind_of_word() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in reversed(_KINDS):
        found.update(dict.fromkeys(words(kind), kind))
    for word in words("compound") - found.keys():
        found[word] = _KEPT
    return found


@cache
def _many() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('many')} (?P<number>{WORD_NUMBER})(?= \w)")


@cache
def _reached() -> re.Pattern[str]:
    return re.compile(rf"[^\d;.]{{0,40}}?(?<!\w){any_of('reached')} (?:[^\d;.,]{{0,12}} )?\d")


@cache
def _new_clause() -> re.Pattern[str]:
    return opening("clause_start")


@cache
def _tail_end() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('tail_end')}(?!\w)(?! (?:cường|trưởng|tốc))")


def peel(low: str, start: int, end: int) -> Peeled:
    """Take comparators, verbs of measuring and filling words off the end of ``low[start:end]``."""
    kinds: list[str] = []
    said: list[str] = []
    table = _kind_of_word()
    while (last := phrase_before(low, start, end, table)) is not None:
        word, begin = last
        if table[word] == _KEPT or (word == ":" and said != ["là"] and not _COMPARING.issuperset(kinds)):
            break
        kinds.append(table[word])
        said.append(word)
        end = begin
        while end > start and low[end - 1] == " ":
            end -= 1
    return Peeled(tuple(kinds), tuple(said), end)


def may_hold_amount(text: str, start: int, end: int) -> bool:
    """A cheap test that spares most paragraphs."""
    return _TRIGGER.search(text, start, end) is not None


# A number before a word that can be a unit; citations and dates, the most of all numbers, have none behind them.
_UNIT_OR_WORD = re.compile(
    r"\d\s?(?:[%‰]|(?!(?:của|và|về|đến|tháng|năm|ngày|tại|để|trên|trong|được|là|có)\b)[^\W\d_]|\()|\d\s?[.;,)]|\d$|"
    r"nhất |thiểu |thêm |dưới "
)


def numbers_with_units(low: str) -> list[tuple[Figure, Unit]]:
    """Every number of folded text that has a unit behind it, in order; dates are not yet told apart."""
    if _UNIT_OR_WORD.search(low) is None:
        return []
    found = [*_digits(low), *_spelled(low)]
    found.sort(key=lambda pair: pair[0].start)
    return found


def find_amounts(
    text: str, low: str, numbers: Sequence[tuple[Figure, Unit]], dates: Sequence[tuple[int, int]]
) -> list[Amount]:
    """The amounts among the ``numbers`` of one paragraph, in order: not those in dates, quotation marks or labels.

    ``low`` is ``text`` folded character for character, ``dates`` the spans of the dates in it.
    """
    aside = [*dates, *(match.span() for match in _QUOTED.finditer(low))]
    kept = [pair for pair in numbers if not any(a < pair[0].end and pair[0].start < b for a, b in aside)]
    if not kept:
        return []
    amounts = _with_leads(text, low, kept)
    whole = [k for k, amount in enumerate(amounts) if not _is_attribute(low, amounts[:k], amount)]
    if len(whole) < len(kept):
        amounts = _with_leads(text, low, [kept[k] for k in whole])
    return [_limited(amount, amounts[k + 1 :]) for k, amount in enumerate(amounts)]


def _with_leads(text: str, low: str, pairs: Sequence[tuple[Figure, Unit]]) -> list[Amount]:
    spans = list(sentences(text, 0, len(text)))
    begins = [start for start, _ in spans]
    opened = openings(low, [figure.start for figure, _ in pairs])
    amounts: list[Amount] = []
    ends: dict[int, int] = {}
    for bracket, (figure, unit) in zip(opened, pairs, strict=True):
        sentence = spans[max(0, bisect_right(begins, figure.start) - 1)]
        floor = max(sentence[0], ends.get(bracket, 0))
        lead = lead_of(low, floor, figure.start, floor > sentence[0])
        amounts.append(Amount(figure, unit, lead, sentence[1], bracket, sentence))
        ends[bracket] = amounts[-1].end
    return amounts


def _limited(amount: Amount, following: Sequence[Amount]) -> Amount:
    """The amount with what stands behind it ended before the words of the next one outside brackets of its own."""
    for other in following[:8]:
        if other.opened == amount.opened or other.opened < amount.start:
            return replace(amount, limit=max(amount.end, min(amount.limit, other.lead)))
    return amount


_LABEL_OF = re.compile(r"\s?:\s?\d")
_MEAN = re.compile(r"(?:bình quân|trung bình)(?:(?: [^\W\d_]+){0,4} (?:của|cho|trên|mỗi))?\s*$")
_PER = re.compile(r"(?:tỷ (?:suất|lệ|số)|bình quân|giá trị|thu nhập|năng suất|mật độ|tính)[^,;:.()\d]{0,50} trên\s*$")
_WITH_RATE = re.compile(r" (?:[^,;:.()\d]{0,28} )?có (?:tỷ lệ|số|mức) [^,;:.()\d]{0,40} ")


def _is_attribute(low: str, earlier: Sequence[Amount], amount: Amount) -> bool:
    """Whether the number says what kind of thing another one counts: ``06 xã đạt dưới 10 tiêu chí``, ``trên 1 ha``."""
    figure = amount.figure
    if _LABEL_OF.match(low, amount.end) is not None:
        return True
    whole = figure.value in (1, 1000, 10000, 100000) and amount.unit.kind != "money"
    if whole and any(p.search(low, max(0, figure.start - 70), figure.start) for p in (_PER, _MEAN)):
        return True
    if not earlier or earlier[-1].opened != amount.opened:
        return False
    if amount.unit.kind != "count":
        return earlier[-1].unit.kind == "count" and _WITH_RATE.fullmatch(low, earlier[-1].end, amount.start) is not None
    return _kind_of().fullmatch(low, earlier[-1].end, amount.start) is not None


@cache
def _kind_of() -> re.Pattern[str]:
    bound = any_of("at_least", "more_than", "at_most", "less_than", "about")
    return re.compile(rf" (?:(?:[^,;:.()\d]|\d{{4}}){{0,50}} )?{any_of('kind_of')} (?:(?:đủ|từ|{bound}) )?")


def _digits(low: str) -> list[tuple[Figure, Unit]]:
    found: list[tuple[Figure, Unit]] = []
    for figure in find_figures(low, 0, len(low)):
        listed = bool(found) and low[found[-1][1].end : figure.start].endswith((", ", " và "))
        unit = unit_after(low, figure.end) or _unit_of_label(low, figure) or _unknown_unit(low, figure, listed)
        if unit is None or unit.kind == "other":
            continue
        if unit.kind in ("count", "measure"):
            label = phrase_before(low, 0, figure.start, words("label_before"))
            if label is not None and _is_label(low, label, figure):
                continue
        starting = figure.value_max is None and phrase_before(low, 0, figure.start, words("starting_value")) is not None
        if starting and _reached().match(low, figure.end) is not None:
            continue
        found.append((figure, unit))
    return found


_HIGHEST_LEVEL = 4


def _is_label(low: str, label: tuple[str, int], figure: Figure) -> bool:
    """``tiêu chí 17`` is a label, ``tổng số 17 xã`` is none; ``cấp 2`` is one, ``cấp 88.000 tài khoản`` is none."""
    if low.endswith(("tổng ", "dứt ", "thời "), 0, label[1]):
        return False
    return label[0] != "cấp" or figure.value <= _HIGHEST_LEVEL


_MANY = ("nhất", "thiểu", "thêm", "dưới")
_ALONE = re.compile(r"\s?(?:[.;,)]|$)")
_NUMBER_OF = re.compile(r"(?<!\w)(?:tổng )?số (?:lượng )?(?=[^\W\d_])(?P<noun>[^.;:\d]{2,90}?)(?::| là| đạt)\s*$")


def _unit_of_label(low: str, figure: Figure) -> Unit | None:
    """``Số xã đạt chuẩn: 15/22``: the unit stands in the label; the unit's span is then that of the noun there."""
    if _ALONE.match(low, figure.end) is None:
        return None
    match = _NUMBER_OF.search(low, max(0, figure.start - 120), figure.start)
    unit = unit_after(low, match.start("noun")) if match is not None else None
    return unit if unit is not None and unit.kind == "count" and unit.start == match.start("noun") else None  # type: ignore[union-attr]


_TWO_SYLLABLES = re.compile(r" ([^\W\d_]+)(?: ([^\W\d_]+))?")
_TELLING = frozenset({"at_least", "more_than", "about", "up", "down"})


def _unknown_unit(low: str, figure: Figure, listed: bool) -> Unit | None:
    """A noun that no table has, where the words before the number, or a list, leave no doubt that it is counted."""
    match = _TWO_SYLLABLES.match(low, figure.end)
    if match is None or match[1] in words("no_noun") or len(match[1]) < 2:
        return None
    peeled = peel(low, max(0, figure.start - 60), figure.start)
    if _TELLING.isdisjoint(peeled.kinds) and not listed:
        return None
    alone = match[2] is None or match[2] in words("no_unit") or match[2] in words("no_noun")
    return Unit(match.start(1), match.end(1) if alone else match.end(2), "count")


def _spelled(low: str) -> list[tuple[Figure, Unit]]:
    found: list[tuple[Figure, Unit]] = []
    if not any(word in low for word in _MANY):
        return found
    for match in _many().finditer(low):
        value = read_word_number(match["number"])
        unit = unit_after(low, match.end("number"))
        figure = Figure(match.start("number"), match.end("number"), float(value or 0))
        unit = unit or _unknown_unit(low, figure, True)
        if value and unit is not None and unit.kind == "count":
            found.append((figure, unit))
    return found


def openings(low: str, positions: Sequence[int]) -> list[int]:
    """For each position the innermost round bracket open there, or -1."""
    if "(" not in low:
        return [-1] * len(positions)
    stack: list[int] = []
    found: list[int] = []
    brackets = [match.start() for match in _BRACKET.finditer(low)]
    at = 0
    for position in positions:
        while at < len(brackets) and brackets[at] < position:
            if low[brackets[at]] == "(":
                stack.append(brackets[at])
            elif stack:
                stack.pop()
            at += 1
        found.append(stack[-1] if stack else -1)
    return found


_JOINT = re.compile(r" và (?=\S)|(?<!đối)(?<!so)(?<!cùng) với (?=\S)| trong đó (?=\S)")


_LEVEL_NAMES = r"(?:huyện|xã|quận|thị xã|thành phố|phường|thị trấn|đặc khu)"
_IN_SECTOR = re.compile(r"(?:nông|lâm), (?:lâm|ngư|thủy)(?!\w)")
_BETWEEN_LEVELS = re.compile(rf", {_LEVEL_NAMES}(?!\w)(?! [^\W\d_]+ \d)")
_LEVEL_ENDS = re.compile(rf"(?<!\w){_LEVEL_NAMES}$")


def lead_of(low: str, floor: int, position: int, follows: bool) -> int:
    """Where the words that belong to the number at ``position`` begin: behind a comma, a bracket, a joining word."""
    peeled = peel(low, floor, position)
    labelled = ":" in peeled.said
    at, depth = peeled.rest - 1, 0
    while at >= floor:
        sign = low[at]
        if sign == ")":
            depth += 1
        elif sign == "(":
            if depth == 0:
                return at + 1
            depth -= 1
        elif sign == "," and _is_within_name(low, floor, at):
            pass
        elif depth == 0 and (sign == ";" or (sign in ",:" and not labelled and not _in_number(low, at))):
            return _EXTRA_SPACE.match(low, at + 1).end()  # type: ignore[union-attr]
        at -= 1
    if not follows:
        return floor
    comma = low.find(", ", floor, peeled.rest) if labelled else -1
    if comma >= 0:
        return comma + 2  # gà: 5.000 con, | vịt: 300 con
    joints = [m.start() + 1 for m in _JOINT.finditer(low, floor, peeled.rest + 1)]
    return joints[-1] if joints else peeled.rest


def _is_within_name(low: str, floor: int, comma: int) -> bool:
    """``huyện, xã`` of one body, ``nông, lâm, ngư nghiệp``: the comma parts nothing."""
    if _BETWEEN_LEVELS.match(low, comma) and _LEVEL_ENDS.search(low, max(floor, comma - 12), comma):
        return True
    return any(_IN_SECTOR.match(low, comma - size) is not None for size in (3, 4))


def _in_number(low: str, at: int) -> bool:
    return low[at - 1 : at].isdigit() and low[at + 1 : at + 2].isdigit()


def tail(low: str, amount: Amount) -> tuple[int, int]:
    """The span of the phrase behind the unit, which says what is counted; empty where the clause ends there."""
    start, stop = amount.end, amount.limit
    if low.startswith(" (", start):
        closing = low.find(")", start, stop)
        start = closing + 1 if closing >= 0 else start
    if not low.startswith(" ", start) and not _is_level(low, amount, start):
        return start, start
    at = start
    while at < stop:
        sign = low[at]
        if sign in ";:()…" or (sign in ".," and not _in_number(low, at)):
            if sign != "," or (_new_clause().match(low, at + 1) is not None and not _is_level(low, amount, at)):
                stop = at
        at += 1
    end = _tail_end().search(low, start, stop)
    if end is not None:
        stop = end.start()
    return _trimmed(low, start, stop)


_LEVEL = re.compile(rf"{_LEVEL_NAMES}(?!\w)")
_MORE_LEVELS = re.compile(rf"(?:(?:, | và ){_LEVEL.pattern})+")


def _is_level(low: str, amount: Amount, at: int) -> bool:
    """Whether the comma at ``at`` stands in ``huyện, thị xã, thành phố`` right behind the number."""
    if _LEVEL.match(low, amount.unit.start) is None:
        return False
    listed = _MORE_LEVELS.match(low, amount.end)
    return listed is not None and at < listed.end()


_JOINING = re.compile(r"[\s,-]+(?:(?:và|với|hoặc|cùng|là|của|trong|các|đạt|cũng như|đồng thời|tại|ở|từ)\s*)?$")


def _trimmed(low: str, start: int, stop: int) -> tuple[int, int]:
    while start < stop and low[start] in " ,":
        start += 1
    while (match := _JOINING.search(low, start, stop)) is not None and match.start() < stop:
        stop = match.start()
    if low[start:stop] in ("và", "hoặc", "với", "cùng"):
        stop = start
    return start, max(start, stop)


def until(low: str, amount: Amount) -> str:
    """``trở lên`` or ``trở xuống`` behind the unit, else nothing."""
    match = _UNTIL.match(low, amount.end)
    return match["bound"] if match else ""


def until_end(low: str, amount: Amount) -> int:
    """Where the amount ends, ``trở lên`` and what stands before it counted in."""
    match = _UNTIL.match(low, amount.end)
    return match.end() if match else amount.end


def is_counted(word: str) -> bool:
    """Whether a phrase begins with the name of something that is counted."""
    pieces = word.split()
    return any(" ".join(pieces[:size]) in units("count") for size in (3, 2, 1))
