"""References: the other documents a dispatch names, one entry for each code or name, with what it says of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from extractors.bodies import resolve
from extractors.citation_names import find_dated, find_laws, find_standards, name_signs
from extractors.citations import Citation, Head, head_of_code, head_of_name, law_with_code, read_citation
from extractors.codes import SIGN, find_codes, header_code
from extractors.fold import fold, fold_chars
from extractors.relations import answers, changes_another, goes_on, governed_by, is_received, lapses, strongest
from extractors.sentences import sentences
from models.reading import Block, Context, Reading
from models.record import Evidence, Part, Reference, Relation

RULES = ("reference/code", "reference/law", "reference/standard", "reference/dated")

_READ_ZONES = ("subject_line", "title", "subject", "recipients")
_SKIPPED_ZONES = ("letterhead", "motto", "number_line", "place_date", "marks", "addressees", "signature_block", "stamps")
_FOOTNOTE = re.compile(r"\[?\d{1,2}\]?\s(?:[^\W\d_]|\()")
_ITEM_JOINT = re.compile(r"^[\s,;]*(?:(?:và|hoặc|cùng)\s)?(?:các\s)?$")
_CHANGED_BY = re.compile(r"^[\s,(]*(?:đã\s)?(?:được\s)?sửa đổi,? bổ sung(?: một số điều)?(?: tại| bởi| theo)?\s(?:các\s)?$")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the clean text to look through."""

    start: int
    end: int
    part: Part
    only_cites: bool = False
    block: int | None = None


@dataclass(frozen=True, slots=True)
class _Mention:
    """A citation with its relation."""

    citation: Citation
    relation: Relation
    part: Part


def references(reading: Reading, context: Context) -> list[Reference]:
    """Every other document named in the dispatch, in the order of first mention.

    A document named both in the main text and in an annex is an entry of the main text, with the mentions there.
    Evidence is the words from the kind (or the code) to the end of the last thing said of the document: code, date,
    body or title.
    """
    mentions: list[_Mention] = []
    previous: Relation | None = None
    signs = _signs(reading.text.clean)
    for piece in _pieces(reading):
        near = bisect_left(signs, piece.start)
        found = _read_piece(reading, piece, previous) if near < len(signs) and signs[near] < piece.end else []
        mentions.extend(found)
        previous = _carried(reading.text.clean, piece, found, previous)
    return _entries(reading, context, mentions)


def _signs(text: str) -> list[int]:
    """Positions at which something may name a document, in order."""
    return sorted([*(match.start() for match in SIGN.finditer(text)), *name_signs(text)])


def _pieces(reading: Reading) -> list[_Piece]:
    """Body blocks, the zones that name documents, and lines no zone claimed (footnotes under the signature)."""
    notes = _footnotes(reading)
    found = [
        _Piece(b.start, b.end, "main" if b.part == "annex" and any(s <= b.start < e for s, e in notes) else b.part, block=k)
        for k, b in enumerate(reading.blocks)
    ]
    for zone in reading.zones:
        if zone.name in _READ_ZONES:
            found.append(_Piece(zone.start, zone.end, "main", only_cites=zone.name == "recipients"))
    covered = sorted([(p.start, p.end) for p in found] + [(z.start, z.end) for z in reading.zones if z.name in _SKIPPED_ZONES])
    position = 0
    for start, end in [*covered, (len(reading.text.clean), len(reading.text.clean))]:
        if start > position and "/" in reading.text.clean[position:start]:
            found.append(_Piece(position, start, "main"))
        position = max(position, end)
    return sorted(found, key=lambda p: p.start)


def _footnotes(reading: Reading) -> list[tuple[int, int]]:
    """What stands after the signature but is no annex: a few notes that open with a bare number."""
    text = reading.text.clean
    return [
        (z.start, z.end)
        for z in reading.zones
        if z.name == "annex" and z.end - z.start <= 1500 and _FOOTNOTE.match(text, z.start, z.end)
    ]


