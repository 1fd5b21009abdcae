"""The head of a dispatch: kind, number, subject, place and day, urgency and secrecy.

Each value comes with its evidence and rule. What the head leaves blank stays null and is flagged; only the day of
issue may come from elsewhere (the latest signature), and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from extractors.blocks import is_caps
from extractors.codes import find_codes, header_code
from extractors.dates import find_dates
from extractors.document_types import by_code, by_name
from extractors.fold import fold
from extractors.letters import UPPER
from models.reading import Reading, Zone
from models.record import Evidence, Flag, Signature

_SUBJECT_MARK = re.compile(r"^(?:V\s?/\s?v|V\.v|Vv|Về việc)\b\s?:?\s*", re.IGNORECASE)
_PLACE_DATE = re.compile(
    r"^(?P<place>[^\W\d_][^\d]*?)?\s?,?\s?ngày\s?(?P<day>[\dOoIl]{0,2}|[.…_]*)\s?tháng\s?(?P<month>[\dOoIl]{0,2}|[.…_]*)"
    r"\s?năm\s?(?P<year>[\dOoIl]{0,4})",
    re.IGNORECASE,
)
# Công báo prints a decision's title as QUYẾT ĐỊNH CỦA THỦ TƯỚNG CHÍNH PHỦ SỐ … NGÀY … VỀ VIỆC ….
_GAZETTE = re.compile(r"^\s*của\s(?P<body>.+?)\ssố\s?:?\s?(?=\d)", re.IGNORECASE | re.DOTALL)

# An older title names the body before the subject: QUYẾT ĐỊNH CỦA ỦY BAN NHÂN DÂN TỈNH … V/v ….
# The Party's titles set the body large and the subject small: CỦA BAN THƯỜNG VỤ TỈNH ỦY về ….
_OF_THE_PARTY_BODY = re.compile(rf"^CỦA\s[{UPPER}\s,-]{{4,120}}\s(?=về\s)")
_OF_THE_BODY = re.compile(r"^của\s[^.;:]{4,120}?\s(?=(?:V\s?/\s?v|về việc)\b)", re.IGNORECASE)

_DIGITS = str.maketrans("OoIliL", "001111")
"""Letters that OCR reads for digits, where only a digit can stand."""

Urgency = Literal["khẩn", "thượng khẩn", "hỏa tốc"]
Secrecy = Literal["mật", "tối mật", "tuyệt mật"]
_URGENCIES: tuple[Urgency, ...] = ("hỏa tốc", "thượng khẩn", "khẩn")
_SECRECIES: tuple[Secrecy, ...] = ("tuyệt mật", "tối mật", "mật")

DateSource = Literal["header", "signature", "inferred"]


@dataclass(slots=True)
class Header:
    """The head's values as they are found; ``evidence`` and ``rules`` by field."""

    document_type: str | None = None
    document_type_code: str | None = None
    number: str | None = None
    notation: str | None = None
    code: str | None = None
    subject: str | None = None
    place: str | None = None
    issued_on: str | None = None
    issued_on_source: DateSource | None = None
    urgency: Urgency | None = None
    secrecy: Secrecy | None = None
    gazette_body: str | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)

    def note(self, name: str, rule: str, evidence: Evidence | None) -> None:
        """Keep how a field came about."""
        self.rules[name] = rule
        if evidence is not None:
            self.evidence[name] = evidence


def read_header(reading: Reading, signatures: Sequence[Signature], from_picture: bool = False) -> Header:
    """All that the head of the dispatch says. ``signatures`` date a dispatch whose printed day is blank.

    ``from_picture``: the text comes from OCR. There a blank day is one that could not be read, so that neither a part
    of the date nor a signature (scans are signed when they are published) stands in for it.
    """
    header = Header()
    _number(reading, header)
    _type_and_subject(reading, header)
    _place_and_day(reading, header, signatures, from_picture)
    _marks(reading, header)
    return header


def _text(reading: Reading, zone: Zone) -> str:
    return re.sub(r"\s+", " ", reading.text.clean[zone.start : zone.end]).strip()


def _number(reading: Reading, header: Header) -> None:
    zone = reading.zone("number_line")
    if zone is None:
        return
    found = header_code(_text(reading, zone))
    if found is None:
        return
    evidence = reading.text.evidence(zone.start, zone.end)
    header.number, header.notation, header.code = found.number, found.notation, found.code
    for name in ("number", "notation", "code"):
        if getattr(header, name) is not None:
            header.note(name, "header/number-line", evidence)
    if found.repaired:
        header.flags.append(
            Flag(
                code="repaired-code",
                message=f"The number line was repaired to {found.code}.",
                rule="header/number-line",
                evidence=evidence,
            )
        )


