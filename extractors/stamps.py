"""Visible signature stamps: what is left of a digital signature once a file has lost it.

Two forms: the bare timestamps that text exporters print for each signature field, ``2024-10-31T17:52:17+0700``, and
the labelled appearance that signing programs draw (``Người ký: …``, ``Thời gian ký: 05.03.2020 17:05:11 +07:00``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from extractors.bodies import is_body
from extractors.persons import is_person_name
from models.reading import Reading
from models.record import Signature

_ISO = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d(?::\d\d)?)\s?(?P<zone>[+-]\d\d:?\d\d|Z)?")
_RAW_PDF = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([+-]\d\d)?'?(\d\d)?")
_PRINTED = re.compile(
    r"(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4})[\s,T]+"
    r"(?P<time>\d{1,2}:\d\d(?::\d\d)?)\s?(?P<zone>[+-]\d\d:?\d\d)?"
)
_LABEL = re.compile(
    r"(?P<label>người ký|được ký bởi|ký số bởi|ký bởi|digitally signed by|signed by|"
    r"cơ quan|tổ chức|organi[sz]ation|email|"
    r"thời gian ký|ngày ký|signing time|date|thời gian|chức vụ)\s?:?\s*",
    re.IGNORECASE,
)
_SIGNER = {"người ký", "được ký bởi", "ký số bởi", "ký bởi", "digitally signed by", "signed by"}
_ORGANISATION = {"cơ quan", "tổ chức", "organisation", "organization"}
VIETNAM = "+07:00"


def visible_signatures(reading: Reading) -> list[Signature]:
    """One signature for each stamp or timestamp printed outside the body, identical ones too."""
    found: list[Signature] = []
    for zone in reading.zones:
        if zone.name == "stamps":
            found.extend(_in_zone(reading, zone.start, zone.end))
    return found


def instant(text: str) -> str | None:
    """The first time stamp in ``text`` as ISO 8601 with offset; +07:00 where none is printed; None for none."""
    match = _ISO.search(text)
    if match is not None:
        return _moment(f"{match['date']}T{_seconds(match['time'])}{_zone(match['zone'])}")
    match = _RAW_PDF.search(text)
    if match is not None:
        year, month, day, hour, minute, second, zone, zone_minutes = match.groups()
        offset = f"{zone}:{zone_minutes or '00'}" if zone else VIETNAM
        return _moment(f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}")
    match = _PRINTED.search(text)
    if match is not None:
        date = f"{match['y']}-{int(match['m']):02d}-{int(match['d']):02d}"
        return _moment(f"{date}T{_seconds(match['time'])}{_zone(match['zone'])}")
    return None


def _moment(text: str) -> str | None:
    """The text if such a moment exists."""
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _in_zone(reading: Reading, start: int, end: int) -> Iterator[Signature]:
    """Stamps of one zone: a label for the signer or a bare timestamp opens a new one."""
    clean = reading.text.clean
    stamp: list[tuple[int, int]] = []
    position = start
    for raw in clean[start:end].split("\n"):
        span = (position, position + len(raw))
        position += len(raw) + 1
        if not raw.strip():
            continue
        label = _LABEL.match(raw)
        opens = label is not None and label["label"].lower() in _SIGNER
        bare = label is None and _ISO.match(raw.strip()) is not None
        if stamp and (opens or bare):
            yield from _read(reading, stamp)
            stamp = []
        stamp.append(span)
        if bare:
            yield from _read(reading, stamp)
            stamp = []
    yield from _read(reading, stamp)


def _read(reading: Reading, lines: list[tuple[int, int]]) -> Iterator[Signature]:
    if not lines:
        return
    clean = reading.text.clean
    fields: dict[str, str] = {}
    label = ""
    for start, end in lines:
        text = clean[start:end].strip()
        match = _LABEL.match(text)
        if match is not None:
            label = match["label"].lower()
            fields[label] = text[match.end() :].strip()
        elif label and not _ISO.match(text):
            fields[label] = f"{fields[label]} {text}".strip()
    whole = " ".join(clean[start:end] for start, end in lines)
    signed_at = instant(whole)
    signer = next((v for k, v in fields.items() if k in _SIGNER and v), None)
    if signer is not None:
        signer = re.split(r"\s*(?:,\s*O\s?=|Email\s?:)", signer)[0].removeprefix("CN=").strip() or None
    if signed_at is None and signer is None:
        return
    rule = "stamp/labelled" if fields else "stamp/timestamp"
    yield Signature(
        kind="visible",
        signer=signer,
        organisation=next((v for k, v in fields.items() if k in _ORGANISATION and v), None),
        role=_role(signer),
        signed_at=signed_at,
        rule=rule,
        evidence=reading.text.evidence(lines[0][0], lines[-1][1]),
    )


def _role(signer: str | None) -> Literal["person", "agency"] | None:
    if signer is None:
        return None
    if is_body(signer):
        return "agency"
    return "person" if is_person_name(signer) else None


def _seconds(time: str) -> str:
    hour, *rest = time.split(":")
    return ":".join([f"{int(hour):02d}", *rest, *(["00"] if len(rest) == 1 else [])])


def _zone(zone: str | None) -> str:
    if not zone:
        return VIETNAM
    if zone == "Z":
        return "+00:00"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
