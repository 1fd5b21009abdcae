"""RTF to paragraphs and tables, with the font of every run (Rich Text Format Specification 1.9.1)."""

from __future__ import annotations

import codecs
import re
from copy import copy
from dataclasses import dataclass, field

from pipeline.files.flow_cues import cues, holds
from pipeline.files.paragraphs import Block, Item, Note, capitals, gather, paragraphs_of, words_of

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\'"
)
_GROUPS = 2_000
_SKIPPED = frozenset({
    "aftncn", "aftnsep", "aftnsepc", "annotation", "atnauthor", "atnid", "atrfend", "atrfstart", "bkmkend",
    "bkmkstart", "colorschememapping", "colortbl", "datastore", "falt", "filetbl", "footer", "footerf", "footerl",
    "footerr", "ftncn", "ftnsep", "ftnsepc", "generator", "headerl", "headerr", "info", "latentstyles",
    "listoverridetable", "listtable", "mmathPr", "nonshppict", "objclass", "objdata", "panose", "pgdsctbl", "pict",
    "pn", "pnseclvl", "pntxta", "pntxtb", "revtbl", "rsidtbl", "sn", "sp", "stylesheet", "template", "themedata",
    "wgrffmtfilter", "xmlnstbl",
})  # fmt: skip
_OWN_TEXT = frozenset({"footnote", "shptxt", "header", "headerf"})
_KNOWN_STARRED = frozenset({"shpinst", "shptxt", "ud", "fldinst", "shpgrp"})
_SIGNS = {
    "par": "", "line": "\n", "tab": "\t", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "endash": "–", "emdash": "—", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "page": "\n",
    "column": "\n", "softline": "\n", "nestcell": "\n", "nestrow": "\n",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n", b"\\": "\\", b"{": "{", b"}": "}", b"\t": "\t"}
_CODE_PAGES = {0: 0, 1: 0, 2: 0, 77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258,
               177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250}  # fmt: skip
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_BORDER_SIDES = frozenset({"clbrdrt", "clbrdrl", "clbrdrb", "clbrdrr", "trbrdrt", "trbrdrl", "trbrdrb", "trbrdrr"})
_NO_BORDER = frozenset({"brdrnone", "brdrnil", "brdrtbl"})


class BadRtf(ValueError):
    """The file is no whole RTF."""


@dataclass(slots=True)
class _State:
    """What a group inherits and gives back at its end."""

    font: int = -1
    caps: bool = False
    hidden: bool = False
    in_table: bool = False
    skip: bool = False
    place: str = ""  # "fonttbl", "fldinst" or "" for text
    unicode_skip: int = 1
    starred: bool = False
    opens: str = ""  # the kind of text of its own that ends with the group


@dataclass(slots=True)
class _Field:
    code: str = ""


@dataclass(slots=True)
class _Sheet:
    """One running text being written: the document's, a footnote's or a text box's."""

    blocks: list[Block | Note] = field(default_factory=list)
    block: Block = field(default_factory=Block)
    later: list[Block | Note] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    lefts: tuple[int, ...] = ()
    bordered: bool = False

    def end(self, in_table: bool, cell: bool = False) -> None:
        """End the paragraph; notes and text boxes called in it follow."""
        self.block.in_table = in_table
        self.block.cell_end = cell
        self.blocks.append(self.block)
        if not in_table:
            self.blocks += self.later
            self.later = []
        self.block = Block()

    def finish(self) -> list[Item]:
        """The items of the whole text."""
        if self.block.runs:
            self.end(self.block.in_table)
        return gather([*self.blocks, *self.later])


class _Reader:
    """One pass over the tokens."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.state = _State()
        self.stack: list[_State] = []
        self.sheets = [_Sheet()]
        self.fonts: dict[int, tuple[str, int]] = {}
        self.default_font = 0
        self.code_page = 1252
        self.pending = bytearray()
        self.to_skip = 0
        self.high: int | None = None
        self.fields: list[_Field] = []
        self.header: list[Item] = []
        self.border_side = False

    def read(self) -> list[Item]:
        """All items. Raises :class:`BadRtf`."""
        position, size = 0, len(self.data)
        while position < size:
            match = _TOKEN.match(self.data, position)
            if match is None:
                position += 1
                continue
            position = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if code is not None:
                self._byte(int(code, 16))
                continue
            if text is not None:
                self._text(text)
                continue
            if word is None and symbol is None and brace is None:
                continue
            self._flush()
            if brace == b"{":
                self._open()
            elif brace == b"}":
                if not self.stack:
                    break
                self._close()
            elif word == b"bin":
                position += max(0, int(number or 0))
            elif word is not None:
                self._word(word.decode("ascii"), None if number is None else int(number))
            elif symbol is not None:
                self._symbol(symbol)
        self._flush()
        while self.stack:
            self._close()
        return [*self.header, *self.sheets[0].finish()]

    def _open(self) -> None:
        if len(self.stack) >= _GROUPS:
            raise BadRtf("its groups are nested too deeply")
        self.stack.append(self.state)
        self.state = copy(self.state)
        self.state.starred = False
        self.state.opens = ""
        self.to_skip = 0

    def _close(self) -> None:
        ended = self.state
        self.state = self.stack.pop()
        self.to_skip = 0
        if ended.opens == "field" and self.fields:
            self.fields.pop()
        elif ended.opens in _OWN_TEXT and len(self.sheets) > 1:
            items = self.sheets.pop().finish()
            if ended.opens == "footnote":
                self.sheets[-1].later.append(Note(tuple(items)))
            elif ended.opens in ("header", "headerf"):
                words = " ".join(words_of(items))
                if not self.header and (holds(words, cues().motto) or holds(words, cues().number)):
                    self.header = items
            else:
                self.sheets[-1].later += _as_blocks(items)

    def _byte(self, value: int) -> None:
        if self.to_skip:
            self.to_skip -= 1
        elif not self.state.skip:
            self.pending.append(value)

    def _text(self, text: bytes) -> None:
        if self.to_skip:
            dropped = min(self.to_skip, len(text))
            text = text[dropped:]
            self.to_skip -= dropped
        if not self.state.skip:
            self.pending += text

    def _flush(self) -> None:
        """Bytes met so far to characters, by the code page of their font."""
        if not self.pending:
            return
        data, self.pending = bytes(self.pending), bytearray()
        _name, page = self.fonts.get(self._font(), ("", 0))
        page = page or self.code_page
        if page == 1252:
            self._put(data.decode("latin-1").translate(_CP1252))
            return
        try:
            codec = codecs.lookup("mac_roman" if page == 10000 else f"cp{page}").name
        except LookupError:
            codec = "latin-1"
        self._put(data.decode(codec, "replace"))

    def _font(self) -> int:
        return self.default_font if self.state.font < 0 else self.state.font

    def _put(self, text: str) -> None:
        state = self.state
        if state.skip:
            return
        if state.place == "fonttbl":
            number = self._font()
            name, page = self.fonts.get(number, ("", 0))
            self.fonts[number] = ((name + text)[:80], page)
        elif state.place == "fldinst":
            if self.fields:
                self.fields[-1].code = (self.fields[-1].code + text)[:200]
        elif not state.hidden and not any(_PAGE_FIELD.match(f.code) for f in self.fields[-8:]):
            font = self.fonts.get(self._font(), ("", 0))[0].rstrip(";") or None
            run = capitals(text, font) if state.caps else (text, font)
            self.sheets[-1].block.runs.append(run)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.state.starred = True
        elif symbol in (b"\n", b"\r") and not self.state.skip:
            self.sheets[-1].end(self.state.in_table)
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    def _word(self, word: str, number: int | None) -> None:
        state = self.state
        starred, state.starred = state.starred, False
        if word in _OWN_TEXT and not state.skip:
            state.opens, state.in_table = word, False
            self.sheets.append(_Sheet())
        elif word == "fldinst":
            state.place = "fldinst"
        elif word == "field" and not state.skip:
            state.opens = "field"
            self.fields.append(_Field())
        elif word == "fonttbl":
            state.place = "fonttbl"
        elif word in _SKIPPED or (starred and word not in _KNOWN_STARRED) or word == "upr":
            state.skip = True
        elif word == "ud":
            state.skip = any(outer.skip for outer in self.stack[:-1])
        elif word == "u" and number is not None:
            self._unicode(number)
        elif state.skip:
            return
        elif word in ("f", "deff", "fcharset", "ansicpg", "uc", "cpg"):
            self._set(word, number or 0)
        elif word in ("caps", "v", "deleted"):
            on = number != 0
            state.caps, state.hidden = (on, state.hidden) if word == "caps" else (state.caps, on)
        elif word == "plain":
            state.font, state.caps, state.hidden = -1, False, False
        elif word in _SIGNS and word != "par":
            self._put(_SIGNS[word])
        else:
            self._paragraph_word(word, number or 0)

    def _set(self, word: str, number: int) -> None:
        if word == "f":
            self.state.font = number
        elif word == "deff":
            self.default_font = number
        elif word == "ansicpg":
            self.code_page = number or 1252
        elif word == "uc":
            self.state.unicode_skip = max(0, min(number, 8))
        elif self.state.place == "fonttbl":
            name, _ = self.fonts.get(self._font(), ("", 0))
            self.fonts[self._font()] = (name, _CODE_PAGES.get(number, 0) if word == "fcharset" else number)

    def _unicode(self, number: int) -> None:
        unit = number & 0xFFFF
        self.to_skip = self.state.unicode_skip
        if 0xD800 <= unit < 0xDC00:
            self.high = unit
            return
        if 0xDC00 <= unit < 0xE000:
            high, self.high = self.high, None
            self._put(chr(0x10000 + ((high - 0xD800) << 10) + unit - 0xDC00) if high is not None else "\ufffd")
            return
        self._put(chr(unit))

    def _paragraph_word(self, word: str, number: int) -> None:
        state, sheet = self.state, self.sheets[-1]
        if word in ("par", "sect"):
            sheet.end(state.in_table)
        elif word == "pard":
            state.in_table = False
        elif word == "intbl":
            state.in_table = True
        elif word == "cell":
            sheet.end(True, cell=True)
        elif word == "trowd":
            sheet.edges, sheet.lefts, sheet.bordered = [], (), False
        elif word == "trleft":
            sheet.lefts = (number,)
        elif word == "cellx":
            sheet.edges.append(number)
        elif word == "row":
            first = sheet.lefts[0] if sheet.lefts else min(0, *sheet.edges) if sheet.edges else 0
            sheet.block.row_end = True
            sheet.block.edges = (first, *sheet.edges[:-1]) if sheet.edges else ()
            sheet.block.bordered = sheet.bordered
            sheet.end(True)
        if self.border_side and word.startswith("brdr"):
            sheet.bordered = sheet.bordered or (word not in _NO_BORDER and word != "brdrw")
        self.border_side = word in _BORDER_SIDES


_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}


def read_rtf(data: bytes) -> list[Item]:
    """The text of an RTF file with its footnotes and text boxes. Raises :class:`BadRtf`."""
    return _Reader(data).read()


def _as_blocks(items: list[Item]) -> list[Block | Note]:
    """Text boxes as plain paragraphs behind the one they hang on."""
    found: list[Block | Note] = []
    for item in items:
        if isinstance(item, Note):
            found.append(item)
        else:
            found += [Block(runs=list(paragraph.runs)) for paragraph in paragraphs_of([item])]
    return found
