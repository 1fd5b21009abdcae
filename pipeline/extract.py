"""The order of extraction: one source in, one record out."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence

from extractors.damaged import repaired
from extractors.dates import find_dates
from extractors.deadlines import deadlines
from extractors.fold import fold
from extractors.header import Header, read_header
from extractors.issuer import IssuerFound, find_issuer
from extractors.ocr_repair import doubts, mend
from extractors.pen import Certainty, weighed
from extractors.quantities import quantities
from extractors.recipients import addressees, copies
from extractors.references import references
from extractors.review import review
from extractors.signer import find_signer
from extractors.stamps import visible_signatures
from extractors.zones import segment
from models.reading import Context, Reading
from models.record import Dispatch, Evidence, Flag, PageOrigin, Part, Reference, Shape, Signature, SourceInfo
from models.source import Source
from pipeline.errors import SetAside
from pipeline.normalise import normalise

_PARTS: dict[str, Part] = {"table": "table", "annex": "annex"}
_SAME_ACT_SECONDS = 300
_DATE_LINE = re.compile(r"ngày\b.{0,12}\btháng\b.{0,12}\bnăm\b", re.IGNORECASE)
_GROUNDS = re.compile(r"^(?:Căn cứ|Theo đề nghị|Thực hiện|Xét đề nghị)\b", re.MULTILINE)


def extract(source: Source) -> Dispatch:
    """The record of one file.

    Raises :class:`SetAside` (``no-dispatch``) where the text shows no part of a dispatch: no number line, no title, no
    Kính gửi, no Nơi nhận, no signature.
    """
    reading, doubted = _read(source)
    if not _is_dispatch(reading):
        raise SetAside(
            "extract",
            "no-dispatch",
            f"{source.path}: no part of a dispatch was found in the text (no number line, title, Kính gửi, Nơi nhận or "
            "signature); check that it is the right file.",
        )
    visible = visible_signatures(reading)
    signatures = [*source.signatures, *_without_twins(visible, source.signatures)]
    header = read_header(reading, signatures, from_picture=source.text_origin == "ocr")
    signer = find_signer(reading)
    issuer = find_issuer(reading, signer, header.place, header.issued_on, header.gazette_body)
    copied = copies(reading)
    context = _context(header, issuer)
    cited = references(reading, context)
    if header.issued_on is None and source.text_origin != "ocr":
        _infer_year(header, reading, cited)
        context = _context(header, issuer)
        cited = references(reading, context)
    if issuer is not None:
        header.note("issuing_body", issuer.rule, issuer.evidence)
    if signer is not None:
        start = min(e.start for e in signer.evidence.values())
        end = max(e.end for e in signer.evidence.values())
        header.note("signer", signer.rule, Evidence(start=start, end=end, text=source.text[start:end]))
    if copied.same_evidence is not None:
        header.note("same_as_addressees", "copies/as-above", copied.same_evidence)
    if copied.archived_evidence is not None:
        header.note("archived_at", "copies/archive", copied.archived_evidence)
    record = Dispatch(
        source=_source_info(source),
        document_type=header.document_type,
        document_type_code=header.document_type_code,
        number=header.number,
        notation=header.notation,
        code=header.code,
        subject=header.subject,
        issuing_body=issuer.body if issuer is not None else None,
        place=header.place,
        issued_on=header.issued_on,
        issued_on_source=header.issued_on_source,
        urgency=header.urgency,
        secrecy=header.secrecy,
        addressees=addressees(reading),
        copies=copied.copies,
        same_as_addressees=copied.same_as_addressees,
        archived_at=copied.archived_at,
        signer=signer.signer if signer is not None else None,
        references=[r for r in cited if r.code is None or fold(r.code) != fold(header.code or "")],
        quantities=quantities(reading, context),
        deadlines=deadlines(reading, context),
        signatures=signatures,
        evidence=header.evidence,
        rules=header.rules,
    )
    flags = [*source.flags, *doubted, *header.flags, *review(reading, record)]
    if source.text_origin == "ocr":
        flags += doubts(reading.text, record)
    return _located(record.model_copy(update={"flags": flags}), source)


def read(source: Source) -> Reading:
    """The source's text normalised and laid out in zones and blocks; what OCR damaged put right."""
    return _read(source)[0]


def _read(source: Source) -> tuple[Reading, tuple[Flag, ...]]:
    regions = [(r.start, r.end, _PARTS[r.kind]) for r in source.regions if r.kind in _PARTS]
    text = normalise(source.text)
    flags: tuple[Flag, ...] = ()
    if source.text_origin == "ocr" or any(page.text_origin == "ocr" for page in source.pages):
        certainty = certainty_of(source)
        number_and_day = weighed(text, certainty, source.signatures, [b for p in source.pages for b in p.beside])
        text, flags = number_and_day.text, number_and_day.flags
        if source.text_origin == "ocr":
            text = repaired(text, _vouched(certainty, number_and_day.sure))
            text = text.edit(mend(text.clean))
    return segment(text, regions), flags


def _vouched(certainty: Certainty, spans: Sequence[tuple[int, int]]) -> Certainty:
    """The certainty, but full where witnesses vouch for what stands there."""

    def least(start: int, end: int) -> float:
        sure = any(first < end and start < last for first, last in spans)
        return 1.0 if sure else certainty(start, end)

    return least


def certainty_of(source: Source) -> Certainty:
    """The least certainty (0..1) that OCR gave a word of a span of the canonical text; 1 for none of its words."""
    ends = [word.end for word in source.words]

    def least(start: int, end: int) -> float:
        found = 1.0
        for index in range(bisect_right(ends, start), len(ends)):
            word = source.words[index]
            if word.start >= end:
                break
            if word.confidence is not None:
                found = min(found, word.confidence)
        return found

    return least


