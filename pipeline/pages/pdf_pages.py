"""Pages of a PDF to words with boxes (a door to PyMuPDF; :mod:`pipeline.pages.tables` finds the ruled grids).

Page contents and appearances (signature fields, annotations, form values) are read apart, because any library puts
the latter behind the former, wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import pymupdf

from extractors.page_cues import opens_stamp
from extractors.syllables import is_syllable
from models.page import Box, RawPage, RawTable, RawWord
from models.record import TextOrigin
from pipeline.files.legacy import (
    DECODERS,
    Encoding,
    decode_tcvn3,
    decode_vni,
    is_capital_font,
    is_tcvn3_font,
    is_vni_font,
    looks_like,
    reads_as_vietnamese,
    unmapped,
)
from pipeline.pages.page_marks import fill_blanks, is_arrival
from pipeline.pages.rows import Row, rows_of

_mupdf = pymupdf.mupdf
_FLAGS = pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_LETTERS = re.compile(r"[^\W\d_]+")
_ACCENTED = re.compile(r"[^\x00-\x7f]")
_HIDDEN = 2 | 32
_READ_AS_TEXT = frozenset(("Text", "ComboBox", "ListBox"))
_NOT_PRINTED = frozenset(("Popup", "Text", "Link", "FileAttachment", "Sound", "Movie"))
_LEVEL = 0.97
_FEW_WORDS = 40
_MOST_OF_PAGE = 0.5
_ENOUGH_SYLLABLES = 0.55


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a signature field, an annotation or a form field prints on a page. ``field``: the form field's full name."""

    page: int
    field: str | None
    box: Box
    words: tuple[RawWord, ...]


@dataclass(frozen=True, slots=True)
class TextLayer:
    """A page's own words and whether they can be what the page shows; ``reason`` says why."""

    usable: bool
    reason: str


@dataclass(frozen=True, slots=True)
class OwnText:
    """The words of a page's contents. ``lost`` characters have no meaning in the ``encodings`` of its old fonts."""

    words: tuple[RawWord, ...]
    encodings: tuple[Encoding, ...] = ()
    lost: int = 0


def own_text(page: Any) -> OwnText:
    """What the page's contents print, with size and box as displayed; text that runs slanted is left out.

    Text in a TCVN3 or VNI font is decoded, unless it is Unicode already and only the font's name is old.
    """
    textpage = _contents(page)
    by_line: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
    for word in textpage.extractWORDS():
        by_line.setdefault((word[5], word[6]), []).append(word)
    if not by_line:
        return OwnText(())
    blocks = textpage.extractDICT()["blocks"]
    encodings, lost = _old_encodings(blocks)
    turned = page.rotation_matrix if page.rotation else None
    found: list[RawWord] = []
    number = 0
    for block in blocks:
        block_number = block["number"]
        for line_number, line in enumerate(block.get("lines", ())):
            words = by_line.get((block_number, line_number))
            if words is None:
                continue
            across, down = line["dir"]
            if turned is not None:
                across = across * turned.a + down * turned.c
            if abs(across) < _LEVEL:
                continue
            found += _line_words(words, line["spans"], number, encodings)
            number += 1
    if turned is not None:
        found = [_moved(word, turned) for word in found]
    return OwnText(tuple(found), encodings, lost)


def _old_encodings(blocks: Sequence[dict[str, Any]]) -> tuple[tuple[Encoding, ...], int]:
    old: dict[Encoding, list[str]] = {}
    for block in blocks:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                encoding = _font_encoding(span["font"])
                if encoding is not None:
                    old.setdefault(encoding, []).append(span["text"])
    texts = {encoding: " ".join(texts) for encoding, texts in old.items()}
    used = {encoding: text for encoding, text in texts.items() if not reads_as_vietnamese(text)}
    return tuple(used), sum(unmapped(text, encoding) for encoding, text in used.items())


@lru_cache(maxsize=1_000)
def _font_encoding(font: str) -> Encoding | None:
    if is_tcvn3_font(font):
        return "tcvn3"
    return "vni" if is_vni_font(font) else None


def _contents(page: Any) -> Any:
    if next(page.annots(), None) is None and page.first_widget is None:
        return page.get_textpage(flags=_FLAGS)
    # get_textpage() would add the appearances; only the lower layer can run the contents alone.
    rotation = page.rotation
    if rotation:
        page.set_rotation(0)
    try:
        stext = _mupdf.FzStextPage(_mupdf.fz_bound_page(page.this))
        device = _mupdf.fz_new_stext_device(stext, _mupdf.FzStextOptions(_FLAGS))
        _mupdf.fz_run_page_contents(page.this, device, _mupdf.FzMatrix(), _mupdf.FzCookie())
        _mupdf.fz_close_device(device)
    finally:
        if rotation:
            page.set_rotation(rotation)
    return pymupdf.TextPage(stext)


