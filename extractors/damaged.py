"""The fixed lines of head and foot put right where OCR damaged them.

Only whole short lines that come close to one of the phrases every dispatch shares are touched (``KÉ HOẠCH``,
``SIÁM ĐỒC``), and the number and date lines, whose digits are mostly written by hand: there a digit that was not read
with certainty gives way to a blank, for a wrong number in an archive is worse than none. Names and the body stay as
read. The map back to the canonical text is kept, so evidence shows what the page was read as.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from extractors.blocks import is_caps
from extractors.fold import bare
from extractors.letters import UPPER
from extractors.pen import SURE_CONFIDENCE, SURE_PRINTED_DAY, SURE_PRINTED_NUMBER, Certainty
from extractors.persons import is_person_name
from models.record import Shape
from models.text import Edit, Text

_RESOURCE = Path(__file__).parent / "resources" / "fixed_phrases.toml"
_LETTERHEAD, _HEAD, _FOOT = 300, 2_500, 6_000
_LONGEST, _LONGEST_SUBJECT = 48, 160
_SURE_OF_WORD = 0.7
_KINH_GUI = re.compile(r"^\W{0,2}[KkXx]?[íiìĩỉ]nh\s?g[ửuừữưú]i\s?[:;.,]?\s*")
_NOI_NHAN = re.compile(r"^\W{0,2}\w{0,2}[ơoôờ]i\snh[ậaâạ]\w\s?[:;.,]?(?=\s|$)", re.IGNORECASE)
_SUBJECT_CUE = re.compile(r"\s(?=(?:Về việc|V/v)\s)")
_GOING_ON = re.compile(rf"(?:^|\s)(?=[^\W\d_{UPPER}])")
_SUBJECT = re.compile(r"^[\"'*]?[VvW]\s?[/l|]\s?(?:[vVy]\b|(?=\s))")
_NUMBER = re.compile(
    r"^\W{0,2}S\W?[ốóôòỏõọổồỗộoỐÓÔỒỔO0ó](?!\w{3})(?P<digits>.{0,18}?)/\s?(?P<notation>[A-ZĐ][\wĐđ&]{0,10}(?:\s?-\s?[A-ZĐ][\wĐđ&]{0,10}){0,3})\W*$"
)
# The label lost in the ink of the number: only the slash and what follows it are left.
_UNLABELLED = re.compile(r"^[^\w/]{1,4}/(?P<notation>[A-ZĐ]{2,10}(?:-[A-ZĐ&]{2,10}){1,3})\W*$")
_DATE = re.compile(
    r"^(?P<place>[^\W\d_][^,;:\d]{1,40}?)\s?[,.]\s?ng[àaáâă]y?(?P<day>.{0,10}?)th[áaàăắâ]ng?(?P<month>.{0,8}?)"
    r"n[ăaâ]m\s?(?P<year>(?:19|20)\d\d)\W*$"
)
_BULLET = re.compile(r"[-+•]\s?")
_DIGITS = re.compile(r"(?<!\d)\d{1,5}[a-zđ]?(?!\w)")
_STRAY_NAME = re.compile(rf"^[^{UPPER}]{{1,3}}\s(?P<name>[{UPPER}].*)$")
UNREADABLE = 0.35
"""Word confidence under which a short line by the seal is no text."""


class FixedLines(Shape):
    """The phrases."""

    source: str
    phrases: tuple[str, ...]


class FixedPhrases(Shape):
    """The table."""

    lines: FixedLines
    kinds: FixedLines


@cache
def _keys() -> dict[str, str]:
    table = FixedPhrases.model_validate(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))
    return {_key(phrase): phrase for phrase in table.lines.phrases}


@cache
def _kinds() -> frozenset[str]:
    """Words that open the name of a body and never are one."""
    table = FixedPhrases.model_validate(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))
    return frozenset(table.kinds.phrases)


def repaired(text: Text, certainty: Certainty) -> Text:
    """``text`` with the damaged fixed lines of its first and last part put right."""
    edits: list[Edit] = []
    position = 0
    size = len(text.clean)
    label_at = text.clean.rfind("Nơi nhận", size // 2)
    foot = max(size - _FOOT, label_at if label_at >= 0 else size // 2)
    above = ""
    subject_end: int | None = None
    for line in text.clean.split("\n"):
        start, end = position, position + len(line)
        kind = line.strip(" .,:;-_")
        if kind in _kinds() and start < _LETTERHEAD and is_caps(above) and above and above.split()[0] not in _kinds():
            # A slanted line was cut in two, its lower end first.
            edits.append((start - 1 - len(above), end, f"{kind} {above}"))
            above, position = "", end + 1
            continue
        above = line
        position = end + 1
        if start < _HEAD and len(line) <= _LONGEST_SUBJECT:
            cleared = _cleared_subject(text, line, start, certainty, subject_end)
            if cleared is not None:
                edits.append(cleared)
                subject_end = end
                continue
        if not line or (start > _HEAD and end < size - _FOOT):
            continue
        if start < _HEAD and len(line) <= 90:
            digits = _digits_in_doubt(text, line, start, certainty)
            if digits is not None:
                edits.extend(digits)
                continue
        opening = _KINH_GUI.match(line)
        if opening is not None:
            edits.append((start, start + opening.end(), "Kính gửi: " if opening.end() < len(line) else "Kính gửi:"))
        elif (label := _NOI_NHAN.match(line)) is not None:
            edits.append((start, start + label.end(), "Nơi nhận:"))
        elif start < _HEAD and (mark := _SUBJECT.match(line)) is not None:
            edits.append((start, start + mark.end(), "V/v"))
        elif len(line) <= _LONGEST and (phrase := fixed_phrase(line)) is not None:
            if is_caps(line) or not phrase.isupper():
                bullet = _BULLET.match(line)
                edits.append((start + (bullet.end() if bullet is not None else 0), end, phrase))
        elif start >= foot and len(line) <= _LONGEST:
            edits.extend(_in_signature_block(text, line, start, certainty))
    return text.edit(edits)


def _cleared_subject(text: Text, line: str, start: int, certainty: Certainty, subject_end: int | None) -> Edit | None:
    """The edit that takes from a line of the trích yếu what a stamp beside it left there; None where nothing did.

    Scraps are words read with little certainty before ``Về việc``, or before the small letter with which the line below
    goes on; ``subject_end`` is where a line so cleared ended.
    """
    if subject_end is None:
        mark = _SUBJECT_CUE.search(line)
        if mark is None or "/" in line[: mark.start()] or fixed_phrase(line[: mark.start()]) is not None:
            return None
    else:
        mark = _GOING_ON.search(line) if 0 < start - subject_end <= 2 else None
        if mark is None:
            return None
    words = re.finditer(r"\S+", line[: mark.end()])
    if any(certainty(*text.span(start + w.start(), start + w.end())) >= _SURE_OF_WORD for w in words):
        return None
    # A scrap alone on its line parts the subject from its end.
    return (start, start + mark.end(), "") if subject_end is None else (subject_end, start + mark.end(), "\n")


def _in_signature_block(text: Text, line: str, start: int, certainty: Certainty) -> list[Edit]:
    """What the seal left of a line: a name freed of a stray letter before it, a line of scraps emptied."""
    name = _STRAY_NAME.match(line)
    if name is not None and is_person_name(name["name"]):
        return [(start, start + name.start("name"), "")]
    if len(line) <= 2 and line not in ("-", "+", "•"):
        return [(start, start + len(line), "")]
    scraps = len(line) <= 24 and not line.startswith(("-", "+")) and not is_person_name(line)
    if scraps and certainty(*text.span(start, start + len(line))) < UNREADABLE:
        return [(start, start + len(line), "")]
    return []


def _digits_in_doubt(text: Text, line: str, start: int, certainty: Certainty) -> list[Edit] | None:
    """Edits that make a number or date line well formed, digits that are not certain left out; None for other lines."""
    number = _NUMBER.match(line)
    if number is not None:
        digits = _sure(text, number, "digits", start, certainty, SURE_PRINTED_NUMBER)
        return [(start, start + number.start("notation"), f"Số: {digits}/")]
    unlabelled = _UNLABELLED.match(line)
    if unlabelled is not None:
        return [(start, start + unlabelled.start("notation"), "Số: /")]
    day_line = _DATE.match(line)
    if day_line is None:
        return None
    day = _sure(text, day_line, "day", start, certainty, SURE_PRINTED_DAY)
    month = _sure(text, day_line, "month", start, certainty, SURE_PRINTED_DAY)
    if len(day) == 1:
        # Under ten a day is printed with its zero (NĐ 30/2020 PL I.II.4): one lone digit has lost another.
        day = _sure(text, day_line, "day", start, certainty, SURE_CONFIDENCE)
    words = f", ngày {day if day.isdigit() and 1 <= int(day) <= 31 else ''} tháng {month} năm "
    return [(start + day_line.end("place"), start + day_line.start("year"), words)]


def _sure(text: Text, match: re.Match[str], group: str, start: int, certainty: Certainty, least: float) -> str:
    """The group's only digits if they were read with certainty, else an empty string."""
    found = _DIGITS.findall(match[group])
    rest = re.sub(r"[\s:.;,]", "", match[group])
    if len(found) != 1 or rest != found[0]:
        return ""
    left = start + match.start(group) + match[group].index(found[0])
    return found[0] if certainty(*text.span(left, left + len(found[0]))) >= least else ""


def fixed_phrase(line: str) -> str | None:
    """The shared phrase that a line is a damaged form of, or None: one letter may differ in eight, two in fourteen."""
    key = _key(line)
    if len(key) < 4:
        return None
    exact = _keys().get(key)
    if exact is not None:
        return exact
    allowed = 0 if len(key) < 7 else 1 if len(key) < 14 else 2
    for known, phrase in _keys().items():
        if abs(len(known) - len(key)) <= allowed and _apart(known, key, allowed):
            return phrase
    return None


def _key(text: str) -> str:
    return "".join(c for c in bare(text) if c.isalpha())


def _apart(a: str, b: str, most: int) -> bool:
    """Whether two keys differ by at most ``most`` letters put in, left out or changed."""
    if most == 0:
        return a == b
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
        if min(row) > most:
            return False
    return row[-1] <= most