def _is_dispatch(reading: Reading) -> bool:
    """One mark that nothing but a dispatch carries, or two of those that other papers may carry alone.

    A number line or capitals at the top prove nothing by themselves: catalogues and foreign papers have both.
    """
    names = {zone.name for zone in reading.zones}
    if names & {"addressees", "recipients"}:
        return True
    marks = names & {"motto", "title", "place_date", "signature_block"}
    if len(marks) >= 2 or (marks and names & {"number_line", "subject_line"}):
        return True
    body = reading.zone("body")
    grounds = body is not None and _GROUNDS.search(reading.text.clean, body.start, min(body.end, body.start + 400))
    return bool("title" in names and "subject" in names and grounds)


def _context(header: Header, issuer: IssuerFound | None) -> Context:
    place = issuer.place if issuer is not None else None
    return Context(
        document_type=header.document_type,
        subject=header.subject,
        issued_on=header.issued_on,
        issuing_body=issuer.body if issuer is not None else None,
        province=issuer.body.province if issuer is not None else None,
        district=place.name if place is not None and place.level == "district" else None,
    )


def _infer_year(header: Header, reading: Reading, cited: Sequence[Reference]) -> None:
    """The year alone, where the body speaks of it most and both the latest day named and the latest citation lie in it.

    A day alone may be a time limit of the year after; a document is cited after its day. Where a head prints a date
    that could not be read, what it printed is not guessed.
    """
    zone = reading.zone("body")
    if zone is None:
        return
    told = [(z.start, z.end) for z in reading.zones if z.name in ("title", "subject", "subject_line", "addressees")]
    for match in _DATE_LINE.finditer(reading.text.clean, 0, zone.start):
        if not any(start <= match.start() < end for start, end in told):
            return
    spoken: Counter[str] = Counter()
    latest: tuple[str, int, int] | None = None
    for found in find_dates(reading.text.clean, zone.start, zone.end):
        if found.granularity == "day" and found.possible:
            latest = max(latest or ("", 0, 0), (found.value, found.start, found.end))
        elif found.granularity == "year" and not found.span:
            spoken[found.value] += 1
    if latest is None or not spoken:
        return
    year, most = latest[0][:4], max(spoken.values())
    if spoken[year] == most and max((r.issued_on or "" for r in cited), default="")[:4] == year:
        header.issued_on, header.issued_on_source = year, "inferred"
        header.note("issued_on", "header/inferred-year", reading.text.evidence(latest[1], latest[2]))


def _without_twins(visible: Sequence[Signature], cryptographic: Sequence[Signature]) -> list[Signature]:
    """Visible stamps that no signature field of the file stands behind."""
    from datetime import datetime

    times = [datetime.fromisoformat(s.signed_at) for s in cryptographic if s.signed_at]
    kept = []
    for stamp in visible:
        twin = stamp.signed_at is not None and any(
            abs((datetime.fromisoformat(stamp.signed_at) - t).total_seconds()) <= _SAME_ACT_SECONDS for t in times
        )
        if not twin and not (stamp.signed_at is None and cryptographic):
            kept.append(stamp)
    return kept


def _source_info(source: Source) -> SourceInfo:
    return SourceInfo(
        path=source.path,
        sha256=source.sha256,
        media_type=source.media_type,
        page_count=source.page_count,
        text_origin=source.text_origin,
        pages=[PageOrigin(page=p.number, text_origin=p.text_origin, reason=p.reason) for p in source.pages],
        attachments=list(source.attachments),
        container=source.container,
    )


def _located(record: Dispatch, source: Source) -> Dispatch:
    """Every evidence given its page and box, or its place in the file's own characters."""
    characters = source.characters
    if not source.pages and (characters is None or characters.raw == characters.clean):
        return record
    place = _placer(source)

    def walk(value: object) -> object:
        if isinstance(value, Evidence):
            return place(value)
        if isinstance(value, Shape):
            changed = {
                name: new for name in type(value).model_fields if (new := walk(old := getattr(value, name))) is not old
            }
            return value.model_copy(update=changed) if changed else value
        if isinstance(value, list):
            return [walk(item) for item in value] if value and isinstance(value[0], Shape) else value
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return value

    located = walk(record)
    assert isinstance(located, Dispatch)
    return located


def _placer(source: Source) -> Callable[[Evidence], Evidence]:
    ends = [word.end for word in source.words]
    starts = [word.start for word in source.words]
    page_starts = [page.start for page in source.pages]
    characters = source.characters
    same_characters = characters is None or characters.raw == characters.clean

    def place(evidence: Evidence) -> Evidence:
        update: dict[str, object] = {}
        if evidence.page is None and page_starts:
            page = source.pages[max(0, bisect_right(page_starts, evidence.start) - 1)].number
            update["page"] = page
            first, last = bisect_right(ends, evidence.start), bisect_left(starts, evidence.end)
            boxes = [word.bbox for word in source.words[first:last] if word.page == page]
            if boxes:
                update["bbox"] = (
                    min(b[0] for b in boxes),
                    min(b[1] for b in boxes),
                    max(b[2] for b in boxes),
                    max(b[3] for b in boxes),
                )
        if not same_characters and characters is not None:
            update["source_start"], update["source_end"] = characters.span(evidence.start, evidence.end)
        return evidence.model_copy(update=update) if update else evidence

    return place
