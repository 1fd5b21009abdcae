"""Flags: what a careful archivist would question in a dispatch as read. A flag never changes a value."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from extractors.bodies import from_notation
from extractors.codes import find_codes
from extractors.cues import any_of
from extractors.fold import fold
from extractors.pen import DOUBT
from extractors.signer import DEPUTY_IN_STEAD
from models.reading import Reading
from models.record import Dispatch, Evidence, Flag, Quantity, Reference, Shape

_RESOURCE = Path(__file__).parent / "resources" / "misspellings.toml"
_ANNEXED = re.compile(
    r"\(\s?(?:có\s)?(?:kèm theo|đính kèm|gửi kèm|theo)[^()]{0,40}(?:phụ lục|biểu|danh sách|mẫu|đề cương)[^()]{0,60}\)"
    r"|\(\s?(?:phụ lục|biểu mẫu)[^()]{0,40}kèm theo\s?\)",
    re.IGNORECASE,
)
_OPEN_RANGE = re.compile(r"từ\s\d+(?:[.,]\d+)?\s(?:đến|-|–)\s\d+(?:[.,]\d+)?\s[^\d.;]{1,20}trở lên")
_MISPLACED_COUNT = re.compile(rf"\b\d{{1,4}}\ssố\s{any_of('counted')}\b")
_SECTION = re.compile(r"^\d{1,2}\.$")
_DOUBTFUL = re.compile(rf"(\d+){re.escape(DOUBT)}")
_AMENDS = re.compile(r"điều chỉnh|sửa đổi|bổ sung|thay thế|bãi bỏ|đính chính", re.IGNORECASE)
_PARTS_FOLLOW = re.compile(r"trong đó|bao gồm|gồm\s?:|cụ thể|:$", re.IGNORECASE)
# Official kinds whose number line cannot be missing from a whole dispatch.
_UNNUMBERED = {"thư công", "hợp đồng", "biên bản", None}


class Misspelling(Shape):
    """One word and the ways it is misspelt."""

    right: str
    wrong: list[str]
    only_before: list[str] = Field(default_factory=list)
    only_after: list[str] = Field(default_factory=list)
    except_before: list[str] = Field(default_factory=list)
    except_after: list[str] = Field(default_factory=list)


class Misspellings(Shape):
    """The table of misspellings."""

    source: str
    word: list[Misspelling]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    pattern: re.Pattern[str]
    entries: dict[str, Misspelling]


@cache
def _lexicon() -> _Lexicon:
    table = Misspellings.model_validate(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))
    entries = {wrong: entry for entry in table.word for wrong in entry.wrong}
    words = "|".join(re.escape(w) for w in sorted(entries, key=len, reverse=True))
    return _Lexicon(re.compile(rf"\b(?:{words})\b"), entries)


def review(reading: Reading, record: Dispatch) -> list[Flag]:
    """All flags of a record, in the order of the checks below. ``record`` carries everything but its flags."""
    found: list[Flag] = []
    for check in (_header, _annexes, _sections, _references, _conflicts, _quantities, _sums, _signatures, _spelling):
        found.extend(check(reading, record))
    return found


def _opening(reading: Reading) -> Evidence:
    clean = reading.text.clean
    first = re.search(r"\S[^\n]*", clean)
    return reading.text.evidence(*first.span()) if first else reading.text.evidence(0, 0)


def _header(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    opening = _opening(reading)
    body = record.issuing_body
    if body is None or body.source != "header":
        yield Flag(
            code="missing-header",
            message="The text has no letterhead: the name of the issuing body is not printed.",
            rule="review/header",
            evidence=opening,
        )
    if record.code is None and record.document_type not in _UNNUMBERED:
        if record.notation is not None:
            where = record.evidence.get("notation", opening)
            doubtful = _DOUBTFUL.findall(where.text)
            message = "The space for the number is blank."
            if doubtful:
                message = (
                    f"The number was written by hand and not read with certainty (perhaps {' or '.join(doubtful)})."
                )
            yield Flag(
                code="missing-number",
                message=message,
                rule="review/header",
                evidence=where,
            )
        elif record.number is None:
            yield Flag(
                code="missing-number",
                message="The text has no number and notation.",
                rule="review/header",
                evidence=opening,
            )
    if record.issued_on is None:
        yield Flag(
            code="incomplete-date", message="The text has no day of issue.", rule="review/header", evidence=opening
        )
    elif record.issued_on_source == "inferred":
        message = f"The text has no day of issue; the year {record.issued_on} is inferred from the days it names."
        yield Flag(
            code="incomplete-date",
            message=message,
            rule="review/header",
            evidence=record.evidence.get("issued_on", opening),
        )
    if record.subject is None and record.document_type is not None:
        yield Flag(
            code="missing-subject",
            message=f"The {record.document_type} has no trích yếu.",
            rule="review/header",
            evidence=opening,
        )
    if body is None:
        yield Flag(
            code="missing-issuer", message="The issuing body could not be told.", rule="review/header", evidence=opening
        )
    elif body.source == "inferred":
        message = f"{body.name} is inferred from the content, not printed."
        yield Flag(
            code="inferred-value",
            message=message,
            rule="review/header",
            evidence=record.evidence.get("issuing_body", opening),
        )
    if record.rules.get("signer") == DEPUTY_IN_STEAD:
        yield Flag(
            code="inferred-value",
            message="A deputy signs below the chief's title: KT. is inferred, not read.",
            rule="review/header",
            evidence=record.evidence.get("signer", opening),
        )
    if record.signer is None:
        yield Flag(
            code="missing-signer", message="The text has no signature block.", rule="review/header", evidence=None
        )
    elif record.signer.name is None:
        where = record.evidence.get("signer", opening)
        yield Flag(
            code="missing-signer",
            message="The signature block stops at the position: no name.",
            rule="review/header",
            evidence=where,
        )


def _annexes(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    if any(zone.name == "annex" for zone in reading.zones) or any(b.part == "annex" for b in reading.blocks):
        return
    match = _ANNEXED.search(reading.text.clean)
    if match is not None:
        yield Flag(
            code="missing-annex",
            message="An annex or form is announced but is not in the file.",
            rule="review/annex",
            evidence=reading.text.evidence(*match.span()),
        )


def _sections(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    seen: dict[tuple[int | None, str], int] = {}
    previous: dict[int | None, int] = {}
    for block in reading.blocks:
        if block.part != "main" or not _SECTION.match(block.marker):
            continue
        key = (block.parent, block.marker)
        number = int(block.marker[:-1])
        if key in seen and number != 1 and previous.get(block.parent) == number:
            yield Flag(
                code="duplicate-section",
                message=f"Two sections in a row are numbered {number}.",
                rule="review/sections",
                evidence=reading.text.evidence(block.start, min(block.end, block.start + 120)),
            )
        seen[key] = block.start
        previous[block.parent] = number


def _references(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    printed = {c.canonical: c for c in find_codes(reading.text.clean, 0, len(reading.text.clean)) if c.repaired}
    dates = {r.code: r.issued_on for r in record.references if r.code and r.issued_on and len(r.issued_on) == 10}
    for reference in record.references:
        if reference.part != "main":
            continue
        if reference.code in printed:
            code = printed[reference.code]
            yield Flag(
                code="repaired-code",
                message=f"“{reading.text.clean[code.start : code.end]}” is read as {reference.code}.",
                rule="review/references",
                evidence=reading.text.evidence(code.start, code.end),
            )
        yield from _dates(reference, dates, record)
        yield from _mismatch(reference)
        if (
            reference.code
            and reference.issuing_body is None
            and reference.issued_on
            and reference.title is None
            and "HĐND" in reference.code
        ):
            message = f"{reference.code} is cited without its issuing body, which its notation leaves open."
            yield Flag(code="missing-issuer", message=message, rule="review/references", evidence=reference.evidence)


def _dates(reference: Reference, dates: dict[str, str], record: Dispatch) -> Iterator[Flag]:
    day = reference.issued_on
    if day is None:
        return
    if len(day) == 10 and not _is_day(day):
        message = f"{reference.code or reference.name} is dated {day}: there is no such day."
        yield Flag(code="impossible-date", message=message, rule="review/dates", evidence=reference.evidence)
        return
    if record.issued_on and day[: len(record.issued_on)] > record.issued_on[: len(day)]:
        message = f"{reference.code or reference.name} is dated {day}, after this dispatch ({record.issued_on})."
        yield Flag(code="impossible-date", message=message, rule="review/dates", evidence=reference.evidence)
    if reference.title and _AMENDS.match(reference.title) and len(day) == 10:
        for code in find_codes(reference.title, 0, len(reference.title)):
            older = dates.get(code.canonical) or _date_in(reference.title)
            if older and day < older:
                message = (
                    f"{reference.code} is dated {day} and yet changes a document of {older}: one of the years is wrong."
                )
                yield Flag(code="impossible-date", message=message, rule="review/dates", evidence=reference.evidence)
                break


def _date_in(title: str) -> str | None:
    match = re.search(r"(\d{1,2})/(\d{1,2})/(\d{4})", title)
    return f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}" if match else None


def _is_day(value: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _mismatch(reference: Reference) -> Iterator[Flag]:
    """A notation whose issuer is a single known body that is not the body the text states."""
    if reference.code is None or reference.issuing_body is None:
        return
    groups = [g for g in re.split(r"[/-]", reference.code) if g and not g[0].isdigit()]
    if not groups:
        return
    first = groups[0] if reference.document_type == "công văn" else groups[-1]
    names = [fold(name) for name in from_notation(first)]
    stated = fold(reference.issuing_body)
    if names and all(name.startswith(("bộ ", "văn phòng chính phủ", "thủ tướng", "chính phủ")) for name in names):
        if not any(name in stated or stated in name for name in names):
            yield Flag(
                code="notation-mismatch",
                message=f"The notation {reference.code} is that of {from_notation(first)[0]}, "
                f"the text gives {reference.issuing_body}.",
                rule="review/notation",
                evidence=reference.evidence,
            )


def _conflicts(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    by_number: defaultdict[tuple[str, str], list[Reference]] = defaultdict(list)
    for reference in record.references:
        if reference.code and reference.issued_on and len(reference.issued_on) == 10:
            by_number[(reference.code.split("/")[0], reference.issued_on)].append(reference)
    for (number, day), group in by_number.items():
        if len(group) > 1:
            codes = " and ".join(str(r.code) for r in group)
            yield Flag(
                code="conflicting-citation",
                message=f"Number {number} of {day} is cited under several notations: {codes}.",
                rule="review/conflicts",
                evidence=group[-1].evidence,
            )
    by_code: defaultdict[str, set[str]] = defaultdict(set)
    for reference in record.references:
        for mention in reference.mentions:
            found = _date_in(mention.text)
            if reference.code and found:
                by_code[reference.code].add(found)
    for reference in record.references:
        days = by_code.get(reference.code or "", set())
        if len(days) > 1:
            message = f"{reference.code} is cited with several days: {', '.join(sorted(days))}."
            yield Flag(
                code="conflicting-citation", message=message, rule="review/conflicts", evidence=reference.evidence
            )


def _quantities(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    zone = reading.zone("body")
    if zone is None:
        return
    for pattern, message in (
        (_OPEN_RANGE, "Both a range and an open minimum."),
        (_MISPLACED_COUNT, "A number before “số” is not well formed: a unit or a sign may be missing."),
    ):
        for match in pattern.finditer(reading.text.clean, zone.start, zone.end):
            yield Flag(
                code="ambiguous-quantity",
                message=message,
                rule="review/quantities",
                evidence=reading.text.evidence(*match.span()),
            )


def _sums(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    """Money given as a whole and its parts (``trong đó``): the parts must add up.

    A sum counts as checked only where its parts can be told by the page: those in the brackets right behind it, or
    those that open the list items hanging under its paragraph.
    """
    clean = reading.text
    money = [q for q in record.quantities if q.kind == "funding" and q.part == "main" and q.value_max is None]
    canonical_blocks = [clean.span(b.start, b.end) for b in reading.blocks]
    inside: defaultdict[int, list[Quantity]] = defaultdict(list)
    for quantity in money:
        index = bisect_right(canonical_blocks, (quantity.evidence.start, len(clean.raw))) - 1
        if index >= 0 and quantity.evidence.start < canonical_blocks[index][1]:
            inside[index].append(quantity)
    children: dict[int, list[int]] = defaultdict(list)
    for k, block in enumerate(reading.blocks):
        if block.parent is not None:
            children[block.parent].append(k)
    for index, quantities in inside.items():
        lead = quantities[0]
        openers = [inside[k][0] for k in children[index] if inside.get(k)]
        if len(openers) >= 2 and _PARTS_FOLLOW.search(reading.words(reading.blocks[index])):
            yield from _unequal(lead, openers)
        tail = clean.raw[lead.evidence.end : canonical_blocks[index][1]]
        bracket = re.match(r"[^()]{0,40}\((?P<parts>[^()]*)\)", tail)
        if bracket is not None:
            limit = lead.evidence.end + bracket.end()
            yield from _unequal(lead, [q for q in quantities[1:] if q.evidence.start < limit])


def _unequal(whole: Quantity, parts: Sequence[Quantity]) -> Iterator[Flag]:
    if len(parts) < 2 or any(p.unit != whole.unit for p in parts):
        return
    total = sum(p.value for p in parts)
    if abs(total - whole.value) > max(1e-6, 1e-9 * abs(whole.value)):
        message = f"The parts add up to {total:g} {whole.unit}, the sum given is {whole.value:g}."
        yield Flag(code="sum-mismatch", message=message, rule="review/sums", evidence=whole.evidence)


def _signatures(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    nameless = [s for s in record.signatures if s.signer is None and s.organisation is None]
    if not nameless:
        return
    same = Counter(s.signed_at for s in nameless).most_common(1)[0][1]
    message = f"{len(nameless)} signature timestamps without a name"
    message += f", {same} of them identical: perhaps one act of signing." if same > 1 else "."
    yield Flag(code="unidentified-signature", message=message, rule="review/signatures", evidence=nameless[0].evidence)


def _spelling(reading: Reading, record: Dispatch) -> Iterator[Flag]:
    clean = reading.text.clean
    lexicon = _lexicon()
    lower = clean.lower()  # far quicker than matching without case
    for match in lexicon.pattern.finditer(lower if len(lower) == len(clean) else clean):
        entry = lexicon.entries[fold_case(match.group())]
        after = clean[match.end() : match.end() + 24].lower().lstrip(" ,")
        before = clean[max(0, match.start() - 24) : match.start()].lower().rstrip()
        if entry.only_before and not after.startswith(tuple(entry.only_before)):
            continue
        if entry.only_after and not before.endswith(tuple(entry.only_after)):
            continue
        if after.startswith(tuple(entry.except_before)) or before.endswith(tuple(entry.except_after)):
            continue
        yield Flag(
            code="suspected-misspelling",
            message=f"“{clean[slice(*match.span())]}” for “{entry.right}”.",
            rule="review/spelling",
            evidence=reading.text.evidence(*match.span()),
        )


def fold_case(text: str) -> str:
    """Lower case with single spaces, as the table spells its entries."""
    return re.sub(r"\s+", " ", text.lower())
