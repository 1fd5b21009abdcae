"""HTML to paragraphs and tables: scripts and styles dropped, block elements as lines, fonts kept for old encodings."""

from __future__ import annotations

import html
import re

from models.source import Source
from pipeline.files.paragraphs import Cell, Item, Paragraph, Table
from pipeline.files.read_text import decode, too_big
from pipeline.files.read_word import source
from pipeline.limits import DEFAULT, Limits

HTML = "text/html"
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,30})", re.IGNORECASE)
_FONT_FAMILY = re.compile(r"font-family\s*:\s*[\"']?([^;\"',]{1,60})", re.IGNORECASE)
_BORDER = re.compile(r"border(?:-\w+)*\s*:[^;]{0,80}\b(?:solid|double|inset|outset|ridge|groove|dashed)", re.IGNORECASE)
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "html", "legend", "li", "main", "menu", "ol", "option", "p", "pre", "section", "summary", "ul",
})  # fmt: skip
_DROPPED = frozenset({
    "iframe", "nav", "noscript", "script", "select", "style", "svg", "template", "textarea", "title",
})  # fmt: skip
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_FONTED = frozenset({"font", "span", "p", "div", "td", "b", "i", "em", "strong", "u"})
_DEPTH = 400  # open elements; deeper ones are read as if they stood at this depth
_TABLES = 12
_SPACE = re.compile(r"[ \t\r\n\f]+")


_TAG = re.compile(r"</?([a-zA-Z][^\s/>]{0,60})")
# Each step takes at least one character and none is looked at twice, unlike in html.parser, whose cost on broken
# tags grows with the square of the file.
_ATTRIBUTE = re.compile(r"[\s/]*+([^\s/>=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]*+)))?+|[\s/=]++")


