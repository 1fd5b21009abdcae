"""Labels written by hand: small invented dispatches with marks round numbers, time limits and the words they go with.

A file holds dispatches, each opened by ``@ kind | day | issuing body | subject``; every other line is a paragraph:

* ``{1t 80}%`` — number 1 and its kind: ``t`` target, ``r`` result, ``f`` funding, ``n`` none of them;
* ``{1t trước ngày 05/3/2025}`` in files of tasks — a time limit: ``t`` task, ``m`` milestone, ``n`` none;
* ``[1 hộ dân …]`` — what number 1 counts, or the task of limit 1; several pieces of one number are joined;
* ``<1 toàn huyện>`` — whose number it is, or who must act on limit 1; ``<* …>`` holds for what follows, until the next
  ``<* …>`` or a line that opens with ``%``.

Numbers count anew in each paragraph; ``[1,2 …]`` belongs to two of them; marks may stand inside one another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

LABELS = Path(__file__).parent / "labels"
_MARK = re.compile(r"[{\[<](?:(?P<ids>\d+(?:,\d+)*)(?P<kind>[a-z])? |(?P<star>\* )|(?P<bare>[a-z]) )")
_CLOSING = {"{": "}", "[": "]", "<": ">"}

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """One number or time limit of a paragraph with what belongs to it; offsets count in the paragraph's bare text."""

    start: int
    end: int
    kind: str
    what: tuple[Span, ...] = ()
    whose: tuple[Span, ...] = ()
    inherited: str | None = None
    """What a heading above says in place of ``whose``."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of a labelled dispatch without its marks."""

    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled dispatch."""

    name: str
    document_type: str
    day: str
    issuer: str
    subject: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """The dispatch as a plain text file prints it, with a plain head and foot round the paragraphs."""
        year, month, day = self.day.split("-")
        letter = self.document_type == "công văn"
        code = "/UBND-TH" if letter else "/KH-UBND"
        head = [*_letterhead(self.issuer), "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", ""]
        head += [f"Số: 124{code}", *([f"V/v {self.subject}"] if letter else []), ""]
        head += [f"Hòa Sơn, ngày {day} tháng {int(month):02d} năm {year}", ""]
        head += (
            ["Kính gửi: Các cơ quan, đơn vị.", ""]
            if letter
            else [self.document_type.upper(), _capital(self.subject), ""]
        )
        body = [line for paragraph in self.paragraphs for line in (paragraph.text, "")]
        foot = ["Nơi nhận:", "- Như trên;", "- Lưu: VT, TH.", "", "CHỦ TỊCH", "", "Trần Minh Khải", ""]
        return "\n".join([*head, *body, *foot])


@dataclass
class _Open:
    sign: str
    ids: tuple[int, ...]
    kind: str
    star: bool
    start: int


@dataclass
class _Line:
    text: str = ""
    numbers: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    what: dict[int, list[Span]] = field(default_factory=dict)
    whose: dict[int, list[Span]] = field(default_factory=dict)
    star: str | None = None


def read_labels(path: Path) -> list[Labelled]:
    """The labelled dispatches of one file. Raises ValueError with the line for marks that do not close or match."""
    found: list[Labelled] = []
    head: list[str] = []
    paragraphs: list[Paragraph] = []
    star: str | None = None
    for number, raw in enumerate([*path.read_text(encoding="utf-8").split("\n"), "@"], 1):
        line = raw.strip()
        if line.startswith("@"):
            if head:
                name = f"{path.stem}/{len(found) + 1:02d}"
                found.append(Labelled(name, head[0], head[1], head[2], head[3], tuple(paragraphs)))
            head, paragraphs, star = [part.strip() for part in line[1:].split("|")], [], None
        elif line:
            if line.startswith("%"):
                line, star = line[1:].strip(), None
            try:
                read = _line(line)
            except (ValueError, IndexError) as problem:
                raise ValueError(f"{path.name}:{number}: {problem}: {line}") from problem
            star = read.star or star
            marks = tuple(
                Mark(a, b, kind, tuple(read.what.get(k, ())), tuple(read.whose.get(k, ())), star)
                for k, (a, b, kind) in sorted(read.numbers.items())
            )
            unknown = (read.what.keys() | read.whose.keys()) - read.numbers.keys()
            if unknown:
                raise ValueError(f"{path.name}:{number}: nothing is numbered {sorted(unknown)}: {line}")
            paragraphs.append(Paragraph(read.text, marks))
    return found


def _line(line: str) -> _Line:
    read = _Line()
    stack: list[_Open] = []
    at = 0
    counted = 100
    while at < len(line):
        mark = _MARK.match(line, at)
        if mark is not None:
            ids = tuple(int(n) for n in mark["ids"].split(",")) if mark["ids"] else ()
            if mark["bare"]:
                counted += 1
                ids = (counted,)
            stack.append(
                _Open(line[at], ids, mark["kind"] or mark["bare"] or "", mark["star"] is not None, len(read.text))
            )
            at = mark.end()
        elif stack and line[at] == _CLOSING[stack[-1].sign]:
            closed = stack.pop()
            span = (closed.start, len(read.text))
            if closed.star:
                read.star = read.text[slice(*span)]
            elif closed.sign == "{":
                if not closed.kind:
                    raise ValueError("a number without a kind")
                read.numbers[closed.ids[0]] = (*span, closed.kind)
            else:
                into = read.what if closed.sign == "[" else read.whose
                for k in closed.ids:
                    into.setdefault(k, []).append(span)
            at += 1
        else:
            read.text += line[at]
            at += 1
    if stack:
        raise ValueError(f"a mark {stack[-1].sign} that does not close")
    return read


def _letterhead(issuer: str) -> list[str]:
    head, _, place = issuer.partition(" nhân dân ")
    return [f"{head} nhân dân".upper(), place.upper()] if place else [issuer.upper()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def joined(text: str, spans: tuple[Span, ...]) -> str | None:
    """The words of the spans in order, one space between; None for no spans."""
    return " ".join(text[a:b].strip() for a, b in sorted(spans)) or None