def _heads(text: str, piece: _Piece) -> list[Head]:
    """Everything in the piece that names a document, in order, each place once."""
    coded = [head_of_code(text, piece.start, code) for code in find_codes(text, piece.start, piece.end)]
    laws = [head_of_name(n) for n in find_laws(text, piece.start, piece.end)]
    others = [head_of_name(n) for n in (*find_standards(text, piece.start, piece.end), *find_dated(text, piece.start, piece.end))]
    found: list[Head] = []
    for code in coded:
        assert code.code is not None
        law = next((h for h in laws if h.end <= code.code.start and text[h.end : code.code.start].strip(" :") in ("số", "")), None)
        if law is not None and law.named is not None and law.named.issued_on is None:
            laws.remove(law)
            found.append(law_with_code(law, code))
        else:
            found.append(code)
    taken = [(h.start, h.end) for h in found]
    for head in others:
        if not any(head.start < end and start < head.end for start, end in taken):
            found.append(head)
    return sorted([*found, *laws], key=lambda h: (h.start, -h.end))


def _read_piece(reading: Reading, piece: _Piece, previous: Relation | None) -> list[_Mention]:
    text = reading.text.clean
    heads = _heads(text, piece)
    if not heads:
        return []
    citations = [read_citation(text, head, piece.start, piece.end, heads[k + 1 :]) for k, head in enumerate(heads)]
    citations = _shared_bodies(text, citations)
    spans = list(sentences(text, piece.start, piece.end))
    found: list[_Mention] = []
    for index, citation in enumerate(citations):
        if piece.only_cites:
            found.append(_Mention(citation, "cites", piece.part))
            continue
        relation = _relation(reading, piece, citations, found, index, spans, previous)
        found.append(_Mention(citation, relation, piece.part))
    return found


def _relation(
    reading: Reading,
    piece: _Piece,
    citations: list[Citation],
    found: list[_Mention],
    index: int,
    spans: list[tuple[int, int]],
    previous: Relation | None,
) -> Relation:
    text, citation = reading.text.clean, citations[index]
    outer = next((k for k in range(index - 1, -1, -1) if _contains(citations[k], citation)), None)
    begin = next((s for s, e in spans if s <= citation.start < e), piece.start)
    before = [k for k in range(index) if k != outer and citations[k].end <= citation.start and citations[k].start >= begin]
    if outer is not None:
        inherited = found[outer].relation
        if not citations[outer].told or inherited != "cites":
            return inherited
        begin = citations[outer].title_start
        before = [k for k in before if citations[k].start >= begin]
    last = before[-1] if before else None
    gap_start = max([begin, *(citations[k].end for k in before)])
    gap = fold_chars(text[gap_start : citation.start])
    after = fold_chars(text[citation.end : min(piece.end, citation.end + 500)])
    if lapses(after[:160].split(".", 1)[0]):
        return "repeals"
    if last is not None and (goes_on(gap) or changes_another(gap)):
        return found[last].relation
    if is_received(gap) and answers(after):
        return "replies_to"
    governed = governed_by(gap)
    if governed == "inherited":
        return found[last].relation if last is not None else "implements"
    if governed is not None:
        return governed
    if last is None and goes_on(gap):
        return _from_above(reading, piece, begin, previous)
    return "cites"


def _from_above(reading: Reading, piece: _Piece, begin: int, previous: Relation | None) -> Relation:
    """The relation of an item that opens its paragraph: that of the item before it, or its lead-in's."""
    if previous is not None:
        return previous
    if piece.block is not None:
        parent = reading.blocks[piece.block].parent
        if parent is not None:
            lead = reading.blocks[parent]
            governed = governed_by(fold_chars(reading.text.clean[max(lead.content, lead.end - 300) : lead.end]).rstrip(" :.;"))
            if governed is not None and governed != "inherited":
                return governed
    return "cites"


def _carried(text: str, piece: _Piece, found: list[_Mention], previous: Relation | None) -> Relation | None:
    """What a list item in the next paragraph inherits: the last relation, where the paragraph ends in ``;`` or ``,``."""
    if piece.block is None or not text[piece.start : piece.end].rstrip().endswith((";", ",")):
        return None
    outer = [m for m in found if not any(_contains(o.citation, m.citation) for o in found if o is not m)]
    return outer[-1].relation if outer else None


def _contains(outer: Citation, inner: Citation) -> bool:
    if outer.title is not None and outer.title_start <= inner.start < outer.title_end:
        return True
    named = outer.head.named
    return named is not None and named.inner is not None and named.inner <= inner.start < outer.head.end


