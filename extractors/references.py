"""References: the other documents a dispatch names, one entry for each code or name, with what it says of them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from extractors.bodies import resolve
from extractors.citation_names import find_dated, find_laws, find_standards, name_signs
from extractors.citations import Citation, Head, head_of_code, head_of_name, law_with_code, read_citation
from extractors.codes import SIGN, find_codes, header_code
from extractors.fold import fold, fold_chars
from extractors.relations import (
    answers,
    changes_another,
    goes_on,
    governed_by,
    is_next_item,
    is_received,
    lapses,
    strongest,
)
from extractors.sentences import sentences
from models.reading import Context, Reading
from models.record import Evidence, Part, Reference, Relation

_Value = TypeVar("_Value")

RULES = ("reference/code", "reference/law", "reference/standard", "reference/dated")

_READ_ZONES = ("subject_line", "title", "subject", "recipients")
_UNREAD_ZONES = (
    "letterhead", "motto", "number_line", "place_date", "marks", "addressees", "signature_block", "stamps"
)  # fmt: skip
_ENDS = ".;:!?…/”\")"
_MAX_JOINED = 5000
_AHEAD = 24
_BACK = 40
_NUMBER = re.compile(r".?.?:\s(?:[Ss]ố\s)?\d", re.DOTALL)
_FOOTNOTE = re.compile(r"\[?\d{1,2}\]?\s(?:[^\W\d_]|\()")
_OWN_TITLE = re.compile(r"(?:[^\W\d_]+\s){0,4}?(?:của\s[^,;:()\d]{3,80}?\s)?(?:số\s?:?\s?)?$")
_BARE_NUMBER = re.compile(r"\s\(?(?:[Ss]ố\s?:?\s?)?$")
_CHANGED_BY = re.compile(
    r"^[\s,(]*(?:đã\s)?(?:được\s)?sửa đổi,? bổ sung(?: một số điều)?(?: tại| bởi| theo)?\s(?:các\s)?$"
)


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
    # Offsets stay: a wrapped line reads like a space.
    text = reading.text.clean.replace("\n", " ")
    signs = _signs(text)
    own = _own_code(reading, text)
    for piece in _pieces(reading):
        near = bisect_left(signs, piece.start)
        found: list[_Mention] = []
        if near < len(signs) and signs[near] < piece.end:
            found = _read_piece(reading, text, piece, previous, own, context)
        mentions.extend(found)
        previous = _carried(text, piece, found)
    return _entries(reading, context, mentions)


def _signs(text: str) -> list[int]:
    """Positions at which something may name a document, in order."""
    return sorted([*(match.start() for match in SIGN.finditer(text)), *name_signs(text)])


def _pieces(reading: Reading) -> list[_Piece]:
    """Body blocks, the zones that name documents, and lines no zone claimed (footnotes under the signature)."""
    found = _joined(reading)
    for zone in reading.zones:
        if zone.name in _READ_ZONES:
            found.append(_Piece(zone.start, zone.end, "main", only_cites=zone.name == "recipients"))
    unread = [(z.start, z.end) for z in reading.zones if z.name in _UNREAD_ZONES]
    covered = sorted([*((p.start, p.end) for p in found), *unread])
    position = 0
    for start, end in [*covered, (len(reading.text.clean), len(reading.text.clean))]:
        if start > position and "/" in reading.text.clean[position:start]:
            found.append(_Piece(position, start, "main"))
        position = max(position, end)
    return sorted(found, key=lambda p: p.start)


def _joined(reading: Reading) -> list[_Piece]:
    """Blocks as pieces; one that a line break cut in two is whole: nothing ends the first half or opens the second."""
    text, notes = reading.text.clean, _footnotes(reading)
    found: list[_Piece] = []
    for index, block in enumerate(reading.blocks):
        noted = block.part == "annex" and any(start <= block.start < end for start, end in notes)
        part: Part = "main" if noted else block.part
        last = found[-1] if found else None
        cut = last is not None and not block.marker and part != "table" and block.start - last.end == 1
        if cut and last is not None and last.part == part:
            first = reading.blocks[last.block or 0]
            heading = first.heading and first.end == last.end
            goes = not heading and text[last.end - 1] not in _ENDS
            goes = goes or _NUMBER.match(text, max(last.start, last.end - 3), block.end) is not None
            if goes and block.end - last.start <= _MAX_JOINED:
                found[-1] = _Piece(last.start, block.end, part, block=last.block)
                continue
        found.append(_Piece(block.start, block.end, part, block=index))
    return found


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
    standards, dated = find_standards(text, piece.start, piece.end), find_dated(text, piece.start, piece.end)
    others = [head_of_name(named) for named in (*standards, *dated)]
    before_number = {law.end: law for law in laws if law.named is not None and law.named.issued_on is None}
    found: list[Head] = []
    for code in coded:
        assert code.code is not None
        number = _BARE_NUMBER.search(text, max(piece.start, code.code.start - 9), code.code.start)
        law = None if number is None else before_number.get(number.start())
        if law is not None:
            laws.remove(law)
            code = law_with_code(law, code)
        found.append(code)
    coded_only = tuple(found)
    found.extend(o for o in others if not any(o.start < h.end and h.start < o.end for h in _around(coded_only, o)))
    return sorted([*found, *laws], key=lambda h: (h.start, -h.end))


def _around(heads: Sequence[Head], head: Head) -> Sequence[Head]:
    """The heads, in order, that could overlap ``head``."""
    place = bisect_left(heads, head.start, key=lambda h: h.start)
    return heads[max(0, place - 2) : place + 3]


def _read_piece(
    reading: Reading, text: str, piece: _Piece, previous: Relation | None, own: str | None, context: Context
) -> list[_Mention]:
    heads = _heads(text, piece)
    if not heads:
        return []
    citations = [c for c in _read_heads(text, piece, heads) if not _is_own(c, own, context)]
    citations = _shared_bodies(text, citations)
    spans = list(sentences(text, piece.start, piece.end))
    found: list[_Mention] = []
    for index, citation in enumerate(citations):
        if piece.only_cites:
            found.append(_Mention(citation, "cites", piece.part))
            continue
        relation = _relation(reading, text, piece, citations, found, index, spans, previous)
        found.append(_Mention(citation, relation, piece.part))
    return found


def _read_heads(text: str, piece: _Piece, heads: list[Head]) -> list[Citation]:
    """Each head with what stands round it. The laws an amending law's name holds have no date of their own there."""
    found: list[Citation] = []
    inner_end = piece.start
    for index, head in enumerate(heads):
        if head.start < inner_end:
            found.append(Citation(head, head.end))
            continue
        later = [h for h in heads[index + 1 : index + _AHEAD] if h.start >= head.end]
        found.append(read_citation(text, head, piece.start, piece.end, later))
        if head.named is not None and head.named.inner is not None:
            inner_end = head.end
    return found


