"""Number and day by pen, weighed against what else the file tells of them: signatures, arrival, mentions of itself.

A reader of pen strokes that is not sure writes what may stand in a blank one after the other, each with a question
mark (``Số: 248? 243? /QT-LMN``), likeliest first; the confidence of each word is its chance. Here one of them is chosen
where chance and witnesses together are sure enough, else the blank stays blank. Witnesses also take back a day that
was read with certainty and cannot be.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from statistics import fmean

from extractors.codes import header_code
from extractors.dates import find_dates
from extractors.stamps import instant
from models.record import Evidence, Flag, Signature
from models.source import Beside
from models.text import Edit, Text

Certainty = Callable[[int, int], float]
"""The least confidence, 0..1, of the words in a span of the canonical text."""

SURE_NUMBER, SURE_DAY = 0.84, 0.76
"""Least chance of a number, and of a day or month, by pen: above it one in a hundred drawn numbers was wrong, and two
in a hundred drawn days, which calendar and signature bound besides."""
SURE_CONFIDENCE = 0.98
"""The confidence of a word by pen that is sure by itself: the least share of drawn lines read right where so certain.
Tesseract, which may have lost a digit, is never that sure of a lone one."""
SURE_PRINTED_NUMBER, SURE_PRINTED_DAY = 0.8, 0.7
"""Least word confidence of Tesseract for a printed number, and for a day of two digits; by the labelled scans no sure
one was wrong."""
LEAST_CHANCE, MOST_READINGS = 0.02, 6
"""What else may stand in a blank is told down to this chance, and so many readings at the most."""
DOUBT = "?"

_LONE_DIGIT, _SURE_WITNESS = 0.5, 0.8
_HEAD, _LONGEST = 2_500, 200
_RUN = r"(?:\d{1,6}\?\s?)+"
_NUMBER = re.compile(
    rf"^(?:\W{{0,2}}S[^\W\d]\s?:?\s?(?P<digits>{_RUN}|\d{{1,6}})|(?P<unlabelled>{_RUN}))\s?(?P<rest>[/⁄∕-]\s?[A-ZĐ].*)$"
)
_DATE = re.compile(
    rf"(?:^|[\s,.])ng[àaáâă]y?\s?(?P<day>{_RUN}|\d{{1,2}}|)\s?th[áaàăắâ]ng?\s?(?P<month>{_RUN}|\d{{1,2}}|)\s?"
    r"n[ăaâ]m\s?(?P<year>(?:19|20)\d\d)\W*$"
)
_CITED = re.compile(r"\d\s?[/-]\s?[A-ZĐ][\w&/-]*\s(?=(?:ngày\s)?\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4})")
_STAMPED = re.compile(r"(?:thời gian|ngày) ký\s?:\s*", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})(?!\d)")
_HERE = timezone(timedelta(hours=7))

# How likely each number of days from the issue to the witness is (the last: any longer time), and one before the issue.
# Own reckoning, wide on purpose: agreement counts, and only what cannot be sinks a day that was read with certainty.
_TO_SIGNATURE, _SIGNED_BEFORE = (0.5, 0.18, 0.06, 0.06, 0.03, 0.03, 0.03, 0.03, 0.008), 0.0005
_TO_ARRIVAL, _ARRIVED_BEFORE = (0.1, 0.15, 0.12, 0.1, 0.07, 0.07, 0.07, 0.07, 0.02), 0.0005
_TO_STAMP = (0.5, 0.15, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03, 0.015)
_CITED_LATER, _OTHER_DAY, _OTHER_NUMBER = 0.2, 0.01, 0.003


@dataclass(frozen=True, slots=True)
class Weighed:
    """The text with each blank filled or empty; ``sure``: spans of the canonical text that witnesses vouch for."""

    text: Text
    sure: tuple[tuple[int, int], ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class _Own:
    """A place that names the dispatch itself: its number, and the day beside it if there is one."""

    number: str
    day: date | None


def weighed(text: Text, certainty: Certainty, signatures: Sequence[Signature], beside: Sequence[Beside]) -> Weighed:
    """``text`` of a picture with its number and day decided.

    ``signatures`` are those of the file (fields, not print); ``beside`` is what the pages print beside their text.
    """
    clean = text.clean
    edits: list[Edit] = []
    sure: list[tuple[int, int]] = []
    flags: list[Flag] = []
    number = _line(clean, _NUMBER)
    dated = _line(clean, _DATE)
    own: list[_Own] = []
    if number is not None:
        start, match = number
        own = list(_mentions(text, certainty, beside, match["rest"], dated[1]["year"] if dated else None))
        name = "digits" if match["digits"] else "unlabelled"
        span = (start + match.start(name), start + match.end(name))
        doubtful = DOUBT in match[name]
        chances = _chances(text, certainty, span, SURE_PRINTED_NUMBER)
        chosen, contested = _number(chances, [o.number for o in own], doubtful)
        if contested:
            flags.append(_flag(text, span, f"Another place of the file has {contested} for the number read here."))
        if doubtful or contested:
            edits.append((*span, chosen or ""))
        if chosen:
            sure.append(text.span(*span))
    if dated is not None:
        start, match = dated
        days = [o.day for o in own if o.day is not None]
        decided, why = _date(text, certainty, start, match, _witnesses(text, certainty, signatures, beside, days))
        for name, value in decided.items():
            span = (start + match.start(name), start + match.end(name))
            edits.append((*span, f" {value} "))
            if value:
                sure.append(text.span(*span))
        if why:
            span = (start + match.start("day"), start + match.end("year"))
            flags.append(_flag(text, span, why))
    return Weighed(text.edit(edits) if edits else text, tuple(sure), tuple(flags))


def _flag(text: Text, span: tuple[int, int], message: str) -> Flag:
    where: Evidence = text.evidence(*span)
    return Flag(code="low-ocr-confidence", message=message, rule="pen/witness", evidence=where)


def _line(clean: str, pattern: re.Pattern[str]) -> tuple[int, re.Match[str]] | None:
    """The first line of the head that the pattern finds, and where it starts."""
    position = 0
    for line in clean[:_HEAD].split("\n"):
        match = pattern.search(line) if len(line) <= _LONGEST else None
        if match is not None:
            return position, match
        position += len(line) + 1
    return None


def _chances(text: Text, certainty: Certainty, span: tuple[int, int], enough: float) -> dict[str, float]:
    """What may stand in the span → its chance. Print that was read with ``enough`` confidence is nearly certain."""
    found: dict[str, float] = {}
    for match in re.finditer(r"(\d{1,6})(\?)?", text.clean[slice(*span)]):
        chance = certainty(*text.span(span[0] + match.start(), span[0] + match.end()))
        found[match[1]] = chance if match[2] or chance < enough else SURE_CONFIDENCE
    return found


def _number(chances: Mapping[str, float], mentions: Sequence[str], doubtful: bool) -> tuple[str | None, str | None]:
    """(the number that is sure or None, a number elsewhere that contests the one read with certainty or None)."""
    named = {mention.lstrip("0"): mention for mention in mentions}
    weights = {
        read: chance * _OTHER_NUMBER ** sum(key != read.lstrip("0") for key in named)
        for read, chance in chances.items()
    }
    best = max(weights, key=lambda read: weights[read])
    if not doubtful and chances[best] == SURE_CONFIDENCE and best.lstrip("0") not in named:
        return None, next((m for key, m in named.items() if _one_apart(key, best.lstrip("0"))), None)
    # What may stand there besides is spread over so many numbers that a mention of one of them is no matter.
    rest = max(0.0, 1 - sum(chances.values())) * _OTHER_NUMBER ** len(named)
    return (best if weights[best] >= SURE_NUMBER * (sum(weights.values()) + rest) else None), None


def _one_apart(a: str, b: str) -> bool:
    """Whether one digit parts two numbers of one length, as in a misreading."""
    return len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1


def _mentions(
    text: Text, certainty: Certainty, beside: Sequence[Beside], rest: str, year: str | None
) -> Iterator[_Own]:
    """Where annexes and running heads name the dispatch they belong to: ``(Kèm theo Công văn số 248/QT-LMN …)``."""
    code = header_code(f"Số: 1{rest}")
    if code is None or code.notation is None:
        return
    notation = r"\s?".join(re.escape(part) for part in re.split(r"(?<=[/-])|(?=[/-])", code.notation))
    own = re.compile(
        rf"^[(\[]?\s?(?:(?:ban hành\s)?(?:kèm|đính kèm)(?:\stheo)?\s[^/\n]{{0,50}}?|(?:[^\W\d]+\s){{0,3}}số\s?:?\s?)?"
        rf"(?<!\d)(?P<number>\d{{1,6}}[a-zđ]?)\s?/\s?{notation}(?![\w/-])(?P<day>[^\n]{{0,40}})",
        re.IGNORECASE | re.MULTILINE,
    )
    first = text.clean.find("\n", _line_end(text.clean))
    found = []
    for match in own.finditer(text.clean, max(0, first)):
        opening = match[0][: match.start("number") - match.start()].strip(" ([")
        whole = text.clean[match.start() : match.end()]
        if not opening.lower().startswith(("kèm", "đính", "ban hành")) and not _stands_alone(whole, match):
            continue
        if certainty(*text.span(*match.span("number"))) >= _SURE_WITNESS:
            found.append(match)
    for line in beside:
        if line.kind == "running" and line.confidence >= _SURE_WITNESS:
            found.extend(own.finditer(line.text))
    for match in found:
        day = next((d for d in find_dates(match["day"]) if d.granularity == "day" and d.possible), None)
        if day is None or year is None or day.value.startswith(year):
            yield _Own(match["number"], None if day is None else day.last)


def _stands_alone(line: str, match: re.Match[str]) -> bool:
    """Whether a line holds nothing but the code, and its day."""
    return re.fullmatch(r"[\s,;()\d/.:-]*(?:ngày[\s\d/.-]+)?\)?", match["day"]) is not None and len(line) <= 60


def _line_end(clean: str) -> int:
    """Where the dispatch's own number line ends, so that it does not witness for itself."""
    number = _line(clean, _NUMBER)
    return 0 if number is None else number[0]


