"""The parts of a DOCX: its XML, what the parts are to each other, styles and lists (ECMA-376)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pipeline.files.numbering import Level, Numbering

_MAIN = "word/document.xml"
_OFF = frozenset({"0", "false", "off", "none"})
_NO_RULE = frozenset({"none", "nil"})


class BadDocx(ValueError):
    """The file is no whole DOCX; the message says where it fails."""


class DocxBomb(ValueError):
    """A part unpacks to more than is read."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says itself; None where it does not."""

    base: str | None
    font: str | None
    caps: bool | None
    hidden: bool | None
    list_id: str | None
    list_level: int
    bordered: bool | None


@dataclass(slots=True)
class OpenField:
    """A field whose end has not come: its code so far, and whether its result has begun."""

    code: str = ""
    in_result: bool = False


@dataclass(slots=True)
class Docx:
    """What paragraphs are looked up in; ``fields`` are the open ones."""

    styles: dict[str, Style] = field(default_factory=dict)
    default_style: str | None = None
    default_font: str | None = None
    numbering: Numbering = field(default_factory=Numbering)
    lists: dict[str, int] = field(default_factory=dict)
    notes: dict[tuple[str, str], Element] = field(default_factory=dict)
    fields: list[OpenField] = field(default_factory=list)


def part(archive: zipfile.ZipFile, name: str, part_bytes: int) -> Element | None:
    """One part as XML, or None where there is none. Raises :class:`BadDocx`, :class:`DocxBomb`, ParseError."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return None
    if info.flag_bits & 1:
        raise BadDocx("a part is encrypted")
    with archive.open(info) as handle:
        data = handle.read(part_bytes + 1)
    if len(data) > part_bytes:
        raise DocxBomb(name)
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise BadDocx("it declares entities, which Word never does")
    return ElementTree.fromstring(data)


def children(element: Element | None) -> list[Element]:
    """An element's children; none of none."""
    return [] if element is None else list(element)


def main_part(archive: zipfile.ZipFile, part_bytes: int) -> str:
    """The name of the main text's part."""
    for relation in children(part(archive, "_rels/.rels", part_bytes)):
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or _MAIN).lstrip("/")
    return _MAIN


def relations(archive: zipfile.ZipFile, main: str, part_bytes: int) -> tuple[dict[str, tuple[str, str]], int]:
    """Relationships of the main part inside the file, id → (kind, part name), and the number that lead outside."""
    folder, name = posixpath.split(main)
    found: dict[str, tuple[str, str]] = {}
    external = 0
    for relation in children(part(archive, f"{folder}/_rels/{name}.rels".lstrip("/"), part_bytes)):
        if relation.get("TargetMode") == "External":
            external += 1
            continue
        target = relation.get("Target") or ""
        target = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[relation.get("Id") or ""] = ((relation.get("Type") or "").rsplit("/", 1)[-1], target)
    return found, external


def tag_of(element: Element) -> str:
    """An element's name without its namespace: strict and transitional files differ only there."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute by its name without its namespace."""
    if element is None:
        return None
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return value
    return None


def inside(element: Element | None, *names: str) -> Element | None:
    """The first child of that name, the first child of that name in it, and so on."""
    for name in names:
        if element is None:
            return None
        element = next((inner for inner in element if tag_of(inner) == name), None)
    return element


def switch(properties: Element | None, name: str) -> bool | None:
    """A switch such as w:caps: None where it is not there."""
    element = inside(properties, name)
    return None if element is None else (attribute(element, "val") or "1") not in _OFF


def font_of(properties: Element | None) -> str | None:
    """The font that run properties name for letters beyond ASCII."""
    fonts = inside(properties, "rFonts")
    return None if fonts is None else (attribute(fonts, "hAnsi") or attribute(fonts, "ascii") or attribute(fonts, "cs"))


def read_styles(docx: Docx, root: Element | None) -> None:
    """Fill styles and defaults from the styles part."""
    for element in children(root):
        if tag_of(element) == "docDefaults":
            docx.default_font = font_of(inside(element, "rPrDefault", "rPr"))
        elif tag_of(element) == "style":
            run, paragraph = inside(element, "rPr"), inside(element, "pPr")
            list_properties = inside(paragraph, "numPr")
            name = attribute(element, "styleId") or ""
            docx.styles[name] = Style(
                attribute(inside(element, "basedOn"), "val"), font_of(run), switch(run, "caps"), switch(run, "vanish"),
                attribute(inside(list_properties, "numId"), "val"),
                integer(attribute(inside(list_properties, "ilvl"), "val"), 0),
                has_rules(inside(element, "tblPr", "tblBorders")),
            )  # fmt: skip
            if attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true"):
                docx.default_style = name


def has_rules(borders: Element | None) -> bool | None:
    """Whether borders are drawn; None where none are described."""
    return None if borders is None else any((attribute(side, "val") or "none") not in _NO_RULE for side in borders)


def integer(text: str | None, default: int) -> int:
    """A whole number, or the default for anything else."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text) else default


def read_numbering(docx: Docx, root: Element | None) -> None:
    """Fill lists from the numbering part; an override that starts anew is a list of its own."""
    abstract: dict[str, list[Level]] = {}
    for element in children(root):
        if tag_of(element) == "abstractNum":
            abstract[attribute(element, "abstractNumId") or ""] = [_level(c) for c in element if tag_of(c) == "lvl"]
    ids = {name: index for index, name in enumerate(abstract)}
    for name, levels in abstract.items():
        docx.numbering.define(ids[name], levels)
    for element in children(root):
        if tag_of(element) != "num":
            continue
        number, base = attribute(element, "numId") or "", attribute(inside(element, "abstractNumId"), "val") or ""
        if base not in abstract:
            continue
        docx.lists[number] = ids[base]
        overrides = [inner for inner in element if tag_of(inner) == "lvlOverride"]
        if overrides:
            levels = list(abstract[base])
            for override in overrides:
                at = integer(attribute(override, "ilvl"), 99)
                if at < len(levels):
                    own, old = inside(override, "lvl"), levels[at]
                    new = old if own is None else _level(own)
                    start = integer(attribute(inside(override, "startOverride"), "val"), new.start)
                    levels[at] = Level(start, new.kind, new.text, new.font)
            docx.lists[number] = len(ids) + len(docx.lists)
            docx.numbering.define(docx.lists[number], levels)


def _level(element: Element) -> Level:
    return Level(
        integer(attribute(inside(element, "start"), "val"), 1),
        attribute(inside(element, "numFmt"), "val") or "decimal",
        attribute(inside(element, "lvlText"), "val") or "",
        font_of(inside(element, "rPr")),
    )