def _relation(
    reading: Reading,
    text: str,
    piece: _Piece,
    citations: list[Citation],
    found: list[_Mention],
    index: int,
    spans: list[tuple[int, int]],
    previous: Relation | None,
) -> Relation:
    citation = citations[index]
    near = range(max(0, index - _BACK), index)
    outer = next((k for k in reversed(near) if _contains(citations[k], citation)), None)
    place = bisect_right(spans, (citation.start, piece.end)) - 1
    begin = spans[place][0] if place >= 0 else piece.start
    before = [k for k in near if k != outer and citations[k].end <= citation.start and citations[k].start >= begin]
    if outer is not None:
        inherited = found[outer].relation
        if not citations[outer].told or inherited != "cites":
            return inherited
        begin = citations[outer].title_start
        before = [k for k in before if citations[k].start >= begin]
    last = before[-1] if before else None
    gap_start = max([begin, *(citations[k].end for k in before)])
    gap = fold_chars(text[gap_start : citation.start])
    following = citations[index + 1].start if index + 1 < len(citations) else len(text)
    after = fold_chars(text[citation.end : min(following, citation.end + 500)])
    if lapses(after[:160].split(". ", 1)[0]):
        return "repeals"
    if last is not None and (goes_on(gap) or changes_another(gap)):
        return found[last].relation
    if is_received(gap) and answers(after):
        return "replies_to"
    governed = governed_by(gap)
    if governed == "inherited":
        return found[last].relation if last is not None else "implements"
    if governed is None and last is None and ";" in gap:
        lead, item = gap.rsplit(";", 1)  # Thực hiện chỉ tiêu của Đại hội; Chỉ thị số …
        governed = governed_by(lead) if is_next_item(item) else None
    if governed is not None and governed != "inherited":
        return governed
    content = piece.start if piece.block is None else reading.blocks[piece.block].content
    if index == 0 and goes_on(fold_chars(text[content : citation.start])):
        alone = text[citation.end : piece.end].strip(" .;,)") == ""
        return _from_above(reading, piece, previous, alone)
    return "cites"