Weight = Callable[[date], float]


def _witnesses(
    text: Text, certainty: Certainty, signatures: Sequence[Signature], beside: Sequence[Beside], own: Sequence[date]
) -> list[Weight]:
    """What each witness makes of a day of issue, as a weight beside those of other days."""
    found: list[Weight] = []
    signed = [
        datetime.fromisoformat(s.signed_at).astimezone(_HERE).date()
        for s in signatures
        if s.signed_at and s.kind == "cryptographic"
    ]
    if signed:
        # Who signs a picture of pages signs what was issued before; later fields are copies and time stamps.
        found.append(_until(min(signed), _TO_SIGNATURE, _SIGNED_BEFORE))
    for mark in _STAMPED.finditer(text.clean):
        moment = instant(text.clean[mark.end() : mark.end() + 60].replace("\n", " "))
        if moment is not None and certainty(*text.span(mark.end(), mark.end() + 12)) >= _SURE_WITNESS:
            found.append(_near(datetime.fromisoformat(moment).astimezone(_HERE).date()))
            break
    arrived = [day for line in beside if line.kind == "arrival" and (day := _arrival(line)) is not None]
    if arrived:
        found.append(_until(min(arrived), _TO_ARRIVAL, _ARRIVED_BEFORE))
    cited = [day for day in _cited_days(text) if certainty(*text.span(*day[1])) >= _SURE_WITNESS]
    if cited:
        latest = max(day for day, _ in cited)
        found.append(lambda day: 1.0 if day >= latest else _CITED_LATER)
    for known in set(own):
        found.append(lambda day, known=known: 1.0 if day == known else _OTHER_DAY)  # type: ignore[misc]
    return found