def _moved(word: RawWord, matrix: Any) -> RawWord:
    box = pymupdf.Rect(word.bbox) * matrix
    return replace(word, bbox=(box.x0, box.y0, box.x1, box.y1))


def _line_words(
    words: Sequence[tuple[Any, ...]], spans: Sequence[dict[str, Any]], number: int, old: tuple[Encoding, ...]
) -> Iterator[RawWord]:
    printed = [s for s in spans if not s["text"].isspace()]
    if len(printed) == 1:
        span = printed[0]
        size, flags, font = span["size"], span["flags"], span["font"]
        bold, italic = bool(flags & 16), bool(flags & 2)
        for x0, y0, x1, y1, text, *_ in words:
            yield RawWord(_decoded(text, font, old), (x0, y0, x1, y1), size, bold, italic, number)
        return
    main = max((s["size"] for s in printed), default=0.0)
    solid = [s for s in printed if s["size"] > 0.8 * main]
    floor = max((s["bbox"][3] for s in solid), default=0.0)
    pieces = list(_pieces(printed))
    # Words and spans come in one order; a word ends where its characters are used up.
    position = 0
    for x0, y0, x1, y1, text, *_ in words:
        parts: list[tuple[str, dict[str, Any]]] = []
        left = len(text)
        while left > 0 and position < len(pieces):
            piece, span = pieces[position]
            take = piece[:left]
            left -= len(take)
            parts.append((take, span))
            if len(take) == len(piece):
                position += 1
            else:
                pieces[position] = (piece[len(take) :], span)
        if "".join(p for p, _ in parts) != text:
            span = min(printed, key=lambda s: abs(s["bbox"][0] - x0))
            parts = [(text, span)]
        yield from _split_raised(parts, (x0, y0, x1, y1), main, floor, number, old)