def _from_above(reading: Reading, piece: _Piece, previous: Relation | None, alone: bool) -> Relation:
    """The relation of an item that opens its paragraph: that of the item before it, or its lead-in's.

    Running text under a heading is no item, unless the citation is all there is of it (``alone``).
    """
    if previous is not None:
        return previous
    if piece.block is not None:
        parent = reading.blocks[piece.block].parent
        if parent is not None and (alone or reading.blocks[piece.block].marker):
            lead = reading.blocks[parent]
            above = reading.text.clean[max(lead.content, lead.end - 300) : lead.end]
            governed = governed_by(fold_chars(above).rstrip(" :.;"))
            if governed is not None and governed != "inherited":
                return governed
    return "cites"


def _carried(text: str, piece: _Piece, found: list[_Mention]) -> Relation | None:
    """What a list item in the next paragraph inherits: the last relation, where this one ends in ``;`` or ``,``."""
    if piece.block is None or not text[piece.start : piece.end].rstrip().endswith((";", ",")):
        return None
    last = found[-_BACK:]
    outer = [m for k, m in enumerate(last) if not any(_contains(o.citation, m.citation) for o in last[:k])]
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
        if here.body is None and here.title is None and following.body_after and _alike(here, following):
            joint = fold_chars(text[here.end : following.start])
            if is_next_item(joint) or _CHANGED_BY.match(joint):
                done[index] = here.with_body(following.body)
    before = done[0] if done else None
    for index in range(1, len(done)):
        here = done[index]
        if before is None or here.start < before.end:
            continue  # named inside the title of the item before
        told = before.body is not None and not before.body_after
        own = here.head.has_word and here.title is not None  # a document told of in full may be another's
        if told and here.body is None and not own and _alike(before, here):
            if is_next_item(fold_chars(text[before.end : here.start])):
                done[index] = here.with_body(before.body, after=False)
        before = done[index]
    return done


def _alike(left: Citation, right: Citation) -> bool:
    """Whether two items can have one issuer: the same issuing groups in their notations, or two laws."""
    a, b = left.head.code, right.head.code
    if a is None or b is None:
        return a is None and b is None and left.head.kind == right.head.kind
    return a.issuer == b.issuer


def _entries(reading: Reading, context: Context, mentions: Iterable[_Mention]) -> list[Reference]:
    grouped: dict[tuple[bool, str], list[_Mention]] = {}
    for mention in mentions:
        grouped.setdefault((mention.part == "main", _key(mention.citation)), []).append(mention)
    _merge_laws(grouped)
    main = {key for is_main, key in grouped if is_main}
    kept = [group for (is_main, key), group in grouped.items() if is_main or key not in main]
    entries = [_entry(reading, context, group) for group in kept]
    return sorted(entries, key=lambda e: (e.evidence.start, -e.evidence.end))


def _own_code(reading: Reading, text: str) -> str | None:
    """The dispatch's own code, folded: from the number line, or from a title as Công báo prints it."""
    zone = reading.zone("number_line")
    found = None if zone is None else header_code(text[zone.start : zone.end])
    if found is not None and found.code is not None:
        return fold(found.code)
    for zone in (reading.zone("title"), reading.zone("subject")):
        code = None if zone is None else next(find_codes(text, zone.start, zone.end), None)
        if zone is not None and code is not None and _OWN_TITLE.match(fold_chars(text[zone.start : code.start])):
            return fold(code.canonical)
    return None


def _is_own(citation: Citation, own: str | None, context: Context) -> bool:
    """Whether the dispatch names itself (``Kèm theo Kế hoạch số …``). Numbers begin anew every year."""
    code, day = citation.head.code, citation.issued_on
    if own is None or code is None or fold(code.canonical) != own:
        return False
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


def _clearest(values: Iterable[tuple[_Value, str]]) -> _Value | None:
    """The first value that is not printed in capitals alone, as a title line prints it; else the first."""
    first: _Value | None = None
    for value, text in values:
        if not text.isupper():
            return value
        first = value if first is None else first
    return first


def _entry(reading: Reading, context: Context, group: list[_Mention]) -> Reference:
    citations = [m.citation for m in group]
    code = _clearest((c.head.code, c.head.code.canonical) for c in citations if c.head.code is not None)
    kind = next((c.head.kind for c in citations if c.head.kind is not None), None if code is None else code.kind)
    named = [c.head.named for c in citations if c.head.named is not None]
    body = _clearest((c.body, c.body) for c in citations if c.body is not None)
    title = _clearest((c.title, c.title) for c in citations if c.title is not None)
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