def _type_and_subject(reading: Reading, header: Header) -> None:
    title, addressed = reading.zone("title"), reading.zone("addressees")
    kind_in_notation = _kind_in_notation(header.notation)
    rest = ""
    if title is not None:
        line = _text(reading, title)
        words = line.rstrip(":").split()
        for size in range(min(5, len(words)), 0, -1):
            kind = by_name(" ".join(words[:size]))
            if kind is not None:
                header.document_type, header.document_type_code = kind.name, kind.code
                header.note("document_type", "header/title", reading.text.evidence(title.start, title.end))
                header.note("document_type_code", "header/title", reading.text.evidence(title.start, title.end))
                rest = " ".join(words[size:])
                if _mark_beside(header, words, reading.text.evidence(title.start, title.end)):
                    rest = ""
                break
    if header.document_type is None and kind_in_notation is not None:
        line_zone = reading.zone("number_line")
        assert line_zone is not None
        kind = by_code(kind_in_notation)
        assert kind is not None
        header.document_type, header.document_type_code = kind.name, kind.code
        header.note("document_type", "header/notation", reading.text.evidence(line_zone.start, line_zone.end))
    if header.document_type is None and (addressed is not None or reading.zone("subject_line") is not None):
        zone = addressed or reading.zone("subject_line")
        assert zone is not None
        header.document_type = "công văn"
        header.note("document_type", "header/kinh-gui", reading.text.evidence(zone.start, zone.end))
    if header.document_type_code is None:
        header.rules.pop("document_type_code", None)
        header.evidence.pop("document_type_code", None)
    if header.document_type and kind_in_notation and title is not None:
        kind = by_code(kind_in_notation)
        if (
            kind is not None
            and kind.name != header.document_type
            and header.document_type_code not in (None, kind.code)
        ):
            header.flags.append(
                Flag(
                    code="notation-mismatch",
                    message=f"The title says {header.document_type}, the notation {header.notation} says {kind.name}.",
                    rule="header/title",
                    evidence=header.evidence.get("document_type"),
                )
            )
    _subject(reading, header, title, rest)


def _mark_beside(header: Header, words: Sequence[str], evidence: Evidence) -> bool:
    """Whether the title line ends in an urgency (CÔNG ĐIỆN KHẨN), which is then the header's."""
    line = fold(" ".join(words))
    for urgency in _URGENCIES:
        if len(words) <= 5 and line.endswith(f" {urgency}"):
            header.urgency = urgency
            header.note("urgency", "header/title", evidence)
            return True
    return False


def _kind_in_notation(notation: str | None) -> str | None:
    for group in re.split(r"[/-]", notation or ""):
        kind = by_code(group) if group and not group.isdigit() else None
        if kind is not None and kind.code == group:
            return group
        if group and not group.isdigit():
            return None
    return None


def _subject(reading: Reading, header: Header, title: Zone | None, rest: str) -> None:
    zone = reading.zone("subject") or reading.zone("subject_line")
    pieces = [rest] if rest else []
    start, end = None, None
    if zone is not None and (title is None or zone.name == "subject" or not rest):
        pieces.append(_text(reading, zone))
        start, end = zone.start, zone.end
    if rest and title is not None:
        start, end = title.start, end or title.end
    subject = " ".join(pieces).strip()
    gazette = _GAZETTE.match(subject) if title is not None else None
    if gazette is not None and header.code is None:
        subject = _from_gazette(reading, header, subject, gazette)
    subject = _OF_THE_BODY.sub("", _OF_THE_PARTY_BODY.sub("", subject))
    subject = _SUBJECT_MARK.sub("", subject).strip(" .:;")
    subject = re.sub(r"\s*\((?:kèm theo|ban hành kèm theo)[^()]*\)$", "", subject, flags=re.IGNORECASE)
    if subject and start is not None and end is not None:
        header.subject = subject
        header.note(
            "subject", "header/subject" if title is not None else "header/v-v", reading.text.evidence(start, end)
        )


