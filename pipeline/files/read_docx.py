"""DOCX to paragraphs and tables: headers, text boxes, footnotes, automatic numbers, the font of every run.

Nothing outside the file is opened: external relationships are counted and left alone, macros and embedded objects
are not touched.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pipeline.files.docx_parts import (
    BadDocx,
    Docx,
    DocxBomb,
    OpenField,
    attribute,
    children,
    font_of,
    has_rules,
    inside,
    integer,
    main_part,
    part,
    read_numbering,
    read_styles,
    relations,
    switch,
    tag_of,
)
from pipeline.files.flow_cues import cues, holds
from pipeline.files.paragraphs import Cell, Item, Note, Paragraph, Table, capitals, words_of

_DEPTH = 150
_PARTS = 10_000
_THROUGH = frozenset(
    {"hyperlink", "ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "fldSimple", "dir", "bdo"}
)
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DocxText:
    """The items in order, the names of embedded files, and how many relationships lead out of the file."""

    items: tuple[Item, ...]
    attachments: tuple[str, ...]
    external_links: int


def read_docx(data: bytes, part_bytes: int) -> DocxText:
    """Read a DOCX; no part may unpack to more than ``part_bytes``. Raises :class:`BadDocx`, :class:`DocxBomb`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, part_bytes)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, EOFError, NotImplementedError, OSError) as error:
        raise BadDocx(str(error)) from error
    except RecursionError as error:
        raise BadDocx("its parts are nested too deeply") from error


def _read(archive: zipfile.ZipFile, part_bytes: int) -> DocxText:
    names = archive.namelist()
    if len(names) > _PARTS:
        raise DocxBomb(f"{len(names)} parts")
    main_name = main_part(archive, part_bytes)
    main = part(archive, main_name, part_bytes)
    if main is None:
        raise BadDocx("it has no main part")
    related, external = relations(archive, main_name, part_bytes)
    docx = Docx()
    for kind, target in related.values():
        if kind == "styles":
            read_styles(docx, part(archive, target, part_bytes))
        elif kind == "numbering":
            read_numbering(docx, part(archive, target, part_bytes))
        elif kind in ("footnotes", "endnotes"):
            for note in children(part(archive, target, part_bytes)):
                if tag_of(note) in ("footnote", "endnote") and attribute(note, "type") in (None, "normal"):
                    docx.notes[tag_of(note), attribute(note, "id") or ""] = note
    body = next((child for child in main if tag_of(child) == "body"), main)
    head, foot = _edges(archive, body, related, docx, part_bytes)
    items = [*head, *_items(docx, body, 0), *foot]
    attachments = tuple(name for name in names if "/embeddings/" in name)
    return DocxText(tuple(items), attachments, external)


def _edges(
    archive: zipfile.ZipFile, body: Element, related: dict[str, tuple[str, str]], docx: Docx, part_bytes: int
) -> tuple[list[Item], list[Item]]:
    """The first page's header where it is a letterhead, and its footer where it holds Nơi nhận; else running heads."""
    section = next((element for element in body.iter() if tag_of(element) == "sectPr"), None)
    if section is None:
        return [], []
    wanted = "first" if switch(section, "titlePg") else "default"
    found: dict[str, list[Item]] = {}
    for reference in section:
        if attribute(reference, "type") == wanted and attribute(reference, "id") in related:
            root = part(archive, related[attribute(reference, "id") or ""][1], part_bytes)
            if root is not None:
                found[tag_of(reference)] = list(_items(docx, root, 0))
    head, foot = found.get("headerReference", []), found.get("footerReference", [])
    head_text, foot_text = (" ".join(words_of(items)) for items in (head, foot))
    keep_head = holds(head_text, cues().motto) or holds(head_text, cues().number)
    return head if keep_head else [], foot if holds(foot_text, cues().recipients) else []


def _items(docx: Docx, parent: Element, depth: int) -> Iterator[Item]:
    """Paragraphs and tables under an element."""
    if depth > _DEPTH:
        raise RecursionError
    for element in parent:
        tag = tag_of(element)
        if tag == "p":
            yield from _paragraph(docx, element, depth)
        elif tag == "tbl":
            yield _table(docx, element, depth)
        elif tag in _THROUGH:
            yield from _items(docx, element, depth + 1)
        elif tag == "AlternateContent":
            choice = _choice(element)
            if choice is not None:
                yield from _items(docx, choice, depth + 1)


def _choice(element: Element) -> Element | None:
    """Of two versions of the same thing the first that has text, so that nothing is read twice."""
    versions = [child for child in element if tag_of(child) in ("Choice", "Fallback")]
    return next((v for v in versions if any(tag_of(e) == "t" for e in v.iter())), versions[0] if versions else None)


def _table(docx: Docx, element: Element, depth: int) -> Table:
    rows: list[tuple[Cell, ...]] = []
    properties = inside(element, "tblPr")
    bordered = has_rules(inside(properties, "tblBorders"))
    name = attribute(inside(properties, "tblStyle"), "val")
    for _ in range(16):
        style = docx.styles.get(name or "")
        if bordered is not None or style is None:
            break
        bordered, name = style.bordered, style.base
    ruled = cells_seen = 0
    for row in _through(element, "tr", depth):
        row_properties = inside(row, "trPr")
        if inside(row_properties, "del") is not None:
            continue
        column = integer(attribute(inside(row_properties, "gridBefore"), "val"), 0)
        cells = []
        for cell in _through(row, "tc", depth):
            cell_properties = inside(cell, "tcPr")
            merge = inside(cell_properties, "vMerge")
            going_on = merge is not None and attribute(merge, "val") != "restart"
            cells.append(Cell(column, () if going_on else tuple(_items(docx, cell, depth + 1))))
            column += max(1, integer(attribute(inside(cell_properties, "gridSpan"), "val"), 1))
            cells_seen += 1
            ruled += bool(has_rules(inside(cell_properties, "tcBorders")))
        if cells:
            rows.append(tuple(cells))
    if bordered is None and ruled * 2 > cells_seen:
        bordered = True
    return Table(tuple(rows), bordered)