def _shared_bodies(text: str, citations: list[Citation]) -> list[Citation]:
    """A closing ``của …`` covers its whole list, and ``của … tại các Công văn: số …; số …`` every item of its."""
    done = list(citations)
    for index in range(len(done) - 2, -1, -1):
        here, following = done[index], done[index + 1]
        if here.body is None and here.title is None and following.body is not None and following.body_after and _alike(here, following):
            joint = fold_chars(text[here.end : following.start])
            if _ITEM_JOINT.match(joint) or _CHANGED_BY.match(joint):
                done[index] = here.with_body(following.body)
    for index in range(1, len(done)):
        before, here = done[index - 1], done[index]
        if here.body is None and not here.head.has_word and before.body is not None and not before.body_after and _alike(before, here):
            if _ITEM_JOINT.match(fold_chars(text[before.end : here.start])):
                done[index] = here.with_body(before.body, after=False)
    return done


def _alike(left: Citation, right: Citation) -> bool:
    """Whether two items can have one issuer: the same issuing groups in their notations, or two laws."""
    a, b = left.head.code, right.head.code
    if a is None or b is None:
        return a is None and b is None and left.head.kind == right.head.kind
    return a.issuer == b.issuer


def _entries(reading: Reading, context: Context, mentions: Iterable[_Mention]) -> list[Reference]:
    own = _own_code(reading)
    grouped: dict[tuple[bool, str], list[_Mention]] = {}
    for mention in mentions:
        code = mention.citation.head.code
        if code is not None and own is not None and fold(code.canonical) == own and _is_of_year(mention, context):
            continue
        grouped.setdefault((mention.part == "main", _key(mention.citation)), []).append(mention)
    _merge_laws(grouped)
    main = {key for is_main, key in grouped if is_main}
    entries = [_entry(reading, context, group) for (is_main, key), group in grouped.items() if is_main or key not in main]
    return sorted(entries, key=lambda e: (e.evidence.start, -e.evidence.end))


def _own_code(reading: Reading) -> str | None:
    """The dispatch's own code: an annex says which plan it goes with."""
    zone = reading.zone("number_line")
    found = None if zone is None else header_code(reading.text.clean[zone.start : zone.end])
    return None if found is None or found.code is None else fold(found.code)


def _is_of_year(mention: _Mention, context: Context) -> bool:
    day = mention.citation.issued_on
    return day is None or context.year is None or int(day[:4]) == context.year


def _key(citation: Citation) -> str:
    head = citation.head
    if head.code is not None:
        return f"code {fold(head.code.canonical)}"
    assert head.named is not None
    if head.named.rule == "reference/law":
        return f"law {head.named.key}|{(citation.issued_on or '')[:4]}"
    return f"{head.named.rule} {head.named.key}"


def _merge_laws(grouped: dict[tuple[bool, str], list[_Mention]]) -> None:
    """A law named without its year is the one named with it, or with its code, elsewhere in the text."""
    full: dict[tuple[bool, str], tuple[bool, str]] = {}
    for (is_main, key), group in grouped.items():
        for mention in group:
            if mention.citation.head.law is not None:
                full.setdefault((is_main, mention.citation.head.law), (is_main, key))
        if key.startswith("law ") and not key.endswith("|"):
            full.setdefault((is_main, key[4:].rsplit("|", 1)[0]), (is_main, key))
    for is_main, key in list(grouped):
        if key.startswith("law ") and key.endswith("|"):
            target = full.get((is_main, key[4:-1]))
            if target is not None:
                merged = grouped[target] + grouped.pop((is_main, key))
                grouped[target] = sorted(merged, key=lambda m: m.citation.start)


def _entry(reading: Reading, context: Context, group: list[_Mention]) -> Reference:
    citations = [m.citation for m in group]
    code = next((c.head.code for c in citations if c.head.code is not None), None)
    kind = next((c.head.kind for c in citations if c.head.kind is not None), None if code is None else code.kind)
    named = [c.head.named for c in citations if c.head.named is not None]
    body = next((c.body for c in citations if c.body is not None), None)
    title = next((c.title for c in citations if c.title is not None), None)
    name = None
    if code is None:
        name = next((n.name for n in named if n.issued_on is not None), named[0].name)
    spans: list[Evidence] = [reading.text.evidence(c.start, c.end) for c in citations]
    return Reference(
        document_type=kind,
        code=None if code is None else code.canonical,
        name=None if name is None else " ".join(name.split()),
        issued_on=next((c.issued_on for c in citations if c.issued_on is not None), None),
        issuing_body=None if body is None else resolve(" ".join(body.split()), context),
        title=None if title is None else " ".join(title.split()),
        relation=strongest([m.relation for m in group]),
        mentions=spans,
        part=group[0].part,
        rule="reference/code" if code is not None else named[0].rule,
        evidence=spans[0],
    )
