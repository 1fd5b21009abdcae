"""Labelled dispatches as the rules of quantities see them: paragraphs with numbers, and what is labelled of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractors import quantities as rules
from extractors import quantity_kinds
from extractors.fold import fold_chars
from extractors.header import read_header
from extractors.issuer import find_issuer
from extractors.quantity_clauses import find_amounts, may_hold_amount, numbers_with_units, peel
from extractors.quantity_passages import Found, Passage, Tools
from extractors.quantity_periods import headings_period, marks
from extractors.quantity_scopes import areas, headings_scope, topic
from extractors.signer import find_signer
from models.reading import Context, Reading
from pipeline.extract import read
from pipeline.read import read_bytes
from training.labelled import Labelled, Mark, Span

KIND_OF = {"target": "t", "result": "r", "funding": "f", None: "n"}


@dataclass(frozen=True, slots=True)
class Case:
    """One paragraph with numbers: what the rules made of it (by number), and the labels of its numbers."""

    document: str
    tools: Tools
    passage: Passage
    found: dict[int, Found]
    labels: dict[int, Mark]
    """By number; spans count in the passage's text."""


def read_document(text: str) -> tuple[Reading, Context]:
    """A dispatch's layout and what its head says, as extraction works them out."""
    ((source,), _) = read_bytes(text.encode("utf-8"), "labelled.txt")
    reading = read(source)
    header = read_header(reading, [], from_picture=False)
    issuer = find_issuer(reading, find_signer(reading), header.place, header.issued_on, header.gazette_body)
    body = issuer.body if issuer is not None else None
    place = issuer.place if issuer is not None else None
    district = place.name if place is not None and place.level == "district" else None
    province = body.province if body is not None else None
    return reading, Context(header.document_type, header.subject, header.issued_on, body, province, district)


def passages(reading: Reading, context: Context) -> Iterator[tuple[Tools, Passage, dict[int, Found]]]:
    """Every paragraph with numbers, and the quantities that the rules find in it."""
    clean = reading.text.clean
    above = headings_period(reading, context, fold_chars)
    tools = Tools(reading, context, above, headings_scope(reading, context, fold_chars))
    for index, block, last in rules._paragraphs(reading):
        if not may_hold_amount(clean, block.content, last):
            continue
        for start, end in rules._pieces(clean, block.content, last):
            text = clean[start:end].replace("\n", " ")
            low = fold_chars(text)
            dates, spans = marks(text, low, context.year)
            amounts = find_amounts(text, low, numbers_with_units(low), spans)
            if not amounts:
                continue
            peeled = [peel(low, a.lead, a.start) for a in amounts]
            cues = quantity_kinds.cues(text, low)
            passage = Passage(
                index, block, start, text, low, amounts, peeled, dates, spans, areas(text, low), cues, topic(low)
            )
            taken: list[Found] = []
            for k in range(len(amounts)):
                found = rules._read(tools, passage, k, taken)
                if found is not None:
                    taken.append(found)
            yield tools, passage, {f.index: f for f in taken}


def cases(document: Labelled) -> Iterator[Case]:
    """The paragraphs of a labelled dispatch that hold numbers, in order. Raises ValueError for one not found."""
    reading, context = read_document(document.text)
    clean = reading.text.clean
    placed: list[tuple[int, Mark]] = []
    at = 0
    for paragraph in document.paragraphs:
        here = clean.find(paragraph.text, at)
        if here < 0:
            raise ValueError(f"{document.name}: not in the text: {paragraph.text[:60]}")
        at = here + len(paragraph.text)
        placed.extend((here, mark) for mark in paragraph.marks)
    for tools, passage, found in passages(reading, context):
        labels: dict[int, Mark] = {}
        for k, amount in enumerate(passage.amounts):
            start = passage.start + amount.figure.start
            for here, mark in placed:
                if here + mark.start <= start < here + mark.end:
                    labels[k] = _moved(mark, here - passage.start)
        yield Case(document.name, tools, passage, found, labels)


def _moved(mark: Mark, by: int) -> Mark:
    def moved(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(sorted((a + by, b + by) for a, b in spans))

    return Mark(mark.start + by, mark.end + by, mark.kind, moved(mark.what), moved(mark.whose), mark.inherited)