def _through(parent: Element, tag: str, depth: int) -> Iterator[Element]:
    if depth > _DEPTH:
        raise RecursionError
    for element in parent:
        if tag_of(element) == tag:
            yield element
        elif tag_of(element) in _THROUGH:
            yield from _through(element, tag, depth + 1)


def _paragraph(docx: Docx, element: Element, depth: int) -> Iterator[Item]:
    """The paragraph, then the notes it calls and the text boxes anchored in it."""
    properties = inside(element, "pPr")
    style = attribute(inside(properties, "pStyle"), "val") or docx.default_style
    runs: list[tuple[str, str | None]] = []
    boxes: list[Element] = []
    notes: list[Element] = []
    _runs(docx, element, style, runs, boxes, notes, depth + 1)
    if any(text.strip() for text, _ in runs):
        label = _label(docx, properties, style, runs[0][1])
        if label is not None:
            runs.insert(0, label)
    yield Paragraph(tuple(runs))
    for note in notes:
        yield Note(tuple(_items(docx, note, depth + 1)))
    for box in boxes:
        yield from _items(docx, box, depth + 1)


def _label(
    docx: Docx, properties: Element | None, style: str | None, font: str | None
) -> tuple[str, str | None] | None:
    direct = inside(properties, "numPr")
    number = attribute(inside(direct, "numId"), "val")
    level = integer(attribute(inside(direct, "ilvl"), "val"), 0)
    for _ in range(16):
        found = docx.styles.get(style or "")
        if number is not None or found is None:
            break
        number, style = found.list_id, found.base
        level = level if direct is not None else found.list_level
    if number is None or number not in docx.lists:
        return None
    label, label_font = docx.numbering.label(docx.lists[number], level)
    return (label + " ", label_font or font) if label else None


def _runs(
    docx: Docx, parent: Element, style: str | None, runs: list[tuple[str, str | None]], boxes: list[Element],
    notes: list[Element], depth: int,
) -> None:  # fmt: skip
    if depth > _DEPTH:
        raise RecursionError
    for element in parent:
        tag = tag_of(element)
        if tag == "r":
            _run(docx, element, style, runs, boxes, notes)
        elif tag == "fldSimple" and _PAGE_FIELD.match(attribute(element, "instr") or ""):
            continue
        elif tag in _THROUGH:
            _runs(docx, element, style, runs, boxes, notes, depth + 1)
        elif tag == "AlternateContent":
            choice = _choice(element)
            if choice is not None:
                _runs(docx, choice, style, runs, boxes, notes, depth + 1)
        elif tag in ("oMath", "oMathPara"):
            runs.append(("".join(e.text or "" for e in element.iter() if tag_of(e) == "t"), None))


def _run(
    docx: Docx, element: Element, style: str | None, runs: list[tuple[str, str | None]], boxes: list[Element],
    notes: list[Element],
) -> None:  # fmt: skip
    properties = inside(element, "rPr")
    font, caps, hidden = font_of(properties), switch(properties, "caps"), switch(properties, "vanish")
    for name in (attribute(inside(properties, "rStyle"), "val"), style):
        for _ in range(16):
            found = docx.styles.get(name or "")
            if found is None:
                break
            font = font if font is not None else found.font
            caps = caps if caps is not None else found.caps
            hidden = hidden if hidden is not None else found.hidden
            name = found.base
    font = font if font is not None else docx.default_font
    for child in element:
        text = _run_text(docx, child, boxes, notes)
        shows = all(f.in_result and not _PAGE_FIELD.match(f.code) for f in docx.fields[-8:])
        if text and shows and not hidden:
            runs.append(capitals(text, font) if caps else (text, font))


def _boxes(holder: Element, depth: int) -> Iterator[Element]:
    """The outermost text boxes of a drawing; what stands in them is found when they are read."""
    if depth > _DEPTH:
        raise RecursionError
    for element in holder:
        if tag_of(element) == "txbxContent":
            yield element
        elif tag_of(element) == "AlternateContent":
            choice = _choice(element)
            if choice is not None:
                yield from _boxes(choice, depth + 1)
        else:
            yield from _boxes(element, depth + 1)


def _run_text(docx: Docx, child: Element, boxes: list[Element], notes: list[Element]) -> str:
    tag = tag_of(child)
    if tag == "t":
        return (child.text or "").replace("\n", " ")
    if tag == "tab":
        return "\t"
    if tag in ("br", "cr"):
        return "\n"
    if tag == "noBreakHyphen":
        return "-"
    if tag == "sym":
        return "•"
    if tag == "instrText" and docx.fields:
        docx.fields[-1].code += (child.text or "")[:200]
    elif tag == "fldChar":
        kind = attribute(child, "fldCharType")
        if kind == "begin":
            docx.fields.append(OpenField())
        elif kind == "separate" and docx.fields:
            docx.fields[-1].in_result = True
        elif kind == "end" and docx.fields:
            docx.fields.pop()
    elif tag in ("footnoteReference", "endnoteReference"):
        # Taken out, so that a note that calls itself is read once.
        note = docx.notes.pop((tag.removesuffix("Reference"), attribute(child, "id") or ""), None)
        if note is not None:
            notes.append(note)
    elif tag in ("drawing", "pict", "object", "AlternateContent"):
        holder = _choice(child) if tag == "AlternateContent" else child
        if holder is not None:
            boxes += islice(_boxes(holder, 0), 50)
    return ""