def _pieces(spans: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for span in spans:
        for piece in span["text"].split():
            yield piece, span


def _split_raised(
    parts: Sequence[tuple[str, dict[str, Any]]],
    box: Box,
    main: float,
    floor: float,
    number: int,
    old: tuple[Encoding, ...],
) -> Iterator[RawWord]:
    groups: list[tuple[bool, list[tuple[str, dict[str, Any]]]]] = []
    for text, span in parts:
        raised = span["size"] <= 0.8 * main and span["bbox"][3] < floor - 0.1 * main
        if groups and groups[-1][0] == raised:
            groups[-1][1].append((text, span))
        else:
            groups.append((raised, [(text, span)]))
    for index, (raised, group) in enumerate(groups):
        span = max((s for _, s in group), key=lambda s: s["size"])
        text = "".join(_decoded(t, s["font"], old) for t, s in group)
        left = box[0] if index == 0 else max(box[0], group[0][1]["bbox"][0])
        right = box[2] if index == len(groups) - 1 else min(box[2], group[-1][1]["bbox"][2])
        place = box if len(groups) == 1 else (left, span["bbox"][1], max(left, right), span["bbox"][3])
        bold, italic = bool(span["flags"] & 16), bool(span["flags"] & 2)
        yield RawWord(text, place, span["size"], bold, italic, number, raised=raised, glued=index > 0)


def _decoded(text: str, font: str, old: tuple[Encoding, ...]) -> str:
    if old:
        encoding = _font_encoding(font)
        if encoding in old:
            return decode_tcvn3(text, is_capital_font(font)) if encoding == "tcvn3" else decode_vni(text)
    return text if text.isascii() else text.translate(_LIGATURES)


def appearances(page: Any, number: int) -> list[Appearance]:
    """What fields and annotations print on the page, hidden ones left out; image-only ones have no words."""
    found: list[Appearance] = []
    turned = page.rotation_matrix if page.rotation else None
    stamp = 0
    for annot in page.annots():
        if annot.type[1] in _NOT_PRINTED or annot.flags & _HIDDEN:
            continue
        found.append(Appearance(number, None, tuple(annot.rect), _appearance_words(annot, stamp, turned)))
        stamp += 1
    for widget in page.widgets():
        flags = page.parent.xref_get_key(widget.xref, "F")[1]
        if flags.isdigit() and int(flags) & _HIDDEN:
            continue
        is_text = widget.field_type_string in _READ_AS_TEXT
        words = _appearance_words(widget._annot, -1 if is_text else stamp, turned)
        found.append(Appearance(number, widget.field_name, tuple(widget.rect), words))
        stamp += 0 if is_text else 1
    return found


def _appearance_words(annot: Any, stamp: int, turned: Any) -> tuple[RawWord, ...]:
    words = []
    for x0, y0, x1, y1, text, *_ in annot.get_text("words", flags=_FLAGS):
        box = pymupdf.Rect(x0, y0, x1, y1) * turned if turned is not None else (x0, y0, x1, y1)
        size = (y1 - y0) / 1.15
        words.append(RawWord(text.translate(_LIGATURES), tuple(box), size, stamped=True, stamp=stamp))
    return tuple(words)


def read_as(text: OwnText) -> OwnText:
    """The text with an old encoding undone that its words betray, where the fonts' names have been lost."""
    encoding = looks_like(" ".join(word.text for word in text.words))
    if encoding is None:
        return text
    decode = DECODERS[encoding]
    lost = unmapped(" ".join(word.text for word in text.words), encoding)
    return OwnText(tuple(replace(word, text=decode(word.text)) for word in text.words), (encoding,), lost)


def judge(page: Any, words: Sequence[RawWord]) -> TextLayer:
    """Whether the words can be what the page shows: enough of it covered, and readable as Vietnamese."""
    if len(words) < _FEW_WORDS:
        covered = _image_share(page)
        if covered > _MOST_OF_PAGE:
            return TextLayer(
                False, f"image-only: {len(words)} words of text over a picture of {covered:.0%} of the page"
            )
        if not words:
            drawn = bool(page.get_images()) or len(page.read_contents() or b"") > 3_000
            return TextLayer(not drawn, "image-only: no text on the page" if drawn else "empty page")
    letters = [w for word in words for w in _LETTERS.findall(word.text) if len(w) > 1 or ord(w[0]) > 127]
    if len(letters) < 12:
        return TextLayer(True, "text layer, few letters")
    share = sum(map(is_syllable, letters)) / len(letters)
    accented = sum(1 for w in letters if _ACCENTED.search(w)) / len(letters)
    if share < _ENOUGH_SYLLABLES:
        if accented < 0.05 and _image_share(page) <= _MOST_OF_PAGE:
            return TextLayer(True, f"text layer in another language, {share:.0%} Vietnamese syllables")
        return TextLayer(False, f"unreadable text layer: {share:.0%} of its words can be Vietnamese syllables")
    if accented < 0.12 and len(letters) >= 60 and _image_share(page) > _MOST_OF_PAGE:
        return TextLayer(False, "unreadable text layer: letters without accents over a picture of the page")
    return TextLayer(True, f"text layer, {share:.0%} Vietnamese syllables")


def _image_share(page: Any) -> float:
    area = abs(page.rect.width * page.rect.height) or 1.0
    boxes = [pymupdf.Rect(info["bbox"]) & page.rect for info in page.get_image_info()]
    return max((abs(b.width * b.height) for b in boxes if not b.is_empty), default=0.0) / area


def raw_page(
    page: Any, number: int, words: Sequence[RawWord], tables: Sequence[RawTable], origin: TextOrigin, reason: str
) -> RawPage:
    """The page as layout takes it."""
    return RawPage(number, page.rect.width, page.rect.height, tuple(words), origin, reason, tuple(tables))


def page_edited(before: bytes, after: bytes, password: str | None = None) -> bool:
    """Whether the pages' content was edited between two revisions of a file, stamps apart.

    Numbers and days put into blanks, arrival stamps and signature stamps are no edit; lost, moved or added words and
    pages are, and so is an annotation with words on top of the page's own. Raises RuntimeError or ValueError where a
    revision cannot be read.
    """
    old, new = (pymupdf.open(stream=data, filetype="pdf") for data in (before, after))
    try:
        for document in (old, new):
            if document.needs_pass and not document.authenticate(password or ""):
                raise ValueError("the file is encrypted")
        if old.page_count != new.page_count:
            return True
        return any(_page_edited(a, b, number) for number, (a, b) in enumerate(zip(old, new, strict=True), start=1))
    finally:
        old.close()
        new.close()


def _page_edited(old: Any, new: Any, number: int) -> bool:
    words, now = own_text(old).words, own_text(new).words
    known, present = {_place(w): w for w in words}, {_place(w): w for w in now}
    if not known.keys() <= present.keys():
        return True
    rows = rows_of(words)
    height = old.rect.height
    added = [w for place, w in present.items() if place not in known]
    if added and not _are_stamps(added, rows, height):
        return True
    shown = {tuple(map(_place, a.words)) for a in appearances(old, number)}
    for appearance in appearances(new, number):
        if appearance.field is not None or not appearance.words or tuple(map(_place, appearance.words)) in shown:
            continue
        on_top = any(_covers(s.bbox, w.bbox) for s in appearance.words for w in words if _LETTERS.search(w.text))
        if on_top and not _are_stamps(appearance.words, rows, height):
            return True
    return False


def _are_stamps(words: Sequence[RawWord], rows: Sequence[Row], height: float) -> bool:
    if is_arrival(words):
        return True
    lines = rows_of(words)
    if opens_stamp(lines[0].text):
        return True
    return all(fill_blanks(rows, line.words, height) is not None for line in lines)


def _place(word: RawWord) -> tuple[str, int, int]:
    return word.text, round(word.bbox[0]), round(word.bbox[1])


def _covers(box: Box, other: Box) -> bool:
    wide = min(box[2], other[2]) - max(box[0], other[0])
    high = min(box[3], other[3]) - max(box[1], other[1])
    return wide > 0.25 * (other[2] - other[0]) and high > 0.4 * (other[3] - other[1])
