"""One record as rows of the store, table by table, column by column: made where the file is read, loaded as they are.

Values are text, numbers, truth values, lists of those, and ``None``; days and times are text that the database takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from models.record import Dispatch, Evidence
from pipeline.outcome import Rows

if TYPE_CHECKING:
    from extractors.identities import NamedIdentity
    from extractors.learned_confidence import Confidence

# Without its offset a time of day is no point in time.
_WITH_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NO_SPAN = (None,) * 7


def rows_of(record: Dispatch, identities: Iterable[NamedIdentity] = (), sure: Iterable[Confidence] = ()) -> Rows:
    """The rows of the record: for each table that has some, its columns in the order of :mod:`pipeline.store.schema`.

    ``document_id`` is left out except in ``documents``, which has only the columns that :data:`DOCUMENT` names; so are
    the tables of the text and its sketch.
    """
    made: dict[str, Iterable[tuple[Any, ...]]] = {
        "documents": [_document(record)],
        "pages": ((p.page, p.text_origin, p.reason) for p in record.source.pages),
        "attachments": enumerate(record.source.attachments, 1),
        "header_evidence": _header(record),
        "addressees": ((n, a.name, a.rule, *_span(a.evidence)) for n, a in enumerate(record.addressees, 1)),
        "copies": ((n, c.name, c.purpose, c.rule, *_span(c.evidence)) for n, c in enumerate(record.copies, 1)),
        "document_references": (
            (
                n, r.document_type, r.code, r.name, r.issued_on, _day(r.issued_on), r.issuing_body, r.title,
                r.relation, len(r.mentions), r.part, r.rule, *_span(r.evidence),
            )
            for n, r in enumerate(record.references, 1)
        ),
        "reference_mentions": (
            (n, m, *_span(mention))
            for n, r in enumerate(record.references, 1)
            for m, mention in enumerate(r.mentions, 1)
        ),
        "quantities": (
            (
                n, q.kind, q.value, q.value_max, q.total, q.unit, q.comparator, q.change, q.indicator, q.scope,
                q.period, _year(q.period), q.part, q.rule, *_span(q.evidence),
            )
            for n, q in enumerate(record.quantities, 1)
        ),
        "deadlines": (
            (
                n, d.kind, _day(d.due_on), d.bound, d.granularity, d.recurrence,
                *((None,) * 4 if (r := d.relative) is None else (r.amount, r.unit, r.working_days, r.anchor)),
                d.task, d.responsible, d.submit_to, d.part, d.rule, *_span(d.evidence),
            )
            for n, d in enumerate(record.deadlines, 1)
        ),
        "signatures": (
            (
                n, s.kind, s.signer, s.organisation, s.role, s.signed_at, _moment(s.signed_at), s.serial, s.issuer_ca,
                s.algorithm, s.field, s.group, s.intact, s.covers_whole_document, s.modified_after, s.trusted,
                s.reason, s.rule, *_span(s.evidence),
            )
            for n, s in enumerate(record.signatures, 1)
        ),
        "flags": ((n, f.code, f.message, f.rule, *_span(f.evidence)) for n, f in enumerate(record.flags, 1)),
        "body_identities": map(_identity, identities),
        "confidences": ((c.field, c.entry_no, c.confidence, c.ocr) for c in sure),
    }  # fmt: skip
    columns = {table: [list(column) for column in zip(*rows, strict=True)] for table, rows in made.items()}
    return {table: own for table, own in columns.items() if own}


DOCUMENT = (
    "document_id", "container", "media_type", "page_count", "text_origin", "document_type", "document_type_code",
    "number", "notation", "code", "subject", "issuing_body", "issuing_body_superior", "issuing_body_level",
    "issuing_body_province", "issuing_body_source", "place", "issued_on", "issued_date", "issued_on_source", "urgency",
    "secrecy", "same_as_addressees", "archived_at", "signer_authority", "signer_position", "signer_name",
)  # fmt: skip
"""What the record says of the columns of ``documents``."""


def _document(record: Dispatch) -> tuple[Any, ...]:
    source, body, signer = record.source, record.issuing_body, record.signer
    return (
        source.sha256, source.container, source.media_type, source.page_count, source.text_origin,
        record.document_type, record.document_type_code, record.number, record.notation, record.code, record.subject,
        *((None,) * 5 if body is None else (body.name, body.superior, body.level, body.province, body.source)),
        record.place, record.issued_on, _day(record.issued_on), record.issued_on_source, record.urgency,
        record.secrecy, record.same_as_addressees, record.archived_at,
        *((None,) * 3 if signer is None else ("\n".join(signer.authority), signer.position, signer.name)),
    )  # fmt: skip


def _header(record: Dispatch) -> Iterator[tuple[Any, ...]]:
    for field in dict.fromkeys((*record.evidence, *record.rules)):
        value = getattr(record, field, None)
        if value is not None and field in ("issuing_body", "signer"):
            value = value.name
        if value is not None and not isinstance(value, str):
            value = json.dumps(value, ensure_ascii=False)
        yield field, value, record.rules.get(field), *_span(record.evidence.get(field))


def _identity(named: NamedIdentity) -> tuple[Any, ...]:
    body = named.identity
    return (
        named.role, named.entry_no, named.part_no, named.name, body.id, body.name, body.kind, body.level,
        body.province, body.valid_from, body.valid_to, list(body.successors),
    )  # fmt: skip


def _span(said: Evidence | None) -> tuple[Any, ...]:
    if said is None:
        return _NO_SPAN
    box = None if said.bbox is None else list(said.bbox)
    return said.page, said.start, said.end, said.text, box, said.source_start, said.source_end


def _day(text: str | None) -> str | None:
    """The day, where all of it is known and there is such a day."""
    try:
        return date.fromisoformat(text).isoformat() if text is not None and _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _year(period: str | None) -> int | None:
    return int(period[:4]) if period is not None and re.fullmatch(r"\d{4}", period[:4], re.ASCII) else None


def _moment(text: str | None) -> str | None:
    try:
        found = text is not None and _WITH_OFFSET.search(text)
        return datetime.fromisoformat(text).isoformat() if text is not None and found else None
    except ValueError:
        return None