def _until(last: date, chances: Sequence[float], before: float) -> Weight:
    """A witness that comes on the day of issue or after it."""

    def weight(day: date) -> float:
        apart = (last - day).days
        return before if apart < 0 else chances[min(apart, len(chances) - 1)]

    return weight


def _near(stamped: date) -> Weight:
    """The time printed by a signature: the head signs before the office dates, or the office signs what it scanned."""
    return lambda day: _TO_STAMP[min(abs((stamped - day).days), len(_TO_STAMP) - 1)]


def _arrival(line: Beside) -> date | None:
    """The day in the ĐẾN stamp, where it is printed whole and was read with certainty."""
    match = _DAY.search(line.text) if line.confidence >= _SURE_WITNESS else None
    return _day(int(match[3]), int(match[2]), int(match[1])) if match is not None else None


def _cited_days(text: Text) -> Iterator[tuple[date, tuple[int, int]]]:
    """Days of other documents named in the text, and where they stand."""
    for mark in _CITED.finditer(text.clean):
        match = _DAY.search(text.clean, mark.end(), mark.end() + 24)
        day = _day(int(match[3]), int(match[2]), int(match[1])) if match is not None else None
        if match is not None and day is not None:
            yield day, match.span()


def _date(
    text: Text, certainty: Certainty, start: int, match: re.Match[str], witnesses: Sequence[Weight]
) -> tuple[dict[str, str], str | None]:
    """(what is to stand for ``day`` and ``month`` where that is decided here, what contradicts a day that was read)."""
    year = int(match["year"])
    read = {
        name: _chances(text, certainty, (start + match.start(name), start + match.end(name)), SURE_PRINTED_DAY)
        for name in ("day", "month")
    }
    if len(match["day"]) == 1:
        # Under ten a day is printed with its zero (NĐ 30/2020 PL I.II.4): a lone digit may have lost another.
        confidence = certainty(*text.span(start + match.start("day"), start + match.end("day")))
        if confidence < SURE_CONFIDENCE:
            read["day"] = {match["day"]: min(confidence, _LONE_DIGIT)}
    blanks = {name: "" for name in read if DOUBT in match[name]}
    if not read["day"] or not read["month"] or not (blanks or witnesses):
        return blanks, None
    pairs = {
        (day, month): (read["day"][day] * read["month"][month], _day(year, int(month), int(day)))
        for day in read["day"]
        for month in read["month"]
    }
    weights = {pair: chance * _weight(day, witnesses) if day else 0.0 for pair, (chance, day) in pairs.items()}
    others = [_weight(day, witnesses) for month in read["month"] for day in _days(year, int(month))]
    rest = max(0.0, 1 - sum(chance for chance, _ in pairs.values())) * (fmean(others) if others else 0.0)
    whole = sum(weights.values()) + rest
    best = max(weights, key=lambda pair: weights[pair])
    if weights[best] > 0 and weights[best] >= SURE_DAY * whole:
        return {"day": best[0], "month": best[1]}, None
    if "month" in blanks:
        likely = max(read["month"], key=lambda digits: read["month"][digits])
        blanks["month"] = likely if read["month"][likely] >= SURE_DAY else ""
    if blanks or pairs[best][0] < SURE_CONFIDENCE**2:
        return blanks, None
    said = f"{match['day']}/{match['month']}/{year}"
    return {"day": ""}, f"The day of issue was read as {said}, which signature, arrival or mentions contradict."


def _weight(day: date, witnesses: Sequence[Weight]) -> float:
    product = 1.0
    for witness in witnesses:
        product *= witness(day)
    return product


def _days(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)] if 1 <= month <= 12 else []


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