def _from_gazette(reading: Reading, header: Header, subject: str, match: re.Match[str]) -> str:
    """Number, day and body from a title as Công báo prints it; what is left is the subject."""
    code = next(find_codes(subject, match.end() - 1 if match.end() else 0, len(subject)), None)
    if code is None:
        return subject
    zone = reading.zone("subject") or reading.zone("title")
    assert zone is not None
    evidence = reading.text.evidence(zone.start, zone.end)
    parts = header_code(f"Số: {code.canonical}")
    if parts is not None:
        header.number, header.notation, header.code = parts.number, parts.notation, parts.code
        for name in ("number", "notation", "code"):
            header.note(name, "header/gazette-title", evidence)
    header.gazette_body = match["body"]
    left = subject[code.end :]
    day = next(find_dates(left), None)
    if day is not None and day.start <= 3 and day.granularity == "day" and day.possible:
        header.issued_on, header.issued_on_source = day.value, "header"
        header.note("issued_on", "header/gazette-title", evidence)
        left = left[day.end :]
    return re.sub(r"^\s*của\s.+?(?=\s(?:về|Về|VỀ|v/v)\s)", "", left).strip()


def _place_and_day(reading: Reading, header: Header, signatures: Sequence[Signature], from_picture: bool) -> None:
    zone = reading.zone("place_date")
    latest = max(
        (s for s in signatures if s.signed_at), key=lambda s: datetime.fromisoformat(str(s.signed_at)), default=None
    )
    match = _PLACE_DATE.match(_text(reading, zone)) if zone is not None else None
    if match is None or zone is None:
        if header.issued_on is None and latest is not None and not from_picture:
            _day_of_signature(header, latest)
        return
    evidence = reading.text.evidence(zone.start, zone.end)
    if match["place"]:
        place = match["place"].strip(" ,.")
        header.place = place.title() if is_caps(place) and len(place) > 3 else place
        header.note("place", "header/place-date", evidence)
    printed_parts = (match[part].translate(_DIGITS) for part in ("year", "month", "day"))
    year, month, day = (text if text.isdigit() else "" for text in printed_parts)
    known = [year] if len(year) == 4 and 1945 <= int(year) <= 2100 else []
    if known and month and 1 <= int(month) <= 12:
        known.append(f"{int(month):02d}")
        if day:
            known.append(f"{int(day):02d}")
    printed = "-".join(known)
    if len(known) == 3 and not _exists(printed):
        message = f"The date line reads {match['day']}/{match['month']}/{match['year']}: there is no such day."
        header.flags.append(Flag(code="impossible-date", message=message, rule="header/place-date", evidence=evidence))
        printed, known = "-".join(known[:2]), known[:2]
    if len(known) < 3 and from_picture:
        read = " ".join(
            word
            for word in (f"month {known[1]}" if len(known) > 1 else "", f"year {known[0]}" if known else "")
            if word
        )
        message = f"The day of issue could not be read with certainty (read: {read or 'nothing'})."
        header.flags.append(
            Flag(code="low-ocr-confidence", message=message, rule="header/place-date", evidence=evidence)
        )
        return
    if len(known) < 3:
        message = (
            "The date line leaves the day blank." if len(known) == 2 else "The date line leaves day and month blank."
        )
        header.flags.append(Flag(code="incomplete-date", message=message, rule="header/place-date", evidence=evidence))
        if latest is not None and latest.signed_at is not None and latest.signed_at.startswith(printed):
            _day_of_signature(header, latest)
            return
    if printed:
        header.issued_on, header.issued_on_source = printed, "header"
        header.note("issued_on", "header/place-date", evidence)


def _day_of_signature(header: Header, signature: Signature) -> None:
    assert signature.signed_at is not None
    header.issued_on, header.issued_on_source = _day_in_vietnam(signature.signed_at), "signature"
    header.note("issued_on", "header/latest-signature", signature.evidence)


def _day_in_vietnam(moment: str) -> str:
    """The day of an ISO 8601 moment by the clocks of the country, whatever zone it is told in."""
    return datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=7))).date().isoformat()


def _exists(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _marks(reading: Reading, header: Header) -> None:
    for zone in reading.zones:
        if zone.name != "marks":
            continue
        words = fold(_text(reading, zone)).strip("[]()!. ")
        evidence = reading.text.evidence(zone.start, zone.end)
        urgency = next((u for u in _URGENCIES if u in words), None)
        secrecy = next((m for m in _SECRECIES if m in words), None)
        if urgency is not None and header.urgency is None:
            header.urgency = urgency
            header.note("urgency", "header/mark", evidence)
        if secrecy is not None and header.secrecy is None:
            header.secrecy = secrecy
            header.note("secrecy", "header/mark", evidence)