class _Reader:
    """One pass over the tags. ``pre`` keeps its line ends; all else is laid out by its elements."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.holders: list[list[Item]] = [self.items]
        self.tables: list[_OpenTable] = []
        self.runs: list[tuple[str, str | None]] = []
        self.open: list[tuple[str, str | None]] = []  # element, its font
        self.dropped: list[str] = []
        self.too_deep = 0

    def feed(self, page: str) -> None:
        """Read a whole page, tag by tag."""
        position, size = 0, len(page)
        while position < size:
            opens = page.find("<", position)
            if opens < 0:
                opens = size
            if opens > position:
                self._data(html.unescape(page[position:opens]))
            position = self._markup(page, opens) if opens < size else size

    def _markup(self, page: str, at: int) -> int:
        """Read what begins with ``<``; returns where it ends."""
        if page.startswith(("<!", "<?"), at):
            comment = page.startswith("<!--", at)
            end = page.find("-->" if comment else ">", at + 2)
            return len(page) if end < 0 else end + (3 if comment else 1)
        match = _TAG.match(page, at)
        if match is None:
            self._data("<")
            return at + 1
        tag, position = match.group(1).lower(), match.end()
        attributes: dict[str, str] = {}
        while position < len(page) and page[position] != ">":
            found = _ATTRIBUTE.match(page, position)
            if found is None:
                break
            if found.group(1) and len(attributes) < 50:
                value = found.group(2) or found.group(3) or found.group(4) or ""
                attributes.setdefault(found.group(1).lower(), html.unescape(value[:4_000]))
            position = found.end()
        if page.startswith("</", at):
            self._end(tag)
        else:
            self._start(tag, attributes)
            if tag in ("script", "style"):
                closing = re.compile(f"</{tag}", re.IGNORECASE).search(page, position)
                return len(page) if closing is None else closing.start()
        return position + 1

    def _start(self, tag: str, values: dict[str, str]) -> None:
        """Open an element."""
        if self.dropped:
            if tag == self.dropped[-1] and len(self.dropped) < _DEPTH:
                self.dropped.append(tag)
            return
        if tag in _DROPPED:
            self.dropped.append(tag)
            return
        if tag == "br":
            self.runs.append(("\n", None))
            return
        if tag in _BLOCKS or tag in ("table", "tr", "td", "th", "caption"):
            self._end_paragraph()
        if tag in _VOID:
            return
        if tag == "table" and len(self.tables) < _TABLES:
            self.tables.append(_OpenTable(_ruled(values)))
        elif tag == "tr" and self.tables:
            self._close_cell()
            self.tables[-1].rows.append([])
        elif tag in ("td", "th") and self.tables:
            self._open_cell(values)
        if len(self.open) < _DEPTH:
            self.open.append((tag, _font_of(tag, values)))
        else:
            self.too_deep += 1

    def _end(self, tag: str) -> None:
        """Close an element and those left open in it."""
        if self.dropped:
            if tag == self.dropped[-1]:
                self.dropped.pop()
            return
        if tag == "br":
            self.runs.append(("\n", None))
            return
        if tag in _BLOCKS or tag in ("table", "tr", "td", "th", "caption"):
            self._end_paragraph()
        if tag in ("td", "th", "tr") and self.tables:
            self._close_cell()
        elif tag == "table" and self.tables:
            self._close_table()
        if self.too_deep:
            self.too_deep -= 1
            return
        for index in range(len(self.open) - 1, max(-1, len(self.open) - 40), -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                break

    def _data(self, data: str) -> None:
        """Characters."""
        if self.dropped:
            return
        if not any(tag == "pre" for tag, _ in self.open[-6:]):
            data = _SPACE.sub(" ", data)
        font = next((font for _, font in reversed(self.open[-12:]) if font), None)
        self.runs.append((data, font))

    def _end_paragraph(self) -> None:
        runs, self.runs = self.runs, []
        if any(text.strip() for text, _ in runs):
            self.holders[-1].append(Paragraph(tuple(runs)))

    def _open_cell(self, values: dict[str, str]) -> None:
        self._close_cell()
        table = self.tables[-1]
        if not table.rows:
            table.rows.append([])
        table.cell = []
        table.bordered = table.bordered or _ruled(values)
        table.span = min(100, int(values.get("colspan") or 1)) if (values.get("colspan") or "1").isdecimal() else 1
        self.holders.append(table.cell)

    def _close_cell(self) -> None:
        table = self.tables[-1]
        if table.cell is None:
            return
        self._end_paragraph()
        self.holders.pop()
        row = table.rows[-1]
        left = row[-1][0] + row[-1][1] if row else 0
        row.append((left, table.span, tuple(table.cell)))
        table.cell = None

    def _close_table(self) -> None:
        self._close_cell()
        table = self.tables.pop()
        rows = tuple(tuple(Cell(left, items) for left, _, items in row) for row in table.rows if row)
        if rows:
            self.holders[-1].append(Table(rows, table.bordered))

    def finish(self) -> list[Item]:
        """Everything read, what was left open closed."""
        self._end_paragraph()
        while self.tables:
            self._close_table()
        return self.items


class _OpenTable:
    """A table whose end has not come."""

    def __init__(self, bordered: bool) -> None:
        self.bordered = bordered
        self.rows: list[list[tuple[int, int, tuple[Item, ...]]]] = []
        self.cell: list[Item] | None = None
        self.span = 1


def _ruled(values: dict[str, str]) -> bool:
    style = (values.get("style") or "")[:2000]
    return (values.get("border") or "0") != "0" or _BORDER.search(style) is not None


def _font_of(tag: str, values: dict[str, str]) -> str | None:
    if tag not in _FONTED:
        return None
    face = values.get("face")
    if face:
        return face.split(",")[0].strip()[:60]
    found = _FONT_FAMILY.search((values.get("style") or "")[:2000])
    return found.group(1).strip() if found else None


def html_source(data: bytes, path: str, sha256: str, limits: Limits = DEFAULT) -> Source:
    """An HTML file. Raises :class:`SetAside` ``too-big``, ``no-text``, or what its encoding raises."""
    if len(data) > limits.text_bytes // 2:
        raise too_big(path, len(data), limits.text_bytes // 2)
    reader = _Reader()
    reader.feed(_characters(data, path))
    return source(reader.finish(), path, sha256, HTML)


def _characters(data: bytes, path: str) -> str:
    """By byte order mark, then by the page's own word, then as plain text is."""
    declared = _CHARSET.search(data[:4096])
    if declared is not None and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = declared.group(1).decode("ascii").lower()
        try:
            if name not in ("utf-16", "utf-8", "x-user-defined", "iso-8859-1", "windows-1252", "us-ascii"):
                return data.decode(name, "replace")
            if name in ("iso-8859-1", "windows-1252"):
                # Pages of the TCVN3 and VNI years say so whatever they hold; their fonts tell the rest.
                return data.decode("utf-8")
        except LookupError:
            pass
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    return decode(data, path).characters.removeprefix("\ufeff")
